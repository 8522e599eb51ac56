"""Columns that one step wrote together with a suspected column.

A form that sales fills at closing has several fields. One of them may show it clearly while the
others look harmless. A column that is filled on the same leads as a suspect that was filled late is
its sibling, or never without it, as the columns of another table are that a suspected link leads
to. So is one whose values all but decide those of a suspect.

The original of a suspect is none of these: *first source* and *latest source* have mostly the same
values, and only the latest was overwritten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

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
    filled = {name: coded[name].filled for name in late}
    patterns = np.array([*filled.values()], dtype=bool)
    likely = {*late, *rewritten}
    levels = {name: frozenset(column.levels) for name, column in coded.items()}
    found = {}
    for name in [name for name in coded if name not in suspected]:
        column = coded[name]
        alike = [each for each in likely if len(levels[name] & levels[each]) >= SHARED]
        copies = {other for other in alike if is_original(column, coded[other])}
        at_closing = {other: filled[other] for other in closing if other not in copies}
        if sentence := _never_without(column, at_closing):
            found[name] = Finding(NEVER_WITHOUT, 10, sentence)
            continue
        kept = [place for place, other in enumerate(late) if other not in copies]
        sentence = _filled_with(
            column, [late[place] for place in kept], patterns[kept] if copies else patterns
        ) or _deciding(column, {other: coded[other] for other in rewritten if other not in copies})
        if sentence:
            found[name] = Finding(SIBLING, 10, sentence)
    return found


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


def _filled_with(column: Coded, names: Sequence[str], filled: Mask) -> str:
    """Say with which suspect a column is filled; each has a row in ``filled``."""
    own = column.filled
    if not names or not RARELY < own.mean() < MOSTLY:
        return ""
    both, rows = (filled & own).sum(1), filled.sum(1)
    same = (filled == own).mean(1)
    fitting = np.flatnonzero((same >= SAME_LEADS) & (both >= 0.9 * np.maximum(own.sum(), rows)))
    if not len(fitting):
        return ""
    place = fitting[0]
    return (
        f"filled on {both[place]:,} of the {rows[place]:,} leads on which {names[place]} "
        "is filled, which is itself suspected"
    )


def _never_without(column: Coded, suspects: Mapping[str, Mask]) -> str:
    """Say without which suspect a column is never filled; closing fills in these suspects."""
    own, names = column.filled, list(suspects)
    filled = np.array(list(suspects.values()))
    if not names or own.mean() > MOSTLY:
        return ""
    both, rows = (filled & own).sum(1), filled.sum(1)
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
