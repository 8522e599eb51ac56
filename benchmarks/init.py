"""How fast a wide export becomes a workspace: 50,000 leads with 200 columns each, 2 million events.

The files are drawn at random, with columns of every kind. ``leadready init`` runs in a process of
its own; the limit is twenty seconds on two cores.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.check import random_column

LEADS, COLUMNS, EVENTS = 50_000, 200, 2_000_000
LIMIT = 20.0  # seconds
FIRST_DAY = pd.Timestamp("2022-01-01")


def write_files(folder: Path) -> None:
    """Write the leads and their events."""
    rng = np.random.default_rng(0)
    ids = np.array([f"L-{number:06d}" for number in range(LEADS)], dtype=object)
    created = FIRST_DAY + pd.to_timedelta(rng.integers(0, 900, LEADS), unit="D")
    won = pd.Series(rng.random(LEADS) < 0.2)
    leads = {
        "Lead ID": pd.Series(ids),
        "Created Date": pd.Series(created.strftime("%Y-%m-%d")),
        "Stage": pd.Series(np.where(won, "Closed Won", "Closed Lost")),
    }
    leads |= {f"Field {place}": random_column(won, place, rng) for place in range(COLUMNS - 3)}
    pd.DataFrame(leads).to_csv(folder / "leads.csv", index=False)
    times = FIRST_DAY + pd.to_timedelta(rng.integers(0, 900 * 86_400, EVENTS), unit="s")
    events = {
        "Lead ID": rng.choice(ids, EVENTS),
        "When": times.strftime("%Y-%m-%d %H:%M:%S"),
        "Type": rng.choice(["Email Open", "Page View", "Call"], EVENTS),
    }
    pd.DataFrame(events).to_csv(folder / "events.csv", index=False)


def main() -> int:
    """Measure and print; return 1 if it takes too long or fails."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        write_files(folder)
        program = [sys.executable, "-m", "leadready", "init", str(folder / "acme")]
        files = ["--leads", str(folder / "leads.csv"), "--events", str(folder / "events.csv")]
        begin = time.perf_counter()
        ran = subprocess.run([*program, *files], capture_output=True, text=True, check=False)
        taken = time.perf_counter() - begin
    print(f"{LEADS:,} leads, {COLUMNS} columns each, {EVENTS:,} events")
    print(f"workspace written in      {taken:>8.1f} s (limit: {LIMIT:g})")
    return 0 if taken <= LIMIT and ran.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
