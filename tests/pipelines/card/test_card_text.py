"""The card in the terminal."""

from __future__ import annotations

import re

from pipelines.card.card import Card
from pipelines.card.card_text import card_text
from tests.pipelines.card.conftest import card_with, line

SIZE = line("employees", "firmographic", ["under 50", "50 or more"], [0, -8, 9])
DEMO = line("demo requested", "engagement", ["no", "yes"], [0, -2, 12])


def test_it_reads_like_this() -> None:
    assert card_text(card_with([SIZE, DEMO])).splitlines() == [
        "Müller Maschinenbau: lead-readiness, version 3 (champion), trained on 2026-10-01",
        "Learned from 8,123 leads, judged until 2026-06-30: 431 of them (5.3%) were won",
        "within 90 days.",
        "",
        "A lead's score is 41 plus the points of its row in each line. 50 is an average",
        "lead, which is won with a probability of 5.0%; every 10 points double the odds.",
        "The model calls a lead ready from 56 points.",
        "",
        "FIT: who the lead is (grade A from +6, B from 0, C from -5)",
        "                                           points    leads    won (95% interval)",
        "employees: -8 to +9",
        "  under 50                                     -8      100       3.0% (1.0–8.5%)",
        "  50 or more                                   +9      200      9.5% (6.2–14.4%)",
        "  unknown                                       0       12      8.3% (1.5–35.4%)",
        "",
        "ENGAGEMENT: what the lead did (level 1 from +8, 2 from +1, 3 from -4)",
        "                                           points    leads    won (95% interval)",
        "demo requested: -2 to +12",
        "  no                                           -2      100       4.0% (1.6–9.8%)",
        "  yes                                         +12      200     11.5% (7.8–16.7%)",
        "  unknown                                       0       12      8.3% (1.5–35.4%)",
        "",
        "score                       30      40      50      60      70      80",
        "probability of a win      1.3%    2.6%    5.0%    9.6%   17.5%   29.7%",
    ]


def test_every_row_is_there_and_nothing_is_wider_than_80(full_card: Card) -> None:
    written = card_text(full_card)
    assert max(map(len, written.splitlines())) <= 80
    without_figures = re.sub(r" {2,}[+-]?\d+ +[\d,]+ +[\d.]+% \(.*\)$", "", written, flags=re.M)
    flowing = " ".join(without_figures.split())
    for part in full_card.lines:
        assert f"{part.words}: " in flowing
        for row in part.rows:
            assert row.label in flowing, "labels wrap, and are not cut"
            points = f"{row.points:+d}" if row.points else "0"
            assert re.search(rf"  {re.escape(points)} +{row.leads}  ", written)


def test_what_is_unknown_is_left_out() -> None:
    bare = {key: value for key, value in SIZE.items() if key not in ("counts", "wins", "low")}
    written = card_text(card_with([bare], provenance={}, trained_at="", grades={}))
    assert "Learned from" not in written
    assert (
        "  under 50                                     -8        –                     –"
        in written
    )
    assert "FIT: who the lead is\n" in written
    assert "ENGAGEMENT: what the lead did: no line" in written
