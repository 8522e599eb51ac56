"""What a definition can ask about, as ``leadready check`` lists it.

All windows of one kind of event are one line, since they differ in nothing but the number of days;
``--json`` gives every feature with its words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from features.families.feature import Feature


MARKS = {"number": "", "category": "*", "date": "°"}


def listed(features: Sequence[Feature]) -> tuple[dict[str, Any], ...]:
    """Give name, words, family, kind and unit of each feature."""
    keys = ("name", "words", "family", "kind", "unit")
    return tuple({key: getattr(one, key) for key in keys} for one in features)


def features_text(features: Sequence[Mapping[str, Any]]) -> str:
    """List the features by family; those of one kind of event together.

    Examples
    --------
    >>> print(features_text([
    ...     {"name": "employees", "family": "firmographic", "kind": "number"},
    ...     {"name": "seniority", "family": "role", "kind": "category"},
    ...     {"name": "call_7d", "family": "engagement", "kind": "number"},
    ...     {"name": "call_30d", "family": "engagement", "kind": "number"},
    ...     {"name": "call_days_since", "family": "engagement", "kind": "number"}]))
    Features that the definition can ask about (* a category; --json gives each in words):
      firmographic  employees
      role          seniority*
      engagement    call_7d … _30d, _days_since
    """
    days = ", ° a day" if any(one["kind"] == "date" for one in features) else ""
    families: dict[str, list[str]] = {}
    for one in features:
        families.setdefault(one["family"], []).append(one["name"] + MARKS[one["kind"]])
    about = f"(* a category{days}; --json gives each in words)"
    lines = [f"Features that the definition can ask about {about}:"]
    for family, names in families.items():
        lines += [
            f"  {family if place == 0 else '':<14}{line}"
            for place, line in enumerate(_lines(names))
        ]
    return "\n".join(lines)


def _lines(names: Sequence[str]) -> list[str]:
    """Put the windows of one kind of event on a line, and everything else on one."""
    starts = {one.removesuffix("_days_since") for one in names if one.endswith("_days_since")}
    kinds: dict[str, list[str]] = {one: [] for one in sorted(starts)}
    rest = []
    for name in names:
        start = next((one for one in kinds if name.removeprefix(f"{one}_") in ENDS), None)
        if start is None:
            rest.append(name)
        else:
            kinds[start].append(name.removeprefix(start))
    told = [f"{one}{ends[0]} … {', '.join(ends[1:])}" for one, ends in kinds.items()]
    return [*([", ".join(rest)] if rest else []), *told]


ENDS = ("7d", "30d", "90d", "ever", "days_since", "value_ever")
