"""Screen 5, second half: which campaigns and content touched the leads that were won.

The wins of the leads that an asset or campaign touched are compared with the wins that leads of the
same fit had. This is an association: who opens a price list may have been keener before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.files.arrow_text import places_of
from model.simulation.clustered_rates import one_sided_p
from model.simulation.false_discoveries import discoveries
from model.simulation.history import History
from model.training.intervals import win_rate_interval
from pipelines.snapshot import Snapshot

LEAST_TOUCHED = 30  # leads with a known outcome
MOST_SHOWN = 6  # of each kind
CHANCE_RATE = 0.05  # the share of discoveries that may be chance
NO_EVENTS = "No events with a campaign or an asset are mapped, so nobody can tell what leads saw."
TOO_FEW = f"No campaign and no asset touched {LEAST_TOUCHED} leads with a known outcome."
Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Touch:
    """A campaign or an asset, and what became of the leads that it touched before the moment.

    Attributes
    ----------
    kind, name : str
        ``campaign`` or ``content``.
    leads, won : int
        Touched leads with a known outcome, and those won.
    expected : float
        The wins of as many leads of the same fit.
    beyond_chance : bool
        Whether there are more wins than that, allowing for everything that was tested.
    """

    kind: str
    name: str
    leads: int
    won: int
    expected: float
    beyond_chance: bool = False

    @property
    def times(self) -> float:
        """Wins for each win that leads of the same fit had.

        Examples
        --------
        >>> Touch("content", "Price list", 100, 30, 20.0).times
        1.5
        """
        return self.won / self.expected

    @property
    def ends(self) -> tuple[float, float]:
        """The 95% interval of ``times``."""
        low, high = win_rate_interval(self.won, self.leads)
        return low * self.leads / self.expected, high * self.leads / self.expected


@dataclass(frozen=True)
class ContentFacts:
    """What marketing's content did; ``note`` says what is not known."""

    touches: tuple[Touch, ...]
    adjusted_for: str
    note: str = ""


def content_facts(snapshot: Snapshot, history: History, fit: pd.Series[Any] | None) -> ContentFacts:
    """Compare the leads that each campaign and asset touched with leads of the same fit.

    Parameters
    ----------
    fit : Series, shape (n,), or None
        The grade of fit of each judged lead; None where there is no model.
    """
    pairs = _touched_rows(snapshot, history)
    if pairs.empty:
        return ContentFacts((), "", NO_EVENTS)
    expected = _wins_of_same_fit(history, fit)
    adjusted = "" if fit is None else "grade of fit"
    touches = [
        touch
        for kind, column in (("campaign", "campaign"), ("content", "asset"))
        for touch in _touches(pairs, kind, column, history, expected)
    ]
    note = "" if touches else TOO_FEW
    return ContentFacts(tuple(_with_discoveries(touches)), adjusted, note)


def _with_discoveries(touches: list[Touch]) -> list[Touch]:
    """Mark those with more wins than expected beyond chance (Benjamini and Hochberg)."""
    ps = [one_sided_p(_standard_errors(touch)) for touch in touches]
    found = set(discoveries(ps, CHANCE_RATE))
    return [
        replace(touch, beyond_chance=place in found and touch.times > 1)
        for place, touch in enumerate(touches)
    ]


def _standard_errors(touch: Touch) -> float:
    """How many standard errors the wins lie above those expected."""
    rate = touch.expected / touch.leads
    return (touch.won - touch.expected) / max(sqrt(touch.expected * (1 - rate)), 1e-9)


def _touched_rows(snapshot: Snapshot, history: History) -> pd.DataFrame:
    """Pair each lead with a known outcome and what it touched: ``row, campaign, asset``."""
    events = snapshot.tables.events
    events = events[~events["by_sales"] & (events["campaign"].notna() | events["asset"].notna())]
    rows = history.rows[["person_id", "as_of"]].reset_index(drop=True)
    rows = rows.assign(row=np.arange(len(rows)))[history.labelled].dropna(subset=["person_id"])
    persons, distinct = pd.factorize(rows["person_id"])
    of_person = places_of(events["person_id"], pd.Series(distinct))
    touched = events[["at", "campaign", "asset"]].assign(person=of_person)[of_person >= 0]
    pairs = touched.merge(rows.assign(person=persons), on="person")
    before = (pairs["at"] < pairs["as_of"]) | pairs["as_of"].isna()
    return pairs.loc[before, ["row", "campaign", "asset"]]


def _wins_of_same_fit(history: History, fit: pd.Series[Any] | None) -> Array:
    """Give each lead the win rate of the leads of its grade; of all leads without grades."""
    won = pd.Series(history.won)
    if fit is None:
        return np.full(len(won), won.mean())
    return won.groupby(fit.to_numpy()).transform("mean").to_numpy()


def _touches(
    pairs: pd.DataFrame, kind: str, column: str, history: History, expected: Array
) -> list[Touch]:
    once = pairs[["row", column]].dropna().drop_duplicates()
    rows = once["row"].to_numpy()
    figures = pd.DataFrame(
        {"name": once[column].to_numpy(), "won": history.won[rows], "expected": expected[rows]}
    )
    by_name = figures.groupby("name").agg(
        leads=("won", "size"), won=("won", "sum"), expected=("expected", "sum")
    )
    enough = by_name[(by_name["leads"] >= LEAST_TOUCHED) & (by_name["expected"] > 0)]
    most = enough.sort_values("leads", ascending=False).head(MOST_SHOWN)
    columns = (most[name].tolist() for name in ("leads", "won", "expected"))
    found = [
        Touch(kind, str(name), int(leads), int(won), float(wins))
        for name, leads, won, wins in zip(most.index, *columns, strict=True)
    ]
    return sorted(found, key=lambda touch: -touch.times)
