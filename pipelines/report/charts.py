"""The charts of the report as rows of bars: what `evaluation.json` measured, in words and figures.

The curves themselves are kept with the version as pictures (`pipelines.report.plots`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

from features import text
from pipelines.pages.pieces import Bar, BarChart, share_text

Part = Mapping[str, Any]  # of the evaluation, as JSON has it
SHARES = (0.05, 0.1, 0.2, 0.5)  # of the leads, the best scores first
MOST_ROWS = 10
SCORERS = {
    "model": "this model",
    "champion": "champion",
    "definition": "rules alone",
    "yardstick": "black box",
}


def gains_chart(curve: Part) -> BarChart:
    """Show which share of the wins the best-scored leads hold, for each scorer.

    Examples
    --------
    >>> chart = gains_chart({"share": [0, 0.5, 1], "captured": {"model": [0, 0.8, 1]}})
    >>> chart.bars[-1].label, chart.bars[-1].figure
    ('best 50% of the leads: this model', '80% of the wins')
    """
    bars = []
    for share in SHARES:
        place = min(bisect_left(curve["share"], share - 1e-9), len(curve["share"]) - 1)
        for name, words in SCORERS.items():
            if name in curve["captured"]:
                caught = curve["captured"][name][place]
                label = f"best {text.percent(share)} of the leads: {words}"
                figure = f"{text.percent(caught)} of the wins"
                tone: Any = "main" if name == "model" else "muted"
                bars.append(Bar(label, caught, figure, "", tone=tone))
    return BarChart(
        "If sales works the best-scored leads first: the share of all wins that it gets",
        bars,
        note="By chance, 20% of the leads hold 20% of the wins.",
    )


def calibration_chart(groups: Sequence[Part]) -> BarChart:
    """Show predicted beside actual win rates, in groups of leads of similar score."""
    bars: list[Bar] = []
    for group in groups:
        leads = text.count(group["leads"], "lead") if "leads" in group else ""
        predicted, observed = group["predicted"], group["observed"]
        label = f"predicted {share_text(predicted)}"
        actual = share_text(observed, group["low"], group["high"])
        bars.append(
            Bar(label, predicted, f"{share_text(predicted)} predicted", leads, tone="muted")
        )
        bars.append(
            Bar("   of these won", observed, f"{actual} won", "", group["low"], group["high"])
        )
    return BarChart("Does 10% mean 10%? Predicted and actual win rates, with 95% interval", bars)


def scores_chart(histogram: Part) -> BarChart:
    """Show the win rate of the leads of each band of scores."""
    edges, won, others = (histogram[name] for name in ("edges", "won", "not won"))
    step = max(-(-len(won) // MOST_ROWS), 1)
    bars = []
    for begin in range(0, len(won), step):
        end = min(begin + step, len(won))
        wins, rest = sum(won[begin:end]), sum(others[begin:end])
        if wins + rest:
            label = f"score {edges[begin]:g} to under {edges[end]:g}"
            share = wins / (wins + rest)
            behind = text.count(round(wins + rest), "lead")
            bars.append(Bar(label, share, f"{share_text(share)} won", behind))
    return BarChart("Win rate of the test leads by score", bars, note="50 is an average lead.")


def time_to_win_chart(curve: Part) -> BarChart:
    """Show the share of the leads won within some days, with its 95% interval."""
    days = curve["days"]
    last = max((day for day in days if day is not None), default=0)
    horizon = curve["horizon"]
    marks = [7, 14, 30, 60, 90, 120, 180, 270, 365]
    wanted = sorted({*(mark for mark in marks if mark <= last), *([horizon] if horizon else [])})
    bars = []
    for mark in wanted:
        place = sum(day is not None and day <= mark for day in days) - 1
        won, low, high = (
            curve[name][place] if place >= 0 else 0.0 for name in ("won", "low", "high")
        )
        label = f"within {mark} days{' (the horizon)' if mark == horizon else ''}"
        bars.append(
            Bar(label, won, f"{share_text(won, low, high)} of the leads won", "", low, high)
        )
    return BarChart("How long wins take, with 95% interval", bars)


def overlap_chart(worked: Part) -> BarChart:
    """Show which share of similar leads sales worked."""
    overlap = worked["overlap"]
    edges, done, never = overlap["edges"], overlap["worked"], overlap["never worked"]
    bars = []
    for place, (with_work, without) in enumerate(zip(done, never, strict=True)):
        if with_work + without:
            low, high = text.percent(edges[place]), text.percent(edges[place + 1])
            share = with_work / (with_work + without)
            behind = text.count(round(with_work + without), "lead")
            words = f"{share_text(share)} worked"
            bars.append(Bar(f"expected to be worked: {low} to {high}", share, words, behind))
    return BarChart("Which leads sales works: by how likely leads like them are worked", bars)


def direction_chart(unconstrained: Part, served: Part | None, *, counted: bool = False) -> BarChart:
    """Show the points of a feature with an expected direction, as served and unconstrained.

    Parameters
    ----------
    unconstrained : mapping
        A `model.training.expected_directions.UnconstrainedCurve`, as plain data.
    served : mapping or None
        The line of the scorecard, with ``cuts`` and ``points`` (the first for unknown values);
        None where the model does not use it.
    counted : bool
        Whether the values are whole numbers from 0.

    Examples
    --------
    >>> alone = {"words": "visits", "cuts": [1], "points": [-1, 2], "low": [-2, 1], "high": [0, 3]}
    >>> chart = direction_chart(alone, {"cuts": [1, 3], "points": [0, -1, 2, 2]})
    >>> [bar.label for bar in chart.bars][:2], chart.bars[1].figure
    (['under 1: served', 'under 1: by the data alone'], '-1.0 (-2.0 to 0.0) points')
    """
    own = served["cuts"] if served is not None else []
    cuts = sorted({*own, *unconstrained["cuts"]})
    bars: list[Bar] = []
    for place, start in enumerate((None, *cuts)):
        label = _band_label(start, cuts[place] if place < len(cuts) else None, counted)
        if served is not None:
            points = float(served["points"][1 + _bin(own, start)])
            bars.append(Bar(f"{label}: served", points, f"{text.signed(points, 1)} points", ""))
        at = _bin(unconstrained["cuts"], start)
        free, low, high = (float(unconstrained[name][at]) for name in ("points", "low", "high"))
        words = f"{text.signed_interval(free, low, high)} points"
        bars.append(Bar(f"{label}: by the data alone", free, words, "", low, high, "muted"))
    return BarChart(f"{unconstrained['words']}: points, with 95% interval", bars)


def _bin(cuts: Sequence[float], start: float | None) -> int:
    """Find the bin of a curve that holds the values from ``start`` on."""
    return 0 if start is None else sum(cut <= start for cut in cuts)


def _band_label(start: float | None, end: float | None, counted: bool) -> str:
    """Write a band of values.

    Examples
    --------
    >>> [_band_label(*band, True) for band in ((None, 1), (1, 2), (2, 5), (5, None))]
    ['none', '1', '2 to 4', '5 or more']
    """
    if start is None:
        if counted and end == 1:
            return "none"
        return "all values" if end is None else f"under {end:,.6g}"
    if counted and end is not None and float(start).is_integer() and float(end).is_integer():
        return f"{start:,.0f}" if end - start == 1 else f"{start:,.0f} to {end - 1:,.0f}"
    return f"{start:,.6g} or more" if end is None else f"{start:,.6g} to under {end:,.6g}"
