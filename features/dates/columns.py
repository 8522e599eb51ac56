"""Reading many columns of dates at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from features.dates.formats import ISO
from features.dates.read import read_dates, read_times, trimmed_texts


def read_date_columns(
    table: pd.DataFrame, formats: Mapping[str, Sequence[str]]
) -> dict[str, pd.Series]:
    """Read the columns of a table, those of the same formats at once: a pattern is costly to start.

    Parameters
    ----------
    table : DataFrame
        Columns of text.
    formats : mapping of str to sequence of str
        The formats of each column to read.

    Examples
    --------
    >>> table = pd.DataFrame({"in": ["1.2.2024"], "out": ["8.2.2024"]})
    >>> read_date_columns(table, {"in": ["%d.%m.%Y"], "out": ["%d.%m.%Y"]})["out"].tolist()
    [Timestamp('2024-02-08 00:00:00')]
    """
    alike = defaultdict(list)
    for name, own in formats.items():
        alike[tuple(own) if ISO not in own else (name,)].append(name)  # ISO 8601 has no pattern
    read = {}
    for names in alike.values():
        dates = _read_alike([table[name] for name in names], formats[names[0]])
        for name, times in zip(names, dates, strict=True):
            read[name] = pd.Series(times, index=table.index, name=name)
    return {name: read[name] for name in formats}


def _read_alike(columns: Sequence[pd.Series], formats: Sequence[str]) -> list[np.ndarray]:
    """Read columns of the same formats; many of them have mostly the same days."""
    if len(columns) == 1:
        return [read_dates(columns[0].astype(object), formats).to_numpy()]
    values = np.concatenate([column.to_numpy(object) for column in columns])
    encoded = trimmed_texts(values).dictionary_encode()
    dates = read_times(encoded.dictionary, formats)
    places = encoded.indices.fill_null(len(dates)).to_numpy()
    return np.split(np.append(dates, np.datetime64("NaT", "us"))[places], len(columns))
