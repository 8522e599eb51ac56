"""Linear algebra in one thread: several wait for each other longer than small products take."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

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
        with _libraries(len(sys.modules)).limit(limits=1, user_api="blas"):
            return function(*args, **options)

    return limited


@lru_cache(maxsize=1)
def _libraries(modules: int) -> Any:
    """Find the libraries for linear algebra; anew if modules were imported that may bring some."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
