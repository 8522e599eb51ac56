"""The rows of given leads in the table of leads."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from features.errors import LeadReadyError
from features.files.arrow_text import places_of


def lead_rows(leads: pd.DataFrame, lead_ids: Iterable[object]) -> np.ndarray:
    """Find the row of each lead by its id; of duplicate ids the first counts.

    Examples
    --------
    >>> lead_rows(pd.DataFrame({"lead_id": ["a", "b", "b"]}), ["b", "a"])
    array([1, 0], dtype=int32)
    """
    ids = lead_ids
    if not isinstance(ids, pd.Series):
        ids = pd.Series(list(lead_ids), dtype=object)
    rows = places_of(ids, leads["lead_id"])
    if (rows < 0).any():
        unknown = str(ids.iloc[int(np.argmax(rows < 0))])
        raise LeadReadyError(f"no lead {unknown!r} in the leads table")
    return rows
