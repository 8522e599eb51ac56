"""The lines of a drafted ``leadready.yaml`` that say how the dates of the leads are written."""

from __future__ import annotations

from itertools import chain

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
    if all(
        read_dates(draft.raw[name], own).equals(read_dates(draft.raw[name], formats))
        for name, own in dates.items()
    ):
        return [f"  date_format: {yaml_inline(formats)}   # as found in the date columns"]
    lines = [f"    {yaml_inline(name)}: {yaml_inline(own)}" for name, own in dates.items()]
    return ["  date_format:   # as found in each column", *lines]
