"""What share of what can be known a model tells.

The expected log-loss of the base rate, less that of the model, is divided by the same for the
planted probabilities: 0 is a model that knows the base rate alone, 1 one that knows all that can be
known.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from model.training.calibration import calibration_shift

Array = npt.NDArray[Any]


class Told(NamedTuple):
    """The share of what can be known, at the level of the model and at the level that fits best."""

    own_level: float
    best_level: float


def told(log_odds: Array, probability: Array) -> Told:
    """Measure log-odds against planted probabilities.

    Examples
    --------
    >>> p = np.array([0.1, 0.2, 0.6])
    >>> told(np.log(p / (1 - p)), p).own_level
    1.0
    >>> shifted = told(np.log(p / (1 - p)) + 1, p)
    >>> shifted.own_level < 0.5, round(shifted.best_level, 6)
    (True, 1.0)
    """
    rate = float(probability.mean())
    base = _expected_loss(np.full(len(probability), np.log(rate / (1 - rate))), probability)
    best = _expected_loss(np.log(probability / (1 - probability)), probability)
    levelled = log_odds + calibration_shift(log_odds, probability)
    losses = (_expected_loss(odds, probability) for odds in (log_odds, levelled))
    return Told(*((base - loss) / (base - best) for loss in losses))


def _expected_loss(log_odds: Array, probability: Array) -> float:
    return float((np.logaddexp(0, log_odds) - probability * log_odds).mean())
