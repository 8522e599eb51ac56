"""Changes written into the lines of a definition file.

A change touches no line but its own, so that comments and layout stay as people wrote them. The
result is read again and must have exactly the rules that the change asks for.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

import yaml

from features.errors import LeadReadyError
from features.plain_yaml import PlainYaml, compose_yaml
from features.text import yaml_inline
from model.definition.edits import (
    AddAlternative,
    AddExclusion,
    AddRequirement,
    Edit,
    Position,
    RemoveCriterion,
    Rules,
    SetOperand,
    change_rules,
    edit_text,
)
from model.serving import GROUPS, Criterion, Group, Rule

Node = Any  # a YAML node
Content = dict[str, Any]  # a definition, as in the file
Spot = tuple[Node, int]  # a node, and the place of one of its parts
NO_RULES_YET = {"ready_when": None, "never_when": None}


def edit_file_text(text: str, edits: Iterable[Edit], version: object = None) -> str:
    """Apply changes to a definition's text.

    Parameters
    ----------
    version : optional
        Replaces the old version.

    Raises
    ------
    LeadReadyError
        Where the layout of the text does not allow a change to its lines alone.

    Examples
    --------
    >>> text = "version: 1\\nready_when:\\n- {id: a, feature: size, at_least: 5}  # why\\n"
    >>> edit = SetOperand(Criterion("a", "size", "at_least", 5), 8)
    >>> print(edit_file_text(text, [edit], version=2))
    version: 2
    ready_when:
    - {id: a, feature: size, at_least: 8}  # why
    """
    for edit in edits:
        before = _file_content(text)
        text = _edited(text, edit)
        if not _has_rules(text, before, change_rules(_rules(before), [edit])):
            what = f"this change cannot be made to the lines of the file: {edit_text(edit)}"
            raise LeadReadyError(what, hint="make it by hand, or write one criterion on each line")
    if version is not None:
        text = _replaced(text, _value(_root(text), "version"), yaml_inline(version))
    return text


def set_per_week(text: str, per_week: float) -> str:
    """Write how many leads sales can take a week into a definition's text.

    Raises
    ------
    LeadReadyError
        Where the layout of the text does not allow it.

    Examples
    --------
    >>> print(set_per_week("version: 1\\nhandoff: {decide_by: review, per_week: 40}\\n", 25))
    version: 1
    handoff: {decide_by: review, per_week: 25}
    <BLANKLINE>
    >>> print(set_per_week("version: 1", 25))
    version: 1
    handoff:
      per_week: 25
    <BLANKLINE>
    """
    root, number = _root(text), yaml_inline(per_week)
    handoff = _value(root, "handoff") if _has_key(root, "handoff") else None
    if handoff is None:
        changed = f"{text.rstrip()}\nhandoff:\n  per_week: {number}\n"
    elif _has_key(handoff, "per_week"):
        changed = _replaced(text, _value(handoff, "per_week"), number)
    elif handoff.flow_style:
        first = handoff.start_mark.index + 1
        changed = f"{text[:first]}per_week: {number}{', ' if handoff.value else ''}{text[first:]}"
    else:
        line = f"{' ' * handoff.start_mark.column}per_week: {number}"
        changed = _inserted(text, node_end(handoff), line)
    before = _file_content(text)
    expected = before | {"handoff": {**(before.get("handoff") or {}), "per_week": per_week}}
    if _file_content(changed) != expected:
        what = "the leads a week cannot be written into the lines of the file"
        raise LeadReadyError(what, hint=f"write  per_week: {number}  under handoff by hand")
    return changed


def unified_diff(old: str, new: str, name: str = "definition.yaml") -> str:
    """Compare two texts as a unified diff; ``patch`` takes it."""
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), f"a/{name}", f"b/{name}", n=1
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


# -- the rules before and after -------------------------------------------------------------------


def _root(text: str) -> Node:
    return compose_yaml(text)


def _file_content(text: str) -> Content:
    return dict(PlainYaml("").construct_document(_root(text)))


def _rules(content: Content) -> Rules:
    return Rules(
        Group.from_content(content["ready_when"], "all"),
        Group.from_content(content.get("never_when") or (), "any"),
    )


def _has_rules(text: str, before: Content, rules: Rules) -> bool:
    """Whether a text has these rules, and everything else as before."""
    try:
        content = _file_content(text)
        same = tuple(map(_meaning, _rules(content))) == tuple(map(_meaning, rules))
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError):
        return False
    return same and before | NO_RULES_YET == content | NO_RULES_YET


def _meaning(rule: Rule) -> object:
    """Return a rule without what does not matter: the order, and groups within like groups."""
    if isinstance(rule, Criterion):
        return rule
    parts: set[object] = set()
    for part in rule.rules:
        match _meaning(part):
            case (kind, frozenset(inner)) if kind == rule.kind != "none":
                parts |= inner
            case other:
                parts.add(other)
    if rule.kind != "none" and len(parts) == 1:
        return parts.pop()
    return rule.kind, frozenset(parts)


# -- where things are -----------------------------------------------------------------------------


def _value(node: Node, name: str) -> Node:
    return next(value for key, value in node.value if key.value == name)


def _has_key(node: Node, name: str) -> bool:
    return isinstance(node, yaml.MappingNode) and any(key.value == name for key, _ in node.value)


def _parts(node: Node) -> list[Node]:
    """Return the rules of a group, in the order in which they are read."""
    if isinstance(node, yaml.SequenceNode):
        return list(node.value)
    groups = [_value(node, kind) for kind in GROUPS if _has_key(node, kind)]
    return list(groups[0].value) if len(groups) == 1 else groups


def _list_at(node: Node, position: Position) -> Node:
    for place in position:
        node = _parts(node)[place]
    return node.value[0][1] if isinstance(node, yaml.MappingNode) else node


def _spots(node: Node, name: str) -> list[Spot]:
    """Find a criterion: the nodes around it, and the place in each; the outermost first."""
    if _has_key(node, "id"):
        return []
    pairs = isinstance(node, yaml.MappingNode)
    for place, part in enumerate(node.value):
        inner = part[1] if pairs else part
        if _has_key(inner, "id") and _value(inner, "id").value == name:
            return [(node, place)]
        if inner_spots := _spots(inner, name):
            return [(node, place), *inner_spots]
    return []


def _spots_of_rule(root: Node, name: str) -> list[Spot]:
    """Find a criterion among all rules; only ``never_when`` may become empty, and is left out."""
    ready = _spots(_value(root, "ready_when"), name)
    if ready or not _has_key(root, "never_when"):
        return ready
    keys = [key.value for key, _ in root.value]
    return [(root, keys.index("never_when")), *_spots(_value(root, "never_when"), name)]


def node_end(node: Node) -> int:
    """Return where a node's text ends; YAML's own mark of a block is where the next node begins."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return node_end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


# -- changes to the text --------------------------------------------------------------------------


def _edited(text: str, edit: Edit) -> str:
    root = _root(text)
    ready = _value(root, "ready_when")
    match edit:
        case SetOperand(criterion):
            parent, place = _spots_of_rule(root, criterion.id)[-1]
            node = _value(parent.value[place], criterion.operator)
            if isinstance(node, yaml.SequenceNode) and not node.flow_style:
                return _block_replaced(text, node, edit.changed.operands)
            return _replaced(text, node, yaml_inline(edit.operand))
        case RemoveCriterion(criterion):
            spots = _spots_of_rule(root, criterion.id)
            while len(spots) > 1 and len(spots[-1][0].value) == 1:
                spots.pop()
            return _without(text, *spots[-1])
        case AddExclusion(criterion):
            return _with_exclusion_line(text, root, yaml_inline(criterion.to_dict()))
        case AddRequirement(criterion):
            return _with_requirement_line(text, ready, yaml_inline(criterion.to_dict()))
        case AddAlternative(criterion, position):
            line = yaml_inline(criterion.to_dict())
            return _with_list_item(text, _list_at(ready, position), line)


def _replaced(text: str, node: Node, by: str) -> str:
    return text[: node.start_mark.index] + by + text[node_end(node) :]


def _block_replaced(text: str, node: Node, values: Sequence[Any]) -> str:
    """Write a list with one item a line."""
    lines = [f"- {yaml_inline(value)}" for value in values]
    return _replaced(text, node, ("\n" + " " * node.start_mark.column).join(lines))


def _without(text: str, parent: Node, place: int) -> str:
    pairs = isinstance(parent, yaml.MappingNode)
    parts = [
        (part[0].start_mark.index, node_end(part[1]))
        if pairs
        else (part.start_mark.index, node_end(part))
        for part in parent.value
    ]
    begin, end = parts[place]
    if parent.flow_style:
        if place:
            return text[: parts[place - 1][1]] + text[end:]
        return text[:begin] + text[parts[1][0] :]
    line_start = text.rfind("\n", 0, begin) + 1
    return text[:line_start] + text[_next_line(text, end) :]


def _with_requirement_line(text: str, ready: Node, line: str) -> str:
    if isinstance(ready, yaml.SequenceNode):
        return _with_list_item(text, ready, line)
    if _has_key(ready, "all"):
        return _with_list_item(text, _value(ready, "all"), line)
    if ready.flow_style:
        first = ready.value[0][0].start_mark.index
        return f"{text[:first]}all: [{line}], {text[first:]}"
    blanks = " " * ready.start_mark.column
    return _inserted(text, node_end(ready), f"{blanks}all:\n{blanks}  - {line}")


def _with_exclusion_line(text: str, root: Node, line: str) -> str:
    if not _has_key(root, "never_when"):
        after = node_end(_value(root, "ready_when"))
        return _inserted(text, after, f"never_when:\n  - {line}")
    never = _value(root, "never_when")
    return _with_list_item(text, _value(never, "any") if _has_key(never, "any") else never, line)


def _with_list_item(text: str, items: Node, line: str) -> str:
    if items.flow_style:
        end = node_end(items.value[-1])
        return f"{text[:end]}, {line}{text[end:]}"
    return _inserted(text, node_end(items), f"{' ' * items.start_mark.column}- {line}")


def _inserted(text: str, after: int, line: str) -> str:
    place = _next_line(text, after)
    if place == len(text) and not text.endswith("\n"):
        return f"{text}\n{line}"
    return f"{text[:place]}{line}\n{text[place:]}"


def _next_line(text: str, index: int) -> int:
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1
