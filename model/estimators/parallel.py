"""Processes and threads: as many as help."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def in_processes(**options: Any) -> Any:
    """Give joblib's runner, a process for each core that finds this project's packages.

    Examples
    --------
    >>> from joblib import delayed
    >>> in_processes()(delayed(abs)(number) for number in (-1, 2))
    [1, 2]
    """
    from joblib import Parallel

    return Parallel(n_jobs=-1, initializer=import_module, initargs=("leadready",), **options)


def one_blas_thread(function: Callable[P, R]) -> Callable[P, R]:
    """Run a function with one thread for linear algebra: more only slow down small products.

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
