"""The agreed lead definition as people write it: read, checked line by line, said in words.

What the rules *mean* is in ``model.serving``, which travels with the model. This room reads the
file that sales and marketing sign, and where a line cannot be meant so, says which line, what was
expected and the nearest right name. It also says what else the file promises: the directions that
both teams expect, whether their examples come out as they say, and whether the file contradicts
the workspace.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.errors import LeadReadyError
from features.workspace.yaml_with_lines import read_places
from model.definition.validate import DIRECTIONS, Known, check
from model.serving import Criterion, Definition, Group, Rule, ServingError, holds

if TYPE_CHECKING:
    from features.families.feature import Feature
    from features.workspace.read import Workspace


def read_definition(
    path: str | Path, known_features: Iterable[str | Feature] | None = None
) -> Definition:
    """Read a definition file and check every line of it.

    Parameters
    ----------
    path : path
        The YAML file.
    known_features : iterable of str or Feature, optional
        What can be asked about; without it, names are not checked. With features (rather than
        names), the kind of each is checked against the operators.

    Returns
    -------
    Definition

    Raises
    ------
    LeadReadyError
        With file, line and column, what was expected, and the nearest right name.
    """
    place = read_places(
        Path(path),
        what="definition",
        missing="leadready init writes a draft; leadready.yaml names the file under  definition:",
        keys="ready_when: …",
    )
    check(place, _known(known_features))
    try:
        return Definition.from_dict(place.value)
    except ServingError as error:
        raise place.wrong(error.what, error.hint) from error


def _known(features: Iterable[str | Feature] | None) -> Known:
    if features is None:
        return Known(None)
    named = [(one, None) if isinstance(one, str) else (one.name, one.kind) for one in features]
    return Known(dict(named))


# -- what the file promises -----------------------------------------------------------------------


def directions(definition: Mapping[str, Any]) -> dict[str, int]:
    """Give the directions that both teams expect: 1 is increasing, -1 decreasing.

    Examples
    --------
    >>> directions({"expect": [{"feature": "webinars_attended_30d", "direction": "increasing"}]})
    {'webinars_attended_30d': 1}
    """
    expected = definition.get("expect") or ()
    return {one["feature"]: DIRECTIONS[one["direction"]] for one in expected}


@dataclass(frozen=True)
class Difference:
    """An example lead whose verdict is not the one that the file says."""

    place: int
    lead: Mapping[str, Any]
    expected: str
    verdict: str
    failed: str
    missing: str

    def __str__(self) -> str:  # noqa: D105
        of = "because of" if self.verdict == "never" else "failed:"
        why = f"; {of} {self.failed}" if self.failed else ""
        why += f"; not known: {self.missing}" if self.missing else ""
        return f"example {self.place} should be {self.expected}, the rules say {self.verdict}{why}"


def example_table(definition: Mapping[str, Any], features: Iterable[str] = ()) -> pd.DataFrame:
    """Make a table of the example leads, with every column that rules or ``features`` ask for.

    Examples
    --------
    >>> example_table({"ready_when": [{"id": "a", "feature": "employees", "at_least": 50}],
    ...                "examples": [{"lead": {"seniority": "vp"}, "verdict": "unknown"}]})
      employees seniority
    0      None        vp
    """
    leads = [one["lead"] for one in definition.get("examples") or ()]
    asked = [*Definition.from_dict(definition).features, *features]
    names = dict.fromkeys([*asked, *(name for lead in leads for name in lead)])
    rows = [{name: lead.get(name) for name in names} for lead in leads]
    return pd.DataFrame(rows, columns=list(names), dtype="object")


def examples_that_differ(definition: Mapping[str, Any]) -> list[Difference]:
    """Hold the example leads against the rules and give those that come out otherwise.

    Examples
    --------
    >>> rules = {"ready_when": [{"id": "size", "feature": "employees", "at_least": 50}]}
    >>> example = {"lead": {"employees": 20}, "verdict": "ready"}
    >>> print(*examples_that_differ(rules | {"examples": [example]}))
    example 1 should be ready, the rules say not ready; failed: size
    """
    examples = definition.get("examples") or ()
    said = Definition.from_dict(definition).evaluate(example_table(definition))
    told = zip(examples, said.verdict, said.failed, said.missing, strict=True)
    return [
        Difference(place, one["lead"], one["verdict"], verdict, failed, missing)
        for place, (one, verdict, failed, missing) in enumerate(told, start=1)
        if one["verdict"] != verdict
    ]


def check_against(definition: Mapping[str, Any], ws: Workspace, file: str | None = None) -> None:
    """Refuse a definition that says another moment or horizon than the workspace.

    Parameters
    ----------
    definition, ws
        Both as read.
    file : str, optional
        Where the definition is from; by default the one in use.

    Raises
    ------
    LeadReadyError
        With both values and where to change them.
    """
    where = f"{file or ws.definition} and leadready.yaml"
    agreed, used = definition.get("horizon_days"), ws.outcome.horizon_days
    if agreed is not None and agreed != used:
        counts = f"within {used} days" if used else "whenever they come"
        what = f"the definition counts wins within {agreed} days, the workspace {counts}"
        raise LeadReadyError(
            what, where=where, hint=f"write  horizon_days: {agreed}  under  outcome:"
        )
    said = definition.get("moment")
    if said is not None:
        _check_moment(said, ws, where)


def _check_moment(said: str, ws: Workspace, where: str) -> None:
    """``column``, ``created``, or ``column + N days``."""
    parts = re.fullmatch(r"(.*?)(?:\s*\+\s*(\d+) days?)?", said.strip())
    column, days = parts.groups() if parts else (said, None)
    used, plus = ws.moment.column or ws.leads.created or "created", ws.moment.plus_days or 0
    names = {used, *(["created"] if used == ws.leads.created else [])}
    if column not in names or (days is not None and int(days) != plus):
        really = f"{used} + {plus} days" if plus else used
        what = f"the definition judges leads at {said}, the workspace at {really}"
        raise LeadReadyError(
            what, where=where, hint=f"write  moment: {really}  or change the workspace"
        )


def criteria_counts(definition: Mapping[str, Any], X: pd.DataFrame) -> pd.DataFrame:
    """Count for each criterion the leads that pass it, fail it, or leave it unknown.

    Examples
    --------
    >>> rules = {"ready_when": [{"id": "size", "feature": "employees", "at_least": 50}]}
    >>> criteria_counts(rules, pd.DataFrame({"employees": [60, 20, None, 70]}))
          criterion              pass  fail  unknown
    size  employees at least 50     2     1        1
    """
    criteria = Definition.from_dict(definition).criteria
    values = [holds(one, X) for one in criteria]
    columns: dict[str, list[Any]] = {"criterion": [in_words(one) for one in criteria]}
    for name, wanted in (("pass", 1), ("fail", -1), ("unknown", 0)):
        columns[name] = [int((value == wanted).sum()) for value in values]
    return pd.DataFrame(columns, index=[criterion.id for criterion in criteria])


def hand_made_points(definition: Mapping[str, Any], X: pd.DataFrame) -> pd.Series[float]:
    """Sum the points that people give today; a criterion that is unknown gives none.

    Examples
    --------
    >>> give = [{"feature": "employees", "at_least": 50, "points": 5}]
    >>> rules = {"points": {"threshold": 5, "give": give}}
    >>> hand_made_points(rules, pd.DataFrame({"employees": [60, 20, None]})).to_list()
    [5.0, 0.0, 0.0]
    """
    give = (definition.get("points") or {}).get("give") or ()
    given = ((Criterion.from_dict(part), float(part["points"])) for part in give)
    points = sum(((holds(one, X) == 1) * points for one, points in given), np.zeros(len(X)))
    return pd.Series(points, X.index)


# -- in words -------------------------------------------------------------------------------------


def in_words(rule: Rule, words: Mapping[str, str] | None = None) -> str:
    """Say a criterion or a group as people would.

    Examples
    --------
    >>> in_words(Criterion("size", "employees", "at_least", 50))
    'employees at least 50'
    >>> boss = Criterion("boss", "seniority", "one_of", ("vp", "c_level"))
    >>> webinar = Criterion("web", "webinars_30d", "at_least", 1)
    >>> in_words(Group("any", (boss, webinar)), {"webinars_30d": "webinars in the last 30 days"})
    'seniority is vp or c_level, or webinars in the last 30 days at least 1'
    """
    match rule:
        case Criterion():
            name = (words or {}).get(rule.feature, rule.feature.replace("_", " "))
            return f"{name} {_asked(rule.operator, rule.operand)}"
        case Group("none", rules):
            return f"none of: {'; '.join(_nested(part, 'none', words) for part in rules)}"
        case Group(kind, rules):
            between = ", and " if kind == "all" else ", or "
            *first, last = rules
            texts = [_nested(part, kind, words) for part in first]
            alone = isinstance(last, Group) and last.kind == "none"
            texts.append(in_words(last, words) if alone else _nested(last, kind, words))
            return between.join(texts)


def _nested(rule: Rule, within: str, words: Mapping[str, str] | None) -> str:
    """Put a group in brackets where it could be misread without."""
    text = in_words(rule, words)
    match rule:
        case Group(kind, rules) if kind == "none" or (kind != within and len(rules) > 1):
            return f"({text})"
    return text


def _asked(operator: str, operand: Any) -> str:
    if operator == "is_missing":
        return "is not known" if operand else "is known"
    if operator == "between":
        return f"between {_said(operand[0])} and {_said(operand[1])}"
    if operator in ("one_of", "none_of"):
        *first, last = [_said(one) for one in operand]
        listed = f"{', '.join(first)} or {last}" if first else last
        return f"is {'not ' if operator == 'none_of' else ''}{listed}"
    if operator == "equals":
        return f"is {_said(operand)}"
    return f"{operator.replace('_', ' ')} {_said(operand)}"


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, (int, float)) else str(value)


def requirements(rule: Rule) -> list[tuple[str, Rule]]:
    """Give what every ready lead has to meet, each with the ids of its criteria.

    Examples
    --------
    >>> vp, cfo = (Criterion(title, "title", "equals", title) for title in ("vp", "cfo"))
    >>> [name for name, _ in requirements(Group("all", (vp, Group("any", (vp, cfo)))))]
    ['vp', 'vp or cfo']
    """
    match rule:
        case Criterion():
            return [(rule.id, rule)]
        case Group("all", rules):
            return [found for part in rules for found in requirements(part)]
        case Group(kind):
            names = " or ".join(criterion.id for criterion in rule.criteria)
            return [(f"none of {names}" if kind == "none" else names, rule)]
