"""How far scores move when leads are added, against estimates whose spread is known."""

from __future__ import annotations

import numpy as np
import pytest

from model.training.moves import (
    POINTS,
    REFERENCE,
    Move,
    expected_points,
    move_between,
    reference_rows,
)


def test_a_move_is_the_spread_of_the_differences_in_points() -> None:
    before, after = np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.1, 0.9, 2.1, 2.9])
    move = move_between(before, after, 50, 60)
    assert move.points == pytest.approx(0.1 * POINTS)
    assert move[1:] == (50, 60)
    assert move_between(before, after + 2, 50, 60).points == pytest.approx(move.points), (
        "a level that moves changes every score alike"
    )
    assert move_between(after, before, 50, 60).points == pytest.approx(move.points)
    assert POINTS * np.log(2) == pytest.approx(10), "10 points double the odds"


def test_the_expected_move_is_that_of_estimates_that_learn_from_more_wins() -> None:
    """Means of nested samples stand for log-odds that were learned from more and more wins."""
    random = np.random.default_rng(0)
    wins = [40, 60, 90, 200]
    draws = random.normal(size=(4000, wins[-1])).cumsum(axis=1)
    estimates = [draws[:, n - 1] / n for n in wins]
    moves = [
        move_between(estimates[place], estimates[place + 1], wins[place], wins[place + 1])
        for place in range(3)
    ]
    expected = expected_points(moves[:2], 90, 200)
    assert expected is not None
    assert moves[2].points == pytest.approx(expected, rel=0.03)


def test_the_expected_move_is_the_mean_square_over_folds() -> None:
    moves = [Move(3.0, 50, 100), Move(5.0, 100, 200)]
    rates = [9 / (1 / 50 - 1 / 100), 25 / (1 / 100 - 1 / 200)]
    expected = np.sqrt(np.mean(rates) * (1 / 200 - 1 / 300))
    assert expected_points(moves, 200, 300) == pytest.approx(expected)
    assert expected_points([*moves, Move(9.0, 200, 200)], 200, 300) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("moves", "before", "after"),
    [
        ([], 100, 200),
        ([Move(3.0, 100, 100)], 100, 200),
        ([Move(3.0, 100, 90)], 100, 200),
        ([Move(3.0, 50, 100)], 100, 100),
    ],
)
def test_without_added_wins_nothing_is_expected(moves, before, after) -> None:
    assert expected_points(moves, before, after) is None


@pytest.mark.parametrize("leads", [7, REFERENCE, 3 * REFERENCE + 1])
def test_reference_leads_are_spread_over_those_that_count(leads: int) -> None:
    rows = np.zeros(2 * leads, dtype=bool)
    rows[::2] = True
    places = reference_rows(rows)
    assert len(places) == len(set(places.tolist())) == min(leads, REFERENCE)
    assert rows[places].all()
    assert (places[0], places[-1]) == (0, 2 * leads - 2)
    assert np.ptp(np.diff(places)) <= 2
