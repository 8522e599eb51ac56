"""How long leads take to be won, and which share of the wins a horizon catches.

A lead that is not won yet may still be won: it was followed only until the data was extracted. The
Kaplan–Meier estimate counts each lead for as long as it was followed, so that young leads inform
the first weeks and not the later ones. Lost leads stay in: they were followed like the others, and
were not won.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from features.labels.outcomes import WITHDRAWN, build_outcomes, results_at_extract
from features.labels.rejection_reasons import NO_LEAD
from features.tables.lead_rows import lead_rows
from features.tables.read import Tables, extract_at
from features.workspace.read import Workspace

DAY = 86_400.0  # seconds
CAUGHT = 0.9  # share of the wins that a suggested horizon must catch
ROUND = 10  # days; a suggested horizon is rounded up to a multiple
FOLLOWED = 0.1  # share of the leads; with fewer followed as long, the curve is mostly chance
POINTS = 200  # points of the curve that reports keep


@dataclass(frozen=True)
class HorizonSummary:
    """The share of the wins that a horizon catches, and the horizon that would be enough.

    Attributes
    ----------
    horizon : int or None
        In days; None where none is set.
    caught : float or None
        Share of the wins that it catches, from 0 to 1.
    suggested : int or None
        The shortest horizon that catches nine in ten wins, in tens of days.
    share : float or None
        Share of the wins that the suggested horizon catches.
    longest : float or None
        Days to the slowest win seen.
    wins, undated : int
        Wins with a date, and wins without one.
    """

    horizon: int | None
    caught: float | None
    suggested: int | None
    share: float | None
    longest: float | None
    wins: int
    undated: int

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> HorizonSummary:
        """Read the summary from what `TimeToWin.to_json` gives."""
        return cls(**{field.name: data[field.name] for field in fields(cls)})


@dataclass(frozen=True)
class TimeToWin:
    """The estimated share of leads won by each day after the moment.

    Attributes
    ----------
    curve : DataFrame
        ``days, won, low, high, followed``: the share of leads won within so many days, its 95%
        interval, and the number of leads followed that long.
    wins : int
        Wins with a date, after the moment.
    leads : int
        Leads that were followed.
    undated : int
        Wins without a date; these leads are left out.
    """

    curve: pd.DataFrame
    wins: int
    leads: int
    undated: int = 0

    def within(self, days: float) -> float:
        """Share of all leads that are won within so many days."""
        until = self.curve[self.curve["days"] <= days]
        return float(until["won"].iloc[-1]) if len(until) else 0.0

    def caught(self, days: float) -> float:
        """Share of the wins that come within so many days, of all wins within ``longest``.

        NaN without wins.

        Examples
        --------
        >>> found = kaplan_meier(np.array([10.0, 20, 30, 40]), np.array([True, True, True, False]))
        >>> round(found.caught(20), 2)
        0.67
        """
        last = self.within(self.longest)
        return min(self.within(days) / last, 1.0) if last > 0 else float("nan")

    @property
    def longest(self) -> float:
        """Days to the slowest win while a tenth of the leads was still followed; NaN without wins.

        After that the few leads left would make a curve of chance.
        """
        seen = self.curve["days"][self.curve["followed"] >= FOLLOWED * self.leads]
        return float(seen.iloc[-1]) if len(seen) else float("nan")

    def suggested(self, share: float = CAUGHT) -> int | None:
        """The shortest horizon, in tens of days, that catches this share of the wins.

        None without wins.
        """
        if np.isnan(self.longest):
            return None
        enough = self.curve["won"] >= share * self.within(self.longest) - 1e-12
        days = float(self.curve["days"][enough].iloc[0])
        return int(np.ceil(max(days, 1) / ROUND) * ROUND)

    def summary(self, horizon: int | None) -> HorizonSummary:
        """Summarize what a horizon catches, and which horizon would be enough.

        Examples
        --------
        >>> found = kaplan_meier(np.array([5.0, 20, 30, 99]), np.array([True, True, True, False]))
        >>> found.summary(20).suggested, round(found.summary(20).caught, 2)
        (30, 0.67)
        """
        suggested = self.suggested()
        return HorizonSummary(
            horizon=horizon,
            caught=None if not horizon or suggested is None else self.caught(horizon),
            suggested=suggested,
            share=None if suggested is None else self.caught(suggested),
            longest=None if suggested is None else self.longest,
            wins=self.wins,
            undated=self.undated,
        )

    def to_json(self, horizon: int | None, points: int = POINTS) -> dict[str, Any]:
        """Give the curve (``days, won, low, high``) and the summary of a horizon, for reports.

        Parameters
        ----------
        points : int
            The most points of the curve to keep.
        """
        last = len(self.curve) - 1
        places = np.unique(np.linspace(0, last, min(points, last + 1)).round().astype(int))
        kept = self.curve.iloc[places]
        columns = {
            name: [None if np.isnan(value) else float(value) for value in kept[name]]
            for name in ("days", "won", "low", "high")
        }
        return {**columns, **asdict(self.summary(horizon))}


def estimate_time_to_win(
    ws: Workspace,
    tables: Tables,
    moments: pd.DataFrame,
    outcomes: pd.DataFrame | None = None,
    results: pd.DataFrame | None = None,
) -> TimeToWin | None:
    """Estimate the time to win from judged leads; None where wins or moments have no dates.

    In a panel each lead counts once, from the first day on which it was judged.

    Duplicates and test records are not leads and do not count. A withdrawn lead was followed until
    it was closed; without that date it does not count either.

    Parameters
    ----------
    outcomes, results : DataFrame, optional
        Of `build_outcomes` for these moments and of `results_at_extract`, if already computed.
    """
    results = results_at_extract(ws, tables) if results is None else results
    outcomes = build_outcomes(ws, tables, moments, results) if outcomes is None else outcomes
    moments = moments.reset_index(drop=True)
    moments = moments.sort_values("as_of", kind="stable").drop_duplicates("lead_id").sort_index()
    why_unknown = outcomes["why_unknown"].loc[moments.index]
    is_lead = ~why_unknown.isin(NO_LEAD)
    moments = moments[is_lead]
    withdrawn = why_unknown[is_lead].eq(WITHDRAWN).reset_index(drop=True)
    rows = lead_rows(tables.leads, moments["lead_id"])
    results = results.iloc[rows].reset_index(drop=True)
    is_won = results["won"] & ~withdrawn
    as_of = moments["as_of"].reset_index(drop=True)
    closed = tables.leads["closed_at"].iloc[rows].reset_index(drop=True)
    until = closed.where(withdrawn, extract_at(ws, tables))
    followed = (until - as_of).dt.total_seconds() / DAY
    days = (results["won_at"] - as_of).dt.total_seconds() / DAY
    won = (is_won & days.notna() & (days <= followed)).to_numpy(bool)
    counts = (followed.notna() & (followed >= 0) & (won | ~is_won)).to_numpy(bool)
    if not (won & counts).any():
        return None
    length = np.where(won, days.clip(lower=0), followed)
    undated = int((is_won & results["won_at"].isna()).sum())
    return replace(kaplan_meier(length[counts], won[counts]), undated=undated)


def kaplan_meier(days: np.ndarray, won: np.ndarray) -> TimeToWin:
    """Estimate the share won by each day from leads that were followed for different times.

    Parameters
    ----------
    days : array, shape (n,)
        Days to the win, or days that the lead was followed without one.
    won : array of bool, shape (n,)

    References
    ----------
    E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", 1958.
    The interval is on the log(-log) scale [J. D. Kalbfleisch and R. L. Prentice, 1980].

    Examples
    --------
    >>> found = kaplan_meier(np.array([1.0, 2, 2, 3]), np.array([True, False, True, False]))
    >>> found.curve["won"].round(3).to_list()
    [0.25, 0.5]
    """
    times, wins = np.unique(days[won], return_counts=True)
    followed = len(days) - np.searchsorted(np.sort(days), times, side="left")
    survival = np.cumprod(1 - wins / followed)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.cumsum(wins / (followed * (followed - wins)))
        spread = np.sqrt(variance) / np.abs(np.log(survival))
        ends = [survival ** np.exp(sign * 1.959963984540054 * spread) for sign in (-1, 1)]
    low, high = (np.where(np.isfinite(end), 1 - end, np.nan) for end in ends)
    curve = {"days": times, "won": 1 - survival, "followed": followed, "low": low, "high": high}
    return TimeToWin(pd.DataFrame(curve), int(wins.sum()), len(days))
