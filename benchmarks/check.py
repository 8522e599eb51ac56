"""How fast a wide company is checked: 100,000 leads, 60 columns about each, most without a hint.

The simulated company hands every lead over, and columns of every sort are added to its leads until
there are sixty: amounts, counts, words, flags, dates, some half empty, one that tells the outcome.
None of them is mapped, so that the leak audit has to judge each. ``leadready check`` runs as a
program of its own; the limit that was agreed is sixty seconds on two cores.
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


def added(won: pd.Series, place: int, rng: np.random.Generator) -> pd.Series:
    """Make one more column about the leads: each fifth is of another sort."""
    rows = len(won)
    words = np.array([f"word {number}" for number in range(3 + place)], dtype="object")
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 270, rows), unit="D")
    sorts = (
        lambda: pd.Series(rng.lognormal(8, 1, rows).round(2)),
        lambda: pd.Series(rng.poisson(3, rows)),
        lambda: pd.Series(rng.choice(words, rows)),
        lambda: pd.Series(rng.choice(["Yes", "No"], rows)),
        lambda: pd.Series(days).dt.strftime("%Y-%m-%d"),
    )
    values = sorts[place % len(sorts)]().astype("object")
    return values.where(rng.random(rows) > (place % 7) / 10)


def widen(folder: Path) -> int:
    """Add columns to the workspace's leads until there are sixty about each; give their count."""
    crm = folder / "crm"
    leads = pd.read_csv(crm / "leads.csv", dtype="string")
    joined = [pd.read_csv(crm / f"{name}.csv", nrows=1) for name in ("accounts", "contacts")]
    have = leads.shape[1] + sum(table.shape[1] - 1 for table in joined)
    stages = pd.read_csv(crm / "stage_history.csv", dtype="string")
    won = leads["Lead ID"].isin(stages.loc[stages["Stage"] == "Closed Won", "Lead ID"])
    rng = np.random.default_rng(0)
    more = {f"Added {number}": added(won, number, rng) for number in range(have, COLUMNS - 1)}
    contract = pd.Series(rng.choice(["annual", "monthly"], len(won)), dtype="object")
    more[LEAK] = contract.where(won)
    pd.concat([leads, pd.DataFrame(more)], axis=1).to_csv(crm / "leads.csv", index=False)
    return have + len(more)


def main() -> int:
    """Measure, print, and say whether the limit was kept and the planted leak was found."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "wide"
        settings = Settings(leads=LEADS, events=EVENTS_A_LEAD * LEADS, handed_off=1.0)
        write_company(simulate_company(settings), folder)
        columns = widen(folder)
        program = [sys.executable, "-m", "pipelines.cli.main", "check", "--json", "-w", str(folder)]
        begin = time.perf_counter()
        ran = subprocess.run(program, capture_output=True, text=True, check=False)
        taken = time.perf_counter() - begin
    suspects = [suspect["column"] for suspect in json.loads(ran.stdout)["suspects"]]
    print(f"{LEADS:,} leads, {columns} columns about each, {EVENTS_A_LEAD * LEADS:,} events")
    print(f"checked in                {taken:>8.1f} s (wanted: at most {LIMIT:g})")
    print(f"lines of progress         {len(ran.stderr.splitlines()):>8}")
    print(f"suspects                  {', '.join(suspects):>8} (planted: {LEAK})")
    return 0 if taken <= LIMIT and suspects == [LEAK] else 1


if __name__ == "__main__":
    sys.exit(main())
