"""Locks that processes share through a file; the system releases those of killed processes."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from features.errors import LeadReadyError

PATIENCE = 300.0  # seconds to wait for the lock; a training holds it for about two


@contextmanager
def locked(path: Path, patience: float = PATIENCE, what: str = "the registry") -> Iterator[None]:
    """Hold the lock of a file; the system releases it even if the process is killed.

    Raises
    ------
    LeadReadyError
        If another process still holds it after ``patience`` seconds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        deadline = time.monotonic() + patience
        while not try_lock(file):
            if time.monotonic() > deadline:
                raise LeadReadyError(
                    f"another process has been writing to {what} for {patience:.0f} seconds",
                    where=str(path),
                    hint="wait until it ends, or end it, then repeat the command",
                )
            time.sleep(0.02)
        yield


def try_lock(file: IO[Any]) -> bool:
    """Lock an open file until it is closed, unless another process has locked it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
