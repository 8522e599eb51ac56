"""Charts and tables as HTML: plain SVG bars beside text, in one visual language.

Bars are drawn by the style sheet's colours, which follow light, dark and print. Everything from the
data is escaped by the templates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from pipelines.pages.pieces import Bar, BarChart, Table
from pipelines.pages.shell import environment

if TYPE_CHECKING:
    from markupsafe import Markup

LONGEST_LABEL = 120  # characters; the whole label is in the title
LONGEST_CELL = 600  # characters of a cell, or of such a title


class Axis(NamedTuple):
    """The values at the two ends of every bar of a chart."""

    least: float
    most: float

    def at(self, value: float) -> float:
        """Where a value lies between the ends, in percent.

        Examples
        --------
        >>> Axis(-10, 30).at(0), Axis(0, 0.5).at(0.8)
        (25.0, 100.0)
        """
        share = (value - self.least) / (self.most - self.least)
        return round(100 * min(max(share, 0.0), 1.0), 2)


def draw_bars(chart: BarChart) -> Markup:
    """Draw a chart of bars.

    Examples
    --------
    >>> drawn = draw_bars(BarChart("wins", [Bar("<script>", 3, "3 wins")]))
    >>> "&lt;script&gt;" in drawn, "<script>" in drawn
    (True, False)
    """
    axis = axis_of(chart)
    limit = None if chart.limit is None else axis.at(chart.limit)
    rows = [_drawn_bar(bar, axis, limit) for bar in chart.bars]
    return _macro("bars")(chart, rows)


def draw_table(table: Table) -> Markup:
    """Draw a table, whose columns of figures are set to the right."""
    figures = [column.startswith("> ") for column in table.columns]
    headings = [column.removeprefix("> ") for column in table.columns]
    rows = [[shortened(cell, LONGEST_CELL) for cell in row] for row in table.rows]
    written = replace(table, rows=rows)
    return _macro("table")(written, list(zip(headings, figures, strict=True)), figures)


def _macro(name: str) -> Callable[..., Markup]:
    macro: Callable[..., Markup] = getattr(environment().get_template("bars.html").module, name)
    return macro


def axis_of(chart: BarChart) -> Axis:
    """Choose the ends of a chart's bars; zero is always within."""
    ends = [end for bar in chart.bars for end in (bar.value, bar.low, bar.high) if end is not None]
    ends += [0.0] if chart.limit is None else [0.0, chart.limit]
    least, most = min(ends), max(ends)
    return Axis(least, most if most > least else least + 1.0)


def _drawn_bar(bar: Bar, axis: Axis, limit: float | None) -> dict[str, Any]:
    zero = axis.at(0)
    end = zero if bar.value is None else axis.at(bar.value)
    drawn = {"bar": bar, "label": shortened(bar.label), "zero": zero, "limit": limit}
    drawn |= {"whole": shortened(bar.label, LONGEST_CELL)}
    drawn |= {"left": min(zero, end), "width": round(abs(end - zero), 2), "span": None}
    if bar.low is not None and bar.high is not None:
        low = axis.at(bar.low)
        drawn |= {"low": low, "span": max(round(axis.at(bar.high) - low, 2), 0.4)}
    return drawn


def shortened(label: str, longest: int = LONGEST_LABEL) -> str:
    """Cut what somebody typed into a form at a length that people read.

    Examples
    --------
    >>> len(shortened("x" * 300)), shortened("webinar")
    (120, 'webinar')
    """
    label = " ".join(label.split())
    return label if len(label) <= longest else f"{label[: longest - 1]}…"
