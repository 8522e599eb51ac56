"""The level between trainings: it follows what lasts, and few outcomes move it little."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from model.training.calibration import calibration_shift
from model.training.level import (
    LEAST,
    LaterOutcomes,
    LevelState,
    follow_level,
    keep_level,
    level_move,
)


def simulated(n: int, shift: Any = 0.0, seed: int = 0) -> LaterOutcomes:
    """Outcomes of leads whose true log-odds are so much above the predicted ones."""
    random = np.random.default_rng(seed)
    log_odds = -2.2 + random.normal(size=n)
    p = 1 / (1 + np.exp(-(log_odds + shift)))
    return LaterOutcomes(log_odds, (random.random(n) < p).astype(float))


def test_many_outcomes_move_it_to_the_most_likely_level() -> None:
    outcomes = simulated(20_000, 0.5)
    move = level_move(outcomes)
    assert move.shift.value == pytest.approx(
        calibration_shift(outcomes.log_odds, outcomes.y), abs=0.03
    )
    assert move.enough
    assert move.changed
    assert move.better


def test_few_outcomes_move_it_by_less_than_they_say() -> None:
    few = [simulated(60, 0.8, seed) for seed in range(100)]
    most_likely = np.mean([calibration_shift(part.log_odds, part.y) for part in few])
    moved = np.mean([float(level_move(part).shift.value or 0) for part in few])
    assert 0.2 < moved < most_likely - 0.1
    assert widths(level_move(simulated(4_000, 0.5)).shift) < widths(level_move(few[0]).shift)


def widths(interval: Any) -> float:
    return float(interval.high - interval.low)


def test_one_block_with_one_pair_is_the_posterior_of_a_normal_prior() -> None:
    """Against the same posterior on a grid of shifts."""
    outcomes = simulated(100, 0.3, seed=1)
    state = LevelState.at_training().learn(outcomes.log_odds, outcomes.y, np.ones(100))
    shifts = np.linspace(-4, 4, 4001)
    odds = outcomes.log_odds + shifts[:, None]
    log_likelihood = (outcomes.y * odds - np.logaddexp(0, odds)).sum(axis=1)
    for pair in (0, 8, 16):
        spread = float(np.sqrt(LevelState.at_training().variance[pair]))
        log_posterior = log_likelihood - shifts**2 / (2 * spread**2)
        posterior = np.exp(log_posterior - log_posterior.max())
        mode = shifts[posterior.argmax()]
        assert state.mean[pair] == pytest.approx(mode, abs=0.005)
        evidence = np.log(posterior.sum() * (shifts[1] - shifts[0])) + log_posterior.max()
        evidence -= np.log(spread * np.sqrt(2 * np.pi))
        assert state.log_likelihood[pair] == pytest.approx(evidence, abs=0.02)


def test_what_is_not_known_yet_makes_a_shift_smaller() -> None:
    outcomes = simulated(3_000, 0.6)
    now, later, much_later = (
        level_move(outcomes, pending=leads).shift.value for leads in (0, 3_000, 1e9)
    )
    assert now > later > 0
    assert much_later == pytest.approx(0, abs=1e-9)
    assert not level_move(outcomes, pending=1e9).changed


def test_a_state_that_learns_nothing_returns_to_that_of_the_training() -> None:
    state = follow_level(simulated(3_000, 0.6)).state
    long_after, at_training = state.later(1e9), LevelState.at_training()
    assert long_after.mean == pytest.approx(at_training.mean)
    assert long_after.variance == pytest.approx(at_training.variance)
    assert (state.later(100).variance > state.variance).all()


def test_a_level_that_stays_is_not_moved() -> None:
    for seed in range(20):
        outcomes = simulated(3_000, 0.0, seed)
        assert not keep_level(outcomes, np.arange(3_000), np.arange(3_000)).any(), seed


def test_a_level_that_steps_is_followed_and_predicts_better() -> None:
    step = 0.8 * (np.arange(6_000) >= 2_000)
    outcomes = simulated(6_000, step)
    shifts = keep_level(outcomes, np.arange(6_000), np.arange(6_000))
    assert not shifts[:2_000].any()
    assert shifts[-1] == pytest.approx(0.8, abs=0.2)
    later = slice(3_000, None)
    kept, fixed = (
        float((1 / (1 + np.exp(-odds[later]))).sum() / outcomes.y[later].sum())
        for odds in (outcomes.log_odds + shifts, outcomes.log_odds)
    )
    assert abs(kept - 1) < 0.1 < abs(fixed - 1)


def test_no_outcome_counts_before_it_is_known() -> None:
    """Outcomes that become known after a lead's moment change nothing for that lead."""
    outcomes, when = simulated(4_000, 0.8), np.arange(4_000)
    shifts = keep_level(outcomes, when, when + 1_000)
    assert not shifts[:1_000].any()
    first = int(np.flatnonzero(shifts)[0])
    changed = outcomes.y.copy()
    changed[first - 1_000 :] = 1 - changed[first - 1_000 :]
    other = keep_level(LaterOutcomes(outcomes.log_odds, changed), when, when + 1_000)
    assert (other[: first + 1] == shifts[: first + 1]).all()


def test_leads_before_the_first_only_give_outcomes() -> None:
    outcomes, when = simulated(2_000, 0.8), np.arange(2_000)
    shifts = keep_level(outcomes, when, when, first=1_500)
    assert not shifts[:1_500].any()
    assert shifts[1_500] > 0.5


@pytest.mark.parametrize("won", [LEAST - 1, LEAST])
def test_enough_outcomes_of_both_kinds_are_required(won: int) -> None:
    y = np.zeros(1_000)
    y[:won] = 1
    assert level_move(LaterOutcomes(np.full(1_000, -6.0), y)).enough is (won == LEAST)
    assert level_move(LaterOutcomes(np.full(1_000, 6.0), 1 - y)).enough is (won == LEAST)


def test_a_level_in_use_is_compared_with_the_level_now() -> None:
    outcomes = simulated(8_000, 0.5)
    move = level_move(outcomes)
    again = level_move(outcomes, in_use=float(move.shift.value or 0))
    assert move.changed
    assert again.shift == move.shift
    assert again.change.value == pytest.approx(0)
    assert not again.changed


def test_copies_of_a_lead_are_worth_one_and_weights_carry_less() -> None:
    outcomes = simulated(500, 0.4)
    copies = LaterOutcomes(
        np.repeat(outcomes.log_odds, 4), np.repeat(outcomes.y, 4), clusters=np.arange(2_000) // 4
    )
    assert copies.information().sum() == pytest.approx(500, rel=0.01)
    weights = np.tile([1.0, 3.0], 250)
    unequal = LaterOutcomes(outcomes.log_odds, outcomes.y, weights)
    assert unequal.information().sum() == pytest.approx(weights.sum() ** 2 / (weights**2).sum())
    assert widths(level_move(copies).change) > widths(level_move(simulated(2_000, 0.4)).change)
