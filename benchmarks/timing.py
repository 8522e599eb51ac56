"""How long work takes: the shortest of several runs, which other programs disturb least."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def shortest_time(work: Callable[[], Any], repeats: int = 3) -> float:
    """Return the seconds of the shortest of several runs.

    Examples
    --------
    >>> 0.01 < shortest_time(lambda: time.sleep(0.02)) < 1
    True
    """
    taken = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return min(taken)
