"""Weights for the leads that sales worked, by how likely each was to be worked.

The outcome of a lead that sales never worked is unknown. A model that leaves such leads out learns
from the leads that sales preferred. Weighted by the inverse of the chance to be worked (inverse
propensity weighting), the worked leads represent all leads. That holds where sales worked at least
a few leads of a kind. Where it worked almost none, no weight helps: such kinds are named, and
their leads get a warning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.blas_threads import one_blas_thread
from features.families.feature import Feature
from model.estimators.bins import Term, learnable_features, rare_below
from model.estimators.group_folds import stratified_folds
from model.estimators.logistic import losses_held_out
from model.training.intervals import design_factor, win_rate_interval
from model.weighting.entropy_balancing import entropy_balanced_weights
from model.weighting.worked_slices import (
    ALMOST_NONE,
    SlicedLeads,
    WorkedSlice,
    in_any_slice,
    slice_leads,
    unsupported_slices,
    worked_by_slice,
)

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
STRENGTHS = (0.03, 0.1, 0.3, 1.0, 3.0)  # C of the regression; more is less regularised
FOLDS = 4
LARGEST_SAMPLE = 10_000  # leads by which the regularisation is chosen
ROUGH = 1e-3  # tolerance of those fits: enough to see which regularisation predicts best
LARGEST = 10.0  # weight of a lead, where the average is 1


@dataclass(frozen=True)
class Propensity:
    """The estimated log-odds of a lead to be worked: an intercept and a term for each feature."""

    intercept: float
    terms: list[Term]

    def probability(self, sliced: SlicedLeads) -> Array:
        """Give the estimated chance of each lead to be worked."""
        log_odds = np.full(len(sliced.bins), self.intercept)
        for place, term in enumerate(self.terms):
            log_odds += term.log_odds[sliced.bins[:, place]]
        return np.asarray(1 / (1 + np.exp(-log_odds)))


@dataclass(frozen=True)
class RarelyWorked:
    """Leads with a combination of values that sales hardly ever worked.

    Attributes
    ----------
    floor : float
        The estimated chance to be worked below which there is no prediction.
    leads, worked : int
        Number of leads below it, and how many of them sales worked.
    propensity : Propensity
    """

    floor: float
    leads: int
    worked: int
    propensity: Propensity

    def reason_text(self) -> str:
        """Say why there is no prediction for such leads."""
        return (
            f"sales worked {self.worked:,} of {self.leads:,} leads with a similar combination of "
            "values"
        )

    def to_json(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {"floor": self.floor, "leads": self.leads, "worked": self.worked}

    def scorecard_entry(self) -> dict[str, Any]:
        """Write it for ``no_claim`` of the scorecard, which warns of such leads."""
        return {
            "says": self.reason_text(),
            "below": float(np.log(self.floor / (1 - self.floor))),
            "intercept": self.propensity.intercept,
            "features": [_term_json(term) for term in self.propensity.terms],
        }


def _term_json(term: Term) -> dict[str, Any]:
    binning = term.binning
    bins: dict[str, Any] = {"kind": "category", "categories": list(binning.categories or ())}
    if binning.cuts is not None:
        bins = {"kind": "number", "cuts": binning.cuts.tolist()}
    return {"name": binning.feature, **bins, "log_odds": term.log_odds.tolist()}


@dataclass(frozen=True)
class WorkedWeights:
    """The weights of the worked leads, and where there are none.

    Attributes
    ----------
    worked : array of bool, shape (n,)
    propensity : array, shape (n,)
        Estimated chance of each lead to be worked; NaN where sales works almost no such lead.
    weight : array, shape (n,)
        Of the worked leads, with a mean of 1 over those with a propensity; 0 for all others. A
        worked lead without a propensity keeps 1.
    slices, unsupported : list of WorkedSlice
        The share worked by each value, and the slices of which sales worked almost no lead.
    clipped : array of bool, shape (n,)
        Whose weight was larger than `LARGEST`.
    rarely_worked : RarelyWorked or None
        Leads outside those slices whose combination of values sales hardly ever worked.
    """

    worked: Mask
    propensity: Array
    weight: Array
    slices: list[WorkedSlice]
    unsupported: list[WorkedSlice]
    clipped: Mask
    rarely_worked: RarelyWorked | None = None

    @property
    def supported(self) -> Mask:
        """Which leads have a propensity."""
        return np.isfinite(self.propensity)

    @property
    def effective_size(self) -> float:
        """Effective sample size of the worked leads."""
        return effective_sample_size(self.weight[self.worked])


def effective_sample_size(weight: Array) -> float:
    """Give Kish's effective sample size: the number of equal weights with the same precision.

    References
    ----------
    L. Kish, "Survey Sampling", 1965.

    Examples
    --------
    >>> weights = np.array([9.0, 1, 1, 1])
    >>> effective_sample_size(np.ones(100)), round(effective_sample_size(weights), 2)
    (100.0, 1.71)
    """
    squares = float(weight @ weight)
    return float(weight.sum() ** 2 / squares) if squares else 0.0


@one_blas_thread
def weight_worked_leads(
    X: pd.DataFrame,
    worked: Any,
    features: Sequence[Feature],
    *,
    learn_from: Mask | None = None,
    groups: Array | None = None,
    seed: int = 0,
) -> WorkedWeights:
    """Weight the worked leads to represent all leads.

    Parameters
    ----------
    X : DataFrame, shape (n, …)
        Features of all judged leads, worked or not.
    worked : array of bool, shape (n,)
        Whether sales followed up.
    features : sequence of Feature
        What sales may have selected by.
    learn_from : array of bool, shape (n,), optional
        Leads of which it is certain whether they were worked: the propensity is learned from them.
    groups : array, shape (n,), optional
        The cluster of each row, where leads are judged repeatedly.
    seed : int
        For the cross-validation of the estimate.

    Notes
    -----
    The weight is ``share worked / propensity``, stabilised to a mean of 1. The propensity is a
    regularised logistic regression on bins; what it misses is corrected by entropy balancing. No
    weight is larger than `LARGEST`. Slices of which almost no lead was worked are left out.

    References
    ----------
    J. M. Robins, M. A. Hernán and B. Brumback, "Marginal structural models and causal inference in
    epidemiology", Epidemiology 2000.

    Examples
    --------
    >>> X = pd.DataFrame({"region": ["home", "away"] * 500})
    >>> worked = (np.arange(1000) % 4 != 1) | (np.arange(1000) % 8 == 1)  # all at home, 3 in 4 away
    >>> region = Feature("region", "region", "firmographic", "category")
    >>> weights = weight_worked_leads(X, worked, [region])
    >>> np.round(weights.weight[[0, 3, 5]], 1), weights.unsupported
    (array([0.9, 1.2, 0. ]), [])
    """
    X = X.reset_index(drop=True)
    worked = np.asarray(worked, dtype=bool)
    sure = np.ones(len(X), dtype=bool) if learn_from is None else np.asarray(learn_from, dtype=bool)
    sliced = slice_leads(X, learnable_features(X[sure], features)[0], sure)
    slices = worked_by_slice(X, worked, sliced, sure)
    factor = design_factor(groups)
    unsupported = unsupported_slices(slices, X, worked, factor)
    supported = ~in_any_slice(unsupported, X)
    table, train = _indicators(sliced), supported & sure
    clusters = None if groups is None else groups[train]
    model = _fit_propensity(sliced, table[train], worked[train], clusters, seed)
    propensity = np.where(supported, model.probability(sliced), np.nan)
    rarely_worked = _rarely_worked(propensity, worked, model, factor)
    if rarely_worked:
        propensity[propensity < rarely_worked.floor] = np.nan
    weight, clipped = _balanced_weights(table, propensity, worked)
    return WorkedWeights(worked, propensity, weight, slices, unsupported, clipped, rarely_worked)


def _fit_propensity(
    sliced: SlicedLeads, table: Any, worked: Mask, groups: Array | None, seed: int
) -> Propensity:
    """Estimate the log-odds to be worked, with the regularisation that predicts best."""
    least = min(worked.sum(), (~worked).sum())
    if least < FOLDS or not table.shape[1]:
        return Propensity(float(np.log((worked.sum() + 0.5) / ((~worked).sum() + 0.5))), [])
    from sklearn.linear_model import LogisticRegression

    strength = _best_strength(table, worked, groups, seed)
    best = LogisticRegression(C=strength, max_iter=500).fit(table, worked)
    parts = np.split(best.coef_[0], sliced.starts[1:-1])
    terms = [Term(binning, part) for binning, part in zip(sliced.binnings, parts, strict=True)]
    return Propensity(float(best.intercept_[0]), terms)


def _best_strength(table: Any, worked: Mask, groups: Array | None, seed: int) -> float:
    """Choose the regularisation that predicts best; each fit starts from the one before."""
    from sklearn.linear_model import LogisticRegression

    some = np.random.default_rng(seed).permutation(len(worked))[:LARGEST_SAMPLE]
    drawn = None if groups is None else groups[some]
    folds = stratified_folds(worked[some], drawn, FOLDS, seed)
    model = LogisticRegression(max_iter=500, tol=ROUGH, warm_start=True)
    losses = losses_held_out(model, table[some], worked[some], np.ones(len(some)), folds, STRENGTHS)
    mean_losses = losses / np.array([[len(held_out)] for _, held_out in folds])
    return STRENGTHS[int(mean_losses.mean(axis=0).argmin())]


def _rarely_worked(
    propensity: Array, worked: Mask, model: Propensity, factor: float
) -> RarelyWorked | None:
    """Find leads whose propensity is below a quarter of the usual one, if the counts confirm it."""
    known = np.isfinite(propensity)
    if not known.any():
        return None
    floor = ALMOST_NONE * float(worked[known].mean())
    below = known & (propensity < floor)
    leads, few = int(below.sum()), int(worked[below].sum())
    _, high = win_rate_interval(few / factor**2, leads / factor**2)
    if leads < rare_below(len(propensity)) or high >= floor:
        return None
    return RarelyWorked(floor, leads, few, model)


def _indicators(sliced: SlicedLeads) -> Any:
    """Code which lead has which value or band, a column for each."""
    from scipy import sparse

    leads, features = sliced.bins.shape
    columns = (sliced.bins + sliced.starts[:-1]).ravel()
    ends = features * np.arange(leads + 1, dtype=sparse.get_index_dtype(maxval=len(columns)))
    return sparse.csr_array((np.ones(len(columns)), columns, ends), (leads, sliced.starts[-1]))


def _balanced_weights(table: Any, propensity: Array, worked: Mask) -> tuple[Array, Mask]:
    """Weight by share over propensity, balance and clip; tell which weights were clipped."""
    weight, clipped = worked.astype(np.float64), np.zeros(len(worked), dtype=bool)
    supported = np.isfinite(propensity)
    rows = worked & supported
    if not rows.any() or rows.sum() == supported.sum():
        return weight, clipped
    raw = float(worked[supported].mean()) / propensity[rows]
    raw = raw / raw.mean()
    if table.shape[1]:
        shares = np.asarray(table[supported].mean(axis=0)).ravel()
        raw = entropy_balanced_weights(table[rows], raw, shares)
    raw = raw / raw.mean()
    clipped[rows] = raw > LARGEST
    limited = np.minimum(raw, LARGEST)
    weight[rows] = limited / limited.mean()
    return weight, clipped
