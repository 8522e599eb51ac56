"""The scoring job: check the export, score the open leads, keep the scores, write them.

Scores are written in chunks; a file appears whole or not at all. Nothing is written when the data
is beyond a limit under ``guards:``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy.typing as npt
import pandas as pd

from features.at_once import at_once, one_ahead
from features.errors import CheckFailed, UnusableData
from features.progress import Progress, Step, no_progress
from features.tables.leads import read_leads_table
from features.tables.problems import Problems
from features.whole_file import refuse_missing_folder
from features.workspace.read import read_workspace
from model.registry.registry import Registry
from pipelines.ledger.ledger import Entry, Ledger
from pipelines.score.capacity import HandedOff, WeekPlan, plan_week, plan_without_limit, week_start
from pipelines.score.dates.doubtful_dates import doubtful_dates
from pipelines.score.dates.usual_dates import OddDates
from pipelines.score.guards import (
    EXPORT,
    Breach,
    ExportCounts,
    before_of,
    export_breaches,
    refuse_breaches,
    shift_breaches,
)
from pipelines.score.score import Scorer, load_scorer
from pipelines.score.summary import ScoringSummary
from pipelines.score.unseen import Shift
from pipelines.snapshot import Snapshot
from pipelines.table_files.formats import TableFormat, refuse_unprintable, table_format
from pipelines.table_files.safe_cells import FORMULA_STARTS
from pipelines.table_files.write import print_chunks, write_chunks


def write_scores(
    folder: Path | str,
    *,
    out: Path | None = None,
    as_of: str | None = None,
    model: str = "champion",
    unsigned: bool = False,
    format: TableFormat | None = None,
    since_last: bool = False,
    forced: Sequence[str] = (),
    progress: Progress = no_progress,
) -> ScoringSummary:
    """Score the open leads and write them to a file, by its ending, or to stdout.

    Parameters
    ----------
    out : path, optional
        A CSV, Parquet, JSON or XLSX file (default: stdout).
    format : str, optional
        A format of `TABLE_FORMATS` (default: by the ending of the file, CSV for stdout).
    since_last : bool
        Write only leads whose score, verdict, decision or warning differs from their last run.
    forced : sequence of str
        Guards that do not stop the run.
    folder, as_of, model, unsigned
        As in `score`.

    Raises
    ------
    CheckFailed
        When the data is beyond a limit under ``guards:``; nothing was written.
    """
    if out is None:
        refuse_unprintable(format := format or "csv")
    else:
        refuse_missing_folder(out)
        format = format or table_format(out)
    try:
        scorer = load_scorer(
            folder, as_of, model, unsigned=unsigned, forced=forced, progress=progress
        )
        export, _ = at_once(scorer.export_counts, lambda: scorer.snapshot.results)
    except UnusableData as error:
        raise _refused_data(error, folder, model) from error
    job = ScoringJob(scorer, export, out, format, since_last, forced, progress)
    return job.run()


@dataclass
class ScoringJob:
    """A run of the scoring job: what it scores, and what it has counted so far."""

    scorer: Scorer
    export: ExportCounts
    out: Path | None
    format: TableFormat
    since_last: bool
    forced: Sequence[str]
    progress: Progress
    decisions: Counter[str] = field(default_factory=Counter)
    written: int = 0
    armed_ids: int = 0  # that a spreadsheet would run as formulas

    def run(self) -> ScoringSummary:
        """Check the data, score, and keep the scores; the file appears last."""
        scorer = self.scorer
        ledger = Ledger.of(scorer.snapshot.workspace)
        with ledger.open() as connection:
            entry = Entry(ledger, connection, scorer.card)
            entry.settle_unfinished()
            passed = self._refuse(scorer.breaches(self.export, entry.last_run(scorer.as_of)))
            leads = scorer.open_leads()
            passed += self._refuse(self._no_lead_breaches(leads, entry))
            shifts, odd = at_once(partial(scorer.shifts, leads), partial(scorer.odd_dates, leads))
            passed += self._refuse(shift_breaches(shifts, scorer.snapshot.workspace.guards))
            entry.add_card(scorer.loaded.version, scorer.loaded.scorecard)
            plan = self._plan(entry, leads)
            warnings = scorer.warnings(leads, shifts, odd)
            self._write(self._kept_chunks(entry, leads, warnings, plan), entry)
            entry.add_run(scorer.as_of, self.export.to_json())
        return self._summary(leads, shifts, odd, passed)

    def _no_lead_breaches(self, leads: Snapshot, entry: Entry) -> list[Breach]:
        """Refuse to replace scores with none; where there are none yet, nothing is lost."""
        unknown_file = self.out is not None and self.out.exists() and not entry.has_runs
        if len(leads.moments) or not (entry.has_scores or unknown_file):
            return []
        closed = f"{self.scorer.closed_leads:,} are closed"
        reason = f"no lead is open at {self.scorer.as_of:%Y-%m-%d %H:%M}; {closed}"
        return [Breach("fewer_leads", reason)]

    def _refuse(self, breaches: Sequence[Breach]) -> list[Breach]:
        """Refuse a run that is beyond a limit, before anything is written."""
        return refuse_breaches(breaches, self.forced, str(self.scorer.snapshot.workspace.folder))

    def _plan(self, entry: Entry, leads: Snapshot) -> WeekPlan | None:
        """Fill the places of the week; None where nobody said how many leads sales can take."""
        scorer, workspace = self.scorer, self.scorer.snapshot.workspace
        if scorer.definition.handoff.per_week is None or leads.moments.empty:
            return None
        week, before = week_start(scorer.as_of), entry.last_hand_offs(scorer.as_of)
        chance = entry.chance_since(week, scorer.as_of)
        return plan_week(
            scorer.wanted(leads),
            scorer.definition,
            HandedOff.of(before, week, chance),
            week,
            crm_knows=workspace.outcome.with_sales_when is not None,
        )

    def _kept_chunks(
        self, entry: Entry, leads: Snapshot, warnings: npt.NDArray[Any], plan: WeekPlan | None
    ) -> Iterator[pd.DataFrame]:
        """Score leads chunk by chunk, keep every score, and give those that are to be written."""
        definition = self.scorer.definition
        for chunk in one_ahead(self.scorer.scores(leads, warnings)):
            now = plan and plan.of(chunk.index)
            now = now or plan_without_limit(chunk["decision"].to_numpy(object), definition)
            chunk = chunk.assign(decision=pd.array(now.decisions, dtype="str"))
            self.decisions.update(chunk["decision"])
            entry.add(chunk, leads.features.loc[chunk.index], now.chances)
            shown = chunk[~entry.unchanged(chunk)] if self.since_last else chunk
            self.written += len(shown)
            if self.format == "csv":
                self.armed_ids += int(shown["lead_id"].str.startswith(FORMULA_STARTS).sum())
            yield shown
            if self.out is not None:
                done = self.decisions.total()
                self.progress(Step("scoring leads", done, len(leads.moments)))

    def _write(self, chunks: Iterator[pd.DataFrame], entry: Entry) -> None:
        """Write the scores; the ledger has them before a file appears."""
        names = dict(self.scorer.snapshot.workspace.export.columns) or None
        finish = partial(entry.finish, self.scorer.as_of, self.export.to_json())
        if self.out is None:
            print_chunks(chunks, self.format, names)
            finish()
        else:
            write_chunks(chunks, self.out, self.format, partial(finish, self.out), names)

    def _summary(
        self, leads: Snapshot, shifts: Sequence[Shift], odd: OddDates, passed: Sequence[Breach]
    ) -> ScoringSummary:
        scorer = self.scorer
        return ScoringSummary(
            leads=len(leads.moments),
            written=self.written,
            as_of=scorer.as_of,
            model_version=scorer.loaded.version,
            active=scorer.active,
            decisions=self.decisions,
            warnings=int((scorer.card.warnings(leads.features) != "").sum()),
            closed=scorer.closed_leads,
            out=self.out,
            shifts=shifts,
            forced=passed,
            armed_ids=self.armed_ids,
            doubtful=[*doubtful_dates(scorer.snapshot.tables, scorer.latest), *odd.notes],
        )


def _refused_data(error: UnusableData, folder: Path | str, model: str) -> CheckFailed:
    """Say why data cannot be used: events belong to nobody also where the leads were cut short."""
    workspace, problems = read_workspace(folder), Problems()
    loaded = Registry.for_workspace(workspace.folder, workspace.model).load(model)
    before = before_of(None, loaded.evaluation.get(EXPORT))
    with suppress(UnusableData):
        leads = len(read_leads_table(workspace, problems, lambda message: None, None))
        counts = before and replace(before.counts, leads=leads)
        if before and counts and (cut := export_breaches(counts, before, workspace.guards)):
            what = f"{cut[0].reason}; {error.what}"
            return CheckFailed(what, where=str(folder), hint="export the leads again, all of them")
    return CheckFailed(error.what, where=error.where, hint=error.hint)
