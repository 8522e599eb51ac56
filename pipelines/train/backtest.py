"""Rolling origin: how the model would have done, had it been trained again and again.

At each of several days a model is trained on what was known on that day, and on nothing else; the
leads of the time that follows test it. The figures of a random split stand beside: they flatter,
since such a model has seen leads of the same weeks, whose outcome nobody knew then. Nothing that is
trained here is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.errors import LeadReadyError
from model.definition.read import read_definition
from model.gate import calibrated
from model.training.learn import learn
from model.training.metrics import Metrics, measure
from model.training.splits import (
    Split,
    account_or_person,
    inner_folds,
    panel_clusters,
    split_leads,
    uniform_hash,
)
from pipelines.snapshot import Labelled, Progress, Snapshot, read_snapshot
from pipelines.train.weights import weighing

Array = npt.NDArray[Any]
PERIODS = 3
FIRST = 0.2  # of the leads have a known outcome before the first model is trained
LEAST = 20  # of the leads won, and as many not won, before that
INNER = 2  # folds inside each training
PARTS = 3  # of the random split
SHOWN = ("auc", "lift_10", "captured_20", "expected_wins_ratio", "calibration_slope", "log_loss")


@dataclass(frozen=True)
class _Try:
    """A split, and what the model trained on its earlier side gives to the later one."""

    split: Split
    kind: Any
    probability: dict[str, Array]


def rolling(
    folder: Path | str,
    *,
    days: Sequence[int] = (),
    periods: int = PERIODS,
    seed: int = 0,
    progress: Progress,
) -> dict[str, Any]:
    """Evaluate a workspace as it would have been.

    Parameters
    ----------
    folder : path
        The workspace.
    days : sequence of int, optional
        Judge leads so many days after the date of their moment, one evaluation for each; default:
        as the workspace says. The window of its own test moves along.
    periods : int
        How many times a model is trained, three or more.
    seed : int
        For folds, resamples and the random split.
    progress : callable
        Told in words what is being done.

    Returns
    -------
    dict
        ``rolling``: a list with, for each of the days, ``periods`` (from, until, leads, figures of
        each), ``pooled``, ``yardstick``, ``random`` (each ``{metric: {value, low, high}}``, with
        intervals by resampling accounts), ``flatters_by`` (random less pooled, on the same leads),
        ``gate`` (whether the pooled wins are as many as predicted) and ``own``: model and yardstick
        by the workspace's own evaluation.

    Raises
    ------
    LeadReadyError
        When moments have no dates, or there is too little history.
    """
    if periods < 3:
        raise LeadReadyError(f"{periods} periods are too few to see a change", hint="ask for 3")
    snapshot = read_snapshot(Path(folder), progress)
    wanted = list(days) or [snapshot.workspace.moment.plus_days or 0]
    told = [_one(_moved(snapshot, day), day, periods, seed, progress) for day in wanted]
    return {"workspace": snapshot.workspace.name, "seed": seed, "rolling": told}


def _moved(snapshot: Snapshot, day: int) -> Snapshot:
    """Judge the same leads so many days after the date of their moment."""
    before = snapshot.workspace.moment.plus_days or 0
    if day == before:
        return snapshot
    by = pd.Timedelta(days=day - before)
    asked = snapshot.workspace.evaluation
    ends = (asked.test_from, asked.test_until)
    begin, end = (None if one is None else one + by for one in ends)
    workspace = replace(
        snapshot.workspace,
        moment=replace(snapshot.workspace.moment, plus_days=day),
        evaluation=replace(asked, test_from=begin, test_until=end),
    )
    return snapshot.with_workspace(workspace, "results", "leak_suspects")


def _one(
    snapshot: Snapshot, day: int, periods: int, seed: int, progress: Progress
) -> dict[str, Any]:
    """Evaluate one choice of the moment."""
    workspace = snapshot.workspace
    definition = read_definition(
        workspace.folder / workspace.definition, known_features=snapshot.catalogue
    )
    signs = definition.directions
    then, asked = snapshot.known_at_the_time(), workspace.evaluation
    labelled = then.labelled
    edges = cut_days(labelled.rows, labelled.y, periods)
    tries = []
    for number, (begin, end) in enumerate(pairwise(edges), start=1):
        progress(f"day {day}: trained on {begin:%Y-%m-%d}, period {number} of {periods}")
        parts = split_leads(labelled.rows, test_from=begin, test_until=end, seed=seed)
        tries.append(_try(then, parts, signs, seed))
    progress(f"day {day}: by a random split, and by the workspace's own evaluation")
    flattered = _at_random(then, tries[-1].kind, signs, seed)
    mine = snapshot.labelled
    parts = split_leads(
        mine.rows,
        test_from=asked.test_from,
        test_until=asked.test_until,
        test_share=asked.test_share,
        seed=seed,
    )
    own = _try(snapshot, parts, signs, seed)
    tolerance = definition.content.get("tolerance") or {}
    return {
        "days": day,
        "periods": [_period(labelled, one, seed) for one in tries],
        **_pooled(labelled, tries, flattered, tolerance, seed),
        "own": {**_about(mine, own), "outcomes": asked.outcomes, **_figures(mine, [own], {}, seed)},
    }


def cut_days(rows: pd.DataFrame, y: Array, periods: int) -> list[pd.Timestamp]:
    """Choose the days on which models are trained, and the end.

    The first comes when the outcomes of a fifth of the leads are known; the leads judged from then
    on are cut into periods with equally many leads.

    Examples
    --------
    >>> days = pd.date_range("2024-01-01", periods=300).astype("datetime64[us]")
    >>> rows = pd.DataFrame({"as_of": days, "mature_at": days + pd.Timedelta(days=30)})
    >>> [str(one.date()) for one in cut_days(rows, np.arange(300) % 2, 3)]
    ['2024-03-30', '2024-06-08', '2024-08-17', '2024-10-26']
    """
    told = rows["known_at"] if "known_at" in rows else rows["mature_at"]
    told = told.fillna(rows["as_of"])
    if rows["as_of"].isna().all():
        raise LeadReadyError(
            "the leads' moments have no dates, so there is no time to roll along",
            where="leadready.yaml, moment",
            hint="map  leads.created  or  moment.column",
        )
    order = np.argsort(told.to_numpy(), kind="stable")
    won = np.cumsum(np.asarray(y)[order])
    both = np.minimum(won, np.arange(1, len(won) + 1) - won)
    enough = (both >= LEAST) & (np.arange(1, len(won) + 1) >= FIRST * len(won))
    last = rows["as_of"].max() + pd.Timedelta(microseconds=1)
    first = told.iloc[order[int(enough.argmax())]].ceil("D") if enough.any() else last
    later = rows["as_of"][rows["as_of"] >= first].sort_values()
    if len(later) < periods * LEAST:
        raise LeadReadyError(
            f"there is too little history: {len(later):,} leads were judged after the outcomes of "
            f"the first {FIRST:.0%} were known",
            where="leadready.yaml, outcome.horizon_days",
            hint="give more history or a shorter horizon",
        )
    inner = [later.iloc[len(later) * one // periods].normalize() for one in range(1, periods)]
    return [pd.Timestamp(first), *map(pd.Timestamp, inner), last]


def _try(snapshot: Snapshot, parts: Split, signs: Mapping[str, int], seed: int) -> _Try:
    """Train on the earlier side, and score the later one by model and black box."""
    labelled = snapshot.labelled
    inner = inner_folds(labelled.rows, parts, n=INNER, seed=seed)
    weighed = weighing(snapshot, parts, inner, seed=seed)
    learned = learn(
        labelled.X,
        labelled.y,
        snapshot.learnable,
        parts.train,
        weighed.folds,
        directions=signs,
        sample_weight=weighed.split.weights,
        groups=panel_clusters(labelled.rows),
        seed=seed,
    )
    later = labelled.X[parts.test].reset_index(drop=True)
    p = {
        "model": learned.chosen.probability(later),
        "yardstick": learned.yardstick.probability(later),
    }
    return _Try(weighed.split, type(learned.chosen.estimator), p)


def _at_random(
    snapshot: Snapshot, kind: Callable[[], Any], signs: Mapping[str, int], seed: int
) -> Array:
    """Score every lead by the same kind of model, trained on other leads of all times."""
    labelled = snapshot.labelled
    names = account_or_person(labelled.rows).map(str)
    dealt = names.map(lambda one: int(PARTS * uniform_hash(one, seed))).to_numpy()
    found = np.zeros(len(names))
    for part in range(PARTS):
        train, test = dealt != part, dealt == part
        fitted = kind().fit(
            labelled.X[train].reset_index(drop=True),
            labelled.y[train],
            features=snapshot.learnable,
            directions=signs,
            groups=panel_clusters(labelled.rows[train]),
            seed=seed,
        )
        odds = fitted.log_odds(labelled.X[test].reset_index(drop=True))
        found[test] = 1 / (1 + np.exp(-odds))
    return found


# -- figures ---------------------------------------------------------------------------------------


def _period(labelled: Labelled, one: _Try, seed: int) -> dict[str, Any]:
    return {**_about(labelled, one), **_figures(labelled, [one], {}, seed)}


def _about(labelled: Labelled, one: _Try) -> dict[str, Any]:
    train, test = one.split.train, one.split.test
    days = {"from": one.split.test_from, "until": one.split.test_until}
    return {
        **{key: None if end is None else end.isoformat() for key, end in days.items()},
        "candidate": one.kind.name,
        "n_train": int(train.sum()),
        "won_train": int(labelled.y[train].sum()),
        "n_test": int(test.sum()),
        "won_test": int(labelled.y[test].sum()),
    }


def _pooled(
    labelled: Labelled,
    tries: Sequence[_Try],
    flattered: Array,
    tolerance: Mapping[str, float],
    seed: int,
) -> dict[str, Any]:
    rows = _rows(tries)
    told = _measured(labelled, tries, {"random": flattered[rows]}, seed)
    ahead = {one: told["random"].difference(told["model"], one)._asdict() for one in SHOWN}
    return {
        "pooled": _shown(told["model"]),
        "yardstick": _shown(told["yardstick"]),
        "random": _shown(told["random"]),
        "flatters_by": ahead,
        "gate": calibrated(told["model"], tolerance)._asdict(),
        "n_test": len(rows),
        "won_test": int(labelled.y[rows].sum()),
    }


def _figures(
    labelled: Labelled, tries: Sequence[_Try], more: Mapping[str, Array], seed: int
) -> dict[str, Any]:
    told = _measured(labelled, tries, more, seed)
    return {"metrics": _shown(told["model"]), "yardstick": _shown(told["yardstick"])}


def _measured(
    labelled: Labelled, tries: Sequence[_Try], more: Mapping[str, Array], seed: int
) -> dict[str, Metrics]:
    """Measure on all later leads; resamples draw accounts, with all leads that they have."""
    rows = _rows(tries)
    p = {key: np.concatenate([one.probability[key] for one in tries]) for key in _KEYS}
    each = np.concatenate([np.asarray(one.split.weights)[one.split.test] for one in tries])
    by = account_or_person(labelled.rows.iloc[rows]).to_numpy()
    return measure(labelled.y[rows], {**p, **more}, groups=by, weights=each, seed=seed)


_KEYS = ("model", "yardstick")


def _rows(tries: Sequence[_Try]) -> npt.NDArray[np.intp]:
    return np.concatenate([np.flatnonzero(one.split.test) for one in tries])


def _shown(figures: Metrics) -> dict[str, Any]:
    told = figures.to_json()
    return {one: told[one] for one in SHOWN}


def render(answer: Mapping[str, Any]) -> str:
    """Write the figures for reading."""
    lines = []
    for one in answer["rolling"]:
        lines += [
            f"judged on day {one['days']}: {one['n_test']:,} later leads, {one['won_test']:,} won",
            f"  {'AUC':34}{'model':>24}{'black box':>24}{'predicted / real wins':>24}",
        ]
        for period in one["periods"]:
            name = f"{period['from'][:10]} to {period['until'][:10]}"
            lines.append(_line(name, period["metrics"], period["yardstick"]))
        lines.append(_line("rolling, pooled", one["pooled"], one["yardstick"]))
        lines.append(_line("random split (flatters)", one["random"], None))
        lines.append(f"  {'… by':34}{_cell(one['flatters_by']['auc'], '{:+.3f}'):>24}")
        kind = "outcomes at the extract" if one["own"]["outcomes"] == "at_extract" else "own test"
        lines.append(_line(kind, one["own"]["metrics"], one["own"]["yardstick"]))
        asked = one["gate"]
        lines.append(
            f"{'yes' if asked['passed'] else 'NO ':4} {asked['name']}: {asked['observed']}"
        )
        if not asked["passed"]:
            lines += [f"       required: {asked['required']}", f"       hint: {asked['hint']}"]
        lines.append("")
    return "\n".join(lines).rstrip()


def _line(name: str, model: Mapping[str, Any], black_box: Mapping[str, Any] | None) -> str:
    box = _cell(black_box["auc"], "{:.3f}") if black_box else ""
    wins = _cell(model["expected_wins_ratio"], "{:.2f}")
    return f"  {name:34}{_cell(model['auc'], '{:.3f}'):>24}{box:>24}{wins:>24}"


def _cell(figure: Mapping[str, float | None], form: str) -> str:
    if figure["value"] is None:
        return "–"
    ends = [figure["low"], figure["high"]]
    between = " to ".join(form.format(one) for one in ends) if None not in ends else ""
    return form.format(figure["value"]) + (f" ({between})" if between else "")
