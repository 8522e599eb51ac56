"""Cells with ids, and cells that list several: ``51000001;51000002`` are two records merged."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

_ID = r"[\"']?[\w.@+{}-]+[\"']?"
_LIST = rf"\[?\s*{_ID}(?:\s*[;|,]\s*{_ID})+\s*[;|,]?\s*\]?"
_GROUPED_NUMBER = r"\d{1,3}(?:,\d{3})+"  # 4,000 is one id


class CellIds(NamedTuple):
    """The different ids of a column, each with the first row that holds it."""

    ids: np.ndarray
    rows: np.ndarray


def ids_of_cells(column: pd.Series, *, lists: bool) -> CellIds:
    """Find the ids of a column, and the first row of each.

    Parameters
    ----------
    column : Series of str
        Missing values name nobody.
    lists : bool
        Whether a cell may list several ids.

    Examples
    --------
    >>> cells = pd.Series(["7;8", None, "8", "9"], dtype=object)
    >>> found = ids_of_cells(cells, lists=True)
    >>> found.ids.tolist(), found.rows.tolist()
    (['7', '8', '9'], [0, 0, 3])
    """
    ids = column.dropna().astype(object)
    if lists and ids.str.contains(r"[;|,]", regex=True).any():
        ids = _without_lists(ids)
    first = ids.drop_duplicates()
    return CellIds(first.to_numpy(object), first.index.to_numpy().astype("int64"))


def _without_lists(cells: pd.Series) -> pd.Series:
    """Give each id of a list a row of its own."""
    listed = cells.str.fullmatch(_LIST) & ~cells.str.fullmatch(_GROUPED_NUMBER)
    texts = cells[listed].str.strip("[] ").str.split(r"\s*[;|,]\s*", regex=True)
    split = texts.explode().str.strip("\"' ")
    ids: pd.Series = pd.concat([cells[~listed], split[split != ""]]).sort_index(kind="stable")
    return ids
