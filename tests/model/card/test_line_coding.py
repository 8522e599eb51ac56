"""Regression sees a number as straight lines with steps: few wins are enough for a line."""

from __future__ import annotations

import numpy as np
import pandas as pd

from model.card.fine_bins import fine_cuts
from model.card.line_coding import line_coding
from model.estimators.bins import Binning, Term
from model.estimators.logistic import logistic_terms


def learned(values: pd.Series, won: np.ndarray, *, straight: bool) -> Term:
    binning = Binning("size", cuts=fine_cuts(values.to_numpy()))
    codings = [line_coding(binning, values)] if straight else None
    X = pd.DataFrame({"size": values})
    (term,) = logistic_terms(X, won, [binning], {}, codings=codings)[1]
    return term


def test_few_wins_teach_a_straight_effect_better_than_steps_alone() -> None:
    random = np.random.default_rng(0)
    errors = {True: 0.0, False: 0.0}
    for _ in range(3):
        size = random.normal(size=600)
        won = (random.random(600) < 1 / (1 + np.exp(2.2 - 0.8 * size))).astype(int)
        for straight in errors:
            term = learned(pd.Series(size), won, straight=straight)
            found = term.contribution(pd.DataFrame({"size": size}))
            errors[straight] += float(np.square(found - 0.8 * (size - size.mean())).mean())
    assert errors[True] < 0.7 * errors[False]


def test_an_effect_that_is_a_step_is_still_found() -> None:
    random = np.random.default_rng(1)
    size = random.normal(size=4000)
    won = (random.random(4000) < np.where(size > 0, 0.3, 0.1)).astype(int)
    term = learned(pd.Series(size), won, straight=True)
    low, below, above, high = term.contribution(
        pd.DataFrame({"size": [-1.5, -0.2, 0.2, 1.5]})
    ).tolist()
    assert above - below > 2 * max(below - low, high - above, 0.1)


def test_missing_and_extreme_values_do_not_tilt_the_line() -> None:
    values = pd.Series([np.nan, np.inf, 1e12, *np.arange(497.0)])
    coding = line_coding(Binning("size", cuts=np.array([100.0, 300.0])), values)
    assert coding[0].tolist() == [1] + [0] * (coding.shape[1] - 1)
    assert np.isfinite(coding).all()
    assert 0.8 < coding[3, 1] < 1.6
    assert 0.5 < coding[3, 2] < 1.6


def test_each_doubling_may_count_the_same() -> None:
    values = pd.Series(np.repeat([1.0, 2, 4, 8, 16, 32, 64], 20))
    coding = line_coding(Binning("size", cuts=values.unique()[1:]), values)
    straight, logarithm = np.diff(coding[3:, 1:3], axis=0).T
    assert logarithm.max() < 1.5 * logarithm.min()
    assert straight.max() > 5 * straight.min()


def test_a_number_that_does_not_vary_has_no_line() -> None:
    coding = line_coding(Binning("size", cuts=np.array([5.0])), pd.Series([2.0] * 20))
    assert not coding[1:].any()


def test_categories_keep_their_names() -> None:
    coding = line_coding(Binning("trade", categories=("a", "b")), pd.Series(["a", "b", None]))
    assert coding.tolist() == [[1, 0, 0], [0, 0, 0], [0, 1, 0], [0, 0, 1]]
