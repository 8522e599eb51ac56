"""A short version of the card's verification: the measures are right, and the checks can fail."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from model.card.lines import POINTS
from model.serving import Scorecard
from pipelines.simulator.truth import sigmoid
from verification.card.checks import best_check, card_checks, nulls_check
from verification.card.company import (
    ALL,
    BLACK_BOX,
    CARD,
    FULL,
    LOGISTIC,
    NEVER,
    OPEN,
    SERVED,
    WEIGHTED,
    CardFigures,
)
from verification.card.row_worth import row_worth, rows_covered
from verification.card.selections import (
    SELECTIONS,
    UNSEEN,
    SimulatedWorkspace,
    company_settings,
    selection_of,
    simulate_workspace,
)
from verification.card.told import Told, told

SMALL = {"leads": 1_000, "months": 12}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> SimulatedWorkspace:
    folder = tmp_path_factory.mktemp("company") / "acme"
    return simulate_workspace(company_settings(1, **SMALL), folder)


def _figures(number: int = 0, card: float = 0.5, **changed: Any) -> CardFigures:
    models = {CARD: card, FULL: 0.5, LOGISTIC: 0.3, BLACK_BOX: 0.4, WEIGHTED: 0.4, SERVED: 0.6}
    shares = {model: Told(share, share) for model, share in models.items()}
    figures: dict[str, Any] = {
        "told": dict.fromkeys((ALL, NEVER, OPEN), shares),
        "nulls": {CARD: [], SERVED: []},
        "covered": {"number": [True] * 19 + [False], "category": [True] * 19 + [False]},
        "candidates": {"boosted card": 0.5, "logistic card": 0.4},
        "size": {"leads": 4_000, "won": 400, "lines": 10, "rows": 50},
    }
    return CardFigures(number, selection_of(number), **(figures | changed))


def test_the_three_kinds_of_selection_take_turns() -> None:
    assert [selection_of(number) for number in range(4)] == [*SELECTIONS, next(iter(SELECTIONS))]
    assert company_settings(4) == company_settings(4)
    assert company_settings(1).drift > 0 == company_settings(0).drift


def test_a_model_tells_nothing_if_it_knows_the_base_rate_and_less_if_it_is_wrong() -> None:
    p = np.array([0.1, 0.2, 0.6])
    base = np.full(3, np.log(0.3 / 0.7))
    assert told(base, p) == pytest.approx((0, 0))
    assert told(-np.log(p / (1 - p)), p).best_level < 0
    halfway = told(np.log(p / (1 - p)) / 2, p)
    assert 0 < halfway.best_level < 1


def test_what_columns_could_show_averages_over_what_they_do_not(
    company: SimulatedWorkspace,
) -> None:
    """An interest that no column shows pulls chances to the middle, as many draws do."""
    settings = company.settings
    spread = float(np.hypot(settings.noise, settings.account_noise))
    draws = np.random.default_rng(1).normal(0, spread, 40_000)
    for place in range(3):
        drawn = sigmoid(company.truth["log_odds"].iloc[place] + draws)
        error = drawn.std() / np.sqrt(len(draws))
        assert abs(company.knowable[place] - drawn.mean()) < 5 * error


def test_the_truth_stands_beside_the_judged_leads(company: SimulatedWorkspace) -> None:
    moments = company.snapshot.moments
    assert company.truth["lead_id"].to_list() == moments["lead_id"].to_list()
    labelled = company.snapshot.labelled
    assert company.truth["worked"].to_numpy()[labelled.places].all()
    day = moments["as_of"].median()
    later = company.judged_from(day)
    assert moments["as_of"][later].min() >= day
    assert set(company.truth["kind"][later]) == {"regular"}


def test_features_without_effect_interact_in_one_kind_of_company() -> None:
    assert UNSEEN in SELECTIONS
    assert company_settings(2).home_webinar > 0


def _card(points: list[int], half: float) -> Scorecard:
    line = {
        "name": "size",
        "family": "firmographic",
        "kind": "number",
        "cuts": [50.0],
        "labels": ["unknown", "under 50", "50 or more"],
        "points": points,
        "low": [point - half for point in points],
        "high": [point + half for point in points],
    }
    bands = {"grades": {"A": 6, "B": 0, "C": -5}, "levels": {"1": 8, "2": 1, "3": -4}}
    whole = {"format": 2, "start": 50, "level": 0.0, "base_rate": 0.5, "ready_at": 55}
    return Scorecard.from_dict({**whole, **bands, "lines": [line]})


def test_rows_are_worth_what_the_planted_probabilities_say() -> None:
    X = pd.DataFrame({"size": [10.0] * 500 + [90.0] * 500})
    p = np.where(X["size"] >= 50, 0.6, 0.3)
    gap = POINTS * np.log((0.6 / 0.4) / (0.3 / 0.7))
    ((rows, worth),) = row_worth(_card([0, -9, 9], 1.0), X, p)
    assert rows.tolist() == [1, 2]
    assert worth == pytest.approx([-gap / 2, gap / 2], rel=1e-3)
    assert rows_covered(_card([0, -9, 9], 1.0), X, p) == {"number": [True, True], "category": []}
    assert rows_covered(_card([0, -5, 9], 1.0), X, p)["number"] == [False, True]


def test_the_checks_pass_for_a_good_card_and_fail_for_a_bad_one() -> None:
    companies = [_figures(number) for number in range(6)]
    assert all(check.passed for check in card_checks(companies))
    assert best_check([_figures(card=0.48)], ALL, "best_level").passed
    assert not best_check([_figures(card=0.47)], ALL, "best_level").passed
    assert not best_check([_figures(card=0.47)], NEVER, "own_level").passed
    assert nulls_check("a card", [[]] * 19 + [["region"]]).passed
    failed = nulls_check("a card", [[]] * 18 + [["region"]] * 2)
    assert not failed.passed
    assert failed.result == "in 2 of 20 companies: region"


def test_narrow_intervals_fail() -> None:
    narrow = {"number": [True, False] * 50, "category": [True] * 95 + [False] * 5}
    failed = [check for check in card_checks([_figures(covered=narrow)]) if not check.passed]
    assert [check.name for check in failed] == ["interval of rows of numbers"]
