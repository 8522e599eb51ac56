"""The search for changes: planted truth is found, and chance is not mistaken for it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from model.definition.edits import AddRequirement, RemoveCriterion, SetOperand, with_edits
from model.proposals.search import SearchResult, search
from model.serving import Criterion
from model.simulation.history import History
from verification.proposals.checks import truths_found
from verification.proposals.planted_rules import (
    BY_ACCOUNTS,
    BY_LEADS,
    FORGOTTEN,
    REASON,
    RECENT,
    USELESS,
    outcome_order,
    planted_definition,
    planted_history,
)

SEEDS = 4


@cache
def searched(seed: int, threshold: float) -> tuple[History, SearchResult]:
    """A company, and the search for changes to its definition; each is searched once."""
    history = planted_history(seed)
    return history, search(history, planted_definition(threshold))


@pytest.fixture(scope="module")
def planted() -> History:
    return searched(3, 150)[0]


@pytest.fixture(scope="module")
def result() -> SearchResult:
    return searched(3, 150)[1]


def test_planted_truth_is_proposed() -> None:
    truths = []
    for seed in range(SEEDS):
        threshold = 150 if seed % 2 else 15
        proposals = searched(seed, threshold)[1].proposals
        truths.append(truths_found(proposals, planted_definition(threshold)))
    assert not any(truth["wrong"] for truth in truths)  # no useful criterion is called useless
    both = [truth["threshold"] and truth["useless"] for truth in truths]
    assert np.mean(both) >= 0.75  # all 50 seeds: make verify
    assert np.mean([truth["missing"] for truth in truths]) >= 0.75


@pytest.mark.parametrize("how", [BY_LEADS, BY_ACCOUNTS])
def test_nothing_is_proposed_where_outcomes_are_random(how: str) -> None:
    agreed = planted_definition(150)
    anything = [
        bool(search(planted_history(seed, shuffled=how, leads=4000), agreed).proposals)
        for seed in range(100, 100 + 2 * SEEDS)
    ]
    assert np.mean(anything) <= 0.125  # all 200 seeds: make verify


def test_outcomes_are_shuffled_by_whole_accounts() -> None:
    rng = np.random.default_rng(1)
    account = rng.integers(0, 300, 800)
    order = outcome_order(rng, account, BY_ACCOUNTS)
    assert sorted(order) == list(range(800))  # each outcome is used once
    pairs = pd.DataFrame({"account": account, "from": account[order]})
    assert (pairs.groupby("account")["from"].nunique() == 1).all()
    assert (pairs["account"] != pairs["from"]).mean() > 0.9


def test_a_correct_definition_is_left_alone() -> None:
    agreed = planted_definition(50)
    (useless,) = (criterion for criterion in agreed.criteria if criterion.id == USELESS)
    recent = AddRequirement(Criterion("recent", FORGOTTEN, "at_most", RECENT))
    agreed = with_edits(agreed, [RemoveCriterion(useless), recent])
    changed = [bool(search(planted_history(seed), agreed).proposals) for seed in range(3)]
    assert sum(changed) <= 1


def test_later_outcomes_do_not_influence_what_is_tried(
    planted: History, result: SearchResult
) -> None:
    later = planted.rows["lead_id"].isin(result.split.later.rows["lead_id"]).to_numpy()
    won = np.where(later, 1 - planted.won, planted.won)
    turned = search(replace(planted, won=won), planted_definition(150))
    assert [trial.edit for trial in turned.trials] == [trial.edit for trial in result.trials]
    removed = {
        proposal.edit.criterion.id
        for proposal in turned.proposals
        if isinstance(proposal.edit, RemoveCriterion)
    }
    assert removed != {USELESS}


def test_no_lead_and_no_account_is_in_both_halves(result: SearchResult) -> None:
    earlier, later = result.split.earlier, result.split.later
    assert not set(earlier.rows["account_id"]) & set(later.rows["account_id"])
    assert earlier.rows["as_of"].max() < later.rows["as_of"].min()
    assert np.isfinite(earlier.won).all()


def test_a_rejection_reason_supports_a_stricter_threshold() -> None:
    stricter = []
    for seed in range(4):
        trials = searched(seed, 15)[1].trials
        trial = next(trial for trial in trials if trial.question.about == REASON)
        of_size = isinstance(trial.edit, SetOperand) and trial.edit.criterion.id == "right-size"
        stricter.append(of_size and trial.p < 0.001)
    assert sum(stricter) >= 3
