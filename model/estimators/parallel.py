"""Processes: as many as there are cores."""

from __future__ import annotations

from importlib import import_module
from typing import Any


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
