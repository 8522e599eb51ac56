"""What differs between two definitions, in the words of the people who agree on them.

Criteria are the same criterion where they have the same id, so a threshold that moved reads as
``right-size: at least 50 → at least 100 employees`` rather than as lines removed and added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from model.definition import in_words
from model.serving import OPERATORS

Words = Mapping[str, str] | None
ABOUT = {"asked_by": "asked for by", "because": "because"}


def changes(old: Mapping[str, Any], new: Mapping[str, Any], words: Words = None) -> list[str]:
    """Say everything that differs, one thing a line; signatures are left out.

    Parameters
    ----------
    old, new : mapping
        Definitions as read.
    words : mapping, optional
        What features are called.

    Examples
    --------
    >>> size = {"id": "right-size", "feature": "employees", "at_least": 50}
    >>> boss = {"id": "boss", "feature": "seniority", "one_of": ["vp"]}
    >>> old, new = ({"version": 4, "ready_when": [size]},
    ...             {"version": 5, "ready_when": [size | {"at_least": 100}, boss]})
    >>> print(*changes(old, new), sep="\\n")
    version: 4 → 5
    right-size: at least 50 → at least 100 employees
    ready when, added: boss (seniority is vp)
    """
    found = []
    for key in ("name", "version", "moment", "horizon_days", "teams"):
        if old.get(key) != new.get(key):
            found.append(
                f"{key.replace('_', ' ')}: {_value(old.get(key))} → {_value(new.get(key))}"
            )
    found += _mapping("term", old.get("terms"), new.get("terms"))
    for key in ("ready_when", "never_when"):
        found += _rules(key.replace("_", " "), old.get(key), new.get(key), words)
    found += _listed("expected", old, new, "expect", words)
    found += _points(old.get("points") or {}, new.get("points") or {}, words)
    found += _listed("example", old, new, "examples", words)
    for key in ("handoff", "tolerance"):
        found += _mapping(key, old.get(key), new.get(key))
    return found


def _value(value: Any) -> str:
    if value is None:
        return "nothing"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _mapping(what: str, old: Any, new: Any) -> list[str]:
    old, new = dict(old or {}), dict(new or {})
    return [
        f"{what} {key}: {_value(old.get(key))} → {_value(new.get(key))}"
        for key in dict.fromkeys([*old, *new])
        if old.get(key) != new.get(key)
    ]


# -- rules ----------------------------------------------------------------------------------------


def _rules(where: str, old: Any, new: Any, words: Words) -> list[str]:
    before, after = _flat(old), _flat(new)
    found = []
    for name in dict.fromkeys([*before, *after]):
        if name not in after:
            found.append(f"{where}, removed: {name} ({in_words(before[name][0], words)})")
        elif name not in before:
            found.append(f"{where}, added: {name} ({in_words(after[name][0], words)})")
        else:
            found += _criterion(name, before[name][0], after[name][0], words)
    both = [name for name in before if name in after]
    moved = [name for name in both if before[name][1] != after[name][1]]
    if moved:
        found.append(f"{where}: {', '.join(moved)} moved to another group, which now reads: "
                     f"{in_words(_group(new), words)}")  # fmt: skip
    elif both != [name for name in after if name in before]:
        found.append(f"{where}: the order is another")
    return found


def _group(rules: Any) -> Mapping[str, Any]:
    return {"all": rules} if isinstance(rules, list) else rules


def _flat(rules: Any, path: tuple[str, ...] = ()) -> dict[str, tuple[Mapping[str, Any], Any]]:
    """Give every criterion by its id, with the groups that it is in."""
    if not rules:
        return {}
    found: dict[str, tuple[Mapping[str, Any], Any]] = {}
    if isinstance(rules, list):
        for one in rules:
            found |= {one["id"]: (one, path)} if "id" in one else _flat(one, path)
        return found
    for kind in ("all", "any", "none"):
        if kind in rules:
            found |= _flat(rules[kind], (*path, kind))
    return found


def _criterion(
    name: str, old: Mapping[str, Any], new: Mapping[str, Any], words: Words
) -> list[str]:
    found = []
    asked = ("feature", *OPERATORS)
    if [old.get(key) for key in asked] != [new.get(key) for key in asked]:
        found.append(f"{name}: {_moved(old, new, words)}")
    for key, said in ABOUT.items():
        if old.get(key) != new.get(key):
            found.append(f"{name}, {said}: {_value(old.get(key))} → {_value(new.get(key))}")
    return found


def _moved(old: Mapping[str, Any], new: Mapping[str, Any], words: Words) -> str:
    """Say both, and the feature once where it is the same: at least 50 → at least 9 employees."""
    before, after = in_words(old, words), in_words(new, words)
    name = (words or {}).get(new["feature"], str(new["feature"]).replace("_", " "))
    if old["feature"] != new["feature"]:
        return f"{before} → {after}"
    start = f"{name} "
    return f"{before.removeprefix(start)} → {after.removeprefix(start)} {name}"


# -- what stands beside the rules -----------------------------------------------------------------


def _points(old: Mapping[str, Any], new: Mapping[str, Any], words: Words) -> list[str]:
    found = _mapping("points", _only(old, "threshold"), _only(new, "threshold"))
    before, after = (_given(one.get("give") or (), words) for one in (old, new))
    for said in dict.fromkeys([*before, *after]):
        if said not in after:
            found.append(f"points, removed: {before[said]:+g} for {said}")
        elif said not in before:
            found.append(f"points, added: {after[said]:+g} for {said}")
        elif before[said] != after[said]:
            found.append(f"points for {said}: {before[said]:+g} → {after[said]:+g}")
    return found


def _only(mapping: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {key: mapping[key]} if key in mapping else {}


def _given(give: Sequence[Mapping[str, Any]], words: Words) -> dict[str, float]:
    return {in_words(one, words): float(one["points"]) for one in give}


def _listed(
    what: str, old: Mapping[str, Any], new: Mapping[str, Any], key: str, words: Words
) -> list[str]:
    say = _direction if key == "expect" else _example
    before, after = ([say(one, words) for one in content.get(key) or ()] for content in (old, new))
    gone = [f"{what}, removed: {one}" for one in before if one not in after]
    return gone + [f"{what}, added: {one}" for one in after if one not in before]


def _direction(one: Mapping[str, Any], words: Words) -> str:
    name = (words or {}).get(one["feature"], str(one["feature"]).replace("_", " "))
    more = f" ({one['because']})" if one.get("because") else ""
    return f"{name} {one['direction']}{more}"


def _example(one: Mapping[str, Any], words: Words) -> str:
    lead = ", ".join(
        f"{(words or {}).get(name, name.replace('_', ' '))} {value}"
        for name, value in one["lead"].items()
    )
    because = f" ({one['because']})" if one.get("because") else ""
    return f"{lead}: {one['verdict']}{because}"
