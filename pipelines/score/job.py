"""The scoring job: check the export, score the open leads, keep the scores, write them.

Scores are written in chunks; a file appears whole or not at all. Nothing is written when the data
is beyond a limit under ``guards:``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from features import text
from features.errors import CheckFailed, UnusableData
from features.progress import Progress, Step, no_progress
from features.tables.leads import read_leads_table
from features.tables.problems import Problems
from features.whole_file import refuse_missing_folder
from features.workspace.read import read_workspace
from model.registry.registry import Registry
from pipelines.ledger.ledger import Entry, Ledger
from pipelines.output import print_chunks, table_format, write_chunks
from pipelines.score.active_definition import ActiveDefinition
from pipelines.score.guards import (
    EXPORT,
    Breach,
    before_of,
    export_breaches,
    refuse_breaches,
    shift_breaches,
)
from pipelines.score.score import WITH_SALES, load_scorer
from pipelines.score.unseen import Shift, shift_lines

DECISIONS = ("hand off", WITH_SALES, "review", "explore", "nurture", "never")


class ScoringSummary(NamedTuple):
    """How many leads were scored, by whom, and what to do with them."""

    leads: int
    as_of: pd.Timestamp
    model_version: str
    active: ActiveDefinition
    decisions: Counter[str]
    warnings: int  # leads without a reliable prediction
    closed: int  # leads that are not scored since they are closed, won or lost
    out: Path | None
    shifts: Sequence[Shift] = ()
    forced: Sequence[Breach] = ()  # limits that the run is beyond, and was to pass


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
    try:
        scorer = load_scorer(
            folder, as_of, model, unsigned=unsigned, forced=forced, progress=progress
        )
        export = scorer.export_counts()
    except UnusableData as error:
        raise _refused_data(error, folder, model) from error
    if out is not None:
        refuse_missing_folder(out)
    decisions, ledger = Counter[str](), Ledger.of(scorer.snapshot.workspace)

    def counted_chunks(entry: Entry) -> Iterator[pd.DataFrame]:
        for chunk in scorer.scores(leads, shifts):
            decisions.update(chunk["decision"])
            entry.add(chunk, leads.features.loc[chunk.index])
            yield chunk[~entry.unchanged(chunk)] if since_last else chunk
            if out is not None:
                progress(Step("scoring leads", decisions.total(), len(leads.moments)))

    with ledger.open() as connection:
        entry = Entry(ledger, connection, scorer.card)
        breaches = scorer.breaches(export, entry.last_run(scorer.as_of))
        passed = refuse_breaches(breaches, forced, str(folder))
        leads = scorer.open_leads()
        shifts = scorer.shifts(leads)
        breaches = shift_breaches(shifts, scorer.snapshot.workspace.guards)
        passed += refuse_breaches(breaches, forced, str(folder))
        entry.add_run(scorer.as_of, export.to_json())
        entry.add_card(scorer.loaded.version, scorer.loaded.scorecard)
        chunks = counted_chunks(entry)
        if out is None:
            print_chunks(chunks, as_json)
            entry.finish(scorer.as_of)
        else:
            write_chunks(chunks, out, format, lambda: entry.finish(scorer.as_of))
    return ScoringSummary(
        len(leads.moments),
        scorer.as_of,
        scorer.loaded.version,
        scorer.active,
        decisions,
        int((scorer.card.warnings(leads.features) != "").sum()),
        scorer.closed_leads,
        out,
        shifts,
        passed,
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


def scores_text(summary: ScoringSummary) -> str:
    """Summarise a scoring run for people."""
    decisions = [
        f"{summary.decisions[decision]:,} {decision}"
        for decision in DECISIONS
        if summary.decisions[decision]
    ]
    headline = (
        f"{text.count(summary.leads, 'open lead')} at {summary.as_of:%Y-%m-%d %H:%M}, scored by "
        f"version {summary.model_version} and definition {summary.active.version_label}: "
        f"{', '.join(decisions)}"
    )
    notes = [
        summary.active.note_text(),
        _closed_note(summary.closed),
        _no_prediction_note(summary.warnings),
    ]
    lines = text.wrap(headline)
    for note in filter(None, notes):
        lines += text.wrap(f"note: {note}")
    lines += shift_lines(summary.shifts)
    for breach in summary.forced:
        lines += text.wrap(f"forced past {breach.guard}: {breach.reason}")
    return "\n".join([*lines, *([f"written to {summary.out}"] if summary.out else [])])


def _closed_note(leads: int) -> str:
    if not leads:
        return ""
    verb = "is" if leads == 1 else "are"
    return f"{text.count(leads, 'closed lead')} {verb} left out"


def _no_prediction_note(leads: int) -> str:
    if not leads:
        return ""
    return (
        f"no prediction for {text.count(leads, 'lead')}: sales has worked almost no leads like "
        "these (column warning)"
    )
