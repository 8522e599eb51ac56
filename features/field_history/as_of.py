"""A column of the leads as it was at a moment, from the history of its values.

The value at a moment is that of the last change before it. A change at the moment itself is not yet
known, as with events. Before the first change it is the value that this change replaced; a lead
that was never changed has had its value all along. What was written within a minute of the lead's
creation belongs to the creation. After the last change of the whole history, the leads themselves
say what is true: a scoring run uses their columns as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.dates.parse import parse_dates
from features.errors import LeadReadyError
from features.tables.lead_rows import lead_rows
from features.tables.leads import RAW
from features.tables.mapped_numbers import mapped_numbers
from features.tables.problems import Problems
from features.text import day, percent
from features.workspace.schema import Workspace

AT_CREATION = pd.Timedelta(minutes=1)
ALWAYS = pd.Timestamp("1700-01-01")  # before any moment
NEVER = pd.Timestamp("2200-01-01")  # after any moment
LEAST_AGREEING = 0.95  # of the leads' values are those of their last change
MANY_EARLY = 0.05  # of the leads are judged before the history begins
Way = Literal["backward", "forward"]
WAYS: tuple[Way, Way] = ("backward", "forward")
NAMES = ("lead_id", "at", "old", "new")


@dataclass(frozen=True)
class ColumnHistory:
    """The changes of one column.

    Attributes
    ----------
    changes : DataFrame
        ``lead_id, at, old, new``, by time.
    ends : Timestamp
        The last change of any column; after it, the leads say what is true, unless they lack the
        column.
    """

    changes: pd.DataFrame
    ends: pd.Timestamp


def value_histories(
    ws: Workspace, leads: pd.DataFrame, changes: pd.DataFrame, problems: Problems
) -> dict[str, ColumnHistory]:
    """Give the history of each column whose value at a moment can be told, by column.

    A history is not used if its last values are not those that the leads have: it then writes them
    in another way, or is of another time.

    Parameters
    ----------
    leads : DataFrame
        The table of leads.
    changes : DataFrame
        ``lead_id, column, at, old, new``, as `ordered_changes` gives them.
    """
    source = ws.field_history
    if source is None or changes.empty or (source.column is not None and source.new is None):
        return {}
    ends = changes["at"].max()
    histories = {}
    for column, rows in changes.groupby("column", sort=False):
        if _agrees(ws, leads, str(column), rows, problems):
            known = _known_at_creation(rows[list(NAMES)], leads)
            only_here = leads[f"{RAW}{column}"].isna().all()
            histories[str(column)] = ColumnHistory(known, NEVER if only_here else ends)
    if histories:
        _count_early(ws, leads, changes["at"].min(), problems)
    return histories


def _agrees(
    ws: Workspace, leads: pd.DataFrame, column: str, rows: pd.DataFrame, problems: Problems
) -> bool:
    """Whether nearly all leads have the value of their last change."""
    last, current = rows.drop_duplicates("lead_id", keep="last"), leads[f"{RAW}{column}"]
    now, then = current.iloc[lead_rows(leads, last["lead_id"])], last["new"]
    same = np.full(len(now), bool(current.isna().all()))  # a column that only the history has
    for equal in _comparisons(ws, column, current, now, then):
        same |= equal
        if same.all():
            break
    differ = int((~same).sum())
    if differ <= (1 - LEAST_AGREEING) * len(same):
        return True
    example = np.flatnonzero(~same)[0]
    problems.add(
        "field_history",
        "other values than the leads",
        differ,
        f"{{count}} of {len(same):,} leads {{has|have}} another value of "
        f"{column} than its last change says, so its history is not used",
        f"export both at the same time, with values written alike ({now.iloc[example]} among the "
        f"leads, {then.iloc[example]} in the history)",
    )
    return False


def _comparisons(
    ws: Workspace, column: str, whole: pd.Series, now: pd.Series, then: pd.Series
) -> Iterator[npt.NDArray[np.bool_]]:
    """Compare values as texts, as numbers and as dates."""
    yield now.isna().to_numpy() & then.isna().to_numpy()
    yield now.to_numpy(object) == then.to_numpy(object)
    filled = now.notna().to_numpy() & then.notna().to_numpy()
    texts = [each.astype("str").str.strip().str.casefold().to_numpy() for each in (now, then)]
    yield filled & (texts[0] == texts[1])
    kinds = {mapped.name: mapped.type for mapped in ws.leads.columns}
    kinds |= {old.column: "number" for old in ws.old_scores if not old.best_first}
    kind = kinds.get(column)
    if kind == "number":
        reader = mapped_numbers(ws, column, whole)
        yield reader.read(now).to_numpy() == reader.read(then).to_numpy()
    if kind == "date":
        formats = ws.leads.date_formats_of(column)
        try:
            yield parse_dates(now, formats).to_numpy() == parse_dates(then, formats).to_numpy()
        except LeadReadyError:  # written in another format than the leads write it
            return


def _known_at_creation(rows: pd.DataFrame, leads: pd.DataFrame) -> pd.DataFrame:
    """Let the values that a lead was created with hold from the beginning."""
    start = leads["created_at"].iloc[lead_rows(leads, rows["lead_id"])].set_axis(rows.index)
    first = rows["old"].isna() & ~rows["lead_id"].duplicated()
    only_the_day = start == start.dt.normalize()
    same_day = first & only_the_day & (rows["at"].dt.normalize() == start)
    at = rows["at"].mask((rows["at"] <= start + AT_CREATION) | same_day, ALWAYS)
    known = rows.assign(at=at.astype("datetime64[us]"))
    return known.sort_values("at", kind="stable", ignore_index=True)


def _count_early(
    ws: Workspace, leads: pd.DataFrame, begins: pd.Timestamp, problems: Problems
) -> None:
    """Count the leads that were judged before the history begins, if they are many."""
    moments = leads["moment_base_at"] + pd.Timedelta(days=ws.moment.plus_days or 0)
    early = int((moments < begins).sum())
    share = early / max(int(moments.notna().sum()), 1)
    if share > MANY_EARLY:
        problems.add(
            "field_history",
            "begins late",
            early,
            f"{{count}} {{lead|leads}} ({percent(share)}) {{is|are}} judged before the "
            "first change in the history "
            f"({day(begins)}), so what was changed before then is not known",
            "export the whole history, or leave out the leads before that day",
        )


def values_as_of(
    history: ColumnHistory, current: pd.Series, lead_ids: pd.Series, as_of: pd.Series
) -> pd.Series:
    """Give the value of a column as it was at each moment.

    Parameters
    ----------
    history : ColumnHistory
    current : Series, n values
        The value that each lead has now.
    lead_ids, as_of : Series, n values
        The leads and their moments; without a moment, the value now.

    Returns
    -------
    Series of object
        Text, or None.

    Examples
    --------
    >>> at = pd.to_datetime(["2024-02-01", "2024-03-01"])
    >>> changes = {"lead_id": "a", "at": at, "old": ["cold", "warm"], "new": ["warm", "won"]}
    >>> history = ColumnHistory(pd.DataFrame(changes), at[-1])
    >>> days = pd.Series(pd.to_datetime(["2024-01-09", "2024-02-09", "2024-04-09"]))
    >>> values_as_of(history, pd.Series(["won"] * 3), pd.Series(["a"] * 3), days).tolist()
    ['cold', 'warm', 'won']
    """
    owners = pd.Index(lead_ids.unique())
    moments = pd.DataFrame(
        {"owner": owners.get_indexer(lead_ids), "as_of": as_of.to_numpy("datetime64[us]")}
    )
    values = np.array(current.astype(object).where(current.notna(), None), dtype=object)
    judged = moments[moments["as_of"] <= history.ends].sort_values("as_of", kind="stable")
    changes = history.changes.assign(owner=owners.get_indexer(history.changes["lead_id"]))
    changes = changes[changes["owner"] >= 0].astype({"at": "datetime64[us]"})
    before, after = (_nearest(judged, changes, way) for way in WAYS)
    places = judged.index.to_numpy()
    was_set, will_be_set = before["at"].notna().to_numpy(), after["at"].notna().to_numpy()
    values[places[will_be_set]] = after["old"].to_numpy(object)[will_be_set]
    values[places[was_set]] = before["new"].to_numpy(object)[was_set]
    found = pd.Series(values, dtype=object)
    return found.where(found.notna(), None)


def _nearest(judged: pd.DataFrame, changes: pd.DataFrame, way: Way) -> pd.DataFrame:
    """The last change before each moment, or the first one at or after it."""
    return pd.merge_asof(
        judged,
        changes,
        left_on="as_of",
        right_on="at",
        by="owner",
        direction=way,
        allow_exact_matches=way == "forward",
    )
