"""The pieces of a page as plain data: charts of bars, and tables.

Every chart of a page is a list of rows with a label, a bar, the figure in words and the number of
leads behind it. So it is its own alternative text, wraps on a telephone and prints.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from features import text
from features.locale import marked
from model.simulation.win_rates import WinRate

Tone = Literal["main", "other", "muted"]


@dataclass(frozen=True)
class Bar:
    """A row of a chart.

    Attributes
    ----------
    label : str
        What it is about.
    value, low, high : float or None
        The length of the bar and the ends of its 95% interval; None where nobody knows.
    figure : str
        The value in words, with unit and interval.
    count : str
        How many leads are behind it; empty where the value is a count itself.
    tone : str
        ``main``, ``other`` or ``muted``: told apart by lightness as well as by colour.
    meaning : str
        What the label means, where it is a term that people agreed on.
    """

    label: str
    value: float | None
    figure: str
    count: str = ""
    low: float | None = None
    high: float | None = None
    tone: Tone = "main"
    meaning: str = ""


@dataclass(frozen=True)
class BarChart:
    """A chart of bars.

    Attributes
    ----------
    title : str
        What it shows, with the unit.
    bars : sequence of Bar
        From top to bottom.
    limit : float or None
        Where a line is drawn across all bars, such as the capacity of sales.
    limit_words : str
        What the line means.
    note : str
        How to read it, or what it cannot show.
    """

    title: str
    bars: Sequence[Bar]
    limit: float | None = None
    limit_words: str = ""
    note: str = ""


@dataclass(frozen=True)
class Table:
    """A table; columns whose heading starts with ``> `` hold figures."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


def rate_bar(label: str, group: WinRate, tone: Tone = "main") -> Bar:
    """Give the bar of a win rate.

    Examples
    --------
    >>> bar = rate_bar("ready", WinRate(20, 12, 3, 0.25, 0.09, 0.53, 8, 0.15, 0.55))
    >>> bar.figure, bar.count
    ('25% (9–53%)', '12 leads with a known outcome')
    """
    figure = share_text(group.rate, group.low, group.high)
    if group.rate is None:
        figure = "no lead with a known outcome" if group.leads else "no leads"
        return Bar(label, None, figure, "", tone=tone)
    known = f"{text.count(group.labelled, 'lead')} with a known outcome"
    return Bar(label, group.rate, figure, known, group.low, group.high, tone)


def shortest_number(value: float | None) -> str:
    """Write a figure that people chose, without decimals that they did not give.

    Examples
    --------
    >>> shortest_number(40.0), shortest_number(12.5), shortest_number(1200), shortest_number(None)
    ('40', '12.5', '1,200', '–')
    """
    return text.NOTHING if value is None else marked(f"{value:,.6g}")


def share_text(share: float | None, low: float | None = None, high: float | None = None) -> str:
    """Write a share of leads with its interval: below 10% with a decimal.

    Examples
    --------
    >>> share_text(0.246, 0.21, 0.29), share_text(0.042, 0.038, 0.046), share_text(0.97)
    ('25% (21–29%)', '4.2% (3.8–4.6%)', '97%')
    """
    digits = 1 if share is not None and 0 < share < 0.1 else 0
    return text.percent_interval(share, low, high, digits)
