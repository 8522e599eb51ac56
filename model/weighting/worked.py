"""Leads that sales never worked: how likely each was to be worked, and what that allows to be said.

Nobody knows what would have become of a lead that nobody called. A model that leaves such leads out
learns from the ones that sales liked; weighed by the inverse of the chance to be worked, these
speak for all leads again. That holds where sales worked at least a few of a kind. Of a kind that it
never worked nothing can be learnt, whatever the weights: it is named, and no claim is made on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.families.feature import Feature
from model.training.bins import Binning, Term, learnable_features, rare_below, total_log_odds
from model.training.intervals import design_factor, win_rate_interval
from model.weighting.entropy_balancing import balanced
from model.weighting.worked_slices import NEARLY_NONE, Slice, axis_of, no_claim, shares, within

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
STRENGTHS = (0.03, 0.1, 0.3, 1.0, 3.0)  # of the regression; more is less regularised
FOLDS = 4
LARGEST = 10.0  # weight of a lead, where the average is 1
COLUMNS = 20  # of the histogram of chances
SHOWN = 5  # slices that are named as those of the clipped weights


@dataclass(frozen=True)
class Hardly:
    """Leads whose mixture of values sales hardly ever worked, such as those with a low old score.

    Attributes
    ----------
    floor : float
        The estimated chance to be worked below which nothing is claimed.
    leads, worked : int
        How many lie below it, and how many of them sales worked.
    intercept, terms
        The estimate, in log-odds.
    """

    floor: float
    leads: int
    worked: int
    intercept: float
    terms: list[Term]

    def said(self) -> str:
        """Say it in a sentence."""
        return (
            f"sales worked {self.worked:,} of the {self.leads:,} leads that were, all in all, like "
            "this one"
        )

    def to_json(self) -> dict[str, Any]:
        """Tell it as plain data."""
        return {"floor": self.floor, "leads": self.leads, "worked": self.worked}

    def served(self) -> dict[str, Any]:
        """Write it down for the scorecard, which warns of such leads."""
        return {
            "says": self.said(),
            "below": float(np.log(self.floor / (1 - self.floor))),
            "intercept": self.intercept,
            "features": [_served(one) for one in self.terms],
        }


def _served(term: Term) -> dict[str, Any]:
    axis = term.binning
    bins: dict[str, Any] = {"kind": "category", "categories": list(axis.categories or ())}
    if axis.cuts is not None:
        bins = {"kind": "number", "cuts": axis.cuts.tolist()}
    return {"name": axis.feature, **bins, "log_odds": term.log_odds.tolist()}


@dataclass(frozen=True)
class Weighed:
    """What weighing the worked leads came to.

    Attributes
    ----------
    worked : array of bool, shape (n,)
    chance : array, shape (n,)
        Estimated chance of each lead to be worked; NaN where no claim is made.
    weight : array, shape (n,)
        Of the worked leads, 1 in the mean over those of which something is claimed; 0 for all
        others. A worked lead of a slice without a claim keeps 1: it is learnt from as it is.
    slices, no_claim : list of Slice
        What share was worked by each value; those of which nothing is claimed.
    hardly : Hardly or None
        Leads of no one slice that sales hardly ever worked: of them nothing is claimed either.
    clipped : array of bool, shape (n,)
        Whose weight was larger than `LARGEST`.
    """

    worked: Mask
    chance: Array
    weight: Array
    slices: list[Slice]
    no_claim: list[Slice]
    clipped: Mask
    hardly: Hardly | None = None

    @property
    def effective(self) -> float:
        """Effective sample size: as many equally weighed leads would say as much."""
        return effective_size(self.weight[self.worked])

    @property
    def unlike(self) -> float:
        """Share of the never worked leads whose chance is below that of every worked one."""
        known = np.isfinite(self.chance)
        ignored = self.chance[known & ~self.worked]
        least = self.chance[known & self.worked].min(initial=1.0)
        return float((ignored < least).mean()) if len(ignored) else 0.0


def effective_size(weight: Array) -> float:
    """Give Kish's effective sample size.

    References
    ----------
    L. Kish, "Survey Sampling", 1965.

    Examples
    --------
    >>> effective_size(np.ones(100)), round(effective_size(np.array([9.0, 1, 1, 1])), 2)
    (100.0, 1.71)
    """
    squares = float(weight @ weight)
    return float(weight.sum() ** 2 / squares) if squares else 0.0


def weigh(
    X: pd.DataFrame,
    worked: Any,
    features: Sequence[Feature],
    *,
    learn_from: Mask | None = None,
    groups: Array | None = None,
    seed: int = 0,
) -> Weighed:
    """Weigh the worked leads so that they speak for all.

    Parameters
    ----------
    X : DataFrame, shape (n, …)
        What was known of all judged leads, worked or not.
    worked : array of bool, shape (n,)
        Whether sales followed up.
    features : sequence of Feature
        What sales may have chosen by.
    learn_from : array of bool, shape (n,), optional
        Of which leads it is sure whether they were worked: the chance is learnt from them.
    groups : array, shape (n,), optional
        Whose rows are alike, where leads are judged again and again.
    seed : int
        For the cross-validation of the estimate.

    Notes
    -----
    The weight is ``share worked / chance``: stabilised, so that it is 1 in the mean. The chance is
    a regularised logistic regression on bins; what it misses is balanced out. No
    weight is larger than `LARGEST`. Slices of which nearly no lead was worked take no part: there
    is no chance to speak of.

    References
    ----------
    J. M. Robins, M. A. Hernán and B. Brumback, "Marginal structural models and causal inference in
    epidemiology", Epidemiology 2000.

    Examples
    --------
    >>> X = pd.DataFrame({"region": ["home", "away"] * 500})
    >>> worked = (np.arange(1000) % 4 != 1) | (np.arange(1000) % 8 == 1)  # all at home, 3 in 4 away
    >>> found = weigh(X, worked, [Feature("region", "region", "firmographic", "category")])
    >>> np.round(found.weight[[0, 3, 5]], 1), found.no_claim
    (array([0.9, 1.2, 0. ]), [])
    """
    X = X.reset_index(drop=True)
    worked = np.asarray(worked, dtype=bool)
    sure = np.ones(len(X), dtype=bool) if learn_from is None else np.asarray(learn_from, dtype=bool)
    kept = learnable_features(X[sure], features)[0]
    found = shares(X[sure], worked[sure], kept)
    wide = design_factor(groups)
    refused = no_claim(found, X, worked, wide)
    spoken = ~within(refused, X)
    axes = [axis_of(one, X[sure]) for one in kept]
    learnt = spoken & sure
    by = None if groups is None else groups[learnt]
    intercept, terms = _chance(X[learnt], worked[learnt], axes, by, seed)
    chance = np.where(spoken, _sigmoid(total_log_odds(intercept, terms, X)), np.nan)
    hardly = _hardly(chance, worked, intercept, terms, wide)
    if hardly:
        chance[chance < hardly.floor] = np.nan
    weight, clipped = _stabilised(X, chance, worked, axes)
    return Weighed(worked, chance, weight, found, refused, clipped, hardly)


def _chance(
    X: pd.DataFrame, worked: Mask, axes: Sequence[Binning], groups: Array | None, seed: int
) -> tuple[float, list[Term]]:
    """Estimate the log-odds to be worked, with the strength that predicts best."""
    least = min(worked.sum(), (~worked).sum())
    if least < FOLDS or not axes:
        return float(np.log((worked.sum() + 0.5) / ((~worked).sum() + 0.5))), []
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_val_score

    table = _values(axes, X)
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    parts = kind(FOLDS, shuffle=True, random_state=seed)
    models = [LogisticRegression(C=one, max_iter=500) for one in STRENGTHS]
    found = [
        cross_val_score(one, table, worked, groups=groups, cv=parts, scoring="neg_log_loss").mean()
        for one in models
    ]
    best = models[int(np.argmax(found))].fit(table, worked)
    tables = np.split(best.coef_[0], np.cumsum([one.size for one in axes])[:-1])
    return float(best.intercept_[0]), [Term(*one) for one in zip(axes, tables, strict=True)]


def _hardly(
    chance: Array, worked: Mask, intercept: float, terms: list[Term], wide: float
) -> Hardly | None:
    """Find leads whose chance is below a quarter of the usual one, if the counts bear it out."""
    known = np.isfinite(chance)
    if not known.any():
        return None
    floor = NEARLY_NONE * float(worked[known].mean())
    below = known & (chance < floor)
    leads, few = int(below.sum()), int(worked[below].sum())
    said = win_rate_interval(few / wide**2, leads / wide**2)
    if leads < rare_below(len(chance)) or said[1] >= floor:
        return None
    return Hardly(floor, leads, few, intercept, terms)


def _sigmoid(odds: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-odds)))


def _values(axes: Sequence[Binning], X: pd.DataFrame) -> Any:
    """Tell which lead has which value or band, a column for each."""
    from scipy import sparse

    parts = [sparse.eye_array(one.size, format="csr")[one.bins(X)] for one in axes]
    return sparse.hstack(parts, format="csr")


def _stabilised(
    X: pd.DataFrame, chance: Array, worked: Mask, axes: Sequence[Binning]
) -> tuple[Array, Mask]:
    """Weigh by share over chance, and balance; clip, and say whom."""
    weight, clipped = worked.astype(np.float64), np.zeros(len(worked), dtype=bool)
    spoken = np.isfinite(chance)
    here = worked & spoken
    if not here.any() or here.sum() == spoken.sum():
        return weight, clipped
    raw = float(worked[spoken].mean()) / chance[here]
    raw = raw / raw.mean()
    if axes:
        table = _values(axes, X)
        raw = balanced(table[here], raw, np.asarray(table[spoken].mean(axis=0)).ravel())
    raw = raw / raw.mean()
    clipped[here] = raw > LARGEST
    cut = np.minimum(raw, LARGEST)
    weight[here] = cut / cut.mean()
    return weight, clipped


def as_json(found: Weighed, X: pd.DataFrame) -> dict[str, Any]:
    """Tell what came of it as plain data, for the record and the report."""
    fit = [one for one in found.slices if one.family != "engagement"]
    by: dict[str, dict[str, float]] = {}
    for one in fit:
        by.setdefault(one.feature, {})[one.value] = one.share
    weight = found.weight[found.worked]
    return {
        "share": float(found.worked.mean()) if len(found.worked) else None,
        "leads": len(found.worked),
        "worked": int(found.worked.sum()),
        "by": by,
        "slices": [one.to_json() for one in fit],
        "weights": {
            "ess": found.effective,
            "clipped": int(found.clipped.sum()),
            "clipped_where": _where(found, X),
            "largest": float(weight.max(initial=0.0)),
            "limit": LARGEST,
        },
        "overlap": overlap(found),
        "balance": balance(found, X),
        "no_claim": [one.to_json() for one in found.no_claim],
        "hardly": found.hardly.to_json() if found.hardly else None,
        "served": [one.served() for one in (*found.no_claim, found.hardly) if one],
    }


def overlap(found: Weighed) -> dict[str, Any]:
    """Count worked and never worked leads by their chance to be worked."""
    edges = np.linspace(0, 1, COLUMNS + 1)
    known = np.isfinite(found.chance)
    counts = {
        name: np.histogram(found.chance[known & rows], edges)[0].tolist()
        for name, rows in (("worked", found.worked), ("never worked", ~found.worked))
    }
    return {"edges": edges.tolist(), **counts, "unlike_any_worked": found.unlike}


def balance(found: Weighed, X: pd.DataFrame) -> dict[str, float]:
    """How far the worked leads are from all leads, before and after weighing.

    The largest difference in the share of any slice, in standard deviations of that share.
    """
    spoken = np.isfinite(found.chance)
    here = spoken & found.worked
    if not here.any():
        return {"before": 0.0, "after": 0.0}
    far = {"before": 0.0, "after": 0.0}
    for one in found.slices:
        holds = one.holds(X)
        real = float(holds[spoken].mean())
        spread = np.sqrt(real * (1 - real))
        if spread > 0:
            plain = float(holds[here].mean())
            weighed = float(np.average(holds[here], weights=found.weight[here]))
            far["before"] = max(far["before"], float(abs(plain - real) / spread))
            far["after"] = max(far["after"], float(abs(weighed - real) / spread))
    return far


def _where(found: Weighed, X: pd.DataFrame) -> list[dict[str, Any]]:
    """Name the slices in which the most clipped weights lie, against their share of the leads."""
    if not found.clipped.any():
        return []
    rows = []
    for one in found.slices:
        clipped = int((one.holds(X) & found.clipped).sum())
        usual = one.worked / max(int(found.worked.sum()), 1)
        more = clipped - usual * int(found.clipped.sum())
        rows.append((more, {"feature": one.feature, "value": one.value, "leads": clipped}))
    ranked = sorted(rows, key=lambda one: -one[0])[:SHOWN]
    return [one for more, one in ranked if more > 0]
