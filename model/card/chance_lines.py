"""Lines that chance alone may have brought onto the card.

Halving the leads tells signal from noise on average, but all halves come from the same leads: what
looks good by luck looks good in most of them. So every line is tested next to the others. It may
show that leads from some value of a number on are worth more, or leads with some value of a
category. The strongest of these differences and all of them together are compared with what chance
brings about; the less likely of the two counts. Trees choose what to split by in much the same
way [1]_. The other lines take part as a regression has learned them, with a weight each: a weight
for each of their bins would use up the evidence where wins are few.

References
----------
.. [1] T. Hothorn, K. Hornik, A. Zeileis, "Unbiased recursive partitioning: a conditional inference
   framework", Journal of Computational and Graphical Statistics 2006.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.card.line_coding import line_coding
from model.estimators.bins import Binning
from model.estimators.logistic import logistic_terms
from model.estimators.parallel import one_blas_thread
from model.estimators.regression import cluster_sums, regress

Array = npt.NDArray[Any]
LARGEST = 0.005  # probability that a line passes which has nothing to do with winning
FALSE_CARDS = 0.05  # probability of such a line that is granted where few are left to be tested
LEAST_LEADS = 10  # on either side of a difference
MOST_LEADS = 50_000  # that are tested on
DRAWS = 10_000  # of the differences by chance
SAME = 1e-6  # a difference that varies less than this share next to the other lines says nothing


@one_blas_thread
def beyond_chance(
    X: pd.DataFrame,
    y: Array,
    binnings: Sequence[Binning],
    *,
    weights: Array,
    groups: Array | None = None,
    forced: Sequence[str] = (),
    tested: int = 0,
    seed: int = 0,
) -> list[int]:
    """Find the lines that predict next to the others beyond what chance explains.

    The line that is likeliest to be chance goes first, and the doubtful ones are tested again
    without it. Where few features are left to be tested, chance has few of them to choose from,
    and a line needs less evidence [1]_.

    Parameters
    ----------
    X, y : DataFrame, array of shape (n,)
        Training leads and outcomes (1 for won).
    binnings : sequence of Binning
        The lines in fine bins.
    weights, groups : array of shape (n,)
        How many leads each one represents; leads of a group may resemble each other.
    forced : sequence of str
        Lines that stay.
    tested : int
        Features that might have been lines; these lines were picked from among them.

    Returns
    -------
    list of int
        The places of the lines that stay, at least one where there are any.

    References
    ----------
    .. [1] S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal
       of Statistics 1979.

    Examples
    --------
    >>> X = pd.DataFrame({"size": np.arange(400.0) % 8, "noise": np.arange(400.0) % 7})
    >>> y = ((np.arange(400) % 8 + np.arange(400) % 5) > 6).astype(float)
    >>> lines = [Binning(name, cuts=np.array([4.0])) for name in X]
    >>> beyond_chance(X, y, lines, weights=np.ones(400))
    [0]
    """
    if not binnings:
        return []
    rng = np.random.default_rng(seed)
    if len(y) > MOST_LEADS:
        rows = np.sort(rng.choice(len(y), MOST_LEADS, replace=False))
        X, y, weights = X.iloc[rows], y[rows], weights[rows]
        groups = None if groups is None else groups[rows]
    tests = _Tests(X, y, binnings, weights, groups, rng)
    kept = list(range(len(binnings)))
    doubtful = [place for place in kept if binnings[place].feature not in forced]
    while doubtful and len(kept) > 1:
        chance = {place: tests.chance_of(place, kept) for place in doubtful}
        settled = len(kept) - len(doubtful)
        doubtful = _still_doubtful(chance, max(tested, len(binnings)) - settled)
        if doubtful:
            weakest = max(doubtful, key=lambda place: (chance[place], place))
            kept.remove(weakest)
            doubtful.remove(weakest)
    return kept


def _still_doubtful(chance: Mapping[int, float], left: int) -> list[int]:
    """List the lines that chance may explain, of so many that are left to be tested.

    Examples
    --------
    >>> _still_doubtful({0: 0.001, 1: 0.02}, left=3), _still_doubtful({1: 0.02}, left=20)
    ([], [1])
    """
    doubtful = []
    for place in sorted(chance, key=lambda place: chance[place]):
        if chance[place] <= max(LARGEST, FALSE_CARDS / left):
            left -= 1
        else:
            doubtful.append(place)
    return doubtful


class _Tests:
    """What all tests of lines on the same leads share."""

    def __init__(
        self,
        X: pd.DataFrame,
        y: Array,
        binnings: Sequence[Binning],
        weights: Array,
        groups: Array | None,
        rng: np.random.Generator,
    ) -> None:
        self.y, self.weights, self.groups = y, weights, groups
        self.learned = _learned_lines(X, y, binnings, weights, groups)
        self.differences = [_differences(binning, X) for binning in binnings]
        most = max(columns.shape[1] for columns in self.differences)
        self.draws = rng.standard_normal((DRAWS, most))

    def chance_of(self, place: int, kept: Sequence[int]) -> float:
        """How often chance makes a line look as strong as this one, next to others."""
        others = self.learned[:, [other for other in kept if other != place]]
        table = np.column_stack([np.ones(len(self.y)), others])
        fit = regress(table, self.y, self.weights)
        p = 1 / (1 + np.exp(-np.clip(table @ fit.coefficients, -30, 30)))
        information = self.weights * p * (1 - p)
        differences = self.differences[place]
        explained = fit.covariance @ (table.T @ (differences * information[:, None]))
        beyond = differences - table @ explained
        return self._chance(beyond, self.weights * (self.y - p), information)

    def _chance(self, beyond: Array, residuals: Array, information: Array) -> float:
        """Compare score statistics with draws of them; leads of a group only widen their errors."""
        variance = beyond.T @ (beyond * information[:, None])
        varies = np.diag(variance) > SAME * information.sum()
        if not varies.any():
            return 1.0
        pulls = cluster_sums(beyond[:, varies] * residuals[:, None], self.groups)
        variance = variance[np.ix_(varies, varies)]
        design_effect = max(float(np.mean((pulls**2).sum(axis=0) / np.diag(variance))), 1.0)
        error = np.sqrt(np.diag(variance))
        z = pulls.sum(axis=0) / error / np.sqrt(design_effect)
        values, vectors = np.linalg.eigh(variance / np.outer(error, error))
        drawn = (self.draws[:, : len(values)] * np.sqrt(np.maximum(values, 0))) @ vectors.T
        return _tail(np.square(np.vstack([z, drawn])))


def _tail(squares: Array) -> float:
    """How often a draw is as unlikely as the first row, by its largest square or by their sum.

    Examples
    --------
    >>> _tail(np.array([[9.0, 0.0], [1.0, 1.0], [2.0, 0.0], [0.0, 1.0]]))
    0.25
    """
    from scipy.stats import rankdata

    ranks = [rankdata(-each, method="max") for each in (squares.max(axis=1), squares.sum(axis=1))]
    least = np.minimum(*ranks)
    return float(np.mean(least <= least[0]))


def _learned_lines(
    X: pd.DataFrame, y: Array, binnings: Sequence[Binning], weights: Array, groups: Array | None
) -> Array:
    """What a regression learns of each line, for each lead, in standard deviations."""
    codings = [line_coding(binning, X[binning.feature]) for binning in binnings]
    _, terms = logistic_terms(X, y, binnings, {}, codings=codings, weights=weights, groups=groups)
    learned = np.column_stack([term.contribution(X) for term in terms])
    spread = learned.std(axis=0)
    return np.asarray((learned - learned.mean(axis=0)) / np.where(spread > 0, spread, 1.0))


def _differences(binning: Binning, X: pd.DataFrame) -> Array:
    """A column for each difference that a line may show.

    The leads from a value of a number on, or with a value of a category, or without a value.
    """
    bins = binning.bins(X)
    every = np.arange(binning.size)
    if binning.cuts is None:
        columns = bins[:, None] == every
    else:
        columns = np.column_stack([bins == 0, bins[:, None] >= every[2:]])
    leads = columns.sum(axis=0)
    enough = np.minimum(leads, len(bins) - leads) >= LEAST_LEADS
    return np.asarray(columns[:, enough], dtype=np.float64)
