"""Format 2 of the scorecard: whole points, and rows that hold several categories."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from model.serving import Definition, Scorecard, ServingError, score_leads
from tests.model.test_serving import NOW, random_leads

ARTIFACTS = Path(__file__).parents[1] / "artifacts"
CARD = json.loads((ARTIFACTS / "scorecard_format_2.json").read_text(encoding="utf-8"))
SIZE, SENIORITY = CARD["lines"][:2]
WHOLE = ("score", "fit_points", "engagement_points")


@pytest.fixture
def card() -> Scorecard:
    return Scorecard.from_file(ARTIFACTS / "scorecard_format_2.json")


@pytest.fixture
def agreed() -> Definition:
    return Definition.from_file(ARTIFACTS / "definition_format_1.yaml")


def test_format_2_still_gives_the_scores_it_gave(card: Scorecard, agreed: Definition) -> None:
    leads = pd.read_csv(ARTIFACTS / "leads_format_1.csv", dtype={"lead_id": str})
    text = {"lead_id": str, "model_version": str, "definition_version": str}
    dates = ["as_of", "scored_at"]
    path = ARTIFACTS / "scores_format_2.csv"
    expected = pd.read_csv(path, dtype=text, parse_dates=dates, keep_default_na=False)
    scored = score_leads(leads, card, agreed, model_version="1", scored_at=NOW)
    assert (scored.pop("warning") == "").all(), "in this file every lead has a prediction"
    pd.testing.assert_frame_equal(scored, expected, rtol=1e-14, check_dtype=False)
    assert (scored[[*WHOLE]] == expected[[*WHOLE]]).all().all()


def plain_points(row: dict[str, Any]) -> dict[str, int]:
    """Points computed from the JSON alone, without a line of the served file."""
    points = {}
    for line in CARD["lines"]:
        value, place = row[line["name"]], 0
        if value is not None and value == value and line["kind"] == "number":
            place = 1 + sum(value >= cut for cut in line["cuts"])
        elif value is not None and value == value:
            rows = [number for number, group in enumerate(line["categories"]) if value in group]
            place = 2 + rows[0] if rows else 1
        points[line["name"]] = line["points"][place]
    return points


def test_scores_equal_the_sums_of_the_points_in_the_json(
    card: Scorecard, agreed: Definition
) -> None:
    X = random_leads(500)
    scored = score_leads(X, card, agreed)
    for row, lead in zip(X.to_dict("records"), scored.to_dict("records"), strict=True):
        plain = plain_points(row)
        fit = sum(plain[name] for name in ("employees", "seniority", "source"))
        assert lead["score"] == CARD["start"] + sum(plain.values())
        assert (lead["fit_points"], lead["engagement_points"]) == (fit, sum(plain.values()) - fit)
        log_odds = CARD["level"] + (lead["score"] - 50) / 10 * math.log(2)
        assert lead["probability"] == pytest.approx(1 / (1 + math.exp(-log_odds)), abs=1e-15)


def test_scores_are_columns_of_whole_numbers(card: Scorecard, agreed: Definition) -> None:
    for rows in (40, 0):
        scored = score_leads(random_leads(40).iloc[:rows], card, agreed)
        assert [scored[name].dtype for name in WHOLE] == ["int64"] * 3
        assert scored["probability"].dtype == "float64"


def test_all_categories_of_a_row_have_its_points(card: Scorecard) -> None:
    X = random_leads(5).assign(seniority=["vp", "director", "student", "else", None])
    assert card.points(X)[:, 1].tolist() == [4, 4, -9, 0, -1]


def test_reasons_are_whole_points_and_rows_of_zero_points_are_none(
    card: Scorecard, agreed: Definition
) -> None:
    row = {"employees": 300.0, "seniority": "vp", "source": "web", "job_function": None}
    X = pd.DataFrame([row | {"webinars_attended_30d": 0.0, "emails_opened_30d": 2.0}])
    lead = score_leads(X, card, agreed, reasons=99).iloc[0]
    assert lead["reasons_for"] == "employees: 200 or more (+6); seniority: director, vp (+4)"
    assert lead["reasons_against"] == "webinars attended in the last 30 days: none (-2)"


def test_explain_gives_whole_points_that_sum_to_the_score(card: Scorecard) -> None:
    X = random_leads(50)
    for row, score in zip(X.to_dict("records"), card.score(X), strict=True):
        points = [contribution.points for contribution in card.explain(row)]
        assert all(type(each) is int for each in points)
        assert card.start + sum(points) == score


def test_fifty_points_are_at_the_level_and_ten_more_double_the_odds(card: Scorecard) -> None:
    points = np.array([[50], [60], [40]]) - card.start
    assert card.log_odds(points) == pytest.approx(CARD["level"] + np.log([1, 2, 0.5]))


def test_the_lines_are_those_of_the_file_in_both_formats(card: Scorecard) -> None:
    assert card.lines == CARD["lines"]
    old = Scorecard.from_file(ARTIFACTS / "scorecard_format_1.json")
    assert [line["name"] for line in old.lines] == [line["name"] for line in card.lines]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"start": 47.5}, "start and ready_at must be whole numbers"),
        ({"start": None}, "start and ready_at must be finite numbers"),
        ({"level": None}, "the scorecard is damaged"),
        ({"level": math.inf}, "level must be a finite number"),
        ({"ready_at": 58.2}, "start and ready_at must be whole numbers"),
        ({"grades": {"A": 6.5}}, "grades must be whole numbers"),
        ({"base_rate": 1.0}, "base_rate must be between 0 and 1"),
        ({"lines": [SIZE, SIZE]}, "the scorecard has a feature twice"),
        ({"lines": None}, "the scorecard is damaged"),
    ],
)
def test_a_scorecard_that_cannot_be_used_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ServingError) as error:
        Scorecard.from_dict(CARD | change)
    assert says in str(error.value)


def test_a_scorecard_without_a_level_is_refused() -> None:
    with pytest.raises(ServingError, match="damaged: the key 'level' is missing"):
        Scorecard.from_dict({key: value for key, value in CARD.items() if key != "level"})


@pytest.mark.parametrize(
    ("line", "change", "says"),
    [
        (SIZE, {"points": [0, -4.5, 2, 6]}, "points of 'employees' must be whole numbers"),
        (SIZE, {"points": [0, -4, 2, 1e300]}, "points of 'employees' must be whole numbers"),
        (SIZE, {"points": [0, -4, 2, math.nan]}, "points of 'employees' must be finite numbers"),
        (SIZE, {"points": [0, -4]}, "needs points of shape (4,), not (2,)"),
        (SIZE, {"labels": ["unknown", "any"]}, "feature 'employees' needs 4 labels"),
        (SENIORITY, {"categories": [["vp"], ["vp"]]}, "'seniority' has a category twice"),
        (SENIORITY, {"categories": [["vp", "vp"], ["x"]]}, "'seniority' has a category twice"),
        (SENIORITY, {"categories": [["vp"], []]}, "'seniority' has a row without categories"),
        (SENIORITY, {"categories": [["vp"]]}, "feature 'seniority' needs 3 labels"),
    ],
)
def test_a_line_that_cannot_be_used_is_refused(
    line: dict[str, Any], change: dict[str, Any], says: str
) -> None:
    with pytest.raises(ServingError) as error:
        Scorecard.from_dict(CARD | {"lines": [line | change]})
    assert says in str(error.value)
