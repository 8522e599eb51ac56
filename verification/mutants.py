"""Small faults that can be put into a module's source, one at a time."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

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
READABLE = 72  # characters of an expression in a label
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


def mutants_of(tree: ast.Module) -> list[Mutant]:
    """List the faults that can be put into a module, one at a time.

    A fault is labelled with the largest expression around it that is short enough to read.

    Examples
    --------
    >>> tree = ast.parse("def enough(n):\\n    return n >= 40")
    >>> for mutant in mutants_of(tree):
    ...     print(mutant.label)
    enough: return n >= 40 → return None
    enough: n >= 40 → n > 40
    enough: n >= 40 → n >= 41
    >>> mutants_of(tree)[1].apply()
    >>> ast.unparse(tree.body[0].body[0])
    'return n > 40'
    """
    return list(_walk(tree, "", tree))


def _walk(node: ast.AST, scope: str, context: ast.AST) -> Iterator[Mutant]:
    """Find the faults in a node and everything below it; names and types are left alone."""
    if isinstance(node, ast.Import | ast.ImportFrom) or _is_for_types(node):
        return
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        scope = f"{scope}.{node.name}".lstrip(".")
    if isinstance(node, ast.expr | ast.stmt) and not _is_readable(context):
        context = node
    for label, apply in _faults(node, context):
        placed: Any = node.target if isinstance(node, ast.comprehension) else node
        yield Mutant(placed.lineno, f"{scope}: {label}".lstrip(": "), apply)
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "type_params", "bases"):
            continue
        for position, child in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(child, ast.AST) and not _is_docstring(child):
                owner, key = (value, position) if isinstance(value, list) else (node, field)
                for label, other in _replacements(child):
                    apply = _setter(owner, key, ast.copy_location(other, child))
                    yield Mutant(
                        getattr(child, "lineno", 0), f"{scope}: {label}".lstrip(": "), apply
                    )
                yield from _walk(child, scope, context)


def _is_readable(context: ast.AST) -> bool:
    """Whether faults below can be labelled with this node."""
    if not isinstance(context, ast.expr) or isinstance(context, ast.JoinedStr | ast.FormattedValue):
        return False
    return len(ast.unparse(context)) <= READABLE


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


def _faults(node: ast.AST, context: ast.AST) -> Iterator[tuple[str, Callable[[], None]]]:
    """The faults of one node, each with its label."""
    if isinstance(node, ast.Compare):
        for position, operator in enumerate(node.ops):
            if type(operator) in SWAPPED:
                yield _changed(context, node.ops, position, SWAPPED[type(operator)]())
    elif isinstance(node, ast.BoolOp | ast.BinOp | ast.AugAssign):
        if type(node.op) in SWAPPED and not _joins_text(node):
            yield _changed(context, node, "op", SWAPPED[type(node.op)]())
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield _changed(context, node, "value", not node.value)
        elif isinstance(node.value, int):
            yield _changed(context, node, "value", node.value + 1)
        elif isinstance(node.value, float):
            yield _changed(context, node, "value", node.value * 2 or 1.0)
    elif isinstance(node, ast.Name | ast.Attribute):
        field = "id" if isinstance(node, ast.Name) else "attr"
        if getattr(node, field) in SWAPPED_NAMES and isinstance(node.ctx, ast.Load):
            yield _changed(context, node, field, SWAPPED_NAMES[getattr(node, field)])
    elif isinstance(node, ast.Return) and not _is_none(node.value):
        label = f"{ast.unparse(node)} → return None"
        yield label, _setter(node, "value", ast.Constant(None))
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
    context: ast.AST, owner: Any, key: str | int, value: Any
) -> tuple[str, Callable[[], None]]:
    """Label a change with the source around it, before and after."""
    before = owner[key] if isinstance(key, int) else getattr(owner, key)
    change, undo = _setter(owner, key, value), _setter(owner, key, before)
    old = ast.unparse(context)
    change()
    new = ast.unparse(context)
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
