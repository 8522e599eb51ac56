"""Every line of a definition: may it be there, is it of the right kind, does it make sense.

One function for each part of the file, in the order in which people write them. The first line
that cannot be meant so ends the reading with an error that points at it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from features.families.feature import THE_DAY
from features.workspace.yaml_with_lines import Place, shown
from model.serving import OPERATORS, SETTLED, VERDICTS

KEYS = (
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
GROUPS = ("all", "any", "none")
NUMERIC = ("at_least", "at_most", "between")
DATES = ("before", "after")
DIRECTIONS = {"increasing": 1, "decreasing": -1}
TOLERANCES = ("agreement", "criterion", "calibration", "champion")
DEEPEST = 12  # groups within groups; more is a mistake, or a file made to do harm


@dataclass(frozen=True)
class Known:
    """The features that can be asked about, with their kinds as far as they are known."""

    kinds: Mapping[str, str | None] | None

    def feature(self, place: Place) -> str | None:
        """Check a feature's name and give its kind."""
        name = place.text()
        if self.kinds is not None and name not in self.kinds:
            hint = "leadready check lists the features"
            raise place.unknown(name, self.kinds, "feature", hint)
        return self.kinds[name] if self.kinds is not None else None


def check(top: Place, known: Known) -> None:
    """Check a whole definition; the first line that cannot be meant so is an error."""
    parts = top.mapping(KEYS, required=("version", "ready_when"))
    for key in ("name", "moment"):
        if key in parts:
            parts[key].text()
    if not isinstance(parts["version"].value, (int, str)):
        raise parts["version"].wrong("expected a number or a text such as 4 or 2026-10")
    if "horizon_days" in parts:
        parts["horizon_days"].whole(1)
    ids: dict[str, Place] = {}
    _rules(parts["ready_when"], known, ids)
    if parts.get("never_when") and parts["never_when"].value:
        _rules(parts["never_when"], known, ids)
    checks = {"terms": _terms, "teams": _teams, "handoff": _handoff, "tolerance": _tolerance}
    for key, check in checks.items():
        if key in parts:
            check(parts[key])
    for key, one in {"expect": _expect, "points": _points, "examples": _examples}.items():
        if key in parts and parts[key].value:
            one(parts[key], known)
    if "agreed" in parts:
        _agreed(parts["agreed"], parts.get("teams"))


# -- rules ----------------------------------------------------------------------------------------


def _rules(place: Place, known: Known, ids: dict[str, Place], depth: int = 0) -> None:
    """Check a criterion, a group, or a list of them."""
    if depth > DEEPEST:
        what = f"groups are nested more than {DEEPEST} deep"
        raise place.wrong(what, "put the criteria into one list, or into fewer groups")
    if isinstance(place.value, list):
        for one in place.items(at_least=1):
            _rules(one, known, ids, depth + 1)
    elif isinstance(place.value, dict) and any(kind in place.value for kind in GROUPS):
        for one in place.mapping(GROUPS).values():
            for part in one.items(at_least=1):
                _rules(part, known, ids, depth + 1)
    else:
        _criterion(place, known, ids)


def _criterion(place: Place, known: Known, ids: dict[str, Place]) -> None:
    about = ("id", "feature", "asked_by", "because")
    parts = place.mapping((*about, *OPERATORS, *GROUPS), required=("id", "feature"))
    name = parts["id"].text()
    if not re.fullmatch(r"[\w.-]+", name):
        nearest = re.sub(r"[^\w.]+", "-", name).strip("-")
        raise parts["id"].wrong(f"the id {name!r} must be one word", f"write  id: {nearest}")
    if name in ids:
        raise parts["id"].wrong(f"the id {name!r} is already that of {ids[name].where}")
    ids[name] = parts["id"]
    for key in ("asked_by", "because"):
        if key in parts:
            parts[key].text()
    _asks(place, parts, known)


def _asks(place: Place, parts: Mapping[str, Place], known: Known) -> None:
    """Check what a criterion asks of its feature."""
    kind = known.feature(parts["feature"])
    operators = [key for key in OPERATORS if key in parts]
    if len(operators) != 1:
        got = " and ".join(operators) or "nothing"
        hint = "write two criteria, or between: [low, high]" if operators else None
        expected = f"expected one of {', '.join(OPERATORS)}, got {got}"
        raise place.wrong(expected, hint)
    operator = operators[0]
    _suits(parts[operator], operator, parts["feature"].text(), known)
    _operand(parts[operator], operator, kind)


def _suits(place: Place, operator: str, feature: str, known: Known) -> None:
    """Check that what is asked suits the kind of the feature."""
    kind = (known.kinds or {}).get(feature)
    asks = "date" if operator in DATES else "number" if operator in NUMERIC else None
    if kind is None or operator == "is_missing" or kind == asks:
        return
    if asks is None and kind != "date":
        return  # one of several values: of categories, and of numbers
    compares = {"date": "dates", "number": "numbers", None: "values"}[asks]
    what = f"this compares {compares}, but {feature} is a {kind}"
    raise place.wrong(what, f"write  {_instead(place, asks, feature, known)}")


def _instead(place: Place, asks: str | None, feature: str, known: Known) -> str:
    """Say what may be asked of a feature in place of something that does not suit it."""
    kinds = known.kinds or {}
    if kinds[feature] == "date":
        return "before: 2026-10-01  or  after: 2026-09-30"
    if kinds[feature] == "category":
        return f"one_of: [{place.value if asks == 'number' else 'value'}]"
    day = f"{feature}{THE_DAY}"
    counts = f"feature: {day}  for the day, since {feature} counts the days since then"
    return counts if day in kinds else "at_least: 5  or  at_most: 5"


def _operand(place: Place, operator: str, kind: str | None) -> None:
    if operator in ("at_least", "at_most"):
        place.number()
    elif operator == "between":
        low, high = (one.number() for one in place.items(exactly=2))
        if low > high:
            raise place.wrong(f"{low:g} is more than {high:g}", f"write  [{high:g}, {low:g}]")
    elif operator in ("one_of", "none_of"):
        seen: set[str] = set()
        for one in place.items(at_least=1):
            if str(_value(one, kind)) in seen:
                raise one.wrong(f"{one.value!r} is in the list twice")
            seen.add(str(one.value))
    elif operator == "equals":
        _value(place, kind)
    elif operator == "is_missing":
        place.flag()
    else:
        place.day()


def _value(place: Place, kind: str | None) -> Any:
    """Check one value that a feature may have."""
    if kind == "number":
        return place.number()
    if kind == "date":
        return place.day()
    if place.value is None or isinstance(place.value, (list, dict)):
        hint = (
            "write  is_missing: true  to ask for a missing value" if place.value is None else None
        )
        raise place.wrong(f"expected one value, such as director, got {shown(place.value)}", hint)
    return place.value


# -- what stands beside the rules -----------------------------------------------------------------


def _terms(place: Place) -> None:
    for term in place.mapping(None).values():
        term.text()


def _teams(place: Place) -> list[str]:
    return [one.text() for one in place.items(at_least=1)]


def _expect(place: Place, known: Known) -> None:
    seen: dict[str, Place] = {}
    for one in place.items():
        parts = one.mapping(
            ("feature", "direction", "asked_by", "because"), required=("feature", "direction")
        )
        kind, name = known.feature(parts["feature"]), parts["feature"].text()
        parts["direction"].choice(tuple(DIRECTIONS))
        if kind in ("category", "date"):
            raise parts["feature"].wrong(f"{name} is a {kind}, which has no direction")
        if name in seen:
            raise one.wrong(f"a direction of {name} is already expected in {seen[name].where}")
        seen[name] = one


def _points(place: Place, known: Known) -> None:
    parts = place.mapping(("threshold", "give"), required=("threshold", "give"))
    parts["threshold"].number()
    for one in parts["give"].items(at_least=1):
        keys = ("id", "feature", "points", "asked_by", "because", *OPERATORS)
        given = one.mapping(keys, required=("feature", "points"))
        given["points"].number()
        _asks(one, given, known)


def _examples(place: Place, known: Known) -> None:
    for one in place.items():
        parts = one.mapping(("lead", "verdict", "because", "id"), required=("lead", "verdict"))
        parts["verdict"].choice(VERDICTS)
        for name, value in parts["lead"].mapping(known.kinds, what="feature").items():
            if value.value is not None:  # what is not known may be left out, or left empty
                _value(value, (known.kinds or {}).get(name))


def _handoff(place: Place) -> None:
    parts = place.mapping(("decide_by", "per_week", "follow_up_hours", "explore"))
    if "decide_by" in parts:
        parts["decide_by"].choice(tuple(SETTLED))
    for key in ("per_week", "follow_up_hours"):
        if key in parts:
            parts[key].number(low=0)
    if "explore" in parts:
        parts["explore"].number(low=0, high=1)


def _tolerance(place: Place) -> None:
    for part in place.mapping(TOLERANCES).values():
        part.number(low=0, high=1)


def _agreed(place: Place, teams: Place | None) -> None:
    for one in place.items():
        keys = ("team", "name", "on", "digest")
        parts = one.mapping(keys, required=keys)
        for key in ("name", "digest"):
            parts[key].text()
        parts["on"].day()
        team = parts["team"].text()
        if teams is not None and team not in _teams(teams):
            raise parts["team"].unknown(team, _teams(teams), "team")
