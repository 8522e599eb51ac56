"""Pictures of an evaluation, for people who would rather look than read.

Each function takes a part of ``evaluation.json`` and returns an SVG as text: the report shows it
inline, the registry keeps it with the version. Figures are built without any global state, so that
nothing here needs a screen, and equal input gives equal bytes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

INK, MUTED, GRID = "#1f2933", "#7b8794", "#e4e7eb"
MODEL, YARDSTICK, DEFINITION = "#0b7285", "#b08968", "#9c36b5"
WON, NOT_WON = "#2b8a3e", "#adb5bd"
COLOURS = {"model": MODEL, "yardstick": YARDSTICK, "definition": DEFINITION, "champion": "#e67700"}
NAMES = {
    "model": "this model",
    "yardstick": "black box",
    "definition": "the rules alone",
    "champion": "champion",
}


def gains(curve: Mapping[str, Any]) -> str:
    """Share of all wins caught when the best-scored share of leads is worked.

    Parameters
    ----------
    curve : mapping
        ``share`` (0–1, ascending) and ``captured``: one list per scorer.

    Examples
    --------
    >>> gains({"share": [0, 1], "captured": {"model": [0, 1]}})[:5]
    '<?xml'
    """
    figure, axes = _figure("Working the best-scored leads first", "leads worked", "wins caught")
    share = [100 * one for one in curve["share"]]
    axes.plot([0, 100], [0, 100], color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    axes.annotate("by chance", (72, 68), color=MUTED, fontsize=8)
    for name in ("yardstick", "definition", "champion", "model"):
        if name in curve["captured"]:
            captured = [100 * one for one in curve["captured"][name]]
            width = 2.2 if name == "model" else 1.3
            axes.plot(share, captured, color=COLOURS[name], linewidth=width, label=NAMES[name])
    _percent(axes, both=True)
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 101)
    axes.legend(frameon=False, fontsize=8, loc="lower right")
    return _svg(figure)


def calibration(bins: Sequence[Mapping[str, float]]) -> str:
    """Predicted against real win rates, in groups of equal size, with 95 % intervals.

    Parameters
    ----------
    bins : sequence of mapping
        ``predicted``, ``observed``, ``low``, ``high`` (all 0–1) of each group.
    """
    figure, axes = _figure("Does 10 % mean 10 %?", "win rate that was predicted", "real win rate")
    top = 100 * max([max(one["predicted"], one["high"]) for one in bins], default=1.0) * 1.05
    axes.plot([0, top], [0, top], color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    predicted = [100 * one["predicted"] for one in bins]
    observed = [100 * one["observed"] for one in bins]
    below = [100 * max(one["observed"] - one["low"], 0) for one in bins]
    above = [100 * max(one["high"] - one["observed"], 0) for one in bins]
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
    _percent(axes, both=True)
    axes.set_xlim(0, top)
    axes.set_ylim(0, top)
    return _svg(figure)


def scores(histogram: Mapping[str, Sequence[float]]) -> str:
    """How the scores of won leads and of the others are spread.

    Parameters
    ----------
    histogram : mapping
        ``edges`` (n + 1 scores), ``won`` and ``not won`` (n counts each).
    """
    figure, axes = _figure("Scores of leads that were won, and of those that were not", "score", "")
    edges = list(histogram["edges"])
    for name, colour, alpha in (("not won", NOT_WON, 0.9), ("won", WON, 0.55)):
        counts = histogram[name]
        total = sum(counts) or 1
        share = [100 * one / total for one in counts]
        axes.stairs(share, edges, fill=True, color=colour, alpha=alpha, label=f"{name} ({total:,})")
    axes.axvline(50, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    _percent(axes)
    axes.legend(frameon=False, fontsize=8)
    return _svg(figure)


def time_to_win(curve: Mapping[str, Sequence[float | None]], horizon: int | None) -> str:
    """Share of leads won within so many days of the moment, with its 95 % interval.

    Parameters
    ----------
    curve : mapping
        ``days`` (ascending), ``won``, ``low`` and ``high`` (shares, None where not known).
    horizon : int or None
        Days, drawn as a line.

    Examples
    --------
    >>> time_to_win({"days": [10, 20], "won": [.1, .2], "low": [.05, None], "high": [.2, None]},
    ...             15)[:5]
    '<?xml'
    """
    figure, axes = _figure("How long wins take", "days after the moment", "leads won by then")
    days = [0, *(float(one or 0) for one in curve["days"])]
    won, low, high = ([0, *_percents(curve[one])] for one in ("won", "low", "high"))
    axes.fill_between(days, low, high, step="post", color=MODEL, alpha=0.18, linewidth=0)
    axes.step(days, won, where="post", color=MODEL, linewidth=2)
    if horizon:
        axes.axvline(horizon, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
        axes.annotate(f" horizon: {horizon} days", (horizon, 0), color=MUTED, fontsize=8)
    _percent(axes)
    axes.set_xlim(0, max(*days, 1.05 * (horizon or 0), 1))
    axes.set_ylim(bottom=0)
    return _svg(figure)


def _percents(shares: Sequence[float | None]) -> list[float]:
    return [float("nan") if one is None else 100 * one for one in shares]


def importances(rows: Sequence[Mapping[str, Any]], most: int = 15) -> str:
    """How far each feature moves the score of an average lead, in points, by family.

    Parameters
    ----------
    rows : sequence of mapping
        ``words``, ``family`` and ``importance`` (mean absolute points), largest first.
    """
    shown = list(rows)[:most][::-1]
    figure, axes = _figure("What moves the score", "points, on average", "")
    figure.set_size_inches(7.4, 0.6 + 0.27 * max(len(shown), 3))
    axes.barh(
        range(len(shown)),
        [one["importance"] for one in shown],
        color=[FAMILIES.get(one["family"], MUTED) for one in shown],
        height=0.66,
    )
    axes.set_yticks(range(len(shown)), [_shorten(one["words"]) for one in shown], fontsize=8)
    axes.grid(visible=False, axis="y")
    from matplotlib.patches import Patch

    present = [one for one in FAMILIES if any(row["family"] == one for row in shown)]
    handles = [Patch(color=FAMILIES[one], label=one) for one in present]
    axes.legend(handles=handles, frameon=False, fontsize=8, loc="lower right")
    return _svg(figure)


def overlap(worked: Mapping[str, Any]) -> str:
    """How likely worked and never worked leads were to be worked: where they meet, one can compare.

    Parameters
    ----------
    worked : mapping
        ``overlap``: ``edges`` (n + 1 chances), ``worked`` and ``never worked`` (n counts each).
    """
    figure, axes = _figure("Whom sales works", "estimated chance to be worked", "")
    told = worked["overlap"]
    edges = [100 * one for one in told["edges"]]
    for name, colour, alpha in (("never worked", NOT_WON, 0.9), ("worked", MODEL, 0.55)):
        total = sum(told[name]) or 1
        share = [100 * one / total for one in told[name]]
        axes.stairs(share, edges, fill=True, color=colour, alpha=alpha, label=f"{name} ({total:,})")
    _percent(axes, both=True)
    axes.set_xlim(0, 100)
    axes.legend(frameon=False, fontsize=8)
    return _svg(figure)


def direction(free: Mapping[str, Any], served: Mapping[str, Any] | None) -> str:
    """An expected direction: the points that are served, and those of data left to itself.

    Parameters
    ----------
    free : mapping
        A `model.training.expected_directions.UnconstrainedCurve`, as plain data.
    served : mapping or None
        The feature of the scorecard, with ``cuts`` and ``points`` (the first is: unknown); None
        where the model does not use it.

    Examples
    --------
    >>> alone = {"words": "visits", "cuts": [1], "points": [-1, 2], "low": [-2, 1], "high": [0, 3]}
    >>> direction(alone, {"cuts": [1, 3], "points": [0, -1, 2, 2]})[:5]
    '<?xml'
    """
    figure, axes = _figure(_shorten(str(free["words"]), 44), "", "points")
    figure.set_size_inches(4.2, 2.4)
    curves = [("left to itself", DEFINITION, free["cuts"], free["points"])]
    if served is not None:
        curves.append(("served", MODEL, served["cuts"], served["points"][1:]))
    cuts = sorted({cut for _, _, some, _ in curves for cut in some})
    for name, colour, own, points in curves:
        axes.stairs(
            _spread(points, own, cuts), color=colour, linewidth=2, label=name, baseline=None
        )
    low, high = (_spread(free[end], free["cuts"], cuts) for end in ("low", "high"))
    axes.stairs(high, baseline=low, fill=True, color=DEFINITION, alpha=0.15)
    axes.set_xticks(range(1, len(cuts) + 1), [f"{cut:,.6g}" for cut in cuts], rotation=40)
    axes.legend(frameon=False, fontsize=7.5, loc="best")
    return _svg(figure)


def _spread(points: Sequence[float], own: Sequence[float], cuts: Sequence[float]) -> list[float]:
    """A curve's points between the cuts of several; of the bins it has, and those of the others."""
    return [points[sum(one <= cut for one in own)] for cut in (-float("inf"), *cuts)]


FAMILIES = {
    "firmographic": "#1864ab",
    "role": "#5f3dc4",
    "origin": "#c2660c",
    "engagement": "#0b7285",
}


def _figure(title: str, across: str, up: str) -> tuple[Any, Any]:
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


def _percent(axes: Any, both: bool = False) -> None:
    from matplotlib.ticker import FuncFormatter

    shown = FuncFormatter(lambda value, _: f"{value:g} %")
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
