"""What differs between two definitions, in the words of the people who agree on them.

Criteria are the same criterion where they have the same id, so a threshold that moved reads as
``right-size: at least 50 → at least 100 employees`` rather than as lines removed and added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from model.definition.read import in_words
from model.serving import OPERATORS, Criterion, Group

Words = Mapping[str, str] | None
Example = Mapping[str, Any]
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
    found += _expected(old.get("expect") or (), new.get("expect") or (), words)
    found += _points(old.get("points") or {}, new.get("points") or {}, words)
    found += _examples(old.get("examples") or (), new.get("examples") or (), words)
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
            found.append(f"{where}, removed: {name} ({_in_words(before[name][0], words)})")
        elif name not in before:
            found.append(f"{where}, added: {name} ({_in_words(after[name][0], words)})")
        else:
            found += _criterion(name, before[name][0], after[name][0], words)
    both = [name for name in before if name in after]
    moved = [name for name in both if before[name][1] != after[name][1]]
    if moved:
        found.append(
            f"{where}: {', '.join(moved)} moved to another group, which now reads: "
            f"{in_words(Group.from_content(new, _kind(where)), words)}"
        )
    elif both != [name for name in after if name in before]:
        found.append(f"{where}: the order is another")
    return found


def _in_words(criterion: Mapping[str, Any], words: Words) -> str:
    return in_words(Criterion.from_dict(criterion), words)


def _kind(where: str) -> str:
    return "any" if where == "never when" else "all"


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
    before, after = _in_words(old, words), _in_words(new, words)
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
    return {_in_words(one, words): float(one["points"]) for one in give}


def _expected(old: Sequence[Example], new: Sequence[Example], words: Words) -> list[str]:
    before, after = ([_direction(one, words) for one in given] for given in (old, new))
    gone = [f"expected, removed: {one}" for one in before if one not in after]
    return gone + [f"expected, added: {one}" for one in after if one not in before]


def _direction(one: Example, words: Words) -> str:
    more = f" ({one['because']})" if one.get("because") else ""
    return f"{_called(one['feature'], words)} {one['direction']}{more}"


def _called(feature: str, words: Words) -> str:
    return (words or {}).get(feature, feature.replace("_", " "))


# -- examples -------------------------------------------------------------------------------------


def _examples(old: Sequence[Example], new: Sequence[Example], words: Words) -> list[str]:
    """Say which examples came, went, or tell of the same lead and say something else."""
    before = [one for one in old if one not in new]
    after = [(place, one) for place, one in enumerate(new, start=1) if one not in old]
    found, added = [], []
    for place, one in after:
        same = next((other for other in before if _same_lead(other, one)), None)
        if same is None:
            added.append(f"example, added: {_example(one, words)}")
        else:
            before.remove(same)
            found.append(f"example {place}: {'; '.join(_retold(same, one, words))}")
    return [*found, *(f"example, removed: {_example(one, words)}" for one in before), *added]


def _same_lead(one: Example, other: Example) -> bool:
    told = ("id", "because", "lead")
    return any(one.get(key) and one.get(key) == other.get(key) for key in told)


def _retold(old: Example, new: Example, words: Words) -> list[str]:
    before, after = dict(old["lead"]), dict(new["lead"])
    said = [
        f"{_called(name, words)} {_known(before.get(name))} → {_known(after.get(name))}"
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]
    for key in ("verdict", "because", "id"):
        if old.get(key) != new.get(key):
            said.append(f"{key}: {_value(old.get(key))} → {_value(new.get(key))}")
    return said or ["what is not known is written in another way"]


def _known(value: Any) -> str:
    return "not known" if value is None else str(value)


def _example(one: Example, words: Words) -> str:
    lead = ", ".join(
        f"{_called(name, words)} {_known(value)}" for name, value in one["lead"].items()
    )
    because = f" ({one['because']})" if one.get("because") else ""
    return f"{lead}: {one['verdict']}{because}"
