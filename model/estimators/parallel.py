"""Processes that find this project's packages as this one does."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def in_processes(**options: Any) -> Any:
    """Give joblib's runner with a process for each core.

    Examples
    --------
    >>> from joblib import delayed
    >>> in_processes()(delayed(abs)(number) for number in (-1, 2))
    [1, 2]
    """
    from joblib import Parallel

    return Parallel(n_jobs=-1, initializer=import_module, initargs=("leadready",), **options)
