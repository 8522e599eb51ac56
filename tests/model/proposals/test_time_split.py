"""History in two halves: no lead in both, and the worked leads represent the others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.labels.rejection_reasons import NEVER_WORKED
from model.proposals.search import search
from model.proposals.time_split import split_in_time
from model.simulation.clustered_rates import contrast
from model.simulation.consequences import consequences
from model.simulation.history import History
from model.weighting.worked import effective_sample_size
from verification.proposals.planted_rules import (
    judged_repeatedly,
    planted_definition,
    planted_history,
)

AGREED = planted_definition(150)


@pytest.fixture(scope="module")
def once() -> History:
    return planted_history(7, leads=6000)


@pytest.fixture(scope="module")
def panel(once: History) -> History:
    return judged_repeatedly(once)


@pytest.fixture(scope="module")
def selective() -> History:
    """A company whose sales team chooses which leads to work."""
    return planted_history(1, chosen_by=AGREED, leads=12_000)


# -- which leads are in which half ----------------------------------------------------------------


def test_no_lead_of_a_panel_is_in_both_halves(panel: History) -> None:
    halves = split_in_time(panel, AGREED)
    for name in ("lead_id", "account_id"):
        earlier, later = (set(half.rows[name].dropna()) for half in (halves.earlier, halves.later))
        assert earlier
        assert later
        assert not earlier & later
    later = halves.later_all
    assert not set(halves.earlier.rows["lead_id"]) & set(later.rows["lead_id"][later.labelled])
    assert halves.earlier.rows["as_of"].max() < later.rows["as_of"].min()


def test_leads_that_a_lot_keeps_in_one_half_count_twice(panel: History) -> None:
    halves = split_in_time(panel, AGREED, weighted=False)
    weights = np.unique(np.round(halves.later.weights, 6))
    assert len(weights) == 2
    assert weights[1] == pytest.approx(2 * weights[0])
    assert halves.later.weights.mean() == pytest.approx(1)


def test_judgements_of_one_lead_add_no_information(panel: History, once: History) -> None:
    """Without accounts, too: three rows of each person carry the information of one."""
    errors = []
    for history in (panel, once):
        alone = replace(history, rows=history.rows.assign(account_id=None))
        large = (alone.X["employees"] >= 50).to_numpy() & alone.labelled
        small = (alone.X["employees"] < 50).to_numpy() & alone.labelled
        errors.append(contrast(alone.won, [(large, 1.0), (small, -1.0)], alone.accounts).error)
    assert errors[0] == pytest.approx(errors[1], rel=0.01)


def test_leads_without_an_outcome_are_thinned_like_those_with_one() -> None:
    history = planted_history(2)
    halves = split_in_time(history, AGREED)
    everyone = history.subset(halves.later_period)
    share = np.mean(everyone.why_unknown == NEVER_WORKED)
    share_of_half = np.mean(halves.later_all.why_unknown == NEVER_WORKED)
    assert share_of_half == pytest.approx(share, abs=0.02)


# -- weights --------------------------------------------------------------------------------------


def test_worked_leads_represent_those_that_sales_never_worked(selective: History) -> None:
    halves = split_in_time(selective, AGREED)
    everyone, later = selective.subset(halves.later_period), halves.later
    all_scores, scores = (part.X["old_score"].to_numpy() for part in (everyone, later))
    represented, here = all_scores >= 50, scores >= 50  # below, sales works almost no leads
    weighted = float(np.average(scores[here], weights=later.weights[here]))
    gap = scores[here].mean() - all_scores[represented].mean()
    assert gap > 1
    assert abs(weighted - all_scores[represented].mean()) < gap / 4
    assert halves.worked.weighted
    assert 0 < halves.worked.no_prediction < halves.worked.never_worked
    assert halves.worked.effective == pytest.approx(effective_sample_size(later.weights))
    assert halves.worked.effective < halves.worked.leads


def test_weights_are_left_out_on_request(selective: History) -> None:
    halves = split_in_time(selective, AGREED, weighted=False)
    assert not halves.worked.weighted
    assert (halves.later.weights == 1).all()
    result = search(selective, AGREED, weighted=False)
    assert (result.split.earlier.weights == 1).all()


def test_weights_do_not_depend_on_outcomes(selective: History) -> None:
    turned = replace(selective, won=1 - selective.won)
    weights, others = (split_in_time(leads, AGREED).later.weights for leads in (selective, turned))
    assert weights == pytest.approx(others)


# -- consequences in a panel ----------------------------------------------------------------------


def test_in_a_panel_each_lead_counts_once(panel: History, once: History) -> None:
    repeated, single = (consequences(history, AGREED) for history in (panel, once))
    assert repeated.leads == single.leads
    assert repeated.judgements == 3 * single.judgements
    assert repeated.missed_wins == single.missed_wins
    assert repeated.rejections == single.rejections
    per_week = single.workload.per_week * single.weeks / repeated.weeks
    assert repeated.workload.per_week == pytest.approx(per_week)
    assert repeated.ready.rate == pytest.approx(single.ready.rate)


def test_a_lead_that_becomes_ready_later_is_not_missed(panel: History) -> None:
    X, last = panel.X.copy(), panel.rows.groupby("lead_id")["as_of"].transform("max")
    X.loc[panel.rows["as_of"] < last, "employees"] = 1.0
    late, always = (consequences(leads, AGREED) for leads in (replace(panel, X=X), panel))
    assert late.verdicts["ready"] == always.verdicts["ready"] / 3
    assert late.missed_wins == always.missed_wins
    assert late.rejections == always.rejections
