"""Cards of nearly the same quality: which other features would do, and how many lines are enough.

All figures come from leads that the terms were not learned from, halves of the training leads; see
`model.card.choose_lines`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from features.blas_threads import one_blas_thread
from model.card.line_weights import Half, chances_at, fitted_log_odds
from model.training.intervals import Z95

Array = npt.NDArray[Any]
SHOWN = 5
NEARLY = 0.01  # AUC: a card that loses more is not of nearly the same quality
MOST = 30  # lines that are tried


class Swap(NamedTuple):
    """A card without one of the lines, and with another feature in its place.

    Attributes
    ----------
    without : str
    use : str or None
        None where the card is nearly as good without a replacement.
    auc_change, low, high : float
        Compared with the chosen card, with a 95% interval.
    """

    without: str
    use: str | None
    auc_change: float
    low: float
    high: float


@one_blas_thread
def best_swaps(
    halves: Sequence[Half], names: Sequence[str], chosen: Sequence[int], candidates: Sequence[int]
) -> list[Swap]:
    """List up to five cards that lose the least by using another feature.

    The interval allows for the overlap of the halves [1]_.

    References
    ----------
    .. [1] C. Nadeau, Y. Bengio, "Inference for the generalization error", Machine Learning 2003.
    """
    unused = [place for place in candidates if place not in chosen]
    if len(chosen) < 2:
        return []
    halves = [half for half in halves if 0 < half.y.sum() < len(half.y)]
    today = np.array([half_auc(half, chosen) for half in halves])
    swaps = []
    for line in chosen:
        rest = [place for place in chosen if place != line]
        use = _best_addition(halves, rest, unused)
        card = rest if use is None else [*rest, use]
        change = np.array([half_auc(half, card) for half in halves]) - today
        mean = float(change.mean())
        error = float(change.std(ddof=1)) * np.sqrt(1 / len(change) + 1)
        name = None if use is None else names[use]
        low, high = mean - Z95 * error, mean + Z95 * error
        swaps.append(Swap(names[line], name, mean, float(low), float(high)))
    swaps.sort(key=lambda swap: -swap.auc_change)
    return [swap for swap in swaps if swap.auc_change >= -NEARLY][:SHOWN]


def _best_addition(
    halves: Sequence[Half], card: Sequence[int], unused: Sequence[int]
) -> int | None:
    """The unused term with the largest score statistic next to the card."""
    if not unused:
        return None
    statistic = np.zeros(len(unused))
    for half in halves:
        p = chances_at(fitted_log_odds(half, card))
        terms, information = half.contributions[:, list(unused)], half.weights * p * (1 - p)
        score = terms.T @ (half.weights * (half.y - p))
        variance = (terms**2).T @ information
        statistic += np.maximum(score, 0) ** 2 / np.maximum(variance, 1e-9)
    return unused[int(statistic.argmax())]


@one_blas_thread
def lines_needed(halves: Sequence[Half], ranked: Sequence[int]) -> int | None:
    """Count the lines that come within 0.01 AUC of all features; None where that takes too many.

    Parameters
    ----------
    ranked : sequence of int
        All terms that take part, the strongest first.
    """
    halves = [half for half in halves if 0 < half.y.sum() < len(half.y)]
    if not halves or not ranked:
        return None
    best = _mean_auc(halves, ranked)
    for lines in range(1, min(len(ranked), MOST) + 1):
        if _mean_auc(halves, ranked[:lines]) >= best - NEARLY:
            return lines
    return None


def _mean_auc(halves: Sequence[Half], places: Sequence[int]) -> float:
    return float(np.mean([half_auc(half, places) for half in halves])) if halves else 0.5


def half_auc(half: Half, places: Sequence[int]) -> float:
    """AUC of some terms on leads that they were not learned from."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(half.y, fitted_log_odds(half, places)))
