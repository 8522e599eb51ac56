"""Which columns make the skeleton of a workspace: id, dates, outcome, and what events hold.

These are guesses for ``leadready init`` to write down with a reason. Where the data does not say
enough, the guess is None and the person is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from features.errors import LeadReadyError
from features.files.dates import ISO, read_dates
from features.guess.column_names import name_words
from features.guess.columns import Guess

_WON_VALUE = re.compile(
    r"(^|\W|_)(won|payment done|paid|signed|customer|converted|qualified|success|sold)($|\W|_)",
    re.I,
)
_LOST_VALUE = re.compile(
    r"(^|\W|_)(lost|disqualified|unqualified|rejected|dead|junk|not interested|cancell?ed|archived|"
    r"expired|failed|withdrawn|no sale|declined|closed lost|not converted)($|\W|_)",
    re.I,
)
_NOT = re.compile(r"(^|\W|_)(not|un|dis|never|no)[\W_]?", re.I)
_WON_NAMES = {
    "converted",
    "conversion",
    "won",
    "win",
    "customer",
    "purchased",
    "sale",
    "sold",
    "success",
}
_STAGE_NAMES = {"stage", "status", "outcome", "result", "state"}
_TRUE = ("1", "true", "yes", "y", "t")
_UNKNOWN_WHEN = {
    "duplicate": re.compile(r"duplicated?s?|duplicate (lead|record|deal)", re.I),
    "test record": re.compile(r"tests?|test (lead|record|data)", re.I),
    "never worked": re.compile(r"abandoned|never (worked|contacted)|not contacted|unworked", re.I),
}


@dataclass(frozen=True)
class OutcomeGuess:
    """Where the outcome is read from, and why.

    Attributes
    ----------
    column : str
        The leads' column.
    won, still_open : tuple of str
        Its values that mean won, and those of leads that nobody closed yet.
    why : str
        The reason in words.
    """

    column: str
    won: tuple[str, ...]
    still_open: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class EventsGuess:
    """What a file of events holds.

    Attributes
    ----------
    link, link_column : str
        ``lead``, ``contact`` or ``account``, and the column that holds that id.
    matched : float
        The share of its values that are ids of the leads.
    columns : dict
        Key of ``leadready.yaml`` (``time, kind, asset, campaign, value, stage, reason, amount``) to
        the column.
    date_formats : tuple of str
        Of the time column.
    by_sales : tuple of str
        Values of the direction that mean that sales did it.
    is_stages : bool
        Whether it is a history of stages rather than of events.
    reasons : tuple of str
        Values of the column with the reasons of sales.
    """

    link: str
    link_column: str
    matched: float
    columns: dict[str, str]
    date_formats: tuple[str, ...]
    direction: str = ""
    by_sales: tuple[str, ...] = ()
    is_stages: bool = False
    last: pd.Timestamp | None = None
    reasons: tuple[str, ...] = ()


def pick_id(guesses: Sequence[Guess], asked: str | None, names: Sequence[str]) -> str:
    """The column that identifies a lead: the one asked for, or the likeliest.

    Raises
    ------
    LeadReadyError
        When no column has a different value for each lead, or the one asked for is not there.
    """
    if asked is not None:
        return _known(asked, names, "--id")
    ids = [one for one in guesses if one.role == "id"]
    best = max(ids, key=lambda one: _id_points(one, names), default=None)
    if best is None:
        raise LeadReadyError(
            "no column has a different value for each lead, so none can identify them",
            hint="say which one does: --id COLUMN (or add a column that numbers the leads)",
        )
    return best.column


def _id_points(guess: Guess, names: Sequence[str]) -> float:
    words = name_words(guess.column)
    return 3 * ("id" in words) + ("lead" in words) - 0.1 * list(names).index(guess.column)


def pick_created(guesses: Sequence[Guess], asked: str | None, names: Sequence[str]) -> str | None:
    """The date column that says when a lead came in, or None where there is no such date."""
    if asked is not None:
        return _known(asked, names, "--created")
    wanted = [
        "created",
        "creation",
        "entry",
        "received",
        "registered",
        "submitted",
        "inquiry",
        "engage",
    ]
    dates = [one for one in guesses if one.role == "date"]
    for word in wanted:
        for one in dates:
            if word in name_words(one.column):
                return one.column
    plain = [one for one in dates if not name_words(one.column) & _LATE_NAMES]
    return plain[0].column if len(plain) == 1 else None


_LATE_NAMES = {
    "close",
    "closed",
    "closing",
    "won",
    "lost",
    "last",
    "modified",
    "updated",
    "converted",
    "conversion",
    "end",
    "due",
    "next",
    "birth",
    "birthday",
    "renewal",
    "accepted",
}


def pick_handoff(guesses: Sequence[Guess]) -> str | None:
    """The date column that says when marketing handed a lead to sales, if there is one."""
    for one in guesses:
        words = name_words(one.column)
        if one.role == "date" and (
            words & {"handed", "handoff", "mql"} or {"hand", "off"} <= words
        ):
            return one.column
    return None


def pick_outcome(raw: pd.DataFrame, asked: str | None) -> OutcomeGuess:
    """Where the outcome is read from: as asked (``COLUMN=VALUE``), or guessed.

    Raises
    ------
    LeadReadyError
        When nothing looks like an outcome, or what was asked for is not in the data.

    Examples
    --------
    >>> raw = pd.DataFrame({"Stage": ["Closed Won", "Closed Lost", "Working"]})
    >>> guess = pick_outcome(raw, None)
    >>> guess.column, guess.won, guess.still_open
    ('Stage', ('Closed Won',), ('Working',))
    """
    if asked is not None:
        column, won = _asked_outcome(raw, asked)
        return _outcome(raw, column, won, f"asked for by --outcome {asked!r}")
    best = max(((_outcome_points(raw, str(one)), str(one)) for one in raw.columns), default=(0, ""))
    if best[0] <= 0:
        raise LeadReadyError(
            "no column looks like an outcome (a stage with a value such as 'won', converted = 1)",
            hint="say which column and value mean that a lead was won: --outcome COLUMN=VALUE",
        )
    won = _won_values(raw[best[1]], best[1])
    return _outcome(
        raw, best[1], won, "guessed: a value of it means won; correct it if it does not"
    )


def _asked_outcome(raw: pd.DataFrame, asked: str) -> tuple[str, tuple[str, ...]]:
    column, equals, value = asked.partition("=")
    if not equals or not value.strip():
        raise LeadReadyError(
            f"--outcome {asked!r} is not COLUMN=VALUE",
            hint="write it as --outcome 'Stage=Closed Won'",
        )
    column = _known(column.strip(), list(map(str, raw.columns)), "--outcome")
    values = [str(one) for one in raw[column].dropna().unique()]
    won = tuple(one for one in values if one.lower() == value.strip().lower())
    if not won:
        raise LeadReadyError.unknown(
            value.strip(),
            values,
            what=f"value of {column}",
            where="--outcome",
            hint=f"use one of the values of {column}",
        )
    return column, won


def _outcome(raw: pd.DataFrame, column: str, won: tuple[str, ...], why: str) -> OutcomeGuess:
    values = [str(one) for one in raw[column].value_counts().index]
    others = [one for one in values if one not in won]
    if not others and not raw[column].isna().any():
        raise LeadReadyError(
            f"every lead has {column} = {won[0]}, so there is nothing to learn",
            hint="name another outcome: --outcome COLUMN=VALUE, or export leads not won as well",
        )
    lost = [one for one in others if _LOST_VALUE.search(one)]
    still_open = [one for one in others if one not in lost] if lost and len(others) <= 40 else []
    return OutcomeGuess(column, won, tuple(still_open), why)


def _outcome_points(raw: pd.DataFrame, column: str) -> float:
    values = raw[column].dropna().unique()
    if not 1 <= len(values) <= 40 or not (won := _won_values(raw[column], column)):
        return 0.0
    if len(won) == len(values) and not raw[column].isna().any():
        return 0.0
    words = name_words(column)
    says_won = any(re.search(r"(^|\W|_)won($|\W|_)", one, re.I) for one in won)
    flag = all(str(one).lower() in (*_TRUE, "0", "false", "no", "n", "f") for one in values)
    named = (5 if flag else 3) * bool(words & _WON_NAMES) + 2 * bool(words & _STAGE_NAMES)
    return (
        named + 2 * says_won - 4 * bool(words & {"reason", "source", "type", "timestamp", "title"})
    )


def _won_values(column: pd.Series, name: str) -> tuple[str, ...]:
    values = [str(one) for one in column.value_counts().index]
    if name_words(name) & _WON_NAMES and any(one.lower() in _TRUE for one in values):
        return tuple(one for one in values if one.lower() in _TRUE)
    sure = [one for one in values if re.search(r"(^|\W|_)won($|\W|_)", one, re.I)]
    found = sure or [one for one in values if _WON_VALUE.search(one)]
    return tuple(one for one in found if not _NOT.match(one) and not _LOST_VALUE.search(one))[:1]


def unknown_when(raw: pd.DataFrame, skip: set[str]) -> dict[str, tuple[str, str]]:
    """Reasons for which nobody knows the outcome, found among the columns' values.

    Examples
    --------
    >>> unknown_when(pd.DataFrame({"Reason": ["Duplicate", "Too small"]}), set())
    {'duplicate': ('Reason', 'Duplicate')}
    """
    found: dict[str, tuple[str, str]] = {}
    for name in raw.columns:
        values = raw[name].dropna().unique()
        if name in skip or not 1 < len(values) <= 60:
            continue
        for reason, pattern in _UNKNOWN_WHEN.items():
            hits = [str(one) for one in values if pattern.fullmatch(str(one).strip())]
            if hits and reason not in found:
                found[reason] = (str(name), hits[0])
    return found


def look_at_events(
    table: pd.DataFrame, guesses: Sequence[Guess], ids: Mapping[str, pd.Series], where: str
) -> EventsGuess:
    """Find in a file of events whose they are, when they were, and what they were.

    Parameters
    ----------
    ids : mapping of str to Series
        The leads' own ids: under ``lead``, and where there are any ``contact``, ``account``.
    """
    link, column, share = _link(table, ids)
    if share < 0.05:
        raise LeadReadyError(
            f"no column holds the leads' ids (best: {column!r}, {100 * share:.0f} % of its values)",
            where=where,
            hint="give the leads a column with the same ids: --id COLUMN, or map it by hand",
        )
    dates = [one for one in guesses if one.role == "date"]
    if not dates:
        raise LeadReadyError("no column holds dates", where=where, hint="events need a time each")
    time = max(dates, key=lambda one: _time_points(one.column))
    read = read_dates(table[time.column], time.date_formats or (ISO,))
    columns = {"time": time.column, **_event_columns(guesses, {column, time.column})}
    direction, ours = _by_sales(table, guesses)
    stages = "stage" in columns
    return EventsGuess(
        link, column, share, columns, time.date_formats, direction, ours, stages, read.max()
    )


def _link(table: pd.DataFrame, ids: Mapping[str, pd.Series]) -> tuple[str, str, float]:
    found = [
        (float(table[name].dropna().head(20_000).isin(set(known.dropna())).mean()), kind, str(name))
        for kind, known in ids.items()
        for name in table.columns
        if table[name].notna().any()
    ]
    share, kind, name = max(found, key=lambda one: one[0], default=(0.0, "lead", ""))
    return kind, name, share


def _time_points(name: str) -> int:
    words = name_words(name)
    return 2 * bool(words & {"time", "timestamp", "at", "occurred", "start", "changed"}) + (
        "date" in words
    )


def _event_columns(guesses: Sequence[Guess], taken: set[str]) -> dict[str, str]:
    wanted = {
        "stage": {"stage"},
        "kind": {"kind", "type", "event", "activity", "action", "status"},
        "reason": {"reason"},
        "asset": {"asset", "content", "page", "url", "subject"},
        "campaign": {"campaign"},
        "value": {"duration", "value", "seconds", "amount"},
    }
    found: dict[str, str] = {}
    for key, words in wanted.items():
        fits = [one for one in guesses if one.column not in taken and _fits(one, key, words)]
        if fits:
            best = min(fits, key=lambda one: len(name_words(one.column) - words))
            found[key] = best.column
            taken = taken | {best.column}
    if "stage" in found:
        found.pop("kind", None)
        found.update({"amount": found.pop("value")} if "value" in found else {})
    return found


def _fits(guess: Guess, key: str, words: set[str]) -> bool:
    if not name_words(guess.column) & words:
        return False
    if key == "value":
        return guess.type == "number"
    return guess.role in ("feature", "identifier", "constant", "text") and guess.type != "number"


def _by_sales(table: pd.DataFrame, guesses: Sequence[Guess]) -> tuple[str, tuple[str, ...]]:
    for one in guesses:
        if one.type not in ("category", "flag"):
            continue
        values = [str(value) for value in table[one.column].dropna().unique()[:50]]
        ours = [
            value
            for value in values
            if re.fullmatch(r"outbound|outgoing|sales|rep|us", value, re.I)
        ]
        if ours and len(values) > 1:
            return one.column, tuple(ours)
    return "", ()


def _known(name: str, names: Sequence[str], where: str) -> str:
    if name not in names:
        raise LeadReadyError.unknown(
            name, names, where=where, hint="columns are named as in the file"
        )
    return name
