"""Guesses which column holds the outcome, and which of its values mean won or unknown.

A lead counts as lost only if a condition says so (``states``). Where nothing says which leads are
lost, people are asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from features.errors import LeadReadyError
from features.guess.column_names import check_name
from features.guess.state_flags import (
    MOST_VALUES,
    dates_of_wins,
    other_meaning,
    won_date_column,
)
from features.guess.states import (
    NOT_OUTCOMES,
    STATUS_NAMES,
    StateGuess,
    guess_states,
    lost_value_beside,
    meets_condition,
    with_given_lost,
    with_lost_beside,
    with_lost_values,
)
from features.text import join
from features.values.few_values import (
    NOT_COUNTED,
    Counted,
    Values,
    column_values,
    few_values,
)
from features.vocabulary.headings import heading_concepts
from features.vocabulary.stage_values import OPEN, WON, coded_meaning, stage_meaning, yes_no
from features.workspace.conditions import ColumnCondition, condition_columns

_QUALIFIED = re.compile(r"qualified|qualifiziert|calificado|qualificado|qualificato", re.I)
_WINS = {"won", "converted"}
_FLAG_NAMES = {*_WINS, "result"}
_BEFORE = re.compile(r"exist|current|former|previous|bestand|bestehend|already", re.I)
MOST_CANDIDATES, MOST_OF_CANDIDATE = 4, 12  # columns that a message names, and their values
MOST_NAMED = 6  # values that a message names
NO_STATES = StateGuess()


@dataclass(frozen=True)
class OutcomeGuess:
    """The column with the outcome, and why.

    Attributes
    ----------
    column : str
        The leads' column.
    won : tuple of str
        Its values that mean won.
    states : StateGuess
        What means lost, open and with sales.
    reason : str
        Why.
    given : bool
        Whether a person named the column and its values.
    is_date : bool
        Whether the column holds dates, which only won leads have.
    """

    column: str
    won: tuple[str, ...]
    states: StateGuess = NO_STATES
    reason: str = ""
    given: bool = False
    is_date: bool = False

    @property
    def won_condition(self) -> ColumnCondition:
        """What means won, as ``leadready.yaml`` has it."""
        if self.is_date:
            return ColumnCondition(self.column, "is_missing", (False,))
        return ColumnCondition(self.column, "one_of", self.won)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that say which leads are won and lost."""
        return tuple(dict.fromkeys([self.column, *condition_columns(self.states.lost)]))

    def results(self, raw: pd.DataFrame) -> pd.Series:
        """Tell of each lead whether it is ``won``, ``not won`` or ``unknown``."""
        lost = meets_condition(raw, self.states.lost)
        results = pd.Series("unknown", index=raw.index, dtype=object)
        return results.mask(lost, "not won").mask(raw[self.column].isin(self.won), "won")


def guess_outcome(
    raw: pd.DataFrame,
    option: str | None,
    lost: Sequence[str] = (),
    counted: Counted = NOT_COUNTED,
) -> OutcomeGuess:
    """Choose the outcome: as given (``COLUMN=VALUE``), else the most likely column.

    Parameters
    ----------
    raw : DataFrame
        The leads' columns, as text.
    option : str, optional
        The value of ``--outcome``: ``COLUMN=VALUE``, or a column of dates that only won leads have.
    lost : sequence of str
        The values of ``--lost``; guessed by default.
    counted : mapping of str to Counter, optional
        The rows of each value of columns, as far as they were counted before.

    Raises
    ------
    LeadReadyError
        If no column looks like an outcome, the given column or value does not exist, or nothing
        says which leads are lost.

    Examples
    --------
    >>> raw = pd.DataFrame({"Phase": ["Gewonnen", "Verloren", "In Arbeit"]})
    >>> guess = guess_outcome(raw, None)
    >>> guess.column, guess.won, guess.states.lost.operand
    ('Phase', ('Gewonnen',), ('Verloren',))
    """
    if option is not None:
        if dates := _given_dates(raw, option):
            return replace(_date_outcome(raw, option.strip(), dates, lost), given=True)
        column, won = _given_outcome(raw, option)
        guess = _outcome_guess(raw, column, won, lost, f"given as --outcome {option!r}")
        return replace(guess, given=True)
    scores = (
        (_outcome_score(name, values, counted.get(name)), name)
        for name, values in column_values(raw)
    )
    score, column = max(scores, key=lambda scored: scored[0], default=(0, ""))
    if score <= 0 and (date := won_date_column(raw)):
        return _date_outcome(raw, date, dates_of_wins(raw[date]), lost)
    if score <= 0:
        raise LeadReadyError(
            "no column looks like an outcome (a stage with a value such as 'won', converted = 1)",
            hint="name the column and the value that mean won: --outcome COLUMN=VALUE, or a column "
            "of dates that only won leads have: --outcome COLUMN" + _candidates_text(raw),
        )
    reason = "a guess: one of its values means won; correct it if that is wrong"
    return _outcome_guess(raw, column, won_values(raw[column], column), lost, reason)


def _given_dates(raw: pd.DataFrame, option: str) -> tuple[str, ...]:
    """The dates of the column that a person named as the outcome; none if it holds no such."""
    name = option.strip()
    return dates_of_wins(raw[name]) if name in raw else ()


def _date_outcome(
    raw: pd.DataFrame, column: str, dates: tuple[str, ...], lost: Sequence[str]
) -> OutcomeGuess:
    reason = f"won when {column} has a date; it is blank for the others"
    return replace(_outcome_guess(raw, column, dates, lost, reason), is_date=True)


def _candidates_text(raw: pd.DataFrame) -> str:
    """The columns that an outcome is most likely among: stages, then those with few values."""
    values = {
        name: few_values(column, MOST_OF_CANDIDATE) or [] for name, column in column_values(raw)
    }
    few = [name for name, found in values.items() if len(found) > 1]
    likeliest = sorted(few, key=lambda name: _rank_of_candidate(name, values[name]))
    shown = [
        f"{name} ({join(values[name], last='or', most=MOST_NAMED)})"
        for name in likeliest[:MOST_CANDIDATES]
    ]
    return f"; columns with few values: {'; '.join(shown)}" if shown else ""


def _rank_of_candidate(name: str, values: Sequence[str]) -> tuple[bool, int]:
    return not heading_concepts(name) & STATUS_NAMES, len(values)


def _given_outcome(raw: pd.DataFrame, option: str) -> tuple[str, tuple[str, ...]]:
    column, equals, value = option.partition("=")
    if not equals or not value.strip():
        raise LeadReadyError(
            f"--outcome {option!r} is not COLUMN=VALUE, and not a column of dates that only some "
            "leads have",
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
    raw: pd.DataFrame, column: str, won: tuple[str, ...], lost: Sequence[str], reason: str
) -> OutcomeGuess:
    values = [str(value) for value in raw[column].value_counts().index]
    others = [value for value in values if value not in won]
    if not others and not raw[column].isna().any():
        raise LeadReadyError(
            f"every lead has {column} = {won[0]}, so there is nothing to learn",
            hint="name another outcome: --outcome COLUMN=VALUE, or export leads not won as well",
        )
    states = guess_states(raw, column, won)
    if lost:
        states = _with_lost(raw, column, won, lost, states)
    if states.lost is None:
        raise _no_lost_error(raw, column, won, others)
    return OutcomeGuess(column, won, states, reason)


def _no_lost_error(
    raw: pd.DataFrame, column: str, won: tuple[str, ...], others: Sequence[str]
) -> LeadReadyError:
    beside = lost_value_beside(raw, column, won)
    what = (
        f"nothing says which leads are lost: besides {join(won)}, {column} has "
        f"{join(others, most=MOST_NAMED)}"
    )
    likely = beside[1] if beside else _likely_lost(column, others)
    if beside:
        what += (
            f"; {beside[0]} has {beside[1]!r}, but won leads have values that mean lost there too"
        )
    return LeadReadyError(
        what,
        hint="name the values that mean lost, the others are still open: --lost "
        f"{likely!r}; if every lead that is not won is lost, "
        "--lost all",
    )


def _likely_lost(column: str, others: Sequence[str]) -> str:
    """The most frequent value that does not say open; of values that all do, the most frequent."""
    return next((value for value in others if other_meaning(column, value) != OPEN), others[0])


def _with_lost(
    raw: pd.DataFrame,
    column: str,
    won: tuple[str, ...],
    lost: Sequence[str],
    states: StateGuess,
) -> StateGuess:
    """The states with the values that a person named, of this column or of the one beside it."""
    others = [str(value) for value in raw[column].value_counts().index if value not in won]
    spelt = {value.casefold().strip() for value in others}
    if not spelt & {value.casefold().strip() for value in lost}:
        if states.column != column:
            return with_lost_values(raw, column, won, states, lost)
        if beside := with_lost_beside(raw, column, won, lost):
            return beside
    return with_given_lost(raw, column, won, _check_lost(lost, others, column))


def _check_lost(lost: Sequence[str], others: Sequence[str], column: str) -> tuple[str, ...]:
    """The given values as the column spells them; ``all`` stands for every other value."""
    if [value.casefold() for value in lost] == ["all"]:
        return tuple(others)
    spelt = {value.casefold().strip(): value for value in others}
    for value in lost:
        if value.casefold().strip() not in spelt:
            raise LeadReadyError.unknown(
                value,
                others,
                what=f"value of {column}",
                where="--lost",
                hint=f"use values of {column} that do not mean won",
            )
    return tuple(spelt[value.casefold().strip()] for value in lost)


def _outcome_score(column: str, of_leads: Values, counted: Counter[str] | None) -> float:
    values = few_values(of_leads if counted is None else counted, MOST_VALUES)
    if not values or not (won := _won_among(values, column)):
        return 0.0
    if len(won) == len(values) and not pd.isna(of_leads).any():
        return 0.0
    concepts = heading_concepts(column)
    is_code = any(coded_meaning(column, value) for value in values)
    is_flag = all(map(yes_no, values)) and not is_code
    says_won = any((coded_meaning(column, value) or stage_meaning(value)) == WON for value in won)
    by_name = (5 if is_flag else 3) * bool(concepts & _WINS)
    by_name = by_name or (1 if is_flag else 3) * bool(concepts & _FLAG_NAMES)  # of any result
    by_name += bool(is_flag and not by_name and _asks_for_win(column))
    by_name += 2 * bool(concepts & STATUS_NAMES)
    unlike = concepts & NOT_OUTCOMES and not concepts >= {"status", "reason"}  # as in Dynamics
    return by_name + 2 * says_won + 4 * is_code - 4 * bool(unlike)


def _asks_for_win(name: str) -> bool:
    """Whether the heading of a yes/no column asks whether a lead was won: ``Enrolled?``."""
    return bool(heading_concepts(name) & _FLAG_NAMES) or (
        stage_meaning(name) == WON and not _BEFORE.search(name)
    )


def won_values(column: pd.Series, name: str) -> tuple[str, ...]:
    """The values that mean won; *qualified* only where nothing else does."""
    return _won_among([str(value) for value in column.value_counts().index], name)


def _won_among(values: Sequence[str], name: str) -> tuple[str, ...]:
    if coded := tuple(value for value in values if coded_meaning(name, value) == WON):
        return coded
    if _asks_for_win(name) and any(yes_no(value) == "yes" for value in values):
        return tuple(value for value in values if yes_no(value) == "yes")
    won = [value for value in values if stage_meaning(value) == WON]
    qualified = (value for value in values if _QUALIFIED.fullmatch(value.strip()))
    return tuple(won) or tuple(qualified)[:1]
