"""Values that probably mean *missing*, such as the ``Select`` of a list that nobody touched."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from features.values.few_values import rows_by_value

PLACEHOLDERS = (
    "select",
    "-",
    "--",
    "n/a",
    "na",
    "#n/a",
    "#ref!",
    "null",
    "none",
    "nan",
    "?",
    "(none)",
)


def placeholders(raw: pd.DataFrame) -> list[str]:
    """Find values that probably mean *missing*, such as the ``Select`` of an untouched list.

    Examples
    --------
    >>> placeholders(pd.DataFrame({"City": ["Select", "Rome", "Select", "Oslo"]}))
    ['Select']
    """
    totals: Counter[str] = Counter()
    longest = max(map(len, PLACEHOLDERS))
    for name in raw.columns:
        for value, rows in rows_by_value(raw[name]).items():
            if len(value) <= longest and value.lower() in PLACEHOLDERS:
                totals[value] += rows
    return sorted(totals, key=lambda value: -totals[value])
