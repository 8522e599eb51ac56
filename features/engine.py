"""DuckDB as every room opens it: with little memory, and without a progress bar.

The bar would reach the mail of cron.
"""

from __future__ import annotations

from functools import cache
from tempfile import TemporaryDirectory
from typing import Any

MEMORY_LIMIT = "1GB"  # what needs more is written beside it


def open_engine(file: str = ":memory:", *, read_only: bool = False) -> Any:
    """Open a database, or one in memory; what does not fit there goes to a folder of its own.

    Nobody else can read that folder, and it is removed when the process ends.

    Examples
    --------
    >>> with open_engine() as engine:
    ...     engine.sql("SELECT current_setting('enable_progress_bar')").fetchall()
    [(False,)]
    """
    import duckdb  # loaded only where it is needed

    config = {"temp_directory": _spill_folder().name, "memory_limit": MEMORY_LIMIT}
    engine = duckdb.connect(file, read_only=read_only, config=config)
    engine.execute("SET enable_progress_bar = false")
    return engine


def release_memory() -> None:
    """Give the memory that Arrow no longer uses back to the system.

    Examples
    --------
    >>> release_memory()
    """
    import pyarrow as pa

    pa.default_memory_pool().release_unused()


@cache
def _spill_folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="leadready-")
