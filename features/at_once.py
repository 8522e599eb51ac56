"""Steps that have nothing to do with each other run in threads, and items are made ahead of need.

Arrow, DuckDB and most of numpy leave Python alone while they work, so two steps share two cores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar, overload

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")
_END: Any = object()


@overload
def at_once(first: Callable[[], A], second: Callable[[], B], /) -> tuple[A, B]: ...
@overload
def at_once(*steps: Callable[[], T]) -> tuple[T, ...]: ...
def at_once(*steps: Callable[[], Any]) -> tuple[Any, ...]:
    """Run steps in two threads and wait for all; give their results in the order of the steps.

    Raises
    ------
    Exception
        What the first of the steps raised that failed, once all have ended.

    Examples
    --------
    >>> at_once(lambda: "leads", lambda: 7)
    ('leads', 7)
    """
    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(copy_context().run, step) for step in steps]
    return tuple(step.result() for step in running)


def one_ahead(items: Iterator[T]) -> Iterator[T]:
    """Make the next item in a thread while the one before is used.

    Examples
    --------
    >>> list(one_ahead(iter("abc")))
    ['a', 'b', 'c']
    """
    step = partial(copy_context().run, lambda: next(items, _END))
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(step)
        while (item := coming.result()) is not _END:
            coming = pool.submit(step)
            yield item
