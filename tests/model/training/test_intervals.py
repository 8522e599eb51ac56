"""Bootstrap and Wilson intervals, and how clusters widen them."""

from __future__ import annotations

import numpy as np
import pytest

from model.training.intervals import (
    bootstrap_interval,
    clustered_mean,
    design_factor,
    resample_counts,
    win_rate_interval,
)


def test_whole_groups_are_drawn() -> None:
    weights = resample_counts(["a", "b", "a", "b"], 4, 50, seed=1)
    assert (weights[:, 0] == weights[:, 2]).all()
    assert (weights[:, 0] + weights[:, 1] == 2).all()
    assert set(weights[:, 0]) == {0, 1, 2}


def test_an_interval_needs_most_of_the_resamples() -> None:
    assert bootstrap_interval(0.5, np.array([np.nan, np.nan, 0.5])).low is None


def test_wilsons_interval_is_that_of_the_textbook() -> None:
    assert win_rate_interval(0, 20) == pytest.approx((0, 0.1611), abs=1e-4)  # Newcombe 1998
    assert win_rate_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)


def test_single_leads_are_drawn_without_groups() -> None:
    counts = resample_counts(None, 5, 200, seed=0)
    assert (counts.sum(axis=1) == 5).all()
    assert counts.mean(axis=0) == pytest.approx(np.ones(5), abs=0.25)


@pytest.mark.parametrize(
    ("clusters", "factor"), [(None, 1), (["a", "b", "c"], 1), (["a", "a", "a", "b"], 2**0.5)]
)
def test_only_clusters_count(clusters, factor) -> None:
    given = None if clusters is None else np.array(clusters)
    assert design_factor(given) == pytest.approx(factor)


def test_the_mean_of_clusters_is_as_uncertain_as_that_of_their_sums() -> None:
    random = np.random.default_rng(0)
    values, clusters = random.normal(size=3_000), np.arange(3_000) // 3
    alone = clustered_mean(values)
    assert alone.high - alone.low == pytest.approx(2 * 1.96 / np.sqrt(3_000), rel=0.05)
    copies = clustered_mean(np.repeat(values[:1_000], 3), clusters)
    assert copies.high - copies.low == pytest.approx(2 * 1.96 / np.sqrt(1_000), rel=0.05)
    weighted = clustered_mean(np.array([0.0, 1.0]), weights=np.array([1.0, 3.0]))
    assert weighted.value == 0.75
    assert clustered_mean(np.ones(3), np.zeros(3)) == (1.0, None, None)
