"""Guesses which column holds the outcome, and which of its values mean won, lost or unknown.

A lead counts as lost only if a value says so. Values that say neither won nor lost leave the lead
open, and where nothing says lost, people are asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import pandas as pd

from features.errors import LeadReadyError
from features.guess.lead_columns import check_name
from features.text import join
from features.vocabulary.headings import heading_concepts
from features.vocabulary.stage_values import LOST, OPEN, WON, is_with_sales, stage_meaning, yes_no

_QUALIFIED = re.compile(r"qualified|qualifiziert|calificado|qualificado|qualificato", re.I)
_NOT_OUTCOMES = {"reason", "source", "type", "title", "time", "date", "owner", "note", "campaign"}
_STATUS_NAMES = {"stage", "status", "result"}
_FLAG_NAMES = {"won", "converted", "result"}
_UNKNOWN_WHEN = {
    "duplicate": re.compile(r"duplicated?s?|duplicate (lead|record|deal)|dublette", re.I),
    "test record": re.compile(r"tests?|test (lead|record|data)", re.I),
    "never worked": re.compile(r"abandoned|never (worked|contacted)|not contacted|unworked", re.I),
}
MOST_VALUES = 40  # of an outcome
MOST_NAMED = 6  # values that a message names
MOST_WON_AFTER_ALL = 0.05  # of the leads whose status means lost


@dataclass(frozen=True)
class OutcomeGuess:
    """The column with the outcome, and why.

    Attributes
    ----------
    column : str
        The leads' column.
    won : tuple of str
        Its values that mean won.
    lost : mapping
        The values that mean lost, by column; empty if all leads that are not won are lost.
    unclear : tuple of str
        Values that say neither won, lost nor open; such leads count as open.
    reason : str
        Why.
    given : bool
        Whether a person named the column and its values.
    with_sales : tuple of str
        Values of leads that sales already has.
    """

    column: str
    won: tuple[str, ...]
    lost: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unclear: tuple[str, ...] = ()
    reason: str = ""
    given: bool = False
    with_sales: tuple[str, ...] = ()

    def results(self, raw: pd.DataFrame) -> pd.Series:
        """Tell of each lead whether it is ``won``, ``not won`` or ``unknown``."""
        values = raw[self.column]
        lost = values.notna() if not self.lost else pd.Series(False, index=raw.index)
        for column, meaning_lost in self.lost.items():
            lost |= raw[column].isin(meaning_lost)
        results = pd.Series("unknown", index=raw.index, dtype=object)
        return results.mask(lost, "not won").mask(values.isin(self.won), "won")


class ColumnValue(NamedTuple):
    """A value of a column."""

    column: str
    value: str


def guess_outcome(raw: pd.DataFrame, option: str | None, lost: Sequence[str] = ()) -> OutcomeGuess:
    """Choose the outcome: as given (``COLUMN=VALUE``), else the most likely column.

    Parameters
    ----------
    raw : DataFrame
        The leads' columns, as text.
    option : str, optional
        The value of ``--outcome``.
    lost : sequence of str
        The values of ``--lost``; guessed by default.

    Raises
    ------
    LeadReadyError
        If no column looks like an outcome, the given column or value does not exist, or nothing
        says which leads are lost.

    Examples
    --------
    >>> raw = pd.DataFrame({"Phase": ["Gewonnen", "Verloren", "In Arbeit"]})
    >>> guess = guess_outcome(raw, None)
    >>> guess.column, guess.won, guess.lost
    ('Phase', ('Gewonnen',), {'Phase': ('Verloren',)})
    """
    if option is not None:
        column, won = _given_outcome(raw, option)
        guess = _outcome_guess(raw, column, won, lost, f"given as --outcome {option!r}")
        return replace(guess, given=True)
    scores = ((_outcome_score(raw, str(name)), str(name)) for name in raw.columns)
    score, column = max(scores, key=lambda scored: scored[0], default=(0, ""))
    if score <= 0:
        raise LeadReadyError(
            "no column looks like an outcome (a stage with a value such as 'won', converted = 1)",
            hint="name the column and the value that mean won: --outcome COLUMN=VALUE",
        )
    reason = "a guess: one of its values means won; correct it if that is wrong"
    return _outcome_guess(raw, column, _won_values(raw[column], column), lost, reason)


def values_that_mean_lost(stages: pd.Series) -> tuple[str, ...]:
    """List the different stages that mean lost.

    Examples
    --------
    >>> values_that_mean_lost(pd.Series(["Closed Lost", "New", "Closed Won", "Closed Lost"]))
    ('Closed Lost',)
    """
    values = map(str, stages.dropna().unique())
    return tuple(value for value in values if stage_meaning(value) == LOST)


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
    raw: pd.DataFrame, column: str, won: tuple[str, ...], lost: Sequence[str], reason: str
) -> OutcomeGuess:
    values = [str(value) for value in raw[column].value_counts().index]
    others = [value for value in values if value not in won]
    if not others and not raw[column].isna().any():
        raise LeadReadyError(
            f"every lead has {column} = {won[0]}, so there is nothing to learn",
            hint="name another outcome: --outcome COLUMN=VALUE, or export leads not won as well",
        )
    if lost:
        given = _check_lost(lost, others, column)
        return OutcomeGuess(column, won, {column: given}, reason=reason)
    if not others:  # an empty cell means not won: only the wins are marked
        return OutcomeGuess(column, won, reason=reason)
    return _classified(raw, column, won, others, reason)


def _classified(
    raw: pd.DataFrame, column: str, won: tuple[str, ...], others: list[str], reason: str
) -> OutcomeGuess:
    meanings = {value: _other_meaning(value) for value in others}
    return replace(
        _lost_and_unclear(raw, column, won, others, meanings, reason),
        with_sales=tuple(value for value in others if is_with_sales(value)),
    )


def _lost_and_unclear(
    raw: pd.DataFrame,
    column: str,
    won: tuple[str, ...],
    others: list[str],
    meanings: Mapping[str, str | None],
    reason: str,
) -> OutcomeGuess:
    lost = tuple(value for value in others if meanings[value] == LOST)
    unclear = tuple(value for value in others if meanings[value] is None)
    by_status = None
    if not lost or all(map(yes_no, others)):  # a flag says no of open leads as well
        by_status = _lost_by_status(raw, column, raw[column].isin(won))
    if by_status is not None:
        return OutcomeGuess(column, won, *by_status, reason)
    if lost:
        return OutcomeGuess(column, won, {column: lost}, unclear, reason)
    if len(others) == 1 and unclear:  # the only other value
        return OutcomeGuess(column, won, {column: unclear}, reason=reason)
    elsewhere = _lost_elsewhere(raw, column, raw[column].isin(won))
    if elsewhere is not None:
        return OutcomeGuess(column, won, elsewhere, unclear, reason)
    raise LeadReadyError(
        f"nothing says which leads are lost: besides {join(won)}, {column} has "
        f"{join(others, most=MOST_NAMED)}",
        hint=f"name the values that mean lost, the others are still open: --lost {others[-1]!r}; "
        "if every lead that is not won is lost, --lost all",
    )


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


def _other_meaning(value: str) -> str | None:
    """What a value says that is not the won one: another won word leaves the lead open."""
    if yes_no(value) == "no":
        return LOST
    return {LOST: LOST, OPEN: OPEN}.get(str(stage_meaning(value)))


def _lost_by_status(
    raw: pd.DataFrame, outcome: str, won: pd.Series
) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]] | None:
    """Find a status that says which of the other leads are lost, and its unclear values."""
    found: list[tuple[int, str, tuple[str, ...], tuple[str, ...]]] = []
    for name in map(str, raw.columns):
        concepts = heading_concepts(name)
        if name == outcome or not concepts & _STATUS_NAMES or concepts & _NOT_OUTCOMES:
            continue
        values = [str(value) for value in raw.loc[~won, name].dropna().unique()]
        meanings = {value: _other_meaning(value) for value in values}
        lost = tuple(value for value in values if meanings[value] == LOST)
        if len(values) > MOST_VALUES or not lost or all(map(yes_no, values)):
            continue
        is_lost = raw[name].isin(lost)
        if won[is_lost].mean() <= MOST_WON_AFTER_ALL:
            unclear = tuple(value for value in values if meanings[value] is None)
            found.append((int(is_lost.sum()), name, lost, unclear))
    if not found:
        return None
    _, name, lost, unclear = max(found)
    return {name: lost}, unclear


def _lost_elsewhere(
    raw: pd.DataFrame, outcome: str, won: pd.Series
) -> dict[str, tuple[str, ...]] | None:
    """Find a flag such as *archived* or *active* that says which of the other leads are lost."""
    for name in map(str, raw.columns):
        concepts = heading_concepts(name)
        answer = "yes" if concepts & {"archived", "lost"} else "no" if "active" in concepts else ""
        if not answer or name == outcome or concepts & {"reason", "date", "time"}:
            continue
        values = [str(value) for value in raw[name].dropna().unique()[:MOST_VALUES]]
        lost = tuple(value for value in values if yes_no(value) == answer)
        if lost and all(map(yes_no, values)) and raw.loc[~won, name].isin(lost).any():
            return {name: lost}
    return None


def _outcome_score(raw: pd.DataFrame, column: str) -> float:
    values = raw[column].dropna().unique()
    if not 1 <= len(values) <= MOST_VALUES or not (won := _won_values(raw[column], column)):
        return 0.0
    if len(won) == len(values) and not raw[column].isna().any():
        return 0.0
    concepts = heading_concepts(column)
    is_flag = all(yes_no(str(value)) for value in values)
    says_won = any(stage_meaning(value) == WON for value in won)
    by_name = (5 if is_flag else 3) * bool(concepts & _FLAG_NAMES)
    by_name += 2 * bool(concepts & _STATUS_NAMES)
    return by_name + 2 * says_won - 4 * bool(concepts & _NOT_OUTCOMES)


def _won_values(column: pd.Series, name: str) -> tuple[str, ...]:
    """The values that mean won; *qualified* only where nothing else does."""
    values = [str(value) for value in column.value_counts().index]
    if heading_concepts(name) & _FLAG_NAMES and any(yes_no(value) == "yes" for value in values):
        return tuple(value for value in values if yes_no(value) == "yes")
    won = [value for value in values if stage_meaning(value) == WON]
    qualified = (value for value in values if _QUALIFIED.fullmatch(value.strip()))
    return tuple(won) or tuple(qualified)[:1]


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
