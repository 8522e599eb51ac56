"""The horizon of a new workspace: days within which about nine in ten of the wins come.

Losses are often known after days and wins after months. Without a horizon the latest leads would
seem to be won less often than they will be, so wherever wins have dates the draft sets one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.labels.time_to_win import CAUGHT, DAY, kaplan_meier
from features.text import count, percent
from model.training.splits import TEST_SHARE

HORIZONS = (30, 60, 90, 120, 180, 270, 365, 545, 730)  # days, as people would say them
FEWEST_WINS = 20  # with a date, or their times say too little
MATURE = 0.5  # of the leads at least have been followed for the horizon
LEARNED = 1 / 3  # of those at least have an outcome before the test begins
MOST = 2 / 3  # of the wins come within a horizon that is shorter for that reason


@dataclass(frozen=True)
class HorizonGuess:
    """Days within which a win counts.

    Attributes
    ----------
    days : int
    reason : str
        Why; empty if a person said so.
    """

    days: int
    reason: str = ""


def guess_horizon(
    moments: pd.Series, won: pd.Series, won_at: pd.Series, extract_at: pd.Timestamp
) -> HorizonGuess | None:
    """Choose the shortest usual horizon within which nine in ten of the wins come.

    Half of the leads at least must be older than the horizon. If fewer than a third of those would
    have an outcome when the test begins, a shorter horizon is taken that two in three wins come
    within. The reason says what a horizon misses.

    Parameters
    ----------
    moments, won, won_at : Series
        Of each lead: when it is judged, whether it was won, and when.
    extract_at : Timestamp
        When the data was extracted.

    Returns
    -------
    HorizonGuess or None
        None if too few wins have dates after their moments, or if the leads are too young.

    Examples
    --------
    >>> moments = pd.Series(pd.date_range("2024-01-01", periods=300))
    >>> won = pd.Series(range(300)) % 3 == 0
    >>> won_at = (moments + pd.Timedelta(days=50)).where(won)
    >>> guess_horizon(moments, won, won_at, pd.Timestamp("2024-12-01"))
    HorizonGuess(days=60, reason='100% of the wins come within 60 days (96 wins with dates)')
    """
    followed = (extract_at - moments).dt.total_seconds() / DAY
    days = (won_at - moments).dt.total_seconds() / DAY
    dated = won & (days > 0) & (days <= followed)
    counts = (followed >= 0) & (dated | ~won)
    if int(dated.sum()) < FEWEST_WINS:
        return None
    found = kaplan_meier(np.where(dated, days, followed)[counts], dated[counts].to_numpy(bool))
    followed = followed[counts]
    enough = [days for days in HORIZONS if (followed >= days).mean() >= MATURE]
    if not enough:
        return None
    horizon = next((days for days in enough if found.caught(days) >= CAUGHT), enough[-1])
    if not _leaves_enough(followed, horizon):
        shorter = [days for days in enough if days < horizon and found.caught(days) >= MOST]
        horizon = max((days for days in shorter if _leaves_enough(followed, days)), default=horizon)
    share = f"{percent(found.caught(horizon))} of the wins come within {horizon} days"
    young = "; the leads are too young for a longer one"
    missed = young if found.caught(horizon) < CAUGHT else ""
    dated_wins = f"{count(int(dated.sum()), 'win')} with dates"
    return HorizonGuess(horizon, f"{share} ({dated_wins}){missed}")


def _leaves_enough(followed: pd.Series, horizon: int) -> bool:
    """Whether enough of the mature leads were mature when the test begins.

    The test has the last quarter of the mature leads, and the model learns from leads that were
    mature when the first of them was judged.
    """
    mature = followed[followed >= horizon]
    begins = mature.quantile(TEST_SHARE)  # days before the extract
    return bool((mature >= begins + horizon).mean() >= LEARNED)
