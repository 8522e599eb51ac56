"""Columns that one step wrote together with a suspected column.

A form that sales fills at closing has several fields. One of them may show it clearly while the
others look harmless. A column that is filled on the same leads as a suspect that was filled late is
its sibling; so is one whose values all but decide those of a suspect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from features.leaks.finding import FILL_TRACES, LATER_DATES, REWRITTEN, Finding
from features.leaks.statistics import Coded, Numbers

SIBLING = "sibling"
SAME_LEADS = 0.98  # share of the leads on which both are filled, or neither is
DECIDES = 0.8  # share of the errors in guessing a suspect's value that knowing the sibling saves
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
    found = {}
    for name in [name for name in coded if name not in suspected]:
        for suspect, findings in suspected.items():
            traces = {finding.trace for finding in findings if finding.points >= 4}
            if sentence := _sentence(coded[name], coded[suspect], suspect, traces):
                found[name] = Finding(SIBLING, 10, sentence)
                break
    return found


def _sentence(column: Coded, other: Coded, suspect: str, traces: set[str]) -> str:
    share = float(column.filled.mean())
    if traces & {*FILL_TRACES, LATER_DATES} and RARELY < share < MOSTLY:
        same = float((column.filled == other.filled).mean())
        both = int((column.filled & other.filled).sum())
        if same >= SAME_LEADS and both >= 0.9 * max(column.filled.sum(), other.filled.sum()):
            return (
                f"filled on {both:,} of the {int(other.filled.sum()):,} leads on which {suspect} "
                "is filled, which is itself suspected"
            )
    if REWRITTEN in traces and not (column.is_number or other.is_number):
        saved = errors_saved(column, other)
        if saved >= DECIDES:
            return f"its values all but decide those of {suspect}, which is itself suspected"
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
