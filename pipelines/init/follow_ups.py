"""What shows that sales worked a lead: kinds of event by sales that nearly all won leads have.

A lead that sales never worked could not be won. Counted as lost, it would teach a model whom sales
call rather than who buys.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from features.labels.time_to_win import DAY
from features.links.matching import comparable_column
from features.related.file_kinds import kind_of_file
from features.tables.events import kind_slug
from features.text import percent
from pipelines.init.file_reading import FileReading
from pipelines.init.related_files import Events

WITHIN = (7, 14, 30, 60, 90)  # days, as people would say them
FEWEST = 20  # won leads and others, or their shares say too little
OFTEN = 0.5  # of the won leads have a kind of event, or it is no usual step of sales
NEARLY_ALL = 0.98  # of the won leads have a follow-up in time
LATE = 0.05  # of the follow-ups of other leads at most come later
GOOD_PART = 0.1  # of the other leads have none


@dataclass(frozen=True)
class FollowUpGuess:
    """Kinds of event by sales, and the days after the moment in which one of them shows work.

    Attributes
    ----------
    kinds : tuple of str
    days : int
    reason : str
        Why.
    """

    kinds: tuple[str, ...]
    days: int
    reason: str


def events_by_sales(raw: pd.DataFrame, events: Events, reading: FileReading) -> pd.DataFrame:
    """The events that sales caused: ``row`` (the lead's place in ``raw``), ``kind`` and ``at``."""
    tables = [pd.DataFrame({"row": pd.Series(dtype="int64"), "kind": [], "at": []})]
    for file, guess in events:
        if not guess.direction or guess.names is None or guess.times is None:
            continue
        if guess.link.link == "account":
            continue  # it does not say which of the account's leads was meant
        table = reading.read_once(file)
        rows = table[guess.direction].isin(guess.by_sales)
        kinds = _kinds(table, guess.columns.get("kind"), file)
        found = pd.DataFrame(
            {
                "name": comparable_column(guess.names[rows], guess.link.match.rule),
                "kind": kinds[rows],
                "at": guess.times[rows],
            }
        )
        leads = guess.link.rows_of(raw)
        tables.append(leads.merge(found.dropna(), on="name")[["row", "kind", "at"]])
    return pd.concat(tables[1:] or tables, ignore_index=True)


def _kinds(table: pd.DataFrame, column: str | None, file: Path) -> pd.Series:
    """The kinds of events as rules name them."""
    if column is None:
        return pd.Series(kind_slug(kind_of_file(file)), index=table.index)
    values = table[column].dropna().unique()
    return table[column].map({value: kind_slug(value) for value in values})


def guess_follow_ups(
    moments: pd.Series, won: pd.Series, by_sales: pd.DataFrame, extract_at: pd.Timestamp
) -> FollowUpGuess | None:
    """Find the kinds of event that nearly all won leads have soon, and many others do not.

    Parameters
    ----------
    moments, won : Series
        Of each lead: when it is judged, and whether it was won.
    by_sales : DataFrame
        Events that sales caused; see ``events_by_sales``.
    extract_at : Timestamp
        When the data was extracted.

    Returns
    -------
    FollowUpGuess or None
        None if no kinds of event tell worked leads from others.

    Examples
    --------
    >>> moments = pd.Series(pd.date_range("2024-01-01", periods=100))
    >>> calls = pd.DataFrame({"row": range(60), "kind": "call"})
    >>> calls["at"] = moments[:60] + pd.Timedelta(days=10)
    >>> guess = guess_follow_ups(moments, moments.index < 30, calls, pd.Timestamp("2025-01-01"))
    >>> guess.kinds, guess.days
    (('call',), 14)
    """
    if by_sales.empty:
        return None
    days = (by_sales["at"] - by_sales["row"].map(moments)).dt.total_seconds() / DAY
    soon = by_sales.assign(days=days)[days.between(0, WITHIN[-1])]
    first = soon.groupby(["row", "kind"])["days"].min().unstack().reindex(moments.index)
    followed = moments + pd.Timedelta(days=WITHIN[-1]) <= extract_at
    ours, others = first[followed & won], first[followed & ~won]
    if min(len(ours), len(others)) < FEWEST:
        return None
    kinds = tuple(str(kind) for kind in first if _tells(ours[kind], others[kind]))
    if not kinds:
        return None
    return _soonest_window(kinds, ours[list(kinds)].min(axis=1), others[list(kinds)].min(axis=1))


def _tells(ours: pd.Series, others: pd.Series) -> bool:
    """Whether a kind of event is usual for won leads, and rarer for others."""
    share = ours.notna().mean()
    return bool(share >= OFTEN and share - others.notna().mean() >= GOOD_PART)


def _soonest_window(
    kinds: tuple[str, ...], ours: pd.Series, others: pd.Series
) -> FollowUpGuess | None:
    latest = others.quantile(1 - LATE) if others.notna().any() else 0.0
    for days in WITHIN:
        in_time, without = (ours <= days).mean(), 1 - (others <= days).mean()
        if in_time >= NEARLY_ALL and latest <= days and without >= GOOD_PART:
            reason = (
                f"within {days} days of the moment, {percent(in_time)} of the won leads have one, "
                f"{percent(without)} of the others none: their outcome is unknown"
            )
            return FollowUpGuess(kinds, days, reason)
    return None
