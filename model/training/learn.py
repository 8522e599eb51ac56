"""Learning from past leads: three kinds of card compete on folds, and the better one is trained.

A black box is trained beside it in the same way, to compare with; it is never served.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.errors import LeadReadyError
from features.progress import Progress
from model.card.card import BlendedCard, usable_binnings
from model.estimators.black_box import BlackBox
from model.training.folds import (
    CANDIDATES,
    LEAST_WINS,
    CandidateLoss,
    compare_candidates,
    fold_slope,
    moves_of_folds,
    predict_held_out_folds,
    predict_without,
    time_features,
)
from model.training.learning_data import (
    CalibratedModel,
    Candidate,
    LearningData,
    Mask,
    calibrated_on,
    probability_of,
)
from model.training.moves import Move, reference_rows
from model.training.splits import Split

Array = npt.NDArray[Any]


class BacktestPeriod(NamedTuple):
    """Predictions for a period before the test, from outcomes known when the period began.

    Attributes
    ----------
    rows : array of int, shape (m,)
        The leads of the period.
    probability, weights : array, shape (m,)
        Their predicted probabilities, and how much each counts.
    won : int
        Won leads that the model of the period learned from.
    split : Split
        The leads that this model learned from, and those of the period.
    predict : callable
        The model: features to probabilities.
    """

    rows: npt.NDArray[np.intp]
    probability: Array
    weights: Array
    won: int
    split: Split
    predict: Callable[[pd.DataFrame], Array]


class Learned(NamedTuple):
    """What was learned from past leads.

    Attributes
    ----------
    chosen, yardstick : CalibratedModel
        The model to serve, and a black box to compare it with.
    comparison : list of CandidateLoss
        The candidates, the chosen one first; empty where there were too few leads for folds.
    periods : list of BacktestPeriod
        The folds, in order, as the chosen candidate predicted them.
    moves : list of Move
        How far scores moved from fold to fold.
    clocks : list of str
        Features that mostly tell the time and are left out, since every fold is predicted better
        without them.
    """

    chosen: CalibratedModel[Candidate]
    yardstick: CalibratedModel[BlackBox]
    comparison: list[CandidateLoss]
    periods: list[BacktestPeriod]
    moves: list[Move]
    clocks: list[str]


def learn(
    data: LearningData,
    parts: Split,
    folds: Sequence[Split],
    *,
    alternatives: bool = False,
    progress: Progress | None = None,
) -> Learned:
    """Choose, train and calibrate.

    Parameters
    ----------
    data : LearningData
    parts : Split
        Whose training leads are learned from; the test leads are not looked at.
    folds : sequence of Split
        Parts of them, see `model.training.splits.inner_folds`.
    alternatives : bool
        Look for other cards of nearly the same quality.

    Raises
    ------
    LeadReadyError
        When all leads to learn from have the same outcome, or a feature that people want on the
        card cannot be a line.
    """
    train = parts.train
    _require_both_outcomes(data.y[train])
    _require_usable(data, train)
    report = progress or (lambda message: None)
    folds = [fold for fold in folds if _enough_of_both(data.y[fold.train])]
    clocks = [name for name in time_features(data, train) if name not in data.limits.use]
    reference = reference_rows(train)
    tested = predict_held_out_folds(data, folds, reference, report)
    others = predict_without(clocks, tested, data, reference, report) if clocks else []
    if others:
        data, tested = data.without(clocks), others
    else:
        clocks = []
    comparison = compare_candidates(tested, data)
    kind = _kind_of(comparison[0].candidate if comparison else BlendedCard.name)
    report(f"training the card on {int(train.sum()):,} leads, and a black box to compare")
    card = train_card(data, kind, parts, fold_slope(tested, kind.name, data.y), alternatives)
    black_box = data.fit(BlackBox, train, parts.learning_weights_of(train))
    yardstick = calibrated_on(black_box, fold_slope(tested, BlackBox.name, data.y), data, parts)
    periods = [
        BacktestPeriod(
            fold.rows,
            probability_of(fold.tested(kind.name)),
            fold.weights,
            fold.won,
            fold.split,
            fold.models[kind.name].probability,
        )
        for fold in tested
    ]
    moves = moves_of_folds(tested, kind.name)
    return Learned(card, yardstick, comparison, periods, moves, clocks)


def train_card(
    data: LearningData,
    kind: type[Candidate],
    parts: Split,
    slope: float,
    alternatives: bool = False,
) -> CalibratedModel[Candidate]:
    """Choose the lines on the training leads, learn the card and calibrate it."""
    weights = parts.learning_weights_of(parts.train)
    chosen = data.choose(parts.train, weights, alternatives=alternatives)
    card = data.fit_card(kind, parts.train, weights, chosen, slope=slope)
    calibrated: CalibratedModel[Candidate] = calibrated_on(card, slope, data, parts)
    return calibrated


def _require_both_outcomes(y: Array) -> None:
    if len(np.unique(y)) < 2:
        outcome = "won" if y.any() else "not won"
        raise LeadReadyError(
            f"all {len(y):,} leads to learn from were {outcome}: there is nothing to learn",
            where="leadready.yaml, outcome",
            hint="check that  won  names the values of a win, and add more history",
        )


def _require_usable(data: LearningData, train: Mask) -> None:
    """Refuse early what people want on the card and what cannot be a line."""
    wanted = [feature for feature in data.features if feature.name in data.limits.use]
    order = None if data.order is None else data.order[train]
    X = data.X[train].reset_index(drop=True)
    _, left_out = usable_binnings(X, data.y[train], wanted, order=order)
    for name, why in left_out.items():
        raise LeadReadyError(
            f"{name} cannot be on the card: {why}",
            where="train --use",
            hint="choose another feature: leadready check lists them",
        )


def _enough_of_both(y: Array) -> bool:
    return bool(min(y.sum(), (1 - y).sum()) >= LEAST_WINS)


def _kind_of(name: str) -> type[Candidate]:
    return next(kind for kind in CANDIDATES if kind.name == name)
