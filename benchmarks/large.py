"""The scoring job on a large company: 1,000,000 leads, 15,000,000 events, Parquet to Parquet.

    python -m benchmarks.large [COPIES [TIMES]]

A small simulated company is trained, and copied with new ids until it is large. With TIMES, each
event happens so many times, so that there are more events than fit in memory. The job runs as
``leadready score`` does, in a process of its own: time, processor time and peak memory are those of
the process.
"""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from pipelines.simulator.company import Settings, simulate_company
from pipelines.simulator.export import write_company
from pipelines.train.train import train

COPIES = 250  # of 4,000 leads with 60,000 events
AS_OF = "2026-10-01"
MOST_SECONDS, MOST_BYTES = 55, 3e9  # of two cores; with 250 copies
MOST_BYTES_OF_MANY = 4e9  # where each event happens many times; then the time is only shown
MARK = "'-' || copy"


def small_company(folder: Path) -> Path:
    """Simulate a small company and train its first version."""
    write_company(simulate_company(Settings(seed=2, leads=4_000, events=60_000)), folder)
    train(folder, confirmed_by="the benchmark")
    return folder


def enlarge(folder: Path, copies: int, times: int = 1) -> dict[str, int]:
    """Copy every row of the company with new ids, into Parquet; return the rows of each table."""
    mapping, rows = folder / "leadready.yaml", {}
    text = mapping.read_text("utf-8")
    for file in sorted((folder / "crm").glob("*.csv")):
        rows[file.stem] = _copy_rows(file, file.with_suffix(".parquet"), copies, times)
        text = text.replace(f"crm/{file.name}", f"crm/{file.stem}.parquet")
        file.unlink()
    mapping.write_text(text, "utf-8")
    return rows


def _copy_rows(file: Path, to: Path, copies: int, times: int) -> int:
    with duckdb.connect() as engine:
        engine.execute("SET preserve_insertion_order = false")  # or all is in memory
        original = engine.read_csv(str(file), all_varchar=True)
        new = [
            f'"{name}" || {MARK} AS "{name}"'
            if name.endswith(" ID") or name == "Works At"
            else f'CAST("{name}" AS TIMESTAMP) - INTERVAL (nth * 10) MINUTE AS "{name}"'
            if name == "Occurred At"
            else f'"{name}"'
            for name in original.columns
        ]
        times = times if "Occurred At" in original.columns else 1
        numbers = f"range({copies}) AS numbers(copy), range({times}) AS again(nth)"
        engine.sql(f"SELECT {', '.join(new)} FROM original, {numbers}").write_parquet(str(to))
        found = engine.sql(f"SELECT count(*) FROM read_parquet('{to}')").fetchall()
    return int(found[0][0])


def run_job(folder: Path) -> tuple[float, float, int]:
    """Score in a process of its own; return its seconds, processor seconds and peak bytes."""
    code = "import sys; from pipelines.cli.main import main; sys.exit(main(sys.argv[1:]))"
    where = ["-w", str(folder), "--out", str(folder / "scores.parquet"), "--as-of", AS_OF]
    how = ["--model", "challenger", "--unsigned", "-q"]  # promoted or not
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "-c", code, "score", *where, *how])
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError("the job failed")
    seconds = time.monotonic() - began
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def main(copies: int = COPIES, times: int = 1) -> int:
    """Print what the job took; return 1 if that is more than the limits."""
    folder = Path(tempfile.mkdtemp(prefix="large-"))
    try:
        rows = enlarge(small_company(folder / "company"), copies, times)
        seconds, processor, peak = run_job(folder / "company")
    finally:
        shutil.rmtree(folder)
    most_seconds = MOST_SECONDS if times == 1 else math.inf
    most_bytes = MOST_BYTES if times == 1 else MOST_BYTES_OF_MANY
    print(f"leads, events             {rows['leads']:>12,} and {rows['activities']:,}")
    print(f"Parquet to Parquet        {seconds:>12,.0f} s (limit: {most_seconds})")
    print(f"processor time            {processor:>12,.0f} s")
    print(f"peak memory               {peak / 1e6:>12,.0f} MB (limit: {most_bytes / 1e6:,.0f})")
    return 0 if seconds <= most_seconds and peak <= most_bytes else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
