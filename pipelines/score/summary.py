"""What a scoring run did: in words for people, and as plain data for schedulers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from features import text
from model.serving import WITH_SALES
from pipelines.score.active_definition import ActiveDefinition
from pipelines.score.guards import Breach
from pipelines.score.unseen import Shift, shift_lines

DECISIONS = ("hand off", "wait", WITH_SALES, "review", "explore", "nurture", "never")


class ScoringSummary(NamedTuple):
    """How many leads were scored, by whom, and what to do with them."""

    leads: int
    written: int  # fewer than the leads where only changes are written
    as_of: pd.Timestamp
    model_version: str
    active: ActiveDefinition
    decisions: Counter[str]
    warnings: int  # leads without a reliable prediction
    closed: int  # leads that are not scored since they are closed, won or lost
    out: Path | None
    shifts: Sequence[Shift] = ()
    forced: Sequence[Breach] = ()  # limits that the run is beyond, and was to pass
    armed_ids: int = 0  # ids that a spreadsheet would run as formulas
    doubtful: Sequence[str] = ()  # dates that do not count or are odd, in words

    @property
    def notes(self) -> list[str]:
        """What people should know before they use the scores."""
        notes = [
            self.active.note_text(),
            _no_prediction_note(self.warnings),
            _armed_ids_note(self.armed_ids),
            *self.doubtful,
            *(shift.shift_text() for shift in self.shifts),
        ]
        return [note for note in notes if note]

    def to_json(self) -> dict[str, object]:
        """Give the counts by name."""
        return {
            "as_of": self.as_of.isoformat(),
            "model_version": self.model_version,
            "definition_version": self.active.definition.version_label,
            "leads": self.leads,
            "written": self.written,
            "closed": self.closed,
            "without_prediction": self.warnings,
            "decisions": {name: self.decisions[name] for name in DECISIONS},
            "forced": [breach._asdict() for breach in self.forced],
            "warnings": self.notes,
            "out": None if self.out is None else str(self.out),
        }


def scores_text(summary: ScoringSummary) -> str:
    """Summarise a scoring run for people."""
    decisions = [
        f"{summary.decisions[decision]:,} {decision}"
        for decision in DECISIONS
        if summary.decisions[decision]
    ]
    at = f"{summary.as_of:%Y-%m-%d %H:%M}"
    headline = (
        f"{text.count(summary.leads, 'open lead')} at {at}, scored by "
        f"version {summary.model_version} and definition {summary.active.version_label}: "
        f"{', '.join(decisions)}"
    )
    if not summary.leads:
        headline = f"No lead is open at {at}: there is nothing to score."
    notes = [
        summary.active.note_text(),
        _closed_note(summary.closed),
        _no_prediction_note(summary.warnings),
        _armed_ids_note(summary.armed_ids),
        *summary.doubtful,
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


def _armed_ids_note(leads: int) -> str:
    if not leads:
        return ""
    return (
        f"{text.count(leads, 'lead id')} would run as a formula in a spreadsheet; CSV has them as "
        "they are, for programs: open  --format xlsx  or  --format csv-excel-de  in a spreadsheet"
    )
