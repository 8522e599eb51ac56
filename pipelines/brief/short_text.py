"""The brief in one line, for a field of the CRM."""

from __future__ import annotations

from features import text
from pipelines.brief.explain import Brief
from pipelines.output import chance_text

LONGEST = 255  # characters of a text field, in most CRMs


def short_text(brief: Brief) -> str:
    """Write a brief in at most 255 characters: what to do, the score, and why.

    Parts that do not fit are left out, the least important first.
    """
    parts = [
        f"{brief.decision.upper()}, score {text.unsigned(brief.score)}, {_likely(brief)}",
        *_reasons(brief, +1),
        *_reasons(brief, -1),
        *([f"ask: {brief.ask_first.words}"] if brief.ask_first else []),
    ]
    end = f" · v{brief.model_version}, {brief.as_of[:10]}"
    written = parts[0]
    for part in parts[1:]:
        if len(f"{written} · {part}{end}") <= LONGEST:
            written = f"{written} · {part}"
    return text.printable(" ".join(f"{written}{end}".split()))[:LONGEST]


def _likely(brief: Brief) -> str:
    """Say how likely a win is, and within which time."""
    within = f" within {brief.horizon_days} days" if brief.horizon_days else ""
    return f"{chance_text(brief.probability)} likely to be won{within}"


def _reasons(brief: Brief, sign: int) -> list[str]:
    """Write the largest points of one sign, largest first."""
    return [
        f"{text.signed(part.points)} {part.words}: {part.label}"
        for part in brief.points
        if part.points * sign > 0
    ][:3]
