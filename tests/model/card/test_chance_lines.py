"""Lines without effect are dropped however many there are; weak effects of many kinds stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from model.card import chance_lines
from model.card.chance_lines import beyond_chance
from model.card.fine_bins import fine_cuts
from model.estimators.bins import Binning, frequent_categories

N = 1500


def line(name: str, values: pd.Series[float] | pd.Series[str]) -> Binning:
    if values.dtype.kind == "f":
        return Binning(name, cuts=fine_cuts(values.to_numpy()))
    return Binning(name, categories=frequent_categories(values))


def kept(X: pd.DataFrame, y: np.ndarray, groups: np.ndarray | None = None) -> list[str]:
    lines = [line(name, X[name]) for name in X]
    places = lines_beyond_chance(lines, X, y, groups=groups)
    return [lines[place].feature for place in places]


def lines_beyond_chance(
    lines: list[Binning], X: pd.DataFrame, y: np.ndarray, **how: Any
) -> list[int]:
    every = {"likely": range(len(lines)), "most": len(lines), "weights": np.ones(len(y))}
    return beyond_chance(X, y, lines, **every | how)


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


def test_a_card_seldom_has_lines_without_effect() -> None:
    random = np.random.default_rng(0)
    found = sum(len(kept(*company(random))) > 1 for _ in range(12))
    assert found <= 1, f"on {found} of 12 cards"


def test_a_weak_line_needs_more_evidence_among_many_that_look_like_chance() -> None:
    random = np.random.default_rng(7)
    X = pd.DataFrame({"size": random.normal(size=N), "age": random.normal(size=N)})
    y = drawn(random, X["size"].to_numpy() - 2.2 + 0.25 * X["age"].to_numpy())
    noise = pd.DataFrame(random.normal(size=(N, 12))).add_prefix("noise")
    assert kept(X, y) == ["size", "age"]
    assert kept(pd.concat([X, noise], axis=1), y) == ["size"]


def test_a_line_that_was_not_likely_is_added_where_all_leads_show_it() -> None:
    X, _ = company(np.random.default_rng(8))
    y = drawn(np.random.default_rng(9), X["size"].to_numpy() - 2 + 0.8 * X["age"].to_numpy())
    lines = [line(name, X[name]) for name in X]
    assert lines_beyond_chance(lines, X, y, likely=[0]) == [0, list(X).index("age")]
    assert lines_beyond_chance(lines, X, y, likely=[0], most=1) == [0]
    assert lines_beyond_chance(lines, X, y, likely=[0], further=False) == [0]


def test_a_line_that_only_shows_next_to_another_is_added() -> None:
    """A large price wins nothing and a large size little: a large price for the size loses."""
    random = np.random.default_rng(10)
    size = random.normal(size=N)
    price = size + 0.4 * random.normal(size=N)
    X = pd.DataFrame({"price": price, "size": size})
    y = drawn(random, 2.5 * size - 2.5 * price - 1)
    assert set(lines_beyond_chance([line(name, X[name]) for name in X], X, y, likely=[0])) == {0, 1}


def test_a_feature_that_surely_tells_something_alone_needs_less_evidence_next_to_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Noisy measurements of the same thing: where leads have no dates, one more is a line."""
    random = np.random.default_rng(3)
    cause = random.normal(size=N)
    X = pd.DataFrame({name: cause + 2 * random.normal(size=N) for name in "abcdef"})
    y = drawn(random, 1.2 * cause - 2)
    lines = [line(name, X[name]) for name in X]
    found = lines_beyond_chance(lines, X, y)
    assert len(found) > len(lines_beyond_chance(lines, X, y, further=False))
    monkeypatch.setattr(chance_lines, "SURE", -1.0)
    assert len(found) > len(lines_beyond_chance(lines, X, y))


def test_a_line_is_tried_again_next_to_one_that_it_is_related_to() -> None:
    """The size says nothing until the price is a line, and then much."""
    for seed in range(4):
        random = np.random.default_rng(seed)
        size, age = random.normal(size=(2, N))
        X = pd.DataFrame({"age": age, "price": size + 0.5 * random.normal(size=N), "size": size})
        y = drawn(random, age + 2 * (size - X["price"].to_numpy()) - 2)
        lines = [line(name, X[name]) for name in X]
        assert set(lines_beyond_chance(lines, X, y, likely=[0])) == {0, 1, 2}, f"seed {seed}"


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
    for _ in range(8):
        accounts = np.repeat(np.arange(150), 10)
        X = pd.DataFrame(
            {"size": random.normal(size=N), "region": random.normal(size=150)[accounts]}
        )
        y = drawn(random, X["size"].to_numpy() - 2 + 2 * random.normal(size=150)[accounts])
        passed["by account"] += "region" in kept(X, y, accounts)
        passed["by lead"] += "region" in kept(X, y)
    assert passed["by account"] <= 1 < 2 < passed["by lead"]


def test_lines_that_people_want_stay_and_the_last_one_as_well() -> None:
    X, y = company(np.random.default_rng(4))
    lines = [line(name, X[name]) for name in X]
    places = lines_beyond_chance(lines, X, y, forced=["trade"])
    assert {lines[place].feature for place in places} == {"size", "trade"}
    assert len(lines_beyond_chance(lines[1:], X, y)) == 1


def test_weights_count_as_leads() -> None:
    X, y = company(np.random.default_rng(5))
    lines = [line("size", X["size"]), line("trade", X["trade"])]
    double = np.where(X["trade"] == "3", 1 + 20 * y, 1.0)
    assert lines_beyond_chance(lines, X, y) == [0]
    assert lines_beyond_chance(lines, X, y, weights=double) == [0, 1]
