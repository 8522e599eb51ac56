"""Flags such as *IsClosed*, *Lost* and *Active*, and dates of wins, which say how a lead ended.

A flag counts only if its heading names nothing but the state, and if it fits what else is known:
*Profile completed* and *Mail rejected* are no states of a lead. Many programs keep no stage but a
date such as *won on* or *became a customer at*, which is blank for all leads that were not won.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from features.dates.detect import date_readings
from features.values.few_values import different_values
from features.vocabulary.headings import heading_concepts, heading_words
from features.vocabulary.stage_values import (
    LOST,
    OPEN,
    WON,
    coded_meaning,
    stage_meaning,
    yes_no,
)
from features.workspace.conditions import ColumnCondition, Condition, any_condition

Texts = tuple[str, ...]
MOST_VALUES = 40  # of an outcome
MOST_WON_AFTER_ALL = 0.05  # of the leads that a status or flag calls lost
LEAST_CLOSED = 0.95  # of the won leads are closed where a flag says closed
MOST_WON = 0.95  # of the leads have a date, or it does not tell who was won
_WINS = {"won", "converted"}
_NOT_OF_WINS = {"created", "modified", "expected", "next", "last", "lost", "birth", "activity"}
_OF_LEADS = {"lead", "opportunity", "closed"}  # may stand beside a state


@dataclass(frozen=True)
class StatedLeads:
    """The leads: their columns, the one that says which are won, and its values that mean so."""

    raw: pd.DataFrame
    column: str
    won: Texts

    @cached_property
    def is_won(self) -> pd.Series:
        """Which leads are won."""
        return self.raw[self.column].isin(self.won)

    @cached_property
    def says_open(self) -> pd.Series:
        """Which leads have a value that says open."""
        values = self.values(self.column)
        opened = [value for value in values if other_meaning(self.column, value) == OPEN]
        return self.raw[self.column].isin(opened)

    def values(self, column: str) -> Texts:
        """The different values of the leads that are not won, the most frequent first."""
        return tuple(map(str, self.raw.loc[~self.is_won, column].value_counts().index))

    def missing(self, column: str) -> bool:
        """Whether leads that are not won have no value."""
        return bool(self.raw.loc[~self.is_won, column].isna().any())

    def named(self, column: str, values: Iterable[str]) -> Condition | None:
        """One of these values, or none where leads have none."""
        parts: list[Condition] = []
        if listed := tuple(values):
            parts.append(ColumnCondition(column, "one_of", listed))
        if self.missing(column):
            parts.append(ColumnCondition(column, "is_missing", (True,)))
        return any_condition(parts)

    @property
    def is_flag(self) -> bool:
        """Whether their column says only yes and no."""
        values = self.values(self.column)
        return all(yes_no(value) and not coded_meaning(self.column, value) for value in values)


def other_meaning(column: str, value: str) -> str | None:
    """What a value says that is not the won one: another won word leaves the lead unclear."""
    if (coded := coded_meaning(column, value)) is not None:
        return None if coded == WON else coded
    if yes_no(value) == "no" and not value.strip()[:1].isdigit():  # 0 may be the number of a state
        return LOST
    return {LOST: LOST, OPEN: OPEN}.get(str(stage_meaning(value)))


def closed_flag(leads: StatedLeads) -> ColumnCondition | None:
    """What a flag such as *IsClosed* says of leads that are closed, won or not."""
    for name, _ in _flags(leads, ("closed",)):
        yes = _answers(leads, name, "yes")
        closed = leads.raw[name].isin(yes)
        of_won, of_others = closed[leads.is_won], closed[~leads.is_won]
        agrees = not leads.says_open.any() or closed[leads.says_open].mean() <= MOST_WON_AFTER_ALL
        if agrees and of_won.mean() >= LEAST_CLOSED and 0 < of_others.mean() < 1:
            return ColumnCondition(name, "one_of", yes)
    return None


def lost_flags(leads: StatedLeads) -> Iterator[ColumnCondition]:
    """What flags such as *lost*, *archived* or *active* say of leads that are not won."""
    for name, state in _flags(leads, ("lost", "archived", "active")):
        lost = _answers(leads, name, "no" if state == "active" else "yes")
        flagged = leads.raw[name].isin(lost)
        if (
            0 < flagged[~leads.is_won].mean() < 1
            and flagged[leads.is_won].mean() <= MOST_WON_AFTER_ALL
        ):
            yield ColumnCondition(name, "one_of", lost)


def _flags(leads: StatedLeads, meanings: Collection[str]) -> Iterator[tuple[str, str]]:
    """The other columns that hold only yes and no and are headed by nothing but a state."""
    for name in map(str, leads.raw.columns):
        concepts = [heading_concepts(word) for word in heading_words(name) if not _is_short(word)]
        states = [meaning for meaning in meanings if any(meaning in each for each in concepts)]
        plain = all(each & {*meanings, *_OF_LEADS} for each in concepts)
        if name == leads.column or not states or not plain:
            continue
        values = leads.raw[name].dropna().unique()[:MOST_VALUES]
        if len(values) and all(yes_no(str(value)) for value in values):
            yield name, states[0]


def _is_short(word: str) -> bool:
    """Whether a word is one such as *is*, *hs* or *c* that says nothing by itself."""
    return word.isascii() and len(word) <= 3


def _answers(leads: StatedLeads, name: str, answer: str) -> Texts:
    values = map(str, leads.raw[name].dropna().unique())
    return tuple(value for value in values if yes_no(value) == answer)


# -- dates of wins ---------------------------------------------------------------------------------


def dates_of_wins(column: pd.Series) -> tuple[str, ...]:
    """Give the dates of a column that only some leads have; none if it is not such a column.

    Examples
    --------
    >>> dates_of_wins(pd.Series(["2024-01-03", None, "2024-02-05", None]))
    ('2024-01-03', '2024-02-05')
    >>> dates_of_wins(pd.Series(["2024-01-03"] * 4)), dates_of_wins(pd.Series(["Won", None]))
    ((), ())
    """
    filled = column.notna().mean() if len(column) else 0.0
    if not 0 < filled <= MOST_WON or not date_readings(column):
        return ()
    return tuple(map(str, different_values(column)))


def won_date_column(raw: pd.DataFrame) -> str | None:
    """Find the first column of dates whose heading tells of a win and that only some leads have.

    Examples
    --------
    >>> dates = ["2024-01-03", None, "2024-02-05", None]
    >>> won_date_column(pd.DataFrame({"id": list("abcd"), "closed_won_at": dates}))
    'closed_won_at'
    >>> won_date_column(pd.DataFrame({"id": list("abcd"), "last_seen": dates}))
    """
    for name in map(str, raw.columns):
        if _tells_of_a_win(name) and dates_of_wins(raw[name]):
            return name
    return None


def _tells_of_a_win(name: str) -> bool:
    concepts = heading_concepts(name)
    return not concepts & _NOT_OF_WINS and bool(concepts & _WINS or stage_meaning(name) == WON)
