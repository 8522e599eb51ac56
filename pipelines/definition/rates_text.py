"""Win rates and lists of leads as people read them."""

from __future__ import annotations

from collections.abc import Sequence

from features.text import NOTHING, percent, percent_interval, signed, without_percent_sign, wrap
from model.simulation.win_rates import RateDifference, WinRate

MOST_SHOWN = 10  # leads, slices and reasons; --json has all of them
FINE = 0.1  # rates below this are shown with a decimal
BOUNDS = "unworked leads counted as lost–won"  # the label of both bounds


def rate_text(rate: float | None, low: float | None = None, high: float | None = None) -> str:
    """Write a rate, with its interval where there is one; below 10% with a decimal.

    Examples
    --------
    >>> rate_text(0.624, 0.554, 0.689), rate_text(0.0821, 0.077, 0.088), rate_text(None)
    ('62% (55–69%)', '8.2% (7.7–8.8%)', '–')
    """
    return percent_interval(rate, low, high, _digits(rate))


def _digits(rate: float | None) -> int:
    return 1 if rate is not None and 0 < rate < FINE else 0


def win_rate_text(group: WinRate) -> str:
    """Write the win rate of a group of leads, with its interval.

    Examples
    --------
    >>> win_rate_text(WinRate(20, 12, 3, 0.25, 0.09, 0.53, 8, 0.15, 0.55))
    '25% (9–53%)'
    """
    return rate_text(group.rate, group.low, group.high)


def bounds_text(group: WinRate) -> str:
    """Write the win rate if all leads that were never worked had been lost, and if all were won.

    Examples
    --------
    >>> bounds_text(WinRate(20, 12, 3, 0.25, 0.09, 0.53, 8, 0.15, 0.55))
    '15–55%'
    """
    if group.if_all_lost is None:
        return NOTHING
    digits = _digits(group.if_all_lost)
    low, high = percent(group.if_all_lost, digits), percent(group.if_all_won, digits)
    return f"{without_percent_sign(low)}–{high}"


def points_difference_text(difference: RateDifference, sign: int = 1) -> str:
    """Write a difference of win rates in percentage points, with its interval.

    Parameters
    ----------
    difference : RateDifference
        With a value.
    sign : int
        -1 swaps the two groups.

    Examples
    --------
    >>> points_difference_text(RateDifference(0.014, -0.017, 0.044))
    '+1.4 percentage points (-1.7 to +4.4)'
    """
    assert difference.value is not None
    assert difference.low is not None
    assert difference.high is not None
    low, high = sorted((100 * sign * difference.low, 100 * sign * difference.high))
    value = 100 * sign * difference.value
    return f"{signed(value)} percentage points ({signed(low)} to {signed(high)})"


def lead_ids_lines(label: str, ids: Sequence[str]) -> list[str]:
    """Write a label and the ids of some leads, as lines; the first ten are shown.

    Examples
    --------
    >>> lead_ids_lines("Missed wins", ["L-1", "L-2"])
    ['Missed wins: L-1, L-2']
    """
    more = len(ids) - MOST_SHOWN
    if more <= 0:
        return wrap(f"{label}: {', '.join(ids)}", hanging="  ")
    shown = ", ".join(ids[:MOST_SHOWN])
    return wrap(f"{label}: {shown} and {more:,} more (--json lists all)", hanging="  ")
