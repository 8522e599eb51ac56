"""Backtest: retrain at several past dates, and test each model on the leads that followed.

Each model learns only from what was known on its day. The metrics of a random split are given for
comparison: they are too optimistic, since such a model has seen leads of the same weeks, with
outcomes that were not known then. All are given once more with the level kept up between the
trainings. No model trained here is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.errors import LeadReadyError
from features.progress import Progress, Step, no_progress
from model.gate import CANNOT_TELL
from model.gate_calibration import calibrated
from model.serving import Definition, Tolerance
from model.training.folds import SPLITS
from model.training.learn import learn
from model.training.learning_data import Candidate
from model.training.metrics import Metrics, measure
from model.training.splits import (
    Split,
    account_or_person,
    inner_folds,
    split_leads,
    uniform_hash,
)
from pipelines.labelled import Labelled
from pipelines.level.kept_level import KeptLevel, with_level_kept
from pipelines.snapshot import Snapshot, read_snapshot
from pipelines.train.fit import learning_data, split_labelled
from pipelines.train.training_json import (
    BacktestJson,
    BacktestResult,
    GateJson,
    LevelKeptJson,
    MetricsJson,
    TrialJson,
)
from pipelines.train.weights import weight_leads

Array = npt.NDArray[Any]
PERIODS = 3
FIRST = 0.2  # of the leads have a known outcome before the first model is trained
LEAST = 20  # of the leads won, and as many not won, before that
INNER = 2  # folds inside each training
PARTS = 3  # of the random split
SHOWN = (
    *("auc", "lift_10", "captured_20", "expected_wins_ratio", "calibration_slope"),
    *("log_loss", "brier"),
)


@dataclass(frozen=True)
class Trial:
    """A split, and the predictions for its later side by what was trained on the earlier one."""

    split: Split
    candidate: type[Candidate]
    model: Array
    yardstick: Array
    kept: KeptLevel


def backtest(
    folder: Path | str,
    *,
    days: Sequence[int] = (),
    periods: int = PERIODS,
    seed: int = 0,
    progress: Progress = no_progress,
) -> BacktestJson:
    """Retrain a workspace's model at several past dates and test it on the leads that followed.

    Parameters
    ----------
    folder : path
        The workspace.
    days : sequence of int, optional
        Judge leads so many days after the date of their moment, one backtest for each; by default
        as the workspace says. The window of its own test moves along.
    periods : int
        How many times a model is trained, 3 or more.
    seed : int
        For folds, resamples and the random split.
    progress : callable, optional
        Receives a message before each training.

    Returns
    -------
    dict
        ``backtest``: a list with, for each of the days, ``periods`` (from, until, leads, metrics of
        each), ``pooled``, ``yardstick``, ``random`` (each ``{metric: {value, low, high}}``, with
        intervals by resampling accounts), ``optimism`` (random minus pooled, on the same leads),
        ``level_kept`` (the metrics if the level is kept up, how often it moved, and by how much
        the log-loss is lower; for each period too),
        ``gate`` (whether the pooled predictions are calibrated) and ``own``: model and yardstick
        by the workspace's own evaluation.

    Raises
    ------
    LeadReadyError
        When moments have no dates, or there is too little history.

    Examples
    --------
    >>> (result,) = backtest("acme", periods=4)["backtest"]  # doctest: +SKIP
    >>> [period["metrics"]["auc"]["value"] for period in result["periods"]]  # doctest: +SKIP
    [0.79, 0.81, 0.8, 0.82]
    >>> backtest("nowhere")
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    if periods < 3:
        raise LeadReadyError(
            f"{periods} periods are too few to see a trend", hint="leadready backtest --periods 3"
        )
    snapshot = read_snapshot(folder, progress)
    chosen = list(days) or [snapshot.workspace.moment.plus_days or 0]
    results = [_backtest_at(_judged_on_day(snapshot, day), periods, seed) for day in chosen]
    return {"workspace": snapshot.workspace.name, "seed": seed, "backtest": results}


def _judged_on_day(snapshot: Snapshot, day: int) -> Snapshot:
    """Judge the same leads so many days after the date of their moment."""
    before = snapshot.workspace.moment.plus_days or 0
    if day == before:
        return snapshot
    shift = pd.Timedelta(days=day - before)
    moment, evaluation = snapshot.workspace.moment, snapshot.workspace.evaluation
    test_from, test_until = evaluation.test_from, evaluation.test_until
    workspace = replace(
        snapshot.workspace,
        moment=replace(moment, plus_days=day),
        evaluation=replace(
            evaluation,
            test_from=None if test_from is None else test_from + shift,
            test_until=None if test_until is None else test_until + shift,
        ),
    )
    return snapshot.with_workspace(workspace, "results", "leak_suspects")


def _backtest_at(snapshot: Snapshot, periods: int, seed: int) -> BacktestResult:
    """Backtest with one choice of the moment."""
    day = snapshot.workspace.moment.plus_days or 0
    definition = snapshot.definition()
    tolerance = definition.tolerance
    then = snapshot.known_at_the_time()
    labelled = then.labelled
    trials = []
    for number, (begin, end) in enumerate(
        pairwise(cut_days(labelled.rows, labelled.y, periods)), 1
    ):
        parts = split_leads(labelled.rows, test_from=begin, test_until=end, seed=seed)
        trials.append(_try_split(then, definition, parts, seed))
        snapshot.progress(Step(f"day {day}: training and testing, periods", number, periods))
    snapshot.progress(f"day {day}: a random split, and the workspace's own evaluation")
    random = _random_predictions(then, trials[-1].candidate, definition, seed)
    own = _try_split(snapshot, definition, split_labelled(snapshot, seed), seed)
    rows = _test_rows(trials)
    metrics = _measure_trials(labelled, trials, seed, random=random[rows])
    return {
        "days": day,
        "periods": [_trial_json(labelled, trial, seed) for trial in trials],
        "pooled": _shown(metrics["model"]),
        "yardstick": _shown(metrics["yardstick"]),
        "random": _shown(metrics["random"]),
        "level_kept": _level_kept_json(labelled, trials, seed),
        "optimism": {
            name: metrics["random"].difference(metrics["model"], name)._asdict() for name in SHOWN
        },
        "gate": _calibration_json(metrics["model"], tolerance, labelled.y[rows]),
        "n_test": len(rows),
        "won_test": int(labelled.y[rows].sum()),
        "own": {
            **_trial_json(snapshot.labelled, own, seed),
            "outcomes": snapshot.workspace.evaluation.outcomes,
        },
    }


def _calibration_json(metrics: Metrics, tolerance: Tolerance, y: Array) -> GateJson:
    """Check the pooled predictions; a backtest promotes nothing that a name could confirm."""
    check = calibrated(metrics, tolerance, float(y.sum()))
    return cast(
        GateJson, check._replace(hint="" if check.state == CANNOT_TELL else check.hint)._asdict()
    )


def cut_days(rows: pd.DataFrame, y: Array, periods: int) -> list[pd.Timestamp]:
    """Choose the days on which models are trained, and the end of the last period.

    The first day is when the outcomes of a fifth of the leads are known; the leads judged from then
    on are divided into periods with equally many leads.

    Parameters
    ----------
    rows : DataFrame, n rows
        ``as_of``, and ``known_at`` or ``mature_at``.
    y : array, shape (n,)
        1 for won.
    periods : int

    Raises
    ------
    LeadReadyError
        When moments have no dates, or there is too little history.

    Examples
    --------
    >>> days = pd.date_range("2024-01-01", periods=300).astype("datetime64[us]")
    >>> rows = pd.DataFrame({"as_of": days, "mature_at": days + pd.Timedelta(days=30)})
    >>> [str(day.date()) for day in cut_days(rows, np.arange(300) % 2, 3)]
    ['2024-03-30', '2024-06-08', '2024-08-17', '2024-10-26']
    """
    known_at = rows["known_at"] if "known_at" in rows else rows["mature_at"]
    known_at = known_at.fillna(rows["as_of"])
    if rows["as_of"].isna().all():
        raise LeadReadyError(
            "a backtest needs dates, and the leads' moments have none",
            where="leadready.yaml, moment",
            hint="map  leads.created  or  moment.column",
        )
    order = np.argsort(known_at.to_numpy(), kind="stable")
    won = np.cumsum(np.asarray(y)[order])
    both = np.minimum(won, np.arange(1, len(won) + 1) - won)
    enough = (both >= LEAST) & (np.arange(1, len(won) + 1) >= FIRST * len(won))
    last = rows["as_of"].max() + pd.Timedelta(microseconds=1)
    first = known_at.iloc[order[int(enough.argmax())]].ceil("D") if enough.any() else last
    later = rows["as_of"][rows["as_of"] >= first].sort_values()
    if len(later) < periods * LEAST:
        raise LeadReadyError(
            f"there is too little history: only {len(later):,} leads were judged after the "
            f"outcomes of the first {FIRST:.0%} were known",
            where="leadready.yaml, outcome.horizon_days",
            hint="add more history or choose a shorter horizon",
        )
    inner = [later.iloc[len(later) * part // periods].normalize() for part in range(1, periods)]
    return [pd.Timestamp(first), *map(pd.Timestamp, inner), last]


def _try_split(snapshot: Snapshot, definition: Definition, parts: Split, seed: int) -> Trial:
    """Train on the earlier side, and predict the later one by model and black box."""
    labelled = snapshot.labelled
    inner = inner_folds(labelled.rows, parts, n=INNER, seed=seed)
    weighting = weight_leads(snapshot, parts, inner, seed=seed)
    data = learning_data(snapshot, definition, seed=seed)
    learned = learn(data, weighting.split, weighting.folds)
    later = labelled.X[parts.test].reset_index(drop=True)
    return Trial(
        weighting.split,
        type(learned.chosen.estimator),
        learned.chosen.probability(later),
        learned.yardstick.probability(later),
        with_level_kept(labelled, weighting.split, learned.chosen.probability),
    )


def _random_predictions(
    snapshot: Snapshot, candidate: type[Candidate], definition: Definition, seed: int
) -> Array:
    """Predict every lead by the same kind of model, trained on other leads of all times."""
    data = learning_data(snapshot, definition, seed=seed)
    names = pd.Series(data.groups).map(str)
    dealt = names.map(lambda name: int(PARTS * uniform_hash(name, seed))).to_numpy()
    predictions = np.zeros(len(names))
    for part in range(PARTS):
        train, test = dealt != part, dealt == part
        card = data.fit_card(candidate, train, None, data.choose(train, None, splits=SPLITS))
        odds = card.log_odds(data.X[test].reset_index(drop=True))
        predictions[test] = 1 / (1 + np.exp(-odds))
    return predictions


# -- as JSON --------------------------------------------------------------------------------------


def _trial_json(labelled: Labelled, trial: Trial, seed: int) -> TrialJson:
    train, test = trial.split.train, trial.split.test
    metrics = _measure_trials(labelled, [trial], seed)
    return {
        "from": _iso_time(trial.split.test_from),
        "until": _iso_time(trial.split.test_until),
        "candidate": trial.candidate.name,
        "n_train": int(train.sum()),
        "won_train": int(labelled.y[train].sum()),
        "n_test": int(test.sum()),
        "won_test": int(labelled.y[test].sum()),
        "metrics": _shown(metrics["model"]),
        "yardstick": _shown(metrics["yardstick"]),
        "level_kept": _level_kept_json(labelled, [trial], seed),
    }


def _level_kept_json(labelled: Labelled, trials: Sequence[Trial], seed: int) -> LevelKeptJson:
    kept = np.concatenate([trial.kept.probability for trial in trials])
    metrics = _measure_trials(labelled, trials, seed, kept=kept)
    saved = metrics["model"].difference(metrics["kept"], "log_loss")
    moves = sum(trial.kept.moves for trial in trials)
    return {"metrics": _shown(metrics["kept"]), "moves": moves, "log_loss_saved": saved._asdict()}


def _iso_time(time: pd.Timestamp | None) -> str | None:
    return None if time is None else time.isoformat()


def _measure_trials(
    labelled: Labelled, trials: Sequence[Trial], seed: int, **more: Array
) -> dict[str, Metrics]:
    """Measure on all later leads; resamples draw accounts, with all leads that they have."""
    rows = _test_rows(trials)
    predictions = {
        "model": np.concatenate([trial.model for trial in trials]),
        "yardstick": np.concatenate([trial.yardstick for trial in trials]),
        **more,
    }
    weights = np.concatenate(
        [np.asarray(trial.split.weights)[trial.split.test] for trial in trials]
    )
    accounts = account_or_person(labelled.rows.iloc[rows]).to_numpy()
    return measure(labelled.y[rows], predictions, groups=accounts, weights=weights, seed=seed)


def _test_rows(trials: Sequence[Trial]) -> npt.NDArray[np.intp]:
    return np.concatenate([np.flatnonzero(trial.split.test) for trial in trials])


def _shown(metrics: Metrics) -> MetricsJson:
    measured = metrics.to_json()
    return {name: measured[name] for name in SHOWN}
