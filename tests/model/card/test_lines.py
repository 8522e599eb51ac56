"""A line has the rounded points of its term, in as few rows as say the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.families.feature import Feature
from model.card.lines import POINTS, Line, compile_line, moves_a_lead
from model.estimators.bins import Binning, Term
from model.serving import Scorecard

VISITS = Feature("visits", "page visits", "engagement", "number", "times", missing="not tracked")
SOURCE = Feature("source", "source", "origin", "category")


def visits(points, **given) -> Term:
    """Make a term of five bins, worth so many points."""
    return Term(
        Binning("visits", cuts=np.array([1.0, 3.0, 6.0])), np.array(points) / POINTS, **given
    )


def sources(points, **given) -> Term:
    """Make a term of the categories a to d, worth so many points."""
    return Term(Binning("source", categories=tuple("abcd")), np.array(points) / POINTS, **given)


def leads() -> pd.DataFrame:
    """Make 70 leads: 10 in each bin but the last category, which has 30."""
    places = np.repeat(np.arange(7), 10)
    values = np.array([None, "else", *"abcddd"], object)
    numbers = np.array([np.nan, 0.0, 1.0, 3.0, 6.0, 6.0, 6.0])
    return pd.DataFrame({"visits": numbers[places], "source": values[np.minimum(places, 7)]})


def line_of(term: Term, slope: float = 1.0) -> Line:
    feature = VISITS if term.binning.cuts is not None else SOURCE
    return compile_line(feature, term, slope, leads(), np.arange(70) % 2)[0]


def centred(points) -> np.ndarray:
    """Subtract the average over the leads, so that nothing is left to centre."""
    counts = np.array([10, 10, 10, 10, 30] if len(points) == 5 else [10, 10, 10, 10, 10, 20])
    return np.array(points) - np.array(points) @ counts / 70


def test_neighbouring_intervals_of_equal_points_are_one_row() -> None:
    line = line_of(visits(centred([0.0, -7.2, -6.9, 3.0, 4.0])))
    assert line["cuts"] == [3.0, 6.0]
    assert line["labels"] == ["not tracked", "under 3", "3 to 5", "6 or more"]
    assert line["points"] == [0, -7, 3, 4]
    assert (line["counts"], sum(line["wins"])) == ([10, 20, 10, 30], 35)


def test_intervals_that_do_not_touch_stay_apart() -> None:
    line = line_of(visits([0.0, 4.0, -2.0, 4.0, -2.0]))
    assert line["cuts"] == [1.0, 3.0, 6.0]


def test_categories_of_equal_points_are_one_row_and_the_best_row_comes_first() -> None:
    line = line_of(sources(centred([-2.1, -23.9, 1.0, 8.2, 0.9, 7.9])))
    assert line["points"] == [-2, -24, 8, 1]
    assert line["categories"] == [["d", "b"], ["a", "c"]]
    assert line["labels"] == ["unknown", "any other", "d, b", "a, c"]
    assert line["counts"] == [10, 10, 30, 20]


def test_the_most_frequent_category_of_a_row_comes_first() -> None:
    X = pd.DataFrame({"source": ["a"] * 2 + ["d"] * 5 + ["b"] * 3 + ["else"] * 10})
    term = sources([0.0, 0.0, 9.0, 9.0, -9.0, 9.0])
    line, _ = compile_line(SOURCE, term, 1.0, X, np.zeros(20))
    assert line["categories"][0] == ["d", "b", "a"]


def test_categories_worth_the_same_as_any_other_join_it() -> None:
    line = line_of(sources([0.0, 5.1, 4.9, -8.0, 5.0, -8.0]))
    assert line["categories"] == [["d", "b"]]
    assert line["labels"] == ["unknown", "a, c, any other", "d, b"]
    assert line["counts"] == [10, 30, 30]


def test_a_category_that_says_only_whether_it_is_known_has_two_rows() -> None:
    line = line_of(sources([7.0, 0.0, 0.1, 0.0, -0.1, 0.0]))
    assert (line["categories"], line["labels"]) == ([], ["unknown", "any value"])


@pytest.mark.parametrize("slope", [1.0, 0.5])
def test_intervals_are_around_the_points_before_rounding(slope: float) -> None:
    errors = np.array([0.3, 0.1, 0.2, 0.1, 0.1])
    line = line_of(visits(centred([0.0, -8.4, -8.4, 2.4, 9.4]), errors=errors), slope)
    low, high = np.array(line["low"]), np.array(line["high"])
    half = 1.96 * slope * np.array([0.3, 0.2, 0.1, 0.1]) * POINTS  # of a merged row, the widest
    assert (high - low) / 2 == pytest.approx(half, abs=0.02)
    exact = slope * centred([0.0, -8.4, -8.4, 2.4, 9.4])[[0, 1, 3, 4]]
    middle = (high + low) / 2
    assert middle - middle[0] == pytest.approx(exact - exact[0], abs=0.02)
    assert abs(middle - exact).max() <= 0.5, (
        "moved at most half a point so that rounding loses less"
    )


def test_intervals_include_the_rounded_points_however_narrow() -> None:
    line = line_of(visits(centred([0.0, -8.4, -3.4, 2.4, 9.4]), errors=np.full(5, 1e-6)))
    assert all(
        low <= points <= high
        for low, points, high in zip(line["low"], line["points"], line["high"], strict=True)
    )


def test_the_covariance_of_a_row_is_that_of_its_least_certain_bin() -> None:
    covariance = np.diag([4.0, 1.0, 2.0, 3.0, 5.0]) / POINTS**2
    line = line_of(visits([0.0, -7.2, -6.9, 3.0, 4.0], covariance=covariance))
    assert np.diag(line["covariance"]).tolist() == [4.0, 2.0, 3.0, 5.0]


def test_without_errors_there_are_no_intervals() -> None:
    line = line_of(sources([0.0, 0.0, 5.0, 5.0, -5.0, 0.0]))
    assert line["low"] is line["high"] is None
    assert "covariance" not in line


def test_points_of_rows_without_leads_move_no_lead() -> None:
    X, y = leads().assign(visits=3.0), np.zeros(70)
    line, centre = compile_line(VISITS, visits([9.0, 1.0, 1.0, 2.0, 1.0]), 1.0, X, y)
    assert centre == pytest.approx(2.0)
    assert not moves_a_lead(line)


def test_the_served_file_reads_a_line() -> None:
    card = {
        **{"format": 2, "start": 50, "level": -1.0, "base_rate": 0.3, "ready_at": 50},
        **{"grades": {}, "levels": {}},
        "lines": [
            line_of(visits([0.0, -7.2, -6.9, 3.0, 4.0])),
            line_of(sources([0.0, -9.0, 1.0, 8.2, 0.9, 7.9])),
        ],
    }
    points = Scorecard.from_dict(card).points(leads())
    for place, line in enumerate(card["lines"]):
        counts = dict.fromkeys(line["points"], 0)
        for worth, count in zip(line["points"], line["counts"], strict=True):
            counts[worth] += count
        served, leads_of = np.unique(points[:, place], return_counts=True)
        assert dict(zip(served.tolist(), leads_of.tolist(), strict=True)) == counts
