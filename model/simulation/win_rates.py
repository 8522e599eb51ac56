"""The win rate of a group of leads, with its interval and its bounds.

Intervals allow for similar leads of one account. A lead whose outcome is unknown never counts as
lost. Nobody can say how leads that sales never worked would have ended; the *bounds* give the win
rate if all of them had been lost, and if all of them had been won.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.labels.rejection_reasons import NEVER_WORKED
from model.simulation.clustered_rates import contrast
from model.simulation.history import History, Mask
from model.training.intervals import Z95, win_rate_interval


@dataclass(frozen=True)
class WinRate:
    """The win rate of a group of leads.

    Attributes
    ----------
    leads, labelled, won : int
        All leads of the group, those with a known outcome, and those won.
    rate, low, high : float or None
        Share won among those with a known outcome, with its 95 % interval; None without outcomes.
    never_worked : int
        Leads that sales never worked.
    if_all_lost, if_all_won : float or None
        The win rate if all leads that were never worked had been lost, or won.
    """

    leads: int
    labelled: int
    won: int
    rate: float | None
    low: float | None
    high: float | None
    never_worked: int
    if_all_lost: float | None
    if_all_won: float | None


@dataclass(frozen=True)
class RateDifference:
    """A difference of two win rates with its 95 % interval; None where one of them is unknown."""

    value: float | None
    low: float | None
    high: float | None


def win_rate(history: History, which: Mask) -> WinRate:
    """Give the win rate of some leads.

    Parameters
    ----------
    history : History
        All leads.
    which : array of bool, shape (n,)
        The leads of the group.
    """
    labelled, ignored = which & history.labelled, which & (history.why_unknown == NEVER_WORKED)
    leads, never_worked = int(labelled.sum()), int(ignored.sum())
    won = float(history.won[labelled].sum())
    design_effect = _design_effect(history, labelled) if leads else 1.0
    effective = max(round(leads / design_effect), 1)
    low, high = win_rate_interval(won / max(leads, 1) * effective, effective)
    both = leads + never_worked
    return WinRate(
        leads=int(which.sum()),
        labelled=leads,
        won=int(won),
        rate=won / leads if leads else None,
        low=low if leads else None,
        high=high if leads else None,
        never_worked=never_worked,
        if_all_lost=won / both if both else None,
        if_all_won=(won + never_worked) / both if both else None,
    )


def _design_effect(history: History, labelled: Mask) -> float:
    """How many leads carry the information of one, as leads of an account are similar: ≥ 1."""
    rate = float(history.won[labelled].mean())
    clusters = np.bincount(history.accounts[labelled], history.won[labelled] - rate)
    independent = labelled.sum() * rate * (1 - rate)
    return max(float((clusters**2).sum() / independent), 1.0) if independent else 1.0


def rate_difference(history: History, first: Mask, second: Mask) -> RateDifference:
    """Give the win rate of a first group of leads less that of a second.

    The groups may overlap: under two definitions most of the ready leads are the same, and the
    interval is that of the change.

    Parameters
    ----------
    history : History
        All leads.
    first, second : array of bool, shape (n,)
        The leads of each group.
    """
    first, second = first & history.labelled, second & history.labelled
    if not first.any() or not second.any():
        return RateDifference(None, None, None)
    value, error, _ = contrast(history.won, [(first, 1.0), (second, -1.0)], history.accounts)
    return RateDifference(value, value - Z95 * error, value + Z95 * error)
