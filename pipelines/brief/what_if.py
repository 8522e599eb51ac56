"""What a lead's answers and actions would change: what to ask first, and what would make it ready.

Every answer is put into the lead's row, and the row is scored again by the card and the rules. So
what is said is exact: the decision that the next run would give, if nothing else changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from features.families.feature import ENGAGEMENT, Feature
from model.serving import Axis, Definition, Scorecard, score_leads

READY = "hand off"
RANKS = {"never": 0, "nurture": 1, "explore": 1, "review": 2, READY: 3}  # of decisions
OTHER = "(another value)"
SHOWN = 3


class Answer(NamedTuple):
    """A value that a fact of a lead could have."""

    feature: str
    words: str
    value: Any
    label: str


class Outcome(NamedTuple):
    """What answers lead to."""

    answers: tuple[Answer, ...]
    score: float
    decision: str


class Question(NamedTuple):
    """An unknown fact, and what its answer could lead to.

    Attributes
    ----------
    feature, words : str
        The fact.
    least, most : float
        The scores that its answers lead to.
    decisions : tuple of str
        The decisions that they lead to.
    """

    feature: str
    words: str
    least: float
    most: float
    decisions: tuple[str, ...]


class WhatIf:
    """A lead whose facts could be others.

    Parameters
    ----------
    X : DataFrame
        The features of the lead, in one row.
    card, definition
        By which it is scored.
    catalogue : sequence of Feature
        What the features are.
    """

    def __init__(
        self,
        X: pd.DataFrame,
        card: Scorecard,
        definition: Definition,
        catalogue: Sequence[Feature],
    ) -> None:
        self.X, self.card, self.definition = X, card, definition
        self.features = {feature.name: feature for feature in catalogue}
        self.now = self.outcomes([()])[0]

    def outcomes(self, tried: Sequence[tuple[Answer, ...]]) -> list[Outcome]:
        """Score the lead with each set of answers."""
        rows = self.X.iloc[np.zeros(len(tried), int)].reset_index(drop=True).astype("object")
        for row, answers in enumerate(tried):
            for answer in answers:
                rows.at[row, answer.feature] = answer.value
        kinds = {name: kind for name, kind in self.X.dtypes.items() if kind.kind in "fM"}
        scored = score_leads(rows.astype(kinds), self.card, self.definition)
        found = zip(tried, scored["score"], scored["decision"], strict=True)
        return [Outcome(answers, score, str(decision)) for answers, score, decision in found]

    def first_question(self) -> Question | None:
        """Find the unknown fact whose answer could change the decision most, then the score."""
        questions = [self._question(name) for name in self._unknown() if self._answers(name)]
        moving = [question for question in questions if self._weight(question) > (0, 0)]
        return max(moving, key=self._weight, default=None)

    def ways_to_ready(self) -> list[Outcome]:
        """List the fewest answers and actions that would lead to a hand-off, least points first."""
        if self.now.decision == READY:
            return []
        answers = [answer for name in self._movable() for answer in self._answers(name)]
        for many in (1, 2):
            tried = [
                chosen
                for chosen in combinations(answers, many)
                if len({answer.feature for answer in chosen}) == many
            ]
            ready = [way for way in self.outcomes(tried) if way.decision == READY]
            if ready:
                return _least(ready)
        return []

    def _question(self, name: str) -> Question:
        found = self.outcomes([(answer,) for answer in self._answers(name)])
        scores = [way.score for way in found]
        decisions = sorted({way.decision for way in found}, key=lambda name: -RANKS.get(name, 1))
        words = self.features[name].words
        return Question(name, words, min(scores), max(scores), tuple(decisions))

    def _weight(self, question: Question) -> tuple[float, float]:
        """By how many ranks the decision, and by how many points the score could move."""
        now = RANKS.get(self.now.decision, 1)
        ranks = max(abs(RANKS.get(decision, 1) - now) for decision in question.decisions)
        return ranks, question.most - question.least

    def _unknown(self) -> list[str]:
        """Name the facts that nobody knows; what a lead did is known."""
        return [name for name in self._facts() if pd.isna(self.X.iloc[0][name])]

    def _movable(self) -> list[str]:
        """Name what can change: unknown facts, and what the lead may do."""
        return [*self._unknown(), *self._facts(engagement=True)]

    def _facts(self, engagement: bool = False) -> Iterable[str]:
        for name in dict.fromkeys([*self.card.axes, *self.definition.features]):
            feature = self.features.get(name)
            asked = feature is not None and feature.kind in ("number", "category")
            if feature is not None and asked and (feature.family == ENGAGEMENT) == engagement:
                yield name

    def _answers(self, name: str) -> list[Answer]:
        """List one value for each row of the card, and those that the rules tell apart."""
        axis, words = self.card.axes.get(name), self.features[name].words
        values = {} if axis is None else _values_of_rows(axis)
        for criterion in self.definition.criteria:
            if criterion.feature == name:
                for operand in criterion.operands:
                    values |= _values_around(operand, self.features[name].kind)
        current = self.X.iloc[0][name]
        return [
            Answer(name, words, value, label) for value, label in values.items() if value != current
        ]


def _least(ways: Sequence[Outcome]) -> list[Outcome]:
    """Keep the way of the least points for each set of facts, and the first few of those."""
    by_facts: dict[frozenset[str], Outcome] = {}
    for way in sorted(ways, key=lambda way: way.score):
        by_facts.setdefault(frozenset(answer.feature for answer in way.answers), way)
    return list(by_facts.values())[:SHOWN]


def _values_of_rows(axis: Axis) -> dict[Any, str]:
    """Give a value for each row of a line but that of unknown values, and what the row is called.

    Examples
    --------
    >>> axis = Axis("n", "n", ("unknown", "under 50", "50 or more"), np.array([50.0]), {})
    >>> _values_of_rows(axis)
    {25.0: 'under 50', 50.0: '50 or more'}
    """
    if axis.cuts is None:
        first = {place: value for value, place in reversed(axis.places.items())}
        values = {1: OTHER, **first}
        return {values[place]: axis.labels[place] for place in sorted(values)}
    if not len(axis.cuts):
        return {0.0: axis.labels[1]}
    low = axis.cuts[0] / 2 if axis.cuts[0] > 0 else axis.cuts[0] - 1
    return dict(zip(map(float, [low, *axis.cuts]), axis.labels[1:], strict=True))


def _values_around(operand: Any, kind: str) -> dict[Any, str]:
    """Give values on both sides of what a rule compares with."""
    if kind == "category":
        return {str(operand): str(operand)} if isinstance(operand, str) else {}
    if isinstance(operand, bool) or not isinstance(operand, int | float):
        return {}
    return {
        float(operand): f"{operand:g}",
        float(np.nextafter(operand, -np.inf)): f"under {operand:g}",
        float(np.nextafter(operand, np.inf)): f"over {operand:g}",
    }
