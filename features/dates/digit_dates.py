"""Dates in nothing but digits, such as 20240103 and 45292: when they are more than numbers."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa

from features.dates.formats import EXCEL, UNIX_DIGITS
from features.dates.read import read_times
from features.dates.shapes import CandidateFormat
from features.vocabulary.headings import heading_concepts

_FRACTION = r"^\d{5}[.,](\d{4,})$"  # of a day
_MOST_TIMED = 0.9  # of the serial days; few are at noon or midnight
_TIME = "date time created closed modified handed_off converted expected next start end"
_NUMBER = (
    "id number code phone employees revenue amount duration rating count row_number age income "
    "postcode identity_number visits"
)


def has_evidence(
    formats: Sequence[str],
    groups: Sequence[Sequence[CandidateFormat]],
    texts: pa.Array,
    name: str,
) -> bool:
    """Whether plain numbers are dates: by the heading, or by values that nothing else has.

    Parameters
    ----------
    formats : sequence of str
        The formats in which the values would be dates.
    groups : sequence of sequence of CandidateFormat
        The candidate formats of each shape.
    texts : Array of str
        The values.
    name : str
        The heading.

    Examples
    --------
    >>> from features.dates.shapes import candidate_formats
    >>> texts, groups = pa.array(["45292", "45300"]), [candidate_formats("45292")]
    >>> [has_evidence(["excel"], groups, texts, name) for name in ("Created Date", "Employees")]
    [True, False]
    """
    if any(not candidate.digits_only for group in groups for candidate in group):
        return True
    concepts = heading_concepts(name)
    counts = bool(set(_NUMBER.split()) & concepts)
    says_time = bool(set(_TIME.split()) & concepts) and not counts
    if EXCEL in formats and not says_time and not _have_times_of_day(texts):
        return False
    dates = pd.Series(read_times(texts, formats)).dropna()
    now = pd.Timestamp.now()
    recent = dates.between(pd.Timestamp(1990, 1, 1), now + pd.DateOffset(years=10)).mean()
    if formats[0] in (*UNIX_DIGITS, EXCEL, "%y%m%d", "%d%m%y", "%m%d%y") and recent < 0.95:
        return False
    if says_time or formats[0] in ("%Y%m%d", "%Y%m%d%H%M%S", "%Y%m%d%H%M"):
        return True
    return not counts and _scattered(dates, formats)


def _have_times_of_day(texts: pa.Array) -> bool:
    """Whether most serial days have a fraction, and it is a whole number of seconds as written."""
    written = pd.Series(texts.to_numpy(False), dtype=object).str.extract(_FRACTION)[0].dropna()
    if len(written) < _MOST_TIMED * len(texts):
        return False
    seconds = 86_400 * ("0." + written).astype(float)
    rounded = 86_400 / 10.0 ** written.str.len()
    return bool(((seconds - seconds.round()).abs() <= rounded + 0.01).mean() >= 0.95)


def _scattered(dates: pd.Series, formats: Sequence[str]) -> bool:
    """Whether times are spread over months, with gaps of hours, as running numbers are not."""
    if formats[0] not in UNIX_DIGITS:
        return len(dates) >= 20
    gap, span = dates.sort_values().diff().max(), dates.max() - dates.min()
    return len(dates) >= 5 and gap > pd.Timedelta(hours=1) and span > pd.Timedelta(days=30)
