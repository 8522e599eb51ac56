"""Where model and rules part ways: who is in which group, what sets them apart, who was right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.families.feature import Feature
from model.gate_rules import directions_hold
from model.serving import Scorecard
from model.simulation.disagreement import MODEL_ONLY, NEITHER, RULES_ONLY, disagreement, in_words
from model.simulation.history import History
from model.training.expected_directions import unconstrained_curves
from pipelines.definition.simulate import from_table
from pipelines.snapshot import read_snapshot

FEATURES = [
    Feature("region", "region", "firmographic", "category"),
    Feature("visits", "visits", "engagement", "number"),
]


def leads(right: str, seed: int = 0, n: int = 1200) -> tuple[History, pd.DataFrame]:
    """Leads of which those that only one side calls ready are won; the model likes the north."""
    rng = np.random.default_rng(seed)
    rules = rng.choice(["ready", "not ready", "never", "unknown"], n, p=[0.35, 0.5, 0.1, 0.05])
    north = rng.random(n) < 0.4
    model = np.where(rng.random(n) < np.where(north, 0.8, 0.1), "ready", "not ready")
    liked = {"model": model, "rules": rules, "nobody": np.full(n, "")}[right] == "ready"
    won = (rng.random(n) < np.where(liked, 0.4, 0.1)).astype(float)
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
    return from_table(rows, X, won, FEATURES), scored


def test_leads_are_counted_by_who_calls_them_ready() -> None:
    history, scored = leads("model")
    told = disagreement(history, scored)
    rules, model = scored["rules_verdict"], scored["model_verdict"]
    only = (rules.isin(["not ready", "never"]) & (model == "ready")).to_numpy()
    group = told["groups"][MODEL_ONLY]
    assert group["leads"] == only.sum() > 100
    assert group["won"] == history.won[only].sum()
    assert group["rate"] == pytest.approx(history.won[only].mean())
    assert sum(one["leads"] for one in told["groups"].values()) == len(scored)
    both = only.sum() + told["groups"][RULES_ONLY]["leads"]
    assert told["disagree"] == pytest.approx(both / len(scored))
    assert group["failed"] == [{"criterion": "right-size", "leads": int(only.sum()), "share": 1.0}]


@pytest.mark.parametrize("right", ["model", "rules"])
def test_who_was_right_is_told_by_what_became_of_them(right: str) -> None:
    told = disagreement(*leads(right))
    assert told["right"] == right
    assert right in in_words(told)
    assert told["difference"]["low"] < told["difference"]["value"] < told["difference"]["high"]


def test_where_luck_may_do_as_much_nobody_was_right() -> None:
    said = [disagreement(*leads("nobody", seed))["right"] for seed in range(20)]
    assert said.count("cannot be told") >= 17


def test_what_sets_them_apart_is_found_with_its_lift() -> None:
    history, scored = leads("model")
    told = disagreement(history, scored)
    (one,) = told["groups"][MODEL_ONLY]["common"]  # and nothing about visits
    assert (one["words"], one["label"]) == ("region", "north")
    rules, model = scored["rules_verdict"], scored["model_verdict"]
    no = rules.isin(["not ready", "never"]).to_numpy()
    north = (history.X["region"] == "north").to_numpy()
    here, beside = no & (model == "ready").to_numpy(), no & (model != "ready").to_numpy()
    assert told["groups"][MODEL_ONLY]["beside"] == NEITHER
    assert one["share"] == pytest.approx(north[here].mean())
    assert one["lift"] == pytest.approx(north[here].mean() / north[beside].mean())
    assert 1 < one["low"] < one["lift"] < one["high"]


def test_too_few_leads_say_nothing() -> None:
    history, scored = leads("model", n=60)
    told = disagreement(history, scored)
    assert told["right"] == "cannot be told"
    assert "too few" in in_words(told)


# -- the command ----------------------------------------------------------------------------------


def test_only_leads_that_the_champion_never_learnt_from_are_looked_at(
    run: Any, trained: Path, training: dict[str, Any]
) -> None:
    answer = run("agreement", "-w", trained, "--json").json
    begin = training["split"]["test_from"]
    assert answer["from"] >= begin[:10]
    snapshot = read_snapshot(trained)
    later = snapshot.labelled.rows["as_of"] >= pd.Timestamp(begin)
    outcomes = sum(one["known"] for one in answer["groups"].values())
    assert 0 < outcomes <= later.sum()
    assert sum(one["leads"] for one in answer["groups"].values()) == answer["leads"]
    assert answer["judged"] == answer["leads"], "each lead is judged once here"
    said = run("agreement", "-w", trained)
    assert said.code == 0
    assert "none of which the model learnt from" in said.data
    assert "model only (the rules say no, the model yes)" in said.data


def test_without_a_champion_the_hint_says_what_to_do(run: Any, untrained: Path) -> None:
    answer = run("agreement", "-w", untrained)
    assert answer.code == 2
    assert "leadready train" in answer.talk


# -- expected directions that the data contradicts ------------------------------------------------


def card(points: list[float]) -> Scorecard:
    feature = {
        "name": "visits",
        "words": "visits",
        "family": "engagement",
        "kind": "number",
        "cuts": [2.0],
        "points": points,
        "labels": ["unknown", "under 2", "2 or more"],
    }
    return Scorecard.from_dict(
        {
            "format": 1,
            "base_rate": 0.1,
            "intercept": 0.0,
            "ready_at": 55.0,
            "grades": {"A": 6.0, "B": 0.0, "C": -5.0},
            "levels": {"1": 8.0, "2": 1.0, "3": -4.0},
            "features": [feature],
        }
    )


@pytest.mark.parametrize(("slope", "contradicted"), [(-0.5, True), (0.5, False), (0.0, False)])
def test_a_contradicted_direction_is_said_and_does_not_refuse(
    slope: float, contradicted: bool
) -> None:
    rng = np.random.default_rng(5)
    X = pd.DataFrame({"visits": rng.integers(0, 6, 4000).astype(float)})
    y = (rng.random(4000) < 1 / (1 + np.exp(1 - slope * X["visits"]))).astype(float).to_numpy()
    (curve,) = unconstrained_curves(X, y, FEATURES, {"visits": 1})
    assert curve.contradicted == contradicted
    assert np.all(np.array(curve.low) <= curve.points)
    seen = directions_hold(card([0.0, 0.0, 0.0]), {"visits": 1}, [curve])
    assert seen.passed
    assert ("the data points the other way for visits" in seen.observed) == contradicted
    broken = directions_hold(card([0.0, 1.0, -1.0]), {"visits": 1}, [curve])
    assert not broken.passed
