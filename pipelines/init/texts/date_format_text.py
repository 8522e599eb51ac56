"""The lines of a drafted ``leadready.yaml`` that say how the dates of the leads are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
import pandas as pd

from features.dates.formats import ISO
from features.dates.read import read_dates
from features.text import yaml_inline
from pipelines.init.draft import Draft


def date_format_lines(draft: Draft) -> list[str]:
    """Write one list for all columns, or the formats of each if the list would misread some."""
    dates = {guess.column: guess.date_formats for guess in draft.guesses if guess.date_formats}
    formats = list(dict.fromkeys(chain.from_iterable(dates.values())))
    if formats in ([], [ISO]):
        return []
    if all(_read_alike(draft.raw, dates, own, formats) for own in set(dates.values())):
        return [f"  date_format: {yaml_inline(formats)}   # as found in the date columns"]
    lines = [f"    {yaml_inline(name)}: {yaml_inline(own)}" for name, own in dates.items()]
    return ["  date_format:   # as found in each column", *lines]


def _read_alike(
    raw: pd.DataFrame, dates: Mapping[str, Sequence[str]], own: Sequence[str], formats: list[str]
) -> bool:
    """Whether all formats read the columns that have these as these alone do."""
    columns = [raw[name].to_numpy(object) for name, theirs in dates.items() if theirs == own]
    values = pd.Series(pd.unique(np.concatenate(columns)), dtype=object)
    return read_dates(values, own).equals(read_dates(values, formats))
