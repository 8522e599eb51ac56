"""The leads of a workspace at their moments: the one road from files to what a model learns from.

Every command walks it: read the workspace and its tables, say when each lead is judged, build its
features, see what became of it, look for leaks. Each step is taken once, when first asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple

import pandas as pd

from features.at_once import at_once
from features.event_audit.audit import EventSuspect, audit_events
from features.families.build import build_features, feature_catalogue
from features.families.engagement import OF_COLLEAGUES
from features.families.engagement_sql import OF_KIND
from features.families.feature import Feature
from features.families.from_columns import FROM_COLUMN
from features.families.related_leads import FROM_LINK
from features.families.role import FROM_TITLE
from features.labels.closings import fill_closing_dates, open_with_closing_date
from features.labels.missing_past import missing_past
from features.labels.moments import build_moments
from features.labels.old_scores import OldScoreValues, read_old_scores
from features.labels.outcomes import (
    build_outcomes,
    results_at_extract,
    without_outcome,
)
from features.labels.recorded_history import CutOff, rows_cut_off
from features.labels.stateless import leads_without_state
from features.labels.time_to_win import TimeToWin, estimate_time_to_win
from features.leaks.audit import Suspect
from features.leaks.workspace_audit import audit_tables, blocking_suspects, status_at_extract
from features.progress import Progress, no_progress
from features.tables.problems import Problem
from features.tables.read import Tables, extract_at, read_tables
from features.workspace.read import Workspace, read_workspace
from model.definition.read import check_same_terms, read_definition
from model.serving import Definition
from pipelines.labelled import Labelled, label_rows

Part = Literal[
    "tables",
    "results",
    "judged",
    "catalogue",
    "features",
    "outcomes",
    "cut_off",
    "leak_suspects",
    "event_suspects",
]
AT_EXTRACT, KNOWN_AT_THE_TIME = "at_extract", "known_at_the_time"  # evaluation: outcomes:


class RawTables(NamedTuple):
    """Tables with the company's own columns, in place of the files that the mapping names."""

    leads: pd.DataFrame | None = None
    events: list[pd.DataFrame] | None = None
    stages: pd.DataFrame | None = None


class Judged(NamedTuple):
    """The rows to judge, and how many leads have none, by reason."""

    rows: pd.DataFrame
    left_out: dict[str, int]


NO_TABLES = RawTables()  # the workspace's files are read


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The leads of a workspace at their moments; each part is built once, when first asked for.

    Attributes
    ----------
    workspace : Workspace
        What the files are and what their columns mean.
    progress : callable
        Receives a message before each long step.
    raw : RawTables
        Tables in place of the workspace's files.
    chosen_moments : DataFrame or None
        Rows to judge, in place of all leads at their own moments.
    chosen_features : sequence of Feature or None
        Features to build, in place of all that the tables can give.
    """

    workspace: Workspace
    progress: Progress
    raw: RawTables = NO_TABLES
    chosen_moments: pd.DataFrame | None = None
    chosen_features: Sequence[Feature] | None = None

    @cached_property
    def tables(self) -> Tables:
        """The tables of leads, events and stages."""
        self.progress("reading the tables")
        given = self.raw._asdict()
        return read_tables(self.workspace, self.progress, **given, complete=fill_closing_dates)

    @cached_property
    def extract_at(self) -> pd.Timestamp:
        """When the data was exported; NaT if unknown."""
        return extract_at(self.workspace, self.tables)

    @cached_property
    def results(self) -> pd.DataFrame:
        """What the export says about every lead, whenever it happened; a row for each lead."""
        return results_at_extract(self.workspace, self.tables)

    @cached_property
    def leads_without_state(self) -> list[Problem]:
        """Leads that are neither won, lost, open nor with sales, if there are any."""
        unknown = without_outcome(self.workspace, self.tables).to_numpy()
        known = self.results["won"].to_numpy(dtype=bool) | unknown
        return leads_without_state(self.workspace, self.tables, known)

    @cached_property
    def open_with_closing_date(self) -> list[Problem]:
        """Whether many open leads have a closing date."""
        return open_with_closing_date(self.workspace, self.tables, self.results["won"])

    @cached_property
    def missing_past(self) -> list[Problem]:
        """Whether old leads of one outcome are missing."""
        status = status_at_extract(self.workspace, self.tables)
        return missing_past(self.tables.leads["moment_base_at"], status)

    @cached_property
    def judged(self) -> Judged:
        """The rows to judge, and how many leads have none."""
        if self.chosen_moments is not None:
            return Judged(self.chosen_moments, {})
        rows, left_out = build_moments(self.workspace, self.tables, self.results)
        order = self.tables.leads.drop_duplicates("lead_id").set_index("lead_id")["order"]
        return Judged(rows.assign(order=order.reindex(rows["lead_id"]).to_numpy()), left_out)

    @property
    def moments(self) -> pd.DataFrame:
        """The rows to judge: ``lead_id, person_id, account_id, as_of, order``."""
        return self.judged.rows

    @property
    def left_out(self) -> dict[str, int]:
        """Leads that have no moment, by reason."""
        return self.judged.left_out

    @cached_property
    def catalogue(self) -> list[Feature]:
        """The features, with their meaning."""
        if self.chosen_features is not None:
            return list(self.chosen_features)
        return feature_catalogue(self.workspace, self.tables)

    @cached_property
    def features(self) -> pd.DataFrame:
        """What was known at each moment: ``lead_id, as_of`` and the features of the catalogue."""
        self.progress(f"building the features of {len(self.moments):,} leads")
        return build_features(self.workspace, self.tables, self.moments, self.catalogue)[0]

    @property
    def words(self) -> dict[str, str]:
        """The features in words, by name."""
        return {feature.name: feature.words for feature in self.catalogue}

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """What became of each row; see `features.labels.outcomes`.

        ``known_at``: when the outcome is mature, or at the win where immature leads are weighted.
        """
        found = build_outcomes(self.workspace, self.tables, self.moments, self.results)
        early = found["won_at"].notna() & (self.workspace.outcome.immature == "weight")
        return found.assign(known_at=found["won_at"].where(early, found["mature_at"]))

    @cached_property
    def cut_off(self) -> CutOff:
        """The rows that were judged before their history was recorded."""
        return rows_cut_off(self.tables.events, self.moments, self.outcomes["outcome"])

    @cached_property
    def labelled(self) -> Labelled:
        """The rows whose outcome is known, and what they had done until then."""
        return label_rows(self.moments, self.features, self.outcomes, self.cut_off, self.left_out)

    @cached_property
    def old_scores(self) -> list[OldScoreValues]:
        """The scores that the company already has, of the rows whose outcome is known."""
        return read_old_scores(self.workspace, self.tables, self.labelled.rows)

    @cached_property
    def time_to_win(self) -> TimeToWin | None:
        """How long wins take; None where wins or moments have no dates."""
        parts = (self.workspace, self.tables, self.moments, self.outcomes, self.results)
        return estimate_time_to_win(*parts)

    @cached_property
    def leak_suspects(self) -> list[Suspect]:
        """Columns that may contain what became known only after the moment."""
        self.progress("looking for columns that leak the outcome")
        return audit_tables(self.workspace, self.tables, progress=self.progress)

    @property
    def blocking_suspects(self) -> list[Suspect]:
        """The suspects that are mapped to features: the team has to answer for them."""
        return blocking_suspects(self.leak_suspects, self.workspace)

    @cached_property
    def event_suspects(self) -> list[EventSuspect]:
        """Events that were moved when leads were won, and kinds that tell the outcome."""
        return audit_events(self.workspace, self.tables)

    @property
    def unanswered_suspects(self) -> list[Suspect]:
        """All that prevents promotion until the team has answered."""
        return [*self.blocking_suspects, *self.event_suspects]

    @property
    def learnable(self) -> list[Feature]:
        """The features that a model may use: none from a suspected column, and no dates."""
        columns = {suspect.column for suspect in self.blocking_suspects}
        links = [link for link, name in self.workspace.leads.links.items() if name in columns]
        suspected = {FROM_LINK + link for link in links}
        suspected |= {prefix + name for name in columns for prefix in (FROM_COLUMN, FROM_TITLE)}
        suspected |= {OF_KIND + suspect.kind for suspect in self.event_suspects if suspect.kind}
        colleagues = {OF_COLLEAGUES.name} if "account" in links else set()
        return [
            feature
            for feature in self.catalogue
            if feature.source not in suspected
            and feature.name not in colleagues
            and feature.kind != "date"
        ]

    # -- the definition ------------------------------------------------------------------------

    @property
    def definition_file(self) -> Path:
        """The definition in use."""
        return self.workspace.folder / self.workspace.definition

    def definition(self, path: Path | None = None) -> Definition:
        """Read the definition in use, or another, and check it against the features."""
        return read_definition(path or self.definition_file, known_features=self.catalogue)

    def check_definitions(self, *paths: Path | None) -> None:
        """Refuse definitions (None: the one in use) with mistakes, before the tables are read.

        Raises
        ------
        LeadReadyError
            If one cannot be read, or has another moment or horizon than the workspace.
        """
        for path in paths:
            definition = read_definition(path or self.definition_file)
            check_same_terms(definition, self.workspace, None if path is None else str(path))

    # -- the same leads, seen otherwise --------------------------------------------------------

    def at(self, moments: pd.DataFrame, features: Sequence[Feature] | None = None) -> Snapshot:
        """Take the same tables at other moments, and with the features of a model.

        Parameters
        ----------
        moments : DataFrame
            ``lead_id, person_id, account_id, as_of``, a row for each lead to judge.
        features : sequence of Feature, optional
            Exactly these are built; without them, all that the tables can give.
        """
        other = replace(self, chosen_moments=moments, chosen_features=features)
        return self._shared_with(other, "tables")

    def with_features(self, features: Sequence[Feature]) -> Snapshot:
        """Take the same leads, moments and outcomes, with these features only; all are built."""
        other = replace(self, chosen_features=features)
        self._shared_with(other, "tables", "results", "judged")
        at_once(lambda: self.cut_off, lambda: other.features)  # the first needs the outcomes
        return self._shared_with(other, "outcomes", "cut_off")

    def known_at_the_time(self) -> Snapshot:
        """Label the same rows by outcomes within the horizon, even if the workspace says else.

        Where ``evaluation.outcomes`` is ``at_extract``, this is what could have been known.
        """
        if self.workspace.evaluation.outcomes != AT_EXTRACT:
            return self
        evaluation = replace(self.workspace.evaluation, outcomes=KNOWN_AT_THE_TIME)
        return self.with_workspace(
            replace(self.workspace, evaluation=evaluation),
            *("results", "judged", "catalogue", "features", "leak_suspects", "event_suspects"),
        )

    def with_workspace(self, workspace: Workspace, *unchanged: Part) -> Snapshot:
        """Read the same tables by a changed workspace; parts that it does not change are kept."""
        return self._shared_with(replace(self, workspace=workspace), "tables", *unchanged)

    def _shared_with(self, other: Snapshot, *parts: Part) -> Snapshot:
        vars(other).update({part: getattr(self, part) for part in parts})  # as cached_property does
        return other


def read_snapshot(
    folder: Path | str, progress: Progress = no_progress, raw: RawTables | None = None
) -> Snapshot:
    """Read ``leadready.yaml``; everything else is read and built when first asked for.

    Parameters
    ----------
    folder : path
        The workspace.
    progress : callable, optional
        Receives a message before each long step.
    raw : RawTables, optional
        Tables in place of the files that the workspace names.

    Raises
    ------
    LeadReadyError
        When the workspace cannot be read.

    Examples
    --------
    >>> read_snapshot("nowhere")
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    return Snapshot(read_workspace(Path(folder)), progress, raw or NO_TABLES)
