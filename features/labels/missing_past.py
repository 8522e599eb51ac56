"""Old leads of one outcome only: the others were deleted, or never recorded.

A CRM may delete lost leads after a year, or take over nothing but customers from the system before
it. The old leads that are left are then nearly all won, and a model learns that old leads win.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.labels.outcomes import NOT_WON, WON
from features.tables.problems import Problem
from features.text import day, percent

MISSING_PAST = "old leads of one outcome"
LEAST_OLD = 20  # old leads of the other outcome
LEAST_EXPECTED = 30  # leads of the missing one, if it were as frequent as among later leads
SEEN = 0.1  # at most, of those expected


def missing_past(moments: pd.Series, outcome: pd.Series) -> list[Problem]:
    """Find a day before which leads of one outcome are missing.

    Parameters
    ----------
    moments : Series of datetime64
        When each lead is judged.
    outcome : Series of str
        ``won``, ``not won`` or another text for each lead, as the export shows it.

    Returns
    -------
    list of Problem
        Prevents training; empty where both outcomes are there from the beginning.

    Examples
    --------
    >>> moments = pd.Series(pd.date_range("2024-01-01", periods=200))
    >>> outcome = pd.Series(["won"] * 40 + ["won", "not won", "not won", "not won"] * 40)
    >>> missing_past(moments, outcome)[0].message[:47]
    '0 of the 41 leads before 2024-02-11 with a know'
    """
    decided = (outcome.isin([WON, NOT_WON]) & moments.notna()).to_numpy()
    dates = moments.to_numpy()[decided]
    order = np.argsort(dates, kind="stable")
    won = (outcome == WON).to_numpy()[decided][order]
    for name, is_rare in (("lost", ~won), ("won", won)):
        if rows := _rows_without(is_rare):
            return [_problem(name, is_rare, rows, dates[order])]
    return []


def _rows_without(is_rare: npt.NDArray[np.bool_]) -> int:
    """So many of the oldest leads hardly have an outcome that later ones have; 0 if none."""
    if not len(is_rare):
        return 0
    rows, seen = np.arange(1, len(is_rare) + 1), np.cumsum(is_rare)
    place = int(np.argmax(rows * is_rare.mean() - seen))  # where the most of them are missing
    later = float(is_rare[place + 1 :].mean()) if place + 1 < len(is_rare) else 0.0
    others = rows[place] - seen[place]
    expected = others * later / max(1 - later, 1 / len(is_rare))
    if others < LEAST_OLD or expected < max(LEAST_EXPECTED, seen[place] / SEEN):
        return 0
    return place + 1


def _problem(
    name: str, is_rare: npt.NDArray[np.bool_], rows: int, dates: npt.NDArray[Any]
) -> Problem:
    since = day(pd.Timestamp(dates[rows]))
    seen, later = int(is_rare[:rows].sum()), percent(float(is_rare[rows:].mean()))
    message = f"{seen:,} of the {rows:,} leads before {since} with a known outcome were {name}, "
    message += f"{later} of those after: old leads that were {name} seem to be missing"
    hint = f"export them too, or only the leads since {since}"
    return Problem("leads", MISSING_PAST, rows, message, hint, blocks=True)
