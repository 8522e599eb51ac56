"""Ids that a file names and no lead has, found in another column of the leads.

When a lead is converted or merged, a CRM moves its events to the record that it became, whose id
then stands in a column of its own: the converted contact, the merged ids.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from features.links.id_lists import ids_of_cells
from features.links.matching import EXACT, LETTERS, comparable_ids
from features.links.pairs import id_column
from features.vocabulary.headings import heading_concepts

SAMPLE = 2_000  # ids that show whether a column holds any of them
LEAST_ROWS, LEAST_SHARE = 10, 0.02  # of the lost rows, or a column finds too few of them
LEAST_IDS = 5
LEAST_OF_COLUMN = 0.05  # of its ids are among the lost ones, or they are there by chance
FEW_DIGITS = 5  # numbers that other columns have by chance
SHOWN = 500  # ids that show what they are made of
_SEPARATED, _MARKS = re.compile(r"[;|,]"), re.compile(r"[\s{}\[\]\"'.]")
_NAMES = {"id", "lead", "contact", "contact_person", "person", "customer", "opportunity"}


@dataclass(frozen=True)
class FoundElsewhere:
    """A column of the leads with ids that a file names and no lead has.

    Attributes
    ----------
    column : str
        The column of the leads.
    match : str
        The rule by which the ids are compared.
    rows, leads : int
        Rows of the file that it finds, and leads that these are about.
    lead_rows : tuple of int
        The rows of these leads.
    """

    column: str
    match: str
    rows: int
    leads: int
    lead_rows: tuple[int, ...] = field(default=(), repr=False, compare=False)


def find_lost_ids(
    lost: np.ndarray, rows: np.ndarray, raw: pd.DataFrame, match: str = EXACT
) -> list[FoundElsewhere]:
    """Find the columns of the leads that hold ids which a file names and no lead has.

    Parameters
    ----------
    lost : ndarray of str
        Different ids, none of them missing.
    rows : ndarray of int
        How many rows of the file name each.
    raw : DataFrame
        Columns of the leads that the mapping does not link by.
    match : str
        The file's rule; ids of a known kind are also compared by the rule of that kind.

    Examples
    --------
    >>> raw = pd.DataFrame({"Converted Contact": [f"003-{n}" for n in range(300, 340)]})
    >>> find_lost_ids(raw["Converted Contact"].to_numpy(object)[:9], np.full(9, 4), raw)
    [FoundElsewhere(column='Converted Contact', match='exact', rows=36, leads=9)]
    """
    kind = id_column("", pd.Series(lost, dtype=object)).kind if len(lost) else EXACT
    rules = dict.fromkeys([match, *([kind] if match == EXACT and kind != LETTERS else [])])
    shapes = _shapes(lost)
    names = [name for name in map(str, raw.columns) if shapes & _shapes(raw[name].dropna())]
    found: list[FoundElsewhere] = []
    missing = np.ones(len(lost), dtype=bool)
    while missing.sum() >= LEAST_IDS:
        best = max(
            (
                _found_in(name, raw[name], lost, rows, missing, rule)
                for rule in rules
                for name in names
            ),
            key=lambda each: each[0].rows,
            default=None,
        )
        if best is None or best[0].rows < max(LEAST_ROWS, LEAST_SHARE * rows.sum()):
            break
        found.append(best[0])
        missing &= ~best[1]
    return found


def _shapes(ids: np.ndarray | pd.Series) -> set[str]:
    """What some ids are made of, such as letters and digits; ids of other shapes are not equal.

    Examples
    --------
    >>> sorted(_shapes(np.array(["{a1-b2}", "ann@a.example", "17"], dtype=object)))
    ['-9a', '9', '@a']
    """
    first = (_SEPARATED.split(str(value), 1)[0] for value in ids[:: len(ids) // SHOWN + 1])
    return {
        "".join(sorted({_kind_of(letter) for letter in text}))
        for text in (_MARKS.sub("", value) for value in first)
    }


def _kind_of(letter: str) -> str:
    return "a" if letter.isalpha() else "9" if letter.isdigit() else letter


def _found_in(
    name: str, column: pd.Series, lost: np.ndarray, rows: np.ndarray, missing: np.ndarray, rule: str
) -> tuple[FoundElsewhere, np.ndarray]:
    nothing = FoundElsewhere(name, rule, 0, 0), np.zeros(len(lost), dtype=bool)
    cells = ids_of_cells(column.reset_index(drop=True), lists=True)
    named = bool(heading_concepts(name) & _NAMES)
    if not len(cells.ids) or (_are_small_numbers(cells.ids) and not named):
        return nothing
    known = pd.Index(comparable_ids(cells.ids, rule)).astype(object)
    first_of = ~known.duplicated()
    known, owner = known[first_of], cells.rows[first_of]
    sample = lost[:: len(lost) // SAMPLE + 1]
    if (known.get_indexer(pd.Index(comparable_ids(sample, rule)).astype(object)) < 0).all():
        return nothing
    places = known.get_indexer(pd.Index(comparable_ids(lost, rule)).astype(object))
    hit = (places >= 0) & missing
    if hit.sum() < max(LEAST_IDS, LEAST_OF_COLUMN * len(known)):
        return nothing
    leads = tuple(np.unique(owner[places[hit]]).tolist())
    return FoundElsewhere(name, rule, int(rows[hit].sum()), len(leads), leads), hit


def _are_small_numbers(ids: np.ndarray) -> bool:
    """Whether the values are numbers such as many columns have, like a count of employees."""
    sample = pd.Series(ids[:SAMPLE], dtype=object)
    digits = sample.str.fullmatch(r"\d+(?:[.,]\d+)?")
    return bool(digits.mean() > 0.5 and sample.str.len().median() <= FEW_DIGITS)
