"""Leads judged before the events had been recorded for long enough.

The record of events begins on some day, and so does the export of the leads. A lead judged soon
after seems to have done little: what it did before is missing, or only leads that were handed over
quickly are there. A model that learned from such leads would take what later leads usually do for
special interest, and predict too many wins. So it does not learn from them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.labels.outcomes import UNKNOWN
from features.labels.time_to_win import DAY
from features.text import count, day

LONGEST = 90.0  # days, as the longest window of the features
COVERED = 0.9  # share of the later leads whose history has to fit into the record
WHOLE = 0.9  # of the later leads' median history: with so much, the early ones miss nothing
FEWEST_LATER = 100  # leads, or their history says too little
MOST = 0.25  # of the leads with a known outcome are left out; more are kept
STRAY = 1000  # one event in so many may be dated too early


class RecordStart(NamedTuple):
    """When the record of events begins, and how long a history leads have by their moment.

    Attributes
    ----------
    begins : Timestamp
    days : int
        Nine in ten leads judged later had their first event at most so long ago; 90 at most.
    """

    begins: pd.Timestamp
    days: int

    @property
    def reason(self) -> str:
        """Why a lead that was judged earlier is left out."""
        return f"judged less than {count(self.days, 'day')} after the first events"

    def covers(self, as_of: pd.Series) -> npt.NDArray[np.bool_]:
        """Whether leads were judged late enough; without a date, they were."""
        late = as_of.isna() | (as_of >= self.begins + pd.Timedelta(days=self.days))
        return np.asarray(late, dtype=bool)


class CutOff(NamedTuple):
    """What becomes of the rows that were judged before their history was recorded.

    Attributes
    ----------
    left_out : array of bool
        Rows that no model learns from.
    excluded : dict of str to int
        How many of them have a known outcome, by reason.
    warnings : tuple of str
        That such rows are learned from, where they are too many to leave out.
    """

    left_out: npt.NDArray[np.bool_]
    excluded: dict[str, int]
    warnings: tuple[str, ...] = ()


def rows_cut_off(events: pd.DataFrame, moments: pd.DataFrame, outcomes: pd.Series) -> CutOff:
    """Find the rows to leave out of learning.

    Parameters
    ----------
    events, moments : DataFrame
        As for `find_record_start`.
    outcomes : Series of str
        ``won``, ``not won`` or ``unknown``, a value for each row of ``moments``.
    """
    none = np.zeros(len(moments), dtype=bool)
    start = find_record_start(events, moments)
    if start is None:
        return CutOff(none, {})
    early, known = ~start.covers(moments["as_of"]), (outcomes != UNKNOWN).to_numpy()
    leads, of = int((early & known).sum()), int(known.sum())
    if leads <= MOST * of:
        return CutOff(early, {start.reason: leads})
    warning = (
        f"{leads:,} of {of:,} leads with a known outcome were {start.reason} "
        f"({day(start.begins)}), so that what they did is recorded in part. They are too many to "
        "leave out: predicted wins may be too high."
    )
    return CutOff(none, {}, (warning,))


def find_record_start(events: pd.DataFrame, moments: pd.DataFrame) -> RecordStart | None:
    """Find the leads that were judged before their history was recorded.

    Parameters
    ----------
    events : DataFrame
        ``person_id, at``.
    moments : DataFrame
        ``person_id, as_of``, a row for each lead judged.

    Returns
    -------
    RecordStart or None
        None where there are no dates, too few leads that were judged later, or where the history
        of the early leads is as long as that of the later ones.

    Examples
    --------
    >>> days = pd.date_range("2024-01-01", periods=300)
    >>> events = pd.DataFrame({"person_id": range(300), "at": days})
    >>> moments = pd.DataFrame({"person_id": range(300), "as_of": days + pd.Timedelta(days=20)})
    >>> start = find_record_start(events, moments)
    >>> str(start.begins.date()), start.days, int((~start.covers(moments["as_of"])).sum())
    ('2024-01-01', 20, 0)
    """
    as_of = moments["as_of"]
    if events.empty or as_of.isna().all():
        return None
    times = events["at"].dropna()
    begins = pd.Timestamp(times.nsmallest(1 + len(times) // STRAY).max())
    later = ((as_of - begins).dt.total_seconds() >= LONGEST * DAY).to_numpy()
    if later.sum() < FEWEST_LATER:
        return None
    first = events.groupby("person_id", observed=True)["at"].min()
    first.index = first.index.astype(object)
    history = (as_of - moments["person_id"].map(first)).dt.total_seconds() / DAY
    lengths = history.fillna(0.0).clip(0.0, LONGEST).to_numpy()
    start = RecordStart(begins, int(np.ceil(np.quantile(lengths[later], COVERED))))
    early = ~start.covers(as_of)
    if not start.days or (early.any() and _as_long(lengths[early], lengths[later])):
        return None
    return start


def _as_long(early: npt.NDArray[Any], later: npt.NDArray[Any]) -> bool:
    """Whether early leads have as long a history as later ones: they miss nothing."""
    return bool(np.median(early) >= WHOLE * np.median(later))
