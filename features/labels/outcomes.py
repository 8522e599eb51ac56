"""What became of each lead: won, not won, or unknown, and then why nobody knows.

A lead is won when its win falls within the horizon after the moment. It is unknown while the
horizon has not passed when the data was taken out (*not mature*), when sales never followed up
(*never worked* is not lost), and for the reasons that the workspace names (duplicates, test
records, withdrawn), or by what sales said when it closed them: duplicates and test records are no
leads, and one that was never worked was not lost. Unknown never depends on having been won: leaving
out only those that were not would flatter. There are two exceptions, which the company asks for by
name: *still open*, which holds only where the horizon has passed, and ``immature: weight``, where
an early win is known at once and must then be weighed (``model.weighting.censoring``).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from features.errors import LeadReadyError
from features.files.open_table import parse_numbers
from features.labels.rejection_reasons import (
    NEVER_WORKED,
    NO_OUTCOME,
    TAXONOMY,
    dispositions_by_reason,
    map_reasons,
)
from features.tables.lead_rows import lead_rows
from features.tables.read import Tables, extract_at
from features.workspace.read import Workspace

WON, NOT_WON, UNKNOWN = "won", "not won", "unknown"
NOT_MATURE, WITHDRAWN = "not mature", "withdrawn"
STILL_OPEN, BEYOND = "still open", "still open beyond the horizon"


def build_outcomes(ws: Workspace, tables: Tables, moments: pd.DataFrame) -> pd.DataFrame:
    """Say what became of each lead after its moment.

    Parameters
    ----------
    moments : DataFrame
        ``lead_id, person_id, account_id, as_of``.

    Returns
    -------
    DataFrame
        Same rows: ``lead_id, outcome`` (won, not won, unknown), ``why_unknown`` (None where known),
        ``won_at, amount`` (of the won), ``mature_at`` (NaT where the outcome is as it stood at the
        extract), ``reason`` (the last one that sales gave), ``disposition`` (what it means in the
        taxonomy of ``rejection_reasons``), ``reason_at`` (when, NaT where nobody says).

    Notes
    -----
    Without a horizon the outcome is as it stood when the data was taken out. Where
    ``evaluation.outcomes`` is ``at_extract`` that is so for every lead, whatever makes outcomes
    unknown: the way of published benchmarks. A win without a date counts as won.
    """
    became = results_at_extract(ws, tables).iloc[lead_rows(tables.leads, moments["lead_id"])]
    became = became.reset_index(drop=True)
    mature_at = _mature_at(ws, moments)
    late = became["won_at"] > mature_at  # never true where one of them is NaT
    won = became["won"] & ~late
    early = won & became["won_at"].notna() & (ws.outcome.immature == "weight")
    why = _why_unknown(ws, tables, moments, mature_at, early)
    outcome = np.select([why.notna(), won], [UNKNOWN, WON], default=NOT_WON)
    return pd.DataFrame(
        {
            "lead_id": moments["lead_id"].reset_index(drop=True),
            "outcome": pd.Series(outcome, dtype=object),
            "why_unknown": why,
            "won_at": became["won_at"].where(won),
            "amount": became["amount"].where(won),
            "mature_at": mature_at,
            "reason": became["reason"],
            "disposition": became["disposition"],
            "reason_at": became["reason_at"],
        }
    )


def results_at_extract(ws: Workspace, tables: Tables) -> pd.DataFrame:
    """What the extract says of every lead, a row for each.

    Columns: ``won, won_at, amount, reason, disposition, reason_at``. A reason of the company's that
    its file does not map means what its wording says.
    """
    if ws.outcome.column is None:
        found = _from_stages(ws, tables)
    else:
        leads = tables.leads
        won = _is_one_of(leads, ws.outcome.column, ws.outcome.won)
        amount = pd.Series(np.nan, index=leads.index)
        if ws.outcome.amount:
            amount = parse_numbers(_raw(leads, ws.outcome.amount)).astype("float64")
        found = pd.DataFrame({"won": won, "won_at": leads["won_at"].where(won), "amount": amount})
    found = found.reset_index(drop=True)
    found = pd.concat([found, _reasons(ws, tables)], axis=1)
    meaning = map_reasons(found["reason"].dropna().unique(), ws.outcome.reasons)
    found["disposition"] = found["reason"].map(meaning).astype(object)
    found["disposition"] = found["disposition"].where(found["disposition"].notna(), None)
    return found


def column_or_last_stage(tables: Tables, column: str) -> pd.Series:
    """Read a column of the leads; where they have none of that name, their last stage.

    The stage column of the history stands for the last stage that each lead came to.
    """
    if f"raw:{column}" in tables.leads.columns or tables.stages.empty:
        return _raw(tables.leads, column)
    stages = tables.stages.sort_values("at", kind="stable", na_position="first")
    last = stages.drop_duplicates("lead_id", keep="last").set_index("lead_id")["stage"]
    return _looked_up(tables.leads["lead_id"], last)


def unmapped_reasons(ws: Workspace, tables: Tables) -> dict[str, int]:
    """Count the leads of each reason that the workspace's file does not map, the most first.

    A reason worded as in the taxonomy needs no mapping, unless it makes the outcome unknown:
    that takes the team's word.
    """
    counts = _reasons(ws, tables)["reason"].value_counts()
    known = dispositions_by_reason(ws.outcome.reasons)
    clear = set(TAXONOMY) - set(NO_OUTCOME)
    return {
        str(one): int(n)
        for one, n in counts.items()
        if one not in known and str(one).casefold() not in clear
    }


def _from_stages(ws: Workspace, tables: Tables) -> pd.DataFrame:
    """Read wins off the stage history: the first time that a lead came to a stage that is won."""
    stages = tables.stages[tables.stages["stage"].isin(list(ws.outcome.won))]
    first = stages.sort_values("at", kind="stable").drop_duplicates("lead_id").set_index("lead_id")
    ids = tables.leads["lead_id"]
    return pd.DataFrame(
        {
            "won": ids.isin(first.index),
            "won_at": _looked_up(ids, first["at"]),
            "amount": _looked_up(ids, first["amount"]).astype("float64"),
        }
    )


def _reasons(ws: Workspace, tables: Tables) -> pd.DataFrame:
    """The last reason that sales gave for each lead and when: ``reason, reason_at``."""
    if ws.outcome.reason is not None:
        reason, at = _raw(tables.leads, ws.outcome.reason).str.strip(), tables.leads["closed_at"]
    else:
        given = tables.stages[tables.stages["reason"].notna()]
        last = given.sort_values("at", kind="stable").drop_duplicates("lead_id", keep="last")
        last, ids = last.set_index("lead_id"), tables.leads["lead_id"]
        reason, at = _looked_up(ids, last["reason"]), _looked_up(ids, last["at"])
    reason, at = reason.astype(object).reset_index(drop=True), at.reset_index(drop=True)
    reason = reason.where(reason.notna(), None)
    return pd.DataFrame({"reason": reason, "reason_at": at.where(reason.notna())})


def _looked_up(ids: pd.Series, by_lead: pd.Series) -> pd.Series:
    return by_lead.reindex(ids).set_axis(ids.index)


def _mature_at(ws: Workspace, moments: pd.DataFrame) -> pd.Series:
    as_of = moments["as_of"].reset_index(drop=True).astype("datetime64[us]")
    if ws.outcome.horizon_days is None or ws.evaluation.outcomes == "at_extract":
        return pd.Series(pd.NaT, index=as_of.index, dtype="datetime64[us]")
    return as_of + pd.Timedelta(days=ws.outcome.horizon_days)


def _why_unknown(
    ws: Workspace, tables: Tables, moments: pd.DataFrame, mature_at: pd.Series, early: pd.Series
) -> pd.Series:
    """The first reason that applies.

    What the workspace names comes first, then what sales said, not mature, never worked, and at
    last still open.
    """
    leads = tables.leads.iloc[lead_rows(tables.leads, moments["lead_id"])].reset_index(drop=True)
    why = pd.Series([None] * len(leads), dtype=object)
    if ws.evaluation.outcomes == "at_extract":
        return why
    rows = lead_rows(tables.leads, moments["lead_id"])
    named = {one: _meets(ws, tables, one).iloc[rows].to_numpy() for one in ws.outcome.unknown_when}
    still_open = named.pop(STILL_OPEN, np.zeros(len(leads), dtype=bool))
    for reason, holds in named.items():
        why[why.isna() & holds] = reason
    for reason, holds in _said_so(ws, tables, rows).items():
        why[why.isna() & holds] = reason
    if mature_at.notna().any():
        why[why.isna() & (mature_at > extract_at(ws, tables)) & ~early] = NOT_MATURE
    if ws.outcome.worked is not None:
        worked, in_time = _worked(ws, tables, moments)
        why[why.isna() & ~worked & ~in_time] = NOT_MATURE
        why[why.isna() & ~worked] = NEVER_WORKED
    why[why.isna() & still_open] = BEYOND if mature_at.notna().any() else STILL_OPEN
    return why


def _meets(ws: Workspace, tables: Tables, reason: str) -> pd.Series:
    """Which leads show one of the values under which the workspace names this reason."""
    found = pd.Series(False, index=tables.leads.index)
    for column, values in ws.outcome.unknown_when[reason].items():
        found |= _among(column_or_last_stage(tables, column), values)
    return found


def _said_so(ws: Workspace, tables: Tables, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Which leads sales closed as duplicate, test record or never worked, by the file's mapping."""
    reason = _reasons(ws, tables)["reason"].iloc[rows]
    return {
        name: _among(reason, ws.outcome.reasons[name]).to_numpy()
        for name in NO_OUTCOME
        if name in ws.outcome.reasons
    }


def _worked(ws: Workspace, tables: Tables, moments: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Tell whether sales followed up after the moment, and whether there was time enough to.

    In a panel a follow-up since the lead's own moment counts: what sales worked and then gave up
    was worked, and leaving it out would keep only the leads that it still believed in.
    """
    rule = ws.outcome.worked
    assert rule is not None
    judged = moments[["lead_id", "person_id", "as_of"]].reset_index(drop=True)
    followed_up = [
        tables.stages[tables.stages["stage"].isin(list(rule.stages or ()))][["lead_id", "at"]],
        _by_sales(tables.events, rule.events or ()),
    ]
    worked = pd.Series(False, index=judged.index)
    since = judged["as_of"]
    if ws.moment.every_days is not None:
        leads = tables.leads.iloc[lead_rows(tables.leads, judged["lead_id"])]
        since = leads["moment_base_at"].set_axis(judged.index)
        since = since + pd.Timedelta(days=ws.moment.plus_days or 0)
    until = judged["as_of"] + pd.Timedelta(days=rule.within_days or 36_500)
    for when, key in zip(followed_up, ("lead_id", "person_id"), strict=True):
        pairs = judged[[key, "as_of"]].reset_index(names="row").merge(when, on=key)
        in_time = pairs["at"] >= pairs["row"].map(since)
        in_time &= pairs["at"] <= pairs["row"].map(until)
        worked[pairs["row"][in_time].unique()] = True
    return worked, (until <= extract_at(ws, tables)) if rule.within_days else ~worked | True


def _by_sales(events: pd.DataFrame, kinds: Iterable[str]) -> pd.DataFrame:
    """Events of these kinds that sales did; all of a kind of which nobody said who did it."""
    found = events[events["kind"].isin(list(kinds))]
    told = found["by_sales"].astype(bool).groupby(found["kind"]).transform("any").astype(bool)
    return found[found["by_sales"].astype(bool) | ~told][["person_id", "at"]]


def _is_one_of(leads: pd.DataFrame, column: str, values: Iterable[object]) -> pd.Series:
    return _among(_raw(leads, column), values)


def _among(texts: pd.Series, values: Iterable[object]) -> pd.Series:
    known = {str(one).strip() for one in values}
    return texts.astype("str").str.strip().isin(known).astype(bool)


def _raw(leads: pd.DataFrame, column: str) -> pd.Series:
    name = f"raw:{column}"
    if name not in leads.columns:
        known = [one.removeprefix("raw:") for one in leads.columns if one.startswith("raw:")]
        raise LeadReadyError.unknown(column, known, where="leadready.yaml")
    return leads[name]
