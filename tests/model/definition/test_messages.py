"""What people read when something in a definition cannot be done: each message whole.

The lines of the file are in ``test_read.py``; here are the other parts of the definition.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.families.feature import Feature
from model.definition import signatures
from model.definition.edit_yaml import edit_file_text
from model.definition.edits import RemoveCriterion, apply_edits
from model.definition.read import check_same_terms, read_definition
from model.definition.sql import definition_sql
from model.serving import Criterion, Definition, ServingError, holds

KNOWN = [
    Feature("employees", "employees", "firmographic", "number"),
    Feature("seniority", "seniority", "role", "category"),
    Feature("renewed", "renewed", "origin", "number"),
    Feature("renewed_on", "day of renewed", "origin", "date"),
]
SIZE = {"id": "size", "feature": "employees", "at_least": 50}
RULES: dict[str, Any] = {"version": 1, "ready_when": [SIZE]}
TEXT = "version: 1\nready_when:\n  - {id: size, feature: employees, at_least: 50}\n"
FLOW = "{id: size, feature: employees, at_least: 50}"
CANNOT_BE_SIGNED = (
    "definition.yaml: the signature cannot be written into this file (hint: write  agreed:  as the "
    "last key, with one signature on a line)"
)


def message_of(do: Callable[[], Any], folder: Path) -> str:
    """The whole message: where, what and hint, without the folder."""
    with pytest.raises((LeadReadyError, ServingError)) as caught:
        do()
    error: Any = caught.value
    if isinstance(error, ServingError):
        return str(error)
    hint = "" if error.hint is None else f" (hint: {error.hint})"
    return f"{error}{hint}".replace(f"{folder}/", "")


def workspace(plus: int = 0) -> Any:
    return SimpleNamespace(
        definition="definition.yaml",
        leads=SimpleNamespace(created="Created Time"),
        moment=SimpleNamespace(column=None, plus_days=plus),
        outcome=SimpleNamespace(horizon_days=90),
    )


# -- the file -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            "expect: [{feature: employees, direction: increasing}, "
            "{feature: employees, direction: decreasing}]",
            "definition.yaml:4:55: a direction of employees is already expected at "
            "definition.yaml:4:10",
        ),
        (
            "never_when: [{id: x, feature: employees, after: 2024-01-01}]",
            "definition.yaml:4:49: after: this compares dates, but employees is a number "
            "(hint: write  at_least: 5  or  at_most: 5)",
        ),
        (
            "never_when: [{id: x, feature: renewed, after: 2024-01-01}]",
            "definition.yaml:4:47: after: this compares dates, but renewed is a number (hint: write  "
            "feature: renewed_on  for the day, since renewed counts the days since then)",
        ),
        (
            "never_when: [{id: x, feature: renewed_on, at_most: 30}]",
            "definition.yaml:4:52: at_most: this compares numbers, but renewed_on is a date "
            "(hint: write  before: 2026-10-01  or  after: 2026-09-30)",
        ),
        (
            "never_when: [{id: x, feature: renewed_on, one_of: [2024-01-01]}]",
            "definition.yaml:4:51: one_of: this compares values, but renewed_on is a date "
            "(hint: write  before: 2026-10-01  or  after: 2026-09-30)",
        ),
        (
            "never_when: [{id: x, feature: seniority, before: 2024-01-01}]",
            "definition.yaml:4:50: before: this compares dates, but seniority is a category "
            "(hint: write  one_of: [value])",
        ),
        (
            "expect: [{feature: renewed_on, direction: increasing}]",
            "definition.yaml:4:20: feature: renewed_on is a date, which has no direction",
        ),
        (
            "examples: [{lead: {renewed_on: lately}, verdict: ready}]",
            "definition.yaml:4:32: renewed_on: expected a date such as 2026-10-01, got 'lately'",
        ),
        ("name: [a]", "definition.yaml:4:7: name: expected a text, got a list"),
        ("tolerance: 1", "definition.yaml:4:12: tolerance: expected keys and values, got 1"),
        ("agreed: [{team: sales}]", "definition.yaml:4:10: the key 'name' is missing"),
        (
            "never_when: [{id: x, feature: seniority, one_of: [vp], because: large, and growing}]",
            "definition.yaml:4:72: unknown key 'and growing'; known: id, feature, asked_by, because, "
            "at_least, at_most, between, before, after, one_of, none_of, equals, … (hint: a text with "
            'a comma needs quotes:  because: "large, and growing")',
        ),
    ],
)
def test_a_line_that_cannot_be_meant_so(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "definition.yaml"
    path.write_text(f"{TEXT}{line}\n", encoding="utf-8")
    assert message_of(lambda: read_definition(path, KNOWN), tmp_path) == says


def test_a_version_that_is_a_list(tmp_path: Path) -> None:
    path = tmp_path / "definition.yaml"
    path.write_text(TEXT.replace("version: 1", "version: [1]"), encoding="utf-8")
    assert message_of(lambda: read_definition(path, KNOWN), tmp_path) == (
        "definition.yaml:1:10: version: expected a number or a text such as 4 or 2026-10"
    )


# -- the workspace, signatures, edits, SQL --------------------------------------------------------


def signed(folder: Path, text: str = TEXT, **who: str) -> Callable[[], Any]:
    path = folder / "definition.yaml"
    path.write_text(text, encoding="utf-8")
    return lambda: signatures.sign_file(path, **{"team": "sales", "name": "Ann", **who})


CASES: dict[str, tuple[Callable[[Path], Callable[[], Any]], str]] = {
    "another horizon": (
        lambda _: (
            lambda: check_same_terms(
                Definition.from_dict({**RULES, "horizon_days": 60}), workspace()
            )
        ),
        "definition.yaml and leadready.yaml: the definition counts wins within 60 days, the "
        "workspace within 90 days (hint: write  horizon_days: 60  under  outcome:)",
    ),
    "another moment": (
        lambda _: (
            lambda: check_same_terms(
                Definition.from_dict({**RULES, "moment": "created + 14 days"}), workspace(7)
            )
        ),
        "definition.yaml and leadready.yaml: the definition judges leads at created + 14 days, the "
        "workspace at Created Time + 7 days (hint: write  moment: Created Time + 7 days  or change "
        "the workspace)",
    ),
    "a team that does not sign": (
        lambda folder: signed(folder, team="sale"),
        "definition.yaml: unknown team 'sale'; did you mean 'sales'?",
    ),
    "nobody signs": (
        lambda folder: signed(folder, name=" "),
        "--name: the name is empty (hint: who signs for the team?)",
    ),
    "signed on no day": (
        lambda folder: signed(folder, on="yesterday"),
        "--on: 'yesterday' is not a date or time (hint: write year, month, day: 2024-07-01 or 2024-07-01T12:00)",
    ),
    "all on one line": (
        lambda folder: signed(folder, f"{{version: 1, ready_when: [{FLOW}]}}\n"),
        CANNOT_BE_SIGNED,
    ),
    "something after the end": (lambda folder: signed(folder, TEXT + "...\n"), CANNOT_BE_SIGNED),
    "the last criterion": (
        lambda _: (
            lambda: apply_edits(
                Definition.from_dict(RULES).ready, [RemoveCriterion(Criterion.from_dict(SIZE))]
            )
        ),
        "the last criterion of ready_when cannot be removed (hint: a definition needs at least "
        "one; change it instead)",
    ),
    "a change to a line that holds more": (
        lambda _: (
            lambda: edit_file_text(
                "ready_when:\n- all:\n  - {id: a, feature: size, at_least: 5}\n"
                "  any:\n  - {id: b, feature: size, at_most: 9}\n"
                "- {id: c, feature: size, at_most: 90}\n",
                [RemoveCriterion(Criterion("a", "size", "at_least", 5))],
            )
        ),
        'this change cannot be made to the lines of the file: a: remove "size at least 5" (hint: '
        "make it by hand, or write one criterion on each line)",
    ),
    "another dialect": (
        lambda _: lambda: definition_sql(Definition.from_dict(RULES), dialect="postgresql"),
        "unknown dialect 'postgresql'; did you mean 'postgres'?",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_cannot_be_done_and_how_to_correct_it(tmp_path: Path, name: str) -> None:
    make, says = CASES[name]
    assert message_of(make(tmp_path), tmp_path) == says


# -- serving --------------------------------------------------------------------------------------


LEADS = pd.DataFrame({"employees": [10.0], "size": ["large"], "since": ["soon"]})
AGREED = [{"team": "sales", "name": "A", "on": "2026-10-01", "digest": "x"}]
SERVED: dict[str, tuple[Callable[[], Any], str]] = {
    "no operator": (
        lambda: holds(Criterion.from_dict({"id": "size", "feature": "employees"}), LEADS),
        "criterion 'size' needs one of at_least, at_most, between, before, after, one_of, none_of, "
        "equals, is_missing, and has 0",
    ),
    "an empty group": (
        lambda: Definition.from_dict({"ready_when": {"any": []}}),
        "the list under 'any' is empty",
    ),
    "no rules": (
        lambda: Definition.from_dict({"version": 1}),
        "the definition is damaged: the key 'ready_when' is missing (hint: leadready check shows the line)",
    ),
    "an amount that is none": (
        lambda: Definition.from_dict({"ready_when": [{**SIZE, "at_least": "many"}]}),
        "the definition is damaged: one of its values has the wrong type (hint: "
        "leadready check shows the line)",
    ),
    "nobody who decides": (
        lambda: Definition.from_dict({**RULES, "handoff": {"decide_by": "dice"}}),
        "decide_by must be one of review, rules, model, not dice",
    ),
    "no column": (
        lambda: Definition.from_dict(RULES).evaluate(LEADS[["size"]]),
        "1 of 1 columns are not in the table: employees (hint: leave the cells of unknown values "
        "empty, but keep the column)",
    ),
    "a column twice": (
        lambda: Definition.from_dict(RULES).evaluate(pd.concat([LEADS, LEADS], axis=1)),
        "the table has columns more than once: employees",
    ),
    "texts for numbers": (
        lambda: holds(Criterion("", "size", "at_least", 5), LEADS),
        "column 'size' must contain numbers, but has other values (hint: leave the cells of "
        "unknown values empty)",
    ),
    "texts for dates": (
        lambda: holds(Criterion("", "since", "before", "2026-01-01"), LEADS),
        "column 'since' must contain dates such as 2026-10-01, but has other values (hint: leave "
        "the cells of unknown values empty)",
    ),
    "changed after signing": (
        lambda: Definition.from_dict({**RULES, "agreed": AGREED}).intact(),
        "the definition was changed after sales signed it (hint: restore what was signed, or sign "
        "it again)",
    ),
}


@pytest.mark.parametrize("name", SERVED)
def test_what_cannot_be_served(tmp_path: Path, name: str) -> None:
    do, says = SERVED[name]
    assert message_of(do, tmp_path) == says
