"""Folds: every candidate is learned on earlier leads and tested on the ones that came next.

They say which candidate is the better one, by how much its log-odds must be stretched, and whether
features that mostly tell the time help. Each fold is judged at its own level, since a win rate that
moves says nothing about a candidate. Candidates are compared as stretched as suits each best, since
a fold has fewer leads than the final card, and calibration stretches that one anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.progress import Progress, Step
from model.card.card import BlendedCard, BoostedCard, LogisticCard, Terms
from model.card.fine_bins import clock_features
from model.estimators.black_box import BlackBox
from model.estimators.parallel import in_processes
from model.training.calibration import calibration_shift, logistic_line, pooled_slope
from model.training.intervals import Z95
from model.training.learning_data import CalibratedModel, LearningData, Mask, calibrated_on
from model.training.moves import Move, move_between
from model.training.splits import Split

Array = npt.NDArray[Any]
CANDIDATES = (BlendedCard, BoostedCard, LogisticCard)  # the usual one first
BAGS = 4  # of boosting in a fold; the final card has more
SPLITS = 3  # halvings to choose the lines in a fold; the final card has more
TRUST = 0.15  # in the slope of the folds, whose models had fewer leads than the final one
LEAST_WINS = 10  # in the folds, before a calibration or a choice can be trusted


class CandidateLoss(NamedTuple):
    """How a candidate did on the folds.

    Attributes
    ----------
    candidate : str
    log_loss : float
        On all leads of the folds, each fold at its own level and slope.
    behind, standard_error : float
        By how much that exceeds the chosen candidate's, and the standard error of the difference,
        paired by lead and account. Negative where a candidate was better, but not beyond chance.
    """

    candidate: str
    log_loss: float
    behind: float
    standard_error: float


class HeldOutFold(NamedTuple):
    """The leads tested in a fold.

    Attributes
    ----------
    rows, weights : array, shape (m,)
        The leads, and how many each one represents.
    won : int
        Won leads that the models learned from.
    log_odds : dict of str to array
        Of the tested leads and then of the reference leads, by each estimator.
    split : Split
        The leads that the models learned from, and the tested ones.
    models : dict of str to CalibratedModel
        What predicted them.
    """

    rows: npt.NDArray[np.intp]
    weights: Array
    won: int
    log_odds: dict[str, Array]
    split: Split
    models: dict[str, CalibratedModel[Any]]

    def tested(self, name: str) -> Array:
        """The log-odds of the tested leads."""
        return self.log_odds[name][: len(self.rows)]

    def reference(self, name: str) -> Array:
        """The log-odds of the reference leads."""
        return self.log_odds[name][len(self.rows) :]

    def usual_loss(self, y: Array) -> float:
        """Log-loss of the usual card on the tested leads, at its best level."""
        odds = self.tested(CANDIDATES[0].name)
        return float(_own_level_losses(odds, y[self.rows], self.weights).sum())


def time_features(data: LearningData, train: Mask) -> list[str]:
    """List the features that mostly tell the time, see `clock_features`."""
    if data.order is None:
        return []
    found = clock_features(data.X[train], data.features, data.order[train])
    return [feature.name for feature in found]


def predict_held_out_folds(
    data: LearningData,
    folds: Sequence[Split],
    reference: npt.NDArray[np.intp],
    report: Progress,
    what: str = "comparing candidates on earlier leads",
) -> list[HeldOutFold]:
    """Learn every fold and predict the leads that it tests, in parallel."""
    from joblib import delayed

    jobs = list(reversed(folds))  # the latest takes longest
    running = in_processes(return_as="generator")(
        delayed(_predict_held_out)(data, fold, reference) for fold in jobs
    )
    tested = []
    for done, result in enumerate(running, start=1):
        tested.append(result)
        report(Step(what, done, len(jobs)))
    return tested[::-1]


def predict_without(
    clocks: Sequence[str],
    tested: Sequence[HeldOutFold],
    data: LearningData,
    reference: npt.NDArray[np.intp],
    report: Progress,
) -> list[HeldOutFold]:
    """Predict the folds without these features; none where they help the card of any fold.

    The earliest fold has the fewest leads and comes first: it often settles the question.
    """
    what = "comparing the card without what mostly tells the time"
    without: list[HeldOutFold] = []
    for some in (tested[:1], tested[1:]):
        folds = [fold.split for fold in some]
        others = predict_held_out_folds(data.without(clocks), folds, reference, report, what)
        pairs = zip(some, others, strict=True)
        if not all(other.usual_loss(data.y) < fold.usual_loss(data.y) for fold, other in pairs):
            return []
        without += others
    return without


def _predict_held_out(
    data: LearningData, fold: Split, reference: npt.NDArray[np.intp]
) -> HeldOutFold:
    rows = np.flatnonzero(fold.test)
    weights = fold.weights_of(fold.test)
    X = data.X.take(np.r_[rows, reference]).reset_index(drop=True)
    models = _fold_models(data, fold)
    return HeldOutFold(
        rows,
        np.ones(len(rows)) if weights is None else weights,
        int(data.y[fold.train].sum()),
        {name: model.log_odds(X) for name, model in models.items()},
        fold,
        models,
    )


def _fold_models(data: LearningData, fold: Split) -> dict[str, CalibratedModel[Any]]:
    """Train every estimator, at the level of the fold's training leads."""
    weights = fold.learning_weights_of(fold.train)
    chosen = data.choose(fold.train, weights, splits=SPLITS)
    learned: dict[str, Terms] = {}
    models = {
        kind.name: data.fit_card(kind, fold.train, weights, chosen, BAGS, learned=learned)
        for kind in CANDIDATES
    }
    models[BlackBox.name] = data.fit(BlackBox, fold.train, weights)
    return {name: calibrated_on(model, 1.0, data, fold) for name, model in models.items()}


def moves_of_folds(tested: Sequence[HeldOutFold], name: str) -> list[Move]:
    """Say how far the scores of the reference leads moved from fold to fold."""
    return [
        move_between(before.reference(name), after.reference(name), before.won, after.won)
        for before, after in pairwise(tested)
    ]


def compare_candidates(tested: Sequence[HeldOutFold], data: LearningData) -> list[CandidateLoss]:
    """Compare the candidates; the chosen one comes first.

    The average of both ways to learn is chosen unless another candidate is better: beyond chance
    where leads are in order of time, since a few periods say little about the next one. A fold that
    a candidate cannot rank tells nothing of it.
    """
    if sum(data.y[fold.rows].sum() for fold in tested) < LEAST_WINS:
        return []
    each = float(np.concatenate([fold.weights for fold in tested]).mean())
    losses = {kind.name: _fold_losses(tested, kind.name, data.y) / each for kind in CANDIDATES}
    clusters = pd.factorize(data.groups[np.concatenate([fold.rows for fold in tested])])[0]
    usual, errors = CANDIDATES[0].name, Z95 if data.order is not None else 0.0
    better = {
        name: float(loss.mean())
        for name, loss in losses.items()
        if (losses[usual] - loss).mean()
        >= errors * _clustered_error(losses[usual] - loss, clusters)
    }
    chosen = min(better, key=lambda name: better[name])
    results = [
        CandidateLoss(
            name,
            float(loss.mean()),
            float((loss - losses[chosen]).mean()),
            _clustered_error(loss - losses[chosen], clusters),
        )
        for name, loss in losses.items()
    ]
    return sorted(results, key=lambda result: (result.candidate != chosen, result.log_loss))


def _fold_losses(tested: Sequence[HeldOutFold], name: str, y: Array) -> Array:
    losses = []
    for fold in tested:
        odds, won = fold.tested(name), y[fold.rows]
        slope = _own_slope(odds, won, fold.weights)
        losses.append(_own_level_losses(slope * odds, won, fold.weights))
    return np.concatenate(losses)


def _own_slope(log_odds: Array, y: Array, weights: Array) -> float:
    """The slope that fits the leads best, 0 where it falls; 1 where no line can be fitted."""
    slope = float(logistic_line(log_odds, y, weights[None, :])[0][0])
    return max(slope, 0.0) if np.isfinite(slope) else 1.0


def _clustered_error(differences: Array, clusters: npt.NDArray[np.intp]) -> float:
    """Standard error of the mean, where leads of an account resemble each other."""
    sums = np.bincount(clusters, differences - differences.mean())
    return float(np.sqrt(sums @ sums * len(sums) / max(len(sums) - 1, 1)) / len(differences))


def _own_level_losses(log_odds: Array, y: Array, weights: Array) -> Array:
    """Log-loss of each lead, times its weight, at the level that fits the leads best."""
    odds = log_odds + calibration_shift(log_odds, y, weights)
    return np.asarray(weights * (np.logaddexp(0, odds) - y * odds))


def fold_slope(tested: Sequence[HeldOutFold], name: str, y: Array) -> float:
    """Slope of the calibration: by how much log-odds of unseen leads must be stretched."""
    if sum(y[fold.rows].sum() for fold in tested) < LEAST_WINS:
        return 1.0
    folds = [(fold.tested(name), y[fold.rows], fold.weights) for fold in tested]
    return pooled_slope(folds, trust=TRUST)
