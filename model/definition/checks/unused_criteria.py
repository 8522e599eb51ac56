"""Criteria that change no verdict among the leads in the data.

Logic finds what can never matter (``contradictions``). The data shows more: a count that is never
below 0, a week that lies within a month, two facts that always come together. Each criterion is
left out in turn, the last one first; where no lead then gets another verdict, it is unused. Leads
for which every criterion has the same value are looked at once, and each criterion is evaluated
once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from features import text
from model.definition.edits import replace_criterion
from model.definition.words import FeatureNames, rule_text
from model.serving import NEVER, NO_RULES, VERDICTS, Criterion, Definition, Group, Rule, holds

Values = npt.NDArray[Any]  # 1 (passes), -1 (fails), 0 (not known), one for each lead


class UnusedCriterion(NamedTuple):
    """A criterion without which no lead would get another verdict.

    Attributes
    ----------
    id : str
        The criterion's id.
    passes, leads : int
        How many leads pass it, and how many there are.
    others : tuple of str
        The criteria that make it unused: without any one of them it would matter.
    row : int
        The row of a lead that shows it.
    value : int
        The criterion's value for that lead: 1 (passes), -1 (fails), 0 (not known).
    verdict : str
        That lead's verdict, with and without the criterion.
    """

    id: str
    passes: int
    leads: int
    others: tuple[str, ...]
    row: int
    value: int
    verdict: str


@dataclass(frozen=True)
class _Rules:
    """What makes a lead ready, what rules it out, and the value of each criterion for each lead."""

    ready: Group
    never: Group
    values: Mapping[str, Values]

    @cached_property
    def codes(self) -> Values:
        """The verdict of each lead, as the position in ``VERDICTS``."""
        ready = _value_of(self.ready, self.values)
        if not self.never.rules:
            return ready + 1
        never = _value_of(self.never, self.values)
        return np.where(never == 1, NEVER, np.minimum(ready, -never) + 1)

    def without(self, name: str) -> _Rules | None:
        """Leave a criterion out; None where nothing of ``ready_when`` would be left."""
        ready = replace_criterion(self.ready, name, None)
        if not isinstance(ready, Group):
            return None
        never = replace_criterion(self.never, name, None)
        return _Rules(ready, never if isinstance(never, Group) else NO_RULES, self.values)

    def ignore(self, name: str) -> bool:
        """Whether no lead gets another verdict without a criterion."""
        less = self.without(name)
        return less is not None and np.array_equal(less.codes, self.codes)

    def need(self, name: str, other: str) -> bool:
        """Whether a criterion would matter if another one were left out."""
        less = self.without(other)
        return other != name and less is not None and not less.ignore(name)


def _value_of(rule: Rule, values: Mapping[str, Values]) -> Values:
    """Combine the values of criteria: "and" takes the least, "or" the greatest."""
    match rule:
        case Criterion():
            return values[rule.id]
        case Group(kind, rules):
            parts = [_value_of(part, values) for part in rules]
            if kind == "all":
                return reduce(np.minimum, parts)
            value = reduce(np.maximum, parts)
            return -value if kind == "none" else value


def unused_criteria(
    definition: Definition, X: pd.DataFrame, left_out: Collection[str] = ()
) -> list[UnusedCriterion]:
    """Find the criteria that change no verdict among some leads.

    Parameters
    ----------
    X : DataFrame
        The leads' features.
    left_out : collection of str
        Ids of criteria already known to change nothing; they are left out of the rules.

    Returns
    -------
    list of UnusedCriterion
        In the order of the file. Of two criteria that always agree, the later one is unused.

    Examples
    --------
    >>> definition = Definition.from_dict({
    ...     "ready_when": [{"id": "week", "feature": "visits_7d", "at_least": 1},
    ...                    {"id": "month", "feature": "visits_30d", "at_least": 1}]})
    >>> X = pd.DataFrame({"visits_7d": [2, 0, 0], "visits_30d": [5, 3, 0]})
    >>> for unused in unused_criteria(definition, X):
    ...     print(unused.id, unused.others, unused.passes, unused.row, unused.verdict)
    month ('week',) 2 2 not ready
    """
    if X.empty:
        return []
    values = {criterion.id: holds(criterion, X) for criterion in definition.criteria}
    _, rows = np.unique(np.column_stack(list(values.values())), axis=0, return_index=True)
    distinct = {name: value[rows].astype(np.int8) for name, value in values.items()}
    rules = _Rules(definition.ready, definition.never, distinct)
    for name in left_out:
        rules = rules.without(name) or rules
    found: dict[str, UnusedCriterion] = {}
    names = [name for name in values if name not in left_out]
    while name := _last_unused(rules, names):
        shown = _clearest_lead(values[name][rows], rules.codes)
        found[name] = UnusedCriterion(
            name,
            int((values[name] == 1).sum()),
            len(X),
            tuple(other for other in names if rules.need(name, other)),
            int(rows[shown]),
            int(values[name][rows[shown]]),
            VERDICTS[rules.codes[shown]],
        )
        rules = rules.without(name) or rules
        names.remove(name)
    return [found[name] for name in values if name in found]


def _last_unused(rules: _Rules, names: Sequence[str]) -> str:
    return next((name for name in reversed(names) if rules.ignore(name)), "")


def _clearest_lead(values: npt.NDArray[Any], codes: npt.NDArray[np.intp]) -> int:
    """Find the lead that shows best that a criterion does not matter."""
    best = [(1, "never"), (-1, "ready"), (-1, "not ready"), (1, "not ready"), (-1, "unknown")]
    ranks = {example: rank for rank, example in enumerate(best)}
    leads = list(zip(values.tolist(), (VERDICTS[code] for code in codes), strict=True))
    return min(range(len(leads)), key=lambda row: ranks.get(leads[row], len(best)))


def unused_text(
    unused: UnusedCriterion, definition: Definition, lead_id: str, names: FeatureNames = None
) -> str:
    """Explain it to people who do not program.

    Examples
    --------
    >>> definition = Definition.from_dict({
    ...     "ready_when": [{"id": "week", "feature": "visits_7d", "at_least": 1},
    ...                    {"id": "month", "feature": "visits_30d", "at_least": 1}]})
    >>> X = pd.DataFrame({"visits_7d": [2, 0, 0], "visits_30d": [5, 3, 0]})
    >>> print(unused_text(unused_criteria(definition, X)[0], definition, "L-3"))
    month (visits 30d at least 1) changes no verdict among these 3 leads, because of week \
(visits 7d at least 1): lead L-3 fails month, and its verdict is not ready with and without it
    """
    rules = {criterion.id: rule_text(criterion, names) for criterion in definition.criteria}
    leads = text.count(unused.leads, "lead")
    start = f"{unused.id} ({rules[unused.id]}) changes no verdict among these {leads}"
    if unused.passes in (0, unused.leads):
        return f"{start}: {'all of them pass' if unused.passes else 'none of them passes'} it"
    others = text.join(f"{other} ({rules[other]})" for other in unused.others)
    because = f", because of {others}" if others else ""
    result = {1: "passes", -1: "fails", 0: "may pass or fail"}[unused.value]
    lead = f"lead {lead_id} {result} {unused.id}, and its verdict is {unused.verdict}"
    return f"{start}{because}: {lead} with and without it"
