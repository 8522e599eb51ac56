"""Mutation testing: do a module's own tests notice small faults in it?

    python -m verification.mutation [model/gate.py ...] [--processes 2]

A mutant is a copy of a module with one fault: a comparison that is off by one, a condition that
always holds, a number that is too large, a statement left out. It is killed if the module's own
tests fail, or the examples in its docstrings. At least 90% of the meaningful mutants of every
module must be killed. Mutants that behave like the original, and others that may survive, are
listed in ``accepted_mutants.yaml`` with the reason. The module's file is never changed: each mutant
runs in a forked process that compiles it in place of the original. The quickest tests run first.
"""

from __future__ import annotations

import argparse
import ast
import doctest
import gc
import importlib
import json
import math
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from features.text import percent
from verification.mutants import Mutant, mutants_of

ROOT = Path(__file__).resolve().parents[1]
LEAST = 0.90  # share of the meaningful mutants that must be killed
SLOWEST = 3.0  # times what the tests compute: a mutant that computes longer counts as killed
PATIENCE = 10  # seconds in addition
LONGEST = 1_800  # seconds: a mutant that waits longer counts as killed
PRELOADED = ("hypothesis", "numpy", "pandas", "pytest", "sklearn.linear_model", "yaml")
OWN_TESTS: Mapping[str, Sequence[str]] = {
    "model/gate.py": ("tests/model/test_gate.py",),
    "model/gate_calibration.py": ("tests/model/test_gate_calibration.py",),
    "model/gate_proportion.py": (
        "tests/model/test_gate_proportion.py",
        "tests/model/test_gate_sentences.py",
    ),
    "model/gate_rules.py": ("tests/model/test_gate_rules.py",),
    "model/gate_weights.py": ("tests/model/test_gate_proportion.py",),
    "model/serving.py": (
        "tests/model/test_serving.py",
        "tests/model/test_serving_limits.py",
        "tests/model/test_serving_whole_points.py",
        "tests/model/definition/test_rules.py",
    ),
    "model/training/splits.py": (
        "tests/model/training/test_splits.py",
        "tests/model/training/test_splits_panel.py",
    ),
    "features/labels/outcomes.py": (
        "tests/features/labels/test_outcomes.py",
        "tests/features/labels/test_conditions.py",
        "tests/pipelines/check/test_check_outcomes.py",
    ),
    "features/leaks/audit.py": ("tests/features/leaks/test_audit.py",),
    "features/leaks/column_checks.py": (
        "tests/features/leaks/test_column_checks.py",
        "tests/features/leaks/test_audit.py",
    ),
    "features/leaks/marked_values.py": ("tests/features/leaks/test_marked_values.py",),
    "features/leaks/outcome_checks.py": (
        "tests/features/leaks/test_outcome_checks.py",
        "tests/features/leaks/test_audit.py",
    ),
    "features/leaks/still_open.py": ("tests/features/leaks/test_still_open.py",),
    "features/leaks/views.py": (
        "tests/features/leaks/test_views.py",
        "tests/features/leaks/test_views_of_writing.py",
    ),
    "features/leaks/what_followed.py": ("tests/features/leaks/test_what_followed.py",),
}
ACCEPTED: Mapping[str, Mapping[str, str]] = yaml.safe_load(  # module → mutant → why it may survive
    (ROOT / "verification" / "accepted_mutants.yaml").read_text(encoding="utf-8")
)


class Report(NamedTuple):
    """The outcome for one module.

    Mutants in all, accepted ones, those killed as too slow, and survivors by line.
    """

    module: str
    mutants: int
    accepted: int
    too_slow: int
    survivors: Sequence[tuple[int, str]]

    @property
    def killed(self) -> float:
        """The share of the meaningful mutants that were killed."""
        meaningful = self.mutants - self.accepted
        return 1 - len(self.survivors) / meaningful if meaningful else 1.0


def run_mutants(
    module: str, processes: int, progress: Callable[[str], None] = lambda message: None
) -> Report:
    """Run a module's own tests on each of its mutants.

    Raises
    ------
    RuntimeError
        When the tests fail without any fault.
    """
    path = ROOT / module
    tree = ast.parse(path.read_text(encoding="utf-8"))
    accepted = ACCEPTED.get(module, {})
    mutants = mutants_of(tree)
    meaningful = [mutant for mutant in mutants if mutant.label not in accepted]
    begin = _computed_seconds()
    order = QuickestFirst(_measured_seconds(path, tree, OWN_TESTS[module]))
    limit = PATIENCE + SLOWEST * (_computed_seconds() - begin)
    waiting, running = meaningful[::-1], dict[int, Mutant]()
    ended = list[tuple[Mutant, int]]()
    while waiting or running:
        while waiting and len(running) < processes:
            mutant = waiting.pop()
            running[_fork(path, tree, mutant, OWN_TESTS[module], order, limit)] = mutant
            if len(waiting) % 25 == 0:
                progress(f"{module}: {len(waiting):,} mutants to go")
        process, status = os.wait()
        ended.append((running.pop(process), os.waitstatus_to_exitcode(status)))
    survivors = sorted((mutant.line, mutant.label) for mutant, code in ended if code == 0)
    too_slow = sum(code in (-signal.SIGXCPU, -signal.SIGALRM) for _, code in ended)
    return Report(module, len(mutants), len(mutants) - len(meaningful), too_slow, survivors)


class Stopwatch:
    """A plugin of pytest that writes how many seconds each test takes."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.seconds: dict[str, float] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Add up the setup, the call and the teardown of a test."""
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration

    def pytest_sessionfinish(self) -> None:
        """Leave the figures for another process."""
        self.file.write_text(json.dumps(self.seconds), encoding="utf-8")


class QuickestFirst:
    """A plugin of pytest that runs the quickest tests first."""

    def __init__(self, seconds: Mapping[str, float]) -> None:
        self.seconds = seconds

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Sort the tests by the seconds that they take."""
        items.sort(key=lambda item: self.seconds.get(item.nodeid, 0.0))


def _measured_seconds(path: Path, tree: ast.Module, tests: Sequence[str]) -> dict[str, float]:
    """Run the tests without any fault; return how many seconds each takes."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "seconds.json"
        process = _fork(path, tree, None, tests, Stopwatch(file), LONGEST)
        if os.waitpid(process, 0)[1] != 0:
            raise RuntimeError(f"the tests of {path.relative_to(ROOT)} fail without any fault")
        seconds: dict[str, float] = json.loads(file.read_text(encoding="utf-8"))
    return seconds


def _computed_seconds() -> float:
    """How long processes that have ended computed, all together."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _fork(
    path: Path,
    tree: ast.Module,
    mutant: Mutant | None,
    tests: Sequence[str],
    plugin: object,
    seconds: float,
) -> int:
    """Run tests in a process of its own, in which a module is compiled from a changed tree.

    The system ends the process when it has computed for so many seconds.
    """
    process = os.fork()
    if process:
        return process
    code = 3
    gc.freeze()  # what this process inherits stays shared: looking for garbage would copy it
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), math.ceil(seconds) + 5))
        signal.alarm(LONGEST)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(nowhere, stream)
        if mutant is not None:
            mutant.apply()
            _compile_in_place(path, tree)
        code = _run_tests(tests, plugin) or _run_examples(path)
    finally:
        os._exit(code)


def _compile_in_place(path: Path, tree: ast.Module) -> None:
    """Let imports of a file, or of a copy of it, return code that is compiled from the tree."""
    changed, source = ast.fix_missing_locations(tree), path.read_bytes()
    original = SourceFileLoader.get_code

    def get_code(self: SourceFileLoader, fullname: str) -> Any:
        file = Path(self.path)
        if file.stat().st_size == len(source) and file.read_bytes() == source:
            return compile(changed, self.path, "exec")
        return original(self, fullname)

    setattr(SourceFileLoader, "get_code", get_code)  # noqa: B010  # a method put in place of one


def _run_tests(tests: Sequence[str], plugin: object) -> int:
    import pytest

    quiet = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header"]
    return int(pytest.main([*quiet, *tests], plugins=[plugin]))


def _run_examples(path: Path) -> int:
    """Run the examples in the docstrings of a module; return how many failed."""
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    return doctest.testmod(importlib.import_module(name), optionflags=flags).failed


def report_text(report: Report) -> str:
    """Write how many mutants were killed, and the survivors.

    Examples
    --------
    >>> print(report_text(Report("model/gate.py", 12, 2, 0, [(31, "enough: 40 → 41")])))
    model/gate.py: 9 of 10 meaningful mutants killed (90%), 0 of them as too slow; 2 accepted
      31  enough: 40 → 41
    """
    meaningful = report.mutants - report.accepted
    killed = meaningful - len(report.survivors)
    head = (
        f"{report.module}: {killed:,} of {meaningful:,} meaningful mutants killed "
        f"({percent(report.killed)}), {report.too_slow:,} of them as too slow; "
        f"{report.accepted:,} accepted"
    )
    return "\n".join([head, *(f"{line:>4}  {label}" for line, label in report.survivors)])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a report for each module; return 1 if too many mutants survive."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=", ".join(OWN_TESTS))
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
    os.chdir(ROOT)
    for name in PRELOADED:
        __import__(name)
    enough = True
    for module in options.modules or OWN_TESTS:
        report = run_mutants(
            module, options.processes, lambda message: print(message, file=sys.stderr, flush=True)
        )
        print(report_text(report), flush=True)
        enough = enough and report.killed >= LEAST
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
