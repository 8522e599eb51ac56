"""Changes to the rules: as data, and to which leads they make a difference."""

from __future__ import annotations

import pytest

from features.errors import LeadReadyError
from model.definition.edits import (
    AddAlternative,
    AddRequirement,
    Edit,
    RemoveCriterion,
    SetOperand,
    any_groups,
    apply_edits,
    group_at,
    replace_criterion,
    without_group,
)
from model.serving import Criterion, Group

A, B, C, D = (Criterion(name, name, "at_least", 1) for name in "abcd")
NEW = Criterion("new", "x", "one_of", ("vp",))
EITHER = Group("any", (B, C))
READY = Group("all", (A, EITHER, Group("none", (D,))))


@pytest.mark.parametrize(
    ("edit", "ready"),
    [
        (SetOperand(A, 5), Group("all", (A._replace(operand=5), *READY.rules[1:]))),
        (RemoveCriterion(A), Group("all", READY.rules[1:])),
        (RemoveCriterion(B), Group("all", (A, Group("any", (C,)), READY.rules[2]))),
        (RemoveCriterion(D), Group("all", (A, EITHER))),
        (AddRequirement(NEW), Group("all", (*READY.rules, NEW))),
        (AddAlternative(NEW, (1,)), Group("all", (A, Group("any", (B, C, NEW)), READY.rules[2]))),
    ],
)
def test_an_edit_changes_one_rule(edit: Edit, ready: Group) -> None:
    assert apply_edits(READY, [edit]) == ready


def test_a_requirement_is_added_beside_a_group_of_another_kind() -> None:
    assert apply_edits(EITHER, [AddRequirement(NEW)]) == Group("all", (EITHER, NEW))
    assert apply_edits(EITHER, [AddAlternative(NEW, ())]) == Group("any", (B, C, NEW))


def test_the_last_criterion_stays() -> None:
    one_left = apply_edits(EITHER, [RemoveCriterion(B)])
    with pytest.raises(LeadReadyError, match="the last criterion of ready_when cannot be removed"):
        apply_edits(one_left, [RemoveCriterion(C)])


def test_any_groups_are_those_that_a_lead_has_to_meet() -> None:
    nested = Group("all", (Group("none", (EITHER,)), Group("any", (A, Group("all", (EITHER,))))))
    assert list(any_groups(nested)) == [(1,), (1, 1, 0)]
    assert group_at(nested, (1, 1, 0)) == EITHER
    assert list(any_groups(EITHER)) == [()]


def test_a_group_is_left_out_with_the_groups_that_are_then_empty() -> None:
    assert without_group(READY, (1,)) == Group("all", (A, READY.rules[2]))
    assert without_group(Group("all", (A, Group("all", (EITHER,)))), (1, 0)) == Group("all", (A,))
    assert without_group(Group("all", (EITHER,)), (0,)) is None
    assert without_group(EITHER, ()) is None


def test_a_criterion_is_replaced_wherever_it_is() -> None:
    assert replace_criterion(READY, "d", A) == Group("all", (A, EITHER, Group("none", (A,))))
    assert replace_criterion(READY, "other", None) == READY
    assert replace_criterion(A, "a", None) is None
