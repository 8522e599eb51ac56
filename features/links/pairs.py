"""Two columns of different files: how many ids they share, and by which rule they are compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from features.links.matching import (
    EMAIL,
    EXACT,
    GUID,
    LETTERS,
    NUMBER,
    PATTERNS,
    PREFIXED,
    SALESFORCE_ID,
    comparable_ids,
    plain_ids,
)

SAMPLE, ROWS, FIRST_LOOK = 2000, 200_000, 500
LEAST_GAIN = {  # in matched rows, before more is ignored; capitals may come tomorrow
    LETTERS: 0.01,
    PREFIXED: 0.01,
    EMAIL: 0.0,
}
LONG = 9  # digits of a number that is no other record's by chance
ONE_THING = (EMAIL, GUID, SALESFORCE_ID)  # ids of these kinds that compare equal are the same id


@dataclass(eq=False)
class IdColumn:
    """The different values of a column, and how many rows have each.

    Attributes
    ----------
    name : str
    values : ndarray of str
        The different values, without missing ones.
    counts : ndarray of int
    kind : str
        The rule that fits ids like these; ``letters`` if they are of no special kind.
    """

    name: str
    values: np.ndarray
    counts: np.ndarray
    kind: str
    _forms: dict[str, np.ndarray] = field(default_factory=dict, repr=False)
    _known: dict[str, pd.Index] = field(default_factory=dict, repr=False)

    def comparable(self, match: str) -> np.ndarray:
        """Give the values in the form in which a rule compares them."""
        if match not in self._forms:
            self._forms[match] = comparable_ids(self.values, match)
        return self._forms[match]

    @cached_property
    def _parts(self) -> pd.DataFrame:
        """What precedes the number in each value, and the number; missing if there is none."""
        return plain_ids(self.values[:SAMPLE]).str.extract(f"^{PATTERNS[PREFIXED]}$")

    @cached_property
    def prefix(self) -> str | None:
        """The letters before the number in all values; None if values differ or have no number."""
        before = self._parts[0].str.casefold().str.replace(r"[\W_]+", "", regex=True)
        return str(before.iloc[0]) if len(before) and before.nunique(dropna=False) == 1 else None

    @cached_property
    def digits(self) -> float:
        """How long a number usually is."""
        return float(self._parts[1].str.len().median())

    def known(self, match: str) -> pd.Index:
        """Give the different forms, for lookups."""
        if match not in self._known:
            self._known[match] = pd.Index(pd.unique(self.comparable(match)), dtype=object)
        return self._known[match]


@dataclass(frozen=True)
class Match:
    """The rule that compares two columns best.

    Attributes
    ----------
    rule : str
        As for ``match:`` in ``leadready.yaml``.
    share : float
        The share of the rows of the second column whose id the first one has.
    """

    rule: str
    share: float


def id_column(name: str, column: pd.Series) -> IdColumn:
    """Count the values of a column of text; of very long ones, rows at equal distances.

    Examples
    --------
    >>> id_column("Mail", pd.Series(["a@b.com", None, "a@b.com"], dtype=object)).kind
    'email'
    """
    if len(column) > ROWS:
        column = column.iloc[:: len(column) // ROWS + 1]
    counts = column.value_counts()
    values = counts.index.to_numpy(dtype=object)
    return IdColumn(name, values, counts.to_numpy(), _kind_of_ids(values))


def best_match(ours: IdColumn, theirs: IdColumn, *, own_ids: bool) -> Match:
    """Choose the rule by which most rows of a file find their id in ours.

    Parameters
    ----------
    own_ids : bool
        Whether each value of ours is another lead; such ids are never merged.

    Examples
    --------
    >>> leads = id_column("Id", pd.Series(["007", "008"]))
    >>> calls = id_column("Lead", pd.Series(["7", "7", "8"]))
    >>> best_match(leads, calls, own_ids=True)
    Match(rule='number', share=1.0)
    """
    best = Match(EXACT, matched_share(ours, theirs, EXACT))
    if best.share == 1 and ours.kind != EMAIL:
        return best
    for rule in _rules_for(ours, theirs):
        share = matched_share(ours, theirs, rule)
        enough = share > 0 and share - best.share >= LEAST_GAIN.get(rule, 1e-9)
        if enough and not merged_ids(ours, rule, own_ids=own_ids):
            best = Match(rule, share)
    return best


def _rules_for(ours: IdColumn, theirs: IdColumn) -> list[str]:
    """The rules by which ids like these may be compared.

    ``L-0012`` and ``C-12`` are records of different kinds, as ``L-0012`` and ``12`` may be.
    """
    prefixes = {ours.prefix, theirs.prefix}
    one_side = len(prefixes) == 2 and "" in prefixes and min(ours.digits, theirs.digits) >= LONG
    prefixed = None not in prefixes and prefixes != {""} and (len(prefixes) == 1 or one_side)
    return [*([ours.kind] if ours.kind == theirs.kind else []), *([PREFIXED] if prefixed else [])]


def matched_share(ours: IdColumn, theirs: IdColumn, match: str) -> float:
    """The share of their rows whose id is among ours; a sample without any match is enough."""
    known = ours.known(match)
    sample = theirs.values[:: len(theirs.values) // FIRST_LOOK + 1]
    if (known.get_indexer(pd.Index(comparable_ids(sample, match))) < 0).all():
        return 0.0
    named = known.get_indexer(pd.Index(theirs.comparable(match))) >= 0
    return float(theirs.counts[named].sum() / max(theirs.counts.sum(), 1))


def merged_ids(ours: IdColumn, match: str, *, own_ids: bool) -> tuple[str, str] | None:
    """Two different ids that a rule would take for the same one; None if there are none."""
    if match == EXACT or (match in ONE_THING and not own_ids):
        return None
    forms = pd.Series(ours.comparable(match))
    repeated = np.flatnonzero(forms.duplicated())
    if not len(repeated):
        return None
    first = int(np.flatnonzero(forms == forms[repeated[0]])[0])
    return str(ours.values[first]), str(ours.values[repeated[0]])


def spelled_examples(ours: IdColumn, theirs: IdColumn, match: str) -> tuple[str, str] | None:
    """One id as ours and as theirs; None if all ids that match are spelled alike."""
    known = dict(zip(ours.comparable(match), ours.values, strict=True))
    for form, value in zip(theirs.comparable(match), theirs.values, strict=True):
        if form in known and known[form] != value:
            return str(known[form]), str(value)
    return None


def _kind_of_ids(values: Iterable[str]) -> str:
    sample = plain_ids(np.array(list(values)[:SAMPLE], dtype=object)).astype(object)
    for kind in (EMAIL, GUID, SALESFORCE_ID, NUMBER):
        if len(sample) and float(sample.str.fullmatch(PATTERNS[kind]).mean()) > 0.5:
            return kind
    return LETTERS
