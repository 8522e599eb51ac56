"""Rules in words, as the people who agree on them would write them.

Every text about a rule uses these: differences between definitions, contradictions, proposals, the
report. A feature is called what the catalogue calls it, or its name without underscores.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features import text
from features.locale import localised
from model.serving import Criterion, Group, Rule

FeatureNames = Mapping[str, str] | None  # what each feature is called


def feature_text(feature: str, names: FeatureNames = None) -> str:
    """Write what a feature is called.

    Examples
    --------
    >>> feature_text("job_level"), feature_text("job_level", {"job_level": "seniority"})
    ('job level', 'seniority')
    """
    return (names or {}).get(feature, feature.replace("_", " "))


def rule_text(rule: Rule, names: FeatureNames = None) -> str:
    """Write a criterion or a group in words.

    Examples
    --------
    >>> rule_text(Criterion("size", "employees", "at_least", 50))
    'employees at least 50'
    >>> boss = Criterion("boss", "seniority", "one_of", ("vp", "c_level"))
    >>> webinar = Criterion("web", "webinars_30d", "at_least", 1)
    >>> rule_text(Group("any", (boss, webinar)), {"webinars_30d": "webinars in the last 30 days"})
    'seniority is vp or c_level, or webinars in the last 30 days at least 1'
    """
    match rule:
        case Criterion():
            return f"{feature_text(rule.feature, names)} {operand_text(rule)}"
        case Group("none", rules):
            return f"none of: {'; '.join(_nested_text(part, 'none', names) for part in rules)}"
        case Group(kind, rules):
            *first, last = rules
            texts = [_nested_text(part, kind, names) for part in first]
            ends_with_none = isinstance(last, Group) and last.kind == "none"
            texts.append(
                rule_text(last, names) if ends_with_none else _nested_text(last, kind, names)
            )
            return (", and " if kind == "all" else ", or ").join(texts)


def _nested_text(rule: Rule, within: str, names: FeatureNames) -> str:
    """Put a group in brackets where it could be misread without them."""
    words = rule_text(rule, names)
    match rule:
        case Group(kind, rules) if kind == "none" or (kind != within and len(rules) > 1):
            return f"({words})"
    return words


def operand_text(criterion: Criterion) -> str:
    """Write what a criterion requires of its feature.

    Examples
    --------
    >>> operand_text(Criterion("size", "employees", "between", (1000, 5000)))
    'between 1,000 and 5,000'
    """
    operand = criterion.operand
    match criterion.operator:
        case "is_missing":
            return "is not known" if operand else "is known"
        case "between":
            return f"between {value_text(operand[0])} and {value_text(operand[1])}"
        case "one_of":
            return f"is {text.join(map(value_text, operand), last='or')}"
        case "none_of":
            return f"is not {text.join(map(value_text, operand), last='or')}"
        case "equals":
            return f"is {value_text(operand)}"
        case operator:
            return f"{operator.replace('_', ' ')} {value_text(operand)}"


def value_text(value: Any) -> str:
    """Write one value of a feature.

    Examples
    --------
    >>> value_text(True), value_text(1200), value_text("director"), value_text(None)
    ('yes', '1,200', 'director', 'not known')
    """
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return localised(f"{value:,}") if isinstance(value, (int, float)) else str(value)
