"""Which features become lines: planted ones do, null ones do not, and one of those that agree."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.families.feature import Feature
from model.card.choose_lines import LEAST_EVIDENCE, LineChoice, choose_lines
from model.card.fine_bins import card_binnings
from model.estimators.bins import Binning

N = 1500


def leads(n: int = N, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Leads that are won by their size and demo requests of the last 30 days."""
    random = np.random.default_rng(seed)
    demos = random.poisson([0.4, 0.6, 0.8], (n, 3)).cumsum(axis=1).astype(float)
    X = pd.DataFrame(
        {
            "size": random.normal(size=n),
            "demo_7d": demos[:, 0],
            "demo_30d": demos[:, 1],
            "demo_ever": demos[:, 2],
            "noise": random.normal(size=n),
            "more_noise": random.normal(size=n),
        }
    )
    odds = -1.5 + 0.9 * X["size"] + 0.7 * np.minimum(demos[:, 1], 3)
    return X, (random.random(n) < 1 / (1 + np.exp(-odds))).astype(float)


def choose(X: pd.DataFrame, y: np.ndarray, *names: str, most: int = 5, **how: Any) -> LineChoice:
    features = [Feature(name, name, "engagement", "number") for name in names or X]
    binnings = card_binnings(X, y, features)
    return choose_lines(X, y, binnings, {}, most=most, **{"splits": 3, **how})


def evidence(choice: LineChoice, name: str) -> float:
    """The z of a line; 0 where the feature is none."""
    return {line.feature: line.z for line in choice.lines}.get(name, 0.0)


def names_of(choice: LineChoice) -> list[str]:
    return [line.feature for line in choice.lines]


@pytest.mark.parametrize("seed", range(3))
def test_planted_features_become_lines_and_null_ones_do_not(seed: int) -> None:
    X, y = leads(seed=seed)
    choice = choose(X, y)
    assert set(names_of(choice)) == {"size", "demo_30d"}
    z = [line.z for line in choice.lines]
    assert z == sorted(z, reverse=True)
    assert min(z) > LEAST_EVIDENCE


def test_of_the_windows_of_one_kind_of_event_only_the_best_takes_part() -> None:
    X, y = leads()
    X["days_since_last_demo"] = np.where(X["demo_30d"] > 0, 30 - 5 * X["demo_30d"], np.nan)
    chosen = names_of(choose(X, y))
    assert len([name for name in chosen if "demo" in name]) == 1
    assert "demo_7d" in names_of(choose(X, y, "size", "demo_7d", "demo_ever", must=["demo_7d"]))


def test_what_people_want_is_always_on_the_card() -> None:
    X, y = leads()
    for most in (1, 5):
        assert "noise" in names_of(choose(X, y, most=most, must=["noise"]))
    chosen = names_of(choose(X, y, must=["demo_7d", "demo_ever"]))
    assert {"demo_7d", "demo_ever"} <= set(chosen), "people may want two windows of a kind"
    assert "demo_30d" not in chosen


def test_of_two_columns_that_say_the_same_the_first_stays() -> None:
    X, y = leads(4000)
    X["double"] = 10 * X["size"]
    assert {"size", "double"} & set(names_of(choose(X, y, "size", "double", "noise"))) == {"size"}
    assert {"size", "double"} & set(names_of(choose(X, y, "double", "size"))) == {"double"}
    assert "double" in names_of(choose(X, y, "size", "double", must=["double"]))
    assert names_of(choose(X, y, "size", "double", must=["double"])) == ["double"]


def test_of_columns_with_equal_values_under_other_names_the_first_takes_part() -> None:
    X, y = leads()
    X["class"] = pd.cut(X["size"], [-9, -0.5, 0.5, 9], labels=["S", "M", "L"]).astype(str)
    X["klasse"] = X["class"].map({"S": "klein", "M": "mittel", "L": "gross"})
    binnings = [
        Binning("class", categories=("S", "M", "L")),
        Binning("noise", cuts=np.array([0.0])),
    ]
    binnings.append(Binning("klasse", categories=("klein", "mittel", "gross")))
    for order, must, kept in (
        ((0, 1, 2), (), "class"),
        ((2, 1, 0), (), "klasse"),
        ((0, 1, 2), ("klasse",), "klasse"),
    ):
        choice = choose_lines(X, y, [binnings[at] for at in order], {}, most=5, must=must, splits=3)
        assert names_of(choice) == [kept]


def test_a_plain_column_gives_way_to_one_that_says_clearly_more() -> None:
    X, y = leads(4000)
    rough = X["size"] + np.random.default_rng(5).normal(0, 0.15, len(X))
    sharper = X.assign(rough=np.where(X["size"] > 1.3, 0.0, rough))
    assert "size" in names_of(choose(sharper, y, "rough", "size"))


def test_a_card_has_at_most_so_many_lines() -> None:
    X, y = leads()
    assert names_of(choose(X, y, most=1)) == ["size"]
    assert choose_lines(X, y, [], {}, most=5) == LineChoice([], [], None)


def test_leads_of_a_group_stay_in_one_half() -> None:
    """A value that only marks the lead predicts its copies, and nothing else."""
    random = np.random.default_rng(0)
    marks, won = random.normal(size=100), random.random(100) < 0.4
    again = np.repeat(np.arange(100), 12)
    X, y = pd.DataFrame({"mark": marks[again]}), won[again].astype(float)
    assert evidence(choose(X, y, splits=4), "mark") > 4
    assert evidence(choose(X, y, splits=4, groups=again), "mark") < LEAST_EVIDENCE


def test_weights_count() -> None:
    """Where the leads that size speaks for count almost nothing, it is no line."""
    X, y = leads()
    calls = np.random.default_rng(3).random(N) < 0.5
    y = np.where(calls, np.random.default_rng(4).permutation(y), y)
    light = np.where(calls, 1.0, 1e-3)
    assert evidence(choose(X, y, "size"), "size") > 3
    assert evidence(choose(X, y, "size", weights=light), "size") < LEAST_EVIDENCE


def test_alternatives_are_looked_for_on_request() -> None:
    X, y = leads()
    X["size_index"] = X["size"] + np.random.default_rng(1).normal(0, 0.6, N)
    without = choose(X, y)
    assert (without.swaps, without.needed) == ([], None)
    found = choose(X, y, alternatives=True)
    assert found.lines == without.lines
    assert found.needed == 2
    assert all(swap.without in names_of(found) for swap in found.swaps)
    assert not {swap.use for swap in found.swaps} & set(names_of(found))


def test_the_choice_depends_on_the_seed_alone() -> None:
    X, y = leads()
    first, second = choose(X, y, seed=3), choose(X, y, seed=3)
    assert first == second
    assert choose(X, y, seed=4) != first
