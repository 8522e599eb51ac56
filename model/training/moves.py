"""How far scores move when leads are added: the yardstick for the model that is served.

The served model has learned from more leads than the judged one, so its scores differ a little. How
much added leads usually move them is seen in the folds, each of which was learned from more leads
than the one before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
POINTS = 10 / np.log(2)  # for each unit of log-odds: 10 points double the odds
REFERENCE = 5_000  # leads on which scores are compared


class Move(NamedTuple):
    """How far scores moved between two models of the same recipe.

    Attributes
    ----------
    points : float
        Root mean square of the difference in points, differences in level aside.
    before, after : int
        Won leads that each of them learned from.
    """

    points: float
    before: int
    after: int


def move_between(before: Array, after: Array, won_before: int, won_after: int) -> Move:
    """Compare the log-odds of the same leads by two models.

    Examples
    --------
    >>> move_between(np.array([0.0, 1.0]), np.array([1.0, 2.0]), 50, 60)
    Move(points=0.0, before=50, after=60)
    """
    return Move(float(POINTS * np.std(np.asarray(after) - before)), won_before, won_after)


def expected_points(moves: Sequence[Move], before: int, after: int) -> float | None:
    """Give the points by which scores are expected to move, from what was seen in the folds.

    The variance of an estimate falls with the wins that it rests on, so the mean square of a move
    is taken to be proportional to ``1 / before - 1 / after``.

    Returns
    -------
    float or None
        None where no fold learned from more wins than the one before.

    Examples
    --------
    >>> round(expected_points([Move(4.0, 50, 100)], 100, 200), 2)
    2.83
    """
    grown = [move for move in moves if move.after > move.before]
    if not grown or after <= before:
        return None
    rates = [move.points**2 / (1 / move.before - 1 / move.after) for move in grown]
    return float(np.sqrt(np.mean(rates) * (1 / before - 1 / after)))


def reference_rows(rows: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """Pick evenly spaced leads to compare scores on."""
    places = np.flatnonzero(rows)
    return places[np.linspace(0, len(places) - 1, min(len(places), REFERENCE)).astype(np.intp)]
