"""Changes to a definition: as data, in words, and as a change to the very lines of the file.

A change is a small mapping that programs can read: ``{change: set, criterion, operator, to}``,
``{change: remove, criterion}``, or ``{change: add, to: path of a list, criterion}``. Applied to
the file it touches no line but its own, so that comments and layout stay as people wrote them.
What comes out is read again and must be exactly what was meant.
"""

from __future__ import annotations

import copy
import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from features.errors import LeadReadyError
from features.workspace.yaml_with_lines import PlainYaml
from model.definition.words import rule_text
from model.serving import GROUPS, Criterion

Path = tuple[str | int, ...]
Edit = Mapping[str, Any]
PLAIN = re.compile(r"[A-Za-z][\w ./&+-]*")  # a text that needs no quotes
WORDS = ("yes", "no", "on", "off", "true", "false", "null")  # as YAML elsewhere may misread them


def criteria_paths(definition: Mapping[str, Any]) -> dict[str, Path]:
    """Say where each criterion of ``ready_when`` stands.

    Examples
    --------
    >>> criteria_paths({"ready_when": {"all": [{"id": "size", "feature": "employees"}]}})
    {'size': ('ready_when', 'all', 0)}
    """
    found = _walk(definition["ready_when"], ("ready_when",))
    return {one["id"]: path for path, one in found if not isinstance(one, list) and "id" in one}


def any_groups(definition: Mapping[str, Any]) -> list[Path]:
    """Say where the lists under ``any`` stand of which one is enough for a lead to be ready."""
    found = _walk(definition["ready_when"], ("ready_when",))
    return [
        path
        for path, one in found
        if isinstance(one, list) and path[-1] == "any" and "none" not in path
    ]


def _walk(rules: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(rules, list):
        yield path, rules
        for place, one in enumerate(rules):
            yield from _walk(one, (*path, place))
    elif any(kind in rules for kind in GROUPS):
        for kind in GROUPS:
            if kind in rules:
                yield from _walk(rules[kind], (*path, kind))
    else:
        yield path, rules


def at(content: Any, path: Path) -> Any:
    """Give what stands at a path."""
    for step in path:
        content = content[step]
    return content


# -- as data --------------------------------------------------------------------------------------


def applied(definition: Mapping[str, Any], edits: Sequence[Edit]) -> dict[str, Any]:
    """Give a changed copy.

    Examples
    --------
    >>> rules = {"ready_when": [{"id": "size", "feature": "employees", "at_least": 50}]}
    >>> applied(rules, [{"change": "set", "criterion": "size", "operator": "at_least", "to": 80}])
    {'ready_when': [{'id': 'size', 'feature': 'employees', 'at_least': 80}]}
    """
    changed = copy.deepcopy(dict(definition))
    for edit in edits:
        if edit["change"] == "add":
            _list_for(changed, edit).append(dict(edit["criterion"]))
            continue
        path = criteria_paths(changed)[edit["criterion"]]
        if edit["change"] == "set":
            at(changed, path)[edit["operator"]] = copy.deepcopy(edit["to"])
        else:
            _remove(changed, path)
    return changed


def _list_for(changed: dict[str, Any], edit: Edit) -> list[Any]:
    place: Any = at(changed, tuple(edit["to"]))
    found: list[Any] = place.setdefault("all", []) if isinstance(place, dict) else place
    return found


def _remove(changed: Any, path: Path) -> None:
    """Take out what stands at a path, and the groups that are empty then."""
    whole = emptied(changed, path)
    del at(changed, whole[:-1])[whole[-1]]


def emptied(content: Any, path: Path) -> Path:
    """Climb from a path to the largest part that holds nothing else."""
    while len(path) > 1 and len(at(content, path[:-1])) == 1:
        path = path[:-1]
    if len(path) == 1:
        what = "the last criterion of ready_when cannot be removed"
        raise LeadReadyError(what, hint="a definition needs at least one; change it instead")
    return path


# -- in words -------------------------------------------------------------------------------------


def said(definition: Mapping[str, Any], edit: Edit, words: Mapping[str, str] | None = None) -> str:
    """Say a change as people would.

    Examples
    --------
    >>> rules = {"ready_when": [{"id": "size", "feature": "employees", "at_least": 50}]}
    >>> said(rules, {"change": "set", "criterion": "size", "operator": "at_least", "to": 80})
    'size: employees at least 50 → employees at least 80'
    >>> said(rules, {"change": "remove", "criterion": "size"})
    'size: take out "employees at least 50"'
    """
    if edit["change"] == "add":
        rule = rule_text(Criterion.from_dict(edit["criterion"]), words)
        alone = "any" not in edit["to"][1:]
        return f"new: also ask for {rule}" if alone else f"new: {rule} is enough as well"
    old = at(definition, criteria_paths(definition)[edit["criterion"]])
    if edit["change"] == "remove":
        return f'{edit["criterion"]}: take out "{rule_text(Criterion.from_dict(old), words)}"'
    before = Criterion.from_dict(old)
    after = Criterion.from_dict({**old, edit["operator"]: edit["to"]})
    return f"{edit['criterion']}: {rule_text(before, words)} → {rule_text(after, words)}"


def difference(old: str, new: str, name: str = "definition.yaml") -> str:
    """Give a unified diff of two texts; ``patch`` takes it."""
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), f"a/{name}", f"b/{name}", n=1
    )
    return "".join(
        one if one.endswith("\n") else f"{one}\n\\ No newline at end of file\n" for one in lines
    )


# -- in the file ----------------------------------------------------------------------------------


def rewritten(text: str, edits: Sequence[Edit], version: Any = None) -> str:
    """Apply changes to a definition's text.

    Parameters
    ----------
    version : optional
        Written in place of the old version.

    Raises
    ------
    LeadReadyError
        Where the text is laid out so that a change cannot be made to its lines alone.

    Examples
    --------
    >>> text = "version: 1\\nready_when:\\n- {id: a, feature: size, at_least: 5}  # why\\n"
    >>> edit = {"change": "set", "criterion": "a", "operator": "at_least", "to": 8}
    >>> print(rewritten(text, [edit], version=2))
    version: 2
    ready_when:
    - {id: a, feature: size, at_least: 8}  # why
    """
    wanted = _read(text)
    for edit in edits:
        before, text = wanted, _edited(text, edit)
        wanted = applied(before, [edit])
        if not _says(text, wanted):
            what = f"this change cannot be made to the lines of the file: {said(before, edit)}"
            raise LeadReadyError(what, hint="make it by hand, or write one criterion on each line")
    if version is not None:
        text = _replaced(text, _node(yaml.compose(text, PlainYaml), ("version",)), written(version))
    return text


def _read(text: str) -> Any:
    return PlainYaml("").construct_document(yaml.compose(text, PlainYaml))


def _says(text: str, wanted: Any) -> bool:
    try:
        return bool(_read(text) == wanted)
    except yaml.YAMLError:
        return False


def _edited(text: str, edit: Edit) -> str:
    root, content = yaml.compose(text, PlainYaml), _read(text)
    if edit["change"] == "add":
        return _added(text, root, content, edit)
    path = criteria_paths(content)[edit["criterion"]]
    if edit["change"] == "set":
        node = _node(root, (*path, edit["operator"]))
        if isinstance(node, yaml.SequenceNode) and not node.flow_style:
            return _block_replaced(text, node, edit["to"])
        return _replaced(text, node, written(edit["to"]))
    return _without(text, root, emptied(content, path))


def _node(node: Any, path: Path) -> Any:
    for step in path:
        if isinstance(node, yaml.MappingNode):
            node = next(value for key, value in node.value if key.value == step)
        else:
            node = node.value[step]
    return node


def _end(node: Any) -> int:
    """Where a node's last character stands; of block nodes, YAML tells where the next begins."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _replaced(text: str, node: Any, by: str) -> str:
    return text[: node.start_mark.index] + by + text[_end(node) :]


def _block_replaced(text: str, node: Any, values: Sequence[Any]) -> str:
    """Write a list whose items stand on lines of their own."""
    lines = [f"- {written(one)}" for one in values]
    return _replaced(text, node, ("\n" + " " * node.start_mark.column).join(lines))


def _without(text: str, root: Any, path: Path) -> str:
    parent, step = _node(root, path[:-1]), path[-1]
    pairs = isinstance(parent, yaml.MappingNode)
    items = [
        (one[0].start_mark.index, _end(one[1])) if pairs else (one.start_mark.index, _end(one))
        for one in parent.value
    ]
    place = next(i for i, one in enumerate(parent.value) if one[0].value == step) if pairs else step
    begin, end = items[int(place)]
    if parent.flow_style:
        if place:
            return text[: items[int(place) - 1][1]] + text[end:]
        return text[:begin] + text[items[1][0] :]
    lines_from = text.rfind("\n", 0, begin) + 1
    return text[:lines_from] + text[_next_line(text, end) :]


def _next_line(text: str, index: int) -> int:
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


def _added(text: str, root: Any, content: Any, edit: Edit) -> str:
    path, line = tuple(edit["to"]), written(edit["criterion"])
    if isinstance(at(content, path), dict) and "all" not in at(content, path):
        node = _node(root, path)
        if node.flow_style:
            first = node.value[0][0].start_mark.index
            return f"{text[:first]}all: [{line}], {text[first:]}"
        blanks = " " * node.start_mark.column
        return _inserted(text, _end(node), f"{blanks}all:\n{blanks}  - {line}")
    if isinstance(at(content, path), dict):
        path = (*path, "all")
    node = _node(root, path)
    if node.flow_style:
        end = _end(node.value[-1])
        return f"{text[:end]}, {line}{text[end:]}"
    return _inserted(text, _end(node), f"{' ' * node.start_mark.column}- {line}")


def _inserted(text: str, after: int, line: str) -> str:
    place = _next_line(text, after)
    if place == len(text) and not text.endswith("\n"):
        return f"{text}\n{line}"
    return f"{text[:place]}{line}\n{text[place:]}"


def written(value: Any) -> str:
    """Write a value as YAML within a line.

    Examples
    --------
    >>> written({"id": "a", "one_of": ["vp", "no", "a, b"], "at_least": 50.0})
    '{id: a, one_of: [vp, "no", "a, b"], at_least: 50}'
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(written(one) for one in value)}]"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str):
        plain = PLAIN.fullmatch(value) and value.lower() not in WORDS and value == value.strip()
        return value if plain else json.dumps(value, ensure_ascii=False)
    return json.dumps(value)
