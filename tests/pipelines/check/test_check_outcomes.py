"""``leadready check`` on outcomes: what the horizon catches, and reasons that nobody mapped."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipelines.check.check import check
from pipelines.check.check_text import check_text
from pipelines.cli.main import main

WORKSPACE = """
name: small
extract_at: 2025-01-01
leads: {file: leads.csv, id: id, created: came, columns: {size: {feature: employees, family: firmographic, type: number}}}
outcome: {column: stage, won: [won], won_at: signed, reason: why%s}
"""
DEFINITION = "name: ready\nversion: 1\nready_when: [{id: big, feature: employees, at_least: 50}]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[str], Path]:
    """Three hundred leads a year ago: 100 won, one every day from day 1 to day 100."""

    def make(more: str = "") -> Path:
        came = pd.Timestamp("2024-01-01")
        signed = [came + pd.Timedelta(days=one) for one in range(1, 101)]
        why = ["Twice"] * 3 + ["Too small"] * 7 + ["X-17"] * 2 + ["Competitor"] * 5 + [""] * 183
        pd.DataFrame(
            {
                "id": [f"l{one}" for one in range(300)],
                "came": came,
                "size": np.random.default_rng(0).integers(1, 900, 300),
                "stage": ["won"] * 100 + ["lost"] * 200,
                "signed": [*signed, *[None] * 200],
                "why": [""] * 100 + why,
            }
        ).to_csv(tmp_path / "leads.csv", index=False)
        (tmp_path / "leadready.yaml").write_text(WORKSPACE % more)
        (tmp_path / "definition.yaml").write_text(DEFINITION)
        return tmp_path

    return make


@pytest.mark.parametrize(("horizon", "caught"), [(30, 0.3), (90, 0.9), (200, 1.0), (None, None)])
def test_the_share_of_wins_that_the_horizon_catches_is_told(
    folder: Callable[[str], Path], horizon: int | None, caught: float | None
) -> None:
    result = check(folder(f", horizon_days: {horizon}" if horizon else ""))
    told = json.loads(json.dumps(result.to_json()))["horizon"]
    assert told["caught"] == (None if caught is None else pytest.approx(caught))
    assert (told["horizon"], told["suggested"], told["wins"]) == (horizon, 90, 100)
    assert told["share"] == pytest.approx(0.9)
    said = next(one for one in check_text(result).splitlines() if one.startswith("Horizon"))
    assert ("90 days would catch 90%" in said) == (horizon in (None, 30))


def test_without_dates_of_wins_nothing_is_claimed(folder: Callable[[str], Path]) -> None:
    path = folder("") / "leadready.yaml"
    path.write_text(path.read_text().replace("won_at: signed, ", ""))
    result = check(path.parent)
    assert result.to_json()["horizon"] is None
    assert "too few wins have dates" in check_text(result)


def test_reasons_that_nobody_mapped_are_listed_with_a_proposal(
    folder: Callable[[str], Path],
) -> None:
    result = check(folder(", reasons: {duplicate: [Twice]}"))
    (found,) = [one for one in result.problems if one.kind == "unmapped reasons"]
    assert (found.count, found.examples, found.blocks) == (9, ("Too small", "X-17"), False)
    assert "not the right size: [Too small], other: [X-17]" in str(found.hint)
    assert result.counts["unknown because"] == {"duplicate": 3}
    every = ", reasons: {duplicate: [Twice], not the right size: [Too small], other: [X-17]}"
    assert not [one for one in check(folder(every)).problems if one.kind == "unmapped reasons"]


def test_the_reason_is_listed_as_an_outcome(
    folder: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["check", "-w", str(folder("")), "--json"])
    columns = {one["name"]: one for one in json.loads(capsys.readouterr().out)["columns"]}
    assert columns["why"]["role"] == "outcome"
