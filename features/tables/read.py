"""Reads the tables that everything is computed from: leads, events, stages and field history.

They are read as the workspace says, checked, and brought into one form, whatever the company's
files look like. Problems with the data are counted and reported; nothing is dropped silently.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.at_once import at_once
from features.errors import LeadReadyError, UnusableData
from features.field_history.as_of import ColumnHistory, value_histories
from features.field_history.changes import empty_field_history, read_field_history
from features.files.arrow_text import places_of
from features.kept_events.events import COLUMNS, Events
from features.progress import Progress
from features.tables.events import kind_slug, open_events, read_events
from features.tables.leads import DATE_COLUMNS, RAW, STATES, read_leads_table
from features.tables.problems import Problem, Problems, nearest_text
from features.tables.stages import read_stages
from features.text import day
from features.workspace.conditions import column_conditions
from features.workspace.schema import Workspace

__all__ = ["Problem", "Tables", "extract_at", "read_tables"]


A_WHILE = pd.Timedelta(days=7)  # from the last lead or event to the last closing


@dataclass(frozen=True)
class Tables:
    """The tables of a workspace.

    Attributes
    ----------
    leads : DataFrame
        ``lead_id, account_id, person_id, created_at, moment_base_at, closed_at, won_at, order``
        and every column of the company's file as text under ``raw:<name>``.
    kept_events : Events
        ``person_id, account_id, at, kind, asset, campaign, value, by_sales, machine_at``; there may
        be more than fit in memory.
    stages : DataFrame
        ``lead_id, stage, at, reason, amount``.
    problems : list of Problem
        The problems found in the data.
    field_history : DataFrame
        ``lead_id, column, at, old, new``.
    value_histories : mapping of str to ColumnHistory
        Of each column of the leads that is used as it was at the moment.
    """

    leads: pd.DataFrame
    kept_events: Events
    stages: pd.DataFrame
    problems: list[Problem]
    field_history: pd.DataFrame = field(default_factory=empty_field_history)
    value_histories: Mapping[str, ColumnHistory] = field(default_factory=dict)

    @property
    def events(self) -> pd.DataFrame:
        """All events in memory, for those who cannot take them part by part."""
        return self.kept_events.frame

    @cached_property
    def stage_leads(self) -> npt.NDArray[np.int32]:
        """The row of the lead of each row of the stage history; -1 where the leads lack it."""
        return places_of(self.stages["lead_id"], self.leads["lead_id"])


def read_tables(
    ws: Workspace,
    progress: Progress | None = None,
    *,
    leads: pd.DataFrame | None = None,
    events: Sequence[pd.DataFrame] | None = None,
    stages: pd.DataFrame | None = None,
    complete: Callable[[Workspace, Tables], Tables] | None = None,
) -> Tables:
    """Read the files of a workspace, or tables given in their place.

    Parameters
    ----------
    ws : Workspace
        What the files are and what their columns mean.
    progress : callable, optional
        Called with a message for each file.
    leads, events, stages : DataFrame, optional
        Tables with the company's own columns; one of events for each file of the mapping.
    complete : callable, optional
        Fills what the leads lack from the histories, while the events are read: it sees none. The
        data is checked as it was before.

    Raises
    ------
    LeadReadyError
        If a file or column is missing, or is not what the mapping says.
    """
    report = progress or (lambda message: None)
    if ws.outcome.won_when is None:
        raise LeadReadyError(
            "the workspace does not say what counts as won",
            where=ws.where("outcome"),
            hint="write  outcome: {won_when: {Stage: [Closed Won]}}  with your own names",
        )
    if leads is not None:
        ws = _with_partial_files(ws)
    problems, of_events, of_past = Problems(), Problems(), Problems()
    leads_table, files = at_once(
        partial(read_leads_table, ws, problems, report, leads),
        partial(open_events, ws, of_events, report, events),
    )
    (tables, completed), kept_events = at_once(
        partial(_read_past, ws, leads_table, of_past, report, stages, complete),
        partial(read_events, files, ws.events, leads_table),
    )
    problems.found += of_past.found + of_events.found
    tables = replace(tables, kept_events=kept_events, problems=problems.found)
    _check_won_values(ws, tables, problems)
    _count_unused_values(ws, tables, problems)
    _count_future_dates(ws, tables, problems)
    return replace(completed, kept_events=kept_events, problems=problems.found)


def _read_past(
    ws: Workspace,
    leads: pd.DataFrame,
    problems: Problems,
    progress: Progress,
    stages: pd.DataFrame | None,
    complete: Callable[[Workspace, Tables], Tables] | None,
) -> tuple[Tables, Tables]:
    """Read all histories; give the tables without events, as they were read and completed."""
    changes = read_field_history(ws, leads, problems, progress)
    histories = value_histories(ws, leads, changes, problems)
    stage_history = read_stages(ws, leads, problems, progress, stages)
    no_events = Events.of(pd.DataFrame(columns=list(COLUMNS)))
    tables = Tables(leads, no_events, stage_history, [], changes, histories)
    return tables, tables if complete is None else complete(ws, tables)


def _with_partial_files(ws: Workspace) -> Workspace:
    """Expect rows of unknown leads, since a given table may hold a few of the leads only."""
    return replace(
        ws,
        leads=replace(ws.leads, join=tuple(replace(join, partial=True) for join in ws.leads.join)),
        events=tuple(replace(source, partial=True) for source in ws.events),
        stages=ws.stages and replace(ws.stages, partial=True),
        field_history=ws.field_history and replace(ws.field_history, partial=True),
    )


def extract_at(ws: Workspace, tables: Tables) -> pd.Timestamp:
    """Give the time of the export: as the workspace says, else the latest date not in the future.

    Leads closed a little later than anything else happened show that the export is so young; later
    ends are plans or mistakes. NaT if nothing has a date.
    """
    if ws.extract_at is not None:
        return pd.Timestamp(ws.extract_at)
    dates = (tables.leads["created_at"], tables.stages["at"])
    now = pd.Timestamp.now()
    latest = [column[column <= now].max() for column in dates if column.notna().any()]
    latest.append(tables.kept_events.latest(now))
    known = pd.Timestamp(pd.Series(latest, dtype="datetime64[us]").max())
    ends = tables.leads[["closed_at", "won_at"]].max(axis=1)
    soon = ends[ends <= min(now, known + A_WHILE)].max()
    return pd.Timestamp(pd.Series([known, soon], dtype="datetime64[us]").max())


def _check_won_values(ws: Workspace, tables: Tables, problems: Problems) -> None:
    """Refuse a value of ``won_when`` that is probably mistyped; count those that no lead has."""
    parts = list(column_conditions(ws.outcome.won_when))
    for part in parts:
        of_leads = f"{RAW}{part.column}" in tables.leads
        values = tables.leads[f"{RAW}{part.column}"] if of_leads else tables.stages["stage"]
        seen, what = _values_seen(values), f"value of {part.column}" if of_leads else "stage"
        where = ws.where(f"outcome.won_when.{part.column}")
        if of_leads and not seen and len(tables.leads) and part.operator != "is_missing":
            raise UnusableData(
                f"the column {part.column!r} is empty, so no outcome is known",
                where=where,
                hint="export the leads again with it, or name another column",
            )
        if part.operator not in ("one_of", "equals"):
            continue
        unseen = [value for value in part.operand if value not in seen]
        mistyped = [value for value in unseen if _resembles(value, seen)]
        if mistyped and len(unseen) == len(part.operand):
            raise LeadReadyError.unknown(mistyped[0], seen, what=what, where=where)
        problems.add(
            "leads" if of_leads else "stages",
            "outcome never seen",
            len(unseen),
            f"no lead has the {what} {' or '.join(map(repr, unseen))}, which means won",
            f"values seen: {', '.join(seen[:8])}" if len(seen) <= 40 else None,
            unseen,
        )


def _count_unused_values(ws: Workspace, tables: Tables, problems: Problems) -> None:
    """Count the values that other rules name and the data does not have."""
    for rule, values, column in (*_outcome_rules(ws, tables), *_kind_rules(ws, tables)):
        seen = _values_seen(column)
        unseen = [value for value in values if value not in seen]
        problems.add(
            "leads",
            "value never seen",
            len(unseen),
            f"{rule} names {' and '.join(map(repr, unseen))}, which is not in the data",
            nearest_text(unseen, seen),
            unseen,
        )


def _outcome_rules(ws: Workspace, tables: Tables) -> Iterator[tuple[str, Sequence[str], pd.Series]]:
    """Each rule of the outcome with the values it names and the column that should have them."""
    stage = tables.stages["stage"]
    for reason, columns in ws.outcome.unknown_when.items():
        for column, values in columns.items():
            rule = f"outcome: unknown_when: {reason}: {column}"
            yield rule, values, tables.leads.get(f"{RAW}{column}", stage)
    for key in STATES[1:]:
        for part in column_conditions(getattr(ws.outcome, key)):
            if part.operator in ("one_of", "none_of", "equals"):
                values_of = tables.leads.get(f"{RAW}{part.column}", stage)
                yield f"outcome: {key}: {part.column}", part.operand, values_of
    if ws.outcome.worked is not None:
        yield "outcome: worked: stages", ws.outcome.worked.stages, stage


def _kind_rules(ws: Workspace, tables: Tables) -> Iterator[tuple[str, Sequence[str], pd.Series]]:
    """Each list of kinds of event, spelled as the kinds are."""
    kinds = tables.kept_events.kind_counts.index.to_series()
    if ws.outcome.worked is not None:
        yield "outcome: worked: events", list(map(kind_slug, ws.outcome.worked.events)), kinds
    for source in ws.events:
        yield "events: kinds", list(map(kind_slug, source.kinds)), kinds


def _values_seen(column: pd.Series) -> list[str]:
    return sorted(map(str, column.dropna().unique()))


def _resembles(value: str, seen: Sequence[str]) -> bool:
    folded = [option.casefold() for option in seen]
    return bool(difflib.get_close_matches(value.casefold(), folded, n=1, cutoff=0.8))


def _count_future_dates(ws: Workspace, tables: Tables, problems: Problems) -> None:
    extract = extract_at(ws, tables)
    if pd.isna(extract):
        return
    for table, late in (
        ("leads", int((tables.leads[list(DATE_COLUMNS)] > extract).any(axis=1).sum())),
        ("events", tables.kept_events.count_after(extract)),
        ("stages", int((tables.stages["at"] > extract).sum())),
    ):
        problems.add(
            table,
            "future dates",
            late,
            f"{{count}} {{{table[:-1]} has|{table} have}} dates after the extract "
            f"({day(extract)}); the model does not "
            "learn from them",
            "correct extract_at in leadready.yaml, or the dates",
        )
