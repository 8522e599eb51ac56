"""What the page of a live session shows of the card: its rows, and those that people had set."""

from __future__ import annotations

from collections.abc import Mapping

from features import text
from pipelines.card.hand_set import HandSetPoints, Relearned, relearned_rows
from pipelines.card.lines import read_lines
from pipelines.workshop.live.leads import LiveCard
from pipelines.workshop.live.session import Session


def card_lines(card: LiveCard, session: Session) -> list[dict[str, object]]:
    """List the lines of the card with their rows, learned and as set by hand."""
    by_place = {row[:2]: row for row in session.state.hand_set}
    labels = {axis.name: axis.labels for axis in card.learned.axes.values()}
    learned = {line.name: line for line in read_lines(card.learned)}
    return [
        {
            "name": name,
            "words": line.words,
            "note": next((n for n in session.state.notes if n.about == name), None),
            "rows": [
                {
                    "place": (place := labels[name].index(row.label)),
                    "label": row.label,
                    "learned": text.signed(row.points, 0),
                    "leads": text.number(row.leads, 0),
                    "points": _points_now(by_place, name, place, row.points),
                    "hand": by_place.get((name, place)),
                }
                for row in line.shown_rows
            ],
        }
        for name, line in learned.items()
        if name in labels
    ]


def _points_now(
    by_place: Mapping[tuple[str, int], HandSetPoints], name: str, place: int, learned: float
) -> int:
    row = by_place.get((name, place))
    return round(learned) if row is None else int(row.points)


def lost_points(card: LiveCard, session: Session) -> list[Relearned]:
    """List the points set by hand that the training of this card learned again.

    Those that were set again, in this session or before, are left out.
    """
    again = {(row.feature, row.row) for row in session.state.hand_set}
    return [
        row
        for row in relearned_rows(card.loaded.evaluation, card.loaded.scorecard)
        if (row.feature, row.place) not in again
    ]


def set_again(card: LiveCard, session: Session) -> list[HandSetPoints]:
    """Give these points for the rows that the card still has."""
    return [
        HandSetPoints(row.feature, row.place, row.points, row.by, row.because)
        for row in lost_points(card, session)
        if row.place is not None
    ]
