"""Logistic regression on bins, which fits all features together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.blas_threads import one_blas_thread
from features.families.feature import Feature
from model.estimators.bins import (
    Binning,
    Term,
    base_log_odds,
    direction_of,
    drop_weightless,
    feature_cuts,
    frequent_categories,
    learnable_features,
    merge_equal_bins,
    monotone,
    total_log_odds,
)
from model.estimators.group_folds import Folds, stratified_folds
from model.training.intervals import design_factor

Array = npt.NDArray[Any]
SHARES, SLACK = (0.25, 0.5, 0.75, 0.95), 0.04  # shares of the leads below the cuts
STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)  # C of the regression; more is less regularised
FOLDS = 4
LARGEST_SAMPLE = 10_000  # leads by which the regularisation is chosen


def logistic_terms(
    X: pd.DataFrame,
    y: Array,
    binnings: Sequence[Binning],
    signs: Mapping[str, int],
    *,
    codings: Sequence[Array] | None = None,
    weights: Array | None = None,
    groups: Array | None = None,
    strengths: Sequence[float] | None = None,
    seed: int = 0,
) -> tuple[float, list[Term]]:
    """Fit all bins together by logistic regression (scikit-learn).

    How strongly it is regularized is chosen by cross-validation; leads of a group are held out
    together.

    Parameters
    ----------
    X, y : DataFrame, array of shape (n,)
        Training leads and outcomes (1 for won).
    binnings : sequence of Binning
    signs : mapping
        Feature to 1 (never falls) or -1 (never rises).
    codings : sequence of array of shape (bins, columns), optional
        How the regression sees the bins of each feature, see `step_coding`, the default.
    weights, groups : array of shape (n,), optional

    strengths : sequence of float, optional
        Of the regression (C), of which the best is taken; ``STRENGTHS`` by default.

    Returns
    -------
    (float, list of Term)
        Intercept and terms, relative to the average lead.

    Examples
    --------
    >>> X = pd.DataFrame({"visits": np.arange(400.0) % 8})
    >>> visits = Binning("visits", cuts=np.array([2.0, 4, 6]))
    >>> _, (term,) = logistic_terms(X, (X["visits"] > 3).to_numpy(), [visits], {})
    >>> bool(term.log_odds[1] < 0 < term.log_odds[-1])
    True
    """
    if not binnings:
        return base_log_odds(y, weights), []
    codings = codings or [step_coding(binning) for binning in binnings]
    table = _design_matrix(binnings, codings, X)
    outcomes = np.asarray(y, dtype=int)
    model = _fit_with_best_strength(table, outcomes, weights, groups, strengths or STRENGTHS, seed)
    intercept, terms = float(model.intercept_[0]), list[Term]()
    covariance = _covariance(table, model, weights) * design_factor(groups) ** 2
    start = 0
    for binning, coding in zip(binnings, codings, strict=True):
        part = slice(start, start + coding.shape[1])
        start = part.stop
        counts = np.bincount(binning.bins(X), minlength=binning.size)
        center = counts @ coding / max(counts.sum(), 1)
        coefficients = model.coef_[0, part]
        intercept += float(center @ coefficients)
        term = _centred_term(binning, coding - center, coefficients, covariance[part, part], counts)
        if sign := signs.get(binning.feature, 0):
            term = replace(term, log_odds=monotone(term.log_odds, counts, sign))
        terms.append(term)
    return intercept, terms


class LogisticOnBins:
    """Logistic regression on coarse bins of all features, see `logistic_terms`.

    Examples
    --------
    >>> X = pd.DataFrame({"visits": np.arange(400.0) % 8})
    >>> visits = Feature("visits", "visits", "engagement", "number")
    >>> fitted = LogisticOnBins().fit(X, X["visits"] > 3, features=[visits])
    >>> intercept, (term,) = fitted.terms()
    >>> term.binning.cuts, bool(term.log_odds[1] < 0 < term.log_odds[-1])
    (array([2., 4., 6.]), True)
    """

    name: ClassVar[str] = "logistic regression on bins"

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
        """Cut numbers at quantiles, then fit all bins together."""
        X, y, sample_weight, groups = drop_weightless(X, y, sample_weight, groups)
        kept, self.left_out = learnable_features(X, features)
        self.intercept_, self.terms_ = logistic_terms(
            X,
            y,
            [_coarse_binning(feature, X) for feature in kept],
            {feature.name: direction_of(feature, directions) for feature in kept},
            weights=sample_weight,
            groups=groups,
            seed=seed,
        )
        return self

    def log_odds(self, X: pd.DataFrame) -> Array:
        """Log-odds of a win: the sum of the terms."""
        return total_log_odds(self.intercept_, self.terms_, X)

    def terms(self) -> tuple[float, list[Term]]:
        """Return the intercept and the table of each feature."""
        return self.intercept_, [merge_equal_bins(term) for term in self.terms_]


def _coarse_binning(feature: Feature, X: pd.DataFrame) -> Binning:
    if feature.kind == "category":
        return Binning(feature.name, categories=frequent_categories(X[feature.name]))
    return Binning(feature.name, cuts=feature_cuts(feature, X, SHARES, SLACK))


def step_coding(binning: Binning) -> Array:
    """Code the bins of a feature for the regression, a row for each bin.

    A number is coded by steps: a column for missing, and one for each cut that the value has
    reached, which shrinks the differences between neighbouring bins. A category is coded by its
    name; a rare or unknown one by zeros.

    Examples
    --------
    >>> step_coding(Binning("visits", cuts=np.array([2.0, 4.0])))
    array([[1., 0., 0.],
           [0., 0., 0.],
           [0., 1., 0.],
           [0., 1., 1.]])
    """
    if binning.cuts is None:
        return np.delete(np.eye(binning.size), 1, axis=1)
    coding = np.zeros((binning.size, binning.size - 1))
    coding[0, 0] = 1
    coding[1:, 1:] = np.tri(binning.size - 1, binning.size - 2, k=-1)
    return coding


def _centred_term(
    binning: Binning, coding: Array, coefficients: Array, covariance: Array, counts: Array
) -> Term:
    """Make a term relative to the average lead; a bin without training leads adds nothing."""
    filled = counts > 0
    if binning.categories is not None:
        filled[1] = False  # rare or unknown
    between_bins = coding @ covariance @ coding.T
    log_odds = np.where(filled, coding @ coefficients, 0.0)
    return Term(binning, log_odds, np.sqrt(np.diag(between_bins)), between_bins)


def _design_matrix(binnings: Sequence[Binning], codings: Sequence[Array], X: pd.DataFrame) -> Any:
    from scipy import sparse

    parts = [
        sparse.csr_matrix(coding)[binning.bins(X)]
        for binning, coding in zip(binnings, codings, strict=True)
    ]
    return sparse.hstack(parts, format="csr")


@one_blas_thread
def _fit_with_best_strength(
    table: Any,
    y: Array,
    weights: Array | None,
    groups: Array | None,
    strengths: Sequence[float],
    seed: int,
) -> Any:
    """Fit with the regularisation that predicts best in cross-validation."""
    from sklearn.linear_model import LogisticRegression

    w = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)

    def fit(strength: float) -> Any:
        return LogisticRegression(C=strength, max_iter=300).fit(table, y, sample_weight=w)

    some = _some_leads(len(y), seed)
    parts = min(FOLDS, int(min(y[some].sum(), len(some) - y[some].sum())))
    if parts < 2 or len(strengths) == 1:
        return fit(strengths[0])
    drawn = None if groups is None else np.asarray(groups)[some]
    folds = stratified_folds(y[some], drawn, parts, seed)
    model = LogisticRegression(max_iter=300, warm_start=True)
    losses = losses_held_out(model, table[some], y[some], w[some], folds, strengths)
    return fit(strengths[int(losses.sum(axis=0).argmin())])


def losses_held_out(
    model: Any, table: Any, y: Array, weights: Array, folds: Folds, strengths: Sequence[float]
) -> Array:
    """Sum the losses on the leads held out, a row for each fold and a column for each strength.

    Parameters
    ----------
    model : LogisticRegression
        With a warm start, so that each fit begins where the one before ended; it is changed.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> table, won = np.tile([[1.0], [0.0]], (50, 1)), np.tile([1, 0], 50)
    >>> folds = stratified_folds(won, None, 2, seed=0)
    >>> model = LogisticRegression(warm_start=True)
    >>> weak, strong = losses_held_out(model, table, won, np.ones(100), folds, [0.01, 1.0]).sum(0)
    >>> bool(strong < weak)
    True
    """
    from sklearn.base import clone

    losses = np.zeros((len(folds), len(strengths)))
    for fold, (train, test) in enumerate(folds):
        learned, outcomes, w = table[train], y[train], weights[train]
        held_out, became, held_w = table[test], y[test], weights[test]
        model = clone(model)
        for place, strength in enumerate(strengths):
            model.set_params(C=strength).fit(learned, outcomes, sample_weight=w)
            odds = model.decision_function(held_out)
            losses[fold, place] = held_w @ (np.logaddexp(0, odds) - became * odds)
    return losses


def _some_leads(leads: int, seed: int) -> Array:
    """The rows by which the regularisation is chosen: all, or as many as are enough for that."""
    if leads <= LARGEST_SAMPLE:
        return np.arange(leads)
    return np.sort(np.random.default_rng(seed).permutation(leads)[:LARGEST_SAMPLE])


def _covariance(table: Any, model: Any, weights: Array | None) -> Array:
    """Covariance of the coefficients, from the curvature of the penalised likelihood."""
    from scipy import sparse

    p = model.predict_proba(table)[:, 1]
    v = p * (1 - p) * (1 if weights is None else weights)
    with_intercept = sparse.hstack([table, np.ones((len(v), 1))], format="csr")
    curvature = (with_intercept.T @ sparse.diags_array(v) @ with_intercept).toarray()
    curvature[:-1, :-1] += np.eye(len(curvature) - 1) / model.C
    return np.asarray(np.linalg.inv(curvature)[:-1, :-1])
