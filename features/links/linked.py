"""The rows of one file found in another by their ids, and what follows if many are not found.

Rows that name nobody we know are normal in small numbers: an export ends somewhere. Many of them
mean that two columns do not belong together or spell their ids differently. So under half is an
error, and up to 95% stops training until somebody says that it is right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.errors import LeadReadyError
from features.files.arrow_text import TEXT, places_of
from features.links.matching import EXACT, MATCH_TEXT, comparable_ids
from features.links.pairs import IdColumn, merged_ids
from features.text import percent, quoted

LEAST_MATCHED = 0.5  # of the rows, or two columns do not belong together
ENOUGH_MATCHED = 0.95  # of the rows, or a person has to say that it is right


@dataclass(frozen=True)
class LinkCounts:
    """How many rows of a file name somebody, and how many of those are known.

    Attributes
    ----------
    named, matched : int
    """

    named: int
    matched: int

    @property
    def share(self) -> float:
        """The share that is known; 1 if no row names anybody."""
        return self.matched / self.named if self.named else 1.0

    @property
    def needs_answer(self) -> bool:
        """Whether so many rows are unknown that a person has to say that it is right."""
        return self.share < ENOUGH_MATCHED

    @property
    def text(self) -> str:
        """``61% of 300 rows``."""
        return f"{percent(self.share)} of {self.named:,} rows"


def find_ids(
    ids: np.ndarray, named: np.ndarray, match: str, where: str, *, own_ids: bool
) -> np.ndarray:
    """Find ids that a file names among ours.

    Parameters
    ----------
    ids : ndarray of str
        Our ids, each once.
    named : ndarray of str
        The ids that the file names, none of them missing.
    match : str
        The rule by which they are compared.
    where : str
        The line with the rule, for errors.
    own_ids : bool
        Whether each of ours is another lead; such ids are never merged.

    Returns
    -------
    ndarray of int, shape (len(named),)
        The position of each in ``ids``; -1 if it is not there.

    Raises
    ------
    LeadReadyError
        If the rule would take two of our ids for the same one.

    Examples
    --------
    >>> ids, named = np.array(["007", "12"]), np.array(["7", "13"])
    >>> find_ids(ids, named, "number", "leadready.yaml:9", own_ids=True).tolist()
    [0, -1]
    """
    ours = IdColumn("", ids, np.ones(len(ids), int), match)
    if merged := merged_ids(ours, match, own_ids=own_ids):
        first, second = map(quoted, merged)
        raise LeadReadyError(
            f"with match: {match} ({MATCH_TEXT[match]}), {first} and {second} would be the same, "
            "but they are different ids",
            where=where,
            hint=f"write  match: {EXACT}  and export both files with the same ids",
        )
    known, wanted = (pd.Series(comparable_ids(each, match), dtype=TEXT) for each in (ids, named))
    return places_of(wanted, known)
