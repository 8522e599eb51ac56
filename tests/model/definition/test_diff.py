"""What differs between two definitions, in words."""

from __future__ import annotations

from typing import Any

from model.definition.diff import definition_changes
from model.serving import Definition


def changes(
    old: dict[str, Any], new: dict[str, Any], names: dict[str, str] | None = None
) -> list[str]:
    return definition_changes(Definition.from_dict(old), Definition.from_dict(new), names)


def test_every_part_that_changed_is_listed() -> None:
    vp = {"id": "vp", "feature": "seniority", "one_of": ["vp"], "because": "they sign"}
    web = {"id": "web", "feature": "webinars_30d", "at_least": 1}
    old = {
        "version": 4,
        "horizon_days": 90,
        "terms": {"lead": "a person"},
        "ready_when": {"all": [vp, {"any": [web]}]},
        "never_when": [{"id": "student", "feature": "seniority", "equals": "student"}],
        "expect": [{"feature": "employees", "direction": "increasing"}],
        "points": {"threshold": 5, "give": [web | {"points": 5}]},
        "examples": [{"lead": {"seniority": "vp"}, "verdict": "ready"}],
        "handoff": {"per_week": 40},
        "tolerance": {"agreement": 0.7},
    }
    new = {
        "version": 5,
        "horizon_days": 60,
        "terms": {"lead": "a buyer"},
        "ready_when": {"all": [vp | {"because": "they pay"}, web | {"at_least": 2}]},
        "points": {"threshold": 9, "give": [web | {"points": 3}]},
        "examples": [{"lead": {"seniority": "vp"}, "verdict": "unknown"}],
        "handoff": {"per_week": 30, "explore": 0.1},
        "tolerance": {},
    }
    assert changes(old, new, {"webinars_30d": "webinars"}) == [
        "version: 4 → 5",
        "horizon days: 90 → 60",
        "term lead: a person → a buyer",
        "vp, because: they sign → they pay",
        "web: at least 1 → at least 2 webinars",
        "ready when: web moved to another group, which now reads: seniority is vp, and webinars at "
        "least 2",
        "never when, removed: student (seniority is student)",
        "expected, removed: employees increasing",
        "points threshold: 5 → 9",
        "points for webinars at least 1: +5 → +3",
        "example 1: verdict: ready → unknown",
        "handoff per_week: 40 → 30",
        "handoff explore: 0 → 0.1",
        "tolerance agreement: 0.7 → nothing",
    ]
    assert changes(old, old) == []


def test_a_changed_example_of_the_same_lead_is_listed_once() -> None:
    small = {"lead": {"employees": 12}, "verdict": "not ready", "because": "too small"}
    large = {"lead": {"employees": 400}, "verdict": "ready", "because": "closed in three weeks"}
    rules = {"ready_when": [{"id": "size", "feature": "employees", "at_least": 50}]}
    new = [
        large | {"lead": {"employees": 500, "seniority": "vp"}},
        {"lead": {"employees": 60}, "verdict": "ready"},
    ]
    assert changes(rules | {"examples": [small, large]}, rules | {"examples": new}) == [
        "example 1: employees 400 → 500; seniority not known → vp",
        "example, removed: employees 12: not ready (too small)",
        "example, added: employees 60: ready",
    ]
    again = [small | {"because": "no team", "verdict": "never"}, large]
    assert changes(rules | {"examples": [small, large]}, rules | {"examples": again}) == [
        "example 1: verdict: not ready → never; because: too small → no team"
    ]


def test_the_same_rules_written_in_another_way_have_no_changes() -> None:
    size = {"id": "size", "feature": "employees", "at_least": 50}
    boss = {"id": "boss", "feature": "seniority", "equals": "vp"}
    alone = {"version": 4, "ready_when": [size, boss]}
    whole = {
        "version": "4",
        "ready_when": {"all": [size, boss]},
        "never_when": [],
        "handoff": {"decide_by": "review"},
        "teams": ["sales", "marketing"],
    }
    assert changes(alone, whole) == []
    assert changes(alone, whole | {"ready_when": [boss, size]}) == ["ready when: the order changed"]
