"""Dates that cannot be true, counted where scores are written: nobody reads `check` every night."""

from __future__ import annotations

import pandas as pd

from features.tables.read import Tables
from features.text import count, day

DOUBTFUL = ("dates that mean never", "impossible dates", "unreadable dates")  # kinds of problem


def doubtful_dates(tables: Tables, latest: pd.Timestamp) -> list[str]:
    """Say which dates do not count, and in how many rows.

    Parameters
    ----------
    latest : Timestamp
        Later dates are still to come.

    Examples
    --------
    >>> from features.kept_events.events import Events
    >>> ends = pd.to_datetime(["2026-10-01", "2031-01-01"])
    >>> leads = pd.DataFrame({"created_at": ends[0], "closed_at": ends, "won_at": ends})
    >>> tables = Tables(leads, Events.of(leads[:0]), leads[:0], [])
    >>> doubtful_dates(tables, pd.Timestamp("2026-11-01"))
    ['1 lead closed or won after 2026-11-01: this date does not count']
    """
    found = [problem.message for problem in tables.problems if problem.kind in DOUBTFUL]
    leads = tables.leads
    created = int((leads["created_at"] > latest).sum())
    ended = int((leads[["closed_at", "won_at"]] > latest).any(axis=1).sum())
    if created:
        found.append(f"{count(created, 'lead')} created after {day(latest)}: not scored")
    if ended:
        what = f"{count(ended, 'lead')} closed or won after {day(latest)}"
        found.append(f"{what}: this date does not count")
    return found
