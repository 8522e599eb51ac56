"""Columns that one step wrote together with a suspected column.

A form that sales fills at closing has several fields. One of them may show it clearly while the
others look harmless. A column that is filled on the same leads as a suspect that was filled late is
its sibling, or never without it, as the columns of another table are that a suspected link leads
to. So is one whose values all but decide those of a suspect.

The original of a suspect is none of these: *first source* and *latest source* have mostly the same
values, and only the latest was overwritten.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from features.leaks.finding import (
    DIRECT,
    FILL_TRACES,
    LATER_DATES,
    NEVER_WITHOUT,
    REWRITTEN,
    Finding,
)
from features.leaks.statistics import Coded, Mask, Numbers

SIBLING = "sibling"
SAME_LEADS = 0.98  # share of the leads on which both are filled, or neither is
DECIDES = 0.8  # share of the errors in guessing a suspect's value that knowing the sibling saves
WITHOUT, EXPECTED = 0.02, 30  # filled without the suspect: share of what independence would give
ORIGINAL, SHARED = 0.5, 3  # share of its leads on which a column has a suspect's value; values
RARELY, MOSTLY = 0.02, 0.98  # a column that is always or never filled has no pattern


def siblings(
    coded: Mapping[str, Coded], suspected: Mapping[str, Sequence[Finding]]
) -> dict[str, Finding]:
    """Find the siblings of the suspected columns.

    Parameters
    ----------
    coded : mapping of str to Coded
        All columns.
    suspected : mapping of str to sequence of Finding
        The findings of the suspects, by column.

    Returns
    -------
    dict of str to Finding
        For each column that is the sibling of a suspect.
    """
    traces = {
        suspect: {finding.trace for finding in findings if finding.points >= 4}
        for suspect, findings in suspected.items()
    }
    late = [name for name, found in traces.items() if found & {*FILL_TRACES, LATER_DATES}]
    rewritten = [
        name for name, found in traces.items() if REWRITTEN in found and not coded[name].is_number
    ]
    closing = [name for name in late if traces[name] & set(DIRECT) & set(FILL_TRACES)]
    filled_late, filled_at_closing = (_Filled.of(names, coded) for names in (late, closing))
    having = _by_level(coded, {*late, *rewritten})
    found = {}
    for name in [name for name in coded if name not in suspected]:
        column = coded[name]
        shared = Counter(other for level in {*column.levels} for other in having.get(level, ()))
        alike = [other for other, number in shared.items() if number >= SHARED]
        copies = {other for other in alike if is_original(column, coded[other])}
        if sentence := _never_without(column, filled_at_closing.without(copies)):
            found[name] = Finding(NEVER_WITHOUT, 10, sentence)
            continue
        sentence = _filled_with(column, filled_late.without(copies)) or _deciding(
            column, {other: coded[other] for other in rewritten if other not in copies}
        )
        if sentence:
            found[name] = Finding(SIBLING, 10, sentence)
    return found


class _Filled(NamedTuple):
    """On which leads some columns are filled, with a bit for each lead."""

    names: Sequence[str]
    bits: npt.NDArray[np.uint8]
    rows: npt.NDArray[np.intp]

    @classmethod
    def of(cls, names: Sequence[str], coded: Mapping[str, Coded]) -> _Filled:
        filled = [coded[name].filled for name in names]
        bits = np.array([np.packbits(each) for each in filled], dtype=np.uint8)
        return cls(names, bits, np.array([each.sum() for each in filled], dtype=np.intp))

    def without(self, others: Collection[str]) -> _Filled:
        """Leave some of the columns out."""
        kept = [place for place, name in enumerate(self.names) if name not in others]
        if len(kept) == len(self.names):
            return self
        return _Filled([self.names[place] for place in kept], self.bits[kept], self.rows[kept])

    def rows_with(self, own: Mask) -> npt.NDArray[np.intp]:
        """On how many of some leads each column is filled."""
        both = np.bitwise_count(self.bits & np.packbits(own))
        rows: npt.NDArray[np.intp] = both.sum(1, dtype=np.intp)
        return rows


def _by_level(coded: Mapping[str, Coded], names: Iterable[str]) -> dict[str, list[str]]:
    """The columns that have each value."""
    having: dict[str, list[str]] = {}
    for name in names:
        for level in {*coded[name].levels}:
            having.setdefault(level, []).append(name)
    return having


def is_original(column: Coded, suspect: Coded) -> bool:
    """Whether a suspect has mostly the same values as a column, so it began as a copy of it.

    They share at least three values: many columns say yes or no.

    Examples
    --------
    >>> import pandas as pd
    >>> from features.leaks.statistics import code
    >>> first = code(pd.Series(["web", "fair", "list", "web"] * 50))
    >>> latest = code(pd.Series(["web", "fair", "list", "referral"] * 50))
    >>> is_original(first, latest), is_original(first, code(pd.Series(["new", "won"] * 100)))
    (True, False)
    """
    place = {value: number for number, value in enumerate(suspect.levels, start=2)}
    same = np.array([-1, -1, *(place.get(value, -1) for value in column.levels)])[column.codes]
    shared = column.codes[same == suspect.codes]
    return len(np.unique(shared)) >= SHARED and len(shared) >= ORIGINAL * int(column.filled.sum())


def _filled_with(column: Coded, suspects: _Filled) -> str:
    """Say with which suspect a column is filled."""
    own, names, rows = column.filled, suspects.names, suspects.rows
    if not names or not RARELY < own.mean() < MOSTLY:
        return ""
    both = suspects.rows_with(own)
    same = (len(own) - rows - own.sum() + 2 * both) / len(own)
    fitting = np.flatnonzero((same >= SAME_LEADS) & (both >= 0.9 * np.maximum(own.sum(), rows)))
    if not len(fitting):
        return ""
    place = fitting[0]
    return (
        f"filled on {both[place]:,} of the {rows[place]:,} leads on which {names[place]} "
        "is filled, which is itself suspected"
    )


def _never_without(column: Coded, suspects: _Filled) -> str:
    """Say without which suspect a column is never filled; closing fills in these suspects."""
    own, names, rows = column.filled, suspects.names, suspects.rows
    if not names or own.mean() > MOSTLY:
        return ""
    both = suspects.rows_with(own)
    expected = own.sum() * (len(own) - rows) / len(own)
    within = (own.sum() - both <= WITHOUT * expected) & (expected >= EXPECTED)
    if not within.any():
        return ""
    place = np.flatnonzero(within)[0]
    return (
        f"filled on {own.sum() - both[place]:,} of the {len(own) - rows[place]:,} leads on which "
        f"{names[place]} is empty, which is itself suspected"
    )


def _deciding(column: Coded, suspects: Mapping[str, Coded]) -> str:
    """Say the values of which suspect those of a column decide."""
    if column.is_number:
        return ""
    for name, suspect in suspects.items():
        if errors_saved(column, suspect) >= DECIDES:
            return f"its values all but decide those of {name}, which is itself suspected"
    return ""


def errors_saved(column: Coded, other: Coded) -> float:
    """Share of the errors in guessing ``other`` that knowing ``column`` saves.

    0 for unrelated columns, 1 where one decides the other (Goodman and Kruskal's lambda).

    Examples
    --------
    >>> import pandas as pd
    >>> from features.leaks.statistics import code
    >>> stage = code(pd.Series(["open", "closed"] * 50))
    >>> errors_saved(code(pd.Series(["a", "b"] * 50)), stage)
    1.0
    """
    both: Numbers = np.zeros((column.size, other.size))
    np.add.at(both, (column.codes, other.codes), 1)
    errors = both.sum() - both.sum(0).max()
    if errors == 0:
        return 0.0
    return float((both.max(1).sum() - both.sum(0).max()) / errors)
