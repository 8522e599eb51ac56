"""The weights of terms on other leads, against plain regressions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from model.card.line_weights import (
    STRONGEST,
    Half,
    conditional_z,
    fitted_log_odds,
    gains_alone,
    table_gain,
)

N = 3000


def half(*strengths: float, seed: int = 0, weights: np.ndarray | None = None) -> Half:
    """Leads whose log-odds are the terms, each times its true strength."""
    random = np.random.default_rng(seed)
    codes = random.integers(0, 4, (N, len(strengths)))
    tables = [np.linspace(-0.6, 0.6, 4)] * len(strengths)
    terms = np.column_stack([table[code] for table, code in zip(tables, codes.T, strict=True)])
    y = (random.random(N) < 1 / (1 + np.exp(1.5 - terms @ np.array(strengths)))).astype(float)
    return Half(codes, tables, y, np.ones(N) if weights is None else weights)


def plain_z(part: Half) -> np.ndarray:
    """The z of a logistic regression on all terms by a general optimiser."""
    design = np.c_[part.contributions, np.ones(N)]

    def loss(x: np.ndarray) -> float:
        odds = design @ x
        return float(part.weights @ (np.logaddexp(0, odds) - part.y * odds))

    x = minimize(loss, np.zeros(design.shape[1]), method="BFGS").x
    p = 1 / (1 + np.exp(-(design @ x)))
    curvature = design.T @ (design * (part.weights * p * (1 - p))[:, None])
    return np.asarray(x / np.sqrt(np.diag(np.linalg.inv(curvature))))[:-1]


@pytest.mark.parametrize("weights", [None, np.tile([0.5, 1.0, 1.5], N // 3)])
def test_the_evidence_is_the_z_of_a_plain_regression(weights: np.ndarray | None) -> None:
    parts = [half(0.6, 0.5, 0.4, seed=seed, weights=weights) for seed in (0, 1)]
    expected = np.mean([plain_z(part) for part in parts], axis=0)
    assert conditional_z(parts, [0, 1, 2], most=3) == pytest.approx(expected, abs=0.02)
    assert expected.max() < STRONGEST


def test_a_term_that_points_the_wrong_way_has_no_evidence() -> None:
    z = conditional_z([half(0.8, -0.8)], [0, 1], most=2)
    assert z[0] > 3
    assert z[1] == 0


def test_evidence_in_a_half_is_limited() -> None:
    assert conditional_z([half(4.0)], [0], most=1)[0] == STRONGEST


def test_no_half_has_more_terms_than_a_card_and_the_strongest_stay() -> None:
    part = half(0.9, 0.2, 0.8, 0.2, 0.7)
    for most in (1, 2, 3):
        kept = np.flatnonzero(conditional_z([part], range(5), most))
        assert len(kept) == most
        assert set(kept) <= {0, 2, 4}


def test_a_forced_term_is_never_left_out_and_counts_among_the_most() -> None:
    part = half(0.9, 0.15, 0.8)
    kept = np.flatnonzero(conditional_z([part], range(3), 2, forced=[1]))
    assert kept.tolist() == [0, 1]
    assert not conditional_z([part], [0, 1], 2)[2], "a term that takes no part has no evidence"


def test_terms_that_do_not_vary_or_halves_with_one_outcome_say_nothing() -> None:
    part = half(0.9, 0.9)
    flat = Half(part.codes, [part.tables[0], np.zeros(4)], part.y, part.weights)
    assert conditional_z([flat], [0, 1], most=2)[1] == 0
    lost = Half(part.codes, part.tables, np.zeros(N), part.weights)
    assert not conditional_z([lost], [0, 1], most=2).any()


def test_gains_alone_are_differences_of_log_likelihood_at_the_best_level() -> None:
    part = half(1.0, 0.0)

    def best(odds: np.ndarray) -> float:
        def loss(shift: np.ndarray) -> float:
            return float((np.logaddexp(0, odds + shift) - part.y * (odds + shift)).sum())

        return float(minimize(loss, [0.0], method="BFGS").fun)

    base = best(np.zeros(N))
    terms = zip(part.tables, part.codes.T, strict=True)
    expected = [base - best(table[code]) for table, code in terms]
    assert gains_alone(part) == pytest.approx(expected, abs=1e-4)
    assert expected[0] > 0 > expected[1], "noise loses on other leads"


def test_a_shift_of_a_table_gains_nothing() -> None:
    part = half(1.0)
    table, code = part.tables[0], part.codes[:, 0]
    gains = [table_gain(table + shift, code, part.y, part.weights) for shift in (0.0, 1.7)]
    assert gains[0] == pytest.approx(gains[1])


def test_fitted_log_odds_are_those_of_a_plain_regression_and_never_turn_a_term_round() -> None:
    part = half(0.8, 0.5, -0.5)
    design = np.c_[part.contributions[:, :2], np.ones(N)]

    def loss(x: np.ndarray) -> float:
        odds = design @ x
        return float((np.logaddexp(0, odds) - part.y * odds).sum())

    odds = fitted_log_odds(part, [0, 1])
    assert odds == pytest.approx(design @ minimize(loss, np.zeros(3), method="BFGS").x, abs=0.01)
    wrong = fitted_log_odds(part, [2])
    assert np.ptp(wrong) == pytest.approx(0)


def test_log_odds_far_from_0_overflow_nowhere() -> None:
    y = np.array([0, 1, 0, 1] * 50)
    extreme = Half(np.c_[y, 1 - y], [np.array([-4e3, 4e3]), np.array([1e3, -1e3])], y, np.ones(200))
    with np.errstate(over="raise", invalid="raise"):
        assert np.isfinite(conditional_z([extreme], [0, 1], most=2, forced=[0])).all()
        assert np.isfinite(gains_alone(extreme)).all()
