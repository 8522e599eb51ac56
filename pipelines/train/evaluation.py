"""Evaluate a trained model on the later leads: every metric and table that people or the gate see.

All scorers are measured on the same leads: the model, the full model with all features, the black
box, the definition alone, today's points by hand, and the base rate. The result is plain data,
stored with the version; the report and the model card only display it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.definition.evaluate import criteria_counts, manual_points
from model.definition.words import rule_text
from model.estimators.boosting import FullBoosting
from model.serving import Definition, score_leads
from model.training.calibration import calibrate, calibration_bins
from model.training.compile_scorecard import feature_importances
from model.training.intervals import win_rate_interval
from model.training.learn import BacktestPeriod
from model.training.learning_data import CalibratedModel
from model.training.metrics import Metrics, cumulative_gains, measure
from model.training.splits import account_or_person
from pipelines.level.kept_level import with_level_kept
from pipelines.train.fit import Trained
from pipelines.train.training_card import card_json
from pipelines.train.training_json import CurvesJson, EvaluationJson, Row

Array = npt.NDArray[Any]
PRIOR = 10.0  # leads at the base rate, added to those of each verdict of the rules
SCORE_BINS = 20  # of the histogram of scores, at most
VERDICTS = ("ready", "not ready", "never", "unknown")


@dataclass(frozen=True)
class Evaluation:
    """What the test on the later leads showed.

    Attributes
    ----------
    predictions : mapping of str to array, shape (n_test,)
        The probabilities of each scorer: ``model``, ``full``, ``yardstick``, ``definition``,
        ``points``, ``base_rate_alone``.
    metrics : mapping of str to Metrics
        The metrics of each scorer.
    scored : DataFrame
        The test leads as they would have been handed over.
    unweighted : Metrics or None
        The model's metrics on the leads that sales worked, without weights; None where all leads
        count the same.
    pooled : Metrics or None
        The metrics over this and all earlier periods, with the level kept up through each of them;
        None where leads were not split in time.
    """

    predictions: dict[str, Array]
    metrics: dict[str, Metrics]
    scored: pd.DataFrame
    unweighted: Metrics | None = None
    pooled: Metrics | None = None


def evaluate(
    trained: Trained, full: CalibratedModel[FullBoosting] | None = None, *, seed: int = 0
) -> Evaluation:
    """Score the test leads with every scorer, and measure each.

    Parameters
    ----------
    trained : Trained
    full : CalibratedModel, optional
        The full model, to see what the card gives up.
    seed : int
        For the resamples.
    """
    X, y, weights = trained.test_X, trained.test_y, trained.test_weights
    predictions = {
        "model": trained.card.probability(X),
        **({} if full is None else {"full": full.probability(X)}),
        "yardstick": trained.learned.yardstick.probability(X),
        **_rule_predictions(trained),
    }
    accounts = account_or_person(trained.test_rows).to_numpy()
    metrics = measure(y, predictions, groups=accounts, weights=weights, seed=seed)
    unweighted = None
    if weights is not None:
        alone = {"model": predictions["model"]}
        unweighted = measure(y, alone, groups=accounts, seed=seed)["model"]
    scored = score_leads(X, trained.card, trained.definition)
    pooled = _pooled_metrics(trained, predictions["model"], seed)
    return Evaluation(predictions, metrics, scored, unweighted, pooled)


def tested_periods(trained: Trained, predictions: Array) -> list[BacktestPeriod]:
    """List all periods that a model was tested on, in order; the last is the test itself."""
    if trained.split.how == "at random":
        return []
    rows, weights = np.flatnonzero(trained.split.test), trained.test_weights
    won = int(trained.labelled.y[trained.split.train].sum())
    weights = np.ones(len(rows)) if weights is None else weights
    predict = trained.card.probability
    last = BacktestPeriod(rows, predictions, weights, won, trained.split, predict)
    return [*trained.learned.periods, last]


def _pooled_metrics(trained: Trained, predictions: Array, seed: int) -> Metrics | None:
    """Measure on the leads of all periods together, each predicted by the model of its time.

    The level is kept up through each period, as the scoring job would.
    """
    periods = tested_periods(trained, predictions)
    if len(periods) < 2:
        return None
    rows = np.concatenate([period.rows for period in periods])
    kept = [
        with_level_kept(trained.labelled, period.split, period.predict).probability
        for period in periods
    ]
    pooled = {"model": np.concatenate(kept)}
    weights = np.concatenate([period.weights for period in periods])
    accounts = account_or_person(trained.labelled.rows.iloc[rows]).to_numpy()
    y = trained.labelled.y[rows]
    return measure(y, pooled, groups=accounts, weights=weights, seed=seed)["model"]


def _rule_predictions(trained: Trained) -> dict[str, Array]:
    """Predict by the rules alone: the win rate so far of the leads with the same verdict."""
    X, y, train = trained.labelled.X, trained.labelled.y, trained.split.train
    verdict = trained.definition.codes(X)
    weights = trained.split.weights_of(train)
    each = np.ones(int(train.sum())) if weights is None else weights
    base = float(np.average(y[train], weights=each))
    leads = np.bincount(verdict[train], each, minlength=int(verdict.max()) + 1)
    wins = np.bincount(verdict[train], each * y[train], minlength=len(leads))
    rate = (wins + PRIOR * base) / (leads + PRIOR)
    later = trained.split.test
    predictions = {"definition": rate[verdict[later]]}
    if trained.definition.points.give:
        points = manual_points(trained.definition, X).to_numpy()
        slope, intercept = calibrate(points[train], y[train], each)
        predictions["points"] = 1 / (1 + np.exp(-(slope * points[later] + intercept)))
    predictions["base_rate_alone"] = np.full(int(later.sum()), base)
    return predictions


# -- as JSON --------------------------------------------------------------------------------------


def evaluation_json(trained: Trained, evaluation: Evaluation) -> EvaluationJson:
    """Give everything but the gate as plain data."""
    parts, rows, y = trained.split, trained.labelled.rows, trained.labelled.y
    metrics = {scorer: measured.to_json() for scorer, measured in evaluation.metrics.items()}
    chosen, predictions = trained.learned.chosen, evaluation.predictions["model"]
    slope, intercept = chosen.calibration
    figures = {
        "candidate": chosen.estimator.name,
        "comparison": [result._asdict() for result in trained.learned.comparison],
        **card_json(trained, evaluation.metrics),
        "calibration": {"slope": slope, "intercept": intercept},
        "n_train": int(parts.train.sum()),
        "n_test": int(parts.test.sum()),
        "leads_train": rows["lead_id"][parts.train].nunique(),
        "leads_test": rows["lead_id"][parts.test].nunique(),
        "won_train": int(y[parts.train].sum()),
        "won_test": int(y[parts.test].sum()),
        "base_rate": trained.scorecard["base_rate"],
        "metrics": metrics.pop("model"),
        **metrics,
        **({"unweighted": evaluation.unweighted.to_json()} if evaluation.unweighted else {}),
        "periods": [
            _period_row(trained, period) for period in tested_periods(trained, predictions)
        ],
        **({"pooled": evaluation.pooled.to_json()} if evaluation.pooled else {}),
        "worked": trained.weighting.worked,
        "excluded": trained.labelled.excluded,
        "split": {
            "how": parts.how,
            "test_from": _iso(parts.test_from),
            "test_until": _iso(parts.test_until),
        },
        "warnings": [*parts.warnings, *trained.weighting.warnings],
        "curves": _curves(trained, evaluation),
        "importance": feature_importances(trained.served_scorecard).to_dict("records"),
        "directions": [curve.to_json() for curve in trained.unconstrained_curves],
        "agreement": agreement_table(evaluation.scored, trained.test_y, trained.design_factor),
        "criteria": criteria_table(trained.definition, trained.test_X, _labels(trained)),
    }
    return cast(EvaluationJson, figures)


def _period_row(trained: Trained, period: BacktestPeriod) -> Row:
    """Give the leads of a period, its wins and the wins predicted for it, both weighted."""
    days = trained.labelled.rows["as_of"].iloc[period.rows].dropna()
    return {
        "from": _iso(days.min()) if len(days) else None,
        "until": _iso(days.max()) if len(days) else None,
        "leads": len(period.rows),
        "won": float(period.weights @ trained.labelled.y[period.rows]),
        "expected": float(period.weights @ period.probability),
    }


def _iso(time: pd.Timestamp | None) -> str | None:
    return None if time is None else time.isoformat()


def _labels(trained: Trained) -> dict[str, str]:
    return trained.snapshot.words | {line["name"]: line["words"] for line in trained.card.lines}


def _curves(trained: Trained, evaluation: Evaluation) -> CurvesJson:
    """Give the points of the plots: lift, calibration, and the scores by outcome."""
    y, weights, predictions = trained.test_y, trained.test_weights, evaluation.predictions
    scores = evaluation.scored["score"].to_numpy()
    edges = score_edges(scores)
    return {
        "lift": {
            "share": np.linspace(0, 1, 101).tolist(),
            "captured": {
                scorer: cumulative_gains(y, predictions[scorer], weights=weights)
                for scorer in ("model", "yardstick", "definition")
                if scorer in predictions
            },
        },
        "calibration": calibration_bins(
            y, predictions["model"], weights=weights, design_factor=trained.design_factor
        ),
        "scores": {
            "edges": edges.tolist(),
            "won": np.histogram(scores[y == 1], edges)[0].tolist(),
            "not won": np.histogram(scores[y == 0], edges)[0].tolist(),
        },
    }


def score_edges(scores: Array) -> Array:
    """Give the edges of at most 20 bins of whole scores, each with as many scores as the others.

    Examples
    --------
    >>> score_edges(np.array([48, 50, 52])), score_edges(np.array([30, 69]))[:3]
    (array([48, 49, 50, 51, 52, 53]), array([30, 32, 34]))
    """
    low, high = int(scores.min()), int(scores.max()) + 1
    width = -(-(high - low) // SCORE_BINS)
    return np.arange(low, high + width, width)


def agreement_table(scored: pd.DataFrame, y: Array, design_factor: float = 1.0) -> list[Row]:
    """Count leads and wins for each pair of verdicts, of the rules and of the model.

    Parameters
    ----------
    scored : DataFrame, n rows
        ``rules_verdict`` and ``model_verdict`` of each lead.
    y : array, shape (n,)
        1 for won.
    design_factor : float
        How much wider the intervals are because leads are judged repeatedly.

    Returns
    -------
    list of dict
        ``verdict, model_verdict, leads, won, rate, low, high``.
    """
    rows = []
    verdicts = [scored["rules_verdict"], scored["model_verdict"]]
    for (rules, model), won in pd.Series(y, index=scored.index).groupby(verdicts):
        factor = design_factor**2
        low, high = win_rate_interval(float(won.sum()) / factor, len(won) / factor)
        rows.append(
            {
                "verdict": rules,
                "model_verdict": model,
                "leads": len(won),
                "won": int(won.sum()),
                "rate": float(won.mean()),
                "low": low,
                "high": high,
            }
        )
    return sorted(rows, key=lambda row: (VERDICTS.index(row["verdict"]), row["model_verdict"]))


def criteria_table(definition: Definition, X: pd.DataFrame, labels: Mapping[str, str]) -> list[Row]:
    """Count the leads that meet each criterion, fail it, or leave it unknown.

    Parameters
    ----------
    definition : Definition
    X : DataFrame
        The features of the leads.
    labels : mapping of str to str
        The features in words.

    Returns
    -------
    list of dict
        ``id, words, passes, fails, unknown``, in the order of the definition.
    """
    counts = criteria_counts(definition, X)
    return [
        {
            "id": criterion.id,
            "words": rule_text(criterion, labels),
            "passes": int(row["pass"]),
            "fails": int(row["fail"]),
            "unknown": int(row["unknown"]),
        }
        for criterion, (_, row) in zip(definition.criteria, counts.iterrows(), strict=True)
    ]
