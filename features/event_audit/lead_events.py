"""What the audit of events looks at: leads at their moments, and the events of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.files.arrow_text import places_of
from features.leaks.statistics import Codes, Mask, bands_of_open, order_in_bands
from features.leaks.still_open import days_until_extract
from features.leaks.what_followed import days_to_closing
from features.leaks.workspace_audit import status_at_extract
from features.tables.read import Tables
from features.workspace.schema import Workspace

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LeadEvents:
    """Leads that were judged, one for each person, and their events.

    Attributes
    ----------
    won, decided, open : array of bool
        The outcome of each lead as the export shows it.
    age : array of int
        Tenths of the leads by their moment, oldest first.
    finer_age : array of int
        Finer bands, in which open leads are compared with closed ones.
    lead : array of int
        The lead of each event.
    kind : array of int
        The kind of each event, a place in ``kinds``; -1 if it has none.
    before : array of bool
        Whether each event came before the moment.
    to_closing : array of float
        Days from each event to the closing of its lead; NaN if that is unknown.
    at : array of datetime64
        When each event happened.
    since, days : array of float
        Days from the moment of each lead to the extract, and to its closing; NaN if unknown.
    """

    won: Mask
    decided: Mask
    open: Mask
    age: Codes
    finer_age: Codes
    lead: npt.NDArray[np.intp]
    kind: Codes
    kinds: tuple[str, ...]
    before: Mask
    to_closing: Numbers
    at: npt.NDArray[np.datetime64]
    since: Numbers
    days: Numbers

    @property
    def copies(self) -> Mask:
        """Which events equal another of their lead in kind and time."""
        order = np.lexsort((self.at, self.kind, self.lead))
        same = np.ones(max(len(order) - 1, 0), dtype=bool)
        for values in (self.at, self.kind, self.lead):
            same &= values[order][1:] == values[order][:-1]
        copied = np.zeros(len(order), dtype=bool)
        copied[order[1:]] = same
        return copied

    def count(self, events: Mask) -> npt.NDArray[np.intp]:
        """Count these events of each lead."""
        return np.bincount(self.lead[events], minlength=len(self.won))


def lead_events(ws: Workspace, tables: Tables) -> LeadEvents:
    """Gather the leads that can be judged, with their events."""
    leads = tables.leads
    as_of = leads["moment_base_at"] + pd.Timedelta(days=ws.moment.plus_days or 0)
    closed = leads["closed_at"].fillna(leads["won_at"])
    status = status_at_extract(ws, tables)
    judged = as_of.notna() & ~(closed <= as_of) & ~leads["person_id"].duplicated()
    rows = np.flatnonzero(judged.to_numpy())
    events = tables.events
    place = places_of(events["person_id"], leads["person_id"].iloc[rows])
    known = np.flatnonzero(place >= 0)
    lead, at = place[known], events["at"].to_numpy()[known]
    kind, kinds = pd.factorize(events["kind"].iloc[known])
    moments, closings = (dates.to_numpy()[rows][lead] for dates in (as_of, closed))
    outcome = status.to_numpy(object)[rows]
    dates = as_of.iloc[rows].reset_index(drop=True)
    age = order_in_bands(dates, len(rows))
    return LeadEvents(
        outcome == "won",
        (outcome == "won") | (outcome == "not won"),
        outcome == "unknown",
        age,
        age * 100 + bands_of_open(dates, outcome == "unknown"),
        lead,
        kind.astype(np.int32),
        tuple(map(str, kinds)),
        at < moments,
        (closings - at) / np.timedelta64(1, "D"),
        at,
        days_until_extract(dates),
        days_to_closing(dates, closed.iloc[rows]),
    )


def stratified_z(shown: Mask, won: Mask, strata: Codes) -> float:
    """Compare how often won leads show something with how often others of their age do.

    Returns
    -------
    float
        The Mantel–Haenszel statistic: positive where won leads show it more often; beyond 5 it
        is no chance.

    Examples
    --------
    >>> won = np.repeat([True, False], 50)
    >>> bool(stratified_z(won, won, np.zeros(100, dtype=np.int32)) > 5)
    True
    """
    size = int(strata.max(initial=0)) + 1
    rows = np.bincount(strata, minlength=size).astype(float)
    wins = np.bincount(strata, weights=won, minlength=size)
    have = np.bincount(strata, weights=shown, minlength=size)
    both = np.bincount(strata, weights=shown & won, minlength=size)
    some = rows > 1
    expected = wins[some] * have[some] / rows[some]
    variance = expected * (rows - wins)[some] * (rows - have)[some]
    variance = variance / (rows[some] * (rows[some] - 1))
    total = float(variance.sum())
    return float((both[some] - expected).sum() / np.sqrt(total)) if total > 0 else 0.0


def difference_z(numbers: Numbers, chosen: Mask, strata: Codes) -> float:
    """Compare the mean of some leads with that of the others of the same strata.

    Returns
    -------
    float
        The difference in standard errors, positive where the chosen leads have more.

    Examples
    --------
    >>> chosen = np.repeat([True, False], 50)
    >>> bool(difference_z(chosen * 1.0 + np.arange(100) % 2, chosen, np.zeros(100, int)) > 5)
    True
    """
    size = int(strata.max(initial=0)) + 1
    rows, inside, total, squares, own = (
        np.bincount(strata, weights=weights, minlength=size)
        for weights in (None, chosen, numbers, numbers**2, numbers * chosen)
    )
    outside = rows - inside
    both = np.minimum(inside, outside) > 0
    rows, inside, outside, total, own = (
        counts[both] for counts in (rows, inside, outside, total, own)
    )
    spread = (squares[both] - total**2 / rows) / np.maximum(rows - 1, 1)
    weight = inside * outside / rows
    difference = own / inside - (total - own) / outside
    variance = float((weight * spread).sum())
    return float((weight * difference).sum() / np.sqrt(variance)) if variance > 0 else 0.0
