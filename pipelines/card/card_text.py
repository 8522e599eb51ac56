"""The card as text, for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from features import text
from features.locale import iso_day
from pipelines.card.card import AVERAGE, SCORES, Card
from pipelines.card.lines import CardLine, CardRow, Part

TITLES: dict[Part, str] = {
    "fit": "FIT: who the lead is",
    "engagement": "ENGAGEMENT: what the lead did",
    "other": "OTHER: in the score, but neither in the grade nor in the level",
}
POINTS, LEADS, WON = 6, 9, 20  # widths of the columns beside the labels
INDENT = "  "


def card_text(card: Card) -> str:
    """Write the card for people."""
    parts = [
        [*text.wrap(f"{card.company}: {version_text(card)}"), *text.wrap(learned_text(card))],
        text.wrap(scale_text(card)),
        *(_part_lines(card, part) for part in TITLES),
        _probability_lines(card),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def version_text(card: Card) -> str:
    """Name the version, and say why it is shown."""
    aliases = f" ({', '.join(card.aliases)})" if card.aliases else ""
    trained = f", trained on {iso_day(card.trained_on)}" if card.trained_on else ""
    note = f"; {card.note}" if card.note else ""
    return f"{card.model}, version {card.version}{aliases}{trained}{note}"


def learned_text(card: Card) -> str:
    """Say what the version learned from."""
    if not card.leads:
        return ""
    until = f", judged until {iso_day(card.learned_until)}" if card.learned_until else ""
    within = f" within {card.horizon_days} days" if card.horizon_days else ""
    won = card.won or 0
    share = text.percent(won / card.leads, 1)
    leads = text.count(card.leads, "lead")
    return f"Learned from {leads}{until}: {text.number(won, 0)} of them ({share}) were won{within}."


def scale_text(card: Card) -> str:
    """Say how a score is added up and what it means."""
    start, ready = (text.number(points, card.digits) for points in (card.start, card.ready_at))
    average = text.percent(card.probability(AVERAGE), 1)
    return (
        f"A lead's score is {start} plus the points of its row in each line. {AVERAGE} is an "
        f"average lead, which is won with a probability of {average}; every 10 points double the "
        f"odds. The model calls a lead ready from {ready} points."
    )


def bands_text(card: Card, part: Part) -> str:
    """Say from how many points of fit or engagement a lead has each grade or level."""
    if part == "other":
        return ""
    name, bands = ("grade", card.grades) if part == "fit" else ("level", card.levels)
    points = [f"{band} from {text.signed(least, card.digits)}" for band, least in bands.items()]
    return f"{name} {', '.join(points)}" if points else ""


def range_text(line: CardLine, digits: int) -> str:
    """Say what a line can give, from its fewest to its most points."""
    return text.signed_range(line.least, line.most, digits)


def _part_lines(card: Card, part: Part) -> list[str]:
    lines = card.part(part)
    if not lines:
        return [f"{TITLES[part]}: no line"] if part != "other" else []
    title = f"{TITLES[part]} ({bands_text(card, part)})" if bands_text(card, part) else TITLES[part]
    headings = _columns("", "points", "leads", "won (95% interval)")
    return [*text.wrap(title), headings, *(row for line in lines for row in _rows(line, card))]


def _rows(line: CardLine, card: Card) -> list[str]:
    """Give the lines of text for a line of the card: what it can give, then its rows."""
    title = text.wrap(f"{line.words}: {range_text(line, card.digits)}", hanging=INDENT)
    rows = [written for row in line.shown_rows for written in _row_lines(row, card.digits)]
    by_hand = text.wrap(line.by_hand, INDENT, INDENT * 2) if line.by_hand else []
    return [*title, *rows, *by_hand]


def _row_lines(row: CardRow, digits: int) -> list[str]:
    rate = row.win_rate
    first, *others = textwrap.wrap(row.label, _label_width() - 2 * len(INDENT)) or [""]
    points, leads = text.signed(row.points, digits), text.number(row.leads, 0)
    won = text.percent_interval(rate.value, rate.low, rate.high, 1)
    return [_columns(INDENT + first, points, leads, won), *(INDENT * 2 + more for more in others)]


def _columns(label: str, points: str, leads: str, won: str) -> str:
    columns = f"{label:<{_label_width()}}{points:>{POINTS}}{leads:>{LEADS}}  {won:>{WON}}"
    return columns.rstrip()


def _label_width() -> int:
    return text.width() - POINTS - LEADS - WON - 2


def _probability_lines(card: Card) -> list[str]:
    """Give the table from scores to probabilities."""
    rows: Mapping[str, list[str]] = {
        "score": [str(score) for score in SCORES],
        "probability of a win": [text.percent(card.probability(score), 1) for score in SCORES],
    }
    return [f"{name:<22}" + "".join(f"{cell:>8}" for cell in cells) for name, cells in rows.items()]
