"""The state of a live session: each change gives the next state, and can be taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from features.errors import LeadReadyError
from model.definition.edit_yaml import edit_file_text
from model.definition.edits import AddAlternative, AddExclusion, AddRequirement, SetOperand
from model.serving import Criterion, Definition
from pipelines.card.hand_set import HandSetPoints
from pipelines.workshop.live.session import (
    AddCriterion,
    Change,
    ChooseCard,
    Note,
    ResetLine,
    Session,
    SetCriterion,
    SetRows,
    SwitchCriterion,
    TakeProposal,
    WriteNote,
)

TEXT = """version: 3
ready_when:
  all:
    - {id: size, feature: employees, at_least: 50}
    - any:
        - {id: boss, feature: seniority, one_of: [vp]}
        - {id: demo, feature: demos, at_least: 1}
never_when:
  - {id: student, feature: seniority, one_of: [student]}
"""
SIGNED = Definition.from_dict(yaml.safe_load(TEXT))
NEW = Criterion("age", "company_age", "at_least", 3)
ROW = HandSetPoints("seniority", 2, -12, "Ann", "we know these")


def after(*changes: Change) -> Session:
    session = Session(SIGNED)
    for change in changes:
        session = session.after(change)
    return session


def criteria(session: Session) -> dict[str, object]:
    return {criterion.id: criterion.operand for criterion in session.definition.criteria}


@pytest.mark.parametrize(
    ("changes", "differences"),
    [
        ((SetCriterion("size", 80),), {"size": 80}),
        ((SetCriterion("size", 80), SetCriterion("size", 50)), {}),
        ((SetCriterion("student", ("student", "intern")),), {"student": ("student", "intern")}),
        ((SwitchCriterion("size", False),), {"size": None}),
        ((SwitchCriterion("student", False),), {"student": None}),
        ((SwitchCriterion("size", False), SwitchCriterion("size", True)), {}),
        (
            (
                SetCriterion("size", 80),
                SwitchCriterion("size", False),
                SwitchCriterion("size", True),
            ),
            {"size": 80},
        ),
        ((AddCriterion(AddRequirement(NEW)),), {"age": 3}),
        ((AddCriterion(AddAlternative(NEW, (1,))), SetCriterion("age", 5)), {"age": 5}),
        ((AddCriterion(AddExclusion(NEW)), SwitchCriterion("age", False)), {}),
        ((AddCriterion(AddRequirement(NEW._replace(id="size"))),), {"size-2": 3}),
        ((TakeProposal(SetOperand(SIGNED.criteria[0], 20)),), {"size": 20}),
        (
            (SwitchCriterion("boss", False), AddCriterion(AddAlternative(NEW, (1,)))),
            {"boss": None, "age": 3},
        ),
    ],
)
def test_changes_move_exactly_what_they_name(
    changes: tuple[Change, ...], differences: dict[str, object]
) -> None:
    session = after(*changes)
    expected = criteria(Session(SIGNED)) | differences
    assert criteria(session) == {
        name: value for name, value in expected.items() if value is not None
    }
    text = edit_file_text(TEXT, session.state.edits)
    written = Definition.from_dict(yaml.safe_load(text))
    assert (written.ready, written.never) == (session.definition.ready, session.definition.never)
    for _ in changes:
        session = session.undone()
    assert session == Session(SIGNED) == session.undone()


def test_points_notes_and_the_chosen_card_are_kept_once() -> None:
    note = Note("size", "too strict", "Ann")
    session = after(
        SetRows((ROW,)), SetRows((ROW._replace(points=-9),)), WriteNote(note), ChooseCard("7")
    )
    assert (session.state.notes, session.state.card) == ((note,), "7")
    assert session.state.hand_set == ()  # of the card before
    assert session.undone().state.hand_set == (ROW._replace(points=-9),)
    assert session.definition is SIGNED
    assert after(SetRows((ROW,)), ResetLine("seniority")).state == Session(SIGNED).state
    assert session.after(WriteNote(replace(note, words=" "))).state.notes == ()


def test_a_change_that_cannot_be_made_leaves_the_session_as_it_was() -> None:
    session = after(SwitchCriterion("size", False), SwitchCriterion("boss", False))
    with pytest.raises(LeadReadyError, match="last criterion"):
        session.after(SwitchCriterion("demo", False))
    with pytest.raises(LeadReadyError, match="did you mean 'size'"):
        session.after(SetCriterion("sise", 1))
    assert list(criteria(session)) == ["demo", "student"]
