"""What DuckDB writes beside its memory is private, and gone in the end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from features.engine import open_engine

SPILL = """
from pathlib import Path
from features.engine import open_engine
for _ in range(2):
    with open_engine() as engine:
        ((folder,),) = engine.sql("SELECT current_setting('temp_directory')").fetchall()
        engine.execute("SET memory_limit = '20MB'")
        engine.execute("SET threads = 1")
        engine.execute("CREATE TABLE t AS SELECT i, hash(i) :: VARCHAR AS h FROM range(800_000) r(i)")
        print(any(Path(folder).iterdir()), oct(Path(folder).stat().st_mode & 0o777))
print(folder)
"""


def test_what_does_not_fit_in_memory_is_private_and_removed() -> None:
    done = subprocess.run([sys.executable, "-c", SPILL], capture_output=True, text=True, check=True)
    *seen, folder = done.stdout.splitlines()
    assert seen == ["True 0o700", "True 0o700"]
    assert not Path(folder).exists()


def test_duckdb_takes_a_gigabyte_at_the_most() -> None:
    with open_engine() as engine:
        ((limit,),) = engine.sql("SELECT current_setting('memory_limit')").fetchall()
    assert limit == "953.6 MiB"
