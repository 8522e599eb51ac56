"""Values that probably mean *missing*, such as the ``Select`` of a list that nobody touched."""

from __future__ import annotations

from collections import Counter

from features.values.few_values import Counted

PLACEHOLDERS = {
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
}


def placeholders(counted: Counted) -> list[str]:
    """Find values that probably mean *missing*, such as the ``Select`` of an untouched list.

    Parameters
    ----------
    counted : mapping of str to Counter
        The rows of each value of each column.

    Examples
    --------
    >>> placeholders({"City": Counter(["Select", "Rome", "Select", "Oslo"])})
    ['Select']
    """
    totals: Counter[str] = Counter()
    longest = max(map(len, PLACEHOLDERS))
    for rows_of in counted.values():
        for value, rows in rows_of.items():
            if len(value) <= longest and value.lower() in PLACEHOLDERS:
                totals[value] += rows
    return sorted(totals, key=lambda value: -totals[value])
