"""Screen 4: the leads on which model and rules disagree, what became of them, and examples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.text import day, masked
from model.registry.registry import LoadedModel
from model.simulation.disagreement import MODEL_ONLY, RULES_ONLY, verdict_groups
from model.simulation.history import History
from pipelines.definition.disagreement import Agreement, compare_on_unseen
from pipelines.snapshot import Snapshot

MOST_EXAMPLES = 2  # won, and as many that went no further, on each side


@dataclass(frozen=True)
class ExampleLead:
    """A past lead on which model and rules disagree; its id is the CRM's, never a name.

    Attributes
    ----------
    lead_id, judged_on : str
    side : str
        ``model only`` or ``rules only``.
    won : bool
        What became of it.
    score : str
    reasons : str
        What gives and what takes points.
    failed : str
        The criteria that it fails.
    """

    lead_id: str
    judged_on: str
    side: str
    won: bool
    score: str
    reasons: str
    failed: str


@dataclass(frozen=True)
class PartingFacts:
    """Where we part ways: the comparison, leads a week on each side, and examples."""

    agreement: Agreement
    weeks: float | None
    examples: tuple[ExampleLead, ...]

    def per_week(self, group: str) -> float | None:
        """How many leads of a group there are each week; None without dates."""
        leads = self.agreement.disagreement.groups[group].win_rate.leads
        return None if self.weeks is None else leads / self.weeks


def parting_facts(snapshot: Snapshot, history: History, loaded: LoadedModel) -> PartingFacts:
    """Compare model and rules on leads that the model has not learned from.

    Raises
    ------
    LeadReadyError
        When it may have learned from every lead with a known outcome.
    """
    compared = compare_on_unseen(snapshot, history, loaded)
    examples = [
        example
        for side in (MODEL_ONLY, RULES_ONLY)
        for won in (True, False)
        for example in _examples_of(compared.leads, compared.scored, side, won)
    ]
    return PartingFacts(compared.agreement, compared.leads.weeks, tuple(examples))


def _examples_of(history: History, scored: pd.DataFrame, side: str, won: bool) -> list[ExampleLead]:
    """Choose the leads of a side that the model is surest of, or least sure of for the rules."""
    which = (verdict_groups(scored) == side) & (history.won == float(won))
    places = np.flatnonzero(which)
    ranked = scored["score"].iloc[places].sort_values(ascending=side == RULES_ONLY, kind="stable")
    chosen = [int(place) for place in ranked.index[:MOST_EXAMPLES]]
    return [
        ExampleLead(
            lead_id=masked(str(history.rows["lead_id"].iloc[place])),
            judged_on=day(history.rows["as_of"].iloc[place]),
            side=side,
            won=won,
            score=f"{scored['score'].iloc[place]:g}",
            reasons="; ".join(
                str(scored[column].iloc[place])
                for column in ("reasons_for", "reasons_against")
                if scored[column].iloc[place]
            ),
            failed=str(scored["failed_criteria"].iloc[place] or ""),
        )
        for place in chosen
    ]
