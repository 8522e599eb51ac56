"""Which leads a change to the definition moves, and whether their outcomes support the move.

Every change makes some leads ready, or makes some leads no longer ready. One question is asked of
all changes: are the leads that it moves won as often as those that stay ready, or as rarely as
those that stay not ready? A lead belongs where its win rate is closer. The standard errors, and
with them the p-values, allow for similar leads of one account, for few leads, and for weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from model.definition.edits import (
    AddRequirement,
    Edit,
    SetOperand,
    apply_edits,
    replace_criterion,
)
from model.serving import NEVER, READY, Criterion, Definition, holds, rule_codes
from model.simulation.clustered_rates import Contrast, contrast, one_sided_p
from model.simulation.history import Array, History, Mask, verdict_codes
from model.weighting.worked import effective_sample_size

LEAST_LEADS, LEAST_WINS = 20, 5  # in the group that moves; wins as many as are expected of it
ALWAYS = "always"  # a column of ones, on which a criterion holds, or fails, for every lead
HOLDS = Criterion(ALWAYS, ALWAYS, "at_least", 0)
FAILS = Criterion(ALWAYS, ALWAYS, "at_least", 2)


@dataclass(frozen=True, eq=False)
class ChangeTest:
    """The leads that a change moves, and those that they are compared with.

    Attributes
    ----------
    edit : Edit
        The change.
    moved, stay_ready, stay_out : array of bool, shape (n,)
        Leads that change sides; leads that are ready before and after; leads that are neither.
    lets_in : bool
        Whether the moved leads become ready (otherwise they no longer are).
    target : array, shape (n,)
        What is compared: 1 for won; for rejections, 1 for rejected for the reason.
    history : History
        The leads, with their accounts and weights.
    """

    edit: Edit
    moved: Mask
    stay_ready: Mask
    stay_out: Mask
    lets_in: bool
    target: Array
    history: History

    @property
    def has_enough_leads(self) -> bool:
        """Whether each group has enough leads to be compared."""
        groups = (self.moved, self.stay_ready, self.stay_out)
        return min(int(group.sum()) for group in groups) >= LEAST_LEADS

    @property
    def has_enough(self) -> bool:
        """Whether each group has enough leads, and the moved leads enough expected wins."""
        return self.has_enough_leads and bool(
            self.halfway_rate * self._effective_leads >= LEAST_WINS
        )

    def rate(self, which: Mask) -> float:
        """Weighted share of some leads for which the target holds; 0 without leads."""
        weights = self.history.weights[which]
        return float(weights @ self.target[which]) / max(float(weights.sum()), 1e-9)

    @cached_property
    def moved_rate(self) -> float:
        """The rate of the leads that move."""
        return self.rate(self.moved)

    @cached_property
    def ready_rate(self) -> float:
        """The rate of the leads that stay ready."""
        return self.rate(self.stay_ready)

    def contrast(self, parts: Sequence[tuple[Mask, float]]) -> Contrast:
        """Compare groups of these leads; see `model.simulation.clustered_rates.contrast`."""
        return contrast(self.target, parts, self.history.accounts, self.history.weights)

    @cached_property
    def z(self) -> float:
        """How many standard errors the moved leads are on the expected side of half way.

        Two comparisons must both hold, and the weaker one counts: leads that become ready are won
        more like the ready leads than like the others, and more often than those left out; leads
        that no longer are ready are won more like the others, and less often than the ready leads.
        """
        return min(z for z, _ in self._comparisons)

    @cached_property
    def p(self) -> float:
        """How often chance alone would show as much: the larger p-value of the comparisons."""
        return max(one_sided_p(z, freedom) for z, freedom in self._comparisons)

    @cached_property
    def _comparisons(self) -> list[tuple[float, float]]:
        sign = 1.0 if self.lets_in else -1.0
        halfway = [(self.moved, sign), (self.stay_ready, -sign / 2), (self.stay_out, -sign / 2)]
        other = self.stay_out if self.lets_in else self.stay_ready
        found = []
        for parts in (halfway, [(self.moved, sign), (other, -sign)]):
            value, error, freedom = self.contrast(parts)
            found.append((value / max(error, self._least_error, 1e-9), freedom))
        return found

    @property
    def points_the_right_way(self) -> bool:
        """Whether the moved leads are on the expected side of half way, by however little."""
        beyond = self.moved_rate - self.halfway_rate
        return (beyond > 0) if self.lets_in else (beyond < 0)

    @cached_property
    def halfway_rate(self) -> float:
        """The rate half way between the leads that stay ready and those that stay out."""
        return (self.ready_rate + self.rate(self.stay_out)) / 2

    @cached_property
    def _effective_leads(self) -> float:
        """The effective number of moved leads."""
        return effective_sample_size(self.history.weights[self.moved])

    @cached_property
    def _least_error(self) -> float:
        """The moved leads' standard error if their rate were half way: no wins may be chance."""
        variance = self.halfway_rate * (1 - self.halfway_rate)
        return float(np.sqrt(variance / max(self._effective_leads, 1)))


@dataclass
class JudgedHalf:
    """One half of history, judged by a definition: tests changes without repeating work."""

    history: History
    definition: Definition
    _decided: dict[str, tuple[Mask, bool]] = field(default_factory=dict)
    _rejected: dict[str, Mask] = field(default_factory=dict)
    _tested: dict[Edit, ChangeTest] = field(default_factory=dict)

    @cached_property
    def code(self) -> Array:
        """The verdict of the rules on each lead, as a position in ``VERDICTS``."""
        return verdict_codes(self.definition, self.history.X)

    @cached_property
    def ready(self) -> Mask:
        """Which leads are ready now."""
        return np.asarray(self.code == READY)

    @cached_property
    def ready_only(self) -> JudgedHalf:
        """The ready leads with a known outcome: all that a stricter rule can move."""
        return JudgedHalf(self.history.subset(self.ready & self.history.labelled), self.definition)

    def rejected_for(self, reason: str) -> Mask:
        """Tell which leads sales rejected for a reason."""
        if reason not in self._rejected:
            reasons = pd.Series(self.history.rejection_reason, dtype=object)
            self._rejected[reason] = np.asarray(reasons == reason)
        return self._rejected[reason]

    @cached_property
    def criteria(self) -> dict[str, Criterion]:
        """The criteria of ``ready_when`` by id."""
        return {criterion.id: criterion for criterion in self.definition.ready.criteria}

    def decided_by(self, criterion: str) -> tuple[Mask, bool]:
        """Find the leads that one criterion decides while all others stay as they are.

        Returns
        -------
        (array of bool, bool)
            The leads that it decides; whether they are ready where it *fails* (under ``none``).
        """
        if criterion not in self._decided:
            passed, failed = (self._ready_with(criterion, other) for other in (HOLDS, FAILS))
            self._decided[criterion] = passed != failed, bool((failed & ~passed).any())
        return self._decided[criterion]

    def _ready_with(self, criterion: str, other: Criterion) -> Mask:
        """Give the leads that are ready with another criterion in place of one."""
        ready = replace_criterion(self.definition.ready, criterion, other)
        assert ready is not None
        X = self.history.X.assign(**{ALWAYS: 1.0})
        return np.asarray(rule_codes(X, ready, self.definition.never) == READY)

    def test(self, edit: Edit) -> ChangeTest:
        """Test a change, once: several questions may try the same one."""
        if edit not in self._tested:
            self._tested[edit] = self._test(edit)
        return self._tested[edit]

    def _test(self, edit: Edit) -> ChangeTest:
        match edit:
            case SetOperand():
                return self._test_operand(edit)
            case AddRequirement(criterion):
                return self._test_requirement(edit, criterion)
        ready = apply_edits(self.definition.ready, [edit])
        after = rule_codes(self.history.X, ready, self.definition.never) == READY
        return self._test_move(edit, after, self.code != NEVER)

    def _test_operand(self, edit: SetOperand) -> ChangeTest:
        """Test another threshold, or list, among the leads that the criterion decides."""
        decided, ready_where_it_fails = self.decided_by(edit.criterion.id)
        value = holds(edit.changed, self.history.X)
        passes = (value < 0) if ready_where_it_fails else (value > 0)
        after = np.where(decided, passes, self.ready)
        return self._test_move(edit, after, decided & (value != 0))

    def _test_requirement(self, edit: Edit, criterion: Criterion) -> ChangeTest:
        """Test a new requirement; leads for which it is unknown are in no group."""
        value = holds(criterion, self.history.X)
        after = self.ready & (value > 0)
        return self._test_move(edit, after, (self.code != NEVER) & ~(self.ready & (value == 0)))

    def _test_move(self, edit: Edit, after: Mask, among: Mask) -> ChangeTest:
        """Sort the leads with a known outcome into those that move and those that stay."""
        among = among & self.history.labelled
        joins, leaves = among & after & ~self.ready, among & self.ready & ~after
        lets_in = bool(joins.sum() >= leaves.sum())
        return ChangeTest(
            edit,
            joins if lets_in else leaves,
            among & self.ready & after,
            among & ~self.ready & ~after,
            lets_in,
            self.history.won,
            self.history,
        )


def rejection_test(half: JudgedHalf, edit: Edit, reason: str) -> ChangeTest:
    """Test a stricter rule by a rejection reason: is it given more often for the leads left out?

    They are compared with the other ready leads, and with all ready leads. A change that lets leads
    in leaves out no lead.
    """
    test = half.test(edit)
    target = np.asarray(half.rejected_for(reason), dtype=float)
    left_out = np.zeros_like(test.moved) if test.lets_in else test.moved
    ready = test.stay_ready | left_out
    return ChangeTest(edit, left_out, test.stay_ready, ready, True, target, half.history)
