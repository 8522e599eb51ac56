"""Where model and rules disagree: who is in which group, what distinguishes them, who was right."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.families.feature import Feature
from model.simulation.disagreement import (
    MODEL_ONLY,
    NEITHER,
    RULES_ONLY,
    BlockingCriterion,
    disagreement,
)
from model.simulation.history import History

FEATURES = [
    Feature("region", "region", "firmographic", "category"),
    Feature("visits", "visits", "engagement", "number"),
]


def leads(right: str, seed: int = 0, n: int = 1200) -> tuple[History, pd.DataFrame]:
    """Leads of which mostly those that one side calls ready are won; the model likes the north."""
    rng = np.random.default_rng(seed)
    rules = rng.choice(["ready", "not ready", "never", "unknown"], n, p=[0.35, 0.5, 0.1, 0.05])
    north = rng.random(n) < 0.4
    model = np.where(rng.random(n) < np.where(north, 0.8, 0.1), "ready", "not ready")
    likely = {"model": model, "rules": rules, "neither": np.full(n, "")}[right] == "ready"
    won = (rng.random(n) < np.where(likely, 0.4, 0.1)).astype(float)
    rows = pd.DataFrame(
        {
            "lead_id": range(n),
            "person_id": range(n),
            "account_id": None,
            "as_of": pd.Timestamp("2025-01-01"),
        }
    )
    X = pd.DataFrame(
        {"region": np.where(north, "north", "south"), "visits": rng.poisson(2, n).astype(float)}
    )
    failed = np.where(rules == "ready", "", "right-size")
    scored = pd.DataFrame(
        {"rules_verdict": rules, "model_verdict": model, "failed_criteria": failed}
    )
    return History(rows, X, won, FEATURES), scored


def test_leads_are_counted_by_who_calls_them_ready() -> None:
    history, scored = leads("model")
    found = disagreement(history, scored)
    rules, model = scored["rules_verdict"], scored["model_verdict"]
    only = (rules.isin(["not ready", "never"]) & (model == "ready")).to_numpy()
    group = found.groups[MODEL_ONLY]
    assert group.win_rate.leads == only.sum() > 100
    assert group.win_rate.won == history.won[only].sum()
    assert group.win_rate.rate == pytest.approx(history.won[only].mean())
    assert sum(group.win_rate.leads for group in found.groups.values()) == len(scored)
    apart = only.sum() + found.groups[RULES_ONLY].win_rate.leads
    assert found.share == pytest.approx(apart / len(scored))
    assert group.failed == [BlockingCriterion("right-size", int(only.sum()), 1.0)]


@pytest.mark.parametrize("right", ["model", "rules"])
def test_the_win_rates_show_who_was_right(right: str) -> None:
    found = disagreement(*leads(right))
    assert found.right == right
    assert found.difference is not None
    assert found.difference.low < found.difference.value < found.difference.high


def test_where_chance_could_show_as_much_neither_was_right() -> None:
    right = [disagreement(*leads("neither", seed)).right for seed in range(20)]
    assert right.count("undecided") >= 17


def test_what_distinguishes_them_is_found_with_its_lift() -> None:
    history, scored = leads("model")
    found = disagreement(history, scored)
    (trait,) = found.groups[MODEL_ONLY].traits  # and nothing about visits
    assert (trait.words, trait.label) == ("region", "north")
    rules, model = scored["rules_verdict"], scored["model_verdict"]
    not_ready = rules.isin(["not ready", "never"]).to_numpy()
    north = (history.X["region"] == "north").to_numpy()
    here = not_ready & (model == "ready").to_numpy()
    other = not_ready & (model != "ready").to_numpy()
    assert found.groups[MODEL_ONLY].compared_with == NEITHER
    assert trait.share == pytest.approx(north[here].mean())
    assert trait.lift == pytest.approx(north[here].mean() / north[other].mean())
    assert 1 < trait.low < trait.lift < trait.high


def test_too_few_leads_tell_nothing() -> None:
    found = disagreement(*leads("model", n=60))
    assert found.right == "undecided"
    assert found.groups[MODEL_ONLY].traits == []
