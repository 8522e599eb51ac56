"""Mutation testing itself: faults that tests notice are killed, others survive and are named."""

from __future__ import annotations

import ast
from pathlib import Path
from types import SimpleNamespace

import pytest

from verification import mutation
from verification.mutants import mutants_of

MODULE = '''
LEAST = 40


def enough(won, lost):
    """Whether there is enough of both."""
    if won is None:
        raise ValueError("no outcomes")
    return min(won, lost) >= LEAST
'''
TESTS = """
from sample import enough


def test_enough():
    assert enough(40, 50)
    assert not enough(50, 39)
"""


def labels(source: str) -> list[str]:
    return [mutant.label for mutant in mutants_of(ast.parse(source))]


def test_survivors_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sample.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "test_sample.py").write_text(TESTS, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(mutation, "ROOT", tmp_path)
    monkeypatch.setattr(mutation, "OWN_TESTS", {"sample.py": ("test_sample.py",)})
    unnoticed = "enough: if won is None → if False"
    report = mutation.run_mutants("sample.py", processes=2)
    assert [label for _, label in report.survivors] == [unnoticed]
    assert report.mutants == len(labels(MODULE))
    accepted = {"sample.py": {unnoticed: "callers never pass None"}}
    monkeypatch.setattr(mutation, "ACCEPTED", accepted)
    report = mutation.run_mutants("sample.py", processes=2)
    assert (report.accepted, report.killed) == (1, 1.0)


def test_a_mutant_that_never_ends_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = "def last(n):\n    while n > 9:\n        n -= 10\n    return n\n"
    (tmp_path / "endless.py").write_text(endless, encoding="utf-8")
    test = "from endless import last\n\n\ndef test_last():\n    assert [last(10), last(19)] == [0, 9]\n"
    (tmp_path / "test_endless.py").write_text(test, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(mutation, "ROOT", tmp_path)
    monkeypatch.setattr(mutation, "OWN_TESTS", {"endless.py": ("test_endless.py",)})
    monkeypatch.setattr(mutation, "PATIENCE", 1)
    report = mutation.run_mutants("endless.py", processes=2)
    assert report.too_slow >= 1
    assert report.killed == 1.0


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a < b", ["a < b → a <= b"]),
        (
            "if a < 3: pass",
            ["if a < 3 → if True", "if a < 3 → if False", "a < 3 → a <= 3", "a < 3 → a < 4"],
        ),
        ("f(drop=True)", ["f(drop=True) → pass", "f(drop=True) → f(drop=False)"]),
        ("a and b", ["a and b → a or b"]),
        ("x = not a", ["not a → a"]),
        ("x = True", ["True → False"]),
        ("x = 0.5", ["0.5 → 1.0"]),
        ("x += y", ["x += y → x -= y"]),
        ("x = 'a' + b", []),
        ("x: Literal[1]", []),
        ("import a", []),
        ("'words'", []),
        ("x = [a for a in b if a]", ["for … if a → no if"]),
        ("f(x)", ["f(x) → pass"]),
        ("x = min(a)", ["min(a) → max(a)"]),
    ],
)
def test_the_faults_of_a_line(source: str, expected: list[str]) -> None:
    assert labels(source) == expected


def test_the_quickest_tests_run_first() -> None:
    items = [SimpleNamespace(nodeid=name) for name in ("slow", "quick", "medium")]
    plugin = mutation.QuickestFirst({"slow": 9.0, "quick": 0.1, "medium": 1.0})
    plugin.pytest_collection_modifyitems(items)
    assert [item.nodeid for item in items] == ["quick", "medium", "slow"]


@pytest.mark.parametrize("module", mutation.ACCEPTED)
def test_accepted_mutants_exist(module: str) -> None:
    """A mutant that is gone must leave the list."""
    source = (mutation.ROOT / module).read_text(encoding="utf-8")
    assert set(mutation.ACCEPTED[module]) <= set(labels(source))
