"""Whether the data agrees with the directions that both teams expect.

The served curves are made to rise or fall as the definition expects, which hides a wrong
expectation. Here the expected features are fitted once more, together and without the constraint.
Where an unconstrained curve goes the other way by more than its standard errors allow, it is
reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm

from features.families.feature import Feature
from model.card.labels import number_labels
from model.card.lines import POINTS
from model.estimators.bins import Term
from model.estimators.logistic import LogisticOnBins

Array = npt.NDArray[Any]
LEVEL = 0.05  # chance that some pair of bins seems to contradict, where none does


@dataclass(frozen=True)
class UnconstrainedCurve:
    """The points of an expected feature, fitted without its direction.

    Attributes
    ----------
    feature, words, expected : str
        Its name, what it means, and ``increasing`` or ``decreasing``.
    labels, cuts : list
        The bins in words, and the numbers between them.
    points, low, high : list of float
        Points of each bin with their 95% interval.
    contradicted : bool
        Whether two bins go the other way beyond chance.
    finding : str or None
        The two bins that contradict the most, in words.
    """

    feature: str
    words: str
    expected: str
    labels: list[str]
    cuts: list[float]
    points: list[float]
    low: list[float]
    high: list[float]
    contradicted: bool
    finding: str | None

    def to_json(self) -> dict[str, Any]:
        """Give it as plain data."""
        return asdict(self)


def unconstrained_curves(
    X: pd.DataFrame,
    y: Array,
    features: Sequence[Feature],
    expected: Mapping[str, int],
    *,
    sample_weight: Array | None = None,
    groups: Array | None = None,
    seed: int = 0,
) -> list[UnconstrainedCurve]:
    """Fit the expected features without their directions, and see which ones contradict them.

    Parameters
    ----------
    X, y
        Features and outcomes (1 for won) of the training leads.
    expected : mapping
        Feature to 1 (increasing) or -1.
    groups : array, optional
        The cluster of each row, where leads are judged repeatedly.

    Returns
    -------
    list of UnconstrainedCurve
        One for each expected number that can be learned.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"opens": rng.integers(0, 9, 3000).astype(float)})
    >>> y = (rng.random(3000) < 0.5 - 0.05 * X["opens"]).astype(float).to_numpy()
    >>> opens = Feature("opens", "emails opened", "engagement", "number")
    >>> (curve,) = unconstrained_curves(X, y, [opens], {"opens": 1})
    >>> curve.contradicted, curve.finding
    (True, '7 or more is worth less than under 3')
    """
    chosen = {
        feature.name: feature
        for feature in features
        if feature.name in expected and feature.kind == "number"
    }
    if not chosen or len(np.unique(y)) < 2:
        return []
    fitted = LogisticOnBins().fit(
        X, y, features=list(chosen.values()), sample_weight=sample_weight, groups=groups, seed=seed
    )
    return [
        _curve(term, chosen[term.binning.feature], expected[term.binning.feature], X)
        for term in fitted.terms()[1]
        if term.binning.cuts is not None and len(term.binning.cuts)
    ]


def _curve(term: Term, feature: Feature, sign: int, X: pd.DataFrame) -> UnconstrainedCurve:
    assert term.binning.cuts is not None
    names = number_labels(feature, term.binning.cuts, X[feature.name])
    values = term.log_odds[1:]  # the first bin is: missing
    errors = np.zeros(len(values)) if term.errors is None else term.errors[1:]
    worst = contradiction(values, errors, sign)
    finding = None
    if worst is not None:
        low, high = worst
        finding = f"{names[high]} is worth {'less' if sign > 0 else 'more'} than {names[low]}"
    half = norm.ppf(0.975) * errors
    return UnconstrainedCurve(
        feature.name,
        feature.words,
        "increasing" if sign > 0 else "decreasing",
        names,
        term.binning.cuts.tolist(),
        (POINTS * values).tolist(),
        (POINTS * (values - half)).tolist(),
        (POINTS * (values + half)).tolist(),
        worst is not None,
        finding,
    )


def contradiction(values: Array, errors: Array, sign: int) -> tuple[int, int] | None:
    """Find the two bins that most clearly go the wrong way; None where it may be chance.

    Every pair of bins is compared, and the threshold allows for their number (Bonferroni).

    Examples
    --------
    >>> contradiction(np.array([0.0, 0.5, 0.1]), np.array([0.1, 0.1, 0.1]), 1)
    (1, 2)
    >>> contradiction(np.array([0.0, 0.5, 0.4]), np.array([0.1, 0.1, 0.1]), 1) is None
    True
    """
    pairs = list(combinations(range(len(values)), 2))
    if not pairs:
        return None
    z = [
        (values[i] - values[j]) * sign / max(float(np.hypot(errors[i], errors[j])), 1e-12)
        for i, j in pairs
    ]
    worst = int(np.argmax(z))
    return pairs[worst] if z[worst] > norm.ppf(1 - LEVEL / len(pairs)) else None
