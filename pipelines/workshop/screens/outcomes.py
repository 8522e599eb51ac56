"""Screen 3, what the outcomes say: the card, beside today's points and the agreed directions."""

from __future__ import annotations

from features import text
from pipelines.definition.points import SCALES, learned_points_text
from pipelines.pages.drawing import shortened
from pipelines.pages.pieces import Table
from pipelines.workshop.facts.learned import LearnedFacts, LineBeside
from pipelines.workshop.screens.screen import Screen, Section

KEY, TITLE = "outcomes", "What the outcomes say"
EFFECTS = {"increasing": "raise", "decreasing": "lower"}


def outcomes_screen(facts: LearnedFacts | None, note: str) -> Screen:
    """Show the card of the version, or say that there is none."""
    if facts is None:
        return Screen(KEY, TITLE, note, None, "Who trains the first model, and by when?")
    return Screen(
        key=KEY,
        title=TITLE,
        sentence=_card_sentence(facts),
        picture=None,
        card=facts.card,
        notes=[note] if note else [],
        question=_card_question(facts),
        more=[Section("Each line beside what people think today", [_beside_table(facts)])],
    )


def _card_sentence(facts: LearnedFacts) -> str:
    lines = facts.card.lines
    if not lines:
        return "Past outcomes support no line: no feature tells won leads from others."
    first = lines[0]
    moves = text.signed_range(first.least, first.most, facts.card.digits)
    how = f"moves the score{' most,' if len(lines) > 1 else ''} by {moves} points"
    return (
        f"{text.count(len(lines), 'line tells', 'lines tell')} won leads from others; "
        f"“{shortened(first.words)}” {how}, and 10 points double the odds."
    )


def _card_question(facts: LearnedFacts) -> str:
    against = [line for line in facts.lines if line.contradicted]
    if against:
        line = against[0]
        return (
            f"We expected more of “{shortened(line.words)}” to {EFFECTS[line.expected]} the score; "
            f"the data says otherwise ({line.contradicted}). Who is right, and why?"
        )
    return "Read every line aloud: which one would we not defend before a sales rep?"


def _beside_table(facts: LearnedFacts) -> Table:
    columns = ["line", "> points on the card", "points by hand → learned", "agreed direction"]
    columns.append("> leads behind it")
    note = SCALES if facts.points_by_hand else "The definition has no points by hand."
    if facts.threshold is not None:
        note += f" By hand, a lead is ready from {facts.threshold:g} points."
    rows = [_line_row(line, facts.card.digits) for line in facts.lines]
    return Table("The card, today’s points and the agreed directions", columns, rows, note)


def _line_row(line: LineBeside, digits: int) -> list[str]:
    on_card = "not on the card"
    if line.least is not None and line.most is not None:
        on_card = text.signed_range(line.least, line.most, digits)
    by_hand = "; ".join(
        f"{fact.words}: {text.signed(fact.by_hand, 0)} → {learned_points_text(fact)}"
        for fact in line.by_hand
    )
    expected = line.expected or "none agreed"
    if line.contradicted:
        expected += f"; the data says otherwise: {line.contradicted}"
    leads = text.number(line.leads, 0) if line.leads else text.NOTHING
    return [line.words, on_card, by_hand or "none", expected, leads]
