"""A change is tested on exactly the leads that the changed rules move."""

from __future__ import annotations

import numpy as np
import pytest

from model.definition.edit_yaml import Edit, applied
from model.proposals.change_test import JudgedHalf
from model.serving import READY, Definition
from verification.planted_rules import USELESS, planted_definition, planted_history

EDITS = [
    {"change": "set", "criterion": "right-size", "operator": "at_least", "to": 50},
    {"change": "set", "criterion": "right-size", "operator": "at_least", "to": 400},
    {"change": "set", "criterion": "can-decide", "operator": "one_of", "to": ["director"]},
    {"change": "remove", "criterion": USELESS},
    {"change": "remove", "criterion": "webinar"},
    {
        "change": "add",
        "to": ["ready_when"],
        "criterion": {"id": "n", "feature": "days_since", "at_most": 30},
    },
    {
        "change": "add",
        "to": ["ready_when", "all", 3, "any"],
        "criterion": {"id": "n", "feature": "page_view_30d", "at_least": 6},
    },
]


@pytest.mark.parametrize("edit", EDITS)
def test_the_moved_leads_are_those_that_the_changed_rules_move(edit: Edit) -> None:
    history, agreed = planted_history(1, leads=3000), planted_definition(150)
    test = JudgedHalf(history, agreed).test(edit)
    changed = Definition.from_dict(applied(agreed.content, [edit]))
    before, after = (rules.evaluate(history.X).code == READY for rules in (agreed, changed))
    joins, leaves = ~before & after & history.labelled, before & ~after & history.labelled
    assert test.lets_in == (joins.sum() > leaves.sum())
    moved = joins if test.lets_in else leaves
    missing = np.zeros(len(before), dtype=bool)
    if edit["change"] == "add":
        missing = history.X[edit["criterion"]["feature"]].isna().to_numpy()
    assert (test.moved == (moved & ~missing)).all()
    assert not (test.stay_ready & ~(before & after)).any()
    assert not (test.stay_out & (before | after)).any()
