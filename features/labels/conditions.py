"""Which leads meet a condition of ``leadready.yaml``, three-valued as the definition's rules are.

A condition on an empty cell neither holds nor fails, except ``is_missing``. The stage column of the
history stands for the last stage that a lead had reached at the time.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.dates.parse import parse_dates
from features.errors import LeadReadyError
from features.files.arrow_text import places_of
from features.tables.mapped_numbers import mapped_numbers
from features.tables.read import Tables
from features.workspace.conditions import ColumnCondition, Condition
from features.workspace.schema import Workspace

Signs = npt.NDArray[np.int8]  # 1 holds, -1 fails, 0 cannot be told


def meets(
    ws: Workspace, tables: Tables, condition: Condition, at: pd.Timestamp | None = None
) -> npt.NDArray[np.bool_]:
    """Tell which leads meet a condition; one that cannot be told counts as not met.

    Parameters
    ----------
    at : Timestamp, optional
        Stages reached later do not count (default: all count).

    Returns
    -------
    array of bool
        One for each lead.
    """
    return _signs(ws, tables, condition, at) > 0


def _signs(ws: Workspace, tables: Tables, condition: Condition, at: pd.Timestamp | None) -> Signs:
    """Evaluate by Kleene's logic: "all" is the least sign, "any" the greatest."""
    if isinstance(condition, ColumnCondition):
        return _column_signs(ws, column_or_last_stage(ws, tables, condition.column, at), condition)
    parts = [_signs(ws, tables, part, at) for part in condition.conditions]
    if condition.kind == "all":
        return reduce(np.minimum, parts)
    greatest = reduce(np.maximum, parts)
    return -greatest if condition.kind == "none" else greatest


def _column_signs(ws: Workspace, texts: pd.Series, condition: ColumnCondition) -> Signs:
    operand = condition.operand
    missing = texts.isna().to_numpy()
    match condition.operator:
        case "is_missing":
            return _as_signs(missing == operand[0])
        case "one_of" | "equals" | "none_of":
            listed = {str(value).strip() for value in operand}
            hit = is_listed(texts, listed)
            return _as_signs(hit != (condition.operator == "none_of"), missing)
        case "before" | "after":
            dates = parse_dates(texts, ws.leads.date_formats_of(condition.column)).dt.normalize()
            day = pd.Timestamp(operand[0])
            holds = dates < day if condition.operator == "before" else dates > day
            return _as_signs(holds.to_numpy(), dates.isna().to_numpy())
        case _:
            numbers = mapped_numbers(ws, condition.column, texts).read(texts).to_numpy(float)
            low = -np.inf if condition.operator == "at_most" else operand[0]
            high = np.inf if condition.operator == "at_least" else operand[-1]
            return _as_signs((numbers >= low) & (numbers <= high), np.isnan(numbers))


def is_listed(texts: pd.Series, listed: Collection[str]) -> npt.NDArray[np.bool_]:
    """Tell which texts are in a list, whatever blanks are around them; missing ones are not.

    Examples
    --------
    >>> is_listed(pd.Series(["Won ", None, "Lost"]), {"Won"}).tolist()
    [True, False, False]
    """
    places, values = pd.factorize(texts)
    listed_values = [str(value).strip() in listed for value in values]
    return np.array([*listed_values, False])[places]


def _as_signs(holds: npt.NDArray[np.bool_], missing: npt.NDArray[np.bool_] | None = None) -> Signs:
    signs = np.where(holds, 1, -1).astype(np.int8)
    return signs if missing is None else np.where(missing, 0, signs).astype(np.int8)


def column_or_last_stage(
    ws: Workspace, tables: Tables, column: str, at: pd.Timestamp | None = None
) -> pd.Series:
    """Read a column of the leads; if they have none of that name, each lead's last stage.

    This lets conditions name the stage column of the history.

    Parameters
    ----------
    at : Timestamp, optional
        Stages reached later do not count.
    """
    if f"raw:{column}" in tables.leads.columns or ws.stages is None:
        return raw_column(tables.leads, column)
    times = tables.stages["at"].to_numpy("datetime64[us]")
    reached = np.flatnonzero(
        ~(times > (np.datetime64("NaT") if at is None else at.to_datetime64()))
    )
    last = last_rows(tables, reached[np.argsort(times[reached].astype(np.int64), kind="stable")])
    return taken(tables.stages["stage"], last).set_axis(tables.leads.index)


def raw_column(leads: pd.DataFrame, column: str) -> pd.Series:
    """Give a column of the company's file, under its own name."""
    name = f"raw:{column}"
    if name not in leads.columns:
        known = [other.removeprefix("raw:") for other in leads.columns if other.startswith("raw:")]
        raise LeadReadyError.unknown(column, known, where="leadready.yaml")
    return leads[name]


def last_rows(tables: Tables, stages: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Find the last of some rows of the stage history for each lead.

    Parameters
    ----------
    stages : array of int
        The rows, in the order of time.

    Returns
    -------
    array of int
        For each lead the row; -1 where it has none.

    Examples
    --------
    >>> from features.kept_events.events import Events
    >>> leads, stages = ["a", "b"], ["a", "a"]
    >>> leads, stages = (pd.DataFrame({"lead_id": ids}) for ids in (leads, stages))
    >>> last_rows(Tables(leads, Events.of(stages[:0]), stages, []), np.array([1, 0])).tolist()
    [0, -1]
    """
    rows = np.full(len(tables.leads) + 1, -1)
    rows[tables.stage_leads[stages]] = stages  # the last one is written last
    return rows[:-1]


def taken(values: pd.Series, rows: npt.NDArray[np.intp]) -> pd.Series:
    """Take values by their places; -1 gives a missing one.

    Examples
    --------
    >>> taken(pd.Series([5.0, 6.0]), np.array([1, -1])).tolist()
    [6.0, nan]
    """
    found = pd.api.extensions.take(values.array, rows, allow_fill=True)
    return pd.Series(found, name=values.name)


def values_by_lead(ids: pd.Series, values: pd.Series) -> pd.Series:
    """Look up a value for each lead; ``values`` is indexed by lead id."""
    return taken(values, places_of(ids, values.index.to_series())).set_axis(ids.index)
