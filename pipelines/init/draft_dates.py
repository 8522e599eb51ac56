"""The dates of a new workspace: when leads closed, and until when the data goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from features.dates.detect import known_dates
from features.guess.closed_date import PLANNED, guess_closed, guess_won_date
from features.guess.columns import ColumnGuess
from features.guess.outcome import OutcomeGuess
from features.tables.read import A_WHILE
from features.vocabulary.headings import heading_concepts
from pipelines.init.key_columns import KeyColumns
from pipelines.init.related_files import Events

MISTAKEN = 1000  # one date in so many may be a mistake


def find_ends(
    raw: pd.DataFrame,
    guesses: Sequence[ColumnGuess],
    outcome: OutcomeGuess | None,
    keys: KeyColumns,
    used: set[str],
) -> tuple[str | None, str | None]:
    """The dates of closing and of winning, if there is a moment that they can be compared with."""
    moment = {column for column in (keys.created, keys.handoff) if column}
    if outcome is None or not moment:
        return None, None
    results, taken = outcome.results(raw), used | moment
    closed = guess_closed(raw, guesses, results, taken)
    if outcome.is_date:
        return closed, outcome.column
    return closed, guess_won_date(raw, guesses, results, taken) or closed


def dating_columns(keys: KeyColumns, guesses: Sequence[ColumnGuess]) -> list[str]:
    """The columns that date the leads; if none does, every date that is not a plan."""
    dating = [column for column in (keys.created, keys.handoff) if column]
    return dating or [
        guess.column
        for guess in guesses
        if guess.role == "date" and not heading_concepts(guess.column) & PLANNED
    ]


def day_after_latest(
    raw: pd.DataFrame,
    columns: Sequence[str],
    formats: Mapping[str, tuple[str, ...]],
    events: Events,
    ends: Sequence[str | None],
) -> pd.Timestamp | None:
    """The day after the latest date; single dates of an end that are far later are mistakes."""
    dates = [known_dates(raw[name], formats.get(name, ())) for name in columns]
    latest = [column.max() for column in dates if column is not None]
    latest += [guess.last for _, guess in events if guess.last is not None]
    for name in filter(None, ends):
        known = known_dates(raw[name], formats.get(name, ()))
        if known is not None and latest:
            known = known[known <= pd.Timestamp.now()]
            latest.append(known.nlargest(1 + len(known) // MISTAKEN).min())
    times = [time for time in latest if pd.notna(time)]
    return max(times).floor("D") + pd.Timedelta(days=1) if times else None


def closed_long_after(closed: pd.Timestamp | None, came_in: pd.Timestamp | None) -> bool:
    """Whether leads were closed weeks after the last one came in: some were not exported."""
    return closed is not None and came_in is not None and closed - came_in > A_WHILE
