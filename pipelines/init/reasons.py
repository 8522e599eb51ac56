"""The reasons for which sales closed leads: which column holds them, and what they mean.

A column of reasons is filled less often for leads that were won. Its heading says so in any of
twelve languages (*loss reason*), or its values read like what sales says when it closes a lead.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

import pandas as pd

from features.guess.outcome import OutcomeGuess
from features.labels.rejection_reasons import NO_OUTCOME, TAXONOMY, guess_disposition
from features.text import yaml_inline
from features.values.few_values import (
    NOT_COUNTED,
    Counted,
    column_values,
    few_values,
    rows_by_value,
)
from features.vocabulary.headings import heading_concepts

MOST_REASONS = 80  # that a company has
LEAST_UNDERSTOOD = 0.5  # of the filled leads have a reason whose wording is understood
LEAST_MEANINGS = 3  # different dispositions that the values mean
MOST_WON = 0.75  # of the won leads have a reason, as a multiple of the others' share
MOST_VALUES_OF_REASON = 60  # of a column whose values may say that an outcome is unknown
_UNKNOWN_WHEN = {
    "duplicate": re.compile(r"duplicated?s?|duplicate (lead|record|deal)|dublette", re.I),
    "test record": re.compile(r"tests?|test (lead|record|data)", re.I),
    "never worked": re.compile(r"abandoned|never (worked|contacted)|not contacted|unworked", re.I),
}
_NAME = re.compile(r"reason|disposition|why|lost|disqualif|reject", re.I)


class ColumnValue(NamedTuple):
    """A value of a column."""

    column: str
    value: str


def guess_reason_column(
    raw: pd.DataFrame, won: pd.Series, skip: Collection[str], counted: Counted = NOT_COUNTED
) -> str | None:
    """Choose the column with the reason for which sales closed a lead; None if there is none.

    Parameters
    ----------
    raw : DataFrame
        The company's own columns, as text.
    won : Series of bool
        Whether each lead was won.
    skip : collection of str
        Columns that are something else.
    counted : mapping of str to Counter, optional
        The rows of each value of columns, as far as they were counted before.

    Examples
    --------
    >>> raw = pd.DataFrame({"Note": ["Too small", "No budget", "Bounced", None],
    ...                     "City": ["Rome", "Bonn", "Bonn", "Rome"]})
    >>> guess_reason_column(raw, pd.Series([False, False, False, True]), set())
    'Note'
    """
    candidates = []
    for position, (name, values) in enumerate(column_values(raw)):
        rows_of = counted.get(name, values)
        if name in skip or len(few_values(rows_of, MOST_REASONS) or ()) < LEAST_MEANINGS:
            continue
        counts = dict((counted.get(name) or rows_by_value(values)).most_common())
        meanings = [guess_disposition(str(value)) for value in counts]
        n_understood = sum(
            n for n, meaning in zip(counts.values(), meanings, strict=True) if meaning
        )
        understood = n_understood / sum(counts.values())
        many_meanings = len(set(meanings) - {None}) >= LEAST_MEANINGS
        named = heading_concepts(name) >= {"lost", "reason"}
        clear = understood >= LEAST_UNDERSTOOD and many_meanings
        if (named or clear) and _share_of_won(raw[name], won) <= MOST_WON:
            likely = named or bool(_NAME.search(name))
            candidates.append((likely, understood, -position, name))
    return max(candidates)[-1] if candidates else None


def _share_of_won(column: pd.Series, won: pd.Series) -> float:
    """The share of the won leads that have a value, as a multiple of the others' share."""
    filled = column.notna().groupby(won).mean()
    return float(filled.get(True, 0.0) / max(filled.get(False, 0.0), 1e-9))


def find_reasons(
    raw: pd.DataFrame,
    outcome: OutcomeGuess | None,
    used: Collection[str],
    of_stages: tuple[str, ...],
    counted: Counted,
) -> tuple[str | None, tuple[str, ...]]:
    """The leads' column of reasons and its values, else the reasons of the stage history."""
    if outcome is not None:
        won = raw[outcome.column].isin(outcome.won)
        column = guess_reason_column(raw, won, used, counted)
        if column is not None:
            return column, distinct_reasons(raw[column])
    return None, of_stages


def draft_reasons_lines(reasons: Iterable[str]) -> list[str]:
    """Write what each reason means as lines of ``leadready.yaml``, with comments.

    Parameters
    ----------
    reasons : iterable of str
        As the company writes them.

    Examples
    --------
    >>> print("\\n".join(draft_reasons_lines(["Bounced", "X-17"])))
      reasons:   # what each reason means, judging by its wording (docs/data.md explains the names)
        bad data: [Bounced]
        # not understood; put each under a name, such as other: X-17
    """
    groups: dict[str | None, list[str]] = {}
    for reason in dict.fromkeys(map(str, reasons)):
        groups.setdefault(guess_disposition(reason), []).append(reason)
    lines = []
    for name in TAXONOMY:
        if name in groups:
            note = "   # such leads have no outcome" if name in NO_OUTCOME else ""
            lines.append(f"    {name}: {yaml_inline(groups[name])}{note}")
    if lines:
        comment = "what each reason means, judging by its wording (docs/data.md explains the names)"
        lines.insert(0, f"  reasons:   # {comment}")
    if None in groups:
        others = ", ".join(map(yaml_inline, groups[None]))
        lines.append(f"    # not understood; put each under a name, such as other: {others}")
    return lines


def distinct_reasons(column: pd.Series) -> tuple[str, ...]:
    """List the different values, the most frequent first; none if there are too many for reasons.

    Examples
    --------
    >>> distinct_reasons(pd.Series(["Bounced", None, "Too small", "Bounced"]))
    ('Bounced', 'Too small')
    """
    values = [str(value) for value in column.dropna().value_counts().index]
    return tuple(values) if len(values) <= MOST_REASONS else ()


def guess_unknown_when(
    raw: pd.DataFrame, skip: set[str], counted: Counted = NOT_COUNTED
) -> dict[str, ColumnValue]:
    """Find values that mean that the outcome is unknown, by reason.

    Parameters
    ----------
    raw : DataFrame
        The leads' columns, as text.
    skip : set of str
        Columns to leave out.
    counted : mapping of str to Counter, optional
        The rows of each value of columns, as far as they were counted before.

    Examples
    --------
    >>> guess_unknown_when(pd.DataFrame({"Reason": ["Duplicate", "Too small"]}), set())
    {'duplicate': ColumnValue(column='Reason', value='Duplicate')}
    """
    found: dict[str, ColumnValue] = {}
    for name, column in column_values(raw):
        if name in skip:
            continue
        values = few_values(counted.get(name, column), MOST_VALUES_OF_REASON) or ()
        if len(values) < 2:
            continue
        for reason, pattern in _UNKNOWN_WHEN.items():
            matches = [value for value in values if pattern.fullmatch(value.strip())]
            if matches and reason not in found:
                found[reason] = ColumnValue(name, matches[0])
    return found
