"""Points that people set by hand: what a card becomes when they know better than its data.

A line with such points says by whom they were set and why. The same points stand in the card that
is tested and in the card that is served; what they cost is measured like that of any other card.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from features.errors import LeadReadyError
from features.text import signed
from pipelines.card.lines import BY_HAND, Content

RELEARNED = "relearned"  # key of an evaluation: points set by hand that were learned again
LARGEST = 100  # points, either way: ten times that the odds double


class HandSetPoints(NamedTuple):
    """The points of one row, set by a person.

    Attributes
    ----------
    feature : str
        The line.
    row : int
        Its place in the line, where missing is 0.
    points : int
    by, because : str
        Who set them, and why.
    """

    feature: str
    row: int
    points: int
    by: str
    because: str


def with_hand_set_points(scorecard: Content, rows: Sequence[HandSetPoints]) -> Content:
    """Set the points of some rows of a scorecard.

    Raises
    ------
    LeadReadyError
        When the card has no such line or row, the points are out of range, or nobody signs for
        them.

    Examples
    --------
    >>> card = {"lines": [{"name": "size", "labels": ["unknown", "small", "large"],
    ...                    "points": [0, -3, 3]}]}
    >>> line = with_hand_set_points(
    ...     card, [HandSetPoints("size", 1, -9, "Ann", "we know these")])["lines"][0]
    >>> line["points"], line["by_hand"][0]["learned"]
    ([0, -9, 3], -3)
    >>> with_hand_set_points(card, [HandSetPoints("size", 1, -9, "", "we know these")])
    Traceback (most recent call last):
    features.errors.LeadReadyError: nobody signs for the points set by hand of 'size'
    """
    lines = {line["name"]: line for line in scorecard["lines"]}
    for row in rows:
        _check_row(row, lines)
        lines[row.feature] = _with_row(lines[row.feature], row)
    return {**scorecard, "lines": list(lines.values())}


def with_the_same_points(
    scorecard: Content, served: Content, rows: Iterable[HandSetPoints]
) -> Content:
    """Set the same points in a twin of a card, which has learned from fewer leads.

    A row that the twin cuts in another way cannot be set alone; there it takes the whole line.

    Examples
    --------
    >>> row = HandSetPoints("size", 1, -9, "Ann", "we know these")
    >>> twin = {"lines": [{"name": "size", "labels": ["unknown", "small"], "points": [0, -2]}]}
    >>> served = {"lines": [{"name": "size", "labels": ["unknown", "small"], "points": [0, -9]}]}
    >>> with_the_same_points(twin, served, [row])["lines"][0]["points"]
    [0, -9]
    """
    lines = {line["name"]: line for line in scorecard["lines"]}
    of_served = {line["name"]: line for line in served["lines"]}
    for row in rows:
        label = of_served[row.feature]["labels"][row.row]
        labels = lines.get(row.feature, {}).get("labels", [])
        if label in labels:
            there = row._replace(row=labels.index(label))
            lines[row.feature] = _with_row(lines[row.feature], there)
        else:
            lines[row.feature] = of_served[row.feature]
    return {**scorecard, "lines": list(lines.values())}


class Relearned(NamedTuple):
    """Points that people had set by hand in a version, and that a training learned again.

    ``place`` is where the new card has the same row; None where it cuts the line otherwise.
    """

    feature: str
    words: str
    label: str
    points: int
    by: str
    because: str
    version: str
    place: int | None = None


def set_by_hand(scorecard: Content, version: str) -> list[Relearned]:
    """List the rows of a card that people have set.

    Examples
    --------
    >>> row = {"row": 1, "points": -9, "by": "Ann", "because": "we know these", "learned": -3}
    >>> line = {"name": "size", "words": "size", "labels": ["unknown", "small"], "by_hand": [row]}
    >>> [relearned_text(row) for row in set_by_hand({"lines": [line]}, "4")][0][:57]
    '“size: small” had -9 points in version 4, set by hand by '
    """
    return [
        Relearned(
            line["name"],
            line["words"],
            line["labels"][row["row"]],
            row["points"],
            row["by"],
            row["because"],
            version,
        )
        for line in scorecard["lines"]
        for row in line.get(BY_HAND) or ()
    ]


def relearned_rows(evaluation: Content, scorecard: Content) -> list[Relearned]:
    """List the points that a training learned again, with their places in its card.

    Those that people have set again are left out.
    """
    lines = {line["name"]: line for line in scorecard["lines"]}
    rows = []
    for content in evaluation.get(RELEARNED) or ():
        row = Relearned(**content)
        labels = lines.get(row.feature, {}).get("labels", [])
        place = labels.index(row.label) if row.label in labels else None
        again = [each["row"] for each in lines.get(row.feature, {}).get(BY_HAND) or ()]
        if place is None or place not in again:
            rows.append(row._replace(place=place))
    return rows


def relearned_text(row: Relearned) -> str:
    """Say that points set by hand were learned again, and what brings them back."""
    return (
        f"“{row.words}: {row.label}” had {signed(row.points, 0)} points in version {row.version}, "
        f"set by hand by {row.by}: {row.because}. This training learned them again. To set them "
        "by hand as before: leadready workshop --live"
    )


def _check_row(row: HandSetPoints, lines: Mapping[str, Content]) -> None:
    if row.feature not in lines:
        raise LeadReadyError.unknown(row.feature, lines, what="line of the card")
    rows = len(lines[row.feature]["points"])
    if not 0 <= row.row < rows:
        what = f"the line {row.feature!r} has {rows} rows, and none at place {row.row}"
        raise LeadReadyError(what, hint="choose a row of the card")
    if abs(row.points) > LARGEST:
        what = f"{row.points} points are more than a card takes"
        raise LeadReadyError(what, hint=f"give {-LARGEST} to {LARGEST} points; 10 double the odds")
    if not row.by.strip() or not row.because.strip():
        what = f"nobody signs for the points set by hand of {row.feature!r}"
        raise LeadReadyError(what, hint="say who sets them, and why")


def _with_row(line: Content, row: HandSetPoints) -> Content:
    """Set one row; its learned points are kept beside it, and its interval no longer holds."""
    before = {set_by_hand["row"]: set_by_hand for set_by_hand in line.get(BY_HAND) or ()}
    learned = before[row.row]["learned"] if row.row in before else line["points"][row.row]
    entry = {**row._asdict(), "learned": learned}
    del entry["feature"]
    changed = {**line, BY_HAND: [*(before | {row.row: entry}).values()]}
    for key in ("points", "low", "high"):
        if line.get(key):
            changed[key] = [*line[key]]
            changed[key][row.row] = row.points
    changed.pop("covariance", None)
    return changed
