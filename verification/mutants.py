"""Mutation testing: do a module's own tests notice small faults in it?

    python -m verification.mutants [model/gate.py ...] [--processes 2]

A mutant is a copy of a module with one fault: a comparison that is off by one, a condition that
always holds, a number that is too large, a statement left out. A mutant is killed if the module's
own tests fail. At least 90% of the meaningful mutants of every module must be killed. Mutants that
behave like the original, and the others that may survive, are listed in ``ACCEPTED`` with the
reason. The module's file is never changed: each mutant runs in a forked process that compiles it
in place of the original.
"""

from __future__ import annotations

import argparse
import ast
import doctest
import importlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any, NamedTuple

from features.text import percent

ROOT = Path(__file__).resolve().parents[1]
LEAST = 0.90  # share of the meaningful mutants that must be killed
SLOWEST = 3.0  # times the duration of the tests: a mutant that runs longer counts as killed
PRELOADED = ("hypothesis", "numpy", "pandas", "pytest", "sklearn.linear_model", "yaml")
OWN_TESTS: Mapping[str, Sequence[str]] = {
    "model/gate.py": ("tests/model/test_gate.py",),
    "model/serving.py": ("tests/model/test_serving.py", "tests/model/definition/test_rules.py"),
    "model/training/splits.py": (
        "tests/model/training/test_splits.py",
        "tests/model/training/test_splits_panel.py",
    ),
    "features/labels/outcomes.py": ("tests/features/labels/test_outcomes.py",),
    "features/leaks/audit.py": ("tests/features/leaks/test_audit.py",),
}
ACCEPTED: Mapping[str, Mapping[str, str]] = {}  # module → mutant → why it may survive

SWAPPED: Mapping[type, type] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
SWAPPED_NAMES = {
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "minimum": "maximum",
    "maximum": "minimum",
}


class Mutant(NamedTuple):
    """A fault: where it is, what it changes, and how to put it into the tree."""

    line: int
    label: str
    apply: Callable[[], None]


class Report(NamedTuple):
    """The outcome for one module: mutants in all, accepted ones, and survivors by line."""

    module: str
    mutants: int
    accepted: int
    survivors: Sequence[tuple[int, str]]

    @property
    def killed(self) -> float:
        """The share of the meaningful mutants that were killed."""
        meaningful = self.mutants - self.accepted
        return 1 - len(self.survivors) / meaningful if meaningful else 1.0


def mutants_of(tree: ast.Module) -> list[Mutant]:
    """List the faults that can be put into a module, one at a time.

    Examples
    --------
    >>> tree = ast.parse("def enough(n):\\n    return n >= 40")
    >>> for mutant in mutants_of(tree):
    ...     print(mutant.label)
    enough: return n >= 40 → return None
    enough: n >= 40 → n > 40
    enough: 40 → 41
    >>> mutants_of(tree)[1].apply()
    >>> ast.unparse(tree.body[0].body[0])
    'return n > 40'
    """
    return list(_walk(tree, ""))


def _walk(node: ast.AST, scope: str) -> Iterator[Mutant]:
    """Find the faults in a node and everything below it; names and types are left alone."""
    if isinstance(node, ast.Import | ast.ImportFrom) or _is_for_types(node):
        return
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        scope = f"{scope}.{node.name}".lstrip(".")
    for label, apply in _faults(node):
        line = node.target.lineno if isinstance(node, ast.comprehension) else node.lineno  # type: ignore[attr-defined]
        yield Mutant(line, f"{scope}: {label}".lstrip(": "), apply)
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "type_params", "bases"):
            continue
        for position, child in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(child, ast.AST) and not _is_docstring(child):
                owner, key = (value, position) if isinstance(value, list) else (node, field)
                for label, other in _replacements(child):
                    apply = _setter(owner, key, ast.copy_location(other, child))
                    yield Mutant(getattr(child, "lineno", 0), f"{scope}: {label}", apply)
                yield from _walk(child, scope)


def _replacements(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Faults that put something else in the place of a node."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield f"{ast.unparse(node)} → pass", ast.Pass()
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert):
        yield f"{ast.unparse(node)} → {ast.unparse(node.operand)}", node.operand


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _faults(node: ast.AST) -> Iterator[tuple[str, Callable[[], None]]]:
    """The faults of one node, each with its label."""
    old = ast.unparse(node) if isinstance(node, ast.expr | ast.Return | ast.AugAssign) else ""
    if isinstance(node, ast.Compare):
        for position, operator in enumerate(node.ops):
            if type(operator) in SWAPPED:
                yield _changed(node, old, node.ops, position, SWAPPED[type(operator)]())
    elif isinstance(node, ast.BoolOp | ast.BinOp | ast.AugAssign):
        if type(node.op) in SWAPPED and not _joins_text(node):
            yield _changed(node, old, node, "op", SWAPPED[type(node.op)]())
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield _changed(node, old, node, "value", not node.value)
        elif isinstance(node.value, int):
            yield _changed(node, old, node, "value", node.value + 1)
        elif isinstance(node.value, float):
            yield _changed(node, old, node, "value", node.value * 2 or 1.0)
    elif isinstance(node, ast.Name | ast.Attribute):
        field = "id" if isinstance(node, ast.Name) else "attr"
        if getattr(node, field) in SWAPPED_NAMES and isinstance(node.ctx, ast.Load):
            yield _changed(node, old, node, field, SWAPPED_NAMES[getattr(node, field)])
    elif isinstance(node, ast.Return) and not _is_none(node.value):
        yield f"{old} → return None", _setter(node, "value", ast.Constant(None))
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        test = ast.unparse(node.test)
        for always in (True, False):
            yield f"if {test} → if {always}", _setter(node, "test", ast.Constant(always))
    if isinstance(node, ast.comprehension):
        for position, test_node in enumerate(node.ifs):
            test = ast.unparse(test_node)
            yield f"for … if {test} → no if", _setter(node.ifs, position, ast.Constant(True))


def _is_none(node: ast.AST | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and node.value is None)


def _changed(
    node: ast.AST, old: str, owner: Any, key: str | int, value: Any
) -> tuple[str, Callable[[], None]]:
    """Label a change with the source before and after."""
    before = owner[key] if isinstance(key, int) else getattr(owner, key)
    change, undo = _setter(owner, key, value), _setter(owner, key, before)
    change()
    new = ast.unparse(node)
    undo()
    return f"{old} → {new}", change


def _setter(owner: Any, key: str | int, value: Any) -> Callable[[], None]:
    def change() -> None:
        if isinstance(key, int):
            owner[key] = value
        else:
            setattr(owner, key, value)

    return change


def _joins_text(node: ast.AST) -> bool:
    """Whether an operator joins texts or lists, where its opposite is no likely fault."""
    sides = [getattr(node, side) for side in ("left", "right", "value") if hasattr(node, side)]
    return any(
        isinstance(side, ast.JoinedStr | ast.List | ast.ListComp)
        or (isinstance(side, ast.Constant) and isinstance(side.value, str))
        for side in sides
    )


# -- running them ----------------------------------------------------------------------------------


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
    begin = time.monotonic()
    if _wait_for([_fork(path, tree, None, OWN_TESTS[module])], 3600) != 0:
        raise RuntimeError(f"the tests of {module} fail without any fault")
    limit = 10 + SLOWEST * processes * (time.monotonic() - begin)
    survivors, running = [], dict[int, tuple[Mutant, float]]()
    waiting = meaningful[::-1]
    while waiting or running:
        while waiting and len(running) < processes:
            mutant = waiting.pop()
            running[_fork(path, tree, mutant, OWN_TESTS[module])] = mutant, time.monotonic() + limit
            if len(waiting) % 25 == 0:
                progress(f"{module}: {len(waiting):,} mutants to go")
        time.sleep(0.02)
        for process, (mutant, deadline) in list(running.items()):
            code = _exit_code(process, deadline)
            if code is not None:
                del running[process]
                if code == 0:
                    survivors.append((mutant.line, mutant.label))
    return Report(module, len(mutants), len(mutants) - len(meaningful), sorted(survivors))


def _wait_for(processes: Sequence[int], seconds: float) -> int:
    """Wait for processes; return the last exit code."""
    deadline, code = time.monotonic() + seconds, 0
    for process in processes:
        while (ended := _exit_code(process, deadline)) is None:
            time.sleep(0.02)
        code = ended
    return code


def _exit_code(process: int, deadline: float) -> int | None:
    """Return the exit code of a process, or None while it runs; end it after its deadline."""
    if time.monotonic() > deadline:
        os.killpg(process, signal.SIGKILL)
        os.waitpid(process, 0)
        return 1
    ended, status = os.waitpid(process, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _fork(path: Path, tree: ast.Module, mutant: Mutant | None, tests: Sequence[str]) -> int:
    """Run tests in a process of its own, in which a module is compiled from a changed tree."""
    process = os.fork()
    if process:
        return process
    code = 3
    try:
        os.setpgid(0, 0)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(nowhere, stream)
        if mutant is not None:
            mutant.apply()
            _compile_in_place(path, tree)
        code = _run_tests(tests) or _run_examples(path)
    finally:
        os._exit(code)


def _compile_in_place(path: Path, tree: ast.Module) -> None:
    """Let imports of a file return code that is compiled from the tree."""
    changed = ast.fix_missing_locations(tree)
    original = SourceFileLoader.get_code

    def get_code(self: SourceFileLoader, fullname: str) -> Any:
        if Path(self.path).resolve() == path:
            return compile(changed, str(path), "exec")
        return original(self, fullname)

    SourceFileLoader.get_code = get_code  # type: ignore[assignment, method-assign]


def _run_tests(tests: Sequence[str]) -> int:
    import pytest

    quiet = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header"]
    return int(pytest.main([*quiet, *tests]))


def _run_examples(path: Path) -> int:
    """Run the examples in the docstrings of a module; return how many failed."""
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    return doctest.testmod(importlib.import_module(name), optionflags=flags).failed


def report_text(report: Report) -> str:
    """Write how many mutants were killed, and the survivors.

    Examples
    --------
    >>> print(report_text(Report("model/gate.py", 12, 2, [(31, "enough: 40 → 41")])))
    model/gate.py: 9 of 10 meaningful mutants killed (90%), 2 accepted
      31  enough: 40 → 41
    """
    meaningful = report.mutants - report.accepted
    killed = meaningful - len(report.survivors)
    head = (
        f"{report.module}: {killed:,} of {meaningful:,} meaningful mutants killed "
        f"({percent(report.killed)}), {report.accepted:,} accepted"
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
