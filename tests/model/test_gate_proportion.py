"""What is too good to be true: points, shares of the AUC, the AUC; and their answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from model.gate import Gate, confirmed
from model.gate_proportion import Answer, auc_in_proportion, columns_in_proportion
from model.gate_weights import CardRow, ColumnWeight, column_weights, late_points, share_told
from model.serving import Scorecard
from model.training.intervals import Interval

AUC = Interval(0.8, 0.75, 0.85)
STAGE = "column: Deal Stage"
LINE = "Deal Stage: {…, known_at_moment: true}  or  Deal Stage: {leak: true}"


def check(points: float, auc: float, model: Interval = AUC, answer: bool | None = False) -> Gate:
    """Judge one column; ``answer`` None stands for a source that no line of the file is about."""
    column = ColumnWeight(STAGE, CardRow("stage of the deal", "signed", points), auc)
    answers = {} if answer is None else {STAGE: Answer("Deal Stage", answer, LINE)}
    return columns_in_proportion([column], model, answers)


@pytest.mark.parametrize(
    ("points", "auc", "observed"),
    [
        (31, 0.5, "stage of the deal: 'signed' has +31 points"),
        (-31, 0.5, "stage of the deal: 'signed' has -31 points"),
        (5, 0.73, "AUC 0.73 alone, 53% of what the model tells apart"),
        (5, 0.82, "AUC 0.82 alone, the model has 0.80"),
        (
            40,
            0.75,
            "stage of the deal: 'signed' has +40 points; AUC 0.75 alone, 64% of what the model "
            "tells apart",
        ),
    ],
)
def test_a_column_beyond_a_limit_is_named_with_its_figure_and_the_line_that_answers(
    points: float, auc: float, observed: str
) -> None:
    result = check(points, auc)
    assert (result.state, result.passed) == ("refused", False)
    assert result.observed == f"Deal Stage ({observed})"
    assert result.hint.endswith(f"Answer in leadready.yaml: {LINE}")
    assert not confirmed([result], "Ann Lee")[0].passed, "a name does not answer for a column"


@pytest.mark.parametrize(("points", "auc"), [(30, 0.5), (-30, 0.5), (0, 0.72), (0, float("nan"))])
def test_up_to_the_limits_nothing_is_asked(points: float, auc: float) -> None:
    result = check(points, auc)
    assert (result.state, result.observed) == ("passed", "none outweighs the others")


def test_an_answered_column_passes_and_is_still_named() -> None:
    result = check(-34, 0.75, answer=True)
    assert (result.state, result.passed, result.hint) == ("passed", True, "")
    assert result.observed.startswith(
        "known at the moment: Deal Stage (stage of the deal: 'signed'"
    )


def test_what_no_line_is_about_is_confirmed_by_name() -> None:
    result = check(0, 0.75, answer=None)
    assert (result.state, result.passed) == ("cannot tell", False)
    assert result.observed.startswith("stage of the deal (AUC 0.75 alone")
    assert "--confirmed-by" in result.hint
    assert confirmed([result], "Ann Lee")[0].passed


@pytest.mark.parametrize("model", [Interval(0.52, 0.47, 0.57), Interval(0.52, None, None)])
def test_shares_of_an_auc_that_may_be_chance_are_not_asked_about(model: Interval) -> None:
    assert check(0, 0.8, model).state == "passed"
    assert check(31, 0.8, model).state == "refused"


def test_a_weak_column_is_not_too_good_however_weak_the_model() -> None:
    weak = Interval(0.59, 0.57, 0.6)
    assert check(0, 0.65, weak).state == "passed"
    assert check(0, 0.7, weak).state == "refused"


@pytest.mark.parametrize(
    ("value", "state"), [(0.95, "passed"), (0.951, "cannot tell"), (None, "not asked")]
)
def test_an_auc_above_the_limit_is_confirmed_by_name(value: float | None, state: str) -> None:
    result = auc_in_proportion(Interval(value, None, None))
    assert (result.state, result.passed) == (state, state != "cannot tell")
    if not result.passed:
        assert "0.951" in result.observed
        assert "--confirmed-by" in result.hint
        assert confirmed([result], "Ann Lee")[0].passed


# -- what the columns weigh ------------------------------------------------------------------------

SOURCES = {"seniority": "title: Job", "job_function": "title: Job", "region": "column: Region"}


def card(**lines: list[int]) -> Scorecard:
    """A card of categories with the rows: missing, any other, a."""

    def content(name: str, points: list[int]) -> dict[str, Any]:
        return {
            **{"name": name, "words": name, "family": "role", "kind": "category"},
            **{"categories": [["a"]], "labels": ["unknown", "any other", "a"]},
            **{"points": points, "counts": [0, 10, 10]},
        }

    return Scorecard.from_dict(
        {
            **{"format": 2, "base_rate": 0.5, "start": 50, "level": 0.0, "ready_at": 55},
            **{"grades": {"A": 6}, "levels": {"1": 8}},
            "lines": [content(name, points) for name, points in lines.items()],
        }
    )


X = pd.DataFrame(
    {
        "seniority": ["a", "a", "b", "b"],
        "job_function": ["a", "b", "a", "b"],
        "region": ["a", "b", "a", "b"],
    }
)
Y = np.array([1, 0, 1, 0])


def test_points_count_as_served_and_the_auc_as_judged_with_all_lines_of_a_column() -> None:
    judged = card(seniority=[0, -3, 3], job_function=[0, -9, 9], region=[0, -1, 1])
    served = card(seniority=[90, 2, -34], job_function=[0, -9, 9], region=[0, -1, 1])
    job, region = column_weights(judged, served, SOURCES, X, Y)
    assert (job.source, job.row) == ("title: Job", CardRow("seniority", "a", -34)), (
        "not the 90 points of a row without leads"
    )
    assert (job.auc, region.auc) == (1.0, 1.0)
    lone = column_weights(card(seniority=[0, -3, 3]), served, SOURCES, X, Y)
    assert lone[0].auc == 0.5
    assert np.isnan(lone[1].auc), "a line that the judged card does not have"


def test_the_auc_of_a_column_counts_the_leads_that_each_lead_stands_for() -> None:
    scorer = card(seniority=[0, -3, 3])
    (weighted,) = column_weights(scorer, scorer, SOURCES, X, Y, np.array([3, 1, 1, 1]))
    assert weighted.auc == pytest.approx(0.625)
    (one_outcome,) = column_weights(scorer, scorer, SOURCES, X, np.ones(4))
    assert np.isnan(one_outcome.auc)


# -- rows that were there before the outcome ---------------------------------------------------------


@pytest.mark.parametrize("columns", [2, 3, 10])
def test_equally_strong_independent_columns_have_equal_shares(columns: int) -> None:
    d = 0.8
    alone, together = norm.cdf(d / 2**0.5), norm.cdf(d * columns**0.5 / 2**0.5)
    assert share_told(alone, together) == pytest.approx(1 / columns)


@pytest.mark.parametrize("honest", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("sign", [-1, 1])
def test_late_points_are_those_of_writing_a_value_that_tells_nothing(
    honest: float, sign: int
) -> None:
    """Without sales, the share ``honest`` of the value is there, and wins as often as any."""
    share, base_rate, many = 0.1, 0.05, 10**9
    written = share * (1 - honest)
    won = share * honest * base_rate + (written if sign > 0 else 0)
    rate = won / share
    points = late_points(sign * 34, share, (round(many * share * honest), many), base_rate)
    assert points == pytest.approx(abs(10 * np.log2(rate / base_rate)), rel=1e-2)


def test_fewer_untouched_leads_leave_more_points_open() -> None:
    points = [late_points(-34, 0.1, (n, 10 * n), 0.1) for n in (5, 50, 500)]
    assert points == sorted(points, reverse=True)
    assert np.isinf(late_points(-34, 0.1, (0, 0), 0.1))
    assert np.isinf(late_points(-34, 0.1, (0, 100), 0.1))


def test_a_large_row_that_untouched_leads_have_as_often_is_not_asked_about_but_named() -> None:
    scorer = card(seniority=[0, 5, -34])
    untouched = pd.DataFrame({"seniority": ["a", "b"] * 500})
    (weight,) = column_weights(scorer, scorer, SOURCES, X, Y, untouched=untouched)
    result = columns_in_proportion([weight], AUC, {})
    assert (result.state, result.observed) == (
        "passed",
        "seniority: 'a' has -34 points, and leads that sales never worked have it as often",
    )


def test_a_large_row_that_untouched_leads_lack_is_asked_about_first() -> None:
    scorer = card(seniority=[0, -40, -34])
    untouched = pd.DataFrame({"seniority": ["b"] * 500})
    (weight,) = column_weights(scorer, scorer, SOURCES, X, Y, untouched=untouched)
    assert weight.row.label == "a", "not the larger row, which is there without sales"
    assert weight.findings(AUC) == ["seniority: 'a' has -34 points"]


def test_wins_written_late_are_asked_about_although_many_untouched_leads_have_the_value() -> None:
    row = CardRow("size", "big", 34, late_points(34, 0.1, (700, 10_000), 0.05))
    assert row.is_suspect


def test_limits_of_a_column_are_within_them() -> None:
    assert not CardRow("size", "big", 34, 10).is_suspect
    assert CardRow("size", "big", 34, 10.1).is_suspect
    assert ColumnWeight(STAGE, CardRow("size", "big", 5), 0.5).untouched_text() == ""
    assert check(5, 0.73, Interval(0.8, 0.5, 0.85)).state == "passed"
    assert "alone, 100% of what" in check(5, 0.8).observed


def test_points_of_losses_and_wins_are_written_late_in_different_ways() -> None:
    untouched = (150, 2_600)
    losses, wins = (late_points(points, 0.1, untouched, 0.1) for points in (-0.5, 0.5))
    assert losses < wins
    assert late_points(0, 0.1, untouched, 0.1) == wins
    assert late_points(-34, 0.05, (2_000, 2_600), 0.1) == 0, "they have it more often"
    assert np.isinf(late_points(-34, 0.0, untouched, 0.1))
