"""The average of two ways to learn the same lines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.estimators.bins import Binning, Term


def blended_terms(some: Sequence[Term], others: Sequence[Term]) -> list[Term]:
    """Average terms of the same features, in bins that are fine enough for both.

    Examples
    --------
    >>> some = [Term(Binning("size", cuts=np.array([50.0])), np.array([0.0, -0.2, 0.2]))]
    >>> others = [Term(Binning("size", cuts=np.array([20.0])), np.array([0.0, -0.4, 0.4]))]
    >>> (term,) = blended_terms(some, others)
    >>> term.binning.cuts, term.log_odds.round(1)
    (array([20., 50.]), array([ 0. , -0.3,  0.1,  0.3]))
    """
    return [_blended(*pair) for pair in zip(some, others, strict=True)]


def _blended(some: Term, other: Term) -> Term:
    if some.binning.cuts is None or other.binning.cuts is None:
        return Term(some.binning, (some.log_odds + other.log_odds) / 2)
    cuts = np.union1d(some.binning.cuts, other.binning.cuts)
    from_values = np.r_[-np.inf, cuts]
    values = [
        np.r_[term.log_odds[0], term.log_odds[1:][np.searchsorted(own, from_values, side="right")]]
        for term, own in ((some, some.binning.cuts), (other, other.binning.cuts))
    ]
    return Term(Binning(some.binning.feature, cuts=cuts), (values[0] + values[1]) / 2)
