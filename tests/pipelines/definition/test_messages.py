"""What people read when a definition is wrong: every kind of mistake, to the letter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
SIZE = "feature: employees, at_least: 50"
EXPECTED = "{feature: demo_request_90d, direction: increasing}"
OPERATORS = "at_least, at_most, between, before, after, one_of, none_of, equals, is_missing"
CHANGE = "    - any:\n        - {id: dec"
LISTED = "leadready check lists the features"


def changed(company: Path, folder: Path, old: str, new: str) -> Path:
    """The company's definition with one change, in a file of its own."""
    text = (company / "definition.yaml").read_text(encoding="utf-8")
    assert old in text
    path = folder / "changed.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def unwrapped_findings(data: str) -> list[str]:
    """The findings of a check, each in one line."""
    lines = data.replace("\n    ", " ").splitlines()
    return [line.strip() for line in lines if line.startswith(("  ! ", "  - "))]


def error_text(talk: str, *folders: Path) -> str:
    """The error and its hint, without folders."""
    lines = [line for line in talk.splitlines() if line.startswith(("error: ", "hint: "))]
    text = "\n".join(lines)
    for folder in folders:
        text = text.replace(f"{folder}/", "")
    return text


# -- the file: line, column, what was expected, what may have been meant --------------------------

FILE = [
    (
        SIZE,
        "feature: employes, at_least: 50",
        f"17:33: unknown feature 'employes'; did you mean 'employees'?\nhint: {LISTED}",
    ),
    (
        SIZE,
        "feature: employees, at_leats: 50",
        "17:44: unknown key 'at_leats'; did you mean 'at_least'?",
    ),
    (
        SIZE,
        "feature: employees, at_least: 50, at_most: 90",
        f"17:7: expected one of {OPERATORS}, got at_least and at_most\n"
        "hint: write two criteria, or between: [low, high]",
    ),
    (SIZE, "feature: employees", f"17:7: expected one of {OPERATORS}, got nothing"),
    (
        SIZE,
        "feature: seniority, at_least: 50",
        "17:54: at_least: this compares numbers, but seniority is a category\n"
        "hint: write  one_of: [50]",
    ),
    (
        SIZE,
        "feature: employees, before: 2024-01-01",
        "17:52: before: this compares dates, but employees is a number\n"
        "hint: write  at_least: 5  or  at_most: 5",
    ),
    (
        SIZE,
        "feature: employees, between: [90, 50]",
        "17:53: between: 90 is more than 50\nhint: write  [50, 90]",
    ),
    (
        SIZE,
        "feature: employees, at_least: fifty",
        "17:54: at_least: expected a number, got 'fifty'",
    ),
    (
        SIZE,
        "feature: employees, equals: null",
        "17:52: equals: expected one value, such as director, got nothing\n"
        "hint: write  is_missing: true  to require a missing value",
    ),
    (
        "one_of: [director, vp, c_level]",
        "one_of: [director, vp, vp]",
        "19:75: one_of: 'vp' is in the list twice",
    ),
    ("one_of: [director, vp, c_level]", "one_of: []", "19:60: one_of: the list is empty"),
    (
        "{id: finance",
        "{id: right-size",
        "20:16: id: the id 'right-size' is already used at changed.yaml:17:12",
    ),
    ("version: 1\n", "", "3:1: the key 'version' is missing"),
    (
        "version: 1\n",
        "version: [1]\n",
        "4:10: version: expected a number or a text such as 4 or 2026-10",
    ),
    (
        "horizon_days: 120",
        "horizon_days: soon",
        "6:15: horizon_days: expected a whole number of at least 1, got 'soon'",
    ),
    (
        EXPECTED,
        "{feature: employees, direction: increasing}",
        "34:5: a direction of employees is already expected at changed.yaml:31:5",
    ),
    (
        EXPECTED,
        "{feature: seniority, direction: increasing}",
        "34:15: feature: seniority is a category, which has no direction",
    ),
    (
        EXPECTED,
        "{feature: demo_request_90d, direction: up}",
        "34:44: unknown direction 'up'; known: increasing, decreasing",
    ),
    ("  threshold: 25\n", "", "40:3: points: the key 'threshold' is missing"),
    (
        "verdict: not ready",
        "verdict: no",
        "57:14: unknown verdict 'no'; known: not ready, unknown, ready, never",
    ),
    (
        "decide_by: review",
        "decide_by: sales",
        "63:22: unknown decide_by 'sales'; known: review, rules, model",
    ),
    (
        "agreement: 0.6",
        "agreement: 60",
        "64:24: agreement: expected a number between 0 and 1, got 60",
    ),
    (
        "{team: sales, name",
        "{team: board, name",
        "67:12: unknown team 'board'; known: sales, marketing",
    ),
    (
        "on: 2026-09-17",
        "on: 17 September",
        "67:32: on: expected a date such as 2026-10-01, got '17 September'",
    ),
    (
        CHANGE,
        CHANGE.replace("any:", "any"),
        "19:14: not YAML: mapping values are not allowed here\n"
        "hint: look for a missing colon, bracket or quote, or a tab, there or on the line above",
    ),
]


@pytest.mark.parametrize(("old", "new", "says"), FILE, ids=[says[:40] for _, _, says in FILE])
def test_a_mistake_in_the_file(
    run: Run, trained: Path, tmp_path: Path, old: str, new: str, says: str
) -> None:
    path = changed(trained, tmp_path, old, new)
    answer = run("definition", "check", path, "-w", trained)
    assert (answer.code, error_text(answer.talk, tmp_path)) == (2, f"error: changed.yaml:{says}")


# -- what logic, the examples and the data say ----------------------------------------------------

FINDINGS = [
    (
        CHANGE,
        f"    - {{id: small, feature: employees, at_most: 20}}\n{CHANGE}",
        "! ",
        "changed.yaml:17:12: no lead can be ready: right-size (employees at least 50) and small "
        "(employees at most 20) cannot hold together; try a lead with employees 50",
    ),
    (
        CHANGE,
        f"    - {{id: some, feature: employees, at_least: 10}}\n{CHANGE}",
        "- ",
        "changed.yaml:18:12: some (employees at least 10) can never matter, because of right-size "
        "(employees at least 50): a lead with employees 9 fails some, and the verdict is the "
        "same without it",
    ),
    (
        CHANGE,
        f"    - {{id: no-student, feature: seniority, none_of: [student]}}\n{CHANGE}",
        "- ",
        "changed.yaml:18:12: no-student (seniority is not student) can never matter, because of "
        "student (seniority is student): a lead with seniority student fails no-student, and "
        "the verdict is the same without it",
    ),
    (
        "one_of: [student]",
        "one_of: [student, directr]",
        "- ",
        "changed.yaml:27:10: student: no lead has seniority 'directr'; the nearest is 'director' "
        "(641 leads)",
    ),
    (
        "verdict: not ready",
        "verdict: ready",
        "! ",
        "example 2 should be ready, the rules say not ready; failed: right-size",
    ),
    (
        "horizon_days: 120",
        "horizon_days: 90",
        "! ",
        "the definition counts wins within 90 days, the workspace within 120 days (write  "
        "horizon_days: 90  under  outcome:)",
    ),
    (
        "moment: Handed Off At",
        "moment: created + 7 days",
        "! ",
        "the definition judges leads at created + 7 days, the workspace at Handed Off At (write  "
        "moment: Handed Off At  or change the workspace)",
    ),
]


@pytest.mark.parametrize(("old", "new", "mark", "says"), FINDINGS)
def test_what_must_be_fixed_or_discussed(
    run: Run, trained: Path, tmp_path: Path, old: str, new: str, mark: str, says: str
) -> None:
    path = changed(trained, tmp_path, old, new)
    answer = run("definition", "check", path, "-w", trained)
    assert answer.code == 1
    assert mark + says in unwrapped_findings(answer.data)
    assert ("something must be fixed" in answer.data) == (mark == "! ")


# -- commands that stop ---------------------------------------------------------------------------

VOID = (
    "the signature of sales is void, the file has changed since: right-size: at least 50 → at "
    "least 60 employees; the signature of marketing is void, the file has changed since: "
    "right-size: at least 50 → at least 60 employees"
)
HINT = "leadready definition sign --team TEAM --name NAME; or ignore it with --unsigned"
STRICTER = (SIZE, "feature: employees, at_least: 60")
CONTRADICTION = FINDINGS[0]
COMMANDS = [
    (
        None,
        ["sign", "FILE", "--team", "sale", "--name", "A"],
        "changed.yaml: unknown team 'sale'; did you mean 'sales'?",
    ),
    (
        None,
        ["sign", "FILE", "--team", "sales", "--name", " "],
        "--name: the name is empty\nhint: who signs for the team?",
    ),
    (
        None,
        ["sign", "FILE", "--team", "sales", "--name", "A", "--on", "soon"],
        "--on: 'soon' is not a date or time\nhint: write year, month, day: 2024-07-01 or 2024-07-01T12:00",
    ),
    (
        CONTRADICTION[:2],
        ["sign", "FILE", "--team", "sales", "--name", "A"],
        f"changed.yaml: {CONTRADICTION[3].partition(': ')[2]}; example 1 should be ready, the rules "
        "say not ready; failed: small\nhint: fix this first; leadready definition check says more",
    ),
    (
        None,
        ["adopt", "FILE"],
        "changed.yaml: this definition is in force already, with version 1\n"
        "hint: there is nothing to adopt",
    ),
    (
        STRICTER,
        ["adopt", "FILE"],
        f"changed.yaml: the definition is not signed: {VOID}\nhint: {HINT}",
    ),
    (
        None,
        ["diff", "FILE", "none.yaml"],
        "none.yaml: there is no definition\n"
        "hint: leadready init writes a draft; leadready.yaml names the file under definition:",
    ),
    (
        None,
        ["sql", "FILE", "--dialect", "postgresql"],
        "unknown dialect 'postgresql'; did you mean 'postgres'?",
    ),
]


@pytest.mark.parametrize(("change", "command", "says"), COMMANDS)
def test_a_command_that_stops(
    run: Run,
    trained: Path,
    tmp_path: Path,
    change: tuple[str, str] | None,
    command: list[str],
    says: str,
) -> None:
    path = changed(trained, tmp_path, *(change or (SIZE, SIZE)))
    before = path.read_bytes()
    arguments = [path if part == "FILE" else part for part in command]
    answer = run("definition", *arguments, "-w", trained)
    assert (answer.code, error_text(answer.talk, tmp_path)) == (2, f"error: {says}")
    assert path.read_bytes() == before


def test_a_definition_without_points_has_none_to_compare(run: Run, company: Path) -> None:
    path = company / "definition.yaml"
    text = path.read_text(encoding="utf-8")
    begin, end = text.index("points:\n"), text.index("examples:")
    path.write_text(text[:begin] + text[end:], encoding="utf-8")
    answer = run("definition", "points", "-w", company)
    assert (answer.code, error_text(answer.talk)) == (
        2,
        "error: definition.yaml: the definition gives no points\n"
        "hint: the section Manual points of docs/definition.md shows how to write them down",
    )


# -- one changed character ------------------------------------------------------------------------


def tamper(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("at_least: 50") == 1
    path.write_text(text.replace("at_least: 50", "at_least: 60"), encoding="utf-8")


def test_one_changed_character_in_the_file_is_caught_by_check_and_by_score(
    run: Run, company: Path
) -> None:
    assert run("score", "-w", company, "--out", company / "s.csv").code == 0
    tamper(company / "definition.yaml")
    answer = run("definition", "check", "-w", company)
    assert answer.code == 1
    text = " ".join(answer.data.split())
    assert text.startswith(
        "definition.yaml, version 1: valid, and all 3 example leads get the agreed verdict; but it "
        "was changed after it was signed."
    )
    changed = "void, changed since: right-size: at least 50 → at least 60 employees"
    assert text.count(changed) == 2
    answer = run("score", "-w", company, "--out", company / "s2.csv")
    assert (answer.code, error_text(answer.talk)) == (
        2,
        f"error: definition.yaml: the definition is not signed: {VOID}\nhint: {HINT}",
    )
    assert not (company / "s2.csv").exists()


def test_one_changed_character_in_the_registry_is_caught_by_score_and_by_the_model(
    run: Run, company: Path
) -> None:
    mlflow = pytest.importorskip("mlflow")
    (path,) = company.rglob("artifacts/definition.yaml")
    model = str(path.parents[1])
    mlflow.pyfunc.load_model(model)
    tamper(path)
    answer = run("score", "-w", company, "--out", company / "s.csv")
    assert answer.code == 2
    text = error_text(answer.talk, company)
    assert text.endswith(
        ": definition.yaml of version 1 is not the file that was registered\n"
        "hint: restore the file, choose another version with --model, or run leadready train"
    )
    says = "the definition was changed after sales and marketing signed it"
    with pytest.raises(Exception, match=says):
        mlflow.pyfunc.load_model(model)
