"""leadready uplift: what the ranking is worth, against handing off leads at random.

The leads that the ranking handed off are compared with those that were drawn at random from the
rest. Weighted by the probability of their draw, the drawn leads stand for all leads that the
ranking left. Together, both give the win rate of random hand-off.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from features import text
from features.errors import LeadReadyError
from features.labels.outcomes import UNKNOWN, WON
from model.training.intervals import Interval, win_rate_interval
from model.weighting.worked import effective_sample_size
from pipelines.ledger.ledger import Ledger
from pipelines.snapshot import Snapshot, read_snapshot

DRAWN = "explore"


@dataclass(frozen=True)
class HandOffs:
    """Leads that were handed off in one way, and how many of them were won.

    Attributes
    ----------
    leads, known, won : int
        All of them, those with a known outcome, and those won within the horizon.
    rate : Interval
        Their win rate; of drawn leads, weighted by the probability of the draw.
    """

    leads: int
    known: int
    won: int
    rate: Interval


@dataclass(frozen=True)
class Uplift:
    """What the ranking is worth.

    Attributes
    ----------
    ranked, drawn : HandOffs
        By the ranking, and at random from the leads that it left.
    random_rate : float
        The win rate that random hand-off of all leads would have.
    gain : Interval
        How much higher the win rate of the ranking is.
    extra_wins : Interval
        The same as wins, among the ranked leads with a known outcome.
    """

    ranked: HandOffs
    drawn: HandOffs
    random_rate: float
    gain: Interval
    extra_wins: Interval

    def to_json(self) -> dict[str, object]:
        """Give the figures as plain data."""
        intervals = {name: getattr(self, name)._asdict() for name in ("gain", "extra_wins")}
        sides = {
            name: {**asdict(side), "rate": side.rate._asdict()}
            for name, side in (("ranked", self.ranked), ("drawn", self.drawn))
        }
        return {**sides, "random_rate": self.random_rate, **intervals}


def uplift(folder: Path | str) -> Uplift:
    """Measure what the ranking is worth against random hand-off.

    Raises
    ------
    LeadReadyError
        When no lead was drawn at random yet, or none of them has a known outcome.

    Examples
    --------
    >>> uplift("nowhere")
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    snapshot = read_snapshot(folder)
    ledger = Ledger.of(snapshot.workspace)
    ledger.refuse_missing()
    handed = ledger.first_hand_offs()
    if not (handed["decision"] == DRAWN).any():
        raise LeadReadyError(
            "no lead was handed off at random yet",
            where=ledger.store.where,
            hint="agree on a share, such as  handoff: {explore: 0.05}  in the definition",
        )
    known = _with_outcomes(snapshot, handed)
    missing = [way for way in ("hand off", DRAWN) if not (known["decision"] == way).any()]
    if missing:
        raise LeadReadyError(
            f"none of the leads with the decision {missing[0]!r} has a known outcome yet",
            where=ledger.store.where,
            hint="outcomes are known when the horizon has passed since the hand-off; export the "
            "data again then",
        )
    return measured_uplift(handed, known, ledger.leads_to_hand_off())


def _with_outcomes(snapshot: Snapshot, handed: pd.DataFrame) -> pd.DataFrame:
    """Add ``won`` to the hand-offs whose outcome is known."""
    leads = snapshot.tables.leads[["lead_id", "person_id", "account_id"]]
    rows = handed.rename(columns={"lead": "lead_id"}).astype({"lead_id": leads["lead_id"].dtype})
    rows = rows.merge(leads, on="lead_id")
    outcome = snapshot.at(rows).outcomes["outcome"].to_numpy()
    found: pd.DataFrame = rows.assign(won=outcome == WON)[outcome != UNKNOWN]
    return found


def measured_uplift(handed: pd.DataFrame, known: pd.DataFrame, leads: int) -> Uplift:
    """Compare two ways of handing off.

    Parameters
    ----------
    handed : DataFrame
        ``decision, explore_chance`` of all first hand-offs.
    known : DataFrame
        The same of those with a known outcome, and ``won``.
    leads : int
        How many leads there were to choose from.

    Notes
    -----
    The interval of the difference is that of Newcombe, from the Wilson intervals of both rates;
    weighted leads count with their effective number.

    References
    ----------
    R. G. Newcombe, "Interval estimation for the difference between independent proportions",
    Statistics in Medicine 1998.

    Examples
    --------
    >>> ways = ["hand off"] * 100 + ["explore"] * 50
    >>> known = pd.DataFrame({"decision": ways, "explore_chance": [None] * 100 + [0.05] * 50,
    ...     "won": [True] * 30 + [False] * 70 + [True] * 3 + [False] * 47})
    >>> found = measured_uplift(known, known, 1000)
    >>> round(found.random_rate, 3), [round(end, 2) for end in found.gain]
    (0.084, [0.22, 0.1, 0.31])
    """
    ranked, drawn = (_hand_offs(handed, known, way) for way in ("hand off", DRAWN))
    left = 1 - min(ranked.leads / max(leads, 1), 1.0)  # share that the ranking did not hand off
    gain = _scaled(_difference(ranked.rate, drawn.rate), left)
    random_rate = _value(ranked.rate) - _value(gain)
    return Uplift(ranked, drawn, random_rate, gain, _scaled(gain, ranked.known))


def _hand_offs(handed: pd.DataFrame, known: pd.DataFrame, way: str) -> HandOffs:
    rows = known[known["decision"] == way]
    weights = np.ones(len(rows))
    if way == DRAWN:
        weights = 1 / rows["explore_chance"].to_numpy("float64")
    won = rows["won"].to_numpy(bool)
    rate = _weighted_rate(won, weights)
    return HandOffs(int((handed["decision"] == way).sum()), len(rows), int(won.sum()), rate)


def _weighted_rate(won: npt.NDArray[np.bool_], weights: npt.NDArray[np.float64]) -> Interval:
    rate, size = float(np.average(won, weights=weights)), effective_sample_size(weights)
    return Interval(rate, *win_rate_interval(rate * size, size))


def _value(interval: Interval) -> float:
    return _number(interval.value)


def _number(end: float | None) -> float:
    assert end is not None
    return end


def _difference(first: Interval, second: Interval) -> Interval:
    a, a_low, a_high = map(_number, first)
    b, b_low, b_high = map(_number, second)
    low = a - b - math.hypot(a - a_low, b_high - b)
    return Interval(a - b, low, a - b + math.hypot(a_high - a, b - b_low))


def _scaled(interval: Interval, factor: float) -> Interval:
    return Interval(*(None if end is None else end * factor for end in interval))


def uplift_text(found: Uplift) -> str:
    """Write the figures for people."""
    extra, gain = found.extra_wins, found.gain
    lines = [
        f"By the ranking: {_side_text(found.ranked)}",
        f"At random from the rest: {_side_text(found.drawn)}",
        f"Random hand-off of all leads: {text.percent(found.random_rate)} won",
        f"The ranking wins {_points_text(gain)} more of 100 leads handed off, which is "
        f"{_number_text(extra)} more wins among the {found.ranked.known:,} leads",
    ]
    if gain.low is not None and gain.low <= 0:
        lines.append("The interval includes 0: so far, this may be luck.")
    return "\n".join(line for part in lines for line in text.wrap(part))


def _side_text(side: HandOffs) -> str:
    low, high = (text.percent(end) for end in side.rate[1:] if end is not None)
    return (
        f"{text.count(side.leads, 'lead')} handed off, {side.known:,} with a known outcome, "
        f"{side.won:,} won: {text.percent(_value(side.rate))} ({low}–{high})"
    )


def _points_text(gain: Interval) -> str:
    value, low, high = (f"{100 * end:.1f}" for end in gain if end is not None)
    return f"{value} ({low}–{high})".replace("(-", "(−")


def _number_text(extra: Interval) -> str:
    value, low, high = (f"{end:,.0f}" for end in extra if end is not None)
    return f"{value} ({low}–{high})".replace("(-", "(−")
