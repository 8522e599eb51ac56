"""Values that probably mean *missing*, such as the ``Select`` of a list that nobody touched."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

from features.values.few_values import column_values, different_values

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
    for _, values in column_values(raw):
        for value in different_values(values):
            if len(value) <= longest and value.lower() in PLACEHOLDERS:
                totals[value] += int(np.count_nonzero(values == value))
    return sorted(totals, key=lambda value: -totals[value])
