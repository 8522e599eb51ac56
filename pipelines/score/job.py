"""The scoring job: check the export, score the open leads, keep the scores, write them.

Scores are written in chunks; a file appears whole or not at all. Nothing is written when the data
is beyond a limit under ``guards:``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from features.errors import CheckFailed, UnusableData
from features.progress import Progress, Step, no_progress
from features.tables.leads import read_leads_table
from features.tables.problems import Problems
from features.whole_file import refuse_missing_folder
from features.workspace.read import read_workspace
from model.registry.registry import Registry
from pipelines.ledger.ledger import Entry, Ledger
from pipelines.output import TableFormat, print_chunks, table_format, write_chunks
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


def write_scores(
    folder: Path | str,
    *,
    out: Path | None = None,
    as_of: str | None = None,
    model: str = "champion",
    unsigned: bool = False,
    as_json: bool = False,
    since_last: bool = False,
    forced: Sequence[str] = (),
    progress: Progress = no_progress,
) -> ScoringSummary:
    """Score the open leads and write them to a file, by its ending, or to stdout.

    Parameters
    ----------
    out : path, optional
        A CSV, Parquet or JSON file (default: stdout).
    as_json : bool
        Write JSON, whatever the ending.
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
    format = "json" if as_json else None if out is None else table_format(out)
    if out is not None:
        refuse_missing_folder(out)
    try:
        scorer = load_scorer(
            folder, as_of, model, unsigned=unsigned, forced=forced, progress=progress
        )
        export = scorer.export_counts()
    except UnusableData as error:
        raise _refused_data(error, folder, model) from error
    job = ScoringJob(scorer, export, out, since_last, forced, progress)
    return job.run(format)


@dataclass
class ScoringJob:
    """A run of the scoring job: what it scores, and what it has counted so far."""

    scorer: Scorer
    export: ExportCounts
    out: Path | None
    since_last: bool
    forced: Sequence[str]
    progress: Progress
    decisions: Counter[str] = field(default_factory=Counter)
    written: int = 0

    def run(self, format: TableFormat | None) -> ScoringSummary:
        """Check the data, score, and keep the scores; the file appears last."""
        scorer = self.scorer
        ledger = Ledger.of(scorer.snapshot.workspace)
        with ledger.open() as connection:
            entry = Entry(ledger, connection, scorer.card)
            passed = self._refuse(scorer.breaches(self.export, entry.last_run(scorer.as_of)))
            leads = scorer.open_leads()
            shifts = scorer.shifts(leads)
            passed += self._refuse(shift_breaches(shifts, scorer.snapshot.workspace.guards))
            entry.add_run(scorer.as_of, self.export.to_json())
            entry.add_card(scorer.loaded.version, scorer.loaded.scorecard)
            self._write(self._kept_chunks(entry, leads, shifts), entry, format)
        return self._summary(leads, shifts, passed)

    def _refuse(self, breaches: Sequence[Breach]) -> list[Breach]:
        """Refuse a run that is beyond a limit, before anything is written."""
        return refuse_breaches(breaches, self.forced, str(self.scorer.snapshot.workspace.folder))

    def _kept_chunks(
        self, entry: Entry, leads: Snapshot, shifts: Sequence[Shift]
    ) -> Iterator[pd.DataFrame]:
        """Score leads chunk by chunk, keep every score, and give those that are to be written."""
        for chunk in self.scorer.scores(leads, shifts):
            self.decisions.update(chunk["decision"])
            entry.add(chunk, leads.features.loc[chunk.index])
            shown = chunk[~entry.unchanged(chunk)] if self.since_last else chunk
            self.written += len(shown)
            yield shown
            if self.out is not None:
                done = self.decisions.total()
                self.progress(Step("scoring leads", done, len(leads.moments)))

    def _write(
        self, chunks: Iterator[pd.DataFrame], entry: Entry, format: TableFormat | None
    ) -> None:
        """Write the scores; the ledger has them before a file appears."""
        if self.out is None:
            print_chunks(chunks, format == "json")
            entry.finish(self.scorer.as_of)
        else:
            write_chunks(chunks, self.out, format, lambda: entry.finish(self.scorer.as_of))

    def _summary(
        self, leads: Snapshot, shifts: Sequence[Shift], passed: Sequence[Breach]
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
