"""Guesses what a file of events holds: whose they are, when they happened and what they were."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from features.dates.detect import known_dates
from features.errors import LeadReadyError
from features.field_history.field_names import columns_of_fields
from features.guess.columns import ColumnGuess
from features.guess.ids import OF_OTHERS, name_rank
from features.related.field_changes import (
    guess_field_column,
    names_a_stage,
    validity_columns,
    value_columns,
)
from features.related.links import LinkGuess
from features.related.stage_columns import LEAST_SHARED, guess_stage
from features.values.few_values import different_values
from features.vocabulary.direction_values import BY_SALES, who_acted
from features.vocabulary.headings import heading_concepts, heading_words

MOST_KINDS = 40  # of a column that nothing but its values makes the kind of event
ROWS_TO_COMPARE = 20_000
SAME_DAY = 0.9  # of the rows, or a time is not that of the day
_TIME_WORDS = {"time", "timestamp", "at", "occurred", "start", "changed"}
_OTHER_TIMES = {"modified", "expected", "next", "end", "closed", "birth", "last"}
_STAGE_KEYS = ("reason", "amount")
_EVENT_KEYS = ("kind", "reason", "asset", "campaign", "value")
_CONCEPTS = {  # of the headings for each key of ``leadready.yaml``
    "kind": {"event", "activity", "kind"},
    "reason": {"reason"},
    "asset": {"page", "subject"},
    "campaign": {"campaign"},
    "value": {"duration", "amount"},
    "amount": {"amount", "duration"},
}
_KEY_WORDS = {  # words that mean a key only in a file of events
    "kind": {"kind", "type", "event", "activity", "action", "status"},
    "asset": {"asset", "content", "url"},
    "value": {"value", "seconds"},
    "amount": {"value"},
}


@dataclass(frozen=True)
class EventsGuess:
    """What a file of events holds.

    Attributes
    ----------
    link : LinkGuess
        The column that names leads, contacts or accounts, and the leads' column with these ids.
    columns : dict of str to str
        The column for each key of ``leadready.yaml``: time, kind, asset, campaign, value, stage,
        reason, amount, column.
    date_formats : tuple of str
        Of the time column.
    direction : str
        The column that shows who caused an event; empty if there is none.
    by_sales : tuple of str
        Its values that mean sales.
    role : str
        ``events``, ``stages`` (a stage history) or ``changes`` (a history of fields).
    last : Timestamp or None
        The latest event.
    reasons : tuple of str
        Different values of the column with the reasons of sales.
    decimal : str
        The decimal mark of its numbers; empty if nothing has to be written.
    won_stages : tuple of str
        Different values of the stage column that mean won.
    times, names, stages : Series, optional
        When each event happened, the value of the link column, and the stage that was reached.
    """

    link: LinkGuess
    columns: dict[str, str]
    date_formats: tuple[str, ...]
    direction: str = ""
    by_sales: tuple[str, ...] = ()
    role: str = "events"
    last: pd.Timestamp | None = None
    reasons: tuple[str, ...] = ()
    decimal: str = ""
    won_stages: tuple[str, ...] = ()
    times: pd.Series | None = field(default=None, repr=False, compare=False)
    names: pd.Series | None = field(default=None, repr=False, compare=False)
    stages: pd.Series | None = field(default=None, repr=False, compare=False)

    @property
    def is_stages(self) -> bool:
        """Whether the file is a stage history."""
        return self.role == "stages"

    @property
    def is_events(self) -> bool:
        """Whether the file is of events."""
        return self.role == "events"


def guess_events(
    table: pd.DataFrame,
    guesses: Sequence[ColumnGuess],
    link: LinkGuess,
    where: str,
    *,
    role: str | None = None,
    stages: Collection[str] = (),
    lead_columns: Sequence[str] = (),
) -> EventsGuess:
    """Guess what a file of events, stages or changes holds.

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
    role : str, optional
        ``stages``, ``changes`` or ``events`` if that is known; found out by default.
    stages : collection of str
        Stages and states that the leads have.
    lead_columns : sequence of str
        The headings of the leads.

    Raises
    ------
    LeadReadyError
        If no column holds dates, or the file is not what a person said.
    """
    time = _time_column(table, guesses, where)
    times = known_dates(table[time.column], time.date_formats)
    if times is None:
        times = pd.Series(pd.NaT, table.index, dtype="datetime64[us]")
    others = [guess for guess in guesses if guess.column not in (link.column, time.column)]
    may_name_fields = link.link == "lead" and role != "events"
    field = guess_field_column(table, others, lead_columns) if may_name_fields else None
    several = field is not None and table[field].nunique() > 1
    if role in (None, "changes") and (versions := _versions(table, guesses, link, lead_columns)):
        return versions
    if role == "changes" and field is None:
        raise _not_found("name of the field that was changed", where)
    if role == "stages" and several:
        raise LeadReadyError(
            f"{field} names several fields, so not every row is a change of stage",
            where=where,
            hint="give it as --changes FILE; or keep only the rows of the stage",
        )
    values = {} if field is None else value_columns(guesses, (field, time.column, link.column))
    of_stage = not several and _is_of_stage(table, field, values, stages)
    if field is not None and (role == "changes" or (role is None and not of_stage)):
        columns = {"column": field, "time": time.column, **values}
        return EventsGuess(link, columns, time.date_formats, role="changes", last=times.max())
    stage = None
    if may_name_fields:
        told = role == "stages" or field is not None
        stage = guess_stage(table, others, link.column, times, stages, where, told=told)
    if role == "stages" and stage is None:
        raise _not_found("stage that a lead reached", where)
    taken = {link.column, time.column, *(column for column, _ in link.further.values())} | (
        {field} if field else set()
    )
    columns = {"time": time.column, **_event_columns(table, guesses, taken, stage)}
    direction, by_sales = ("", ()) if stage else _direction_column(table, guesses)
    return EventsGuess(
        link,
        columns,
        time.date_formats,
        direction,
        by_sales,
        role="stages" if stage else "events",
        last=times.max(),
        times=times,
        names=table[link.column],
        stages=None if stage is None else table[stage],
    )


def _is_of_stage(
    table: pd.DataFrame, field: str | None, values: Mapping[str, str], stages: Collection[str]
) -> bool:
    """Whether a history of a single field is one of a stage, by its name or its values."""
    if field is None or names_a_stage(table[field]) or "new" not in values:
        return True
    return float(table[values["new"]].dropna().isin(list(stages)).mean()) > LEAST_SHARED


def _versions(
    table: pd.DataFrame,
    guesses: Sequence[ColumnGuess],
    link: LinkGuess,
    lead_columns: Sequence[str],
) -> EventsGuess | None:
    """A file with versions of whole leads, from one time until another; None if it is not."""
    columns = validity_columns(guesses)
    others = [str(name) for name in table.columns if name not in (*columns.values(), link.column)]
    if link.link != "lead" or not columns or not columns_of_fields(others, lead_columns):
        return None
    formats = next(guess.date_formats for guess in guesses if guess.column == columns["time"])
    times = known_dates(table[columns["time"]], formats)
    last = None if times is None else times.max()
    return EventsGuess(link, columns, formats, role="changes", last=last)


def _name_words(name: str) -> set[str]:
    """The words of a heading; plurals also without their s."""
    words = set(heading_words(name))
    return words | {word.removesuffix("s") for word in words if len(word) > 4}


def _not_found(what: str, where: str) -> LeadReadyError:
    hint = "export it with that column, or leave the file out"
    return LeadReadyError(f"no column holds the {what}", where=where, hint=hint)


def _time_column(table: pd.DataFrame, guesses: Sequence[ColumnGuess], where: str) -> ColumnGuess:
    dates = [guess for guess in guesses if guess.role == "date"]
    if not dates:
        hint = "export the events with their time"
        raise LeadReadyError("no column holds dates", where=where, hint=hint)
    best = max(dates, key=lambda guess: _time_score(guess.column))
    return next((date for date in dates if _is_finer(table, date, best)), best)


def _is_finer(table: pd.DataFrame, date: ColumnGuess, best: ColumnGuess) -> bool:
    """Whether a date has the time of day of what the best one gives in days only."""
    some = table.head(ROWS_TO_COMPARE)
    times, days = (known_dates(some[each.column], each.date_formats) for each in (date, best))
    if times is None or days is None or (days.dropna() != days.dropna().dt.floor("D")).any():
        return False
    timed = (times.dropna() != times.dropna().dt.floor("D")).mean() > SAME_DAY
    return bool(timed and (times.dt.floor("D") == days).mean() > SAME_DAY)


def _time_score(name: str) -> int:
    """How likely a date is the time of the event rather than of its record, end or reminder."""
    words, concepts = _name_words(name), heading_concepts(name)
    happened = bool(words & _TIME_WORDS or concepts & {"time", "start"})
    about = 2 * bool(concepts & {"event", "activity"})
    return 2 * happened + ("date" in words) + about - 3 * bool(concepts & _OTHER_TIMES)


def _event_columns(
    table: pd.DataFrame, guesses: Sequence[ColumnGuess], taken: set[str], stage: str | None
) -> dict[str, str]:
    columns = {} if stage is None else {"stage": stage}
    taken = taken | set(columns.values())
    for key in _STAGE_KEYS if stage else _EVENT_KEYS:
        free = [guess for guess in guesses if guess.column not in taken]
        if key == "kind":
            free = [guess for guess in free if not _says_only_who_acted(table, guess)]
        fitting = [guess.column for guess in free if _fits_key(guess, key)]
        if not fitting and key == "kind":
            fitting = _likely_kinds(table, free)[:1]
        if fitting:
            columns[key] = min(fitting, key=_vagueness)
            taken = taken | {columns[key]}
    return columns


def _fits_key(guess: ColumnGuess, key: str) -> bool:
    words = _name_words(guess.column)
    if not (words & _KEY_WORDS.get(key, set()) or heading_concepts(guess.column) & _CONCEPTS[key]):
        return False
    if key in ("value", "amount"):
        return guess.type == "number"
    if key == "kind" and name_rank(guess.column) >= OF_OTHERS:
        return False  # an id of the event
    return guess.role in ("feature", "identifier", "constant", "text") and guess.type != "number"


def _vagueness(name: str) -> tuple[bool, int]:
    """The lower, the more plainly a heading says what its column is."""
    return "kind" not in heading_concepts(name), len(heading_words(name))


def _likely_kinds(table: pd.DataFrame, guesses: Sequence[ColumnGuess]) -> list[str]:
    """Categories of a few values, those with the fewest first: probably the kind of event."""
    sizes = {
        guess.column: table[guess.column].nunique()
        for guess in guesses
        if guess.type == "category" and "direction" not in heading_concepts(guess.column)
    }
    few = [name for name, size in sizes.items() if 2 <= size <= MOST_KINDS]
    return sorted(few, key=lambda name: sizes[name])


def _says_only_who_acted(table: pd.DataFrame, guess: ColumnGuess) -> bool:
    """Whether all values are directions, as those of a call: such a column is no kind of event."""
    if guess.type not in ("category", "flag") and guess.role != "constant":
        return False
    values = different_values(table[guess.column])[:50]
    return len(values) > 0 and all(who_acted(str(value)) is not None for value in values)


def _direction_column(
    table: pd.DataFrame, guesses: Sequence[ColumnGuess]
) -> tuple[str, tuple[str, ...]]:
    """The column that shows who caused an event, and its values that mean sales."""
    for guess in guesses:
        if guess.type not in ("category", "flag"):
            continue
        values = [str(value) for value in different_values(table[guess.column])[:50]]
        named = "direction" in heading_concepts(guess.column)
        plain = [value for value in values if named or len(value.split()) == 1]
        by_sales = [value for value in plain if who_acted(value) == BY_SALES]
        if by_sales and len(values) > 1:
            return guess.column, tuple(by_sales)
    return "", ()
