"""Job titles in twelve languages with what they say: ``titles.csv``, written by hand.

An empty answer means that the title does not say, or that people would not agree; whatever is read
there counts as right. A title that is not read where people read something is *asked about*: it
stays without a seniority, and nobody is misled.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from features.vocabulary.job_titles import read_titles
from verification.reading.share import ASKED, RIGHT, WRONG, Reading

FILE = Path(__file__).with_name("titles.csv")
PARTS = ("seniority", "job_function")


def readings_by_language() -> Iterator[tuple[str, list[Reading]]]:
    """The readings of the titles of each language."""
    table = pd.read_csv(FILE, dtype=str, keep_default_na=False)
    found = read_titles(table["title"])
    for language in sorted(set(table["language"])):
        of_language = (table["language"] == language).to_numpy()
        readings = [
            Reading(f"{title} ({part})", _result(right, read))
            for part in PARTS
            for title, right, read in zip(
                table["title"][of_language],
                table[part][of_language],
                found[part][of_language],
                strict=True,
            )
            if right
        ]
        yield language, readings


def _result(right: str, read: object) -> str:
    if read is None:
        return ASKED
    return RIGHT if read == right else WRONG
