"""Cells with ids, and cells that list several: ``51000001;51000002`` are two records merged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from features.links.matching import comparable_column

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


def rows_by_id(raw: pd.DataFrame, columns: Sequence[str], rule: str) -> pd.DataFrame:
    """The rows of the leads by each id that they hold, in a form that can be compared.

    Parameters
    ----------
    raw : DataFrame
        The leads.
    columns : sequence of str
        The first holds one id a cell; a cell of the others may list several.

    Returns
    -------
    DataFrame
        ``row, name``, without missing ids.

    Examples
    --------
    >>> raw = pd.DataFrame({"Id": ["1", "2"], "Merged": ["7;8", None]})
    >>> rows_by_id(raw, ["Id", "Merged"], "exact").values.tolist()
    [[0, '1'], [1, '2'], [0, '7'], [0, '8']]
    """
    first, *others = columns
    found = [pd.DataFrame({"row": raw.index, "name": comparable_column(raw[first], rule)})]
    for column in others:
        cells = ids_of_cells(raw[column], lists=True)
        names = comparable_column(pd.Series(cells.ids, dtype=object), rule)
        found.append(pd.DataFrame({"row": cells.rows, "name": names}))
    return pd.concat(found, ignore_index=True).dropna()


def _without_lists(cells: pd.Series) -> pd.Series:
    """Give each id of a list a row of its own."""
    listed = cells.str.fullmatch(_LIST) & ~cells.str.fullmatch(_GROUPED_NUMBER)
    texts = cells[listed].str.strip("[] ").str.split(r"\s*[;|,]\s*", regex=True)
    split = texts.explode().str.strip("\"' ")
    ids: pd.Series = pd.concat([cells[~listed], split[split != ""]]).sort_index(kind="stable")
    return ids
