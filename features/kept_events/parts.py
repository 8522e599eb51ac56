"""Columns of events in parts: all that belongs to a person or an account is in one part.

There may be more events than fit in memory. Few events are one part, in memory; more are several
parts, in files that only this process can see: they have no name, so that nothing is left of them
when it ends, however it ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.files.arrow_text import with_missing

PART = 2_000_000  # events of a part, about
BLOCK = 1_000_000
Array = npt.NDArray[Any]


@dataclass(frozen=True)
class LeadParts:
    """The part of each lead, and its person and account as codes.

    Attributes
    ----------
    parts : int
        How many there are.
    of_lead : array of int16
        The part of each lead.
    person, account : array of int32
        Codes of each lead, -1 without an account; one more at the end is -1.
    people, accounts : Index of str
        What the codes mean.
    """

    parts: int
    of_lead: Array
    person: Array
    account: Array
    people: pd.Index
    accounts: pd.Index

    @classmethod
    def of(cls, leads: pd.DataFrame, events: int) -> LeadParts:
        """Divide the leads into parts, of which each has about `PART` of so many events.

        Examples
        --------
        >>> leads = pd.DataFrame({"person_id": ["a", "a", "b", "c"],
        ...     "account_id": ["x", None, "x", None]})
        >>> LeadParts.of(leads, 3 * PART).of_lead.tolist()
        [0, 0, 0, 1]
        """
        person, people = pd.factorize(leads["person_id"])
        account, accounts = pd.factorize(leads["account_id"])
        parts = max(1, -(-events // PART))
        of_lead = _groups(person, account) % parts if parts > 1 else np.zeros(len(leads))
        return cls(
            parts,
            of_lead.astype("int16"),
            with_missing(person.astype("int32")),
            with_missing(account.astype("int32")),
            pd.Index(people, dtype="str"),
            pd.Index(accounts, dtype="str"),
        )


def _groups(person: Array, account: Array) -> Array:
    """Number the groups of leads that people and accounts connect."""
    from scipy.sparse import coo_matrix  # only many events need it
    from scipy.sparse.csgraph import connected_components

    people = int(person.max(initial=-1)) + 1
    size = people + int(account.max(initial=-1)) + 1
    named = account >= 0
    links = np.ones(named.sum(), dtype="int8"), (person[named], people + account[named])
    groups: Array = connected_components(coo_matrix(links, shape=(size, size)), directed=False)[1]
    return groups[person]


@dataclass(frozen=True)
class PartedColumn:
    """A column of events, part by part.

    Attributes
    ----------
    data : array or file
        The values, those of the first part first.
    dtype : dtype
        Of the values.
    starts : array of int
        Where each part starts; the last is the number of values.
    """

    data: Array | IO[bytes]
    dtype: np.dtype[Any]
    starts: Array

    @classmethod
    def empty(cls, dtype: Any, starts: Array) -> PartedColumn:
        """Make a column that is to be written."""
        kind = np.dtype(dtype)
        if len(starts) == 2:
            return cls(np.empty(starts[-1], kind), kind, starts)
        return cls(TemporaryFile(buffering=0), kind, starts)

    def part(self, number: int) -> Array:
        """Give the values of a part."""
        if isinstance(self.data, np.ndarray):
            return self.data
        start, end = (int(place) for place in self.starts[number : number + 2])
        self.data.seek(start * self.dtype.itemsize)
        return np.fromfile(self.data, self.dtype, end - start)

    def write(self, start: int, values: Array) -> None:
        """Write values at a place."""
        if isinstance(self.data, np.ndarray):
            self.data[start : start + len(values)] = values
            return
        self.data.seek(start * self.dtype.itemsize)
        left = memoryview(values.tobytes())
        while left:
            left = left[self.data.write(left) :]


@dataclass(frozen=True)
class RowParts:
    """The part of each row of a file.

    Attributes
    ----------
    of_row : array of int16
        -1 for rows that are left out.
    starts : array of int
        Where each part starts among the rows that are kept.
    """

    of_row: Array
    starts: Array

    @classmethod
    def of(cls, leads: LeadParts, lead: Array, kept: Array) -> RowParts:
        """Find the part of each row by the row of its lead.

        Examples
        --------
        >>> leads = LeadParts.of(pd.DataFrame({"person_id": ["a"], "account_id": [None]}), 3)
        >>> rows = RowParts.of(leads, np.array([0, -1, 0]), np.array([True, False, True]))
        >>> rows.split(np.array([7, 8, 9])).part(0)
        array([7, 9])
        """
        of_row, counts = np.empty(len(lead), "int16"), np.zeros(leads.parts + 1, "int64")
        for rows in blocks(len(lead)):
            of_row[rows] = np.where(kept[rows], np.append(leads.of_lead, -1)[lead[rows]], -1)
            counts += np.bincount(of_row[rows] + 1, minlength=len(counts))
        return cls(of_row, np.append(0, np.cumsum(counts[1:])))

    def kept(self, rows: slice) -> Array:
        """Say which of some rows are kept."""
        kept: Array = self.of_row[rows] >= 0
        return kept

    def split(self, values: Array) -> PartedColumn:
        """Bring a column into the order of the parts; within each, its rows stay in order."""
        column = PartedColumn.empty(values.dtype, self.starts)
        free = self.starts[:-1].copy()
        for rows in blocks(len(values)):
            order = np.argsort(self.of_row[rows], kind="stable")
            counts = np.bincount(self.of_row[rows] + 1, minlength=len(self.starts))
            ends, sorted_values = np.cumsum(counts), values[rows][order]
            for part in np.flatnonzero(counts[1:]):
                column.write(free[part], sorted_values[ends[part] : ends[part + 1]])
                free[part] += counts[part + 1]
        return column

    def numbers(self) -> Array:
        """Number the rows that are kept."""
        size, done = len(self.of_row), 0
        numbers = np.empty(size, dtype="int32" if size < 2**31 else "int64")
        for rows in blocks(size):
            numbers[rows] = done - 1 + np.cumsum(self.kept(rows))
            done = int(numbers[rows][-1]) + 1
        return numbers


def blocks(size: int) -> Iterator[slice]:
    """Slices of many rows each, since there may be many millions.

    Examples
    --------
    >>> list(blocks(BLOCK + 1))
    [slice(0, 1000000, None), slice(1000000, 2000000, None)]
    """
    return (slice(start, start + BLOCK) for start in range(0, size, BLOCK))
