"""The definition applied to leads: its examples, the counts of each criterion, manual points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from model.definition.words import rule_text
from model.serving import Criterion, Definition, Group, Rule, holds


class ExampleMismatch(NamedTuple):
    """An example lead to which the rules give another verdict than the file says.

    Attributes
    ----------
    number : int
        The example's place in the file, from 1.
    lead : mapping
        Its features.
    expected, verdict : str
        What the file says, and what the rules say.
    failed, missing : str
        The criteria that failed and the features that are missing, as in the scores.
    """

    number: int
    lead: Mapping[str, Any]
    expected: str
    verdict: str
    failed: str
    missing: str

    def __str__(self) -> str:
        label = "because of" if self.verdict == "never" else "failed:"
        why = f"; {label} {self.failed}" if self.failed else ""
        why += f"; not known: {self.missing}" if self.missing else ""
        return f"example {self.number} should be {self.expected}, the rules say {self.verdict}{why}"


def example_table(definition: Definition, features: Iterable[str] = ()) -> pd.DataFrame:
    """Make a table of the example leads.

    Parameters
    ----------
    features : iterable of str
        Columns to include besides those that rules or examples use.

    Examples
    --------
    >>> definition = Definition.from_dict({
    ...     "ready_when": [{"id": "a", "feature": "employees", "at_least": 50}],
    ...     "examples": [{"lead": {"seniority": "vp"}, "verdict": "unknown"}]})
    >>> example_table(definition)
      employees seniority
    0      None        vp
    """
    leads = [example.lead for example in definition.examples]
    of_leads = (name for lead in leads for name in lead)
    names = list(dict.fromkeys([*definition.features, *features, *of_leads]))
    rows = [[lead.get(name) for name in names] for lead in leads]
    return pd.DataFrame(rows, columns=names, dtype="object")


def example_mismatches(definition: Definition) -> list[ExampleMismatch]:
    """Apply the rules to the example leads and return those with another verdict.

    Examples
    --------
    >>> definition = Definition.from_dict({
    ...     "ready_when": [{"id": "size", "feature": "employees", "at_least": 50}],
    ...     "examples": [{"lead": {"employees": 20}, "verdict": "ready"}]})
    >>> print(*example_mismatches(definition))
    example 1 should be ready, the rules say not ready; failed: size
    """
    verdicts = definition.evaluate(example_table(definition))
    rows = zip(
        definition.examples, verdicts.verdict, verdicts.failed, verdicts.missing, strict=True
    )
    return [
        ExampleMismatch(number, example.lead, example.verdict, verdict, failed, missing)
        for number, (example, verdict, failed, missing) in enumerate(rows, start=1)
        if example.verdict != verdict
    ]


def criteria_counts(definition: Definition, X: pd.DataFrame) -> pd.DataFrame:
    """Count the leads that pass each criterion, fail it, or leave it unknown.

    Examples
    --------
    >>> definition = Definition.from_dict(
    ...     {"ready_when": [{"id": "size", "feature": "employees", "at_least": 50}]})
    >>> criteria_counts(definition, pd.DataFrame({"employees": [60, 20, None, 70]}))
          criterion              pass  fail  unknown
    size  employees at least 50     2     1        1
    """
    criteria = definition.criteria
    values = [holds(criterion, X) for criterion in criteria]
    columns: dict[str, list[str] | list[int]] = {"criterion": list(map(rule_text, criteria))}
    for name, value in (("pass", 1), ("fail", -1), ("unknown", 0)):
        columns[name] = [int((each == value).sum()) for each in values]
    return pd.DataFrame(columns, index=[criterion.id for criterion in criteria])


def manual_points(definition: Definition, X: pd.DataFrame) -> pd.Series[float]:
    """Sum the points that people assign by hand today; an unknown criterion adds none.

    Examples
    --------
    >>> definition = Definition.from_dict({
    ...     "ready_when": [{"id": "size", "feature": "employees", "at_least": 50}],
    ...     "points": {"threshold": 5, "give": [
    ...         {"feature": "employees", "at_least": 50, "points": 5}]}})
    >>> manual_points(definition, pd.DataFrame({"employees": [60, 20, None]})).to_list()
    [5.0, 0.0, 0.0]
    """
    total = np.zeros(len(X))
    for criterion, points in definition.points.give:
        total = total + (holds(criterion, X) == 1) * float(points)
    return pd.Series(total, X.index)


def requirements(rule: Rule) -> list[tuple[str, Rule]]:
    """List what every ready lead has to meet, each with the ids of its criteria.

    Examples
    --------
    >>> vp, cfo = (Criterion(title, "title", "equals", title) for title in ("vp", "cfo"))
    >>> [ids for ids, _ in requirements(Group("all", (vp, Group("any", (vp, cfo)))))]
    ['vp', 'vp or cfo']
    """
    match rule:
        case Criterion():
            return [(rule.id, rule)]
        case Group("all", rules):
            return [found for part in rules for found in requirements(part)]
        case Group(kind):
            ids = " or ".join(criterion.id for criterion in rule.criteria)
            return [(f"none of {ids}" if kind == "none" else ids, rule)]
