"""A patch changes its own lines of the file and no others."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from model.definition.edit_yaml import edit_file_text, unified_diff
from model.definition.edits import (
    AddAlternative,
    AddExclusion,
    AddRequirement,
    Edit,
    RemoveCriterion,
    SetOperand,
    any_groups,
    with_edits,
)
from model.definition.read import read_definition
from model.serving import Criterion, Definition, Group, Yaml

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*/definition.yaml"))
TEXT = """# What we agreed on.
version: 1
ready_when:
  all:
    # Sales asked for this.
    - {id: right-size, feature: employees, at_least: 150}   # too strict?
    - {id: established, feature: company_age, at_least: 15}
    - {id: can-decide, feature: seniority, one_of: [director, c_level]}
"""


def definition_of(text: str) -> Definition:
    return Definition.from_dict(yaml.load(text, Yaml))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_any_criterion_of_the_examples_can_be_removed_in_its_own_lines(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for criterion in read_definition(path).ready.criteria:
        changed = edit_file_text(text, [RemoveCriterion(criterion)])
        lines = changed.splitlines()
        assert set(lines) <= set(text.splitlines())  # no line is rewritten
        assert len(lines) < len(text.splitlines())
        assert criterion not in definition_of(changed).ready.criteria


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_a_criterion_is_added_to_the_examples_in_one_line(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    new = AddRequirement(Criterion("new", "x", "one_of", ("no", "a: b")))
    added = set(edit_file_text(text, [new]).splitlines()) - set(text.splitlines())
    assert [line.strip() for line in added] == ['- {id: new, feature: x, one_of: ["no", "a: b"]}']


def test_a_patch_keeps_comments() -> None:
    size, established, _ = definition_of(TEXT).criteria
    changed = edit_file_text(TEXT, [SetOperand(size, 50.0), RemoveCriterion(established)], 2)
    lines = [line for line in unified_diff(TEXT, changed).splitlines() if line[0] in "+-"]
    assert lines[2:] == [
        "-version: 1",
        "+version: 2",
        "-    - {id: right-size, feature: employees, at_least: 150}   # too strict?",
        "-    - {id: established, feature: company_age, at_least: 15}",
        "+    - {id: right-size, feature: employees, at_least: 50}   # too strict?",
    ]
    assert "# Sales asked for this." in changed


NEW = Criterion("new", "x", "at_least", 1)
LAYOUTS = {  # text of ready_when → the text with another requirement, and with an alternative
    "- {id: a, feature: f, at_least: 5}\n- any:\n  - {id: b, feature: f, at_most: 9}\n": (
        "- {id: a, feature: f, at_least: 5}\n- any:\n  - {id: b, feature: f, at_most: 9}\n"
        "- {id: new, feature: x, at_least: 1}\n",
        "- {id: a, feature: f, at_least: 5}\n- any:\n  - {id: b, feature: f, at_most: 9}\n"
        "  - {id: new, feature: x, at_least: 1}\n",
    ),
    "  any: [{id: b, feature: f, at_most: 9}]\n": (
        "  any: [{id: b, feature: f, at_most: 9}]\n"
        "  all:\n    - {id: new, feature: x, at_least: 1}\n",
        "  any: [{id: b, feature: f, at_most: 9}, {id: new, feature: x, at_least: 1}]\n",
    ),
    "  {none: [{id: a, feature: f, at_least: 5}], any: [{id: b, feature: f, at_most: 9}]}\n": (
        "  {all: [{id: new, feature: x, at_least: 1}], none: [{id: a, feature: f, at_least: 5}], "
        "any: [{id: b, feature: f, at_most: 9}]}\n",
        "  {none: [{id: a, feature: f, at_least: 5}], any: [{id: b, feature: f, at_most: 9}, "
        "{id: new, feature: x, at_least: 1}]}\n",
    ),
}


@pytest.mark.parametrize("rules", LAYOUTS)
def test_a_criterion_is_added_in_the_layout_of_the_file(rules: str) -> None:
    text = f"version: 1\nready_when:\n{rules}"
    (group,) = any_groups(definition_of(text).ready)
    requirement, alternative = (f"version: 1\nready_when:\n{after}" for after in LAYOUTS[rules])
    assert edit_file_text(text, [AddRequirement(NEW)]) == requirement
    assert edit_file_text(text, [AddAlternative(NEW, group)]) == alternative


CRITERIA = st.sampled_from([Criterion(name, "f", "at_least", 1) for name in "abcde"])
GROUPS = st.recursive(
    CRITERIA,
    lambda rules: st.builds(
        Group,
        st.sampled_from(["all", "any", "none"]),
        st.lists(rules, min_size=1, max_size=3).map(tuple),
    ),
    max_leaves=7,
).filter(lambda rule: isinstance(rule, Group))


def renumbered(group: Group, numbers: Iterator[int]) -> Group:
    rules = (
        renumbered(rule, numbers)
        if isinstance(rule, Group)
        else rule._replace(id=f"c{next(numbers)}")
        for rule in group.rules
    )
    return Group(group.kind, tuple(rules))


@given(GROUPS, st.data())
def test_the_text_has_the_rules_that_the_edit_asks_for(rules: Group, data: st.DataObject) -> None:
    rules = renumbered(rules, itertools.count())
    definition = Definition.from_dict({"version": 1, "ready_when": rules.to_dict()})
    text = yaml.safe_dump(definition.content, sort_keys=False)
    edits: list[Edit] = [AddRequirement(NEW)]
    edits += [AddAlternative(NEW, group) for group in any_groups(rules)]
    edits += [SetOperand(criterion, 7) for criterion in rules.criteria]
    if len(list(rules.criteria)) > 1:
        edits += [RemoveCriterion(criterion) for criterion in rules.criteria]
    edit = data.draw(st.sampled_from(edits))
    changed = definition_of(edit_file_text(text, [edit]))
    expected = with_edits(definition, [edit])
    for other in (changed, expected):
        assert sorted(other.ready.criteria) == sorted(expected.ready.criteria)
    X = pd.DataFrame({"f": [0, 1, 7, None], "x": [1, None, 0, 1]})
    assert list(changed.evaluate(X).verdict) == list(expected.evaluate(X).verdict)


STUDENT = Criterion("student", "seniority", "one_of", ("student",))
NEVER = "never_when:\n  - {id: student, feature: seniority, one_of: [student]}\n"


def test_never_rules_are_added_changed_and_removed_in_their_own_lines() -> None:
    added = edit_file_text(TEXT, [AddExclusion(STUDENT)])
    assert added == TEXT + NEVER
    assert edit_file_text(added, [RemoveCriterion(STUDENT)]) == TEXT
    changed = edit_file_text(added, [SetOperand(STUDENT, ("student", "intern"))])
    assert changed == added.replace("[student]", "[student, intern]")
    second = AddExclusion(Criterion("small", "employees", "at_most", 2))
    assert (
        edit_file_text(added, [second])
        == added + "  - {id: small, feature: employees, at_most: 2}\n"
    )
    before = definition_of(TEXT)
    for edits in (
        [AddExclusion(STUDENT)],
        [AddExclusion(STUDENT), second, RemoveCriterion(STUDENT)],
    ):
        text = TEXT
        for edit in edits:
            text = edit_file_text(text, [edit])
        assert with_edits(before, edits).never == definition_of(text).never
