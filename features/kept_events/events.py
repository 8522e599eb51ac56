"""The events of a workspace, whole or in parts that fit in memory.

Who needs to see all events at once takes the frame; what can be done part by part works for any
number of events.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from features.kept_events.parts import Array, LeadParts, PartedColumn, blocks

COLUMNS: dict[str, Any] = {
    "person_id": "category",
    "account_id": "category",
    "at": "datetime64[us]",
    "kind": "category",
    "asset": "category",
    "campaign": "category",
    "value": "float64",
    "by_sales": "bool",
    "machine_at": "datetime64[us]",
}
TEXTS = ("kind", "asset", "campaign")
Load = Callable[[int | None, Sequence[str]], pd.DataFrame]


class Events:
    """The events of a workspace.

    Parameters
    ----------
    rows : int
        How many there are.
    load : callable
        Reads columns of a part, or of all parts in the order of the files.
    of_lead : array of int, optional
        The part of each lead; without it, all are in one.
    parts : int
        How many parts there are.

    Examples
    --------
    >>> at = pd.to_datetime(["2024-05-01", "2024-05-02"])
    >>> events = Events.of(pd.DataFrame({"at": at, "kind": ["call", "call"]}))
    >>> len(events), events.kind_counts.to_dict(), events.latest(at[0])
    (2, {'call': 2}, Timestamp('2024-05-01 00:00:00'))
    """

    def __init__(self, rows: int, load: Load, of_lead: Array | None = None, parts: int = 1) -> None:
        self.rows, self.load, self.of_lead, self.parts = rows, load, of_lead, parts

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Events:
        """Take events that are in memory."""
        return cls(len(frame), lambda part, names: frame[list(names)])

    def __len__(self) -> int:
        """How many there are."""
        return self.rows

    @cached_property
    def frame(self) -> pd.DataFrame:
        """All events, in the order of the files."""
        return self.load(None, list(COLUMNS))

    def part(self, number: int, names: Sequence[str] = tuple(COLUMNS)) -> pd.DataFrame:
        """Read columns of a part."""
        return self.load(number, names)

    def in_parts(self, *names: str) -> Iterator[pd.DataFrame]:
        """Read columns part by part."""
        return (self.load(number, names) for number in range(self.parts))

    def around(self, lead: int) -> pd.DataFrame:
        """Read the events of a lead, by its row, and of others: all of its person and account."""
        if self.parts == 1 or self.of_lead is None:
            return self.frame
        return self.part(int(self.of_lead[lead]))

    def without_kinds(self, kinds: Collection[str]) -> Events:
        """Leave out events of some kinds."""

        def load(number: int | None, names: Sequence[str]) -> pd.DataFrame:
            found = self.load(number, list(dict.fromkeys([*names, "kind"])))
            return found.loc[~found["kind"].isin(kinds), list(names)].reset_index(drop=True)

        gone = self.kind_counts[self.kind_counts.index.isin(kinds)].sum()
        return Events(self.rows - int(gone), load, self.of_lead, self.parts)

    @cached_property
    def kind_counts(self) -> pd.Series[int]:
        """The events of each kind, the most frequent first."""
        counts: Any = sum(part["kind"].value_counts(sort=False) for part in self.in_parts("kind"))
        found: pd.Series[int] = counts[counts > 0].sort_values(ascending=False, kind="stable")
        return found

    @cached_property
    def newest(self) -> pd.Timestamp:
        """The latest time of all; NaT if there is none."""
        return self._latest(None)

    def latest(self, until: pd.Timestamp) -> pd.Timestamp:
        """The latest time that is not after another; NaT if there is none."""
        return self._latest(until) if self.newest > until else self.newest

    def _latest(self, until: pd.Timestamp | None) -> pd.Timestamp:
        times = (part["at"] for part in self.in_parts("at"))
        found = [(at if until is None else at[at <= until]).max() for at in times]
        return pd.Timestamp(pd.Series(found, dtype="datetime64[us]").max())

    def count_after(self, time: pd.Timestamp) -> int:
        """Count the events after a time."""
        if not self.newest > time:
            return 0
        return sum(int((part["at"] > time).sum()) for part in self.in_parts("at"))


class EventFile(NamedTuple):
    """The events of one file, and what the codes of its texts mean.

    Attributes
    ----------
    columns : mapping of str to PartedColumn
        ``owner``, the row of its lead, ``by_account``, whether it was found by its account,
        ``number``, the place among the rows of the file, and columns of `COLUMNS`.
    texts : mapping of str to array
        For each code of ``kind, asset, campaign`` its place among the texts of all files.
    """

    columns: Mapping[str, PartedColumn]
    texts: Mapping[str, Array]

    @property
    def rows(self) -> int:
        """How many events it has."""
        return int(self.columns["at"].starts[-1])


class StoredEvents(NamedTuple):
    """Events of all files, as they are kept; `load` reads them.

    Attributes
    ----------
    files : sequence of EventFile
        The files that have any.
    leads : LeadParts
        The part, the person and the account of each lead.
    texts : mapping of str to Index
        The different texts of ``kind, asset, campaign``.
    """

    files: Sequence[EventFile]
    leads: LeadParts
    texts: Mapping[str, pd.Index]

    def load(self, number: int | None, names: Sequence[str]) -> pd.DataFrame:
        """Read columns of a part, or of all parts in the order of the files."""
        if not self.files:
            empty = {name: pd.Series(dtype=COLUMNS[name]) for name in names}
            return pd.DataFrame(empty)
        whole = number is None
        columns = {
            name: self._whole(name) if whole and self.leads.parts > 1 else self._part(number, name)
            for name in names
        }
        narrow = not whole and self.leads.parts > 1
        series = {name: self._series(name, values, narrow) for name, values in columns.items()}
        return pd.DataFrame(series, copy=False)

    def _part(self, number: int | None, name: str) -> Array:
        found = [self._values(file, number or 0, name) for file in self.files]
        return found[0] if len(found) == 1 else np.concatenate(found)

    def _whole(self, name: str) -> Array:
        """A column of all parts, in the order of the files."""
        whole, first = None, 0
        for file in self.files:
            for number in range(self.leads.parts):
                values = self._values(file, number, name)
                if whole is None:
                    whole = np.empty(sum(each.rows for each in self.files), values.dtype)
                whole[first + file.columns["number"].part(number)] = values
            first += file.rows
        assert whole is not None
        return whole

    def _values(self, file: EventFile, number: int, name: str) -> Array:
        """A column of a file; texts are codes."""
        if name in TEXTS:
            return _looked_up(file.texts[name], file.columns[name].part(number))
        if name not in ("person_id", "account_id"):
            return file.columns[name].part(number)
        owner, by_account = (file.columns[key].part(number) for key in ("owner", "by_account"))
        wanted = by_account if name == "account_id" else ~by_account
        codes = self.leads.account if name == "account_id" else self.leads.person
        return _looked_up(codes, np.where(wanted, owner, -1))

    def _series(self, name: str, values: Array, narrow: bool) -> pd.Series:
        if COLUMNS[name] != "category":
            return pd.Series(values, copy=False)
        owners = {"person_id": self.leads.people, "account_id": self.leads.accounts}
        texts = self.texts[name] if name in TEXTS else owners[name]
        if name in owners and narrow:
            values, texts = _narrowed(values, texts)
        return pd.Series(pd.Categorical.from_codes(values, texts))


def _narrowed(codes: Array, texts: pd.Index) -> tuple[Array, pd.Index]:
    """Leave out the texts that no code means."""
    used = np.zeros(len(texts) + 1, dtype=bool)
    used[codes] = True
    used[-1] = False  # the place of those without one
    place_of = np.append(np.cumsum(used[:-1]) - 1, -1).astype("int32")
    return _looked_up(place_of, codes), texts[used[:-1]]


def _looked_up(place_of: Array, codes: Array) -> Array:
    """Look up codes block by block, since numpy would make them larger."""
    found = np.empty(len(codes), place_of.dtype)
    for rows in blocks(len(codes)):
        found[rows] = place_of[codes[rows]]
    return found
