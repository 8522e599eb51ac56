"""Criteria that decide nothing among the leads that there are.

Logic finds what can never matter (``contradictions``). More can be seen in the data: a
count that is never below 0, a week that lies within a month, two facts that always come together.
Each criterion is taken out in turn, the last one first; where no lead then gets another verdict, it
decides nothing here. Leads of which every criterion says the same are looked at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from model.definition.read import in_words
from model.serving import Definition, holds

FEW = 50  # one in so many


@dataclass(frozen=True)
class Idle:
    """A criterion without which no lead would get another verdict.

    Attributes
    ----------
    criterion : str
        The id.
    passes, leads : int
        How many leads pass it, and how many there are.
    others : tuple of str
        Those that make it so: without any one of them it would decide something.
    row : int
        The place of a lead that shows it.
    said : int
        What the criterion says of that lead: 1 (passes), -1 (fails), 0 (not known).
    verdict : str
        That lead's verdict, with and without it.
    """

    criterion: str
    passes: int
    leads: int
    others: tuple[str, ...]
    row: int
    said: int
    verdict: str


def idle(
    definition: Mapping[str, Any], X: pd.DataFrame, settled: Collection[str] = ()
) -> list[Idle]:
    """Find the criteria that decide nothing among some leads.

    Parameters
    ----------
    definition : mapping
        As `model.definition.read.read_definition` gives it.
    X : DataFrame
        The leads' features.
    settled : collection of str
        Criteria that are known to decide nothing; they are left out of it.

    Returns
    -------
    list of Idle
        In the order of the file. Of two that always say the same, the later one is named.

    Examples
    --------
    >>> rules = {"ready_when": [{"id": "week", "feature": "visits_7d", "at_least": 1},
    ...                         {"id": "month", "feature": "visits_30d", "at_least": 1}]}
    >>> X = pd.DataFrame({"visits_7d": [2, 0, 0], "visits_30d": [5, 3, 0]})
    >>> for one in idle(rules, X):
    ...     print(one.criterion, one.others, one.passes, one.row, one.verdict)
    month ('week',) 2 2 not ready
    """
    if X.empty:
        return []
    criteria = Definition.from_dict(definition).criteria
    values = {criterion.id: holds(criterion, X) for criterion in criteria}
    _, rows = np.unique(np.column_stack(list(values.values())), axis=0, return_index=True)
    kinds, left = X.iloc[rows], dict(definition)
    for name in settled:
        left = _without(left, name) or left
    found: dict[str, Idle] = {}
    there = [name for name in values if name not in settled]
    while name := _first_idle(left, there, kinds):
        said, verdicts = values[name][rows], _verdicts(left, kinds)
        place = min(range(len(kinds)), key=lambda nth: _shows(int(said[nth]), verdicts[nth]))
        passes = int((values[name] == 1).sum())
        others = tuple(one for one in there if _needs(left, name, one, kinds))
        row, verdict = int(rows[place]), verdicts[place]
        found[name] = Idle(name, passes, len(X), others, row, int(said[place]), verdict)
        left = _without(left, name) or left
        there.remove(name)
    return [found[name] for name in values if name in found]


def _shows(said: int, verdict: str) -> int:
    """Rank a lead by how well it shows that a criterion does not matter; 0 shows it best."""
    best = [(1, "never"), (-1, "ready"), (-1, "not ready"), (1, "not ready"), (-1, "unknown")]
    return best.index((said, verdict)) if (said, verdict) in best else len(best)


def _first_idle(definition: Mapping[str, Any], names: Sequence[str], X: pd.DataFrame) -> str:
    return next((one for one in names[::-1] if _decides_nothing(definition, one, X)), "")


def _decides_nothing(definition: Mapping[str, Any], name: str, X: pd.DataFrame) -> bool:
    less = _without(definition, name)
    parts = (X[::FEW], X)  # a few leads mostly tell that it does decide something
    return less is not None and all(_verdicts(less, X) == _verdicts(definition, X) for X in parts)


def _needs(definition: Mapping[str, Any], name: str, other: str, X: pd.DataFrame) -> bool:
    """Whether a criterion would decide something if another were not there."""
    less = _without(definition, other)
    return other != name and less is not None and not _decides_nothing(less, name, X)


def idle_in_words(
    one: Idle,
    definition: Mapping[str, Any],
    lead_id: str,
    words: Mapping[str, str] | None = None,
) -> str:
    """Say it to people who do not program.

    Examples
    --------
    >>> rules = {"ready_when": [{"id": "week", "feature": "visits_7d", "at_least": 1},
    ...                         {"id": "month", "feature": "visits_30d", "at_least": 1}]}
    >>> X = pd.DataFrame({"visits_7d": [2, 0, 0], "visits_30d": [5, 3, 0]})
    >>> print(idle_in_words(idle(rules, X)[0], rules, "L-3"))
    month (visits 30d at least 1) decides nothing among these 3 leads, because of week \
(visits 7d at least 1): lead L-3 fails month, and the rules say not ready with and without it
    """
    told = {rule.id: in_words(rule, words) for rule in Definition.from_dict(definition).criteria}
    about = f"{one.criterion} ({told[one.criterion]}) decides nothing among these {one.leads:,}"
    if one.passes in (0, one.leads):
        return f"{about} leads: {'all of them pass' if one.passes else 'none of them passes'} it"
    others = " and ".join(f"{other} ({told[other]})" for other in one.others)
    because = f", because of {others}" if others else ""
    does = {1: "passes", -1: "fails", 0: "may pass or fail"}[one.said]
    shown = f"lead {lead_id} {does} {one.criterion}, and the rules say {one.verdict}"
    return f"{about} leads{because}: {shown} with and without it"


def _verdicts(definition: Mapping[str, Any], X: pd.DataFrame) -> list[str]:
    return [str(one) for one in Definition.from_dict(definition).evaluate(X).verdict]


def _without(definition: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """Take a criterion out; None where nothing of ``ready_when`` would be left."""
    ready, never = (_less(definition.get(key) or [], name) for key in ("ready_when", "never_when"))
    return {**definition, "ready_when": ready, "never_when": never or []} if ready else None


def _less(rules: Any, name: str) -> Any:
    """Give rules without a criterion, and without the groups that are empty then."""
    if isinstance(rules, list):
        return [less for one in rules if (less := _less(one, name))]
    if "id" in rules:
        return None if rules["id"] == name else rules
    return {kind: less for kind, under in rules.items() if (less := _less(under, name))}
