"""The horizon in a sentence: which share of the wins it catches, and which one would be enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from features.text import count, percent

if TYPE_CHECKING:
    from features.labels.time_to_win import HorizonSummary


def horizon_text(summary: HorizonSummary | None) -> str:
    """Say which share of the wins the horizon catches, and suggest a longer one if needed.

    Examples
    --------
    >>> from features.labels.time_to_win import HorizonSummary
    >>> horizon_text(HorizonSummary(horizon=60, caught=0.7, suggested=90, share=0.91,
    ...                             longest=240.0, wins=500, undated=0))
    'Horizon: 60 days catch 70% of the wins seen within 240 days; 90 days would catch 91%.'
    >>> horizon_text(None)
    'Horizon: too few wins have dates to tell how long wins take.'
    """
    if summary is None or summary.suggested is None:
        return "Horizon: too few wins have dates to tell how long wins take."
    seen = f"of the wins seen within {summary.longest:.0f} days"
    suggestion = f"{summary.suggested} days would catch {percent(summary.share)}"
    if summary.horizon is None:
        sentence = f"none is set; {suggestion} {seen}"
    else:
        sentence = f"{summary.horizon} days catch {percent(summary.caught)} {seen}"
        sentence += f"; {suggestion}" if summary.suggested > summary.horizon else ""
    undated = summary.undated
    without_date = f" {count(undated, 'win has', 'wins have')} no date." if undated else ""
    return f"Horizon: {sentence}.{without_date}"
