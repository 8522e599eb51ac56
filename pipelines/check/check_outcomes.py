"""What ``leadready check`` says about outcomes: the horizon, and reasons that nobody mapped."""

from __future__ import annotations

from collections.abc import Mapping

from features.labels.rejection_reasons import OTHER, guess_disposition

SHOWN = 6  # reasons that are named


def unmapped_reasons_text(counts: Mapping[str, int]) -> tuple[str, str] | None:
    """Which of the company's reasons the file does not map, and what to write; None if all are.

    Parameters
    ----------
    counts : mapping
        Leads of each such reason.
    """
    if not counts:
        return None
    names = [f"{one} ({n:,})" for one, n in list(counts.items())[:SHOWN]]
    more = f" and {len(counts) - SHOWN} more" if len(counts) > SHOWN else ""
    words = f"reasons of sales that the file does not map: {', '.join(names)}{more}"
    places: dict[str, list[str]] = {}
    for one in list(counts)[:SHOWN]:
        places.setdefault(guess_disposition(one) or OTHER, []).append(one)
    lines = ", ".join(f"{name}: [{', '.join(ones)}]" for name, ones in places.items())
    return words, f"write  reasons: {{{lines}}}  under outcome, once you agree"
