"""The level of a model between trainings: how far outcomes that came later have moved it.

The level is the log-odds of a lead with 50 points. When the win rate changes, the order of the
leads stays right, but every probability is off by the same factor of the odds. The shift is
followed from block to block of outcomes, in the order of the leads' moments. It is taken to wander
around the level of the training: *spread* says how far, *memory* for how many leads it stays away.
Neither is known, so all pairs of a grid are followed side by side, and each counts as far as it
predicted the outcomes well. Few outcomes, or changes that do not last, therefore move the level
little.

References
----------
M. West, P. J. Harrison and H. S. Migon, "Dynamic generalized linear models and Bayesian
forecasting", Journal of the American Statistical Association, 1985.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.training.calibration import calibration_shift
from model.training.intervals import Z95, Interval, clustered_mean

Array = npt.NDArray[Any]
SPREADS = (0.1, 0.2, 0.4, 0.8, 1.6)  # standard deviation around the level of the training, log-odds
MEMORIES = (1_000, 3_000, 10_000, 30_000)  # leads after which a third of a shift is left
SPREAD, MEMORY = (grid.ravel() for grid in np.meshgrid(SPREADS, MEMORIES))
BLOCK = 100  # leads
FEWEST_BLOCKS, MOST_BLOCKS = 4, 200
LEAST = 20  # won leads, and as many that were not won
STEPS = 30  # of Newton's method


@dataclass(frozen=True, eq=False)
class LaterOutcomes:
    """Outcomes of leads that a model did not learn from, in the order of the leads' moments.

    Attributes
    ----------
    log_odds : array, shape (n,)
        Predictions by the level of the training.
    y : array, shape (n,)
        1 for won.
    weights : array, shape (n,), optional
        How many leads each one represents.
    clusters : array, shape (n,), optional
        The account of each lead.
    """

    log_odds: Array
    y: Array
    weights: Array | None = None
    clusters: Array | None = None

    def first(self, leads: int) -> LaterOutcomes:
        """Take the outcomes of so many leads, the first ones."""
        weights, clusters = (
            None if part is None else part[:leads] for part in (self.weights, self.clusters)
        )
        return LaterOutcomes(self.log_odds[:leads], self.y[:leads], weights, clusters)

    def information(self) -> Array:
        """Say how many independent leads each lead is worth.

        Unequal weights carry less information (L. Kish, "Survey Sampling", 1965), and so do leads
        of an account whose outcomes resemble each other.

        Examples
        --------
        >>> alike = LaterOutcomes(np.zeros(4), np.array([1, 1, 0, 0]), clusters=np.array([*"aabb"]))
        >>> alike.information()
        array([0.5, 0.5, 0.5, 0.5])
        """
        each = np.ones(len(self.y)) if self.weights is None else self.weights
        counts = np.asarray(each * each.sum() / float(each @ each))
        if self.clusters is None:
            return counts
        odds = self.log_odds + calibration_shift(self.log_odds, self.y, each)
        residuals = each * (self.y - _probability(odds))
        sums = np.bincount(pd.factorize(self.clusters)[0], residuals)
        return counts / max(1.0, float(sums @ sums) / float(residuals @ residuals))


class LevelState(NamedTuple):
    """What is known of the shift after some outcomes, for each pair of spread and memory.

    Attributes
    ----------
    mean, variance : array, shape (pairs,)
        Of the shift, in log-odds.
    log_likelihood : array, shape (pairs,)
        How well the pair predicted the outcomes so far.
    """

    mean: Array
    variance: Array
    log_likelihood: Array

    @classmethod
    def at_training(cls) -> Self:
        """Before any outcome: no shift is expected, and every pair is as likely."""
        return cls(np.zeros(len(SPREAD)), SPREAD**2, np.zeros(len(SPREAD)))

    def later(self, leads: float) -> Self:
        """Look so many leads ahead: the shift is forgotten in part, and becomes less certain."""
        left = np.exp(-leads / MEMORY)
        variance = left**2 * self.variance + SPREAD**2 * (1 - left**2)
        return type(self)(left * self.mean, variance, self.log_likelihood)

    def learn(self, log_odds: Array, y: Array, counts: Array) -> Self:
        """Learn from a block of outcomes: the mode and curvature of the posterior (Laplace)."""
        mean, variance = self.mean, self.variance
        shift = mean.copy()
        for _ in range(STEPS):
            p = _probability(log_odds + shift[:, None])
            information = (p * (1 - p)) @ counts
            score = counts @ y - p @ counts
            step = (variance * score - (shift - mean)) / (1 + variance * information)
            shift += np.clip(step, -1, 1)
            if np.abs(step).max() < 1e-9:
                break
        odds = log_odds + shift[:, None]
        fitted = (y * odds - np.logaddexp(0, odds)) @ counts
        penalty = (shift - mean) ** 2 / variance + np.log1p(variance * information)
        likelihood = self.log_likelihood + fitted - penalty / 2
        return type(self)(shift, variance / (1 + variance * information), likelihood)

    def interval(self, pending: float = 0.0) -> Interval:
        """Give the shift expected so many leads later with its 95% interval, over all pairs.

        The interval says how well the outcomes tell the shift, not what may happen meanwhile.
        """
        weights = np.exp(self.log_likelihood - self.log_likelihood.max())
        weights, left = weights / weights.sum(), np.exp(-pending / MEMORY)
        mean = float(weights @ (left * self.mean))
        variance = left**2 * self.variance + (left * self.mean - mean) ** 2
        spread = float(np.sqrt(weights @ variance))
        return Interval(mean, mean - Z95 * spread, mean + Z95 * spread)


class FollowedLevel(NamedTuple):
    """A shift that was followed over outcomes.

    Attributes
    ----------
    state : LevelState
        What is known after the last one.
    ahead : array, shape (leads,)
        The shift expected for each lead before the outcomes of its block were known.
    """

    state: LevelState
    ahead: Array


def follow_level(outcomes: LaterOutcomes) -> FollowedLevel:
    """Follow the shift over outcomes, from block to block.

    Examples
    --------
    >>> won = np.tile([1, 0, 0, 0, 0], 200)  # a fifth, where a tenth was expected
    >>> followed = follow_level(LaterOutcomes(np.full(1000, np.log(1 / 9)), won))
    >>> [round(float(end), 2) for end in followed.state.interval()]
    [0.79, 0.53, 1.05]
    """
    n, information = len(outcomes.y), outcomes.information()
    state, ahead, before = LevelState.at_training(), np.zeros(n), 0
    for rows in _blocks(n):
        state = state.later(before)
        ahead[rows] = state.interval().value
        state = state.learn(outcomes.log_odds[rows], outcomes.y[rows], information[rows])
        before = len(rows)
    return FollowedLevel(state, ahead)


def _blocks(n: int) -> list[npt.NDArray[np.intp]]:
    return np.array_split(np.arange(n), min(max(n // BLOCK, FEWEST_BLOCKS), MOST_BLOCKS))


class LevelMove(NamedTuple):
    """By how much outcomes move the level, and whether that is worth a version.

    Attributes
    ----------
    leads, won : int
        The outcomes.
    shift : Interval
        The level now, compared with the training.
    change : Interval
        The level now, compared with the level in use.
    gain : Interval
        By how much the log-loss of the level in use exceeds that of the level that was followed,
        where each lead is predicted from the outcomes before its block.
    """

    leads: int
    won: int
    shift: Interval
    change: Interval
    gain: Interval

    @property
    def enough(self) -> bool:
        """Whether there are enough outcomes of both kinds."""
        return min(self.won, self.leads - self.won) >= LEAST

    @property
    def changed(self) -> bool:
        """Whether the interval of the change excludes no change."""
        _, low, high = self.change
        return low is not None and high is not None and not low <= 0 <= high

    @property
    def better(self) -> bool:
        """Whether later outcomes were predicted better, by the lower end of the interval."""
        return self.gain.low is not None and self.gain.low > 0


def level_move(outcomes: LaterOutcomes, *, in_use: float = 0.0, pending: float = 0.0) -> LevelMove:
    """Compare the level that outcomes speak for with the level in use.

    Parameters
    ----------
    outcomes : LaterOutcomes
        At least one.
    in_use : float
        The shift of the level in use.
    pending : float
        How many leads were judged since, whose outcomes are not known yet.

    Examples
    --------
    >>> won = np.tile([1, 0, 0, 0, 0], 200)
    >>> move = level_move(LaterOutcomes(np.full(1000, np.log(1 / 9)), won))
    >>> move.won, round(float(move.shift.value), 2), move.changed, move.better
    (200, 0.79, True, True)
    """
    followed, x, y = follow_level(outcomes), outcomes.log_odds, outcomes.y
    gain = _log_loss(x + in_use, y) - _log_loss(x + followed.ahead, y)
    shift = followed.state.interval(pending)
    change = Interval(*(None if end is None else end - in_use for end in shift))
    return LevelMove(
        len(y),
        int(y.sum()),
        shift,
        change,
        clustered_mean(gain, outcomes.clusters, outcomes.weights),
    )


def keep_level(
    outcomes: LaterOutcomes, judged_at: Array, known_at: Array, *, first: int = 0
) -> Array:
    """Give each lead the shift of the level in use at its moment, if the level is kept up.

    Once for each block of leads, the level is compared with the outcomes known by then, as
    ``leadready level`` does, and moved if that passes every check.

    Parameters
    ----------
    outcomes : LaterOutcomes, n leads
    judged_at, known_at : array, shape (n,)
        When each lead was judged and when its outcome was known; neither ever falls.
    first : int
        The first lead that is scored; those before it only have outcomes.

    Returns
    -------
    array, shape (n,)
        0 where the level of the training was in use.

    Examples
    --------
    >>> won, when = np.tile([1, 0, 0, 0, 0], 200), np.arange(1000)
    >>> shifts = keep_level(LaterOutcomes(np.full(1000, np.log(1 / 9)), won), when, when)
    >>> [round(float(shift), 2) for shift in shifts[[0, 500, 999]]]
    [0.0, 0.74, 0.74]
    """
    shifts, in_use = np.zeros(len(outcomes.y)), 0.0
    for block in _blocks(len(shifts) - first):
        rows = first + block
        known = int(np.searchsorted(known_at[: rows[0]], judged_at[rows[0]])) if len(rows) else 0
        if known:
            move = level_move(outcomes.first(known), in_use=in_use, pending=float(rows[0] - known))
            if move.enough and move.changed and move.better:
                in_use = float(move.shift.value or 0.0)
        shifts[rows] = in_use
    return shifts


def _probability(log_odds: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -40, 40))))


def _log_loss(log_odds: Array, y: Array) -> Array:
    return np.asarray(np.logaddexp(0, log_odds) - y * log_odds)
