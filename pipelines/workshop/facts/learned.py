"""Screen 3: the card, and each line beside today's hand-made points and the agreed direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from model.registry.registry import LoadedModel
from model.serving import Definition, Scorecard
from pipelines.card.card import Card, card_of
from pipelines.definition.points import FactPoints, compare_points
from pipelines.snapshot import Snapshot
from pipelines.train.training_json import VersionJson


@dataclass(frozen=True)
class LineBeside:
    """A line of the card beside what people give and expect.

    Attributes
    ----------
    words : str
        The feature.
    least, most : float or None
        Its points; None where the feature is not on the card.
    leads, won : int
        That the line was learned from.
    by_hand : tuple of FactPoints
        The points that people give for facts of this feature today.
    expected : str
        The agreed direction; empty without one.
    contradicted : str
        What the data says against it; empty if nothing.
    """

    words: str
    least: float | None
    most: float | None
    leads: int
    won: int
    by_hand: tuple[FactPoints, ...]
    expected: str
    contradicted: str


@dataclass(frozen=True)
class LearnedFacts:
    """What the outcomes say: the card, and its lines beside what people think."""

    card: Card
    lines: tuple[LineBeside, ...]
    points_by_hand: bool
    threshold: float | None


def learned_facts(
    snapshot: Snapshot, definition: Definition, loaded: LoadedModel, note: str = ""
) -> LearnedFacts:
    """Compare the card of a version with the points by hand and the agreed directions."""
    card = card_of(loaded, snapshot.workspace.name, note)
    scorecard = Scorecard.from_dict(loaded.scorecard)
    by_hand: dict[str, list[FactPoints]] = {}
    for given in definition.points.give:
        fact = compare_points(given, scorecard, snapshot.features, snapshot.words)
        by_hand.setdefault(given.criterion.feature, []).append(fact)
    directions = {
        row["feature"]: row for row in cast(VersionJson, loaded.evaluation).get("directions") or ()
    }
    expected = {part.feature: part.direction for part in definition.expect}
    of_card = {line.name: line for line in card.lines}
    names = [*of_card, *(name for name in (*by_hand, *expected) if name not in of_card)]
    lines = []
    for name in dict.fromkeys(names):
        line, curve = of_card.get(name), directions.get(name) or {}
        lines.append(
            LineBeside(
                words=line.words if line else snapshot.words.get(name, name),
                least=line.least if line else None,
                most=line.most if line else None,
                leads=sum(row.leads or 0 for row in line.rows) if line else 0,
                won=sum(row.won or 0 for row in line.rows) if line else 0,
                by_hand=tuple(by_hand.get(name, ())),
                expected=expected.get(name, ""),
                contradicted=curve.get("finding", "") if curve.get("contradicted") else "",
            )
        )
    return LearnedFacts(
        card, tuple(lines), bool(definition.points.give), definition.points.threshold
    )
