"""Two halves of history: nobody on both sides, and the worked leads speak for the others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.labels.rejection_reasons import NEVER_WORKED
from model.proposals.search import search
from model.proposals.time_split import halves
from model.simulation.clustered_rates import contrast, effective
from model.simulation.history import History, consequences
from pipelines.definition.propose import told
from pipelines.definition.propose_text import render
from verification.planted_rules import planted_definition, planted_history

AGREED = planted_definition(150)


def panel(leads: int = 6000, again: int = 3) -> History:
    """The same leads, judged every two weeks; half of them have no account."""
    once = planted_history(7, leads=leads)
    rows = np.repeat(np.arange(leads), again)
    nth = np.tile(np.arange(again), leads)
    X, judged = (one.iloc[rows].reset_index(drop=True) for one in (once.X, once.rows))
    part = replace(
        once,
        rows=judged,
        X=X,
        won=once.won[rows],
        why=once.why[rows],
        reason=once.reason[rows],
        weights=np.ones(len(rows)),
    )
    days = pd.to_timedelta(pd.Series(14 * nth), unit="D")
    number = part.rows["account_id"].astype(int)
    told = part.rows.assign(
        as_of=part.rows["as_of"] + days, account_id=part.rows["account_id"].where(number % 2 == 0)
    )
    return replace(part, rows=told)


@pytest.fixture(scope="module")
def judged_again() -> History:
    return panel()


@pytest.fixture(scope="module")
def choosy() -> History:
    return planted_history(1, chosen_by=AGREED, leads=12_000)


# -- who is where ---------------------------------------------------------------------------------


def test_no_lead_of_a_panel_is_on_both_sides(judged_again: History) -> None:
    parts = halves(judged_again, AGREED)
    for name in ("lead_id", "account_id"):
        early, late = (set(one.rows[name].dropna()) for one in (parts.earlier, parts.later))
        assert early
        assert late
        assert not early & late
    known_early = parts.earlier.rows["lead_id"]
    later = parts.judged_later
    assert not set(known_early) & set(later.rows["lead_id"][later.known])
    assert parts.earlier.rows["as_of"].max() < later.rows["as_of"].min()


def test_who_stays_on_one_side_by_lot_counts_for_two(judged_again: History) -> None:
    parts = halves(judged_again, AGREED, weighed=False)
    weights = np.unique(np.round(parts.later.weights, 6))
    assert len(weights) == 2
    assert weights[1] == pytest.approx(2 * weights[0])
    assert parts.later.weights.mean() == pytest.approx(1)


def test_judgements_of_one_lead_are_alike_in_every_error(judged_again: History) -> None:
    """Without accounts too: three times the rows of the same persons say no more than one each."""
    alone = replace(judged_again, rows=judged_again.rows.assign(account_id=None))
    once = planted_history(7, leads=6000)
    once = replace(once, rows=once.rows.assign(account_id=None))
    errors = []
    for one in (alone, once):
        big = (one.X["employees"] >= 50).to_numpy() & one.known
        small = (one.X["employees"] < 50).to_numpy() & one.known
        errors.append(contrast(one.won, [(big, 1.0), (small, -1.0)], one.accounts).error)
    assert errors[0] == pytest.approx(errors[1], rel=0.01)


def test_leads_with_no_outcome_are_thinned_as_those_with_one_are() -> None:
    history = planted_history(2)
    parts = halves(history, AGREED)
    since = history.part(parts.since)
    whole = np.mean(since.why == NEVER_WORKED)
    half = np.mean(parts.judged_later.why == NEVER_WORKED)
    assert half == pytest.approx(whole, abs=0.02)


# -- weights --------------------------------------------------------------------------------------


def test_worked_leads_speak_for_those_that_sales_never_worked(choosy: History) -> None:
    parts = halves(choosy, AGREED)
    all_of_them, later = choosy.part(parts.since), parts.later
    usual, worked = (one.X["old_score"].to_numpy() for one in (all_of_them, later))
    spoken, here = usual >= 50, worked >= 50  # below, sales hardly works any
    weighed = float(np.average(worked[here], weights=later.weights[here]))
    off = worked[here].mean() - usual[spoken].mean()
    assert off > 1
    assert abs(weighed - usual[spoken].mean()) < off / 4
    assert 0 < parts.worked["no_claim"] < parts.worked["never_worked"]
    assert parts.worked["weighed"]
    assert parts.worked["worth"] == pytest.approx(effective(parts.later.weights))
    assert parts.worked["worth"] < parts.worked["leads"]


def test_weights_are_left_out_where_the_workspace_says_so(choosy: History) -> None:
    parts = halves(choosy, AGREED, weighed=False)
    assert not parts.worked["weighed"]
    assert (parts.later.weights == 1).all()
    seen = search(choosy, AGREED, weighed=False)
    assert (seen.halves.earlier.weights == 1).all()


def test_weights_do_not_know_what_became_of_leads(choosy: History) -> None:
    turned = replace(choosy, won=1 - choosy.won)
    one, other = (halves(given, AGREED).later.weights for given in (choosy, turned))
    assert one == pytest.approx(other)


def test_a_weighed_rate_is_that_of_as_many_leads() -> None:
    won, accounts = np.array([1.0, 0, 1, 0, 0]), np.arange(5)
    each = np.array([2.0, 1, 1, 1, 1])
    twice = np.array([0, 0, 1, 2, 3, 4])
    here = np.ones(5, dtype=bool)
    weighed = contrast(won, [(here, 1.0)], accounts, each)
    repeated = contrast(won[twice], [(here[twice], 1.0)], accounts[twice])
    assert weighed.value == pytest.approx(repeated.value)
    assert weighed.freedom == pytest.approx(repeated.freedom)


# -- what is said ---------------------------------------------------------------------------------


def test_in_a_panel_whoever_is_handed_over_or_missed_is_counted_once(
    judged_again: History,
) -> None:
    again, once = (
        consequences(one, AGREED) for one in (judged_again, planted_history(7, leads=6000))
    )
    assert again["leads"] == once["leads"]
    assert again["judged"] == 3 * once["judged"]
    assert again["missed"] == once["missed"]
    assert again["rejections"] == once["rejections"]
    weeks = once["weeks"] / again["weeks"]
    assert again["ready"]["per_week"] == pytest.approx(once["ready"]["per_week"] * weeks)
    assert again["ready"]["rate"] == pytest.approx(once["ready"]["rate"])


def test_a_lead_that_becomes_ready_later_is_not_missed(judged_again: History) -> None:
    X, days = judged_again.X.copy(), judged_again.rows.groupby("lead_id")["as_of"]
    X.loc[judged_again.rows["as_of"] < days.transform("max"), "employees"] = 1.0
    told, before = (consequences(one, AGREED) for one in (replace(judged_again, X=X), judged_again))
    assert told["verdicts"]["ready"] == before["verdicts"]["ready"] / 3
    assert told["missed"] == before["missed"]
    assert told["rejections"] == before["rejections"]


TEXT = """version: 1
ready_when:
  all:
    - {id: right-size, feature: employees, at_least: 150}
    - {id: established, feature: company_age, at_least: 15}
    - {id: can-decide, feature: seniority, one_of: [director, c_level]}
    - any:
        - {id: webinar, feature: webinar_30d, at_least: 1}
        - {id: demo, feature: demo_90d, at_least: 1}
handoff: {per_week: 40}
"""


def test_a_panel_is_told_as_one(judged_again: History) -> None:
    seen: Any = search(judged_again, AGREED)
    answer = told(seen, judged_again, AGREED, TEXT, "definition.yaml")
    early = answer["found_on"]
    assert early["judgements"] == len(seen.halves.earlier.won) > early["leads"]
    assert early["leads"] == seen.halves.earlier.rows["lead_id"].nunique()
    text = render({**answer, "file": "definition.yaml"})
    assert f"{early['leads']:,} earlier leads, judged {early['judgements']:,} times" in text
