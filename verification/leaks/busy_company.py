"""Companies of many kinds, with strong columns that were known at the moment.

They differ in size and base rate. What leads themselves said is strong: their intent, whether they
asked for a demo, the plan of their trial, who referred them, their budget.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from verification.leaks.planted import Array, LeakCompany, where

SIZES, BASE_RATES = (2_000, 4_000, 8_000), (0.06, 0.15, 0.35)
DAYS = 600  # from the first lead to the extract


def busy_company(seed: int, *, any_open: bool = True) -> LeakCompany:
    """Draw a company of any size and base rate."""
    random = np.random.default_rng(seed)
    size, base = int(random.choice(SIZES)), float(random.choice(BASE_RATES))
    columns, drive = honest_columns(random, size)
    days = random.integers(0, DAYS, size)
    is_open = any_open & (random.random(size) < np.clip((days - 380) / 220, 0, 1) * 0.8)
    chance = 1 / (1 + np.exp(-(drive + level_for(drive, base))))
    won = (random.random(size) < chance) & ~is_open
    as_of = pd.Series(pd.Timestamp("2023-01-01") + pd.to_timedelta(days, unit="D"))
    return LeakCompany(pd.DataFrame(columns, dtype=object), won, is_open, as_of, random)


def honest_columns(random: np.random.Generator, size: int) -> tuple[dict[str, Any], Array]:
    """Draw columns that were known early, and how much they drive leads to buy."""

    def drawn(values: list[Any], shares: list[float] | None = None) -> Array:
        return random.choice(np.array(values, dtype=object), size, p=shares)

    intent = drawn(["high", "medium", "low"], [0.15, 0.35, 0.5])
    demo = random.random(size) < 0.18
    plan = drawn(["enterprise", "pro", "basic", None], [0.06, 0.14, 0.2, 0.6])
    heard = drawn(["referral", "organic", "ads", "event", "list"], [0.08, 0.3, 0.3, 0.12, 0.2])
    employees, visits = random.lognormal(4, 1.3, size), random.poisson(3, size)
    seconds = random.gamma(1.2, 200, size).round()
    drive = 1.1 * (intent == "high") - 0.6 * (intent == "low") + 1.2 * demo
    drive = drive + 1.4 * (plan == "enterprise") + 0.8 * (plan == "pro")
    drive = drive + 1.2 * (heard == "referral") - 0.8 * (heard == "list")
    drive = drive + 0.27 * np.log(employees) + 0.12 * visits + 0.001 * np.minimum(seconds, 900)
    drive = drive + random.normal(0, 0.5, size)
    keen = drive > np.quantile(drive, 0.7)
    budget = random.lognormal(9, 1, size).round(-2)
    columns = {
        **{"Intent": intent, "Trial plan": plan, "How did you hear": heard},
        "Demo requested": where(demo, "TRUE", "FALSE"),
        "Stated budget": where(random.random(size) < 0.35 + 0.25 * keen, budget.astype(str)),
        **{"Employees": employees.round().astype(str), "Visits": visits.astype(str)},
        "Time on site": seconds.astype(str),
        "Newsletter": where(random.random(size) < 0.3 + 0.1 * keen, "yes", "no"),
        "Industry": drawn(["Retail", "Energy", "Banking", "Software", None]),
        "Campaign": random.zipf(1.6, size) % 40,
    }
    return {name: pd.Series(values, dtype=object) for name, values in columns.items()}, drive


def level_for(drive: Array, base: float) -> float:
    """Find what to add so that so many leads buy."""
    low, high = -20.0, 20.0
    for _ in range(40):
        middle = (low + high) / 2
        too_few = (1 / (1 + np.exp(-(drive + middle)))).mean() < base
        low, high = (middle, high) if too_few else (low, middle)
    return low
