"""Reading many columns of dates at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from features.dates.formats import ISO
from features.dates.read import Times, iso_times, read_times, trimmed_texts
from features.values.few_values import Values, column_values


def read_date_columns(
    table: pd.DataFrame, formats: Mapping[str, Sequence[str]]
) -> dict[str, Times]:
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
    >>> read = read_date_columns(table, {"in": ["%d.%m.%Y"], "out": ["%d.%m.%Y"]})
    >>> read["out"].astype("datetime64[D]").tolist()
    [datetime.date(2024, 2, 8)]
    """
    alike = defaultdict(list)
    for name, own in formats.items():
        alike[tuple(own)].append(name)
    values = dict(column_values(table, formats))
    read: dict[str, Times] = {}
    for own, names in alike.items():
        read |= zip(names, _read_alike([values[name] for name in names], own), strict=True)
    return {name: read[name] for name in formats}


def _read_alike(columns: Sequence[Values], formats: Sequence[str]) -> list[Times]:
    """Read columns of the same formats; many of them have mostly the same days."""
    texts = trimmed_texts(np.concatenate(columns))
    if tuple(formats) == (ISO,) and (times := iso_times(texts)) is not None:
        return np.split(times, len(columns))
    encoded = texts.dictionary_encode()
    if len(columns) > 1 and ISO in formats and iso_times(encoded.dictionary) is None:
        return [read_times(trimmed_texts(values), formats) for values in columns]
    dates = read_times(encoded.dictionary, formats)
    places = encoded.indices.fill_null(len(dates)).to_numpy()
    return np.split(np.append(dates, np.datetime64("NaT", "us"))[places], len(columns))
