"""How fast a wide export is checked: 100,000 leads with 60 columns each.

A simulated company hands off every lead, and columns of every kind are added to its leads until
there are sixty: amounts, counts, words, flags, dates, some half empty, one that leaks the outcome.
None of them is mapped, and the leak audit must check each. ``leadready check`` runs in a process of
its own; the limit is sixty seconds on two cores.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from pipelines.simulator.company import Settings, simulate_company
from pipelines.simulator.export import write_company

LEADS = 100_000
COLUMNS = 60
LIMIT = 60.0  # seconds for 100,000 leads
EVENTS_A_LEAD = 15
LEAK = "Added 59"


def random_column(won: pd.Series, place: int, rng: np.random.Generator) -> pd.Series:
    """Draw a column about the leads; five kinds take turns."""
    rows = len(won)
    words = np.array([f"word {number}" for number in range(3 + place)], dtype="object")
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 270, rows), unit="D")
    kinds = (
        lambda: pd.Series(rng.lognormal(8, 1, rows).round(2)),
        lambda: pd.Series(rng.poisson(3, rows)),
        lambda: pd.Series(rng.choice(words, rows)),
        lambda: pd.Series(rng.choice(["Yes", "No"], rows)),
        lambda: pd.Series(days).dt.strftime("%Y-%m-%d"),
    )
    values = kinds[place % len(kinds)]().astype("object")
    return values.where(rng.random(rows) > (place % 7) / 10)


def add_columns(folder: Path) -> int:
    """Add columns to the leads of a workspace until there are sixty; return their number."""
    crm = folder / "crm"
    leads = pd.read_csv(crm / "leads.csv", dtype="string")
    joined = [pd.read_csv(crm / f"{name}.csv", nrows=1) for name in ("accounts", "contacts")]
    existing = leads.shape[1] + sum(table.shape[1] - 1 for table in joined)
    stages = pd.read_csv(crm / "stage_history.csv", dtype="string")
    won = leads["Lead ID"].isin(stages.loc[stages["Stage"] == "Closed Won", "Lead ID"])
    rng = np.random.default_rng(0)
    more = {
        f"Added {number}": random_column(won, number, rng)
        for number in range(existing, COLUMNS - 1)
    }
    contract = pd.Series(rng.choice(["annual", "monthly"], len(won)), dtype="object")
    more[LEAK] = contract.where(won)
    pd.concat([leads, pd.DataFrame(more)], axis=1).to_csv(crm / "leads.csv", index=False)
    return existing + len(more)


def main() -> int:
    """Measure and print; return 1 if it takes too long or misses the planted leak."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "wide"
        settings = Settings(leads=LEADS, events=EVENTS_A_LEAD * LEADS, handed_off=1.0)
        write_company(simulate_company(settings), folder)
        columns = add_columns(folder)
        program = [sys.executable, "-m", "leadready", "check", "--json", "-w", str(folder)]
        begin = time.perf_counter()
        ran = subprocess.run(program, capture_output=True, text=True, check=False)
        taken = time.perf_counter() - begin
    suspects = [suspect["column"] for suspect in json.loads(ran.stdout)["suspects"]]
    print(f"{LEADS:,} leads, {columns} columns each, {EVENTS_A_LEAD * LEADS:,} events")
    print(f"checked in                {taken:>8.1f} s (limit: {LIMIT:g})")
    print(f"lines of progress         {len(ran.stderr.splitlines()):>8}")
    print(f"suspects                  {', '.join(suspects):>8} (planted: {LEAK})")
    return 0 if taken <= LIMIT and suspects == [LEAK] else 1


if __name__ == "__main__":
    sys.exit(main())
