"""The estimators that can become a scorecard.

Both candidates are sums of one table for each feature. Explainable boosting learns the tables bin
by bin in turns; logistic regression on bins learns all at once and is the simpler of the two. Both
keep the directions that were agreed on, and both treat a category that few leads had, or none, as
saying nothing. What they give is the sum of their terms, to the last digit.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Protocol, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.families.feature import Feature
from model.training.bins import (
    Axis,
    Term,
    base_odds,
    counted_errors,
    frequent,
    in_direction,
    joined,
    learnable,
    round_cuts,
    sum_of,
    that_count,
)
from model.training.intervals import design_factor

Array = npt.NDArray[Any]
RARELY = "\0other"  # stands for all categories that few leads had, while learning
COARSE = (0.25, 0.5, 0.75, 0.95), 0.04  # shares of the leads below the cuts, and their freedom
FINE = tuple(np.arange(1, 32) / 32), 0.4 / 32
STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3)  # of logistic regression; more is less regularised
FOLDS = 4
HELD_OUT = 0.15  # of the groups, to stop boosting by


class Candidate(Protocol):
    """An estimator that is a sum of terms.

    Attributes
    ----------
    name : str
    left_out : dict of str to str
        Features that were not learnt from, and why.
    """

    name: ClassVar[str]
    left_out: dict[str, str]

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
        """Learn from leads whose outcome is known (1 for won).

        Where leads are judged again and again ``groups`` says whose rows are alike: rows of a group
        are never held out from one another, and say as much as one.
        """

    def log_odds(self, X: pd.DataFrame) -> Array:
        """Log-odds of a win, one for each lead."""

    def terms(self) -> tuple[float, list[Term]]:
        """Give the intercept and the table of each feature, which sum to ``log_odds``."""


class ExplainableBoosting:
    """Boosted one-feature tables (interpret-core), without interactions.

    Parameters
    ----------
    bags : int
        Models averaged. Their spread is no standard error: it says how far they differ from each
        other, not from the truth, and intervals from it hold the truth in 2 of 3 cases.
    n_jobs : int
        Processes to train them in.

    Examples
    --------
    >>> X = pd.DataFrame({"visits": np.arange(400.0) % 8})
    >>> one = Feature("visits", "visits", "engagement", "number")
    >>> found = ExplainableBoosting(bags=2).fit(X, X["visits"] > 3, features=[one])
    >>> odds = found.log_odds(pd.DataFrame({"visits": [1, 6]}))
    >>> bool(odds[0] < 0 < odds[1])
    True
    """

    name: ClassVar[str] = "explainable boosting"

    def __init__(self, *, bags: int = 8, n_jobs: int = 1) -> None:  # noqa: D107
        self.bags = bags
        self.n_jobs = n_jobs

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
        """Learn, then make the tables readable without changing what was learnt."""
        from interpret.glassbox import ExplainableBoostingClassifier

        X, y, sample_weight, groups = that_count(X, y, sample_weight, groups)
        kept, self.left_out = learnable(X, features)
        signs = [_sign(one, directions) for one in kept]
        self._kept = {one.name: frequent(X[one.name]) for one in kept if one.kind == "category"}
        self._features = kept
        self.intercept_, self.terms_ = base_odds(y, sample_weight), list[Term]()
        if not kept:
            return self
        self.estimator = ExplainableBoostingClassifier(
            feature_names=[one.name for one in kept],
            feature_types=[
                _cut(one, X, *FINE).tolist() if one.kind == "number" else "nominal" for one in kept
            ],
            monotone_constraints=signs,
            learning_rate=0.005,
            interactions=0,
            outer_bags=self.bags,
            n_jobs=self.n_jobs,
            random_state=seed,
        )
        encoded = self._encode(X, learning=True)
        with warnings.catch_warnings():  # that its own plots cannot show missing values
            warnings.filterwarnings("ignore", "Missing values detected")
            bags = _bags(groups, self.bags, seed)
            self.estimator.fit(encoded, y, sample_weight=sample_weight, bags=bags)
        self.intercept_ = float(self.estimator.intercept_[0])
        self.terms_ = [
            self._term(place, one, sign)
            for place, (one, sign) in enumerate(zip(kept, signs, strict=True))
        ]
        p = 1 / (1 + np.exp(-sum_of(self.intercept_, self.terms_, X)))
        self.terms_ = [
            replace(one, errors=counted_errors(one, X, p, sample_weight) * design_factor(groups))
            for one in self.terms_
        ]
        return self

    def log_odds(self, X: pd.DataFrame) -> Array:
        """Log-odds of a win, by the estimator itself."""
        if not self._features:
            return np.full(len(X), self.intercept_)
        found: Array = self.estimator.decision_function(self._encode(X, learning=False))
        return found

    def terms(self) -> tuple[float, list[Term]]:
        """Give the intercept and the table of each feature."""
        return self.intercept_, [joined(one) for one in self.terms_]

    def _encode(self, X: pd.DataFrame, *, learning: bool) -> pd.DataFrame:
        """Numbers as they are; rare categories together while learning, unheard of afterwards."""
        made = {}
        for one in self._features:
            if one.kind == "number":
                made[one.name] = X[one.name].to_numpy(np.float64, na_value=np.nan)
            else:
                text = X[one.name].astype(object)
                rarely = RARELY if learning else f"{RARELY} or unheard of"
                text = text.where(text.isin(self._kept[one.name]) | text.isna(), rarely)
                made[one.name] = text.where(text.notna(), None).to_numpy(object)
        return pd.DataFrame(made)

    def _term(self, place: int, feature: Feature, sign: int) -> Term:
        """Read a table off the estimator, with the agreed direction written back."""
        scores = self.estimator.term_scores_[place]
        bins = self.estimator.bins_[place][0]
        if feature.kind == "category":
            order = [0, -1, *(bins[one] for one in self._kept[feature.name])]
            axis = Axis(feature.name, categories=self._kept[feature.name])
            return Term(axis, np.array([scores[at] for at in order]))
        if sign:
            weights = self.estimator.bin_weights_[place]
            scores[:-1] = in_direction(scores[:-1], weights[:-1], sign)
        return Term(Axis(feature.name, cuts=np.asarray(bins)), scores[:-1])


class LogisticOnBins:
    """Logistic regression (scikit-learn) on bins, with the strength chosen by cross-validation.

    Examples
    --------
    >>> X = pd.DataFrame({"visits": np.arange(400.0) % 8})
    >>> one = Feature("visits", "visits", "engagement", "number")
    >>> found = LogisticOnBins().fit(X, X["visits"] > 3, features=[one])
    >>> intercept, (term,) = found.terms()
    >>> term.axis.cuts, bool(term.log_odds[1] < 0 < term.log_odds[-1])
    (array([2., 4., 6.]), True)
    """

    name: ClassVar[str] = "logistic points"

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
        """Cut numbers at quantiles, then learn all bins at once."""
        X, y, sample_weight, groups = that_count(X, y, sample_weight, groups)
        kept, self.left_out = learnable(X, features)
        axes = [_binned(one, X) for one in kept]
        self.intercept_, self.terms_ = base_odds(y, sample_weight), list[Term]()
        if not axes:
            return self
        codes = [_coding(axis) for axis in axes]
        table = _coded(axes, codes, X)
        model = _regularised(table, y, sample_weight, groups, seed)
        self.intercept_ = float(model.intercept_[0])
        spread = _covariance(table, model, sample_weight) * design_factor(groups) ** 2
        start = 0
        for one, axis, code in zip(kept, axes, codes, strict=True):
            part = slice(start, start + code.shape[1])
            start = part.stop
            counts = np.bincount(axis.bins(X), minlength=axis.size)
            centre = counts @ code / max(counts.sum(), 1)
            self.intercept_ += float(centre @ model.coef_[0, part])
            told = _told(axis, code - centre, model.coef_[0, part], spread[part, part], counts)
            if sign := _sign(one, directions):
                told = replace(told, log_odds=in_direction(told.log_odds, counts, sign))
            self.terms_.append(told)
        return self

    def log_odds(self, X: pd.DataFrame) -> Array:
        """Log-odds of a win: the sum of the terms."""
        return sum_of(self.intercept_, self.terms_, X)

    def terms(self) -> tuple[float, list[Term]]:
        """Give the intercept and the table of each feature."""
        return self.intercept_, [joined(one) for one in self.terms_]


def _sign(feature: Feature, directions: Mapping[str, int] | None) -> int:
    return (directions or {}).get(feature.name, 0) if feature.kind == "number" else 0


def _binned(feature: Feature, X: pd.DataFrame) -> Axis:
    if feature.kind == "category":
        return Axis(feature.name, categories=frequent(X[feature.name]))
    return Axis(feature.name, cuts=_cut(feature, X, *COARSE))


def _cut(feature: Feature, X: pd.DataFrame, shares: Sequence[float], near: float) -> Array:
    return round_cuts(X[feature.name].to_numpy(np.float64, na_value=np.nan), shares, near)


def _coding(axis: Axis) -> Array:
    """How the bins of a feature are told to the regression, a row for each bin.

    A number by steps: one for missing, and one for each cut that the value has reached, so that
    neighbouring bins are alike unless the leads say otherwise. A category by its name; a rare or
    unheard-of one by nothing.
    """
    if axis.cuts is None:
        return np.delete(np.eye(axis.size), 1, axis=1)
    code = np.zeros((axis.size, axis.size - 1))
    code[0, 0] = 1
    code[1:, 1:] = np.tri(axis.size - 1, axis.size - 2, k=-1)
    return code


def _told(axis: Axis, code: Array, weights: Array, spread: Array, counts: Array) -> Term:
    """What a feature adds, against the average lead; what no lead had says nothing."""
    says = counts > 0
    if axis.categories is not None:
        says[1] = False  # rare, or unheard of
    together = code @ spread @ code.T
    return Term(axis, np.where(says, code @ weights, 0.0), np.sqrt(np.diag(together)), together)


def _coded(axes: Sequence[Axis], codes: Sequence[Array], X: pd.DataFrame) -> Any:
    from scipy import sparse

    parts = [sparse.csr_matrix(code)[one.bins(X)] for one, code in zip(axes, codes, strict=True)]
    return sparse.hstack(parts, format="csr")


def _bags(groups: Array | None, bags: int, seed: int) -> Array | None:
    """Draw, for each bag, groups to learn from (1) and to stop by (-1); None where rows are alone.

    Left to itself the estimator holds out rows, so that it would stop by leads that it has seen.
    """
    if groups is None:
        return None
    codes, names = pd.factorize(groups)
    rng = np.random.default_rng(seed)
    lots = np.array([rng.permutation(len(names)) for _ in range(bags)])
    return np.where(lots < HELD_OUT * len(names), -1, 1)[:, codes].T.astype(np.int8)


def _regularised(
    table: Any, y: Array, weights: Array | None, groups: Array | None, seed: int
) -> Any:
    """Fit with the strength that predicts best in cross-validation."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    w = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)

    def fitted(strength: float, rows: Any) -> Any:
        model = LogisticRegression(C=strength, max_iter=300)
        return model.fit(table[rows], y[rows], sample_weight=w[rows])

    parts = min(FOLDS, int(min(y.sum(), len(y) - y.sum())))
    if parts < 2:
        return fitted(STRENGTHS[0], slice(None))
    losses = np.zeros(len(STRENGTHS))
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    dealt = kind(parts, shuffle=True, random_state=seed).split(table, y, groups)
    for train, test in dealt:
        for place, strength in enumerate(STRENGTHS):
            odds = fitted(strength, train).decision_function(table[test])
            losses[place] += float(w[test] @ (np.logaddexp(0, odds) - y[test] * odds))
    return fitted(STRENGTHS[int(losses.argmin())], slice(None))


def _covariance(table: Any, model: Any, weights: Array | None) -> Array:
    """Covariance of the coefficients, from the curvature of the penalised likelihood."""
    from scipy import sparse

    p = model.predict_proba(table)[:, 1]
    v = p * (1 - p) * (1 if weights is None else weights)
    whole = sparse.hstack([table, np.ones((len(v), 1))], format="csr")  # and the intercept
    curvature = (whole.T @ sparse.diags_array(v) @ whole).toarray()
    curvature[:-1, :-1] += np.eye(len(curvature) - 1) / model.C
    return np.asarray(np.linalg.inv(curvature)[:-1, :-1])
