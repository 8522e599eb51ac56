"""The steps of boosting, taken by the compiled core of interpret-core.

Its ``ExplainableBoostingClassifier`` learns the same to the last digit. Around each step of the
core that takes microseconds it makes arrays, reads settings and searches the losses of all recent
steps for the smallest one: where leads are few, that took most of the time of a training. Here what
does not change from step to step is made once.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from model.estimators.boosting_steps import (
    ALL_CATEGORIES,
    CATEGORY_SMOOTHING,
    LEAST_IN_CATEGORY,
    Column,
    Patience,
    Steps,
    compiled_core,
)

Array = npt.NDArray[Any]
GREEDY_ROUNDS = 10  # after each round in which every column is looked at
HELD_OUT = 0.15  # of the leads, to decide when to stop
OBJECTIVE = "log_loss"
LEVEL_ROUNDS, LEVEL_RATE = 100, 0.25  # to find the intercept of the average of all bags


class Effort(NamedTuple):
    """How thoroughly to learn: the steps' size, rounds with random cuts, and when to stop."""

    rate: float
    smoothing: int
    patience: int
    most_rounds: int


class BoostedTables(NamedTuple):
    """What was learned: log-odds for each bin of each column, and the leads in each bin."""

    intercept: float
    log_odds: list[Array]
    bin_weights: list[Array]


def boost_columns(
    columns: Sequence[Column],
    y: Array,
    effort: Effort,
    *,
    bags: int,
    drawn: Array | None = None,
    weights: Array | None = None,
    seed: int = 0,
) -> BoostedTables:
    """Boost each bag and average the bags.

    Parameters
    ----------
    columns : sequence of Column
    y : array of int, shape (n,)
        Outcomes, 1 for won; both occur.
    effort : Effort
    bags : int
        How often to learn.
    drawn : array of int8, shape (n, bags), optional
        For each bag, the leads to learn from (1) and to stop by (-1); by default drawn at random.
    weights : array of shape (n,), optional
        How many leads each one represents.

    Examples
    --------
    >>> codes = np.arange(400) % 8 + 1
    >>> column = Column(codes, 10, nominal=False, direction=0)
    >>> learned = boost_columns([column], (codes > 4).astype(int), Effort(0.1, 5, 5, 100), bags=1)
    >>> bool(learned.log_odds[0][1] < 0 < learned.log_odds[0][8])
    True
    """
    from interpret.glassbox._ebm._utils import process_terms

    outcomes = np.ascontiguousarray(y, dtype=np.int64)
    each = None if weights is None else np.ascontiguousarray(weights, dtype=np.float64)
    dataset = _dataset(columns, outcomes, each)
    intercepts, models, learned_from = np.empty(bags), list[list[Array]](), np.empty(bags)
    random = compiled_core().branch_rng(compiled_core().create_rng(seed))
    for bag, own_random in enumerate(_branches(random, bags)):
        rows = _random_rows(outcomes, own_random) if drawn is None else _contiguous(drawn[:, bag])
        taken = _taken(rows, each)
        learned_from[bag] = len(outcomes) if taken is None else _exact_sum(taken)
        intercepts[bag] = _log_odds_of_wins(outcomes, rows, taken)
        models.append(_boost(dataset, columns, rows, intercepts[bag], effort, own_random))
    bin_weights = [
        np.bincount(column.codes, each, column.size).astype(np.float64) for column in columns
    ]
    stacked = [np.array(tables, dtype=np.float64) for tables in zip(*models, strict=True)]
    intercept, log_odds, _ = process_terms(intercepts, stacked, bin_weights, learned_from)
    odds = np.full(len(outcomes), intercept, dtype=np.float64)
    for column, table in zip(columns, log_odds, strict=True):
        odds += table[column.codes]
    level = float(intercept[0]) + _remaining_level(dataset, odds, random)
    return BoostedTables(level, log_odds, bin_weights)


def _contiguous(rows: Array) -> Array:
    return np.ascontiguousarray(rows, dtype=np.int8)


def _branches(random: Array, bags: int) -> Iterator[Array]:
    """Give each bag random numbers of its own."""
    for _ in range(bags):
        own = compiled_core().branch_rng(random)
        compiled_core().generate_seed(own)
        yield own


def _random_rows(y: Array, random: Array) -> Array | None:
    """Draw the leads to stop by, the same share of both outcomes; None where they are too few."""
    held_out = int(len(y) * HELD_OUT)
    if not held_out:
        return None
    rows: Array = compiled_core().sample_without_replacement_stratified(
        random, 2, len(y) - held_out, held_out, y
    )
    return rows


def _taken(rows: Array | None, weights: Array | None) -> Array | None:
    """How much each lead that a bag learns from counts; None where all leads count the same."""
    if rows is None:
        return weights
    kept = rows > 0
    return (rows[kept] if weights is None else weights[kept] * rows[kept]).astype(np.float64)


def _exact_sum(values: Array) -> float:
    total = np.zeros(1)
    compiled_core().safe_sum(values, total, 0)
    return float(total[0])


def _log_odds_of_wins(y: Array, rows: Array | None, taken: Array | None) -> float:
    from interpret.utils._link import link_func

    leads = np.bincount(y if rows is None else y[rows > 0], taken, 2).astype(np.float64)
    return float(link_func(leads / _exact_sum(leads), "logit"))


def _dataset(columns: Sequence[Column], y: Array, weights: Array | None) -> Array:
    """Write columns, weights and outcomes as the core reads them."""
    core, weighted = compiled_core(), int(weights is not None)
    features = [
        (column.size, not column.codes.all(), False, column.nominal, column.codes)
        for column in columns
    ]
    size = core.measure_dataset_header(len(columns), weighted, 1)
    size += sum(core.measure_feature(*feature) for feature in features)
    size += core.measure_weight(weights) if weighted else 0
    dataset = np.empty(size + core.measure_classification_target(2, y), np.ubyte)
    core.fill_dataset_header(len(columns), weighted, 1, dataset)
    for feature in features:
        core.fill_feature(*feature, dataset)
    if weighted:
        core.fill_weight(weights, dataset)
    core.fill_classification_target(2, y, dataset)
    return dataset


def _booster(
    dataset: Array, terms: int, rows: Array | None, start: float, odds: Array | None, random: Array
) -> Any:
    from interpret.utils._native import Booster, Native

    speed = Native.AccelerationFlags_ALL if terms else Native.AccelerationFlags_NONE
    columns, usual = [(term,) for term in range(terms)], Native.CreateBoosterFlags_Default
    level = np.array([start])
    return Booster(dataset, level, rows, odds, columns, 0, random, usual, OBJECTIVE, speed, None)


def _boost(
    dataset: Array,
    columns: Sequence[Column],
    rows: Array | None,
    intercept: float,
    effort: Effort,
    random: Array,
) -> list[Array]:
    """Learn the tables of a bag.

    After the rounds with random cuts, each column is looked at; then the column that gained most
    when it was last looked at comes first, for some rounds, and so on.
    """
    stops = rows is not None and bool((rows < 0).any())
    with _booster(dataset, len(columns), rows, intercept, None, random) as booster:
        steps = Steps(booster, columns, effort.rate, random)
        patience = Patience(effort.patience * len(columns) if stops else 0)
        for _ in range(min(effort.smoothing, effort.most_rounds)):
            for term in steps.shuffled():
                steps.look(term, random_cuts=True)
                patience.lowest = min(steps.take(), patience.lowest)
        left = (effort.most_rounds - effort.smoothing) * len(columns)
        greedy = ceil(min(GREEDY_ROUNDS, effort.most_rounds) * len(columns))
        while left > 0 and not _greedy_round(steps, patience, min(greedy, left)):
            left -= greedy
        model: list[Array] = booster.get_best_model() if stops else booster.get_current_model()
    return model


def _greedy_round(steps: Steps, patience: Patience, count: int) -> bool:
    """Take so many steps, the most promising first, unless patience ends; say whether it did."""
    looks, best, update = list[tuple[float, int, int]](), None, None
    for term in steps.shuffled():
        look = steps.look(term)
        if best is None or look < best:
            best, update = look, steps.update()
        heapq.heappush(looks, look)
    for step in range(count):
        term = heapq.heappop(looks)[2]
        look = steps.look(term) if step else steps.repeat(best, update)
        heapq.heappush(looks, look)
        if patience.ends(steps.take()):
            return True
    return False


def _remaining_level(dataset: Array, odds: Array, random: Array) -> float:
    """How far all log-odds must be moved to fit the outcomes."""
    from interpret.utils._native import Native

    level = 0.0
    flags = Native.TermBoostFlags_Default
    with _booster(dataset, 0, None, 0.0, odds, random) as booster:
        for _ in range(LEVEL_ROUNDS):
            limits = 0, 0.0, 0.0, 0.0, 0.0, LEAST_IN_CATEGORY, CATEGORY_SMOOTHING
            booster.generate_term_update(
                random, -1, flags, LEVEL_RATE, *limits, *ALL_CATEGORIES, 1, None
            )
            level += float(booster.get_term_update()[0])
            booster.apply_term_update()
    return level
