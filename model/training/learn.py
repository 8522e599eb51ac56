"""Learning from past leads: candidates compete on earlier folds, and the best one is calibrated.

Each candidate is trained on the outcomes known when a fold began and tested on the leads that came
next. The simplest one within a standard error of the best is chosen. Its predictions for the folds
give the slope of the calibration; the intercept comes from all training leads, since the models of
the folds did not know the later ones. A black box is trained beside it in the same way, as the
yardstick; it is never served.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, Self, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.errors import LeadReadyError
from features.families.feature import Feature
from features.progress import Progress, Step
from model.training.bins import Term
from model.training.boosting import BlackBox, ExplainableBoosting
from model.training.calibration import calibrate, calibration_shift
from model.training.logistic import LogisticOnBins
from model.training.metrics import TINY
from model.training.splits import Split

Array = npt.NDArray[Any]
SIMPLEST_FIRST = (LogisticOnBins, ExplainableBoosting)
TRUST = 0.15  # in the slope of the folds, whose models had fewer leads than the final one
LEAST_WINS = 10  # in the folds, before a calibration or a choice can be trusted


class Candidate(Protocol):
    """An estimator that is a sum of terms.

    Attributes
    ----------
    name : str
    left_out : dict of str to str
        Features that were not used, and why.
    """

    name: ClassVar[str]
    left_out: dict[str, str]

    def fit(
        self,
        X: pd.DataFrame,
        y: Any,
        *,
        features: Sequence[Feature],
        directions: Mapping[str, int] | None = None,
        sample_weight: Array | None = None,
        groups: Array | None = None,
        seed: int = 0,
    ) -> Self:
        """Fit leads whose outcome is known (1 for won).

        Where leads are judged repeatedly, ``groups`` gives the cluster of each row: rows of a
        cluster are never split between training and validation, and count as one in the errors.
        """

    def log_odds(self, X: pd.DataFrame) -> Array:
        """Log-odds of a win, one for each lead."""

    def terms(self) -> tuple[float, list[Term]]:
        """Return the intercept and the table of each feature, which sum to ``log_odds``."""


E = TypeVar("E", Candidate, BlackBox)


@dataclass(frozen=True)
class CalibratedModel(Generic[E]):
    """A trained estimator, with the slope and intercept that calibrate its log-odds."""

    estimator: E
    calibration: tuple[float, float]

    def probability(self, X: pd.DataFrame) -> Array:
        """Give calibrated probabilities of a win."""
        slope, intercept = self.calibration
        odds = np.clip(slope * self.estimator.log_odds(X) + intercept, -500, 500)
        return np.asarray(1 / (1 + np.exp(-odds)))


class BacktestPeriod(NamedTuple):
    """Predictions for a period before the test, from outcomes known when the period began.

    Attributes
    ----------
    rows : array of int, shape (m,)
        The leads of the period.
    probability, weights : array, shape (m,)
        Their predicted probabilities, and how much each counts.
    """

    rows: npt.NDArray[np.intp]
    probability: Array
    weights: Array


class CandidateLoss(NamedTuple):
    """How a candidate did on the folds.

    Attributes
    ----------
    candidate : str
    log_loss : float
        On all leads of the folds.
    behind, standard_error : float
        By how much that exceeds the best candidate's, and the standard error of the difference.
    """

    candidate: str
    log_loss: float
    behind: float
    standard_error: float


class Learned(NamedTuple):
    """The result of a training.

    Attributes
    ----------
    chosen, yardstick : CalibratedModel
        The candidate that won, and the black box.
    comparison : list of CandidateLoss
        The candidates, the chosen one first; empty where there were too few leads for folds.
    periods : list of BacktestPeriod
        The folds, in order, as the chosen candidate predicted them.
    """

    chosen: CalibratedModel[Candidate]
    yardstick: CalibratedModel[BlackBox]
    comparison: list[CandidateLoss]
    periods: list[BacktestPeriod]


def learn(
    X: pd.DataFrame,
    y: Array,
    features: Sequence[Feature],
    train: npt.NDArray[np.bool_],
    folds: Sequence[Split],
    *,
    directions: Mapping[str, int] | None = None,
    sample_weight: Array | None = None,
    groups: Array | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Learned:
    """Choose, train and calibrate.

    Parameters
    ----------
    X : DataFrame
        Features of all leads; only those of ``train`` are used.
    y : array, shape (n,)
        1 for won, 0 for not won.
    train : array of bool, shape (n,)
        The leads to learn from.
    folds : sequence of Split
        Parts of them, see `model.training.splits.inner_folds`.
    directions : mapping
        Feature to 1 (never lowers the score) or -1.
    sample_weight : array, shape (n,), optional
        How many leads each one represents; a fold with weights of its own uses those.
    groups : array, shape (n,), optional
        The cluster of each row, where leads are judged repeatedly.

    Raises
    ------
    LeadReadyError
        When all leads to learn from have the same outcome.
    """
    y = np.asarray(y, dtype=np.float64)
    _require_both_outcomes(y[train])
    report = progress or (lambda message: None)
    data = _Data(X, y, groups, list(features), dict(directions or {}), seed)
    each = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, float)
    folds = [
        fold if fold.weights is not None else replace(fold, weights=each)
        for fold in folds
        if _enough_of_both(y[fold.train])
    ]
    predictions = _predict_folds(data, folds, report)
    comparison = _compare(predictions, y, groups)
    chosen = _kind_of(comparison[0].candidate if comparison else LogisticOnBins.name)
    report(f"training {chosen.name} on {int(train.sum()):,} leads, and a black box to compare")
    weights = None if (each[train] == 1).all() else each[train]

    def calibrated_model(kind: Any) -> Any:
        estimator, slope = data.fit(kind, train, weights), _slope(predictions[kind.name], y)
        log_odds = slope * estimator.log_odds(X[train].reset_index(drop=True))
        return CalibratedModel(
            estimator, (slope, calibration_shift(log_odds, y[train], each[train]))
        )

    periods = [
        BacktestPeriod(fold.rows, 1 / (1 + np.exp(-fold.log_odds)), fold.weights)
        for fold in reversed(predictions[chosen.name])
    ]
    return Learned(calibrated_model(chosen), calibrated_model(BlackBox), comparison, periods)


def _require_both_outcomes(y: Array) -> None:
    if len(np.unique(y)) < 2:
        outcome = "won" if y.any() else "not won"
        raise LeadReadyError(
            f"all {len(y):,} leads to learn from were {outcome}: there is nothing to learn",
            where="leadready.yaml, outcome",
            hint="check that  won  names the values of a win, and add more history",
        )


def _enough_of_both(y: Array) -> bool:
    return bool(min(y.sum(), (1 - y).sum()) >= LEAST_WINS)


class _FoldPredictions(NamedTuple):
    """The leads tested in a fold: their rows, predicted log-odds and weights."""

    rows: npt.NDArray[np.intp]
    log_odds: Array
    weights: Array


@dataclass(frozen=True)
class _Data:
    """All leads with a known outcome, and the settings that every estimator is trained with."""

    X: pd.DataFrame
    y: Array
    groups: Array | None
    features: list[Feature]
    directions: dict[str, int]
    seed: int

    def fit(self, kind: Any, rows: npt.NDArray[np.bool_], weights: Array | None) -> Any:
        """Train an estimator on some rows."""
        return kind().fit(
            self.X[rows].reset_index(drop=True),
            self.y[rows],
            features=self.features,
            directions=self.directions,
            sample_weight=weights,
            groups=None if self.groups is None else self.groups[rows],
            seed=self.seed,
        )


def _fold_log_odds(data: _Data, kind: Any, fold: Split) -> Array:
    """Train an estimator on a fold, and predict the leads that it tests."""
    estimator = data.fit(kind, fold.train, fold.weights_of(fold.train))
    return np.asarray(estimator.log_odds(data.X[fold.test].reset_index(drop=True)))


def _predict_folds(
    data: _Data, folds: Sequence[Split], report: Progress
) -> dict[str, list[_FoldPredictions]]:
    """Train every candidate on every fold, in parallel; the latest fold comes first."""
    from joblib import Parallel, delayed

    kinds = (*SIMPLEST_FIRST, BlackBox)
    jobs = [(kind, fold) for fold in reversed(folds) for kind in reversed(kinds)]
    predictions: dict[str, list[_FoldPredictions]] = {kind.name: [] for kind in kinds}
    running = Parallel(
        n_jobs=-1,
        return_as="generator",
        initializer=import_module,  # other processes find this project's packages as this one does
        initargs=("leadready",),
    )(delayed(_fold_log_odds)(data, kind, fold) for kind, fold in jobs)
    for done, ((kind, fold), log_odds) in enumerate(zip(jobs, running, strict=True), start=1):
        rows = np.flatnonzero(fold.test)
        weights = np.asarray(fold.weights)[rows]
        predictions[kind.name].append(_FoldPredictions(rows, log_odds, weights))
        report(Step("comparing candidates on earlier leads", done, len(jobs)))
    return predictions


def _compare(
    predictions: Mapping[str, Sequence[_FoldPredictions]], y: Array, groups: Array | None
) -> list[CandidateLoss]:
    """Compare the candidates; the one to choose comes first."""
    folds = next(iter(predictions.values()))
    if sum(y[fold.rows].sum() for fold in folds) < LEAST_WINS:
        return []
    losses = {kind.name: _losses(predictions[kind.name], y) for kind in SIMPLEST_FIRST}
    best = min(losses, key=lambda name: float(losses[name].mean()))
    tested = np.concatenate([fold.rows for fold in folds])
    clusters = np.arange(len(tested)) if groups is None else pd.factorize(groups[tested])[0]
    results = []
    for name, loss in losses.items():
        behind = loss - losses[best]
        sums = np.bincount(clusters, behind - behind.mean())
        error = float(np.sqrt(sums @ sums * len(sums) / max(len(sums) - 1, 1)) / len(behind))
        results.append(CandidateLoss(name, float(loss.mean()), float(behind.mean()), error))
    chosen = next(result for result in results if result.behind <= result.standard_error)
    return [chosen, *(result for result in results if result is not chosen)]


def _losses(folds: Sequence[_FoldPredictions], y: Array) -> Array:
    """Log-loss of every lead tested, times its weight."""
    odds, actual, each = _concatenated(folds, y)
    p = np.clip(1 / (1 + np.exp(-odds)), TINY, 1 - TINY)
    return np.asarray(-each * (actual * np.log(p) + (1 - actual) * np.log1p(-p)) / each.mean())


def _slope(folds: Sequence[_FoldPredictions], y: Array) -> float:
    """Slope of the calibration: by how much log-odds of unseen leads must be stretched."""
    if sum(y[fold.rows].sum() for fold in folds) < LEAST_WINS:
        return 1.0
    return calibrate(*_concatenated(folds, y), trust=TRUST)[0]


def _concatenated(folds: Sequence[_FoldPredictions], y: Array) -> tuple[Array, Array, Array]:
    """Log-odds, outcomes and weights of the leads of all folds."""
    rows, odds, each = (np.concatenate(part) for part in zip(*folds, strict=True))
    return odds, y[rows], each


def _kind_of(name: str) -> Any:
    return next(kind for kind in SIMPLEST_FIRST if kind.name == name)
