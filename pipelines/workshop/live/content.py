"""The content of the templates of a live session."""

from __future__ import annotations

from features import text
from pipelines.card.card_page import card_style
from pipelines.card.train_alternative import card_words
from pipelines.pages.drawing import draw_table
from pipelines.pages.pieces import shortest_number
from pipelines.pages.shell import page_style
from pipelines.workshop.live.card_view import card_lines, lost_points
from pipelines.workshop.live.minutes import Minutes, cost_lines, hand_set_lines, kept_lines
from pipelines.workshop.live.room import Room
from pipelines.workshop.live.view import (
    capacity_slider,
    feature_choices,
    headline,
    outlook_charts,
    places_in_rules,
    rule_rows,
    sides_table,
)

OPERATOR_WORDS = {
    "at_least": "at least",
    "at_most": "at most",
    "between": "between",
    "one_of": "is one of",
    "none_of": "is none of",
    "equals": "is",
    "before": "before",
    "after": "after",
    "is_missing": "is missing",
}
PARTS = (
    ("rules", "Rules"),
    ("proposed", "Proposals"),
    ("points", "Points of the card"),
    ("sides", "Who changes sides"),
    ("keep", "Save, sign, put in force"),
)


def page_content(room: Room, token: str) -> dict[str, object]:
    """Give the content of the whole page."""
    return {
        **room_content(room, ""),
        "token": token,
        "card_style": card_style(),
        "style": page_style(),
        "parts": PARTS,
    }


def room_content(room: Room, error: str) -> dict[str, object]:
    """Give the content of what changes; ``error`` says what could not be done."""
    with room.lock:
        leads, session, seen, card = room.leads, room.session, room.seen, room.chosen_card
        check = room.check if room.check and room.check.hand_set == session.state.hand_set else None
        return {
            "company": room.snapshot.workspace.name,
            "past": text.count(leads.history.leads, "past lead"),
            "version": session.signed.version or "without a number",
            "error": error,
            "headline": headline(seen),
            "charts": outlook_charts(seen),
            "rules": rule_rows(leads, session),
            "operators": OPERATOR_WORDS,
            "features": feature_choices(leads),
            "places": places_in_rules(session),
            "searched": room.searched,
            "card": [] if card is None else card_lines(card, session),
            "lost": [] if card is None else lost_points(card, session),
            "model_note": room.model_note,
            "alternatives": _untrained(room),
            "training": room.training,
            "cards": list(room.costs_of_cards.values()),
            "chosen": session.state.card,
            "in_use": "" if leads.card is None else leads.card.loaded.version,
            "capacity": session.definition.handoff.per_week,
            "capacity_signed": session.signed.handoff.per_week,
            "capacity_signed_text": shortest_number(session.signed.handoff.per_week),
            "capacity_slider": capacity_slider(seen),
            "hand_set": hand_set_lines(leads, session),
            "costs": cost_lines(check) if check else [],
            "sides": sides_table(seen),
            "undo": bool(session.earlier),
            "changed": session.state.changes_definition or session.state.changes_card,
            "kept": room.kept,
            "kept_lines": kept_lines(room.kept, session),
            "teams": session.signed.teams,
        }


def _untrained(room: Room) -> list[tuple[int, str]]:
    """Number and words of the equal cards that were not trained in this session."""
    trained = {done.words for done in room.costs_of_cards.values()}
    words = enumerate(map(card_words, room.alternatives))
    return [(number, each) for number, each in words if each not in trained]


def minutes_content(minutes: Minutes) -> dict[str, object]:
    """Give the content of the page of the minutes."""
    return {
        "minutes": minutes,
        "figures": draw_table(minutes.figures),
        "card_style": "",
        "style": page_style(),
        "parts": (),
    }
