"""Past leads: what was known when they were judged, and what became of them.

Training, scoring by hand and the report look at the same history. Every lead is either a row to
learn from or counted under the reason why it can teach nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.families.build import build_features
from features.families.feature import Feature
from features.families.from_columns import FROM_COLUMN
from features.families.role import FROM_TITLE
from features.labels.moments import build_moments
from features.labels.outcomes import UNKNOWN, WON, build_outcomes
from features.leaks.audit import Suspect, audit_tables, blocking_suspects
from features.tables.read import Tables, read_tables
from features.workspace.read import Workspace, read_workspace
from model.definition.read import check_against, read_definition

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Past:
    """All leads that were ever judged.

    Attributes
    ----------
    workspace, tables
        What was read.
    judged : DataFrame
        ``lead_id, person_id, account_id, as_of, order``.
    table : DataFrame
        What was known of each at its moment: ``lead_id, as_of`` and every feature.
    catalogue : list of Feature
        What the columns mean.
    left_out : dict of str to int
        Leads that were never judged, by reason.
    suspects, unanswered : list of Suspect
        Columns that may tell the outcome; those of them that would be features.
    """

    workspace: Workspace
    tables: Tables
    judged: pd.DataFrame
    table: pd.DataFrame
    catalogue: list[Feature]
    left_out: dict[str, int]
    suspects: list[Suspect]
    unanswered: list[Suspect]

    @property
    def learnable(self) -> list[Feature]:
        """The features that are not made from a suspected column; days are none."""
        suspected = {
            start + one.column for one in self.unanswered for start in (FROM_COLUMN, FROM_TITLE)
        }
        return [one for one in self.catalogue if one.source not in suspected and one.kind != "date"]

    def definition(self, path: Path | None = None) -> dict[str, Any]:
        """Read the definition in use, or another, against these features."""
        file = path or self.workspace.folder / self.workspace.definition
        return dict(read_definition(file, known_features=self.catalogue).content)


@dataclass(frozen=True)
class Known:
    """The judged leads whose outcome is known.

    Attributes
    ----------
    rows : DataFrame
        ``lead_id, person_id, account_id, as_of, order, mature_at, known_at``: when the outcome was
        known is when it was mature, or at the win where immature leads are weighed.
    X : DataFrame
        Their features, same rows.
    y : array
        1 for won.
    excluded : dict of str to int
        All other leads, by reason.
    became : DataFrame
        What became of every lead judged, see `features.labels.outcomes`, and ``known_at``.
    told : array of int
        Which of those judged the rows are.
    """

    rows: pd.DataFrame
    X: pd.DataFrame
    y: npt.NDArray[Any]
    excluded: dict[str, int]
    became: pd.DataFrame
    told: npt.NDArray[np.intp]


def read_past(folder: Path, progress: Progress, *definitions: Path | None) -> Past:
    """Read a workspace and build the features of every lead that was ever judged.

    A mistake in one of the definitions (None: the one in use) is told before the data is read, and
    so is another moment or horizon than the workspace's, for its outcomes could not be compared.
    """
    workspace = read_workspace(folder)
    for one in definitions:
        check_against(
            read_definition(one or workspace.folder / workspace.definition).content,
            workspace,
            None if one is None else str(one),
        )
    progress("reading the tables")
    tables = read_tables(workspace, progress)
    judged, left_out = build_moments(workspace, tables)
    progress(f"building the features of {len(judged):,} leads")
    table, catalogue = build_features(workspace, tables, judged)
    order = tables.leads.drop_duplicates("lead_id").set_index("lead_id")["order"]
    judged = judged.assign(order=order.reindex(judged["lead_id"]).to_numpy())
    progress("looking for columns that tell the outcome")
    suspects = audit_tables(workspace, tables)
    return Past(
        workspace,
        tables,
        judged,
        table,
        catalogue,
        left_out,
        suspects,
        blocking_suspects(suspects, workspace),
    )


def known(past: Past, *, at_the_time: bool = False) -> Known:
    """Pick the leads whose outcome is known.

    Parameters
    ----------
    at_the_time : bool
        Count outcomes by the horizon even where the workspace takes them as of the extract.
    """
    workspace = past.workspace
    if at_the_time:
        honest = replace(workspace.evaluation, outcomes="known_at_the_time")
        workspace = replace(workspace, evaluation=honest)
    became = build_outcomes(workspace, past.tables, past.judged)
    early = became["won_at"].notna() & (workspace.outcome.immature == "weight")
    became["known_at"] = became["won_at"].where(early, became["mature_at"])
    told = np.flatnonzero(became["outcome"] != UNKNOWN)
    why = became["why_unknown"].value_counts()
    dates = {one: became[one] for one in ("mature_at", "known_at")}
    rows = past.judged.assign(**dates).iloc[told].reset_index(drop=True)
    return Known(
        rows,
        past.table.iloc[told].reset_index(drop=True),
        (became["outcome"].iloc[told] == WON).to_numpy(dtype="float64"),
        {**past.left_out, **{str(one): int(count) for one, count in why.items()}},
        became,
        told,
    )


def per_week(judged: pd.DataFrame) -> float | None:
    """How many leads are judged in a week, over the last quarter of the time; None without dates.

    Examples
    --------
    >>> days = pd.date_range("2024-01-01", "2024-12-31")
    >>> round(per_week(pd.DataFrame({"as_of": days.repeat(2)})))
    14
    """
    dated = judged["as_of"].dropna().sort_values()
    if dated.empty or dated.iloc[0] == dated.iloc[-1]:
        return None
    begin = dated.iloc[-1] - (dated.iloc[-1] - dated.iloc[0]) / 4
    weeks = (dated.iloc[-1] - begin) / pd.Timedelta(days=7)
    return float((dated >= begin).sum() / weeks)
