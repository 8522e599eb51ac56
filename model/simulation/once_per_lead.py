"""Count each lead once where leads are judged repeatedly.

In a panel (``moment.every_days``) a lead has one row for every day on which it was judged. Sales
receives a lead once: on the first day on which the rules call it ready. A won lead is missed only
if the rules never called it ready. Where each lead is judged once, these functions change no count.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Mask = npt.NDArray[np.bool_]


def is_panel(rows: pd.DataFrame) -> bool:
    """Tell whether some lead is judged more than once.

    Examples
    --------
    >>> is_panel(pd.DataFrame({"lead_id": ["a", "a", "b"]}))
    True
    """
    return bool(rows["lead_id"].duplicated().any())


def first_judgements(rows: pd.DataFrame, which: Mask) -> Mask:
    """Keep the earliest of the selected judgements of each lead.

    Parameters
    ----------
    rows : DataFrame, shape (n, …)
        ``lead_id, as_of``.
    which : array of bool, shape (n,)
        The selected judgements.

    Examples
    --------
    >>> rows = pd.DataFrame({"lead_id": ["a", "a", "b"], "as_of": [pd.NaT, pd.NaT, pd.NaT]})
    >>> first_judgements(rows, np.array([False, True, True]))
    array([False,  True,  True])
    >>> first_judgements(rows, np.array([True, True, True]))
    array([ True, False,  True])
    """
    places = np.flatnonzero(which)
    in_time = rows.iloc[places].reset_index(drop=True).sort_values("as_of", kind="stable")
    kept = in_time.index[~in_time["lead_id"].duplicated()]
    first = np.zeros(len(rows), dtype=bool)
    first[places[kept]] = True
    return first


def all_judgements(rows: pd.DataFrame, which: Mask) -> Mask:
    """Extend the selected judgements to all judgements of the same leads.

    Examples
    --------
    >>> all_judgements(pd.DataFrame({"lead_id": ["a", "a", "b"]}), np.array([False, True, False]))
    array([ True,  True, False])
    """
    ids: pd.Series[Any] = rows["lead_id"]
    return np.asarray(ids.isin(ids[which].unique()))
