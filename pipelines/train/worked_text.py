"""Whom sales worked and whom it never did, in words and rows, for the report and the brief.

It is the sentence that ends the argument between the two departments: what share of the leads was
never worked, by source, by region, by size band.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

FIRST = ("source", "region", "employees")  # shown before all others, where there are such
MOST = 6  # features that are shown
VALUES = 12  # values of each


def content(told: Mapping[str, Any] | None) -> dict[str, Any]:
    """Gather what the report says of leads that were never worked.

    Parameters
    ----------
    told : mapping or None
        ``worked`` of the evaluation.

    Examples
    --------
    >>> content(None)
    {'sentences': [], 'tables': []}
    """
    if not told:
        return {"sentences": [], "tables": []}
    return {"sentences": sentences(told), "tables": tables(told)}


def sentences(told: Mapping[str, Any]) -> list[str]:
    """Say the shares, and what the weights did.

    Examples
    --------
    >>> weights = {"used": False, "ess": 40.0, "largest": 2.0, "clipped": 0, "limit": 10}
    >>> sentences({"share": 0.4, "leads": 100, "worked": 40, "weights": weights,
    ...            "balance": {"before": 0.3, "after": 0.1}, "overlap": {"unlike_any_worked": 0.0}})
    ['Of 100 leads sales never worked 60 (60%). Nobody knows what would have become of them: they
      count neither as won nor as lost.', 'The worked leads were taken as they are
      (outcome.unworked: leave_out), so the figures speak of the leads that sales chose.']
    """
    ignored = told["leads"] - told["worked"]
    found = [
        f"Of {told['leads']:,} leads sales never worked {ignored:,} ({1 - told['share']:.0%}). "
        "Nobody knows what would have become of them: they count neither as won nor as lost."
    ]
    weights = told["weights"]
    if not weights["used"]:
        return [
            *found,
            "The worked leads were taken as they are (outcome.unworked: leave_out), so the "
            "figures speak of the leads that sales chose.",
        ]
    found.append(
        f"The {told['worked']:,} worked leads were weighed so that they speak for all; they say as "
        f"much as {weights['ess']:,.0f} leads chosen by lot. The largest weight is "
        f"{weights['largest']:.1f}; {weights['clipped']:,} were held at {weights['limit']:g}. "
        f"The share of no kind of lead is off by more than {told['balance']['after']:.2f} standard "
        f"deviations (before: {told['balance']['before']:.2f}). All figures below speak of all "
        "leads, but for those of which no claim is made."
    )
    unlike = told["overlap"]["unlike_any_worked"]
    if unlike > 0.01:
        found.append(f"{unlike:.0%} of the never worked leads are unlike any lead that was worked.")
    return found


def tables(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the share worked by the values of a few features; the most unequal ones."""
    refused = {(one["feature"], one["value"]) for one in told["no_claim"]}
    by = {name: list(rows) for name, rows in groupby(told["slices"], lambda one: one["feature"])}
    found = []
    for name in sorted(by, key=lambda one: _place(one, by[one]))[:MOST]:
        rows = sorted(by[name], key=lambda one: -one["leads"])[:VALUES]
        if rows[0]["kind"] != "category":
            rows = by[name]
        shown = [_row(one, (one["feature"], one["value"]) in refused) for one in rows]
        found.append({"words": rows[0]["words"], "rows": shown})
    return found


def _place(name: str, rows: list[Mapping[str, Any]]) -> tuple[int, float]:
    if name in FIRST:
        return FIRST.index(name), 0.0
    shares = [one["worked"] / max(one["leads"], 1) for one in rows]
    return len(FIRST), min(shares) - max(shares)


def _row(one: Mapping[str, Any], refused: bool) -> dict[str, Any]:
    never = 1 - one["worked"] / max(one["leads"], 1)
    return {
        "value": one["value"],
        "leads": f"{one['leads']:,}",
        "never": f"{never:.0%}",
        "width": round(100 * never, 1),
        "refused": refused,
    }
