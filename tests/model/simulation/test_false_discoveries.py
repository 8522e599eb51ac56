"""The procedure of Benjamini and Hochberg, against its definition."""

from __future__ import annotations

import numpy as np
import pytest

from model.simulation.false_discoveries import (
    adjusted_p_values,
    discoveries,
    weighted_p_values,
)


def test_discoveries_are_those_of_the_procedure_as_published() -> None:
    rng = np.random.default_rng(2)
    for _ in range(50):
        p = np.concatenate([rng.random(30), rng.random(5) / 500])
        ordered = sorted(p)
        last = max((k for k in range(1, 36) if ordered[k - 1] <= 0.05 * k / 35), default=0)
        selected = discoveries(p, 0.05)
        assert sorted(p[selected]) == pytest.approx(ordered[:last])
        assert set(np.flatnonzero(adjusted_p_values(p) <= 0.05)) == set(selected)


def test_tests_without_weight_leave_their_share_to_the_others() -> None:
    p = np.array([0.001, 0.2, 0.03, 1.0])
    assert weighted_p_values(p, [1, 1, 1, 1]) == pytest.approx(p)
    assert weighted_p_values(p, [1, 0, 1, 0]) == pytest.approx([0.0005, 1, 0.015, 1])
