"""The features that a definition can use, as ``leadready check`` lists them.

The windows of one kind of event share a line, since they differ only in the number of days.
``--json`` gives every feature with its words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from features.text import wrap

if TYPE_CHECKING:
    from features.families.feature import Feature

MARKS = {"number": "", "category": "*", "date": "°"}
OF_ONE_KIND = ("7d", "30d", "90d", "ever", "days_since", "value_ever")
INDENT = 16


def feature_list_text(features: Sequence[Feature]) -> str:
    """List the features by family; those of one kind of event share a line.

    Examples
    --------
    >>> from features.families.engagement import kind_features
    >>> from features.families.feature import Feature
    >>> print(feature_list_text([
    ...     Feature("employees", "employees", "firmographic", "number"),
    ...     Feature("seniority", "seniority", "role", "category"),
    ...     *kind_features("call")]))
    Features for the definition (* a category; --json gives each in words):
      firmographic  employees
      role          seniority*
      engagement    call_7d … _30d, _90d, _ever, _days_since
    """
    has_days = any(feature.kind == "date" for feature in features)
    marks = f"* a category{', ° a day' if has_days else ''}"
    families: dict[str, list[str]] = {}
    for feature in features:
        names = families.setdefault(feature.family, [])
        names.append(feature.name + MARKS[feature.kind])
    lines = [f"Features for the definition ({marks}; --json gives each in words):"]
    for family, names in families.items():
        label = f"  {family}"
        for line in _group_names(names):
            lines += wrap(line, indent=f"{label:<{INDENT}}", hanging=" " * INDENT)
            label = ""
    return "\n".join(lines)


def _group_names(names: Sequence[str]) -> list[str]:
    """Put the features of each kind of event on a line, and all others on the first."""
    last = "_days_since"
    starts = sorted({name.removesuffix(last) for name in names if name.endswith(last)})
    kinds: dict[str, list[str]] = {kind: [] for kind in starts}
    others = []
    for name in names:
        kind = next((kind for kind in kinds if name.removeprefix(f"{kind}_") in OF_ONE_KIND), None)
        if kind is None:
            others.append(name)
        else:
            kinds[kind].append(name.removeprefix(kind))
    lines = [f"{kind}{ends[0]} … {', '.join(ends[1:])}" for kind, ends in kinds.items()]
    return [*([", ".join(others)] if others else []), *lines]
