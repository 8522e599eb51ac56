"""What is too good to be true: points, shares of the AUC, the AUC; and their answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from model.gate import Gate, confirmed
from model.gate_proportion import (
    Answer,
    ColumnWeight,
    auc_in_proportion,
    column_weights,
    columns_in_proportion,
)
from model.serving import Scorecard
from model.training.intervals import Interval

AUC = Interval(0.8, 0.75, 0.85)
STAGE = "column: Deal Stage"
LINE = "Deal Stage: {…, known_at_moment: true}  or  Deal Stage: {leak: true}"


def check(points: float, auc: float, model: Interval = AUC, answer: bool | None = False) -> Gate:
    """Judge one column; ``answer`` None stands for a source that no line of the file is about."""
    column = ColumnWeight(STAGE, "stage of the deal", "signed", points, auc)
    answers = {} if answer is None else {STAGE: Answer("Deal Stage", answer, LINE)}
    return columns_in_proportion([column], model, answers)


@pytest.mark.parametrize(
    ("points", "auc", "observed"),
    [
        (31, 0.5, "stage of the deal: 'signed' has +31 points"),
        (-31, 0.5, "stage of the deal: 'signed' has -31 points"),
        (5, 0.66, "AUC 0.66 alone, 53% of what the model's has above 0.5"),
        (
            40,
            0.75,
            "stage of the deal: 'signed' has +40 points; AUC 0.75 alone, 83% of what the model's "
            "has above 0.5",
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


@pytest.mark.parametrize(("points", "auc"), [(30, 0.5), (-30, 0.5), (0, 0.65), (0, float("nan"))])
def test_up_to_the_limits_nothing_is_asked(points: float, auc: float) -> None:
    result = check(points, auc)
    assert (result.state, result.observed) == ("passed", "none outweighs the others")


def test_an_answered_column_passes_and_is_still_named() -> None:
    result = check(-34, 0.7, answer=True)
    assert (result.state, result.passed, result.hint) == ("passed", True, "")
    assert result.observed.startswith(
        "known at the moment: Deal Stage (stage of the deal: 'signed'"
    )


def test_what_no_line_is_about_is_confirmed_by_name() -> None:
    result = check(0, 0.7, answer=None)
    assert (result.state, result.passed) == ("cannot tell", False)
    assert result.observed.startswith("stage of the deal (AUC 0.70 alone")
    assert "--confirmed-by" in result.hint
    assert confirmed([result], "Ann Lee")[0].passed


@pytest.mark.parametrize("model", [Interval(0.52, 0.47, 0.57), Interval(0.52, None, None)])
def test_shares_of_an_auc_that_may_be_chance_are_not_asked_about(model: Interval) -> None:
    assert check(0, 0.52, model).state == "passed"
    assert check(31, 0.52, model).state == "refused"


@pytest.mark.parametrize(
    ("value", "state"), [(0.95, "passed"), (0.951, "cannot tell"), (None, "passed")]
)
def test_an_auc_above_the_limit_is_confirmed_by_name(value: float | None, state: str) -> None:
    result = auc_in_proportion(Interval(value, None, None))
    assert (result.state, result.passed) == (state, state == "passed")
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
    assert (job.source, job.words, job.row, job.points) == ("title: Job", "seniority", "a", -34), (
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
