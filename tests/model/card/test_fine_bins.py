"""Fine bins: which values may become rows of a card, and which columns only tell the time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.families.feature import Feature
from model.card.fine_bins import LEAST_LEADS, card_binnings, clock_features, fine_cuts
from model.estimators.bins import rare_below

N = 3000
SOURCE = Feature("source", "source", "origin", "category")
SIZE = Feature("size", "size", "firmographic", "number")


def categories_of(values: list[str], y: np.ndarray, order: np.ndarray | None = None) -> set[str]:
    X = pd.DataFrame({"source": np.array(values, object)})
    return {
        name
        for binning in card_binnings(X, y, [SOURCE], order=order)
        for name in binning.categories or ()
    }


def with_rare(leads: int, won: int, *, dated: bool = True) -> set[str]:
    """The categories kept where "rare" has so many leads, and 300 of the 3,000 leads were won."""
    values = ["rare"] * leads + ["web", "fair"] * ((N - leads) // 2) + ["web"] * (leads % 2)
    y = np.zeros(N)
    y[:won] = 1
    y[-300 + won :] = 1
    order = np.random.default_rng(0).permutation(N) if dated else None
    return categories_of(values, y, order)


def test_a_rare_value_stays_if_its_evidence_is_strong() -> None:
    assert rare_below(N) == 30
    assert "rare" in with_rare(15, won=9)  # 1.5 are expected: z is 6.5
    assert "rare" not in with_rare(15, won=4), "z is 2.2, which may be chance"
    assert "rare" not in with_rare(LEAST_LEADS - 1, won=LEAST_LEADS - 1), "too few leads"
    assert "rare" in with_rare(30, won=3), "frequent enough without evidence"


def test_rare_values_stay_where_leads_have_no_dates() -> None:
    assert "rare" in with_rare(LEAST_LEADS, won=1, dated=False)
    assert "rare" not in with_rare(LEAST_LEADS - 1, won=1, dated=False)


def test_weights_count_in_the_evidence() -> None:
    values = np.array(["rare"] * 15 + ["web"] * (N - 15), object)
    X, y = pd.DataFrame({"source": values}), (np.arange(N) % 10 == 0).astype(float)
    y[:9] = 1
    light = np.where(np.arange(N) < 15, 0.05, 1.0)
    order = np.random.default_rng(0).permutation(N)
    kept = [
        card_binnings(X, y, [SOURCE], weights=weights, order=order) for weights in (None, light)
    ]
    assert [len(binning) for binning in kept] == [1, 1]
    assert [binning[0].categories for binning in kept] == [("web", "rare"), ("web",)]


def test_values_that_do_not_come_again_are_dropped() -> None:
    place = np.arange(N)
    campaign = np.where(place % 4 == 0, "newsletter", [f"campaign {at // 250}" for at in place])
    y, mixed = place % 7 == 0, np.random.default_rng(0).permutation(N)
    assert categories_of(campaign, y, order=place) == {"newsletter"}
    assert categories_of(campaign[mixed], y, order=mixed) == {"newsletter"}, "by time, not by row"
    assert len(categories_of(campaign, y)) == 13, "without an order nothing is known of it"


def test_a_column_whose_values_stay_keeps_those_of_the_last_period() -> None:
    """A source that began lately may come again; one that ended does not."""
    place = np.arange(N)
    source = np.select([place < 300, place >= N - 300], ["ended", "new"], "web")
    assert categories_of(source, place % 7 == 0, order=place) == {"new", "web"}


def test_campaigns_among_sources_that_stay_are_dropped() -> None:
    """A fifth of the leads come from a campaign of their quarter, whose name never comes again."""
    place = np.arange(800)
    campaign = np.char.add("2025-Q", (place // 100).astype(str))
    source = pd.Series(np.where(place % 5 == 0, campaign, np.where(place % 2, "web", "fair")))
    feature = Feature("source", "source", "origin", "category")
    (binning,) = card_binnings(
        pd.DataFrame({"source": source}), place % 3 == 0, [feature], order=place
    )
    assert set(binning.categories) == {"web", "fair"}
    partner = source.where(~((place >= 200) & (place % 5 == 0)), "partner")
    (binning,) = card_binnings(
        pd.DataFrame({"source": partner}), place % 3 == 0, [feature], order=place
    )
    assert set(binning.categories) == {"web", "fair", "partner"}, "a new source that stays"


def test_tails_are_cut() -> None:
    """A zero that 1.5% of the leads have stands alone, and so do the largest 2%."""
    values = np.r_[np.zeros(45), np.arange(1.0, N - 44)]
    cuts = fine_cuts(values)
    assert cuts[0] == 1
    assert (values >= cuts[-1]).mean() < 0.02


@pytest.mark.parametrize("seed", range(5))
def test_every_bin_has_enough_leads(seed: int) -> None:
    random = np.random.default_rng(seed)
    leads = int(random.integers(200, 5000))
    values = np.round(random.lognormal(1, 1.5, leads), int(random.integers(0, 3)))
    values[random.random(leads) < 0.2] = np.nan
    cuts = fine_cuts(values)
    counts = np.histogram(values[np.isfinite(values)], np.r_[-np.inf, cuts, np.inf])[0]
    assert len(cuts) > 3
    assert counts.min() >= max(LEAST_LEADS, rare_below(leads) // 3)


@pytest.mark.parametrize("values", [[np.nan] * 50, [3.0] * 50, [1.0] * 45 + [2.0] * 5])
def test_a_number_that_hardly_varies_is_dropped(values: list[float]) -> None:
    X = pd.DataFrame({"size": values})
    assert card_binnings(X, np.arange(50) % 2, [SIZE]) == []


def test_clocks_are_numbers_whose_values_lie_between_blocks_of_time() -> None:
    random, place = np.random.default_rng(1), np.arange(N)
    X = pd.DataFrame(
        {
            "index": np.repeat(random.normal(size=20), N // 20),
            "counter": place.astype(float),
            "trend": place / N + random.normal(size=N),  # a tenth of the variance is time
            "visits": random.poisson(2, N).astype(float),
            "constant": 1.0,
            "quarter": (place * 8 // N).astype(str),
        }
    )
    numbers = [Feature(name, name, "engagement", "number") for name in X.columns[:-1]]
    features = [*numbers, Feature("quarter", "quarter", "origin", "category")]
    found = clock_features(X, features, place)
    assert [feature.name for feature in found] == ["index", "counter"]
    mixed = random.permutation(N)
    found = clock_features(X.iloc[mixed].reset_index(drop=True), features, mixed)
    assert [feature.name for feature in found] == ["index", "counter"], "by time, not by row"
