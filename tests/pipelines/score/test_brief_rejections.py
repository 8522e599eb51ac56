"""What training and the brief say of rejections and of the time that wins take."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.labels.rejection_reasons import NO_OUTCOME, TAXONOMY
from model.training.rejections import ABOVE_USUAL, LIKELY, LikelyReason
from pipelines.report.report import report
from pipelines.score.brief_text import rejection_lines


def test_training_says_whether_rejections_can_be_told(training: dict[str, Any]) -> None:
    seen = training["rejections"]
    assert set(seen["leads"]) <= set(TAXONOMY) - set(NO_OUTCOME)
    assert sum(seen["leads"].values()) == seen["n_train"]
    if seen["log_loss"] is not None:
        gain = seen["log_loss"]["gain"]
        both = seen["log_loss"]["shares"] - seen["log_loss"]["model"]
        assert gain["value"] == pytest.approx(both, abs=1e-9)
        assert seen["kept"] == (gain["low"] > 0)
    else:
        assert not seen["kept"]


def test_training_keeps_the_curve_of_the_time_to_win(training: dict[str, Any]) -> None:
    told = training["time_to_win"]
    assert len(told["days"]) == len(told["won"]) == len(told["low"]) == len(told["high"])
    assert (np.diff(told["won"]) > 0).all()
    assert 0 < told["caught"] <= 1
    assert told["suggested"] % 10 == 0
    assert told["share"] >= 0.9


def test_the_report_shows_both(company: Path, training: dict[str, Any]) -> None:
    page = report(company).read_text(encoding="utf-8")
    assert "How long wins take" in page
    assert f"Horizon: {training['time_to_win']['horizon']} days catch" in page
    assert ("Why sales turns leads down" in page) == bool(training["rejections"]["leads"])


def test_the_brief_names_a_reason_by_the_rule_and_no_other(
    company: Path, run: Callable[..., Any]
) -> None:
    (lead,) = {one["lead_id"] for one in json.loads(run("score", "-w", company, "--json").data)[:1]}
    brief = run("explain", lead, "-w", company, "--json").json
    likely = brief["likely_rejection"]
    said = run("explain", lead, "-w", company).data
    assert ("If sales rejects it" in said) == (likely is not None)
    if likely:
        assert likely["probability"] >= LIKELY
        assert likely["probability"] >= ABOVE_USUAL * likely["usual"]


def test_the_sentence_of_the_brief() -> None:
    likely = LikelyReason("no budget", 0.41, 0.13)
    assert " ".join(rejection_lines(likely)) == (
        "If sales rejects it, the most likely reason: no budget (41%; 13% of all rejected leads)"
    )
    assert rejection_lines(None) == []
