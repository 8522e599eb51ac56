"""Whose decision changed since a day, and why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from features import text
from features.dates.one_time import read_time
from features.workspace.read import read_workspace
from pipelines.ledger.history import PointChange, point_changes
from pipelines.ledger.ledger import Ledger
from pipelines.ledger.statements import DECIDED_OTHERWISE


@dataclass(frozen=True)
class DecisionChange:
    """A lead whose last decision differs from the last one before a day."""

    lead: str
    before: str
    after: str
    score_before: float
    score: float
    why: tuple[PointChange, ...]


@dataclass(frozen=True)
class DecisionChanges:
    """All leads whose decision changed since a day."""

    since: pd.Timestamp
    leads: tuple[DecisionChange, ...]

    def to_json(self) -> dict[str, Any]:
        """Give the changes as plain data."""
        leads = [
            {**vars(change), "why": [part._asdict() for part in change.why]}
            for change in self.leads
        ]
        return {"since": self.since.isoformat(), "leads": leads}


def changes(folder: Path | str, since: str) -> DecisionChanges:
    """List the leads whose decision changed since a day, with the points that changed it.

    Parameters
    ----------
    since : str
        A day or time: the last decision before it is compared with the last one of all.

    Examples
    --------
    >>> changes("nowhere", "2026-10-01")
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    ledger, day = Ledger.of(read_workspace(folder)), read_time(since, "--since")
    rows, cards = ledger.rows(DECIDED_OTHERWISE, day.to_pydatetime()), ledger.cards()
    found = []
    for lead, runs in rows.groupby("lead", sort=True):
        before = runs[runs["as_of"] < day].iloc[-1].to_dict()
        after = runs.iloc[-1].to_dict()
        why = tuple(point_changes(before, after, cards))
        decisions = before["decision"], after["decision"]
        found.append(DecisionChange(str(lead), *decisions, before["score"], after["score"], why))
    return DecisionChanges(day, tuple(found))


def changes_text(answer: DecisionChanges) -> str:
    """Write the changes, a line for each lead."""
    counted = text.count(len(answer.leads), "lead")
    lines = [f"{counted} with another decision than before {text.day(answer.since)}"]
    for change in answer.leads:
        points = ", ".join(f"{part.points:+g} {part.what}" for part in change.why)
        reason = points or "the rules changed, or what they need to know of the lead"
        moved = f"{change.score_before:g} → {change.score:g}"
        line = f"{change.lead}  {change.before} → {change.after}, {moved}: {reason}"
        lines += text.wrap(line, hanging="    ")
    return "\n".join(lines)
