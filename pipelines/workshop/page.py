"""The workshop's page: seven screens in one HTML file that loads nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from features import text
from features.locale import figures_in
from pipelines.card.card_page import card_fragment, card_style
from pipelines.card.print_size import text_height
from pipelines.pages.drawing import draw_bars, draw_table
from pipelines.pages.glossary import glossary_rows, terms_in
from pipelines.pages.pieces import BarChart, Table
from pipelines.pages.shell import environment, page_style
from pipelines.workshop.facts.feedback import kept_back_wins
from pipelines.workshop.facts.gather import WorkshopFacts
from pipelines.workshop.screens.agreement import agreed_screen
from pipelines.workshop.screens.apart import apart_screen
from pipelines.workshop.screens.decisions import decisions_screen
from pipelines.workshop.screens.outcomes import outcomes_screen
from pipelines.workshop.screens.proposed import proposed_screen
from pipelines.workshop.screens.screen import Screen
from pipelines.workshop.screens.told import told_screen
from pipelines.workshop.screens.where import where_screen

if TYPE_CHECKING:
    from markupsafe import Markup

AROUND_CARD = 24.0  # mm of the printed sheet: title, margins, frame of the question


def screens_of(facts: WorkshopFacts) -> list[Screen]:
    """Make the seven screens, in the order of the story."""
    note = facts.version_note
    return [
        where_screen(facts.funnel, dict(facts.agreed.terms)),
        agreed_screen(facts.agreed),
        outcomes_screen(facts.learned, note),
        apart_screen(facts.parting, facts.parting_note),
        told_screen(facts.feedback, kept_back_wins(facts.changes.current), facts.content),
        proposed_screen(facts.changes),
        decisions_screen(facts.trust, note),
    ]


def workshop_page(facts: WorkshopFacts, locale: str = "en") -> str:
    """Write the page.

    Parameters
    ----------
    facts : WorkshopFacts
        What the screens say.
    locale : str
        ``en`` or ``de``: how figures and days are written.
    """
    with figures_in(locale):
        screens = screens_of(facts)
        drawn = [_screen_content(screen) for screen in screens]
        content: dict[str, object] = {
            "company": facts.company,
            "made_of": _made_of_text(facts),
            "screens": drawn,
            "parts": [(screen.key, screen.title) for screen in screens],
            "questions": [(screen.title, screen.question) for screen in screens[:-1]],
            "terms": [*facts.agreed.terms],
            "meanings": glossary_rows(terms_in(str(drawn))),
            "known_on": facts.known_on,
            "card_style": card_style(),
            "style": page_style(),
        }
        return environment().get_template("workshop.html").render(content)


@dataclass(frozen=True)
class DrawnScreen:
    """A screen for a notebook, which shows it as HTML.

    Attributes
    ----------
    title, sentence, question : str
    html : str
        Its charts and tables with the style of the page.
    """

    title: str
    sentence: str
    question: str
    html: str

    def _repr_html_(self) -> str:
        """Show the screen in a frame of its own, so that its style stays out of the notebook."""
        from markupsafe import escape

        return f'<iframe srcdoc="{escape(self.html)}" style="width:100%;height:720px"></iframe>'


def drawn_screens(facts: WorkshopFacts) -> list[DrawnScreen]:
    """Draw each screen on its own, to be shown in a notebook."""
    template = environment().get_template("screen.html")
    styles = {"card_style": card_style(), "style": page_style()}
    return [
        DrawnScreen(
            screen.title,
            screen.sentence,
            screen.question,
            template.render(part=_screen_content(screen), **styles),
        )
        for screen in screens_of(facts)
    ]


def _made_of_text(facts: WorkshopFacts) -> str:
    extract = f", as exported on {facts.extract_day}" if facts.extract_day != text.NOTHING else ""
    return f"{text.count(facts.leads, 'lead')} that were judged{extract}."


def _height_around(screen: Screen) -> float:
    """Estimate how much of the printed sheet a screen takes beside its card, in mm."""
    words = [
        (screen.sentence, 13.0),
        (screen.question, 11.0),
        *((note, 8.0) for note in screen.notes),
    ]
    return AROUND_CARD + sum(text_height(part, size) for part, size in words)


def _screen_content(screen: Screen) -> dict[str, object]:
    """Draw the pieces of a screen."""
    return {
        "screen": screen,
        "picture": draw_bars(screen.picture) if screen.picture else None,
        "card": card_fragment(screen.card, "h3", _height_around(screen)) if screen.card else None,
        "more": [(section.title, _drawn(section.pieces)) for section in screen.more],
    }


def _drawn(pieces: Sequence[BarChart | Table | str]) -> list[Markup | str]:
    draw: list[Markup | str] = []
    for piece in pieces:
        match piece:
            case BarChart():
                draw.append(draw_bars(piece))
            case Table():
                draw.append(draw_table(piece))
            case _:
                draw.append(piece)
    return draw
