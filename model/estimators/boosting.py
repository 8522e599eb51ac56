"""Explainable boosting (interpret-core): a table of log-odds for each feature, learned in turns.

The lines of a card are learned this way, and so is the full model with all features, which shows
what a short card gives up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.families.feature import Feature
from model.estimators.bins import (
    Binning,
    Term,
    base_log_odds,
    bin_codes,
    direction_of,
    drop_weightless,
    feature_cuts,
    frequent_categories,
    learnable_features,
    merge_equal_bins,
    monotone,
    total_log_odds,
)
from model.estimators.boosting_core import Effort, boost_columns
from model.estimators.boosting_steps import Column

Array = npt.NDArray[Any]
SHARES, SLACK = tuple(np.arange(1, 32) / 32), 0.4 / 32  # shares of the leads below the cuts
BAGS = 8
LEARNING_RATE = 0.005
QUICK_RATE, QUICK_BAGS = 0.02, 4  # of the full model
SMOOTHING, PATIENCE = 75, 100  # rounds with random cuts first; rounds without gain before it stops
MOST_ROUNDS = 10_000  # a few held-out leads may be predicted ever better; others take 2,500
HELD_OUT = 0.15  # of the groups, to decide when to stop


def boosted_terms(
    codes: Array,
    y: Array,
    binnings: Sequence[Binning],
    signs: Mapping[str, int],
    *,
    weights: Array | None = None,
    groups: Array | None = None,
    learning_rate: float | None = None,
    bags: int | None = None,
    seed: int = 0,
) -> tuple[float, list[Term]]:
    """Learn a table of log-odds for each feature by cyclic boosting, without interactions.

    Parameters
    ----------
    codes : array of int, shape (n, features)
        The bin of each lead for each binning.
    y : array, shape (n,)
        Outcomes, 1 for won.
    binnings : sequence of Binning
        The bins, in the order of the columns of ``codes``.
    signs : mapping
        Feature to 1 (never falls) or -1 (never rises).
    weights, groups : array of shape (n,), optional
        How many leads each one represents; leads of a group are held out together when boosting
        decides when to stop.
    learning_rate, bags : float, int, optional
        ``LEARNING_RATE`` and ``BAGS`` by default.

    Returns
    -------
    (float, list of Term)
        Intercept and terms. Any other category (bin 1) adds nothing.

    Examples
    --------
    >>> visits = Binning("visits", cuts=np.array([2.0, 4.0]))
    >>> X = pd.DataFrame({"visits": np.arange(400.0) % 8})
    >>> _, (term,) = boosted_terms(visits.bins(X)[:, None], X["visits"] > 3, [visits], {}, bags=2)
    >>> bool(term.log_odds[1] < 0 < term.log_odds[3])
    True
    """
    if not binnings:
        return base_log_odds(y, weights), []
    bags = BAGS if bags is None else bags
    columns = [
        _column(code, binning, signs.get(binning.feature, 0))
        for code, binning in zip(codes.T, binnings, strict=True)
    ]
    rate = LEARNING_RATE if learning_rate is None else learning_rate
    learned = boost_columns(
        columns,
        np.asarray(y, dtype=int),
        Effort(rate, SMOOTHING, PATIENCE, MOST_ROUNDS),
        bags=bags,
        drawn=_grouped_bags(groups, bags, seed),
        weights=weights,
        seed=seed,
    )
    tables = zip(columns, binnings, codes.T, learned.log_odds, learned.bin_weights, strict=True)
    return learned.intercept, [_read_term(*table) for table in tables]


def _column(codes: Array, binning: Binning, sign: int) -> Column:
    """Show a feature to the core; of categories, those that the leads have."""
    if binning.cuts is not None:
        return Column(codes.astype(np.int64), binning.size + 1, False, sign)
    ranks = np.cumsum(_present(codes, binning))
    return Column(np.where(codes == 0, 0, ranks[codes]), int(ranks[-1]) + 2, True, sign)


def _present(codes: Array, binning: Binning) -> npt.NDArray[np.bool_]:
    """Say which bins have leads, but for the one of missing values."""
    present = np.bincount(codes, minlength=binning.size) > 0
    present[0] = False
    return present


def _read_term(
    column: Column, binning: Binning, codes: Array, log_odds: Array, bin_weights: Array
) -> Term:
    """Read a table; the agreed direction is written back into it."""
    if binning.cuts is None:
        present = _present(codes, binning)
        values = np.where(present, log_odds[np.cumsum(present)], 0.0)
        values[:2] = log_odds[0], 0.0
        return Term(binning, values)
    log_odds = log_odds[:-1]  # the last bin has no values
    if column.direction:
        log_odds = monotone(log_odds, bin_weights[:-1], column.direction)
    return Term(binning, log_odds)


class FullBoosting:
    """Boosted tables of all features in fine bins: what a card of one page is compared with.

    Examples
    --------
    >>> X = pd.DataFrame({"visits": np.arange(400.0) % 8})
    >>> visits = Feature("visits", "visits", "engagement", "number")
    >>> fitted = FullBoosting().fit(X, X["visits"] > 3, features=[visits])
    >>> odds = fitted.log_odds(pd.DataFrame({"visits": [1, 6]}))
    >>> bool(odds[0] < 0 < odds[1])
    True
    """

    name: ClassVar[str] = "full boosting"

    def fit(
        self,
        X: pd.DataFrame,
        y: Any,
        *,
        features: Sequence[Feature],
        directions: Mapping[str, int] | None = None,
        sample_weight: Array | None = None,
        groups: Array | None = None,
        seed: int = 0,
    ) -> Self:
        """Fit all features, quickly: a finer setting changes little with so many."""
        X, y, sample_weight, groups = drop_weightless(X, y, sample_weight, groups)
        kept, self.left_out = learnable_features(X, features)
        binnings = [_fine_binning(feature, X) for feature in kept]
        self.intercept_, self.terms_ = boosted_terms(
            bin_codes(binnings, X),
            y,
            binnings,
            {feature.name: direction_of(feature, directions) for feature in kept},
            weights=sample_weight,
            groups=groups,
            learning_rate=QUICK_RATE,
            bags=QUICK_BAGS,
            seed=seed,
        )
        return self

    def log_odds(self, X: pd.DataFrame) -> Array:
        """Log-odds of a win: the sum of the terms."""
        return total_log_odds(self.intercept_, self.terms_, X)

    def terms(self) -> tuple[float, list[Term]]:
        """Return the intercept and the table of each feature."""
        return self.intercept_, [merge_equal_bins(term) for term in self.terms_]


def _fine_binning(feature: Feature, X: pd.DataFrame) -> Binning:
    """Cut numbers near every 32nd of the leads; keep the categories that are not rare."""
    if feature.kind == "category":
        return Binning(feature.name, categories=frequent_categories(X[feature.name]))
    return Binning(feature.name, cuts=feature_cuts(feature, X, SHARES, SLACK))


def _grouped_bags(groups: Array | None, bags: int, seed: int) -> Array | None:
    """Draw, for each bag, the groups to train on (1) and to stop by (-1).

    Without groups the estimator draws rows itself. With groups that would hold out rows of a lead
    that it also trains on.
    """
    if groups is None:
        return None
    codes, names = pd.factorize(groups)
    rng = np.random.default_rng(seed)
    ranks = np.array([rng.permutation(len(names)) for _ in range(bags)])
    return np.where(ranks < HELD_OUT * len(names), -1, 1)[:, codes].T.astype(np.int8)
