"""The outcome of each lead: won, not won, or unknown with a reason.

A lead is won if its win falls within the horizon after its moment. An outcome is unknown

- until the horizon has passed (*not mature*);
- if sales never followed up (*never worked*, which is not the same as lost);
- for the reasons that the workspace names, such as duplicates, test records and withdrawn leads;
- if the lead is neither won nor lost and no horizon has passed: it is still open;
- if sales closed the lead as a duplicate or test record, or without working it.

Whether an outcome is unknown never depends on whether the lead was won: dropping only the leads
that were not won would flatter every figure. A company can ask for two exceptions. *Still open*
applies only after the horizon has passed; with ``immature: weight`` an early win counts at once,
and ``model.weighting.censoring`` corrects for the young leads that are not won yet.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from features.labels.conditions import column_or_last_stage, is_listed, last_rows, raw_column, taken
from features.labels.rejection_reasons import (
    NEVER_WORKED,
    NO_OUTCOME,
    TAXONOMY,
    dispositions_by_reason,
    map_reasons,
)
from features.labels.states import first_wins, neither_won_nor_lost, won_leads
from features.tables.events import kind_slug
from features.tables.lead_rows import lead_rows
from features.tables.mapped_numbers import mapped_numbers
from features.tables.read import Tables, extract_at
from features.workspace.read import Workspace

WON, NOT_WON, UNKNOWN = "won", "not won", "unknown"
NOT_MATURE, WITHDRAWN = "not mature", "withdrawn"
STILL_OPEN, BEYOND = "still open", "still open beyond the horizon"


def build_outcomes(
    ws: Workspace, tables: Tables, moments: pd.DataFrame, results: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Find the outcome of each lead after its moment.

    Parameters
    ----------
    moments : DataFrame
        ``lead_id, person_id, account_id, as_of``.
    results : DataFrame, optional
        Of `results_at_extract`, if already computed.

    Returns
    -------
    DataFrame
        The same rows:

        - ``lead_id``, ``outcome`` (won, not won, unknown), ``why_unknown`` (None where known);
        - ``won_at``, ``amount`` of the leads that were won;
        - ``mature_at`` (NaT where the outcome is taken as of the extract);
        - ``reason`` (the last one that sales gave), ``disposition`` (its meaning in the taxonomy
          of ``rejection_reasons``), ``reason_at`` (NaT where the date is unknown).

    Notes
    -----
    Without a horizon the outcome is taken as of the extract. With ``evaluation.outcomes:
    at_extract`` every outcome is, and none is unknown, as published benchmarks do it. A win
    without a date counts as won.
    """
    rows = lead_rows(tables.leads, moments["lead_id"])
    results = results_at_extract(ws, tables) if results is None else results
    won_at_extract = results["won"]
    results = results.iloc[rows].reset_index(drop=True)
    mature_at = _mature_at(ws, moments)
    late = results["won_at"] > mature_at  # False where either is NaT
    won = results["won"] & ~late
    early_win = won & results["won_at"].notna() & (ws.outcome.immature == "weight")
    still_open = neither_won_nor_lost(ws, tables, won_at_extract).iloc[rows].to_numpy()
    why_unknown = _why_unknown(ws, tables, moments, mature_at, early_win, still_open)
    outcome = np.select([why_unknown.notna(), won], [UNKNOWN, WON], default=NOT_WON)
    return pd.DataFrame(
        {
            "lead_id": moments["lead_id"].reset_index(drop=True),
            "outcome": pd.Series(outcome, dtype=object),
            "why_unknown": why_unknown,
            "won_at": results["won_at"].where(won),
            "amount": results["amount"].where(won),
            "mature_at": mature_at,
            "reason": results["reason"],
            "disposition": results["disposition"],
            "reason_at": results["reason_at"],
        }
    )


def results_at_extract(ws: Workspace, tables: Tables) -> pd.DataFrame:
    """Read each lead's result as the extract shows it, whatever the moment and the horizon.

    Returns
    -------
    DataFrame
        ``won, won_at, amount, reason, disposition, reason_at``, one row for each lead. A reason
        that the workspace does not map gets the disposition that its wording suggests. A
        win without a date of its own has that of the first won stage in the history.
    """
    leads, first, won = tables.leads, first_wins(ws, tables), won_leads(ws, tables)
    amount = first["amount"]
    if ws.outcome.amount:
        texts = raw_column(leads, ws.outcome.amount)
        amount = mapped_numbers(ws, ws.outcome.amount, texts).read(texts).fillna(amount)
    won_at = leads["won_at"].fillna(first["at"]).where(won).astype("datetime64[us]")
    wins = pd.DataFrame({"won": won, "won_at": won_at, "amount": amount})
    results = pd.concat([wins.reset_index(drop=True), _last_reasons(ws, tables)], axis=1)
    dispositions = map_reasons(results["reason"].dropna().unique(), ws.outcome.reasons)
    disposition = results["reason"].map(dispositions).astype(object)
    results["disposition"] = disposition.where(disposition.notna(), None)
    return results


def unmapped_reasons(ws: Workspace, tables: Tables) -> dict[str, int]:
    """Count the leads of each reason that the workspace does not map, most frequent first.

    A reason worded as in the taxonomy needs no mapping, unless it makes the outcome unknown: only
    the team can decide that.
    """
    counts = _last_reasons(ws, tables)["reason"].value_counts()
    mapped = dispositions_by_reason(ws.outcome.reasons)
    clear = set(TAXONOMY) - set(NO_OUTCOME)
    return {
        str(reason): int(count)
        for reason, count in counts.items()
        if reason not in mapped and str(reason).casefold() not in clear
    }


def _last_reasons(ws: Workspace, tables: Tables) -> pd.DataFrame:
    """The last reason that sales gave for each lead, and its date: ``reason, reason_at``."""
    if ws.outcome.reason is not None:
        reason = raw_column(tables.leads, ws.outcome.reason).str.strip()
        at = tables.leads["closed_at"]
    else:
        given = np.flatnonzero(tables.stages["reason"].notna())
        by_time = tables.stages["at"].iloc[given].reset_index(drop=True).sort_values(kind="stable")
        last = last_rows(tables, given[by_time.index])
        reason, at = taken(tables.stages["reason"], last), taken(tables.stages["at"], last)
    reason, at = reason.astype(object).reset_index(drop=True), at.reset_index(drop=True)
    reason = reason.where(reason.notna(), None)
    return pd.DataFrame({"reason": reason, "reason_at": at.where(reason.notna())})


def _mature_at(ws: Workspace, moments: pd.DataFrame) -> pd.Series:
    as_of = moments["as_of"].reset_index(drop=True).astype("datetime64[us]")
    if ws.outcome.horizon_days is None or ws.evaluation.outcomes == "at_extract":
        return pd.Series(pd.NaT, index=as_of.index, dtype="datetime64[us]")
    return as_of + pd.Timedelta(days=ws.outcome.horizon_days)


def _why_unknown(
    ws: Workspace,
    tables: Tables,
    moments: pd.DataFrame,
    mature_at: pd.Series,
    early_win: pd.Series,
    still_open: np.ndarray,
) -> pd.Series:
    """The first reason that applies to each lead.

    Order: what the workspace names, what sales said, not mature, never worked, still open.
    """
    why = pd.Series([None] * len(moments), dtype=object)
    if ws.evaluation.outcomes == "at_extract":
        return why
    rows = lead_rows(tables.leads, moments["lead_id"])
    named = {
        reason: _shows_reason(ws, tables, reason).iloc[rows].to_numpy()
        for reason in ws.outcome.unknown_when
    }
    still_open = still_open & mature_at.isna().to_numpy()
    still_open |= named.pop(STILL_OPEN, np.zeros(len(moments), dtype=bool))
    closed_as = _closed_without_outcome(ws, tables, rows)
    for reason, applies in (*named.items(), *closed_as.items()):
        why[why.isna() & applies] = reason
    why[why.isna() & (mature_at > extract_at(ws, tables)) & ~early_win] = NOT_MATURE
    if ws.outcome.worked is not None:
        worked, time_passed = _worked(ws, tables, moments)
        why[why.isna() & ~worked & ~time_passed] = NOT_MATURE
        why[why.isna() & ~worked] = NEVER_WORKED
    why[why.isna() & still_open] = BEYOND if mature_at.notna().any() else STILL_OPEN
    return why


def without_outcome(ws: Workspace, tables: Tables) -> pd.Series:
    """Which leads have no outcome for a reason that the workspace names."""
    rows = np.arange(len(tables.leads))
    named = [_shows_reason(ws, tables, reason) for reason in ws.outcome.unknown_when]
    closed = _closed_without_outcome(ws, tables, rows).values()
    shown = pd.Series(False, index=tables.leads.index)
    for applies in (*named, *closed):
        shown |= np.asarray(applies, dtype=bool)
    return shown


def _shows_reason(ws: Workspace, tables: Tables, reason: str) -> pd.Series:
    """Which leads have one of the values that the workspace gives for this reason."""
    shows = pd.Series(False, index=tables.leads.index)
    for column, values in ws.outcome.unknown_when[reason].items():
        shows |= _matches(column_or_last_stage(ws, tables, column), values)
    return shows


def _closed_without_outcome(
    ws: Workspace, tables: Tables, rows: np.ndarray
) -> dict[str, np.ndarray]:
    """Which leads sales closed as duplicate, test record or never worked, as the file maps it."""
    reason = _last_reasons(ws, tables)["reason"].iloc[rows]
    return {
        disposition: _matches(reason, ws.outcome.reasons[disposition]).to_numpy()
        for disposition in NO_OUTCOME
        if disposition in ws.outcome.reasons
    }


def _worked(ws: Workspace, tables: Tables, moments: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Whether sales followed up after the moment, and whether the time to do so has passed.

    In a panel a follow-up since the lead's own moment counts. A lead that sales worked and then
    gave up was worked; leaving it out would keep only the leads that sales still believed in.
    """
    rule = ws.outcome.worked
    assert rule is not None
    judged = moments[["lead_id", "person_id", "as_of"]].reset_index(drop=True)
    stages = tables.stages[tables.stages["stage"].isin(list(rule.stages or ()))]
    events = _events_by_sales(tables.events, rule.events or ())
    worked = pd.Series(False, index=judged.index)
    since = judged["as_of"]
    if ws.moment.every_days is not None:
        leads = tables.leads.iloc[lead_rows(tables.leads, judged["lead_id"])]
        since = leads["moment_base_at"].set_axis(judged.index)
        since = since + pd.Timedelta(days=ws.moment.plus_days or 0)
    until = judged["as_of"] + pd.Timedelta(days=rule.within_days or 36_500)
    for key, follow_ups in {"lead_id": stages, "person_id": events}.items():
        rows = judged[[key, "as_of"]].reset_index(names="row")
        pairs = rows.merge(follow_ups[[key, "at"]], on=key)
        in_time = pairs["at"] >= pairs["row"].map(since)
        in_time &= pairs["at"] <= pairs["row"].map(until)
        worked[pairs["row"][in_time].unique()] = True
    if not rule.within_days:
        return worked, pd.Series(True, index=judged.index)
    return worked, until <= extract_at(ws, tables)


def _events_by_sales(events: pd.DataFrame, kinds: Iterable[str]) -> pd.DataFrame:
    """Events of these kinds by sales; all of a kind where the data never says who acted."""
    events = events[events["kind"].isin([kind_slug(kind) for kind in kinds])]
    by_sales = events["by_sales"].astype(bool)
    says_who = by_sales.groupby(events["kind"]).transform("any").astype(bool)
    return events[by_sales | ~says_who]


def _matches(texts: pd.Series, values: Iterable[object]) -> pd.Series:
    return pd.Series(is_listed(texts, {str(value).strip() for value in values}), texts.index)
