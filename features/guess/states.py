"""Guesses which leads are lost, open and with sales: by stages, statuses, flags and codes.

A flag that says closed, lost or archived is clearer than the name of a stage, so it goes first.
Values that say neither lost nor open are unclear: such leads count as open, and people are asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from features.errors import LeadReadyError
from features.guess.state_flags import (
    MOST_VALUES,
    MOST_WON_AFTER_ALL,
    StatedLeads,
    closed_flag,
    lost_flags,
    other_meaning,
)
from features.vocabulary.headings import heading_concepts
from features.vocabulary.stage_values import LOST, OPEN, coded_meaning, is_with_sales, yes_no
from features.workspace.conditions import (
    ColumnCondition,
    Condition,
    ConditionGroup,
    any_condition,
    condition_columns,
)

Texts = tuple[str, ...]
STATUS_NAMES = {"stage", "status", "result"}
NOT_OUTCOMES = {"reason", "source", "type", "title", "time", "date", "owner", "note", "campaign"}
MOST_ARCHIVED = 0.5  # of the leads whose stage says open


@dataclass(frozen=True)
class StateGuess:
    """What means lost, open and with sales, as conditions of ``leadready.yaml``.

    Attributes
    ----------
    lost, open, with_sales : Condition or None
        None if nothing says so.
    unclear : tuple of str
        Values of ``column`` that say neither; such leads count as open.
    column : str
        The column whose values say it.
    rest_is_lost : bool
        Whether all leads that are not won are taken for lost, as nothing tells them apart.
    open_reason : str
        Why values are open whose words do not say so.
    """

    lost: Condition | None = None
    open: Condition | None = None
    with_sales: Condition | None = None
    unclear: Texts = ()
    column: str = ""
    rest_is_lost: bool = False
    open_reason: str = ""


def guess_states(raw: pd.DataFrame, column: str, won: Sequence[str]) -> StateGuess:
    """Guess what means lost, open and with sales.

    Parameters
    ----------
    raw : DataFrame
        The leads' columns, as text.
    column : str
        The column that says which leads are won.
    won : sequence of str
        Its values that mean won.

    Examples
    --------
    >>> raw = pd.DataFrame({"Phase": ["Gewonnen", "Verloren", "Neu"]})
    >>> guess_states(raw, "Phase", ["Gewonnen"]).lost
    ColumnCondition(column='Phase', operator='one_of', operand=('Verloren',))
    """
    leads = StatedLeads(raw, column, tuple(won))
    guess = _by_closed_flag(leads) or _by_words(leads) or _by_lost_flag(leads) or _by_rest(leads)
    guess = _with_archived(leads, guess)
    return replace(guess, with_sales=_with_sales(leads, guess.column))


def with_given_lost(
    raw: pd.DataFrame, column: str, won: Sequence[str], lost: Sequence[str]
) -> StateGuess:
    """The states where a person named the values that mean lost: all others are open."""
    leads = StatedLeads(raw, column, tuple(won))
    others = [v for v in leads.values(column) if v not in lost and not is_with_sales(v)]
    return StateGuess(
        ColumnCondition(column, "one_of", tuple(lost)),
        leads.named(column, others),
        _with_sales(leads, column),
        column=column,
    )


def with_lost_values(
    raw: pd.DataFrame, column: str, won: Sequence[str], states: StateGuess, lost: Sequence[str]
) -> StateGuess:
    """Add values of the status beside the outcome that a person named; they are unclear no more.

    Raises
    ------
    LeadReadyError
        If the status has no such value.
    """
    leads = StatedLeads(raw, column, tuple(won))
    spelt = {value.casefold().strip(): value for value in leads.values(states.column)}
    if [value.casefold() for value in lost] == ["all"]:
        return with_given_lost(raw, column, won, leads.values(column))
    for value in lost:
        if value.casefold().strip() not in spelt:
            what = f"value of {states.column}"
            raise LeadReadyError.unknown(value, list(spelt.values()), what=what, where="--lost")
    named = tuple(spelt[value.casefold().strip()] for value in lost)
    more = ColumnCondition(states.column, "one_of", named)
    if isinstance(states.lost, ColumnCondition) and states.lost.column == states.column:
        both = dict.fromkeys([*states.lost.operand, *named])
        combined: Condition | None = replace(more, operand=tuple(both))
    else:
        combined = any_condition([more if states.lost is None else states.lost, more])
    unclear = tuple(value for value in states.unclear if value not in named)
    return replace(states, lost=combined, unclear=unclear)


def with_lost_beside(
    raw: pd.DataFrame, column: str, won: Sequence[str], lost: Sequence[str]
) -> StateGuess | None:
    """The states where a person named lost values of a status beside; None if none has them."""
    leads = StatedLeads(raw, column, tuple(won))
    named = {value.casefold().strip() for value in lost}
    for name in _status_columns(leads):
        if named <= {value.casefold().strip() for value in leads.values(name)}:
            guess = with_lost_values(raw, column, won, _by_values(leads, name), lost)
            return replace(guess, with_sales=_with_sales(leads, name))
    return None


def lost_value_beside(raw: pd.DataFrame, column: str, won: Sequence[str]) -> tuple[str, str] | None:
    """The status beside the outcome and its most frequent value that says lost, if any does.

    Won leads may have it too, so it is only offered to people.

    Examples
    --------
    >>> raw = pd.DataFrame({"Stage": ["Customer", "Lead"], "Status": ["Unqualified"] * 2})
    >>> lost_value_beside(raw, "Stage", ["Customer"])
    ('Status', 'Unqualified')
    """
    leads = StatedLeads(raw, column, tuple(won))
    for name in _status_columns(leads):
        values = leads.values(name)
        if not all(map(yes_no, values)):
            for value in values:
                if other_meaning(name, value) == LOST:
                    return name, value
    return None


def meets_condition(raw: pd.DataFrame, condition: Condition | None) -> pd.Series:
    """Tell which leads meet a guessed condition."""
    if condition is None:
        return pd.Series(False, index=raw.index)
    if isinstance(condition, ColumnCondition):
        values = raw[condition.column]
        if condition.operator == "is_missing":
            return values.isna()
        hit = values.isin(condition.operand)
        return hit if condition.operator == "one_of" else ~hit & values.notna()
    parts = [meets_condition(raw, part) for part in condition.conditions]
    together = pd.concat(parts, axis=1)
    return together.all(axis=1) if condition.kind == "all" else together.any(axis=1)


def _by_closed_flag(leads: StatedLeads) -> StateGuess | None:
    """A flag such as *IsClosed*: closed and not won is lost."""
    closed = closed_flag(leads)
    if closed is None:
        return None
    lost = ConditionGroup("all", (closed, _not_won(leads)))
    others = [value for value in leads.values(closed.column) if value not in closed.operand]
    return StateGuess(lost, leads.named(closed.column, others), column=closed.column)


def _not_won(leads: StatedLeads) -> ColumnCondition:
    others = leads.values(leads.column)
    if leads.is_flag and others and not leads.missing(leads.column):
        return ColumnCondition(leads.column, "one_of", others)
    return ColumnCondition(leads.column, "none_of", leads.won)


def _by_lost_flag(leads: StatedLeads) -> StateGuess | None:
    """A flag that says which of the other leads are lost; those without it are open."""
    for lost in lost_flags(leads):
        others = [value for value in leads.values(lost.column) if value not in lost.operand]
        return StateGuess(lost, leads.named(lost.column, others), column=lost.column)
    return None


def _with_archived(leads: StatedLeads, guess: StateGuess) -> StateGuess:
    """Leads that are archived are lost too, if most leads whose stage says open are not."""
    more = [
        flag
        for flag in lost_flags(leads)
        if flag.column not in condition_columns(guess.lost)
        and meets_condition(leads.raw, flag)[leads.says_open].mean() <= MOST_ARCHIVED
    ]
    if guess.lost is None or not more:
        return guess
    return replace(guess, lost=any_condition([guess.lost, *more]))


# -- words ----------------------------------------------------------------------------------------


def _by_words(leads: StatedLeads) -> StateGuess | None:
    """The values of the column itself, or of a status beside it, say which leads are lost."""
    column = leads.column
    meanings = {other_meaning(column, value) for value in leads.values(column)}
    if LOST not in meanings or leads.is_flag:  # a flag says no of open leads as well
        column = _lost_status(leads) or ""
    return _by_values(leads, column) if column else None


def _by_values(leads: StatedLeads, column: str) -> StateGuess:
    """What the words of a column say, with those that say nothing as unclear."""
    by_meaning: dict[str | None, list[str]] = {LOST: [], OPEN: [], None: []}
    for value in leads.values(column):
        by_meaning[other_meaning(column, value)].append(value)
    lost = ColumnCondition(column, "one_of", tuple(by_meaning[LOST]))
    opened = [value for value in by_meaning[OPEN] if not is_with_sales(value)]
    unclear = tuple(by_meaning[None])
    return StateGuess(lost, leads.named(column, opened), unclear=unclear, column=column)


def _lost_status(leads: StatedLeads) -> str | None:
    """The status that says of most leads that they are lost."""
    found: list[tuple[int, str]] = []
    for name in _status_columns(leads):
        values = leads.values(name)
        lost = [value for value in values if other_meaning(name, value) == LOST]
        is_lost = leads.raw[name].isin(lost)
        flag = all(map(yes_no, values)) and not any(coded_meaning(name, v) for v in values)
        if lost and not flag and leads.is_won[is_lost].mean() <= MOST_WON_AFTER_ALL:
            found.append((int(is_lost.sum()), name))
    return max(found)[1] if found else None


def _status_columns(leads: StatedLeads, *, reasons: bool = False) -> list[str]:
    """The other columns of stages and states; with ``reasons`` also the reasons of states."""
    columns, others = [], NOT_OUTCOMES - ({"reason"} if reasons else set())
    for name in map(str, leads.raw.columns):
        concepts = heading_concepts(name)
        named = concepts & STATUS_NAMES and not concepts & others
        if name != leads.column and named and len(leads.values(name)) <= MOST_VALUES:
            columns.append(name)
    return columns


def _by_rest(leads: StatedLeads) -> StateGuess:
    """Where nothing says lost: the no of a flag, the only other value, or no value at all."""
    column, others = leads.column, leads.values(leads.column)
    if not others:  # only the wins are marked
        empty = ColumnCondition(column, "is_missing", (True,))
        return StateGuess(empty, column=column, rest_is_lost=True)
    meanings = {value: other_meaning(column, value) for value in others}
    only = len(others) == 1 and meanings[others[0]] is None
    if leads.is_flag or only:
        lost = ColumnCondition(column, "one_of", others)
        return StateGuess(lost, leads.named(column, ()), column=column, rest_is_lost=True)
    opened = [value for value in others if meanings[value] == OPEN and not is_with_sales(value)]
    unclear = tuple(value for value in others if meanings[value] is None)
    return StateGuess(None, leads.named(column, opened), unclear=unclear, column=column)


def _with_sales(leads: StatedLeads, state_column: str) -> Condition | None:
    """The values of stages and statuses that only leads have which sales already has."""
    columns = dict.fromkeys([leads.column, state_column, *_status_columns(leads, reasons=True)])
    parts: list[Condition] = []
    for column in filter(None, columns):
        values = tuple(filter(is_with_sales, leads.values(column)))
        if values:
            parts.append(ColumnCondition(column, "one_of", values))
    return any_condition(parts)
