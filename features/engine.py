"""DuckDB as every room opens it: without a progress bar, which would reach the mail of cron."""

from __future__ import annotations

from functools import cache
from tempfile import TemporaryDirectory
from typing import Any


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

    config = {"temp_directory": _spill_folder().name}
    engine = duckdb.connect(file, read_only=read_only, config=config)
    engine.execute("SET enable_progress_bar = false")
    return engine


@cache
def _spill_folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="leadready-")
