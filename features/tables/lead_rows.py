"""The rows of given leads in the table of leads."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from features.errors import LeadReadyError


def lead_rows(leads: pd.DataFrame, lead_ids: Iterable[object]) -> np.ndarray:
    """Find the row of each lead by its id; of duplicate ids the first counts.

    Examples
    --------
    >>> lead_rows(pd.DataFrame({"lead_id": ["a", "b", "b"]}), ["b", "a"])
    array([1, 0])
    """
    first = leads["lead_id"].reset_index(drop=True).drop_duplicates()
    ids = pd.Index(list(lead_ids), dtype=object)
    found = pd.Index(first.astype(object)).get_indexer(ids)
    if (found < 0).any():
        unknown = str(ids[int(np.argmax(found < 0))])
        raise LeadReadyError(f"no lead {unknown!r} in the leads table")
    rows: np.ndarray = first.index.to_numpy()[found]
    return rows
