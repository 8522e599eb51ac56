"""What the data says of the expected directions when nothing is asked of it.

Both teams expect some facts to speak for a lead, or against it, and the served curves are made to
rise or fall as they do. So a wrong expectation would never be seen. Here the expected features are
learnt once more, freely, all of them together; where a free curve goes the other way by more than
its standard errors allow, people should hear of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm

from features.families.feature import Feature
from model.training.bins import Term
from model.training.compile_scorecard import labels
from model.training.estimators import LogisticOnBins

Array = npt.NDArray[Any]
LUCK = 0.05  # chance that some pair of bins seems to contradict, where none does
POINTS = 10 / np.log(2)  # points for each unit of log-odds


def free_curves(
    X: pd.DataFrame,
    y: Array,
    features: Sequence[Feature],
    expected: Mapping[str, int],
    *,
    sample_weight: Array | None = None,
    groups: Array | None = None,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """Learn the expected features without directions, and say which contradict what was expected.

    Parameters
    ----------
    expected : mapping
        Feature to 1 (increasing) or -1.
    groups : array, optional
        Whose rows are alike, where leads are judged again and again.

    Returns
    -------
    list of dict
        For each that can be learnt: ``feature, words, expected`` (in words), ``labels``, ``cuts``,
        ``points`` of the free curve with ``low`` and ``high`` (95 %), ``contradicted``, and
        ``says``: which two values contradict the most (None where none does).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"opens": rng.integers(0, 9, 3000).astype(float)})
    >>> y = (rng.random(3000) < 0.5 - 0.05 * X["opens"]).astype(float).to_numpy()
    >>> opens = Feature("opens", "e-mails opened", "engagement", "number")
    >>> (told,) = free_curves(X, y, [opens], {"opens": 1})
    >>> told["contradicted"], told["says"]
    (True, '7 or more is worth less than under 3')
    """
    some = [one for one in features if one.name in expected and one.kind == "number"]
    if not some or len(np.unique(y)) < 2:
        return []
    how: dict[str, Any] = {"features": some, "groups": groups, "seed": seed}
    fitted = LogisticOnBins().fit(X, y, sample_weight=sample_weight, **how)
    named = {one.name: one for one in some}
    return [
        _told(term, named[term.axis.feature], expected[term.axis.feature], X)
        for term in fitted.terms()[1]
        if term.axis.cuts is not None and len(term.axis.cuts)
    ]


def _told(term: Term, feature: Feature, sign: int, X: pd.DataFrame) -> dict[str, Any]:
    assert term.axis.cuts is not None
    names = labels(term.axis.cuts, X[feature.name])
    values = term.log_odds[1:]  # the first bin is: missing
    errors = np.zeros(len(values)) if term.errors is None else term.errors[1:]
    worst = contradiction(values, errors, sign)
    says = None
    if worst is not None:
        low, high = worst
        says = f"{names[high]} is worth {'less' if sign > 0 else 'more'} than {names[low]}"
    wide = norm.ppf(0.975) * errors
    return {
        "feature": feature.name,
        "words": feature.words,
        "expected": "increasing" if sign > 0 else "decreasing",
        "labels": names,
        "cuts": term.axis.cuts.tolist(),
        "points": (POINTS * values).tolist(),
        "low": (POINTS * (values - wide)).tolist(),
        "high": (POINTS * (values + wide)).tolist(),
        "contradicted": worst is not None,
        "says": says,
    }


def contradiction(values: Array, errors: Array, sign: int) -> tuple[int, int] | None:
    """Find the two bins that go the wrong way the most surely; None where luck may do as much.

    Every pair of bins is looked at, so the bar is higher the more there are (Bonferroni).

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
    return pairs[worst] if z[worst] > norm.ppf(1 - LUCK / len(pairs)) else None
