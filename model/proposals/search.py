"""Search for changes to a definition that the outcomes support, and allow for chance.

Changes are found on the earlier half of the leads and confirmed on the later half, which has no
influence on the choice. Each question gets one p-value, from the later leads alone. The procedure
of Benjamini and Hochberg over *all* questions keeps the expected share of proposals that are mere
chance below a limit (5 %); where there is nothing to find, at most 5 of 100 companies get any
proposal. It is the weighted procedure: questions without support in the earlier leads get no
weight, the others share it equally; weights may depend on anything except the later leads.
Intervals are widened because the proposals were selected.

References
----------
See `model.simulation.false_discoveries`. For the intervals: Y. Benjamini, D. Yekutieli, "False
discovery rate–adjusted multiple confidence intervals for selected parameters", JASA 2005.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from scipy.special import ndtri

from features.at_once import at_once
from features.blas_threads import one_blas_thread
from features.progress import Progress, Step, no_progress
from model.definition.edits import Edit, RemoveCriterion, SetOperand
from model.proposals.change_test import ChangeTest, JudgedHalf
from model.proposals.existing_criteria import criterion_questions
from model.proposals.from_scorecard import Card, learn_card, missing_criterion_questions
from model.proposals.new_criteria import alternative_questions, rejection_questions
from model.proposals.question import REJECTIONS, REMOVE, THRESHOLD, Question
from model.proposals.time_split import TimeSplit, split_in_time
from model.proposals.trial import Trial, try_question
from model.serving import Definition
from model.simulation.false_discoveries import (
    adjusted_p_values,
    discoveries,
    weighted_p_values,
)
from model.simulation.history import History, Mask

CHANCE_RATE = 0.05  # the share of proposals that may be chance
OVERLAP = 0.5  # two changes that share more than this of the leads they move count as one


@dataclass(frozen=True)
class Proposal:
    """A change that the later leads confirm.

    Attributes
    ----------
    edit : mapping
        The change.
    test : ChangeTest
        Its test on the later leads.
    trial : Trial
        The question that it answers.
    adjusted_p : float
        The smallest limit on the share of chance under which it is still proposed.
    level : float
        Level of the intervals, which allow for the selection among all questions.
    also : tuple of Trial
        Other confirmed changes that move mostly the same leads.
    """

    edit: Edit
    test: ChangeTest
    trial: Trial
    adjusted_p: float
    level: float
    also: tuple[Trial, ...] = ()

    @property
    def question(self) -> Question:
        """The question that it answers."""
        return self.trial.question


@dataclass(frozen=True)
class SearchResult:
    """All proposals, and everything that they rest on."""

    proposals: list[Proposal]
    trials: list[Trial]
    split: TimeSplit
    card: Card


@one_blas_thread
def search(
    history: History,
    definition: Definition,
    *,
    rate: float = CHANCE_RATE,
    weighted: bool = True,
    seed: int = 0,
    progress: Progress = no_progress,
) -> SearchResult:
    """Search for changes on the earlier leads and confirm them on the later ones.

    Parameters
    ----------
    history : History
        With ``order`` and ``mature_at`` among its rows; leads without a known outcome are left out.
    definition : Definition
        The definition in use.
    rate : float
        The share of proposals that may be chance.
    weighted : bool
        Whether to weight the worked leads so that they represent those never worked.
    seed : int
        For everything random.
    progress : callable, optional
        Receives a message before each question.

    Raises
    ------
    LeadReadyError
        When there are too few leads for two halves.
    """
    halves = split_in_time(history, definition, weighted=weighted, seed=seed)
    earlier, later = (JudgedHalf(half, definition) for half in (halves.earlier, halves.later))
    of_criteria = list(criterion_questions(definition))
    further = [*alternative_questions(earlier), *rejection_questions(earlier)]

    def tried(questions: Sequence[Question]) -> list[Trial]:
        return _tried(questions, earlier, later, progress)

    card, trials = at_once(  # most questions do not need the card
        partial(learn_card, halves.earlier, seed), partial(tried, [*of_criteria, *further])
    )
    trials[len(of_criteria) : len(of_criteria)] = tried(missing_criterion_questions(earlier, card))
    return SearchResult(_confirmed(trials, rate), trials, halves, card)


def _tried(
    questions: Sequence[Question], earlier: JudgedHalf, later: JudgedHalf, progress: Progress
) -> list[Trial]:
    """Try each question; their number decides how much chance must be allowed for."""
    trials = []
    for number, question in enumerate(questions, start=1):
        progress(Step("testing changes", number, len(questions)))
        trials.append(try_question(question, earlier, later))
    return trials


def _confirmed(trials: list[Trial], rate: float) -> list[Proposal]:
    """Select the trials that the later leads confirm, one for each group of similar changes."""
    weights = [trial.weight for trial in trials]
    p = weighted_p_values([trial.p for trial in trials], weights)
    kept = discoveries(p, rate)
    adjusted = adjusted_p_values(p)
    level = 1 - rate * max(len(kept), 1) / max(sum(weights), 1)
    proposals = []
    for trial, also in _without_repetition([trials[place] for place in kept]):
        assert trial.edit is not None
        assert trial.later is not None
        adjusted_p = float(adjusted[trials.index(trial)])
        proposals.append(Proposal(trial.edit, trial.later, trial, adjusted_p, level, tuple(also)))
    return proposals


# -- similar changes ------------------------------------------------------------------------------


def _without_repetition(confirmed: list[Trial]) -> list[tuple[Trial, list[Trial]]]:
    """Keep one of the changes to the same criterion, or that move mostly the same leads.

    Outcomes count for more than rejection reasons, then the smaller p-value.
    """
    after_others = [
        trial.question.kind == REJECTIONS or _is_outdone(trial, confirmed) for trial in confirmed
    ]
    order = sorted(range(len(confirmed)), key=lambda place: after_others[place])
    kept: list[tuple[Trial, list[Trial]]] = []
    for trial in (confirmed[place] for place in order):
        also = next((also for other, also in kept if _are_similar(trial, other)), None)
        if also is None:
            kept.append((trial, []))
        else:
            also.append(trial)
    return kept


def _is_outdone(trial: Trial, confirmed: list[Trial]) -> bool:
    """Whether to move the threshold of a criterion rather than remove it, or the reverse.

    Removed if the leads that only the removal lets in are also won more like the ready leads. The
    earlier leads decide: the later ones have confirmed both.
    """
    opposite = {REMOVE: THRESHOLD, THRESHOLD: REMOVE}.get(trial.question.kind)
    rival = next(
        (
            other
            for other in confirmed
            if other.question.kind == opposite and other.question.about == trial.question.about
        ),
        None,
    )
    if rival is None:
        return False
    removal, threshold = (trial, rival) if trial.question.kind == REMOVE else (rival, trial)
    assert removal.earlier is not None
    assert threshold.earlier is not None
    only_removal = removal.earlier.moved & ~threshold.earlier.moved
    prefers_removal = (
        not only_removal.any() or removal.earlier.rate(only_removal) >= removal.earlier.halfway_rate
    )
    return (trial is threshold) == prefers_removal


def _are_similar(trial: Trial, other: Trial) -> bool:
    assert trial.edit is not None
    assert other.edit is not None
    existing = (SetOperand, RemoveCriterion)
    both_exist = isinstance(trial.edit, existing) and isinstance(other.edit, existing)
    if both_exist and trial.edit.criterion.id == other.edit.criterion.id:
        return True
    a, b = _moved_later(trial), _moved_later(other)
    return bool((a & b).sum() > OVERLAP * (a | b).sum())


def _moved_later(trial: Trial) -> Mask:
    assert trial.later is not None
    return trial.later.moved


# -- the figures of a proposal --------------------------------------------------------------------


@dataclass(frozen=True)
class GroupRate:
    """The number of later leads in a group, and their rate with its interval."""

    leads: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True)
class GroupRates:
    """The later leads that a change moves, that stay ready, and that stay out.

    The rate is the win rate, or for a rejection reason the share rejected for it.
    """

    moved: GroupRate
    ready: GroupRate
    not_ready: GroupRate


def group_rates(proposal: Proposal) -> GroupRates:
    """Give the rates of the groups that a proposal compares."""
    test = proposal.test
    width = float(ndtri(0.5 + proposal.level / 2))

    def rate_of(which: Mask) -> GroupRate:
        rate, error, _ = test.contrast([(which, 1.0)])
        low, high = max(rate - width * error, 0.0), min(rate + width * error, 1.0)
        return GroupRate(int(which.sum()), rate, low, high)

    return GroupRates(rate_of(test.moved), rate_of(test.stay_ready), rate_of(test.stay_out))
