"""Missing criteria come from the strong points of a scorecard of the earlier leads alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.families.feature import Feature
from model.proposals.change_test import Look
from model.proposals.from_scorecard import conditions, in_words, learnt, missing
from model.simulation.history import History

SIZE = Feature("employees", "employees", "firmographic", "number", source="Employees")
REGION = Feature("region", "region", "firmographic", "category", source="Region")
DAYS = Feature("days", "days since the last visit", "engagement", "number", source="visits")
DICE = Feature("dice", "dice", "origin", "number", source="Dice")
FEATURES = [SIZE, REGION, DAYS, DICE]
AGREED = {
    "version": 1,
    "ready_when": {"all": [{"id": "right-size", "feature": "employees", "at_least": 50}]},
}


def history(n: int = 4000, seed: int = 0) -> History:
    """Leads that are won where they visited within 20 days, and are not in the south."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "employees": rng.integers(1, 200, n).astype(float),
            "region": rng.choice(["north", "south", "east"], n),
            "days": rng.exponential(20, n).round(),
            "dice": rng.integers(1, 7, n).astype(float),
        }
    )
    odds = (
        -3 + 1.5 * (X["employees"] >= 50) + 1.5 * (X["days"] <= 20) - 2 * (X["region"] == "south")
    )
    won = (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(float)
    rows = pd.DataFrame(
        {"lead_id": range(n), "person_id": range(n), "account_id": None, "as_of": pd.NaT}
    )
    nothing = np.full(n, None, dtype=object)
    return History(rows, X, won.to_numpy(float), nothing, nothing, FEATURES)


@pytest.fixture(scope="module")
def seen() -> tuple[Look, Any]:
    leads = history()
    return Look(leads, AGREED), learnt(leads)


def test_what_stands_out_is_tried_and_nothing_else(seen: tuple[Look, Any]) -> None:
    look, card = seen
    found = {one.about: one.best(look) for one in missing(look, card)}
    assert set(found) == {"days since the last visit", "region"}  # no dice, and no employees
    assert found["region"]["criterion"]["none_of"] == ["south"]
    assert 16 <= found["days since the last visit"]["criterion"]["at_most"] <= 24


def test_a_number_is_cut_on_the_side_that_is_worth_less(seen: tuple[Look, Any]) -> None:
    look, card = seen
    tables = {one["name"]: one for one in card["features"]}
    assert all("at_most" in one for one in conditions(DAYS, tables["days"], look))
    assert all("at_least" in one for one in conditions(SIZE, tables["employees"], look))
    halfway = {**tables["days"], "cuts": [one + 0.5 for one in tables["days"]["cuts"]]}
    assert all(float(one["at_most"]).is_integer() for one in conditions(DAYS, halfway, look))


def test_what_is_hardly_below_the_average_is_not_asked(seen: tuple[Look, Any]) -> None:
    look, card = seen
    table = next(one for one in card["features"] if one["name"] == "days")
    traces = {**table, "points": [one / 100 for one in table["points"]]}
    assert conditions(DAYS, table, look)
    assert conditions(DAYS, traces, look) == []


def test_windows_of_one_kind_of_event_are_one_thing_tried() -> None:
    leads = history()
    twin = Feature("days_too", "days, told again", "engagement", "number", source="visits")
    both = History(
        leads.rows,
        leads.X.assign(days_too=leads.X["days"]),
        leads.won,
        leads.why,
        leads.reason,
        [*FEATURES, twin],
    )
    assert len(missing(Look(both, AGREED), learnt(both))) == 2


def test_leads_that_all_ended_alike_teach_nothing() -> None:
    leads = history(300)
    none_won = History(leads.rows, leads.X, np.zeros(300), leads.why, leads.reason, FEATURES)
    card = learnt(none_won)
    assert missing(Look(none_won, AGREED), card) == []
    assert in_words(card, "days", "days").endswith("is worth nothing")


def test_leads_are_learnt_from_as_they_are_weighed() -> None:
    leads = history()
    south = (leads.X["region"] == "south").to_numpy()
    weights = np.where(south & (leads.won == 1), np.exp(2.0), 1.0)  # as if the south were no worse
    weighed = History(leads.rows, leads.X, leads.won, leads.why, leads.reason, FEATURES, weights)
    look, tables = Look(weighed, AGREED), {one["name"]: one for one in learnt(weighed)["features"]}
    assert not any("south" in one["none_of"] for one in conditions(REGION, tables["region"], look))
