"""Plots of an evaluation.

Each function takes a part of ``evaluation.json`` and returns an SVG as text: the registry keeps it
with the version. Nothing here needs a screen or changes global state, and the same input gives the
same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

Table = Mapping[str, Any]  # a part of the evaluation, as JSON has it

INK, MUTED, GRID = "#1f2933", "#7b8794", "#e4e7eb"
MODEL, YARDSTICK, DEFINITION = "#0b7285", "#b08968", "#9c36b5"
WON, NOT_WON = "#2b8a3e", "#adb5bd"
COLOURS = {"model": MODEL, "yardstick": YARDSTICK, "definition": DEFINITION, "champion": "#e67700"}
NAMES = {
    "model": "this model",
    "yardstick": "black box",
    "definition": "rules alone",
    "champion": "champion",
}


FAMILIES = {
    "firmographic": "#1864ab",
    "role": "#5f3dc4",
    "origin": "#c2660c",
    "engagement": "#0b7285",
    "other": "#5c5f66",
}


def version_plots(evaluation: Table) -> dict[str, str]:
    """Draw the plots that the registry keeps with a version, by file name."""
    curves = evaluation["curves"]
    plots = {
        "lift.svg": gains_plot(curves["lift"]),
        "calibration.svg": calibration_plot(curves["calibration"]),
        "scores.svg": scores_plot(curves["scores"]),
        "importance.svg": importance_plot(evaluation["importance"]),
    }
    if time_to_win := evaluation.get("time_to_win"):
        plots["time_to_win.svg"] = time_to_win_plot(time_to_win)
    if worked := evaluation.get("worked"):
        plots["overlap.svg"] = overlap_plot(worked)
    return plots


def gains_plot(curve: Table) -> str:
    """Draw the share of all wins that is caught when the best-scored leads are worked first.

    Parameters
    ----------
    curve : mapping
        ``share`` (0–1, ascending) and ``captured``: one list per scorer.

    Examples
    --------
    >>> gains_plot({"share": [0, 1], "captured": {"model": [0, 1]}})[:5]
    '<?xml'
    """
    figure, axes = _new_axes("Working the best-scored leads first", "leads worked", "wins caught")
    share = _percentages(curve["share"])
    axes.plot([0, 100], [0, 100], color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    axes.annotate("by chance", (72, 68), color=MUTED, fontsize=8)
    for name in ("yardstick", "definition", "champion", "model"):
        if name in curve["captured"]:
            captured = _percentages(curve["captured"][name])
            width = 2.2 if name == "model" else 1.3
            axes.plot(share, captured, color=COLOURS[name], linewidth=width, label=NAMES[name])
    _percent_axes(axes, both=True)
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 101)
    axes.legend(frameon=False, fontsize=8, loc="lower right")
    return _svg(figure)


def calibration_plot(bins: Sequence[Mapping[str, float]]) -> str:
    """Draw predicted against actual win rates, in groups of equal size, with 95% intervals.

    Parameters
    ----------
    bins : sequence of mapping
        ``predicted``, ``observed``, ``low``, ``high`` (all 0–1) of each group.
    """
    figure, axes = _new_axes("Does 10% mean 10%?", "predicted win rate", "actual win rate")
    top = 100 * max([max(group["predicted"], group["high"]) for group in bins], default=1.0) * 1.05
    axes.plot([0, top], [0, top], color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    predicted = [100 * group["predicted"] for group in bins]
    observed = [100 * group["observed"] for group in bins]
    below = [100 * max(group["observed"] - group["low"], 0) for group in bins]
    above = [100 * max(group["high"] - group["observed"], 0) for group in bins]
    axes.errorbar(
        predicted,
        observed,
        yerr=[below, above],
        fmt="o",
        color=MODEL,
        ecolor=MODEL,
        elinewidth=1,
        markersize=5,
    )
    _percent_axes(axes, both=True)
    axes.set_xlim(0, top)
    axes.set_ylim(0, top)
    return _svg(figure)


def scores_plot(histogram: Mapping[str, Sequence[float]]) -> str:
    """Draw how the scores of won leads and of the others are distributed.

    Parameters
    ----------
    histogram : mapping
        ``edges`` (n + 1 scores), ``won`` and ``not won`` (n counts each).
    """
    figure, axes = _new_axes("Scores of won leads and of the others", "score", "")
    _draw_histogram(axes, histogram["edges"], {"not won": NOT_WON, "won": WON}, histogram)
    axes.axvline(50, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    _percent_axes(axes)
    axes.legend(frameon=False, fontsize=8)
    return _svg(figure)


def time_to_win_plot(curve: Table) -> str:
    """Draw the share of leads won within a number of days of the moment, with its 95% interval.

    Parameters
    ----------
    curve : mapping
        ``days`` (ascending), ``won``, ``low`` and ``high`` (shares, None where unknown), and
        ``horizon`` (days, drawn as a line, or None).

    Examples
    --------
    >>> curve = {"days": [10, 20], "won": [.1, .2], "low": [.05, None], "high": [.2, None]}
    >>> time_to_win_plot({**curve, "horizon": 15})[:5]
    '<?xml'
    """
    horizon = curve["horizon"]
    figure, axes = _new_axes("How long wins take", "days after the moment", "leads won by then")
    days = [0, *(float(day or 0) for day in curve["days"])]
    won, low, high = ([0, *_percentages(curve[name])] for name in ("won", "low", "high"))
    axes.fill_between(days, low, high, step="post", color=MODEL, alpha=0.18, linewidth=0)
    axes.step(days, won, where="post", color=MODEL, linewidth=2)
    if horizon:
        axes.axvline(horizon, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
        axes.annotate(f" horizon: {horizon} days", (horizon, 0), color=MUTED, fontsize=8)
    _percent_axes(axes)
    axes.set_xlim(0, max(*days, 1.05 * (horizon or 0), 1))
    axes.set_ylim(bottom=0)
    return _svg(figure)


def _percentages(shares: Sequence[float | None]) -> list[float]:
    return [float("nan") if share is None else 100 * share for share in shares]


def importance_plot(rows: Sequence[Table], most: int = 15) -> str:
    """Draw the points that each line gives or takes on average, coloured by family.

    Parameters
    ----------
    rows : sequence of mapping
        ``words``, ``family`` and ``importance`` (mean absolute points), largest first.
    """
    shown = list(rows)[:most][::-1]
    figure, axes = _new_axes("What moves the score", "points given or taken, on average", "")
    figure.set_size_inches(7.4, 0.6 + 0.27 * max(len(shown), 3))
    axes.barh(
        range(len(shown)),
        [row["importance"] for row in shown],
        color=[FAMILIES.get(row["family"], MUTED) for row in shown],
        height=0.66,
    )
    axes.set_yticks(range(len(shown)), [_shorten(row["words"]) for row in shown], fontsize=8)
    axes.grid(visible=False, axis="y")
    from matplotlib.patches import Patch

    present = {row["family"] for row in shown}
    handles = [Patch(color=FAMILIES[name], label=name) for name in FAMILIES if name in present]
    axes.legend(handles=handles, frameon=False, fontsize=8, loc="lower right")
    return _svg(figure)


def overlap_plot(worked: Table) -> str:
    """Draw how likely worked and unworked leads were to be worked; where they meet, they compare.

    Parameters
    ----------
    worked : mapping
        ``overlap``: ``edges`` (n + 1 chances), ``worked`` and ``never worked`` (n counts each).
    """
    figure, axes = _new_axes("Which leads sales works", "estimated chance of being worked", "")
    overlap = worked["overlap"]
    colours = {"never worked": NOT_WON, "worked": MODEL}
    _draw_histogram(axes, _percentages(overlap["edges"]), colours, overlap)
    _percent_axes(axes, both=True)
    axes.set_xlim(0, 100)
    axes.legend(frameon=False, fontsize=8)
    return _svg(figure)


def _draw_histogram(
    axes: Any, edges: Sequence[float], colours: Mapping[str, str], counts: Table
) -> None:
    """Draw the shares of two groups over each other, the second one see-through."""
    for (name, colour), alpha in zip(colours.items(), (0.9, 0.55), strict=True):
        total = sum(counts[name]) or 1
        shares = [100 * number / total for number in counts[name]]
        label = f"{name} ({total:,})"
        axes.stairs(shares, list(edges), fill=True, color=colour, alpha=alpha, label=label)


def _new_axes(title: str, across: str, up: str) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 3.4), layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", fontsize=10, color=INK, fontweight="bold")
    axes.set_xlabel(across, fontsize=8.5, color=MUTED)
    axes.set_ylabel(up, fontsize=8.5, color=MUTED)
    axes.tick_params(labelsize=8, colors=MUTED, length=0)
    axes.grid(color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)
    return figure, axes


def _percent_axes(axes: Any, both: bool = False) -> None:
    from matplotlib.ticker import FuncFormatter

    shown = FuncFormatter(lambda value, _: f"{value:g}%")
    axes.yaxis.set_major_formatter(shown)
    if both:
        axes.xaxis.set_major_formatter(shown)


def _shorten(words: str, most: int = 52) -> str:
    safe = words.replace("$", r"\$")  # matplotlib reads $…$ as mathematics
    return safe if len(safe) <= most else safe[: most - 1] + "…"


def _svg(figure: Any) -> str:
    import matplotlib as mpl

    written = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "leadready", "svg.fonttype": "path"}):
        figure.savefig(written, format="svg", metadata={"Date": None})
    return written.getvalue()
