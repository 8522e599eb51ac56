"""How fast a very wide export is read: 300 leads with 2,000 columns each, as CSV and as XLSX.

Amounts, counts, words, flags, dates in several notations, free texts, multiple choice, money and
blank columns take turns. ``leadready init`` and ``leadready check`` run in processes of their own;
the limits are in processor time, because most of it is spent column by column on one core. A whole
sheet of Excel, 16,384 columns, must be refused.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.check import random_column

LEADS, COLUMNS, WHOLE_SHEET = 300, 2_000, 16_384
LIMITS = {"init": 10.0, "check": 15.0, "refused": 10.0}  # seconds of processor time
DATES = ("%d.%m.%Y", "%m/%d/%Y", "%Y-%m-%d %H:%M", "%d %b %Y")


def wide_table(columns: int) -> pd.DataFrame:
    """Draw the leads."""
    rng = np.random.default_rng(0)
    won = pd.Series(rng.random(LEADS) < 0.2)
    created = pd.Timestamp("2022-01-01") + pd.to_timedelta(np.arange(LEADS) * 3, unit="D")
    table = {
        "Lead ID": pd.Series([f"L-{number:06d}" for number in range(LEADS)]),
        "Created Date": pd.Series(created.strftime("%Y-%m-%d")),
        "Stage": pd.Series(np.where(won, "Closed Won", "Closed Lost")),
    }
    table |= {f"Field {place}": wide_column(won, place, rng) for place in range(columns - 3)}
    return pd.DataFrame(table)


def wide_column(won: pd.Series, place: int, rng: np.random.Generator) -> pd.Series:
    """Draw a column; ten kinds take turns."""
    if place % 10 < 5:
        return random_column(won, place % 95, rng)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 700, LEADS), unit="D")
    choices = np.array(["red", "green", "blue", "black"])
    values: tuple[Sequence[object], ...] = (
        [f"note {number} on what was said" for number in rng.integers(0, 10**9, LEADS)],
        [";".join(choices[: 1 + number]) for number in rng.integers(0, 4, LEADS)],
        rng.choice(["€ 1.200,50", "1.300,00 €", "EUR 4.000,00"], LEADS).tolist(),
        days.strftime(DATES[place // 10 % len(DATES)]).tolist(),
        [None] * LEADS,
    )
    return pd.Series(values[place % 10 - 5], dtype="object")


def processor_time(*arguments: str) -> tuple[float, str]:
    """Run ``leadready`` and return its processor time and what it wrote to stderr."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    program = [sys.executable, "-m", "leadready", *arguments]
    ran = subprocess.run(program, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)
    return used, ran.stderr


def _show(what: str, seconds: float, limit: float) -> bool:
    ratio = seconds / limit
    print(f"{what:<44}{seconds:>6.1f} s, {ratio:.2f} of the limit of {limit:g} s")
    return ratio <= 1


def main() -> int:
    """Measure and print; return 1 if something takes too long or is not refused."""
    kept = []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        wide_table(COLUMNS).to_csv(folder / "leads.csv", index=False)
        wide_table(COLUMNS).to_excel(folder / "leads.xlsx", index=False)
        wide_table(WHOLE_SHEET).to_csv(folder / "sheet.csv", index=False)
        for name in ("leads.csv", "leads.xlsx"):
            home = folder / name.replace(".", "_")
            seconds, _ = processor_time("init", str(home), "--leads", str(folder / name))
            kept.append(_show(f"init, {COLUMNS:,} columns, {name}", seconds, LIMITS["init"]))
        seconds, _ = processor_time("check", "-w", str(folder / "leads_csv"))
        kept.append(_show(f"check, {COLUMNS:,} columns", seconds, LIMITS["check"]))
        file = str(folder / "sheet.csv")
        seconds, message = processor_time("init", str(folder / "none"), "--leads", file)
        kept.append(_show(f"refused: {WHOLE_SHEET:,} columns", seconds, LIMITS["refused"]))
        kept.append("4,096 are the most" in message)
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
