"""Why a lead's score changed: what the lead did and what the model changed, in points per line.

Between two runs of the same version, every line's difference is something new about the lead. A new
version is compared by its own points: lines that the old card had too show what the lead did, and
all the rest is what the model changed. The parts add up to the difference of the scores exactly.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from features import text
from features.errors import LeadReadyError
from features.workspace.read import read_workspace
from model.serving import Contribution, Scorecard
from pipelines.ledger.ledger import Ledger
from pipelines.ledger.statements import COMPARED, OF_LEAD
from pipelines.output import chance_text

Record = Mapping[Hashable, Any]  # a row of the ledger


class PointChange(NamedTuple):
    """What one line added to a change of the score, and what is known of the lead now."""

    points: float
    what: str


@dataclass(frozen=True)
class ScoreStep:
    """One run that changed something about a lead, or its first; ``before`` is None there."""

    as_of: pd.Timestamp
    model: str
    definition: str
    score: float
    probability: float
    rules_verdict: str
    decision: str
    warning: str
    before: float | None
    decision_before: str | None
    definition_before: str | None
    changes: tuple[PointChange, ...]


@dataclass(frozen=True)
class LeadHistory:
    """The runs that changed something about a lead, in order of time."""

    lead: str
    runs: int
    steps: tuple[ScoreStep, ...]

    def to_json(self) -> dict[str, Any]:
        """Give the history as plain data."""
        steps = [
            {
                **asdict(step),
                "as_of": step.as_of.isoformat(),
                "changes": [change._asdict() for change in step.changes],
            }
            for step in self.steps
        ]
        return {"lead": self.lead, "runs": self.runs, "steps": steps}


def history(folder: Path | str, lead: str) -> LeadHistory:
    """Tell how a lead's score changed from run to run, and why.

    Parameters
    ----------
    folder : path
        The workspace.
    lead : str
        The lead's id.

    Raises
    ------
    LeadReadyError
        When no score of the lead was kept.

    Examples
    --------
    >>> history("nowhere", "L-1")
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    ledger = Ledger.of(read_workspace(folder))
    rows = ledger.rows(OF_LEAD, lead)
    if rows.empty:
        what = f"no score of the lead {lead!r} was kept"
        raise LeadReadyError(
            what, where=ledger.store.where, hint="leadready score  keeps each score"
        )
    return LeadHistory(lead, len(rows), tuple(score_steps(rows, ledger.cards())))


def score_steps(rows: pd.DataFrame, cards: Mapping[str, Scorecard]) -> list[ScoreStep]:
    """Compare each run of a lead with the one before; runs that changed nothing are left out."""
    records = rows.to_dict("records")
    steps = [_score_step(None, record, cards) for record in records[:1]]
    for before, after in pairwise(records):
        step = _score_step(before, after, cards)
        if step.changes or any(before[name] != after[name] for name in (*COMPARED, "model")):
            steps.append(step)
    return steps


def _score_step(before: Record | None, after: Record, cards: Mapping[str, Scorecard]) -> ScoreStep:
    return ScoreStep(
        as_of=pd.Timestamp(after["as_of"]),
        model=after["model"],
        definition=after["definition"],
        score=after["score"],
        probability=after["probability"],
        rules_verdict=after["rules_verdict"],
        decision=after["decision"],
        warning=after["warning"],
        before=None if before is None else before["score"],
        decision_before=None if before is None else before["decision"],
        definition_before=None if before is None else before["definition"],
        changes=() if before is None else tuple(point_changes(before, after, cards)),
    )


def point_changes(
    before: Record, after: Record, cards: Mapping[str, Scorecard]
) -> list[PointChange]:
    """List what each line added to the difference of two scores, the largest first."""
    old, new = cards[before["model"]], cards[after["model"]]
    known_before, known_now = kept_facts(before["facts"], old), kept_facts(after["facts"], new)
    earlier = {name: known_before.get(name, value) for name, value in known_now.items()}
    was, now = _contributions(new, earlier), _contributions(new, known_now)
    changes = [
        PointChange(line.points - was[key].points, f"{line.words}: {line.label}")
        for key, line in now.items()
        if line.points != was[key].points
    ]
    changes.sort(key=lambda change: -abs(change.points))
    rest = after["score"] - before["score"] - sum(change.points for change in changes)
    if abs(rest) > 1e-9:
        what = f"the model changed: version {before['model']} → {after['model']}"
        changes.append(PointChange(rest, what))
    return changes


def kept_facts(texts: Sequence[str | None], card: Scorecard) -> dict[str, Any]:
    """Read the values of a card's features as the ledger keeps them."""
    kinds = {line["name"]: line["kind"] for line in card.lines}
    return {
        name: None if value is None else float(value) if kinds[name] == "number" else value
        for name, value in zip(card.axes, texts, strict=True)
    }


def _contributions(
    card: Scorecard, facts: Mapping[str, Any]
) -> dict[tuple[str, ...], Contribution]:
    return {tuple(line.features): line for line in card.explain(facts)}


# -- for people -----------------------------------------------------------------------------------


def history_text(answer: LeadHistory) -> str:
    """Write a history, a paragraph for each run that changed something."""
    lines = [f"Lead {answer.lead}, {text.count(answer.runs, 'run')}"]
    for step in answer.steps:
        lines += ["", f"{text.day(step.as_of)}  {step_text(step)}"]
        lines += [f"    {change.points:+g}  {change.what}" for change in step.changes]
    return "\n".join(lines)


def step_text(step: ScoreStep) -> str:
    """Say in one line how score and decision changed."""
    chance = chance_text(step.probability)
    if step.before is None:
        versions = f"version {step.model}, definition {step.definition}"
        return f"{step.score:g}: {step.decision} ({chance}), {versions}"
    moved = step.decision != step.decision_before
    decision = f"{step.decision_before} → {step.decision}" if moved else step.decision
    rules = f", definition {step.definition_before} → {step.definition}"
    changed = rules if step.definition != step.definition_before else ""
    return f"{step.before:g} → {step.score:g}: {decision} ({chance}){changed}"
