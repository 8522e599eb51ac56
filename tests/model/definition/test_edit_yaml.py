"""A patch changes its own lines of the file and no others."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from model.definition.edit_yaml import criteria_paths, difference, rewritten
from model.definition.read import read_definition

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


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_any_criterion_of_the_examples_can_be_removed_in_its_own_lines(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for name in criteria_paths(read_definition(path).content):
        changed = rewritten(text, [{"change": "remove", "criterion": name}])
        lines = changed.splitlines()
        assert set(lines) <= set(text.splitlines())  # no line is rewritten
        assert len(lines) < len(text.splitlines())
        assert name not in criteria_paths(yaml.load(changed, yaml.BaseLoader))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_a_criterion_is_added_to_the_examples_in_one_line(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    new = {
        "change": "add",
        "to": ("ready_when",),
        "criterion": {"id": "new", "feature": "x", "one_of": ["no", "a: b"]},
    }
    added = set(rewritten(text, [new]).splitlines()) - set(text.splitlines())
    assert [line.strip() for line in added] == ['- {id: new, feature: x, one_of: ["no", "a: b"]}']


def test_a_patch_keeps_comments() -> None:
    edits = [
        {"change": "set", "criterion": "right-size", "operator": "at_least", "to": 50.0},
        {"change": "remove", "criterion": "established"},
    ]
    changed = rewritten(TEXT, edits, version=2)
    lines = [line for line in difference(TEXT, changed).splitlines() if line[0] in "+-"]
    assert lines[2:] == [
        "-version: 1",
        "+version: 2",
        "-    - {id: right-size, feature: employees, at_least: 150}   # too strict?",
        "-    - {id: established, feature: company_age, at_least: 15}",
        "+    - {id: right-size, feature: employees, at_least: 50}   # too strict?",
    ]
    assert "# Sales asked for this." in changed
