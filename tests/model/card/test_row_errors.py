"""Standard errors of rows, against a plain logistic regression on the rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from model.card.row_errors import with_row_errors
from model.estimators.bins import Binning, Term

N = 1200
SIZE = Binning("size", cuts=np.array([30.0, 60.0]))
SOURCE = Binning("source", categories=("web", "fair", "blog", "gone"))


def leads(seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    random = np.random.default_rng(seed)
    size = np.where(random.random(N) < 0.1, np.nan, random.uniform(0, 100, N))
    source = random.choice(np.array(["web", "fair", "blog", "call"], object), N)
    odds = -1.2 + 0.8 * (size > 60) + 0.7 * (source == "fair")
    y = (random.random(N) < 1 / (1 + np.exp(-odds))).astype(float)
    return pd.DataFrame({"size": size, "source": source}), y


def rows_of(X: pd.DataFrame) -> list[np.ndarray]:
    """The rows by hand: missing and three sizes; any other source, web or blog, fair."""
    size = np.select([X["size"].isna(), X["size"] < 30, X["size"] < 60], [0, 1, 2], 3)
    source = X["source"].map({"call": 0, "web": 1, "blog": 1, "fair": 2}).to_numpy()
    return [size, source]


def regression(X: pd.DataFrame, y: np.ndarray, weights: np.ndarray) -> tuple[list, list]:
    """Contrasts of each row with the average lead and their covariances, by an optimiser."""
    lines = rows_of(X)
    sizes = [int(rows.max()) + 1 for rows in lines]
    parts = [np.eye(size)[:, 1:][rows] for size, rows in zip(sizes, lines, strict=True)]
    design = np.column_stack([np.ones(len(y)), *parts])

    def loss(x: np.ndarray) -> float:
        odds = design @ x
        return float(weights @ (np.logaddexp(0, odds) - y * odds))

    x = minimize(loss, np.zeros(design.shape[1]), method="BFGS", options={"gtol": 1e-7}).x
    p = 1 / (1 + np.exp(-(design @ x)))
    covariance = np.linalg.inv(design.T @ (design * (weights * p * (1 - p))[:, None]))
    values, spreads, start = [], [], 1
    for size, rows in zip(sizes, lines, strict=True):
        place = slice(start, start + size - 1)
        start += size - 1
        share = np.bincount(rows, weights, minlength=size) / weights.sum()
        contrast = (np.eye(size) - share)[:, 1:]
        values.append(contrast @ x[place])
        spreads.append(contrast @ covariance[place, place] @ contrast.T)
    return values, spreads


def terms_at(values: list[np.ndarray]) -> list[Term]:
    """Terms whose log-odds are these; web and blog are one row, and "gone" has no lead."""
    other, web, fair = values[1]
    return [
        Term(SIZE, np.array(values[0])),
        Term(SOURCE, np.array([0.0, other, web, fair, web, 0.9])),
    ]


def test_errors_are_those_of_a_regression_where_the_rows_are_its_values() -> None:
    X, y = leads()
    values, spreads = regression(X, y, np.ones(N))
    size, source = with_row_errors(terms_at(values), X, y)
    assert size.covariance == pytest.approx(spreads[0], abs=2e-4)
    assert size.errors == pytest.approx(np.sqrt(np.diag(spreads[0])), abs=1e-3)
    assert source.covariance is not None
    filled = np.ix_([1, 2, 3], [1, 2, 3])
    assert source.covariance[filled] == pytest.approx(spreads[1], abs=2e-4)


def test_categories_with_the_same_points_are_a_row_and_an_empty_row_has_the_largest_error() -> None:
    X, y = leads()
    source = with_row_errors(terms_at(regression(X, y, np.ones(N))[0]), X, y)[1]
    assert source.errors is not None
    missing, other, web, fair, blog, gone = source.errors
    assert web == blog
    assert missing == gone == max(other, web, fair)


def test_the_distance_from_the_regression_counts_as_well() -> None:
    X, y = leads()
    values, spreads = regression(X, y, np.ones(N))
    move = np.array([0.0, 0.0, -0.3, 0.2])
    size = with_row_errors(terms_at([values[0] + move, values[1]]), X, y)[0]
    away = move - np.bincount(rows_of(X)[0]) / N @ move  # an average lead stays at 0
    assert size.errors == pytest.approx(np.sqrt(np.diag(spreads[0]) + away**2), abs=4e-3)


def test_a_shift_of_a_whole_line_changes_nothing() -> None:
    X, y = leads()
    terms = terms_at(regression(X, y, np.ones(N))[0])
    shifted = [replace(term, log_odds=term.log_odds + 0.7) for term in terms]
    pairs = zip(with_row_errors(terms, X, y), with_row_errors(shifted, X, y), strict=True)
    for before, after in pairs:
        assert after.errors == pytest.approx(before.errors)


def test_copies_of_leads_do_not_make_errors_smaller() -> None:
    X, y = leads()
    terms = terms_at(regression(X, y, np.ones(N))[0])
    again = np.repeat(np.arange(N), 9)
    rows, ends = X.iloc[again].reset_index(drop=True), y[again]
    once = with_row_errors(terms, X, y)[0].errors
    assert once is not None
    naive = with_row_errors(terms, rows, ends)[0].errors
    grouped = with_row_errors(terms, rows, ends, groups=again)[0].errors
    assert naive == pytest.approx(once / 3, rel=0.02)
    assert grouped == pytest.approx(once, rel=0.05)


def test_groups_of_leads_that_have_nothing_in_common_change_little() -> None:
    X, y = leads()
    terms = terms_at(regression(X, y, np.ones(N))[0])
    groups = np.random.default_rng(1).integers(0, 300, N)
    plain, grouped = (with_row_errors(terms, X, y, groups=by)[0].errors for by in (None, groups))
    assert plain is not None
    assert (grouped >= plain - 1e-9).all(), "groups only widen"
    assert grouped == pytest.approx(plain, rel=0.25)


def test_unequal_weights_widen_errors() -> None:
    """Few leads that stand for many say less than many: the errors are robust to weights."""
    X, y = leads()
    terms = terms_at(regression(X, y, np.ones(N))[0])
    weights = np.where(np.arange(N) % 5 == 0, 4.0, 0.25)
    plain = with_row_errors(terms, X, y)[1].errors
    weighted = with_row_errors(terms, X, y, weights=weights)[1].errors
    assert plain is not None
    assert weighted is not None
    assert (weighted[1:4] > plain[1:4] * 1.3).all()


def test_rows_with_wins_alone_have_finite_and_large_errors() -> None:
    X, y = leads()
    y = np.where(X["source"] == "call", 1.0, y)
    term = Term(SOURCE, np.zeros(6))
    (found,) = with_row_errors([replace(term, log_odds=np.arange(6) / 10)], X, y)
    assert found.errors is not None
    assert np.isfinite(found.errors).all()
    assert found.errors[1] > 2


def test_errors_cover_the_truth_over_samples() -> None:
    """The interval of a row's points includes the planted value in about 95 of 100 samples."""
    covered = []
    for seed in range(60):
        X, y = leads(seed)
        truth = 0.8 * (rows_of(X)[0] == 3)
        expected = np.array([0, 0, 0, 0.8]) - truth.mean()
        values, _ = regression(X, y, np.ones(N))
        size = with_row_errors(terms_at(values), X, y)[0]
        covered += list(np.abs(size.log_odds - expected) < 1.96 * np.asarray(size.errors))
    # 240 rows: the standard error of the share is .014 at least, rows of a line not independent
    assert np.mean(covered) == pytest.approx(0.95, abs=0.05)


def test_no_term_has_no_errors() -> None:
    X, y = leads()
    assert with_row_errors([], X, y) == []
