"""The history of two fields of the simulated leads, as the CRM keeps it: score and rating.

The old score is counted until a lead is handed over; the export shows it as it was then. Reps
overwrite the rating of a lead once they know its outcome, so only the history tells what it was.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipelines.simulator.crm import RATINGS
from pipelines.simulator.settings import Settings

Array = np.ndarray[Any, Any]
EARLY = 0.4  # of the old score: what a lead has when it comes in
BEFORE = pd.Timedelta(hours=1)  # the hand-off: the score was counted last
FIRST_RATINGS = np.array(["Warm", "Hot", "Cold", None], dtype=object)
NAMES = ("Lead ID", "Field", "Old Value", "New Value", "Changed At")


def crm_field_history(settings: Settings, leads: pd.DataFrame) -> pd.DataFrame:
    """Show the changes of score and rating, in the order of time.

    Parameters
    ----------
    leads : DataFrame
        The leads as the CRM shows them.
    """
    changes = pd.concat([*_scores(leads), _ratings(settings, leads)], ignore_index=True)
    changes["Changed At"] = changes["Changed At"].astype("datetime64[s]")
    return changes.sort_values(["Changed At", "Lead ID"], kind="stable", ignore_index=True)


def _scores(leads: pd.DataFrame) -> list[pd.DataFrame]:
    """The score that a lead came in with, and the one that it was handed over with."""
    scored = leads[leads["Lead Score"].notna()]
    last = scored["Lead Score"].astype("int64")
    first = (EARLY * last).round().astype("int64")
    created, counted = scored["Created At"], scored["Handed Off At"] - BEFORE
    grew = (counted > created) & (last != first)
    came_in = first.where(grew, last).astype("str")
    return [
        _rows(scored, "Lead Score", None, came_in, created),
        _rows(scored[grew], "Lead Score", came_in[grew], last[grew].astype("str"), counted[grew]),
    ]


def _ratings(settings: Settings, leads: pd.DataFrame) -> pd.DataFrame:
    """Ratings that reps overwrote when they closed a lead."""
    rng = settings.stream("earlier ratings")
    earlier = pd.Series(rng.choice(FIRST_RATINGS, len(leads), p=(0.4, 0.1, 0.15, 0.35)))
    final = leads["Lead Status"].map(RATINGS)
    changed = final.notna() & (leads["Lead Rating"] == final) & (earlier != final)
    return _rows(
        leads[changed], "Lead Rating", earlier[changed], final[changed], leads["Closed At"][changed]
    )


def _rows(leads: pd.DataFrame, field: str, old: Any, new: Any, at: Any) -> pd.DataFrame:
    return pd.DataFrame(dict(zip(NAMES, (leads["Lead ID"], field, old, new, at), strict=True)))
