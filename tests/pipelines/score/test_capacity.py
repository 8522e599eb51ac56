"""The places of a week are filled with the best leads, once, and a known share at random."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from model.serving import WITH_SALES, Definition
from pipelines.score.capacity import (
    HandedOff,
    WeekPlan,
    expected_values,
    plan_week,
    plan_without_limit,
    week_start,
)

WEEK = pd.Timestamp("2026-09-28")
NOBODY = HandedOff(pd.Series(dtype=object))


def rules(**handoff: Any) -> Definition:
    size = {"id": "size", "feature": "employees", "at_least": 50}
    return Definition.from_dict({"ready_when": [size], "handoff": handoff})


def crowd(ready: int, other: int, seed: int = 0) -> pd.DataFrame:
    size = ready + other
    return pd.DataFrame(
        {
            "lead_id": [f"lead-{seed}-{number}" for number in range(size)],
            "decision": ["hand off"] * ready + ["nurture"] * other,
            "value": np.random.default_rng(seed).permutation(size) / size,
        }
    )


def later(leads: pd.DataFrame, plan: WeekPlan, chance: float | None = None) -> HandedOff:
    handed = np.isin(plan.decisions, ["hand off", "explore"])
    decisions = pd.Series(plan.decisions[handed], leads["lead_id"][handed])
    return HandedOff(decisions, chance=chance)


def ids(leads: pd.DataFrame, plan: WeekPlan, *decisions: str) -> set[str]:
    return set(leads["lead_id"][np.isin(plan.decisions, decisions)])


def test_the_best_fill_the_places_and_the_others_wait() -> None:
    leads = crowd(30, 20)
    plan = plan_week(leads, rules(per_week=10), NOBODY, WEEK)
    best = leads[leads["decision"] == "hand off"].nlargest(10, "value")
    assert ids(leads, plan, "hand off") == set(best["lead_id"])
    assert (plan.decisions == "wait").sum() == 20
    assert (plan.decisions == "nurture").sum() == 20
    assert np.isnan(plan.chances).all()


def test_what_was_handed_off_stays_and_only_the_rest_is_filled() -> None:
    leads = crowd(6, 4)
    first = plan_week(leads, rules(per_week=8), NOBODY, WEEK)
    newer = crowd(30, 0, seed=1).assign(value=2.0)
    both = pd.concat([leads.assign(decision="nurture"), newer], ignore_index=True)
    second = plan_week(both, rules(per_week=8), later(leads, first), WEEK)
    handed = ids(both, second, "hand off")
    assert ids(leads, first, "hand off") < handed
    assert len(handed) == 8
    third = plan_week(both, rules(per_week=8), later(both, second), WEEK)
    assert ids(both, third, "hand off") == handed


def test_places_of_leads_that_are_no_longer_open_stay_taken() -> None:
    before = HandedOff(pd.Series({"gone-1": "hand off", "gone-2": "explore"}))
    plan = plan_week(crowd(5, 0), rules(per_week=3), before, WEEK)
    assert (plan.decisions == "hand off").sum() == 1
    full = HandedOff(pd.Series({f"gone-{n}": "hand off" for n in range(9)}))
    plan = plan_week(crowd(5, 400), rules(per_week=3, explore=0.5), full, WEEK)
    assert not np.isin(plan.decisions, ["hand off", "explore"]).any()


@pytest.mark.parametrize(("crm_knows", "decision"), [(False, WITH_SALES), (True, "hand off")])
def test_sales_has_what_it_got_in_earlier_weeks_unless_the_crm_says_so(
    crm_knows: bool, decision: str
) -> None:
    leads = crowd(3, 0).assign(lead_id=["old", "new", "newer"])
    before = HandedOff(pd.Series(dtype=object), frozenset({"old"}))
    plan = plan_week(leads, rules(per_week=3), before, WEEK, crm_knows=crm_knows)
    assert plan.decisions.tolist() == [decision, "hand off", "hand off"]


def test_leads_that_became_ruled_out_or_that_sales_has_do_not_stay() -> None:
    leads = pd.DataFrame(
        {"lead_id": ["a", "b"], "decision": ["never", WITH_SALES], "value": [1.0, 1.0]}
    )
    before = HandedOff(pd.Series({"a": "hand off", "b": "hand off"}))
    plan = plan_week(leads, rules(per_week=5), before, WEEK)
    assert plan.decisions.tolist() == ["never", WITH_SALES]


def test_the_draw_takes_its_share_of_the_places_and_says_with_which_chance() -> None:
    agreed, leads, explored, handed = rules(per_week=200, explore=0.1), crowd(1000, 9000), [], []
    for number in range(12):
        plan = plan_week(leads, agreed, NOBODY, WEEK + pd.Timedelta(days=7 * number))
        assert np.unique(plan.chances) == pytest.approx([0.1 * 200 / 10_000])
        explored.append(ids(leads, plan, "explore"))
        handed.append(len(ids(leads, plan, "hand off")))
        assert len(explored[-1]) + handed[-1] == 200
    mean = np.mean([len(found) for found in explored])
    assert 15 < mean < 24  # 20 are drawn, of whom the ranking has 2% anyway
    assert len(set.union(*explored)) > 0.9 * sum(map(len, explored))  # drawn anew each week
    waiting = set(leads["lead_id"][:1000])
    assert any(found & waiting for found in explored)  # all whom the ranking leaves may be drawn


def test_the_draw_is_the_same_whatever_the_order_and_the_run_of_the_week() -> None:
    agreed, leads = rules(per_week=50, explore=0.2), crowd(100, 900)
    plan = plan_week(leads, agreed, NOBODY, WEEK)
    mixed = leads.sample(frac=1, random_state=3).reset_index(drop=True)
    assert ids(mixed, plan_week(mixed, agreed, NOBODY, WEEK), "explore") == ids(
        leads, plan, "explore"
    )
    chance = float(np.nanmax(plan.chances))
    again = plan_week(leads, agreed, later(leads, plan, chance), WEEK)
    assert again.decisions.tolist() == plan.decisions.tolist()


def test_without_a_limit_decisions_stay_and_the_chance_is_the_share() -> None:
    decisions = np.array(["hand off", "nurture", "explore", "never"], object)
    plan = plan_without_limit(decisions, rules(explore=0.05))
    assert plan.decisions.tolist() == decisions.tolist()
    np.testing.assert_array_equal(plan.chances, [np.nan, 0.05, 0.05, np.nan])
    assert np.isnan(plan_without_limit(decisions, rules()).chances).all()


def test_a_week_begins_on_monday() -> None:
    for time in ("2026-09-28", "2026-09-30 12:00", "2026-10-04 23:59:59"):
        assert week_start(pd.Timestamp(time)) == WEEK, time


def test_an_amount_that_nobody_knows_counts_as_the_mean_of_the_others() -> None:
    chance = np.array([0.1, 0.2])
    assert expected_values(chance, np.array([np.nan, 0])).tolist() == [0.1, 0.2]
    assert expected_values(chance, np.array([np.nan, 50])).tolist() == [5.0, 10.0]
