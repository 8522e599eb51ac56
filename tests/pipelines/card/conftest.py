"""Cards of format 2, written by hand: a small one, and one that is as full as a card may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from model.registry.registry import LoadedModel
from model.registry.sqlite_reader import Version
from pipelines.card.card import Card, card_of

SUPPLIERS = [f"Adresslieferant {number}" for number in range(30)]
FULL: tuple[tuple[str, str, Sequence[str | Sequence[str]], Sequence[int]], ...] = (
    (
        "Funktion im Unternehmen",
        "role",
        [
            ["Geschäftsführung"],
            ["Leitung Finanzbuchhaltung und Controlling"],
            ["Einkauf", "Logistik und Materialwirtschaft"],
            ["Praktikum", "Werkstudium"],
        ],
        [0, -1, 13, 9, 2, -12],
    ),
    (
        "Herkunft des Kontakts",
        "origin",
        [
            ["Empfehlung", "Partnervertrieb Süddeutschland"],
            ["Messe Hannover", "Messe Köln", "Messe Nürnberg"],
            ["Web"],
            ["Content Syndication", *SUPPLIERS],
        ],
        [0, -3, 10, 6, 1, -7],
    ),
    (
        "Branche nach Wirtschaftszweigklassifikation",
        "firmographic",
        [["Maschinen- und Anlagenbau"], ["Lebensmitteleinzelhandel", "Großhandel"]],
        [0, -1, 4, -5],
    ),
    ("Vertriebsgebiet", "firmographic", [["Süd", "Südwest"], ["Nord"]], [0, -1, 3, -3]),
    (
        "employees",
        "firmographic",
        ["under 50", "50 to 199", "200 to 999", "1,000 or more"],
        [-2, -8, 1, 5, 9],
    ),
    (
        "annual revenue",
        "firmographic",
        ["under 1,000,000", "1,000,000 to under 10,000,000", "10,000,000 or more"],
        [-3, -4, 1, 4],
    ),
    ("seniority", "role", [["c_level", "vp"], ["director"], ["student"]], [0, -2, 7, 5, -16]),
    (
        "days since the last demo request",
        "engagement",
        ["under 7", "7 to 29", "30 or more"],
        [-2, 14, 9, 3],
    ),
    (
        "webinars attended in the last 30 days",
        "engagement",
        ["none", "1", "2 to 3", "4 to 9", "10 or more"],
        [0, -1, 5, 8, 9, 10],
    ),
    (
        "email clicks in the last 90 days",
        "engagement",
        ["none", "1 to 2", "3 to 9", "10 or more"],
        [0, -3, 1, 4, 6],
    ),
    (
        "attempts by sales so far",
        "engagement",
        ["none", "1", "2 to 4", "5 or more"],
        [0, 2, 0, -4, -6],
    ),
    (
        "page views in the last 30 days",
        "engagement",
        ["none", "1 to 4", "5 to 19", "20 to 49", "50 or more"],
        [0, -4, -1, 2, 5, 7],
    ),
)


def line(
    words: str, family: str, rows: Sequence[str | Sequence[str]], points: Sequence[int]
) -> dict[str, Any]:
    """A line of a scorecard: rows of a number by label, those of a category by their values."""
    numbers = all(isinstance(row, str) for row in rows)
    labels = [row if isinstance(row, str) else ", ".join(row) for row in rows]
    counts = [12, *(100 * (place + 1) for place in range(len(points) - 1))]
    return {
        "name": words.lower().replace(" ", "_"),
        "words": words,
        "family": family,
        "unit": "",
        "kind": "number" if numbers else "category",
        **({"cuts": [float(n) for n in range(1, len(rows))]} if numbers else {"categories": rows}),
        "labels": ["unknown", *([] if numbers else ["any other"]), *labels],
        "points": list(points),
        "low": [number - 2.5 for number in points],
        "high": [number + 2.5 for number in points],
        "counts": counts,
        "wins": [
            round(count * 0.05 * 2 ** (n / 10)) for count, n in zip(counts, points, strict=True)
        ],
    }


def card_with(lines: Sequence[dict[str, Any]], **changes: Any) -> Card:
    """The card of a version with these lines."""
    scorecard = {
        "format": 2,
        "name": "lead-readiness",
        "trained_at": "2026-10-01T08:00:00Z",
        "candidate": "explainable boosting",
        "start": 41,
        "level": -2.94,
        "base_rate": 0.05,
        "ready_at": 56,
        "grades": {"A": 6, "B": 0, "C": -5},
        "levels": {"1": 8, "2": 1, "3": -4},
        "lines": list(lines),
        "no_claim": [],
        "rejections": {},
        "provenance": {"leads": 8123, "won": 431},
        **changes,
    }
    tags = {"training_until": "2026-06-30T10:00:00"}
    record = Version("3", "", "", 0, aliases=("champion",), tags=tags)
    loaded = LoadedModel("3", scorecard, {"horizon_days": 90}, [], {}, record)
    return card_of(loaded, "Müller Maschinenbau")


@pytest.fixture(scope="session")
def full_card() -> Card:
    """A card with 12 lines and 60 rows, some of them with long labels."""
    card = card_with([line(*part) for part in FULL])
    assert (len(card.lines), sum(len(part.rows) for part in card.lines)) == (12, 60)
    return card
