"""The lines of a card, read from a scorecard.

Within a line, the intervals of a number ascend and the groups of a category follow their points;
any other value and missing come last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import Any, Literal, NamedTuple

from features.text import signed
from model.serving import ENGAGEMENT, FIT, Scorecard, Term
from model.training.intervals import Interval, win_rate_interval

Content = Mapping[str, Any]  # a line of the scorecard, as JSON has it
Part = Literal["fit", "engagement", "other"]
BY_HAND = "by_hand"  # key of a line: the rows that people set
PARTS: tuple[Part, ...] = ("fit", "engagement", "other")


class CardRow(NamedTuple):
    """What a value is worth, and the leads that had it.

    ``low`` and ``high`` are the ends of the 95% interval of the points. ``categories`` are the
    values of a category that share the row.
    """

    label: str
    points: float
    low: float | None
    high: float | None
    leads: int | None
    won: int | None
    missing: bool
    categories: tuple[str, ...]

    @property
    def win_rate(self) -> Interval:
        """The share of the leads that were won, with its 95% interval.

        Examples
        --------
        >>> CardRow("under 50", -8, None, None, 0, 0, False, ()).win_rate
        Interval(value=None, low=None, high=None)
        """
        if not self.leads or self.won is None:
            return Interval(None, None, None)
        return Interval(self.won / self.leads, *win_rate_interval(self.won, self.leads))


class CardLine(NamedTuple):
    """The part of the card that belongs to one feature."""

    name: str
    words: str
    family: str
    rows: tuple[CardRow, ...]
    by_hand: str = ""  # which rows people set, and why

    @property
    def part(self) -> Part:
        """Whether the line says who the lead is, what it did, or something else."""
        if self.family in FIT:
            return "fit"
        return "engagement" if self.family == ENGAGEMENT else "other"

    @property
    def shown_rows(self) -> list[CardRow]:
        """The rows that had leads or give points; the others change nothing."""
        return [row for row in self.rows if row.leads != 0 or row.points]

    @property
    def least(self) -> float:
        """The fewest points that the line gives."""
        return min((row.points for row in self.shown_rows), default=0)

    @property
    def most(self) -> float:
        """The most points that the line gives."""
        return max((row.points for row in self.shown_rows), default=0)

    @property
    def moves(self) -> float:
        """Points that the line gives or takes, on average over the leads it was learned from.

        Examples
        --------
        >>> rows = (CardRow("no", -1, None, None, 30, 1, False, ()),
        ...         CardRow("yes", 9, None, None, 10, 5, False, ()))
        >>> CardLine("demo", "demo requested", "engagement", rows).moves
        3.0
        """
        leads = sum(row.leads or 0 for row in self.rows)
        return sum(abs(row.points) * (row.leads or 0) for row in self.rows) / max(leads, 1)


def read_lines(scorecard: Scorecard) -> tuple[CardLine, ...]:
    """Read the lines of a scorecard; those that move scores most come first.

    Pairs, which only format 1 has, are lines without counts.
    """
    contents = chain(scorecard.lines, repeat({}))
    lines = [_read_line(*part) for part in zip(scorecard.terms, contents, strict=False)]
    return tuple(sorted(lines, key=lambda line: -line.moves))


def _read_line(term: Term, content: Content) -> CardLine:
    """Read a line, in which the scorecard has missing first, and any other category second."""
    missing, *rows = _read_rows(term, content)
    if "categories" in content:
        other, *groups = rows
        rows = [*sorted(groups, key=lambda row: -row.points), other]
    name = " and ".join(axis.name for axis in term.axes)
    return CardLine(name, term.words, term.family, (*rows, missing), hand_set_text(content))


def _read_rows(term: Term, content: Content) -> Iterator[CardRow]:
    unknown = [None] * len(term.labels)
    columns = [content.get(key) or unknown for key in ("low", "high", "counts", "wins")]
    groups = [(), (), *map(_as_group, content.get("categories") or ())]
    for place, (label, points) in enumerate(zip(term.labels, term.points.tolist(), strict=True)):
        low, high, leads, won = (column[place] for column in columns)
        group = groups[place] if "categories" in content else ()
        yield CardRow(label, points, low, high, leads, won, place == 0, group)


def _as_group(categories: str | Sequence[str]) -> tuple[str, ...]:
    """Give the values of a row; in format 1 each row of a category has one."""
    return (categories,) if isinstance(categories, str) else tuple(categories)


def hand_set_text(line: Content) -> str:
    """Say which rows of a line people set by hand; empty where all were learned.

    Examples
    --------
    >>> row = {"row": 1, "points": -9, "learned": -3, "by": "Ann", "because": "we know these"}
    >>> hand_set_text({"labels": ["unknown", "small"], "by_hand": [row]})
    'small set by hand by Ann: we know these (-9, learned: -3)'
    """
    return "; ".join(
        f"{line['labels'][row['row']]} set by hand by {row['by']}: {row['because']} "
        f"({signed(row['points'])}, learned: {signed(row['learned'])})"
        for row in line.get(BY_HAND) or ()
    )
