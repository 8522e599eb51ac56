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
from pipelines.brief.brief_text import rejection_lines
from pipelines.report.report import report


def test_training_says_whether_rejections_can_be_predicted(training: dict[str, Any]) -> None:
    rejections = training["rejections"]
    assert set(rejections["leads"]) <= set(TAXONOMY) - set(NO_OUTCOME)
    assert sum(rejections["leads"].values()) == rejections["n_train"]
    if rejections["log_loss"] is not None:
        gain = rejections["log_loss"]["gain"]
        both = rejections["log_loss"]["shares"] - rejections["log_loss"]["model"]
        assert gain["value"] == pytest.approx(both, abs=1e-9)
        assert rejections["kept"] == (gain["low"] > 0)
    else:
        assert not rejections["kept"]


def test_training_keeps_the_curve_of_the_time_to_win(training: dict[str, Any]) -> None:
    curve = training["time_to_win"]
    assert len(curve["days"]) == len(curve["won"]) == len(curve["low"]) == len(curve["high"])
    assert (np.diff(curve["won"]) > 0).all()
    assert 0 < curve["caught"] <= 1
    assert curve["suggested"] % 10 == 0
    assert curve["share"] >= 0.9


def test_the_report_shows_both(company: Path, training: dict[str, Any]) -> None:
    page = report(company).read_text(encoding="utf-8")
    assert "How long wins take" in page
    assert f"Horizon: {training['time_to_win']['horizon']} days catch" in page
    assert ("Why sales rejects leads" in page) == bool(training["rejections"]["leads"])


def test_the_brief_names_a_reason_by_the_rule_and_no_other(
    company: Path, run: Callable[..., Any]
) -> None:
    (lead,) = {row["lead_id"] for row in json.loads(run("score", "-w", company, "--json").data)[:1]}
    brief = run("explain", lead, "-w", company, "--json").json
    likely = brief["likely_rejection"]
    text = run("explain", lead, "-w", company).data
    assert ("If sales rejects it" in text) == (likely is not None)
    if likely:
        assert likely["probability"] >= LIKELY
        assert likely["probability"] >= ABOVE_USUAL * likely["usual"]


def test_the_sentence_of_the_brief() -> None:
    likely = LikelyReason("no budget", 0.41, 0.13)
    assert " ".join(rejection_lines(likely)) == (
        "If sales rejects it, the most likely reason: no budget (41%; 13% of all rejected leads)"
    )
    assert rejection_lines(None) == []
