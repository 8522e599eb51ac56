"""Learning from past leads: the candidates compete on earlier folds, and the winner is calibrated.

Each candidate is trained on what was known when a fold began and tried on the leads that came
next. The simplest one within a standard error of the best is taken. Its predictions for the folds,
which it had not seen, say how much too extreme they are (the slope of a sigmoid); its level is that
of all leads learnt from, since the fold's models did not know the later ones. A black box is
trained beside it in the same way, as the yardstick; it is never served.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.errors import LeadReadyError
from features.families.feature import Feature
from model.training.black_box import BlackBox
from model.training.calibration import calibrate, calibration_shift
from model.training.estimators import Candidate, ExplainableBoosting, LogisticOnBins
from model.training.metrics import TINY
from model.training.splits import Split

Array = npt.NDArray[Any]
Progress = Callable[[str], None]
SIMPLEST_FIRST = (LogisticOnBins, ExplainableBoosting)
TRUST = 0.15  # in the slope of the folds, which learnt from fewer leads than the model does
LEAST_WINS = 10  # in the folds, before a calibration or a choice can be trusted


E = TypeVar("E", Candidate, BlackBox)


@dataclass(frozen=True)
class Fitted(Generic[E]):
    """A trained estimator and the sigmoid that makes its probabilities honest."""

    estimator: E
    calibration: tuple[float, float]

    def probability(self, X: pd.DataFrame) -> Array:
        """Give calibrated probabilities of a win."""
        slope, intercept = self.calibration
        odds = np.clip(slope * self.estimator.log_odds(X) + intercept, -500, 500)
        return np.asarray(1 / (1 + np.exp(-odds)))


@dataclass(frozen=True)
class Earlier:
    """A period before the test, as it would have been: trained on what was known when it began.

    Attributes
    ----------
    rows : array of int
        The leads tested.
    probability, weights : array
        What the model of that day gave them, and how much each counts.
    """

    rows: npt.NDArray[np.intp]
    probability: Array
    weights: Array


@dataclass(frozen=True)
class Learned:
    """What came of a training.

    Attributes
    ----------
    chosen, yardstick : Fitted
        The candidate that won, and the black box.
    contest : list of dict
        Of each candidate: ``candidate``, ``log_loss`` on the folds, ``behind`` (how far behind
        the best) and ``standard_error`` of that; empty where there were too few leads for folds.
    earlier : list of Earlier
        The folds, in order, by the candidate that won.
    """

    chosen: Fitted[Candidate]
    yardstick: Fitted[BlackBox]
    contest: list[dict[str, Any]]
    earlier: list[Earlier]


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
        Features of all leads; only those of ``train`` are looked at.
    y : array, shape (n,)
        1 for won, 0 for not won.
    train : array of bool, shape (n,)
        Whom to learn from.
    folds : sequence of Split
        Parts of them, see ``splits.folds``.
    directions : mapping
        Feature to 1 (never lowers the score) or -1.
    sample_weight : array, shape (n,), optional
        How many leads each one speaks for; a fold that brings its own weights uses those.
    groups : array, shape (n,), optional
        Whose rows are alike, where leads are judged again and again.

    Raises
    ------
    LeadReadyError
        When all that can be learnt from ended alike.
    """
    y = np.asarray(y, dtype=np.float64)
    if len(np.unique(y[train])) < 2:
        which = "won" if y[train].any() else "not won"
        raise LeadReadyError(
            f"all {int(train.sum()):,} leads to learn from were {which}: there is nothing to learn",
            where="leadready.yaml, outcome",
            hint="see that `won` names the values of a win, and give more history",
        )
    say = progress or (lambda words: None)
    how: dict[str, Any] = {
        "features": list(features),
        "directions": dict(directions or {}),
        "seed": seed,
    }
    folds = [one for one in folds if _tells(y[one.train])]
    each = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, float)
    even = bool((each[train] == 1).all())
    folds = [one if one.weights is not None else replace(one, weights=each) for one in folds]
    tried = _tried(X, y, groups, folds, how, say)
    contest = _contest(tried, y, groups)
    chosen = _named(contest[0]["candidate"] if contest else LogisticOnBins.name)
    say(f"training {chosen.name} on {int(train.sum()):,} leads, and a black box beside it")
    known = X[train].reset_index(drop=True)
    if not even:
        how["sample_weight"] = each[train]
    if groups is not None:
        how["groups"] = groups[train]

    def fitted(kind: Any) -> Any:
        estimator, slope = kind().fit(known, y[train], **how), _slope(tried[kind.name], y)
        shift = calibration_shift(slope * estimator.log_odds(known), y[train], each[train])
        return Fitted(estimator, (slope, shift))

    before = [
        Earlier(rows, 1 / (1 + np.exp(-odds)), weights)
        for rows, odds, weights in reversed(tried[chosen.name])
    ]
    return Learned(fitted(chosen), fitted(BlackBox), contest, before)


def _tells(y: Array) -> bool:
    """Tell whether there is enough of both outcomes to learn something from."""
    return bool(min(y.sum(), (1 - y).sum()) >= LEAST_WINS)


Tried = list[tuple[npt.NDArray[np.intp], Array, Array]]  # fold by fold: rows, log-odds, weights


def _tried(
    X: pd.DataFrame,
    y: Array,
    groups: Array | None,
    folds: Sequence[Split],
    how: dict[str, Any],
    say: Progress,
) -> dict[str, Tried]:
    """Train every candidate on every fold, in parallel."""
    from joblib import Parallel, delayed

    kinds = (*SIMPLEST_FIRST, BlackBox)
    jobs = [(kind, fold) for fold in reversed(folds) for kind in reversed(kinds)]
    found: dict[str, Tried] = {kind.name: [] for kind in kinds}
    running = Parallel(
        n_jobs=-1,
        return_as="generator",
        initializer=import_module,  # other processes find this project's packages as this one does
        initargs=("leadready",),
    )(delayed(_try)(kind, X, y, groups, one, how) for kind, one in jobs)
    for done, ((kind, one), log_odds) in enumerate(zip(jobs, running, strict=True), start=1):
        rows = np.flatnonzero(one.test)
        found[kind.name].append((rows, log_odds, np.asarray(one.weights)[rows]))
        say(f"trying candidates on earlier leads: {done} of {len(jobs)}")
    return found


def _try(
    kind: Any, X: pd.DataFrame, y: Array, groups: Array | None, fold: Split, how: dict[str, Any]
) -> Array:
    alike = None if groups is None else groups[fold.train]
    given = {"sample_weight": fold.weighed(fold.train), "groups": alike}
    known = X[fold.train].reset_index(drop=True)
    fitted = kind().fit(known, y[fold.train], **how, **given)
    return np.asarray(fitted.log_odds(X[fold.test].reset_index(drop=True)))


def _contest(tried: Mapping[str, Tried], y: Array, groups: Array | None) -> list[dict[str, Any]]:
    """Compare the candidates; the one to take comes first."""
    losses = {kind.name: _losses(tried[kind.name], y) for kind in SIMPLEST_FIRST}
    first = next(iter(tried.values()))
    if sum(y[rows].sum() for rows, _, _ in first) < LEAST_WINS:
        return []
    best = min(losses, key=lambda one: float(losses[one].mean()))
    tested = np.concatenate([rows for rows, _, _ in first])
    alike = np.arange(len(tested)) if groups is None else pd.factorize(groups[tested])[0]
    rows: list[dict[str, Any]] = []
    for name, loss in losses.items():
        behind = loss - losses[best]
        apart = np.bincount(alike, behind - behind.mean())
        error = float(np.sqrt(apart @ apart * len(apart) / max(len(apart) - 1, 1)) / len(behind))
        rows.append(
            {
                "candidate": name,
                "log_loss": float(loss.mean()),
                "behind": float(behind.mean()),
                "standard_error": error,
            }
        )
    taken = next(one for one in rows if one["behind"] <= one["standard_error"])
    return [taken, *(one for one in rows if one is not taken)]


def _losses(tried: Tried, y: Array) -> Array:
    """Log-loss of every lead tested, times its weight."""
    if not tried:
        return np.zeros(0)
    odds, real, each = _together(tried, y)
    p = np.clip(1 / (1 + np.exp(-odds)), TINY, 1 - TINY)
    return np.asarray(-each * (real * np.log(p) + (1 - real) * np.log1p(-p)) / each.mean())


def _slope(tried: Tried, y: Array) -> float:
    """By how much log-odds of leads that were not learnt from must be stretched."""
    if sum(y[rows].sum() for rows, _, _ in tried) < LEAST_WINS:
        return 1.0
    return calibrate(*_together(tried, y), trust=TRUST)[0]


def _together(tried: Tried, y: Array) -> tuple[Array, Array, Array]:
    """Log-odds, outcomes and weights of all leads tested."""
    rows, odds, each = (np.concatenate(part) for part in zip(*tried, strict=True))
    return odds, y[rows], each


def _named(name: str) -> Any:
    return next(kind for kind in SIMPLEST_FIRST if kind.name == name)
