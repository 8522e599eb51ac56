"""DuckDB as every room opens it: without a progress bar, which would reach the mail of cron."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any


def open_engine(file: str = ":memory:", *, read_only: bool = False) -> Any:
    """Open a database, or one in memory; what does not fit there goes to the temporary folder.

    Examples
    --------
    >>> with open_engine() as engine:
    ...     engine.sql("SELECT current_setting('enable_progress_bar')").fetchall()
    [(False,)]
    """
    import duckdb  # loaded only where it is needed

    spilled = Path(tempfile.gettempdir(), f"leadready-{os.getpid()}")
    engine = duckdb.connect(file, read_only=read_only, config={"temp_directory": str(spilled)})
    engine.execute("SET enable_progress_bar = false")
    return engine
