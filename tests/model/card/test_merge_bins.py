"""Merging bins to rows: against all segmentations of small cases, and within all limits."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest

from model.card.merge_bins import ROUNDING, cheapest_segments, merge_to_rows, with_rounder_cuts
from model.estimators.bins import Binning, Term, rare_below

N = 2000


def segmentations(size: int) -> Iterator[list[slice]]:
    for cuts in range(size):
        for places in combinations(range(1, size), cuts):
            edges = [0, *places, size]
            yield [slice(*edge) for edge in pairwise(edges)]


def lost(segments: list[slice], values: np.ndarray, information: np.ndarray) -> float:
    total = 0.0
    for part in segments:
        mean = np.average(values[part], weights=information[part])
        total += float(information[part] @ (values[part] - mean) ** 2) / 2
    return total


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("price", [0.01, 0.3, 5.0])
def test_no_segmentation_is_cheaper(seed: int, price: float) -> None:
    random = np.random.default_rng(seed)
    values, information = random.normal(size=8), random.uniform(0.1, 3, 8)
    leads, least = random.integers(1, 30, 8), 25

    def cost(segments: list[slice]) -> float:
        return lost(segments, values, information) + price * len(segments)

    found = cheapest_segments(values, information, leads, price, least)
    allowed = [
        segments
        for segments in segmentations(8)
        if all(leads[part].sum() >= least for part in segments)
    ]
    assert found in allowed
    assert cost(found) == pytest.approx(min(map(cost, allowed)))


def fine_lines(seed: int = 0) -> tuple[list[Term], pd.DataFrame]:
    """Two numbers and a category in many bins, with log-odds that rise, wave and jump."""
    random = np.random.default_rng(seed)
    names = [f"value {place}" for place in range(12)]
    X = pd.DataFrame(
        {
            "rising": np.where(random.random(N) < 0.1, np.nan, random.random(N) * 100),
            "waving": random.random(N) * 100,
            "source": random.choice(np.array([*names, "another", None], object), N),
        }
    )
    cuts = np.arange(4.0, 100, 4)
    return [
        Term(Binning("rising", cuts=cuts), np.r_[0.3, np.linspace(-1, 1, 25)]),
        Term(Binning("waving", cuts=cuts), np.r_[0, np.sin(np.arange(25) / 3)]),
        Term(Binning("source", categories=tuple(names)), np.r_[0.1, 0, random.normal(size=12)]),
    ], X


def rows_of(terms: list[Term], X: pd.DataFrame) -> int:
    """The rows that people read: values that leads have and that differ in points."""
    count = 0
    for term in terms:
        bins = np.unique(term.binning.bins(X))
        if term.binning.cuts is not None:
            count += len(bins)
        else:
            groups = {float(term.log_odds[place]) for place in bins if place > 1}
            count += len(groups) + sum(bins < 2)
    return count


@pytest.mark.parametrize("rows", [9, 14, 25, 40])
@pytest.mark.parametrize("seed", range(3))
def test_there_are_never_more_rows_than_allowed_and_few_less(rows: int, seed: int) -> None:
    terms, X = fine_lines(seed)
    merged = merge_to_rows(terms, X, np.full(N, 0.2), rows=rows)
    assert rows - 3 <= rows_of(merged, X) <= rows


def test_what_fits_is_hardly_merged() -> None:
    """Only bins with too few leads for a row are merged where there is room for all."""
    terms, X = fine_lines()
    merged = merge_to_rows(terms, X, np.full(N, 0.2), rows=500)
    assert rows_of(merged, X) == rows_of(terms, X)
    for before, after in zip(terms, merged, strict=True):
        assert np.abs(after.contribution(X) - before.contribution(X)).mean() < 0.02


def test_every_row_of_a_number_has_enough_leads() -> None:
    terms, X = fine_lines()
    X["rising"] = X["rising"] ** 2 / 100  # many leads in the lowest bins, few in the others
    merged = merge_to_rows(terms, X, np.full(N, 0.2), rows=500)
    for term in merged[:2]:
        leads = np.bincount(term.binning.bins(X), minlength=term.binning.size)[1:]
        assert leads.min() >= rare_below(N) * (1 - ROUNDING)


def test_a_row_is_worth_the_average_of_its_bins_and_missing_keeps_its_value() -> None:
    terms, X = fine_lines()
    p = np.random.default_rng(1).uniform(0.05, 0.5, N)
    merged = merge_to_rows(terms, X, p, rows=14)
    for before, after in zip(terms, merged, strict=True):
        assert after.log_odds[0] == before.log_odds[0]
    source, groups = terms[2], merged[2]
    assert groups.binning == source.binning
    assert groups.log_odds[1] == 0, "any other category adds nothing"
    bins = source.binning.bins(X)
    for value in np.unique(groups.log_odds[2:]):
        rows = np.isin(bins, 2 + np.flatnonzero(groups.log_odds[2:] == value))
        average = np.average(source.log_odds[bins[rows]], weights=(p * (1 - p))[rows])
        assert value == pytest.approx(average, abs=1e-6)


def test_a_line_that_rises_still_rises() -> None:
    terms, X = fine_lines()
    for rows in (9, 20):
        rising = merge_to_rows(terms, X, np.full(N, 0.2), rows=rows)[0]
        assert (np.diff(rising.log_odds[1:]) > 0).all()


def test_a_lead_counts_by_its_weight_and_by_how_uncertain_it_is() -> None:
    """The bins that are kept apart are those of leads that count."""
    X = pd.DataFrame({"size": np.arange(N) % 100.0})
    steps = Term(Binning("size", cuts=np.array([25.0, 50, 75])), np.array([0, -1.0, 0, 0.9, 2]))
    low = X["size"] < 50
    for p, weights in (
        (np.where(low, 0.5, 0.01), None),
        (np.full(N, 0.3), np.where(low, 1.0, 0.01)),
    ):
        (merged,) = merge_to_rows([steps], X, p, rows=3, weights=weights)
        assert merged.binning.cuts is not None
        assert merged.binning.cuts.tolist() == [25, 50]


@pytest.mark.parametrize("seed", range(5))
def test_rounder_cuts_move_few_leads(seed: int) -> None:
    random = np.random.default_rng(seed)
    X = pd.DataFrame({"size": random.lognormal(3, 1, N)})
    cuts = np.quantile(X["size"], [0.13, 0.4, 0.61, 0.9])
    term = Term(Binning("size", cuts=cuts), np.zeros(6))
    moved = with_rounder_cuts(term, X).binning.cuts
    assert moved is not None
    assert len(moved) == 4
    assert all(len(f"{cut:g}".replace(".", "").strip("0")) <= 3 for cut in moved)
    leads = np.histogram(X["size"], np.r_[0, cuts, np.inf])[0]
    for old, new, below, above in zip(cuts, moved, leads, leads[1:], strict=False):
        between = X["size"].between(*sorted((old, new))).sum()
        assert between <= ROUNDING * min(below, above) + 1


def test_cuts_between_whole_numbers_stay_whole() -> None:
    X = pd.DataFrame({"visits": np.arange(N) % 6.0})
    term = Term(Binning("visits", cuts=np.array([2.0, 4.0])), np.zeros(4))
    cuts = with_rounder_cuts(term, X).binning.cuts
    assert cuts is not None
    assert cuts.tolist() == [2, 4], "no lead would be counted differently"
