"""Score the open leads with a registered model, and decide what to do with each.

read → moments → features → score. Only data files are read from the registry; no code of it runs,
and MLflow is not imported.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.errors import LeadReadyError
from features.families.feature import Feature
from features.labels.conditions import meets
from features.labels.moments import count_closed, moments_at
from features.progress import Progress, no_progress
from model.registry.registry import LoadedModel, Registry
from model.serving import WITH_SALES, Definition, Scorecard, ServingError, score_chunks
from pipelines.score.active_definition import ActiveDefinition, find_active_definition
from pipelines.score.capacity import expected_values
from pipelines.score.dates.usual_dates import USUAL, OddDates, odd_dates
from pipelines.score.guards import (
    EXPORT,
    Breach,
    ExportCounts,
    before_of,
    export_breaches,
)
from pipelines.score.unseen import (
    Shift,
    add_warnings,
    compare_with_training,
    joined_warnings,
    unseen_warnings,
)
from pipelines.score.when import DAY, refuse_old_data, scoring_time, utc_now
from pipelines.snapshot import RawTables, Snapshot, read_snapshot


@dataclass(frozen=True, eq=False)
class Scorer:
    """A registered model with its definition, and a workspace's leads at a time."""

    snapshot: Snapshot
    loaded: LoadedModel
    as_of: pd.Timestamp
    active: ActiveDefinition

    @cached_property
    def card(self) -> Scorecard:
        """The model's scorecard."""
        return Scorecard.from_dict(self.loaded.scorecard)

    @property
    def definition(self) -> Definition:
        """The active definition."""
        return self.active.definition

    def open_leads(self) -> Snapshot:
        """Select the leads that are open at this time."""
        snapshot = self.snapshot
        return self.at(
            moments_at(snapshot.workspace, snapshot.tables, self.as_of, snapshot.results)
        )

    def is_open(self, lead: str) -> bool:
        """Whether a lead is open at this time."""
        snapshot = self.snapshot
        found = moments_at(snapshot.workspace, snapshot.tables, self.as_of, snapshot.results)
        return lead in found["lead_id"].to_numpy()

    @cached_property
    def with_sales(self) -> pd.Series:
        """The ids of the leads that sales already has at this time."""
        ws, tables = self.snapshot.workspace, self.snapshot.tables
        if (condition := ws.outcome.with_sales_when) is None:
            return tables.leads["lead_id"].head(0)
        return tables.leads.loc[meets(ws, tables, condition, self.as_of), "lead_id"]

    @property
    def closed_leads(self) -> int:
        """How many leads are not scored since they are closed, won or lost."""
        snapshot = self.snapshot
        return count_closed(snapshot.workspace, snapshot.tables, self.as_of, snapshot.results)

    @cached_property
    def latest(self) -> pd.Timestamp:
        """The latest time that a date can have, with a day for time zones: of the export or now."""
        stated = self.snapshot.workspace.extract_at
        return max(self.as_of, utc_now() if stated is None else stated) + DAY

    def export_counts(self) -> ExportCounts:
        """Count the rows of the export; later dates than the present are not possible."""
        return ExportCounts.of(self.snapshot.tables, self.latest)

    def breaches(self, export: ExportCounts, last_run: Any) -> list[Breach]:
        """Compare the export with the last run, or before the first run with the training."""
        before = before_of(last_run, self.loaded.evaluation.get(EXPORT))
        return export_breaches(export, before, self.snapshot.workspace.guards) if before else []

    def at(self, moments: pd.DataFrame) -> Snapshot:
        """Judge leads at their moments, with the features that the model was trained on."""
        features = [Feature(**feature) for feature in self.loaded.catalogue]
        return self.snapshot.at(moments, features)

    def shifts(self, leads: Snapshot) -> list[Shift]:
        """Find the features whose values differ from those that the training saw."""
        limit = self.snapshot.workspace.guards.more_missing
        return compare_with_training(leads.features, leads.catalogue, self.loaded.evaluation, limit)

    def odd_dates(self, leads: Snapshot) -> OddDates:
        """Find dates that lie to each other as hardly any did in the training."""
        workspace, tables = self.snapshot.workspace, self.snapshot.tables
        usual = self.loaded.evaluation.get(USUAL)
        ids = leads.moments["lead_id"]
        return odd_dates(workspace, tables, ids, self.latest, usual, self.as_of)

    def warnings(self, leads: Snapshot, shifts: Sequence[Shift], odd: OddDates) -> npt.NDArray[Any]:
        """Say of each lead what is not as in the training; empty where nothing is."""
        return joined_warnings(unseen_warnings(shifts, leads.features).to_numpy(), odd.warnings)

    def wanted(self, leads: Snapshot) -> pd.DataFrame:
        """Give what sales would get if it could take all: ``lead_id, decision, value``."""
        columns, none = ["lead_id", "probability", "decision"], np.full(len(leads.moments), "")
        scored = pd.concat(
            chunk[columns] for chunk in self.scores(leads, none, reasons=0)
        ).reset_index(drop=True)
        values = expected_values(scored["probability"].to_numpy(), self._amounts(leads))
        return scored.assign(value=values)

    def _amounts(self, leads: Snapshot) -> npt.NDArray[np.float64]:
        """Give the amount of each lead; at a time before the export, none was known yet."""
        snapshot, rows = self.snapshot, leads.moments["lead_id"]
        stages = snapshot.workspace.stages
        mapped = snapshot.workspace.outcome.amount or (stages and stages.amount)
        if not mapped or not self.as_of >= snapshot.extract_at:
            return np.full(len(rows), np.nan)
        amounts = snapshot.results["amount"].set_axis(snapshot.tables.leads["lead_id"])
        return rows.map(amounts[~amounts.index.duplicated()]).to_numpy("float64")

    def scores(
        self, leads: Snapshot, warnings: npt.NDArray[Any] | None = None, reasons: int = 3
    ) -> Iterator[pd.DataFrame]:
        """Score leads in chunks, with the warnings given; sales is not handed what it has."""
        label, version = self.active.version_label, self.loaded.version
        X, done = leads.features, 0
        if warnings is None:
            warnings = self.warnings(leads, self.shifts(leads), self.odd_dates(leads))
        with_sales = X["lead_id"].isin(self.with_sales).to_numpy()
        try:
            for chunk in score_chunks(
                X, self.card, self.definition, model_version=version, reasons=reasons
            ):
                rows = slice(done, done := done + len(chunk))
                chunk = add_warnings(chunk, warnings[rows])
                decision = chunk["decision"].mask(with_sales[rows], WITH_SALES)
                yield chunk.assign(decision=decision, definition_version=label)
        except ServingError as error:
            raise LeadReadyError(error.what, hint=error.hint) from error


def score(
    folder: Path | str,
    *,
    as_of: str | pd.Timestamp | None = None,
    model: str = "champion",
    unsigned: bool = False,
    leads: pd.DataFrame | None = None,
    events: list[pd.DataFrame] | None = None,
    stages: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Score the open leads of a workspace.

    Parameters
    ----------
    folder : path
        The workspace: its mapping, its registry.
    as_of : timestamp, optional
        Judge the leads at this time (default: now).
    model : str
        An alias or a version of the registered model.
    unsigned : bool
        Score even if the definition is not signed; every row then says so.
    leads, events, stages : DataFrame, optional
        Raw tables with the company's own columns, in place of the files that the mapping names
        (one table of events for each source, in its order).

    Returns
    -------
    DataFrame
        A row for each open lead: ``lead_id, as_of, probability, score, fit_points,
        engagement_points, grade, level, rules_verdict, failed_criteria, missing, model_verdict,
        agreement, decision, reasons_for, reasons_against, warning, model_version,
        definition_version, scored_at``. The warning says why there is no reliable prediction:
        sales has worked almost no leads of that kind.

    Raises
    ------
    LeadReadyError
        When no such model is registered, the definition is not signed, or a feature cannot be built
        from the data.
    CheckFailed
        When the files are older than ``guards: max_age`` at that time.

    Examples
    --------
    >>> score("nowhere")
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    raw = RawTables(leads, events, stages)
    scorer = load_scorer(folder, as_of, model, unsigned=unsigned, raw=raw)
    return pd.concat(scorer.scores(scorer.open_leads()), ignore_index=True)


def load_scorer(
    folder: Path | str,
    as_of: str | pd.Timestamp | None = None,
    model: str = "champion",
    *,
    unsigned: bool = True,
    raw: RawTables | None = None,
    forced: Sequence[str] = (),
    progress: Progress = no_progress,
) -> Scorer:
    """Load the model, then the data: a missing model is reported before anything slow happens."""
    snapshot = read_snapshot(folder, progress, raw)
    workspace = snapshot.workspace
    loaded = Registry.for_workspace(workspace.folder, workspace.model).load(model)
    active = find_active_definition(workspace, loaded, unsigned=unsigned)
    time = scoring_time(as_of, workspace)
    if snapshot.raw.leads is None and "max_age" not in forced:
        refuse_old_data(workspace, snapshot.tables, time)
    return Scorer(snapshot, loaded, time, active)
