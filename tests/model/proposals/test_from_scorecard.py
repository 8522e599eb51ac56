"""Missing criteria come from the strong points of a scorecard of the earlier leads alone."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from features.families.feature import Feature
from model.proposals.change_test import JudgedHalf
from model.proposals.from_scorecard import (
    Card,
    conditions_from_points,
    learn_card,
    missing_criterion_questions,
    worth_text,
)
from model.proposals.question import NEW
from model.serving import Criterion, Definition
from model.simulation.history import History

SIZE = Feature("employees", "employees", "firmographic", "number", source="Employees")
REGION = Feature("region", "region", "firmographic", "category", source="Region")
DAYS = Feature("days", "days since the last visit", "engagement", "number", source="visits")
DICE = Feature("dice", "dice", "origin", "number", source="Dice")
AGREED = Definition.from_dict(
    {
        "version": 1,
        "ready_when": {"all": [{"id": "right-size", "feature": "employees", "at_least": 50}]},
    }
)


def simulated_leads(n: int = 4000, seed: int = 0) -> History:
    """Leads that are won if they visited within 20 days, and less often in the south."""
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
    return History(rows, X, won.to_numpy(float), [SIZE, REGION, DAYS, DICE])


class Learned(NamedTuple):
    """The leads, and the scorecard learned from them."""

    half: JudgedHalf
    card: Card

    def line(self, feature: str) -> Card:
        """The line of a feature in the scorecard."""
        return next(line for line in self.card["lines"] if line["name"] == feature)


@pytest.fixture(scope="module")
def learned() -> Learned:
    history = simulated_leads()
    return Learned(JudgedHalf(history, AGREED), learn_card(history))


def test_only_what_stands_out_is_tried(learned: Learned) -> None:
    questions = missing_criterion_questions(*learned)
    edits = {question.about: question.best_edit(learned.half) for question in questions}
    assert set(edits) == {"days since the last visit", "region"}  # no dice, and no employees
    assert edits["region"].criterion == Criterion(NEW, "region", "none_of", ("south",))
    assert 16 <= edits["days since the last visit"].criterion.operand <= 24


def test_a_number_is_cut_on_the_side_with_fewer_points(learned: Learned) -> None:
    days, size = learned.line("days"), learned.line("employees")
    recent = conditions_from_points(DAYS, days, learned.half)
    assert {condition.operator for condition in recent} == {"at_most"}
    large = conditions_from_points(SIZE, size, learned.half)
    assert {condition.operator for condition in large} == {"at_least"}
    between = {**days, "cuts": [cut + 0.5 for cut in days["cuts"]]}
    whole = conditions_from_points(DAYS, between, learned.half)
    assert all(float(condition.operand).is_integer() for condition in whole)


def test_the_lowest_categories_are_excluded_first_whatever_row_they_share(learned: Learned) -> None:
    line = {
        **{"categories": [["north"], ["east", "west"], ["south"]], "points": [0, 0, 5, -4, -9]},
        "counts": [0, 0, 90, 90, 90],
    }
    conditions = conditions_from_points(REGION, line, learned.half)
    assert [condition.operand for condition in conditions] == [
        ("south",),
        ("east", "south"),
        ("east", "south", "west"),
    ]


def test_values_barely_below_the_average_are_not_tried(learned: Learned) -> None:
    line = learned.line("days")
    traces = {**line, "points": [points / 100 for points in line["points"]]}
    assert conditions_from_points(DAYS, line, learned.half)
    assert conditions_from_points(DAYS, traces, learned.half) == []


def test_windows_of_one_kind_of_event_are_one_question() -> None:
    history = simulated_leads()
    twin = Feature("days_too", "days, once more", "engagement", "number", source="visits")
    X = history.X.assign(days_too=history.X["days"])
    both = replace(history, X=X, features=[*history.features, twin])
    assert len(missing_criterion_questions(JudgedHalf(both, AGREED), learn_card(both))) == 2


def test_leads_that_all_ended_alike_teach_nothing() -> None:
    none_won = replace(simulated_leads(300), won=np.zeros(300))
    card = learn_card(none_won)
    assert missing_criterion_questions(JudgedHalf(none_won, AGREED), card) == []
    assert worth_text(card, "days", "days").endswith("is worth nothing")


def test_the_scorecard_is_learned_from_weighted_leads() -> None:
    history = simulated_leads()
    south = (history.X["region"] == "south").to_numpy()
    weights = np.where(south & (history.won == 1), np.exp(2.0), 1.0)  # the south is no worse then
    weighted = replace(history, weights=weights)
    learned = Learned(JudgedHalf(weighted, AGREED), learn_card(weighted))
    conditions = conditions_from_points(REGION, learned.line("region"), learned.half)
    assert not any("south" in condition.operand for condition in conditions)
