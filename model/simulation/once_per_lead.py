"""Leads that are judged again and again, counted once.

In a panel (``moment.every_days``) a lead has a row for each day that it was judged on. Sales is
handed a lead once: on the first day that the rules call it ready. A won lead is missed only if they
never did. Where each lead is judged once, nothing of this changes a count.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Mask = npt.NDArray[np.bool_]


def judged_again(rows: pd.DataFrame) -> bool:
    """Tell whether some lead is judged more than once."""
    return bool(rows["lead_id"].duplicated().any())


def first(rows: pd.DataFrame, which: Mask) -> Mask:
    """Keep each lead's first judgement in time, among some of them.

    Examples
    --------
    >>> rows = pd.DataFrame({"lead_id": ["a", "a", "b"], "as_of": [pd.NaT, pd.NaT, pd.NaT]})
    >>> first(rows, np.array([False, True, True])), first(rows, np.array([True, True, True]))
    (array([False,  True,  True]), array([ True, False,  True]))
    """
    places = np.flatnonzero(which)
    in_time = rows.iloc[places].reset_index(drop=True).sort_values("as_of", kind="stable")
    kept = in_time.index[~in_time["lead_id"].duplicated()]
    found = np.zeros(len(rows), dtype=bool)
    found[places[kept]] = True
    return found


def ever(rows: pd.DataFrame, which: Mask) -> Mask:
    """Extend some judgements to all judgements of the same leads.

    Examples
    --------
    >>> ever(pd.DataFrame({"lead_id": ["a", "a", "b"]}), np.array([False, True, False]))
    array([ True,  True, False])
    """
    ids: pd.Series[Any] = rows["lead_id"]
    return np.asarray(ids.isin(ids[which].unique()))
