"""Standard errors that allow for similar leads of one account, against a resampling of accounts."""

from __future__ import annotations

import numpy as np
import pytest

from model.simulation.clustered_rates import contrast, value_shares


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


def test_the_shares_of_all_values_are_those_of_each_by_itself() -> None:
    rng = np.random.default_rng(2)
    accounts, band = rng.integers(0, 90, 400), rng.integers(0, 4, 400)
    band[accounts < 30] = 1  # accounts of one value only
    everyone = np.ones(400, dtype=bool)
    alone = [contrast((band == value) * 1.0, [(everyone, 1.0)], accounts)[:2] for value in range(5)]
    shares, errors = value_shares(band, 5, accounts)
    np.testing.assert_allclose(np.transpose([shares, errors]), alone, rtol=1e-12)
