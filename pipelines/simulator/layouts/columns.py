"""How a system writes a column: times, ids, its own words for a value.

A layout is a table of headings. Beside each heading stands a name of the records, or one of these
functions, which make a column of text from the records.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

Array = np.ndarray[Any, Any]
Writer = Callable[[pd.DataFrame], Any]
Column = str | Writer
Spelling = Callable[[Array], Array]  # of numbers, as the ids of a system

ALPHANUMERIC = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"))
CHECK_LETTERS = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"))


def export_table(records: pd.DataFrame, columns: Mapping[str, Column]) -> pd.DataFrame:
    """Lay out records under a system's headings.

    Examples
    --------
    >>> records = pd.DataFrame({"source": ["Web"], "lead": [7]})
    >>> columns = {"Lead Source": "source", "Id": numbered("lead", prefixed("L"))}
    >>> export_table(records, columns).to_numpy().tolist()
    [['Web', 'L7']]
    """
    return pd.DataFrame(
        {
            heading: records[column] if isinstance(column, str) else column(records)
            for heading, column in columns.items()
        }
    )


def constant(value: str) -> Writer:
    """Write the same value in every row."""
    return lambda records: value


def timed(column: str, form: str) -> Writer:
    """Write times in a form of ``strftime``.

    Examples
    --------
    >>> records = pd.DataFrame({"created": pd.to_datetime(["2024-03-01 10:22", None])})
    >>> timed("created", "%d.%m.%Y")(records).tolist()
    ['01.03.2024', nan]
    """
    return lambda records: records[column].dt.strftime(form)


def us_timed(column: str) -> Writer:
    """Write times as American systems do: ``3/1/2024 10:22 AM``, without leading zeros.

    Examples
    --------
    >>> records = pd.DataFrame({"created": pd.to_datetime(["2024-03-01 14:22"])})
    >>> us_timed("created")(records).tolist()
    ['3/1/2024 2:22 PM']
    """

    def written(records: pd.DataFrame) -> Any:
        text = records[column].dt.strftime("/%m/%d/%Y %I:%M %p")
        return text.str.replace("/0", "/").str.replace(" 0", " ").str[1:]

    return written


def worded(column: str, words: Mapping[str, str]) -> Writer:
    """Write a system's own words for the values; a value without a word is an error.

    Examples
    --------
    >>> records = pd.DataFrame({"stage": ["Closed Won", None]})
    >>> worded("stage", {"Closed Won": "Won"})(records).tolist()
    ['Won', nan]
    """

    def written(records: pd.DataFrame) -> pd.Series:
        values = records[column]
        without = set(values.dropna().unique()) - set(words)
        if without:
            raise KeyError(f"no word for {sorted(without)} in {column}")
        return values.map(words)

    return written


def holds(column: str, values: tuple[str, ...], yes: str, no: str) -> Writer:
    """Write whether a column has one of some values."""
    return lambda records: np.where(records[column].isin(values), yes, no)


def only_if(column: str, values: tuple[str, ...], then: Column) -> Writer:
    """Write a column only where another has one of some values."""

    def written(records: pd.DataFrame) -> pd.Series:
        made = records[then] if isinstance(then, str) else then(records)
        return pd.Series(made, index=records.index).where(records[column].isin(values))

    return written


def numbered(column: str, spelling: Spelling) -> Writer:
    """Write ids made from numbers."""

    def written(records: pd.DataFrame) -> pd.Series:
        codes, numbers = pd.factorize(records[column])
        return pd.Series(spelling(np.asarray(numbers, np.int64))[codes], index=records.index)

    return written


def either(column: str, then: Writer, otherwise: Writer) -> Writer:
    """Write one thing where a column of yes and no says yes, else another."""

    def written(records: pd.DataFrame) -> Any:
        return np.where(records[column], then(records), otherwise(records))

    return written


def listed(column: str, spelling: Spelling) -> Writer:
    """Write lists of numbers as ids with ``;`` between them.

    Examples
    --------
    >>> listed("merged", prefixed("C"))(pd.DataFrame({"merged": [[7, 8], None]})).tolist()
    ['C7;C8', None]
    """

    def written(records: pd.DataFrame) -> pd.Series:
        texts = [
            ";".join(spelling(np.array(numbers))) if isinstance(numbers, list) else None
            for numbers in records[column]
        ]
        return pd.Series(texts, index=records.index, dtype=object)

    return written


def prefixed(prefix: str, digits: int = 0, first: int = 0) -> Spelling:
    """Spell ids as a prefix and a number, which counts from ``first``.

    Examples
    --------
    >>> prefixed("zcrm_", first=5000)(np.array([1, 2])).tolist()
    ['zcrm_5001', 'zcrm_5002']
    """
    return lambda numbers: np.array(
        [f"{prefix}{first + number:0{digits}d}" for number in numbers.tolist()], dtype=object
    )


def guids(kind: str) -> Spelling:
    """Spell ids as GUIDs, different for each kind of record.

    Examples
    --------
    >>> guids("lead")(np.array([1])).tolist()
    ['ffa8704a-b0d5-4b0e-9de3-d9459ae42abe']
    """
    return lambda numbers: np.array(
        [
            str(uuid.UUID(bytes=hashlib.md5(f"{kind}{number}".encode()).digest(), version=4))
            for number in numbers.tolist()
        ],
        dtype=object,
    )


def salesforce_ids(prefix: str) -> Spelling:
    """Spell ids as Salesforce does: 15 letters and digits, and 3 that tell capitals apart.

    Examples
    --------
    >>> salesforce_ids("00Q")(np.array([1, 62])).tolist()
    ['00Q5e0000AAACDtEQP', '00Q5e0000AACDtAEQX']
    """

    def spelled(numbers: Array) -> Array:
        powers = 62 ** np.arange(5, -1, -1)
        body = ALPHANUMERIC[(numbers[:, None] * 7919 // powers) % 62]
        start = np.tile(np.array(list(f"{prefix}5e0000")), (len(numbers), 1))
        letters = np.hstack([start, body])
        capitals = (letters >= "A") & (letters <= "Z")
        bits = capitals.reshape(len(numbers), 3, 5) @ (1 << np.arange(5))
        whole = np.hstack([letters, CHECK_LETTERS[bits]])
        return np.array(["".join(row) for row in whole], dtype=object)

    return spelled
