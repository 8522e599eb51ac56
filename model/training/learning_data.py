"""What estimators learn from, in one place: all leads with a known outcome, and the settings.

A model is learned on some rows of these, and calibrated on the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.families.feature import Feature
from model.card.card import (
    BlendedCard,
    BoostedCard,
    CardLimits,
    ChosenLines,
    LogisticCard,
    Terms,
    choose_card_lines,
)
from model.estimators.black_box import BlackBox
from model.estimators.boosting import FullBoosting
from model.training.calibration import calibration_shift
from model.training.splits import Split

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
Candidate = BlendedCard | BoostedCard | LogisticCard
E = TypeVar("E", BlendedCard | BoostedCard | LogisticCard, BlackBox, FullBoosting)


@dataclass(frozen=True)
class CalibratedModel(Generic[E]):
    """A trained estimator, with the slope and intercept that calibrate its log-odds."""

    estimator: E
    calibration: tuple[float, float]

    def log_odds(self, X: pd.DataFrame) -> Array:
        """Give calibrated log-odds of a win."""
        slope, intercept = self.calibration
        return np.asarray(slope * self.estimator.log_odds(X) + intercept)

    def probability(self, X: pd.DataFrame) -> Array:
        """Give calibrated probabilities of a win."""
        return probability_of(self.log_odds(X))


@dataclass(frozen=True)
class LearningData:
    """All leads with a known outcome, and the settings that every estimator is trained with.

    Attributes
    ----------
    X, y : DataFrame, array of shape (n,)
        Features, and outcomes (1 for won).
    features : sequence of Feature
    groups : array, shape (n,)
        The account of each lead: its leads are held out together.
    order : array, shape (n,), optional
        Ascending with time; None where leads have neither dates nor an order.
    directions : mapping
        Feature to 1 (never lowers the score) or -1.
    limits : CardLimits
    seed : int
    """

    X: pd.DataFrame
    y: Array
    features: Sequence[Feature]
    groups: Array
    order: Array | None = None
    directions: Mapping[str, int] = field(default_factory=dict)
    limits: CardLimits = field(default_factory=CardLimits)
    seed: int = 0

    def without(self, names: Sequence[str]) -> LearningData:
        """The same leads without some features."""
        kept = [feature for feature in self.features if feature.name not in names]
        return replace(self, features=kept)

    def choose(self, rows: Mask, weights: Array | None, **options: Any) -> ChosenLines:
        """Choose the lines of a card on some rows."""
        return choose_card_lines(
            self.X[rows].reset_index(drop=True),
            self.y[rows],
            self.features,
            self.limits,
            directions=self.directions,
            weights=weights,
            groups=self.groups[rows],
            order=None if self.order is None else self.order[rows],
            seed=self.seed,
            **options,
        )

    def fit_card(
        self,
        kind: type[Candidate],
        rows: Mask,
        weights: Array | None,
        chosen: ChosenLines,
        bags: int | None = None,
        slope: float = 1.0,
        learned: dict[str, Terms] | None = None,
    ) -> Candidate:
        """Learn a card with these lines on some rows, to be stretched by a slope.

        Kinds of card with the same lines and rows share ``learned``: nothing is learned twice.
        """
        return kind(self.limits, bags).fit(
            self.X[rows].reset_index(drop=True),
            self.y[rows],
            features=self.features,
            directions=self.directions,
            sample_weight=weights,
            groups=self.groups[rows],
            chosen=chosen,
            learned=learned,
            slope=slope,
            seed=self.seed,
        )

    def fit(self, kind: Any, rows: Mask, weights: Array | None) -> Any:
        """Train another estimator on some rows."""
        return kind().fit(
            self.X[rows].reset_index(drop=True),
            self.y[rows],
            features=self.features,
            directions=self.directions,
            sample_weight=weights,
            groups=self.groups[rows],
            seed=self.seed,
        )


def calibrated_on(estimator: Any, slope: float, data: LearningData, parts: Split) -> Any:
    """Stretch by a slope, and set the level so that predicted wins equal the actual ones."""
    X = data.X[parts.train].reset_index(drop=True)
    log_odds = slope * estimator.log_odds(X)
    shift = calibration_shift(log_odds, data.y[parts.train], parts.weights_of(parts.train))
    return CalibratedModel(estimator, (slope, shift))


def probability_of(log_odds: Array) -> Array:
    """Turn log-odds into probabilities."""
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -500, 500))))
