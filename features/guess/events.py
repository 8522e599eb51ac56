"""Guesses what a file of events holds: whose they are, when they happened and what they were."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from features.dates.detect import dates_or_none
from features.errors import LeadReadyError
from features.guess.columns import ColumnGuess
from features.guess.links import LinkGuess
from features.vocabulary.headings import heading_words

_TIME_WORDS = {"time", "timestamp", "at", "occurred", "start", "changed"}
_KEY_WORDS = {  # in the names of the columns for each key of ``leadready.yaml``
    "stage": {"stage"},
    "kind": {"kind", "type", "event", "activity", "action", "status"},
    "reason": {"reason"},
    "asset": {"asset", "content", "page", "url", "subject"},
    "campaign": {"campaign"},
    "value": {"duration", "value", "seconds", "amount"},
}
_BY_SALES = re.compile(r"outbound|outgoing|sales|rep|us", re.I)


@dataclass(frozen=True)
class EventsGuess:
    """What a file of events holds.

    Attributes
    ----------
    link : LinkGuess
        The column that names leads, contacts or accounts, and the leads' column with these ids.
    columns : dict of str to str
        The column for each key of ``leadready.yaml``: time, kind, asset, campaign, value, stage,
        reason, amount.
    date_formats : tuple of str
        Of the time column.
    direction : str
        The column that shows who caused an event; empty if there is none.
    by_sales : tuple of str
        Its values that mean sales.
    is_stages : bool
        Whether the file is a stage history rather than events.
    last : Timestamp or None
        The latest event.
    reasons : tuple of str
        Different values of the column with the reasons of sales.
    decimal : str
        The decimal mark of its numbers; empty if nothing has to be written.
    lost_stages : tuple of str
        Different values of the stage column that mean lost.
    times, names : Series, optional
        When each event happened, and the value of the link column.
    """

    link: LinkGuess
    columns: dict[str, str]
    date_formats: tuple[str, ...]
    direction: str = ""
    by_sales: tuple[str, ...] = ()
    is_stages: bool = False
    last: pd.Timestamp | None = None
    reasons: tuple[str, ...] = ()
    decimal: str = ""
    lost_stages: tuple[str, ...] = ()
    times: pd.Series | None = field(default=None, repr=False, compare=False)
    names: pd.Series | None = field(default=None, repr=False, compare=False)


def guess_events(
    table: pd.DataFrame, guesses: Sequence[ColumnGuess], link: LinkGuess, where: str
) -> EventsGuess:
    """Guess what a file of events holds.

    Parameters
    ----------
    table : DataFrame
        The file, as text.
    guesses : sequence of ColumnGuess
        Its columns.
    link : LinkGuess
        The column that names leads, contacts or accounts.
    where : str
        The file's name, for errors.

    Raises
    ------
    LeadReadyError
        If no column holds dates.
    """
    dates = [guess for guess in guesses if guess.role == "date"]
    if not dates:
        hint = "export the events with their time"
        raise LeadReadyError("no column holds dates", where=where, hint=hint)
    time = max(dates, key=lambda guess: _time_score(guess.column))
    times = dates_or_none(table[time.column], time.date_formats)
    columns = {"time": time.column, **_event_columns(guesses, {link.column, time.column})}
    direction, by_sales = _direction_column(table, guesses)
    return EventsGuess(
        link,
        columns,
        time.date_formats,
        direction,
        by_sales,
        is_stages="stage" in columns,
        last=None if times is None else times.max(),
        times=times,
        names=table[link.column],
    )


def _name_words(name: str) -> set[str]:
    """The words of a heading; plurals also without their s."""
    words = set(heading_words(name))
    return words | {word.removesuffix("s") for word in words if len(word) > 4}


def _time_score(name: str) -> int:
    words = _name_words(name)
    return 2 * bool(words & _TIME_WORDS) + ("date" in words)


def _event_columns(guesses: Sequence[ColumnGuess], taken: set[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for key, words in _KEY_WORDS.items():
        fitting = [
            guess.column
            for guess in guesses
            if guess.column not in taken and _fits_key(guess, key, words)
        ]
        if fitting:
            columns[key] = min(fitting, key=lambda name: len(_name_words(name) - words))
            taken = taken | {columns[key]}
    if "stage" in columns:
        columns.pop("kind", None)
        columns.update({"amount": columns.pop("value")} if "value" in columns else {})
    return columns


def _fits_key(guess: ColumnGuess, key: str, words: set[str]) -> bool:
    if not _name_words(guess.column) & words:
        return False
    if key == "value":
        return guess.type == "number"
    return guess.role in ("feature", "identifier", "constant", "text") and guess.type != "number"


def _direction_column(
    table: pd.DataFrame, guesses: Sequence[ColumnGuess]
) -> tuple[str, tuple[str, ...]]:
    """The column that shows who caused an event, and its values that mean sales."""
    for guess in guesses:
        if guess.type not in ("category", "flag"):
            continue
        values = [str(value) for value in table[guess.column].dropna().unique()[:50]]
        by_sales = [value for value in values if _BY_SALES.fullmatch(value)]
        if by_sales and len(values) > 1:
            return guess.column, tuple(by_sales)
    return "", ()
