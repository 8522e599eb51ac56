"""Linear algebra in one thread: several wait for each other longer than small products take."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def one_blas_thread(function: Callable[P, R]) -> Callable[P, R]:
    """Run a function with one thread for linear algebra.

    Examples
    --------
    >>> one_blas_thread(abs)(-1)
    1
    """

    @wraps(function)
    def limited(*args: P.args, **options: P.kwargs) -> R:
        from threadpoolctl import threadpool_limits

        with threadpool_limits(limits=1, user_api="blas"):
            return function(*args, **options)

    return limited
