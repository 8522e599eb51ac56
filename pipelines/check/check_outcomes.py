"""What ``leadready check`` says about outcomes: the horizon, and reasons that nobody mapped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from features.labels.rejection_reasons import OTHER, guess_disposition

if TYPE_CHECKING:
    from features.labels.time_to_win import TimeToWin

SHOWN = 6  # reasons that are named


def about_horizon(found: TimeToWin | None, horizon: int | None) -> dict[str, Any] | None:
    """What the horizon catches and which one would do; None where wins have no dates."""
    return None if found is None else found.about(horizon)


def horizon_text(about: Mapping[str, Any] | None) -> str:
    """Say it in a sentence or two.

    Examples
    --------
    >>> horizon_text({"horizon": 60, "caught": 0.7, "suggested": 90, "share": 0.91,
    ...                "longest": 240.0, "wins": 500, "undated": 0})
    'Horizon: 60 days catch 70 % of the wins seen within 240 days; 90 days would catch 91 %.'
    """
    if about is None or about["suggested"] is None:
        return "Horizon: how long wins take cannot be seen, since too few of them have dates."
    seen = f"of the wins seen within {about['longest']:.0f} days"
    would = f"{about['suggested']} days would catch {about['share']:.0%}".replace("%", " %")
    if about["horizon"] is None:
        said = f"none is set; {would} {seen}"
    else:
        caught = f"{about['caught']:.0%}".replace("%", " %")
        said = f"{about['horizon']} days catch {caught} {seen}"
        said += f"; {would}" if about["suggested"] > about["horizon"] else ""
    undated = f" {about['undated']:,} wins have no date." if about["undated"] else ""
    return f"Horizon: {said}.{undated}"


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
