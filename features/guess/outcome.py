"""Guesses which column holds the outcome, and which of its values mean won or unknown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from features.errors import LeadReadyError
from features.guess.column_names import name_words
from features.guess.lead_columns import check_name

_WON = re.compile(r"(^|\W|_)won($|\W|_)", re.I)
_WON_VALUE = re.compile(
    r"(^|\W|_)(won|payment done|paid|signed|customer|converted|qualified|success|sold)($|\W|_)",
    re.I,
)
_LOST_VALUE = re.compile(
    r"(^|\W|_)(lost|disqualified|unqualified|rejected|dead|junk|not interested|cancell?ed|archived|"
    r"expired|failed|withdrawn|no sale|declined|closed lost|not converted)($|\W|_)",
    re.I,
)
_NEGATION = re.compile(r"(^|\W|_)(not|un|dis|never|no)[\W_]?", re.I)
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
_OTHER_NAMES = {"reason", "source", "type", "timestamp", "title"}
_TRUE = ("1", "true", "yes", "y", "t")
_FALSE = ("0", "false", "no", "n", "f")
_UNKNOWN_WHEN = {
    "duplicate": re.compile(r"duplicated?s?|duplicate (lead|record|deal)", re.I),
    "test record": re.compile(r"tests?|test (lead|record|data)", re.I),
    "never worked": re.compile(r"abandoned|never (worked|contacted)|not contacted|unworked", re.I),
}
MOST_VALUES = 40  # of an outcome


@dataclass(frozen=True)
class OutcomeGuess:
    """The column with the outcome, and why.

    Attributes
    ----------
    column : str
        The leads' column.
    won, still_open : tuple of str
        Its values that mean won, and those of leads that are still open.
    reason : str
        Why.
    """

    column: str
    won: tuple[str, ...]
    still_open: tuple[str, ...]
    reason: str


class ColumnValue(NamedTuple):
    """A value of a column."""

    column: str
    value: str


def guess_outcome(raw: pd.DataFrame, option: str | None) -> OutcomeGuess:
    """Choose the outcome: as given (``COLUMN=VALUE``), else the most likely column.

    Parameters
    ----------
    raw : DataFrame
        The leads' columns, as text.
    option : str, optional
        The value of ``--outcome``.

    Raises
    ------
    LeadReadyError
        If no column looks like an outcome, or the given column or value does not exist.

    Examples
    --------
    >>> raw = pd.DataFrame({"Stage": ["Closed Won", "Closed Lost", "Working"]})
    >>> guess = guess_outcome(raw, None)
    >>> guess.column, guess.won, guess.still_open
    ('Stage', ('Closed Won',), ('Working',))
    """
    if option is not None:
        column, won = _given_outcome(raw, option)
        return _outcome_guess(raw, column, won, f"given as --outcome {option!r}")
    scores = ((_outcome_score(raw, str(name)), str(name)) for name in raw.columns)
    score, column = max(scores, default=(0, ""))
    if score <= 0:
        raise LeadReadyError(
            "no column looks like an outcome (a stage with a value such as 'won', converted = 1)",
            hint="name the column and the value that mean won: --outcome COLUMN=VALUE",
        )
    reason = "a guess: one of its values means won; correct it if that is wrong"
    return _outcome_guess(raw, column, _won_values(raw[column], column), reason)


def _given_outcome(raw: pd.DataFrame, option: str) -> tuple[str, tuple[str, ...]]:
    column, equals, value = option.partition("=")
    if not equals or not value.strip():
        raise LeadReadyError(
            f"--outcome {option!r} is not COLUMN=VALUE",
            hint="write it as --outcome 'Stage=Closed Won'",
        )
    column = check_name(column.strip(), list(map(str, raw.columns)), "--outcome")
    values = [str(value) for value in raw[column].dropna().unique()]
    won = tuple(text for text in values if text.lower() == value.strip().lower())
    if not won:
        raise LeadReadyError.unknown(
            value.strip(),
            values,
            what=f"value of {column}",
            where="--outcome",
            hint=f"use one of the values of {column}",
        )
    return column, won


def _outcome_guess(
    raw: pd.DataFrame, column: str, won: tuple[str, ...], reason: str
) -> OutcomeGuess:
    values = [str(value) for value in raw[column].value_counts().index]
    others = [value for value in values if value not in won]
    if not others and not raw[column].isna().any():
        raise LeadReadyError(
            f"every lead has {column} = {won[0]}, so there is nothing to learn",
            hint="name another outcome: --outcome COLUMN=VALUE, or export leads not won as well",
        )
    lost = [value for value in others if _LOST_VALUE.search(value)]
    few = len(others) <= MOST_VALUES
    still_open = [value for value in others if value not in lost] if lost and few else []
    return OutcomeGuess(column, won, tuple(still_open), reason)


def _outcome_score(raw: pd.DataFrame, column: str) -> float:
    values = raw[column].dropna().unique()
    if not 1 <= len(values) <= MOST_VALUES or not (won := _won_values(raw[column], column)):
        return 0.0
    if len(won) == len(values) and not raw[column].isna().any():
        return 0.0
    words = name_words(column)
    names_won = any(_WON.search(value) for value in won)
    is_flag = all(str(value).lower() in (*_TRUE, *_FALSE) for value in values)
    by_name = (5 if is_flag else 3) * bool(words & _WON_NAMES) + 2 * bool(words & _STAGE_NAMES)
    return by_name + 2 * names_won - 4 * bool(words & _OTHER_NAMES)


def _won_values(column: pd.Series, name: str) -> tuple[str, ...]:
    values = [str(value) for value in column.value_counts().index]
    if name_words(name) & _WON_NAMES and any(value.lower() in _TRUE for value in values):
        return tuple(value for value in values if value.lower() in _TRUE)
    explicit = [value for value in values if _WON.search(value)]
    likely = explicit or [value for value in values if _WON_VALUE.search(value)]
    won = (
        value for value in likely if not _NEGATION.match(value) and not _LOST_VALUE.search(value)
    )
    return tuple(won)[:1]


def guess_unknown_when(raw: pd.DataFrame, skip: set[str]) -> dict[str, ColumnValue]:
    """Find values that mean that the outcome is unknown, by reason.

    Parameters
    ----------
    raw : DataFrame
        The leads' columns, as text.
    skip : set of str
        Columns to leave out.

    Examples
    --------
    >>> guess_unknown_when(pd.DataFrame({"Reason": ["Duplicate", "Too small"]}), set())
    {'duplicate': ColumnValue(column='Reason', value='Duplicate')}
    """
    found: dict[str, ColumnValue] = {}
    for name in raw.columns:
        values = raw[name].dropna().unique()
        if name in skip or not 1 < len(values) <= 60:
            continue
        for reason, pattern in _UNKNOWN_WHEN.items():
            matches = [str(value) for value in values if pattern.fullmatch(str(value).strip())]
            if matches and reason not in found:
                found[reason] = ColumnValue(str(name), matches[0])
    return found
