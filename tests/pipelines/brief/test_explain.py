"""``leadready explain``: the brief is exact, says what to do, and names no person."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipelines.brief.brief_text import brief_text
from pipelines.brief.explain import explain
from pipelines.score.score import load_scorer, score
from pipelines.snapshot import read_snapshot

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def scores(trained: Path) -> pd.DataFrame:
    return score(trained).set_index("lead_id")


def pick(scores: pd.DataFrame) -> list[str]:
    """A few leads of every decision."""
    return list(scores.groupby("decision").head(3).index)


def test_the_points_of_a_brief_sum_to_the_score(trained: Path, scores: pd.DataFrame) -> None:
    start = load_scorer(trained).card.start
    for lead in pick(scores)[:5]:
        brief = explain(trained, lead)
        total = start + sum(part.points for part in brief.points)
        assert brief.score == total
        assert brief.score == scores.at[lead, "score"]
        by_family = {"fit": 0, "engagement": 0}
        for part in brief.points:
            by_family["engagement" if part.family == "engagement" else "fit"] += part.points
        assert by_family == {"fit": brief.fit_points, "engagement": brief.engagement_points}


def test_the_points_shown_add_up_to_the_score(trained: Path, scores: pd.DataFrame) -> None:
    """Every line that moved the score is shown, none are lumped together."""
    brief = explain(trained, scores["score"].idxmax())
    read = brief_text(brief)
    lines = [line.split() for line in read.splitlines()]
    shown = [int(words[0]) for words in lines if words and re.fullmatch(r"[+-]\d+", words[0])]
    assert len(shown) == sum(part.points != 0 for part in brief.points) > 5
    assert brief.start + sum(shown) == brief.score
    assert f"The score is {brief.start} plus these points." in " ".join(read.split())


def test_the_command_prints_the_brief_for_people_and_for_programs(
    run: Run, trained: Path, scores: pd.DataFrame
) -> None:
    lead = scores.index[scores["decision"] == "hand off"][0]
    printed = run("explain", lead, "-w", trained, "--json")
    assert printed.code == 0
    brief = printed.json
    for key in ("lead_id", "decision", "grade", "level", "rules_verdict", "agreement"):
        assert brief[key] == (lead if key == "lead_id" else scores.at[lead, key])
    assert brief["probability"] == pytest.approx(scores.at[lead, "probability"], rel=1e-12)
    read = run("explain", lead, "-w", trained)
    assert read.code == 0
    assert read.data.startswith(f"Lead {lead} on 2026-10-01\nHAND OFF: call within 48 hours\n")
    for words in ("\nFor\n", "Agreed rules: ready"):
        assert words in read.data
    assert "every 10 points double the odds" in " ".join(read.data.split())


def test_lately_shows_only_what_happened_before(trained: Path, scores: pd.DataFrame) -> None:
    then = pd.Timestamp("2026-08-01")
    count = 0
    for lead in scores.index[:6]:
        brief = explain(trained, lead, as_of=str(then))
        times = [pd.Timestamp(event.at) for event in brief.recent_events]
        assert all(time < then for time in times)
        assert times == sorted(times, reverse=True)
        count += len(times)
    assert count > 6


def test_missing_answers_are_asked_for(trained: Path, scores: pd.DataFrame) -> None:
    unknown = scores.index[scores["rules_verdict"] == "unknown"]
    assert len(unknown)
    brief = explain(trained, unknown[0])
    assert brief.missing == str(scores.at[unknown[0], "missing"]).split(", ")
    read = brief_text(brief)
    assert "Agreed rules: unknown, since data is missing" in read
    assert "ask for: " + brief.missing[0] in read


def test_a_failed_criterion_is_shown_in_words(trained: Path, scores: pd.DataFrame) -> None:
    failed = scores.index[scores["failed_criteria"].str.contains("right-size", regex=False)]
    brief = explain(trained, failed[0])
    words = {criterion.id: criterion.words for criterion in brief.failed_criteria}
    assert "employees" in words["right-size"]
    assert f"not met: {words['right-size']} (right-size" in " ".join(brief_text(brief).split())


def test_a_never_rule_that_applies_is_shown(trained: Path, scores: pd.DataFrame) -> None:
    never = scores.index[scores["rules_verdict"] == "never"]
    read = brief_text(explain(trained, never[0]))
    assert "Agreed rules: never hand over\n  ruled out by: seniority is stud" in read
    assert "not met" not in read


def test_a_lead_that_is_not_open_says_so(trained: Path) -> None:
    """Before it came in, or after it was won or lost."""
    tables = read_snapshot(trained).tables
    closed = tables.leads.loc[tables.leads["closed_at"].notna(), "lead_id"].iloc[0]
    brief = explain(trained, closed)
    assert not brief.is_open
    assert f"\n{brief.decision.upper()}, if it were open at that time\n" in brief_text(brief)
    unsigned = brief_text(replace(brief, signed=False, is_open=True))
    assert "Rules, which nobody has signed yet: " in unsigned


def test_an_unknown_lead_is_named_with_the_nearest(run: Run, trained: Path) -> None:
    answer = run("explain", "L-0002", "-w", trained)
    assert (answer.code, answer.data) == (2, "")
    assert "unknown lead 'L-0002'; did you mean 'L-0" in answer.talk


def test_probability_and_the_average_are_on_one_scale(trained: Path, scores: pd.DataFrame) -> None:
    brief = explain(trained, scores["probability"].idxmax())
    times = brief.probability / brief.average
    assert f"({times:.1f} × the average)" in " ".join(brief_text(brief).split())
    level = load_scorer(trained).card.level
    assert np.isclose(brief.average, 1 / (1 + np.exp(-level)))
