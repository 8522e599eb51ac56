"""Screen 5, first half: why sales turned leads down, held against the criteria."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.labels.rejection_reasons import NO_OUTCOME
from model.definition.words import rule_text
from model.serving import Criterion, Definition, holds
from model.simulation.consequences import Consequences
from model.simulation.history import Array, History
from pipelines.workshop.facts.shares import Share

MOST_REASONS = 8
LEAST_SHARE = 0.1  # of them fail it, before a criterion is named
LEAST_LEADS = 20  # turned down for a reason, before it is held against the criteria


@dataclass(frozen=True)
class ReasonFate:
    """A reason for turning leads down, and what the criteria say about those leads.

    Attributes
    ----------
    reason : str
    kept_back : Share
        The leads that the rules would not have handed over.
    unknown : int
        Leads that the rules cannot judge.
    criterion : str
        The criterion that these leads fail most often compared with all others; empty if none.
    fails, others_fail : Share or None
        How often they fail it, and how often all other leads do.
    """

    reason: str
    kept_back: Share
    unknown: int
    criterion: str = ""
    fails: Share | None = None
    others_fail: Share | None = None


def kept_back_wins(current: Consequences) -> Share:
    """Count the won leads that the rules would have kept back."""
    missed = current.missed_wins.leads
    won = missed + current.unjudged_wins.leads + current.ready.won
    return Share("won leads, for comparison", missed, won)


def feedback_facts(
    history: History, definition: Definition, current: Consequences
) -> tuple[ReasonFate, ...]:
    """Hold each reason against the rules, and against each criterion."""
    given = np.array([str(reason) for reason in history.rejection_reason], dtype=object)
    judged = ~np.isin(given, NO_OUTCOME)
    excluding = {criterion.id for criterion in definition.never.criteria}
    fails = {
        criterion.id: _fails(history, criterion, criterion.id in excluding)
        for criterion in definition.criteria
    }
    words = {each.id: rule_text(each, history.words) for each in definition.criteria}
    found = []
    for rejected in current.rejections[:MOST_REASONS]:
        kept_back = Share(rejected.reason, rejected.avoided, rejected.leads)
        fate = ReasonFate(rejected.reason, kept_back, rejected.unknown)
        here = given == rejected.reason
        if rejected.leads >= LEAST_LEADS:
            fate = _with_criterion(fate, fails, words, here, judged & ~here)
        found.append(fate)
    return tuple(found)


def _fails(history: History, criterion: Criterion, excludes: bool) -> Array:
    """Tell which leads a criterion keeps from being ready."""
    return np.asarray(holds(criterion, history.X) == (1 if excludes else -1))


def _with_criterion(
    fate: ReasonFate, fails: dict[str, Array], words: dict[str, str], here: Array, others: Array
) -> ReasonFate:
    """Name the criterion that these leads fail more often than others beyond chance, if any."""
    best: tuple[float, ReasonFate] | None = None
    for name, failed in fails.items():
        mine = Share(words[name], int((failed & here).sum()), int(here.sum()))
        theirs = Share(words[name], int((failed & others).sum()), int(others.sum()))
        low, high = mine.interval.low, theirs.interval.high
        if low is None or high is None or low <= max(high, LEAST_SHARE):
            continue
        ahead = ReasonFate(fate.reason, fate.kept_back, fate.unknown, name, mine, theirs)
        if best is None or low - high > best[0]:
            best = (low - high, ahead)
    return fate if best is None else best[1]
