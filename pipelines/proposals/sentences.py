"""Why a change is proposed, in sentences: how the leads that it moves ended."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from features.text import number, percent
from model.definition.edits import Edit, edit_text
from model.proposals.from_scorecard import Card, worth_text
from model.proposals.new_criteria import times_as_often
from model.proposals.question import MISSING, REJECTIONS, Question
from model.proposals.search import GroupRate, GroupRates, Proposal
from model.proposals.time_split import WorkedLeads
from model.proposals.trial import Trial
from model.simulation.history import History
from pipelines.definition.rates_text import rate_text

METHOD = "Changes are found on the earlier leads and confirmed on the later ones. "
UNSEEN = (
    "If sales passed over leads for a reason that no column shows, these figures do not show it "
    "either; the bounds show how much that could matter."
)
WEIGHTED = (
    "The win rates behind a proposal are those of the leads that sales worked, weighted so that "
    "they also represent the leads it never worked, as far as the columns show how it chose. The "
    "effect of a change is counted, not weighted. "
)
NOT_WEIGHTED = (
    "Leads that sales never worked have no outcome and play no part here; the worked leads are not "
    "weighted to represent them. "
)
TRIED = {
    "threshold": "another threshold for {}",
    "criterion": "removing {}",
    "values": "another list for {}",
    "missing criterion": "a requirement for {}",
    "missing alternative": "an alternative to {}",
    "rejections": 'a stricter rule for leads rejected as "{}"',
}


def method_text(worked: WorkedLeads) -> str:
    """Say which leads the figures are about."""
    return f"{METHOD}{WEIGHTED if worked.weighted else NOT_WEIGHTED}{UNSEEN}"


def tried_text(question: Question) -> str:
    """Say what was tried, where no particular change came out of it."""
    return TRIED[question.kind].format(question.about)


def because_text(proposal: Proposal) -> str:
    """Say, for the file, why a new criterion is there."""
    test, kind = proposal.test, proposal.question.kind
    moved, stay = percent(test.rate(test.moved)), percent(test.rate(test.stay_ready))
    if kind == REJECTIONS:
        reason = proposal.question.about
        outcome = f"without it were rejected as {reason}"
    else:
        outcome = "without it were won" if kind == MISSING else "with it alone were won"
    return f"{moved} of later leads {outcome}, {stay} of the other ready leads"


def tried_change_text(trial: Trial, words: Mapping[str, str]) -> str:
    """Say the change that was tried, and for which reason of sales."""
    assert trial.edit is not None
    rejected = trial.question.kind == REJECTIONS
    about = f' (leads rejected as "{trial.question.about}")' if rejected else ""
    return edit_text(trial.edit, words) + about


def lets_in(proposal: Proposal) -> bool:
    """Whether the leads that a change moves become ready."""
    return proposal.test.lets_in and proposal.question.kind != REJECTIONS


def reason_text(proposal: Proposal, rates: GroupRates, later: History) -> str:
    """Say how the later leads that a change moves ended."""
    leads = "judgements of later leads" if later.is_panel else "later leads"
    if proposal.question.kind == REJECTIONS:
        return _rejection_text(proposal, rates, later, leads)
    ready = f"leads that stay ready ({rate_text(rates.ready.rate)})"
    not_ready = f"leads that stay not ready ({rate_text(rates.not_ready.rate)})"
    moves, close, far = "are no longer ready", not_ready, ready
    if lets_in(proposal):
        moves, close, far = "become ready", ready, not_ready
    return (
        f"Of the {number(rates.moved.leads, 0)} {leads} that {moves}, "
        f"{_interval_text(rates.moved)} were won. That is closer to {close} than to {far}."
    )


def _rejection_text(proposal: Proposal, rates: GroupRates, later: History, leads: str) -> str:
    reason, test = proposal.question.about, proposal.test
    total = int(np.sum(later.rejection_reason == reason))
    share = float(test.target[test.moved].sum()) / max(total, 1)
    return (
        f"Of the {number(rates.moved.leads, 0)} {leads} that are no longer ready, "
        f'{_interval_text(rates.moved)} were rejected as "{reason}". That is '
        f"{number(times_as_often(test), 1)} times as often as among the other ready leads "
        f"({rate_text(rates.ready.rate)}). They are {percent(share)} of all "
        f"{number(total, 0)} leads rejected for this reason."
    )


def _interval_text(group: GroupRate) -> str:
    return rate_text(group.rate, group.low, group.high)


def edit_worth_text(card: Card, edit: Edit, words: Mapping[str, str]) -> str:
    """Say what the feature of a change is worth in a scorecard of the earlier leads."""
    feature = edit.criterion.feature
    return worth_text(card, feature, words.get(feature, feature))
