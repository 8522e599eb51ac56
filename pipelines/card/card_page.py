"""The card as HTML: one page that loads nothing and prints on one sheet of A4.

The same fragment opens the report. Everything from the data is escaped, and bars are inline SVG,
which prints even where backgrounds do not.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from features import text
from features.locale import localised
from pipelines.card.card import SCORES, Card
from pipelines.card.card_text import (
    bands_text,
    learned_text,
    range_text,
    scale_text,
    version_text,
)
from pipelines.card.lines import PARTS, CardLine, CardRow, Part
from pipelines.card.print_size import print_size, printed_label
from pipelines.pages.shell import in_its_own_direction

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TITLES: dict[Part, tuple[str, str]] = {
    "fit": ("Fit", "who the lead is"),
    "engagement": ("Engagement", "what the lead did"),
    "other": ("Other", "in the score, but neither in the grade nor in the level"),
}


def card_page(card: Card) -> str:
    """Write the card as a page of its own.

    Parameters
    ----------
    card : Card

    Returns
    -------
    str
        HTML that loads nothing from anywhere.
    """
    template = _environment().get_template("page.html")
    title = f"Lead scorecard: {card.company}"
    return str(template.render(title=title, style=card_style(), card=card_fragment(card, "h2")))


def card_style() -> Markup:
    """Give the style sheet of the fragment."""
    from markupsafe import Markup

    environment = _environment()
    assert environment.loader is not None
    return Markup(environment.loader.get_source(environment, "card.css")[0])


def card_fragment(card: Card, heading: str, above: float = 0.0) -> Markup:
    """Write the card as part of a page.

    Parameters
    ----------
    card : Card
    heading : str
        The tag of its headings.
    above : float
        What stands above it on the printed page, in mm.
    """
    from markupsafe import Markup

    scale = _scale_of_bars(card)
    content = {
        "heading": heading,
        "size": print_size(card, above),
        "facts": [version_text(card), learned_text(card), scale_text(card)],
        "parts": [
            _part_content(card, part, scale) for part in PARTS if part != "other" or card.part(part)
        ],
        "scores": [(score, text.percent(card.probability(score), 1)) for score in SCORES],
    }
    return Markup(_environment().get_template("card.html").render(content))


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("pipelines.card", "")
    return Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        finalize=in_its_own_direction,
    )


def _part_content(card: Card, part: Part, scale: Scale) -> dict[str, Any]:
    title, meaning = TITLES[part]
    return {
        "title": title,
        "meaning": meaning,
        "bands": bands_text(card, part),
        "lines": [_line_content(line, card.digits, scale) for line in card.part(part)],
    }


def _line_content(line: CardLine, digits: int, scale: Scale) -> dict[str, Any]:
    return {
        "words": line.words,
        "range": range_text(line, digits),
        "by_hand": line.by_hand,
        "rows": [_row_content(row, digits, scale) for row in line.shown_rows],
    }


def _row_content(row: CardRow, digits: int, scale: Scale) -> dict[str, Any]:
    return {
        "label": _localised_label(row.label, row),
        "short": _localised_label(printed_label(row), row),
        "missing": row.missing,
        "points": text.signed(row.points, digits),
        "leads": text.number(row.leads, 0),
        "won": text.percent(row.win_rate.value, 1),
        "bar": _bar(row, scale),
    }


def _localised_label(label: str, row: CardRow) -> str:
    """Write the limits of a number in the chosen language; what people typed stays."""
    return label if row.categories else localised(label)


# -- bars -----------------------------------------------------------------------------------------


class Scale(NamedTuple):
    """The points at the two ends of every bar's box."""

    least: float
    most: float

    def place(self, points: float) -> float:
        """Where some points lie between the ends, in percent.

        Examples
        --------
        >>> Scale(-10, 30).place(0), Scale(-10, 30).place(50)
        (25.0, 100.0)
        """
        share = (points - self.least) / (self.most - self.least)
        return round(100 * min(max(share, 0.0), 1.0), 2)


def _scale_of_bars(card: Card) -> Scale:
    least = min((line.least for line in card.lines), default=0)
    most = max((line.most for line in card.lines), default=0)
    return Scale(min(least, -1), max(most, 1))


def _bar(row: CardRow, scale: Scale) -> dict[str, Any]:
    """Say where a bar and the interval of its points lie, and whether that goes on outside."""
    zero, end = scale.place(0), scale.place(row.points)
    bar = {"zero": zero, "left": min(zero, end), "width": round(abs(end - zero), 2)}
    bar |= {"positive": row.points >= 0, "low": 0.0, "span": 0.0}
    bar |= {"below": False, "above": False}
    if row.low is not None and row.high is not None:
        bar |= {"below": row.low < scale.least, "above": row.high > scale.most}
        bar["low"] = scale.place(row.low)
        bar["span"] = round(scale.place(row.high) - bar["low"], 2)
    return bar
