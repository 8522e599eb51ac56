"""Standard errors that allow for similar leads of one account, against a resampling of accounts."""

from __future__ import annotations

import numpy as np
import pytest

from model.simulation.clustered_rates import contrast


def test_the_clustered_error_is_that_of_a_resampling_of_accounts() -> None:
    rng, accounts = np.random.default_rng(1), np.repeat(np.arange(200), 4)
    of_account = rng.normal(0, 1.2, 200)[accounts]
    won = (rng.random(800) < 1 / (1 + np.exp(-of_account))).astype(float)
    here = rng.random(800) < 0.5
    _, error, _ = contrast(won, [(here, 1.0), (~here, -1.0)], accounts)
    drawn = []
    for _ in range(800):
        weight = np.bincount(rng.integers(0, 200, 200), minlength=200)[accounts]
        drawn.append(
            np.average(won[here], weights=weight[here])
            - np.average(won[~here], weights=weight[~here])
        )
    assert error == pytest.approx(np.std(drawn), rel=0.12)


def test_a_lead_of_weight_two_counts_as_two_leads() -> None:
    won, accounts = np.array([1.0, 0, 1, 0, 0]), np.arange(5)
    weights = np.array([2.0, 1, 1, 1, 1])
    repeated = np.array([0, 0, 1, 2, 3, 4])
    everyone = np.ones(5, dtype=bool)
    weighted = contrast(won, [(everyone, 1.0)], accounts, weights)
    twice = contrast(won[repeated], [(everyone[repeated], 1.0)], accounts[repeated])
    assert weighted.value == pytest.approx(twice.value)
    assert weighted.freedom == pytest.approx(twice.freedom)


def test_no_small_group_looks_certain() -> None:
    all_won = np.ones(3, dtype=bool)
    assert contrast(np.ones(3), [(all_won, 1.0)], np.arange(3)).error > 0.2
