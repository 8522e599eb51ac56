"""The old score on trial: what the company scored by so far, on the same later leads as the model.

The model, the rules, the points by hand and each old score are measured on the test leads that have
that score: how well it ranks them, and how many of the wins, and of their amounts, sales would have
caught by taking the best-scored leads. A score that the export shows as it stands today may have
seen the outcomes. Its figures are given too, but it is not compared with the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from features.labels.old_scores import OldScoreValues
from model.gate import Gate
from model.gate_old_score import better_than_old_score
from model.simulation.ready_score import capacity_share
from model.training.intervals import Interval
from model.training.metrics import Metrics, measure, measure_caught
from model.training.splits import account_or_person
from pipelines.train.evaluation import Evaluation
from pipelines.train.fit import Trained
from pipelines.train.training_json import MetricsJson, OldScoreJson

Array = npt.NDArray[Any]
OLD_SCORE = "old_score"
RIVALS = ("model", "definition", "points")  # scorers of the evaluation that stand beside it
RANKED = ("auc", "lift_10")
CALIBRATED = ("expected_wins_ratio", "calibration_slope")
BEST = 0.2  # of the leads, where nobody said how many sales can take


def try_old_scores(
    trained: Trained, evaluation: Evaluation, *, seed: int = 0
) -> list[OldScoreJson]:
    """Measure each old score of the workspace on the test leads, beside the model.

    Parameters
    ----------
    trained : Trained
    evaluation : Evaluation
        The predictions of the other scorers.
    seed : int
        For the resamples.
    """
    old_scores = trained.snapshot.old_scores
    return [_try_score(old, trained, evaluation, seed) for old in old_scores]


def old_score_checks(trials: Sequence[OldScoreJson]) -> list[Gate]:
    """Hold the model against each old score that cannot have seen the outcomes."""
    gains = [Interval(**trial["gains"]["auc"]) if trial["fair"] else None for trial in trials]
    return [
        better_than_old_score(trial["name"], trial["basis"], gain)
        for trial, gain in zip(trials, gains, strict=True)
    ]


def _try_score(
    old: OldScoreValues, trained: Trained, evaluation: Evaluation, seed: int
) -> OldScoreJson:
    values = old.values[trained.split.test]
    scored = np.isfinite(values)
    y, amounts = trained.test_y[scored], _amounts(trained)
    weights = None if trained.test_weights is None else trained.test_weights[scored]
    groups = account_or_person(trained.test_rows).to_numpy()[scored]
    scores = {
        name: evaluation.predictions[name][scored]
        for name in RIVALS
        if name in evaluation.predictions
    }
    scores[OLD_SCORE] = values[scored] if old.is_probability else _ranks(values[scored])
    worth = {"wins": y} | ({} if amounts is None else {"amount": amounts[scored]})
    share, per_week = _share_taken(trained)
    metrics = _no_metrics(scores)
    if len(np.unique(y)) > 1:
        ranked = measure(y, scores, groups=groups, weights=weights, seed=seed)
        caught = measure_caught(scores, worth, share, groups=groups, weights=weights, seed=seed)
        metrics = {name: _joined(ranked[name], caught[name]) for name in scores}
    return {
        "name": old.name,
        "basis": old.basis,
        "fair": old.fair,
        "leads": int(scored.sum()),
        "won": int(y.sum()),
        "without": int((~scored).sum()),
        "share": share,
        "per_week": per_week,
        "amount": None if amounts is None else float(amounts[scored].sum()),
        "scorers": {name: _shown(name, measured, old) for name, measured in metrics.items()},
        "gains": _gains(metrics) if old.fair else {},
    }


def _ranks(values: Array) -> Array:
    """Give the leads' places, from 0 to 1: equal scores have the same place."""
    ranks: Array = rankdata(values) / (len(values) + 1)
    return ranks


def _share_taken(trained: Trained) -> tuple[float, float | None]:
    """Give the share of the leads that sales can take, and how many in a week if that decides."""
    share = capacity_share(trained.snapshot.moments, trained.definition)
    if share is None or share >= 1:
        return BEST, None
    return share, trained.definition.handoff.per_week


def _amounts(trained: Trained) -> Array | None:
    """Give what each test lead brought; None where no amount is known."""
    places = trained.labelled.places[trained.split.test]
    amounts = trained.snapshot.outcomes["amount"].to_numpy(np.float64)[places]
    won = np.where(trained.test_y == 1, np.nan_to_num(amounts), 0.0)
    return won if (won > 0).any() else None


def _joined(ranked: Metrics, caught: Metrics) -> Metrics:
    return Metrics({**ranked.values, **caught.values}, {**ranked.resampled, **caught.resampled})


def _no_metrics(scores: dict[str, Array]) -> dict[str, Metrics]:
    """Stand in where the leads with a score have only one outcome."""
    unknown = {key: float("nan") for key in (*RANKED, "wins", *CALIBRATED)}
    none = {key: np.full(1, np.nan) for key in unknown}
    return dict.fromkeys(scores, Metrics(unknown, none))


def _shown(name: str, metrics: Metrics, old: OldScoreValues) -> MetricsJson:
    """Pick the metrics that mean something: calibration only of what is a probability."""
    all_metrics = metrics.to_json()
    names = [key for key in (*RANKED, "wins", "amount") if key in all_metrics]
    if name == "model" or (name == OLD_SCORE and old.is_probability):
        names += CALIBRATED
    return {key: all_metrics[key] for key in names}


def _gains(metrics: dict[str, Metrics]) -> MetricsJson:
    """Say by how much the model exceeds the old score, on the same leads and resamples."""
    model, old = metrics["model"], metrics[OLD_SCORE]
    names = [key for key in (*RANKED, "wins", "amount") if key in model.values]
    return {key: model.difference(old, key)._asdict() for key in names}
