"""The tables that everything else is made from: leads, events, stages, and changes of the leads.

They are read here by what the workspace says, checked, and put into one form whatever the company's
files look like. What is wrong with the data is counted and said; nothing is dropped silently.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pandas as pd

from features.errors import LeadReadyError
from features.tables.events import read_events
from features.tables.field_history import empty_field_history, read_field_history
from features.tables.leads import DATED, RAW, read_leads
from features.tables.problems import Problem, Problems
from features.tables.stages import read_stages
from features.workspace.schema import Workspace

__all__ = ["Problem", "Tables", "extract_at", "read_tables"]

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Tables:
    """What was read.

    Attributes
    ----------
    leads : DataFrame
        ``lead_id, account_id, person_id, created_at, moment_base_at, closed_at, won_at, order``
        and every raw column as text under ``raw:<name>``.
    events : DataFrame
        ``person_id, account_id, at, kind, asset, campaign, value, by_sales``.
    stages : DataFrame
        ``lead_id, stage, at, reason, amount``.
    problems : list of Problem
        What was found wrong with the data.
    field_history : DataFrame
        ``lead_id, column, at``, for the leak audit alone.
    """

    leads: pd.DataFrame
    events: pd.DataFrame
    stages: pd.DataFrame
    problems: list[Problem]
    field_history: pd.DataFrame = field(default_factory=empty_field_history)


def read_tables(
    ws: Workspace,
    progress: Progress | None = None,
    *,
    leads: pd.DataFrame | None = None,
    events: Sequence[pd.DataFrame] | None = None,
    stages: pd.DataFrame | None = None,
) -> Tables:
    """Read the files of a workspace, or tables that are given in their place.

    Parameters
    ----------
    ws : Workspace
        What the files are and what their columns mean.
    progress : callable, optional
        Told in words what is being read.
    leads, events, stages : DataFrame, optional
        Raw tables with the company's own columns, one of events for each file of the mapping.

    Raises
    ------
    LeadReadyError
        When a file or a column is not there, or cannot be what the mapping says.
    """
    say = progress or (lambda words: None)
    if not ws.outcome.won:
        raise LeadReadyError(
            "nothing says what counts as won",
            where=ws.where("outcome"),
            hint="write  outcome: {column: Stage, won: [Closed Won]}  with your own names",
        )
    problems = Problems()
    of_leads = read_leads(ws, problems, say, leads)
    of_events = read_events(ws, of_leads, problems, say, events)
    of_stages = read_stages(ws, of_leads, problems, say, stages)
    field_history = read_field_history(ws, of_leads, problems, say)
    tables = Tables(of_leads, of_events, of_stages, problems.found, field_history)
    _check_outcome(ws, tables, problems)
    _count_never_seen(ws, tables, problems)
    _count_future(ws, tables, problems)
    return tables


def extract_at(ws: Workspace, tables: Tables) -> pd.Timestamp:
    """Say when the data was taken out: as declared, else the latest date seen, never a future one.

    NaT where nothing has a date.
    """
    if ws.extract_at is not None:
        return pd.Timestamp(ws.extract_at)
    dated = (tables.leads["created_at"], tables.events["at"], tables.stages["at"])
    now = pd.Timestamp.now()
    latest = [one[one <= now].max() for one in dated if one.notna().any()]
    return pd.Timestamp(pd.Series(latest, dtype="datetime64[us]").max())


def _check_outcome(ws: Workspace, tables: Tables, problems: Problems) -> None:
    """Refuse a value of the outcome that is probably mistyped; count those never seen."""
    column = ws.outcome.column
    seen = _seen(tables.leads[f"{RAW}{column}"] if column else tables.stages["stage"])
    what = f"value of {column}" if column else "stage"
    if column and not seen and len(tables.leads):
        raise LeadReadyError(
            f"the column {column!r} is empty, so no outcome is known",
            where=ws.where("outcome.column"),
            hint="export the leads again with it, or name another column",
        )
    unseen = [one for one in ws.outcome.won if one not in seen]
    near = [one for one in unseen if _near(one, seen)]
    if near and len(unseen) == len(ws.outcome.won):
        raise LeadReadyError.unknown(near[0], seen, what=what, where=ws.where("outcome.won"))
    problems.add(
        "leads" if column else "stages",
        "outcome never seen",
        len(unseen),
        f"no lead has the {what} {' or '.join(map(repr, unseen))}, which means won",
        f"values seen: {', '.join(seen[:8])}" if len(seen) <= 40 else None,
        unseen,
    )


def _count_never_seen(ws: Workspace, tables: Tables, problems: Problems) -> None:
    """Count the values that the outcome's other rules name and the data does not have."""
    named = [
        (f"unknown_when: {reason}: {column}", values, _shown(tables, column))
        for reason, columns in ws.outcome.unknown_when.items()
        for column, values in columns.items()
    ]
    if ws.outcome.worked is not None:
        named.append(("worked: stages", ws.outcome.worked.stages, tables.stages["stage"]))
        named.append(("worked: events", ws.outcome.worked.events, tables.events["kind"]))
    for rule, values, column in named:
        seen = _seen(column)
        unseen = [one for one in values if one not in seen]
        problems.add(
            "leads",
            "value never seen",
            len(unseen),
            f"outcome: {rule} names {' and '.join(map(repr, unseen))}, which is not in the data",
            f"seen: {', '.join(seen[:8])}" if len(seen) <= 40 else None,
            unseen,
        )


def _shown(tables: Tables, column: str) -> pd.Series:
    """Values of a column of the leads, else those of the history's stage."""
    return tables.leads.get(f"{RAW}{column}", tables.stages["stage"])


def _seen(column: pd.Series) -> list[str]:
    return sorted(map(str, column.dropna().unique()))


def _near(value: str, seen: Sequence[str]) -> bool:
    folded = [one.casefold() for one in seen]
    return bool(difflib.get_close_matches(value.casefold(), folded, n=1, cutoff=0.8))


def _count_future(ws: Workspace, tables: Tables, problems: Problems) -> None:
    taken = extract_at(ws, tables)
    if pd.isna(taken):
        return
    day = f"{taken:%Y-%m-%d}"
    for table, frame, names in (
        ("leads", tables.leads, DATED),
        ("events", tables.events, ("at",)),
        ("stages", tables.stages, ("at",)),
    ):
        late = pd.concat([frame[name] > taken for name in names], axis=1).any(axis=1)
        problems.add(
            table,
            "future dates",
            int(late.sum()),
            f"{{count}} {table} have dates after {day}, when the data was taken out; nothing is "
            "learnt from them",
            "correct extract_at in leadready.yaml, or the dates",
        )
