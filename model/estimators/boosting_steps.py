"""The steps of a bag of boosting, and when they end.

A step adds a small tree on one column. The compiled core of interpret-core finds and takes it; what
does not change from step to step is made once.
"""

from __future__ import annotations

import ctypes
from collections import deque
from collections.abc import Sequence
from math import inf, isfinite
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
LEAVES, LEAST_LEADS, LEAST_HESSIAN = 2, 4, 1e-4  # of the small tree of a step
LEAST_IN_CATEGORY, CATEGORY_SMOOTHING, CATEGORY_GAIN = 10, 10.0, 5.0
ALL_CATEGORIES = 2**63 - 1, 1.0  # may be told apart in a step
TOLERANCE = 1e-5  # of the loss: a smaller gain is none


class Column(NamedTuple):
    """A feature as boosting sees it.

    Attributes
    ----------
    codes : array of int64, shape (n,)
        The bin of each lead; 0 where the value is missing.
    size : int
        How many bins there are; the last one is for values never seen.
    nominal : bool
        Whether the bins have no order.
    direction : int
        1 where log-odds never fall from bin to bin, -1 where they never rise, else 0.
    """

    codes: Array
    size: int
    nominal: bool
    direction: int


def compiled_core() -> Any:
    """Give interpret-core's compiled functions."""
    from interpret.utils._native import Native

    return Native.get_native_singleton()


class Steps:
    """The steps of one bag; what they share is made once."""

    def __init__(self, booster: Any, columns: Sequence[Column], rate: float, random: Array) -> None:
        from interpret.utils._native import Native

        self.booster, self.random, self.handle = booster, random, booster._booster_handle
        self.functions, self.failure = compiled_core()._unsafe, Native._get_native_exception
        self.flags = Native.TermBoostFlags_Default | Native.TermBoostFlags_MissingSeparate
        self.random_cuts = self.flags | Native.TermBoostFlags_RandomSplits
        self.order = np.arange(len(columns), dtype=np.int64)
        self.gains = [CATEGORY_GAIN if column.nominal else 1.0 for column in columns]
        leaves = np.array([LEAVES], dtype=np.int64)
        directions = np.array([column.direction for column in columns], dtype=np.int32)
        self.kept = leaves, directions  # while their addresses are in use
        self.directions = [
            directions.ctypes.data + directions.itemsize * term for term in range(len(columns))
        ]
        limits = LEAST_LEADS, LEAST_HESSIAN, 0.0, 0.0, 0.0, LEAST_IN_CATEGORY, CATEGORY_SMOOTHING
        self.settings = (rate, *limits, *ALL_CATEGORIES, leaves.ctypes.data)
        self.seed, self.gain, self.loss = ctypes.c_int32(), ctypes.c_double(), ctypes.c_double()
        self.address = random.ctypes.data
        self.seed_to, self.gain_to = ctypes.byref(self.seed), ctypes.byref(self.gain)
        self.loss_to = ctypes.byref(self.loss)

    def shuffled(self) -> list[int]:
        """All terms, in an order that changes from round to round."""
        compiled_core().shuffle(self.random, self.order)
        order: list[int] = self.order.tolist()
        return order

    def look(self, term: int, *, random_cuts: bool = False) -> tuple[float, int, int]:
        """Find the best step of a term; what gains more sorts before what gains less."""
        failed = self.functions.GenerateTermUpdate(
            self.address,
            self.handle,
            term,
            self.random_cuts if random_cuts else self.flags,
            *self.settings,
            self.directions[term],
            self.gain_to,
        )
        failed = failed or self.functions.GenerateSeed(self.address, self.seed_to)
        if failed:
            raise self.failure(failed, "GenerateTermUpdate")
        self.booster._term_idx = term
        return -(self.gain.value * self.gains[term]), self.seed.value, term

    def update(self) -> Array:
        """What the step that was just found changes."""
        update: Array = self.booster.get_term_update()
        return update

    def repeat(self, look: Any, update: Any) -> tuple[float, int, int]:
        """Come back to a step that was found before."""
        self.booster.set_term_update(look[2], update)
        found: tuple[float, int, int] = look
        return found

    def take(self) -> float:
        """Take the step; return the loss of the leads that are held out."""
        failed = self.functions.ApplyTermUpdate(self.handle, self.loss_to)
        if failed:
            raise self.failure(failed, "ApplyTermUpdate")
        return self.loss.value


class Patience:
    """Ends where the smallest of the recent losses is no smaller than one before them.

    Examples
    --------
    >>> patience = Patience(2)
    >>> [patience.ends(loss) for loss in (0.6, 0.5, 0.4, 0.4, 0.4)]
    [False, False, False, False, True]
    """

    def __init__(self, steps: int) -> None:
        self.lowest = self.before = inf
        self.recent = deque([inf] * steps)
        self.minima = deque[tuple[int, float]]()  # of the recent losses from each of them on
        self.steps, self.step = steps, 0

    def ends(self, loss: float) -> bool:
        """Note the loss of a step; say whether it was the last."""
        tolerance = min(abs(self.lowest), abs(self.before)) * TOLERANCE
        self.lowest = min(loss, self.lowest)
        if not self.steps:
            return False
        self.recent.append(loss)
        self.before = min(self.recent.popleft(), self.before)
        while self.minima and self.minima[-1][1] >= loss:
            self.minima.pop()
        self.minima.append((self.step, loss))
        if self.minima[0][0] <= self.step - self.steps:
            self.minima.popleft()
        self.step += 1
        allowed = tolerance if isfinite(tolerance) else 0.0
        return self.before - allowed <= self.minima[0][1]
