"""Lines without effect are dropped however many there are; weak effects of many kinds stay."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from model.card.chance_lines import FALSE_CARDS, beyond_chance
from model.card.fine_bins import fine_cuts
from model.estimators.bins import Binning, frequent_categories

N = 1500


def line(name: str, values: pd.Series[float] | pd.Series[str]) -> Binning:
    if values.dtype.kind == "f":
        return Binning(name, cuts=fine_cuts(values.to_numpy()))
    return Binning(name, categories=frequent_categories(values))


def kept(X: pd.DataFrame, y: np.ndarray, groups: np.ndarray | None = None) -> list[str]:
    lines = [line(name, X[name]) for name in X]
    places = beyond_chance(X, y, lines, weights=np.ones(len(y)), groups=groups)
    return [lines[place].feature for place in places]


def drawn(random: np.random.Generator, odds: np.ndarray) -> np.ndarray:
    return np.asarray(random.random(len(odds)) < 1 / (1 + np.exp(-odds)), dtype=float)


def company(random: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    X = pd.DataFrame(
        {
            "size": random.normal(size=N),
            "trade": random.integers(0, 12, N).astype(str),
            "age": random.normal(size=N),
            "visits": random.poisson(0.5, N).astype(float),
        }
    )
    return X, drawn(random, X["size"].to_numpy() - 2)


def test_a_card_has_lines_without_effect_as_rarely_as_promised() -> None:
    random = np.random.default_rng(0)
    found = sum(len(kept(*company(random))) > 1 for _ in range(20))
    assert found <= 3, f"on {found} of 20 cards, {20 * FALSE_CARDS:.0f} expected"


def test_lines_picked_from_many_features_need_more_evidence() -> None:
    random = np.random.default_rng(7)
    X = pd.DataFrame({"size": random.normal(size=N), "age": random.normal(size=N)})
    y = drawn(random, X["size"].to_numpy() - 2.2 + 0.25 * X["age"].to_numpy())
    lines = [line(name, X[name]) for name in X]
    picked = {
        tested: beyond_chance(X, y, lines, weights=np.ones(N), tested=tested) for tested in (2, 40)
    }
    assert picked == {2: [0, 1], 40: [0]}


@pytest.mark.parametrize(
    "effect",
    [
        pytest.param(lambda X: 0.5 * X["age"], id="more of a number is better throughout"),
        pytest.param(lambda X: 2.5 * (X["age"] > 1.8), id="only the largest values are better"),
        pytest.param(lambda X: 2.5 * (X["trade"] == "7"), id="a single value is better"),
        pytest.param(lambda X: 0.2 * X["trade"].astype(int), id="all values differ a little"),
    ],
)
def test_effects_of_every_shape_stay(effect: Callable[[pd.DataFrame], pd.Series]) -> None:
    random = np.random.default_rng(1)
    X, _ = company(random)
    y = drawn(random, X["size"].to_numpy() - 2.5 + effect(X).to_numpy())
    effective = "trade" if effect(X).groupby(X["trade"]).std().max() < 1e-9 else "age"
    assert set(kept(X, y)) == {"size", effective}


def test_accounts_whose_leads_resemble_each_other_are_no_evidence() -> None:
    random = np.random.default_rng(2)
    passed = {"by account": 0, "by lead": 0}
    for _ in range(20):
        accounts = np.repeat(np.arange(150), 10)
        X = pd.DataFrame(
            {"size": random.normal(size=N), "region": random.normal(size=150)[accounts]}
        )
        y = drawn(random, X["size"].to_numpy() - 2 + 2 * random.normal(size=150)[accounts])
        passed["by account"] += "region" in kept(X, y, accounts)
        passed["by lead"] += "region" in kept(X, y)
    assert passed["by account"] <= 2 < passed["by lead"]


def test_lines_that_people_want_stay_and_the_last_one_as_well() -> None:
    X, y = company(np.random.default_rng(4))
    lines = [line(name, X[name]) for name in X]
    places = beyond_chance(X, y, lines, weights=np.ones(N), forced=["trade"])
    assert {lines[place].feature for place in places} == {"size", "trade"}
    assert len(beyond_chance(X, y, lines[1:], weights=np.ones(N))) == 1


def test_weights_count_as_leads() -> None:
    X, y = company(np.random.default_rng(5))
    lines = [line("size", X["size"]), line("trade", X["trade"])]
    double = np.where(X["trade"] == "3", 1 + 20 * y, 1.0)
    assert beyond_chance(X, y, lines, weights=np.ones(N)) == [0]
    assert beyond_chance(X, y, lines, weights=double) == [0, 1]
