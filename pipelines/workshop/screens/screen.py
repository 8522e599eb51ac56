"""A screen of the workshop: one sentence, one picture, one question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.pages.pieces import BarChart, Table

if TYPE_CHECKING:
    from pipelines.card.card import Card


@dataclass(frozen=True)
class Section:
    """More on a screen, folded away: tables and charts under a heading."""

    title: str
    pieces: Sequence[BarChart | Table | str]


@dataclass(frozen=True)
class Screen:
    """A screen.

    Attributes
    ----------
    key, title : str
        Its place in the page, and its heading.
    sentence : str
        What it says, with the figure and its interval.
    picture : BarChart or None
        What it shows.
    question : str
        What the teams have to decide.
    complaints : sequence of (str, str)
        What each side says of the other, with its number.
    card : Card or None
        The card, where the screen shows it.
    notes : sequence of str
        What is not known, and how to read the picture.
    more : sequence of Section
        What is folded away.
    """

    key: str
    title: str
    sentence: str
    picture: BarChart | None
    question: str
    complaints: Sequence[tuple[str, str]] = ()
    card: Card | None = None
    notes: Sequence[str] = ()
    more: Sequence[Section] = ()
