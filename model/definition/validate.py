"""Check every line of a definition: is it allowed there, of the right kind, and possible?

One function for each part of the file, in the order in which people write them. The first line
that is wrong ends the reading with an error that points at it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from features.families.feature import THE_DAY
from features.workspace.yaml_with_lines import Place, yaml_value_text
from model.serving import (
    DIRECTIONS,
    GROUPS,
    OPERATORS,
    SETTLED,
    VERDICTS,
    Handoff,
    Signature,
    Tolerance,
)

KEYS = (
    "draft",
    "name",
    "version",
    "moment",
    "horizon_days",
    "terms",
    "teams",
    "ready_when",
    "never_when",
    "expect",
    "points",
    "examples",
    "handoff",
    "tolerance",
    "agreed",
)
NUMERIC = ("at_least", "at_most", "between")
DATES = ("before", "after")
DEEPEST = 12  # groups within groups; more is a mistake, or a file made to do harm


@dataclass(frozen=True)
class FeatureKinds:
    """The kind of each feature that rules can use; ``kinds`` is None where names are not checked.

    A kind is ``number``, ``category`` or ``date``, and None where it is not known.
    """

    kinds: Mapping[str, str | None] | None

    def kind_at(self, place: Place) -> str | None:
        """Check the feature's name at a place, and return the feature's kind."""
        name = place.text()
        if self.kinds is not None and name not in self.kinds:
            hint = "leadready check lists the features"
            raise place.unknown(name, self.kinds, "feature", hint)
        return self.kind(name)

    def kind(self, name: str) -> str | None:
        """Return the kind of a feature."""
        return (self.kinds or {}).get(name)


def validate(top: Place, features: FeatureKinds) -> None:
    """Check a whole definition; the first line that is wrong raises an error."""
    parts = top.mapping(KEYS, required=("version", "ready_when"))
    for key in ("name", "moment"):
        if key in parts:
            parts[key].text()
    if not isinstance(parts["version"].value, (int, str)):
        raise parts["version"].wrong("expected a number or a text such as 4 or 2026-10")
    if "draft" in parts and not isinstance(parts["draft"].value, bool):
        raise parts["draft"].wrong("expected true or false")
    if "horizon_days" in parts:
        parts["horizon_days"].whole(1)
    ids: dict[str, Place] = {}
    _validate_rules(parts["ready_when"], features, ids)
    if parts.get("never_when") and parts["never_when"].value:
        _validate_rules(parts["never_when"], features, ids)
    alone: dict[str, Callable[[Place], object]] = {
        "terms": _validate_terms,
        "teams": _team_names,
        "handoff": _validate_handoff,
        "tolerance": _validate_tolerance,
    }
    for key, validate_part in alone.items():
        if key in parts:
            validate_part(parts[key])
    of_features: dict[str, Callable[[Place, FeatureKinds], None]] = {
        "expect": _validate_expectations,
        "points": _validate_points,
        "examples": _validate_examples,
    }
    for key, validate_with_features in of_features.items():
        if key in parts and parts[key].value:
            validate_with_features(parts[key], features)
    if "agreed" in parts:
        _validate_signatures(parts["agreed"], parts.get("teams"))


# -- rules ----------------------------------------------------------------------------------------


def _validate_rules(
    place: Place, features: FeatureKinds, ids: dict[str, Place], depth: int = 0
) -> None:
    """Check a criterion, a group, or a list of them."""
    if depth > DEEPEST:
        what = f"groups are nested more than {DEEPEST} deep"
        raise place.wrong(what, "put the criteria into one list, or into fewer groups")
    if isinstance(place.value, list):
        for rule in place.items(at_least=1):
            _validate_rules(rule, features, ids, depth + 1)
    elif isinstance(place.value, dict) and any(kind in place.value for kind in GROUPS):
        for group in place.mapping(GROUPS).values():
            for rule in group.items(at_least=1):
                _validate_rules(rule, features, ids, depth + 1)
    else:
        _validate_criterion(place, features, ids)


def _validate_criterion(place: Place, features: FeatureKinds, ids: dict[str, Place]) -> None:
    known = ("id", "feature", "asked_by", "because", *OPERATORS, *GROUPS)
    parts = place.mapping(known, required=("id", "feature"))
    name = parts["id"].text()
    if not re.fullmatch(r"[\w.-]+", name):
        nearest = re.sub(r"[^\w.]+", "-", name).strip("-")
        raise parts["id"].wrong(f"the id {name!r} must be one word", f"write  id: {nearest}")
    if name in ids:
        raise parts["id"].wrong(f"the id {name!r} is already used at {ids[name].where}")
    ids[name] = parts["id"]
    for key in ("asked_by", "because"):
        if key in parts:
            parts[key].text()
    _validate_condition(place, parts, features)


def _validate_condition(place: Place, parts: Mapping[str, Place], features: FeatureKinds) -> None:
    """Check what a criterion requires of its feature."""
    kind = features.kind_at(parts["feature"])
    operators = [key for key in OPERATORS if key in parts]
    if len(operators) != 1:
        got = " and ".join(operators) or "nothing"
        hint = "write two criteria, or between: [low, high]" if operators else None
        raise place.wrong(f"expected one of {', '.join(OPERATORS)}, got {got}", hint)
    (operator,) = operators
    _validate_operator(parts[operator], operator, parts["feature"].text(), features)
    _validate_operand(parts[operator], operator, kind)


def _validate_operator(place: Place, operator: str, feature: str, features: FeatureKinds) -> None:
    """Check that the operator suits the kind of the feature."""
    kind = features.kind(feature)
    required = "date" if operator in DATES else "number" if operator in NUMERIC else None
    if kind is None or operator == "is_missing" or kind == required:
        return
    if required is None and kind != "date":
        return  # categories and numbers can be compared with a list of values
    compares = {"date": "dates", "number": "numbers", None: "values"}[required]
    what = f"this compares {compares}, but {feature} is a {kind}"
    raise place.wrong(what, f"write  {_suggestion(place, required, feature, features)}")


def _suggestion(place: Place, required: str | None, feature: str, features: FeatureKinds) -> str:
    """Suggest a condition that suits the kind of the feature."""
    kind = features.kind(feature)
    if kind == "date":
        return "before: 2026-10-01  or  after: 2026-09-30"
    if kind == "category":
        return f"one_of: [{place.value if required == 'number' else 'value'}]"
    day = f"{feature}{THE_DAY}"
    if day in (features.kinds or {}):
        return f"feature: {day}  for the day, since {feature} counts the days since then"
    return "at_least: 5  or  at_most: 5"


def _validate_operand(place: Place, operator: str, kind: str | None) -> None:
    match operator:
        case "at_least" | "at_most":
            place.number()
        case "between":
            low, high = (bound.number() for bound in place.items(exactly=2))
            if low > high:
                raise place.wrong(f"{low:g} is more than {high:g}", f"write  [{high:g}, {low:g}]")
        case "one_of" | "none_of":
            seen: set[str] = set()
            for item in place.items(at_least=1):
                if str(_feature_value(item, kind)) in seen:
                    raise item.wrong(f"{item.value!r} is in the list twice")
                seen.add(str(item.value))
        case "equals":
            _feature_value(place, kind)
        case "is_missing":
            place.flag()
        case _:
            place.day()


def _feature_value(place: Place, kind: str | None) -> Any:
    """Check one value that a feature may have."""
    if kind == "number":
        return place.number()
    if kind == "date":
        return place.day()
    if place.value is None or isinstance(place.value, (list, dict)):
        hint = "write  is_missing: true  to require a missing value"
        raise place.wrong(
            f"expected one value, such as director, got {yaml_value_text(place.value)}",
            hint if place.value is None else None,
        )
    return place.value


# -- beside the rules -----------------------------------------------------------------------------


def _validate_terms(place: Place) -> None:
    for term in place.mapping(None).values():
        term.text()


def _team_names(place: Place) -> list[str]:
    return [team.text() for team in place.items(at_least=1)]


def _validate_expectations(place: Place, features: FeatureKinds) -> None:
    seen: dict[str, Place] = {}
    for item in place.items():
        known = ("feature", "direction", "asked_by", "because")
        parts = item.mapping(known, required=("feature", "direction"))
        kind, name = features.kind_at(parts["feature"]), parts["feature"].text()
        parts["direction"].choice(tuple(DIRECTIONS))
        if kind in ("category", "date"):
            raise parts["feature"].wrong(f"{name} is a {kind}, which has no direction")
        if name in seen:
            raise item.wrong(f"a direction of {name} is already expected at {seen[name].where}")
        seen[name] = item


def _validate_points(place: Place, features: FeatureKinds) -> None:
    parts = place.mapping(("threshold", "give"), required=("threshold", "give"))
    parts["threshold"].number()
    for item in parts["give"].items(at_least=1):
        known = ("id", "feature", "points", "asked_by", "because", *OPERATORS)
        given = item.mapping(known, required=("feature", "points"))
        given["points"].number()
        _validate_condition(item, given, features)


def _validate_examples(place: Place, features: FeatureKinds) -> None:
    for item in place.items():
        parts = item.mapping(("lead", "verdict", "because", "id"), required=("lead", "verdict"))
        parts["verdict"].choice(VERDICTS)
        for name, value in parts["lead"].mapping(features.kinds, what="feature").items():
            if value.value is not None:  # a missing value may be left out or left empty
                _feature_value(value, features.kind(name))


def _validate_handoff(place: Place) -> None:
    parts = place.mapping(Handoff._fields)
    if "decide_by" in parts:
        parts["decide_by"].choice(tuple(SETTLED))
    for key in ("per_week", "follow_up_hours"):
        if key in parts:
            parts[key].number(low=0)
    if "explore" in parts:
        parts["explore"].number(low=0, high=1)


def _validate_tolerance(place: Place) -> None:
    for share in place.mapping(Tolerance._fields).values():
        share.number(low=0, high=1)


def _validate_signatures(place: Place, teams: Place | None) -> None:
    for item in place.items():
        parts = item.mapping(Signature._fields, required=Signature._fields)
        for key in ("name", "digest"):
            parts[key].text()
        parts["on"].day()
        team = parts["team"].text()
        if teams is not None and team not in _team_names(teams):
            raise parts["team"].unknown(team, _team_names(teams), "team")
