"""A change is tested on exactly the leads that the changed rules move."""

from __future__ import annotations

import numpy as np
import pytest

from model.definition.edits import (
    AddAlternative,
    AddRequirement,
    Edit,
    RemoveCriterion,
    SetOperand,
    any_groups,
    with_edits,
)
from model.proposals.change_test import JudgedHalf
from model.serving import READY, Criterion
from verification.proposals.planted_rules import USELESS, planted_definition, planted_history

AGREED = planted_definition(150)
CRITERIA = {criterion.id: criterion for criterion in AGREED.criteria}
RECENT = Criterion("n", "days_since", "at_most", 30)
ACTIVE = Criterion("n", "page_view_30d", "at_least", 6)
(ENGAGED,) = any_groups(AGREED.ready)
EDITS = [
    SetOperand(CRITERIA["right-size"], 50),
    SetOperand(CRITERIA["right-size"], 400),
    SetOperand(CRITERIA["can-decide"], ("director",)),
    RemoveCriterion(CRITERIA[USELESS]),
    RemoveCriterion(CRITERIA["webinar"]),
    AddRequirement(RECENT),
    AddAlternative(ACTIVE, ENGAGED),
]


@pytest.mark.parametrize("edit", EDITS)
def test_the_moved_leads_are_those_that_the_changed_rules_move(edit: Edit) -> None:
    history, agreed = planted_history(1, leads=3000), AGREED
    test = JudgedHalf(history, agreed).test(edit)
    changed = with_edits(agreed, [edit])
    before, after = (rules.evaluate(history.X).code == READY for rules in (agreed, changed))
    joins, leaves = ~before & after & history.labelled, before & ~after & history.labelled
    assert test.lets_in == (joins.sum() > leaves.sum())
    moved = joins if test.lets_in else leaves
    missing = np.zeros(len(before), dtype=bool)
    if isinstance(edit, (AddRequirement, AddAlternative)):
        missing = history.X[edit.criterion.feature].isna().to_numpy()
    assert (test.moved == (moved & ~missing)).all()
    assert not (test.stay_ready & ~(before & after)).any()
    assert not (test.stay_out & (before | after)).any()
