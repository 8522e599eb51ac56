"""How long leads take to be won, and which share of the wins a horizon catches.

A lead that is not won yet may still be: it was followed only until the data was taken out. The
Kaplan–Meier estimate counts each lead for as long as it was followed, so that young leads say
something about the first weeks and nothing about later ones. Lost leads stay in the count: they
were followed as long as the others and were not won.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from features.labels.outcomes import WITHDRAWN, build_outcomes, results_at_extract
from features.labels.rejection_reasons import NO_LEAD
from features.tables.lead_rows import lead_rows
from features.tables.read import Tables, extract_at
from features.workspace.read import Workspace

DAY = 86_400.0  # seconds
CAUGHT = 0.9  # of the wins that come at all: what a suggested horizon has to catch
ROUND = 10  # days that a suggested horizon is rounded up to
FOLLOWED = 0.1  # of the leads: as long as so many were followed, the curve is more than chance
POINTS = 200  # of the curve, that are kept for reports


@dataclass(frozen=True)
class TimeToWin:
    """The estimated share of leads won by each day after the moment.

    Attributes
    ----------
    curve : DataFrame
        ``days, won, low, high, followed``: share won within so many days, its 95 % interval, and
        how many leads were followed as long.
    wins : int
        Wins with a date, after the moment.
    leads : int
        Leads that were followed at all.
    undated : int
        Wins that nobody dated; they and their leads are left out.
    """

    curve: pd.DataFrame
    wins: int
    leads: int
    undated: int = 0

    def within(self, days: float) -> float:
        """Share of all leads that are won within so many days."""
        known = self.curve[self.curve["days"] <= days]
        return float(known["won"].iloc[-1]) if len(known) else 0.0

    def caught(self, days: float) -> float:
        """Share of the wins that come within so many days, of all in the time that can be seen.

        That is as long as a tenth of the leads was followed: the last few would make a curve of
        chance. NaN without wins.

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
        """Days to the slowest win that can be seen; NaN without wins."""
        seen = self.curve["days"][self.curve["followed"] >= FOLLOWED * self.leads]
        return float(seen.iloc[-1]) if len(seen) else float("nan")

    def suggested(self, share: float = CAUGHT) -> int | None:
        """Least horizon, in tens of days, that catches so much of the wins; None without wins."""
        if np.isnan(self.longest):
            return None
        enough = self.curve["won"] >= share * self.within(self.longest) - 1e-12
        days = float(self.curve["days"][enough].iloc[0])
        return int(np.ceil(max(days, 1) / ROUND) * ROUND)

    def about(self, horizon: int | None) -> dict[str, Any]:
        """What a horizon catches, and which one would do, as plain data.

        Returns
        -------
        dict
            ``horizon`` and ``caught`` (None without a horizon), ``suggested``, ``share`` (what the
            suggested one catches), ``longest`` (days to the slowest win seen), ``wins, undated``.

        Examples
        --------
        >>> found = kaplan_meier(np.array([5.0, 20, 30, 99]), np.array([True, True, True, False]))
        >>> found.about(20)["suggested"], round(found.about(20)["caught"], 2)
        (30, 0.67)
        """
        suggested = self.suggested()
        return {
            "horizon": horizon,
            "caught": None if not horizon or suggested is None else self.caught(horizon),
            "suggested": suggested,
            "share": None if suggested is None else self.caught(suggested),
            "longest": None if suggested is None else self.longest,
            "wins": self.wins,
            "undated": self.undated,
        }

    def told(self, horizon: int | None, points: int = POINTS) -> dict[str, Any]:
        """Give the curve as plain data for reports: ``days, won, low, high`` besides ``about``."""
        last = len(self.curve) - 1
        places = np.unique(np.linspace(0, last, min(points, last + 1)).round().astype(int))
        shown = self.curve.iloc[places]
        columns = {
            one: [None if np.isnan(value) else float(value) for value in shown[one]]
            for one in ("days", "won", "low", "high")
        }
        return {**columns, **self.about(horizon)}


def estimate_time_to_win(ws: Workspace, tables: Tables, moments: pd.DataFrame) -> TimeToWin | None:
    """Estimate it from the leads that were judged; None where wins or moments have no dates.

    In a panel each lead counts once, from the first time that it was judged.

    Duplicates and test records, by the file's mapping of reasons or its ``unknown_when``, are no
    leads and do not count. One that was withdrawn was followed until it was closed; where nobody
    says when that was, it does not count either.
    """
    moments = moments.sort_values("as_of", kind="stable").drop_duplicates("lead_id").sort_index()
    became = build_outcomes(ws, tables, moments)
    is_lead = ~became["why_unknown"].isin(NO_LEAD)
    moments = moments.reset_index(drop=True)[is_lead]
    withdrawn = became["why_unknown"][is_lead].eq(WITHDRAWN).reset_index(drop=True)
    rows = lead_rows(tables.leads, moments["lead_id"])
    became = results_at_extract(ws, tables).iloc[rows].reset_index(drop=True)
    became["won"] &= ~withdrawn
    as_of = moments["as_of"].reset_index(drop=True)
    closed = tables.leads["closed_at"].iloc[rows].reset_index(drop=True)
    until = closed.where(withdrawn, extract_at(ws, tables))
    followed = (until - as_of).dt.total_seconds() / DAY
    days = (became["won_at"] - as_of).dt.total_seconds() / DAY
    won = (became["won"] & days.notna() & (days <= followed)).to_numpy(bool)
    dated = (followed.notna() & (followed >= 0) & (won | ~became["won"])).to_numpy(bool)
    if not (won & dated).any():
        return None
    length = np.where(won, days.clip(lower=0), followed)
    undated = int((became["won"] & became["won_at"].isna()).sum())
    return replace(kaplan_meier(length[dated], won[dated]), undated=undated)


def kaplan_meier(days: np.ndarray, won: np.ndarray) -> TimeToWin:
    """Estimate the share won by each day from leads that were followed for different times.

    Parameters
    ----------
    days : array, shape (n,)
        Days to the win, or days that a lead was followed without one.
    won : array of bool, shape (n,)

    References
    ----------
    E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", 1958;
    the interval is on the scale log(-log) [J. D. Kalbfleisch and R. L. Prentice, 1980].

    Examples
    --------
    >>> found = kaplan_meier(np.array([1.0, 2, 2, 3]), np.array([True, False, True, False]))
    >>> found.curve["won"].round(3).to_list()
    [0.25, 0.5]
    """
    times, wins = np.unique(days[won], return_counts=True)
    followed = len(days) - np.searchsorted(np.sort(days), times, side="left")
    still = np.cumprod(1 - wins / followed)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(np.cumsum(wins / (followed * (followed - wins)))) / np.abs(np.log(still))
        ends = [still ** np.exp(sign * 1.959963984540054 * spread) for sign in (-1, 1)]
    curve: dict[str, Any] = {"days": times, "won": 1 - still, "followed": followed}
    curve["low"], curve["high"] = (np.where(np.isfinite(one), 1 - one, np.nan) for one in ends)
    return TimeToWin(pd.DataFrame(curve), int(wins.sum()), len(days))
