"""Companies whose leads take weeks to close, so that time tells what was written late.

Keen leads are decided sooner, and where leads come from changes over the months: open leads differ
from closed ones, and young from old, though every column was known early. The export may hold
closed leads only.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from verification.leaks.busy_company import BASE_RATES, DAYS, honest_columns, level_for
from verification.leaks.planted import Array, LeakCompany

SIZES = (3_000, 6_000)
SLOWNESS = (1.0, 2.5)  # of a company
DAYS_WON, DAYS_LOST = 30, 25  # twice that on average, times the slowness


def slow_company(seed: int, *, any_open: bool = True) -> LeakCompany:
    """Draw a company; without open leads, its export holds the closed ones."""
    random = np.random.default_rng(seed)
    size, base = int(random.choice(SIZES)), float(random.choice(BASE_RATES))
    columns, drive = honest_columns(random, size)
    days = random.integers(0, DAYS, size)
    columns["Channel"] = pd.Series(_channel(random, days), dtype=object)
    won = random.random(size) < 1 / (1 + np.exp(-(drive + level_for(drive, base))))
    keen = np.exp(-0.3 * (drive - drive.mean()) / drive.std())
    scale = np.where(won, DAYS_WON, DAYS_LOST) * float(random.choice(SLOWNESS)) * keen
    closed = days + np.ceil(random.gamma(2, scale))
    is_open = closed > DAYS
    kept = np.ones(size, dtype=bool) if any_open else ~is_open
    start = pd.Timestamp("2023-01-01")
    as_of, closed_at = (
        start + pd.Series(pd.to_timedelta(when, unit="D")) for when in (days, closed)
    )
    return LeakCompany(
        pd.DataFrame(columns, dtype=object)[kept].reset_index(drop=True),
        (won & ~is_open)[kept],
        is_open[kept],
        as_of[kept].reset_index(drop=True),
        random,
        closed_at.mask(is_open)[kept].reset_index(drop=True),
    )


def _channel(random: np.random.Generator, days: Array) -> Array:
    """Where leads come from; one channel replaces another over the months."""
    late = random.random(len(days)) < days / DAYS
    old, new = (
        random.choice(np.array(names), len(days)) for names in (["fair", "web"], ["web", "social"])
    )
    channel: Array = np.where(late, new, old)
    return channel
