"""Try one question: find its best answer on the earlier leads, and test it on the later ones."""

from __future__ import annotations

from dataclasses import dataclass

from model.definition.edits import Edit
from model.proposals.change_test import ChangeTest, JudgedHalf
from model.proposals.new_criteria import TWICE, fewer_won, times_as_often
from model.proposals.question import REJECTIONS, REMOVE, Question

PROMISING = 0.5  # standard errors on the earlier leads, before the later ones are tested
NO_BETTER = "no better value on the earlier leads"
NOT_SUPPORTED = "the earlier leads do not support it"
TOO_FEW = "too few later leads to tell"
NOT_CONFIRMED = "the later leads do not confirm it beyond chance"
NOT_SENSIBLE = {
    REMOVE: "leads that fail only this criterion are won less often than ready leads",
    REJECTIONS: "sales does not give the reason twice as often in both halves, or wins as many",
}


@dataclass(frozen=True, eq=False)
class Trial:
    """One question, its best answer on the earlier leads, and the test on the later ones.

    Attributes
    ----------
    question : Question
        What was asked.
    edit : mapping or None
        The best change; None where no change is better.
    earlier, later : ChangeTest or None
        Its tests on each half, as far as they were made.
    p : float
        From the later leads; 1 where they were not tested.
    why_not : str
        Why it cannot be proposed; empty if only the p-value decides.
    """

    question: Question
    edit: Edit | None = None
    earlier: ChangeTest | None = None
    later: ChangeTest | None = None
    p: float = 1.0
    why_not: str = ""

    @property
    def weight(self) -> float:
        """0 where the earlier leads do not support a change, so that none was tested; else 1."""
        return float(self.later is not None)


def try_question(question: Question, earlier: JudgedHalf, later: JudgedHalf) -> Trial:
    """Find the best answer to a question on the earlier leads, and test it on the later ones."""
    edit = question.best_edit(earlier)
    if edit is None:
        return Trial(question, why_not=NO_BETTER)
    first = question.test(earlier, edit)
    if not first.has_enough or first.z < PROMISING:
        return Trial(question, edit, why_not=NOT_SUPPORTED)
    test = question.test(later, edit)
    if not test.has_enough:
        return Trial(question, edit, first, test, why_not=TOO_FEW)
    if not _is_sensible(question, edit, (earlier, first), (later, test)):
        return Trial(question, edit, first, test, why_not=NOT_SENSIBLE[question.kind])
    return Trial(question, edit, first, test, test.p)


def _is_sensible(question: Question, edit: Edit, *tests: tuple[JudgedHalf, ChangeTest]) -> bool:
    """Check what else must hold in both halves; this can only reduce the number of proposals.

    A criterion is removed only if the leads that it alone keeps out are not won less often, as far
    as can be told. A rejection reason counts only if it is given twice as often, and fewer are won.
    """
    if question.kind == REJECTIONS:
        return all(
            times_as_often(test) >= TWICE and fewer_won(half.test(edit)) for half, test in tests
        )
    if question.kind != REMOVE or not tests[0][1].lets_in:
        return True
    for _, test in tests:
        loss, error, _ = test.contrast([(test.stay_ready, 1.0), (test.moved, -1.0)])
        if loss > 1.96 * error:  # beyond the 95 % interval
            return False
    return True
