"""Days that are counted until the export: the age of a lead, the days since its last activity.

At the moment such a number would have been about the same for every lead. In the export it falls
with the date of the moment, so it tells when a lead came and what happened to it since.
"""

from __future__ import annotations

import numpy as np

from features.leaks.finding import COUNTED_ON, Finding, LeadStatus
from features.leaks.statistics import OTHER, Coded

LEAST_LEADS = 50  # with a number and a moment
COUNTS_THE_DAYS = 0.9  # correlation of the number with the age of the lead


def counted_on(coded: Coded, leads: LeadStatus) -> list[Finding]:
    """Find numbers that are the larger, the older a lead is.

    Parameters
    ----------
    coded : Coded
        A column; bands of numbers are in order.
    """
    if leads.as_of is None or not coded.is_number:
        return []
    used = np.flatnonzero((coded.codes > OTHER) & leads.as_of.notna().to_numpy())
    bands, moments = coded.codes[used], leads.as_of.iloc[used].rank().to_numpy()
    if len(used) < LEAST_LEADS or np.ptp(bands) == 0 or np.ptp(moments) == 0:
        return []
    with_age = -float(np.corrcoef(bands, moments)[0, 1])
    if with_age < COUNTS_THE_DAYS:
        return []
    sentence = f"the older a lead, the larger the number (correlation {with_age:.2f}): it seems to"
    sentence += " count days until the export"
    return [Finding(COUNTED_ON, 10, sentence)]
