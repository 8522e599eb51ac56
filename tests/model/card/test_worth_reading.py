"""Lines that add nothing on other leads are not worth reading."""

from __future__ import annotations

import numpy as np

from model.card.line_weights import Half
from model.card.swaps import worth_reading


def half(seed: int) -> Half:
    """Leads with two planted features and one that says nothing."""
    random = np.random.default_rng(seed)
    codes = random.integers(0, 2, (4000, 3))
    tables = [np.array([-1.0, 1.0]), np.array([-0.5, 0.5]), np.array([-0.1, 0.1])]
    odds = tables[0][codes[:, 0]] + tables[1][codes[:, 1]]
    y = (random.random(4000) < 1 / (1 + np.exp(-odds))).astype(float)
    return Half(codes, tables, y, np.ones(4000))


HALVES = [half(seed) for seed in range(4)]


def test_a_line_that_adds_nothing_goes_and_the_others_stay() -> None:
    assert worth_reading(HALVES, [0, 1, 2]) == [0, 1]


def test_a_line_that_people_chose_stays() -> None:
    assert worth_reading(HALVES, [0, 1, 2], forced=[2]) == [0, 1, 2]


def test_one_line_is_always_left() -> None:
    assert worth_reading(HALVES, [2]) == [2]
