"""Each check of the gate, on both sides of each of its limits."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.leaks.audit import Suspect
from model import gate, gate_calibration
from model.serving import Definition, Scorecard, Tolerance, score_leads
from model.training.metrics import Metrics, measure
from model.training.moves import Move
from tests.model.test_gate_calibration import UNKNOWN, metrics, resampled

ARTIFACTS = Path(__file__).resolve().parents[1] / "artifacts"


def ahead(auc, gain) -> tuple[Metrics, Metrics]:
    """A scorer with an AUC, and another that is behind by a difference with its own interval."""
    model = metrics(auc=auc)
    value = np.nan if gain[0] is None else auc[0] - gain[0]
    behind = {"auc": model.resampled["auc"] - resampled(*gain[1:])}
    return model, Metrics({"auc": value}, behind)


def test_the_hint_is_dropped_where_a_check_passes() -> None:
    assert gate.gate_result("name", True, "seen", "required", "do this").hint == ""
    assert gate.gate_result("name", False, "seen", "required", "do this").hint == "do this"


@pytest.mark.parametrize(
    ("won", "not_won", "missing"),
    [
        (40, 40, ""),
        (39, 40, "1 more won leads to learn from"),
        (40, 39, "1 more not won leads to learn from"),
        (12, 39, "28 more won leads to learn from and 1 more not won leads to learn from"),
    ],
)
def test_forty_leads_of_each_outcome_are_enough(won: int, not_won: int, missing: str) -> None:
    result = gate.enough_leads(won, not_won, 20)
    assert result.passed is (missing == "")
    assert result.observed == f"{won} won and {not_won} not won to learn from, 20 won to test on"
    assert result.hint == (f"{missing} are needed: add more history" if missing else "")


def test_twenty_won_leads_to_test_on_are_enough() -> None:
    assert gate.enough_leads(40, 40, 20).passed
    few = gate.enough_leads(40, 40, 19)
    assert not few.passed
    assert few.hint == "1 more won leads to test on are needed: add more history"


@pytest.mark.parametrize(("points", "passed"), [(8.0, True), (8.1, False)])
def test_scores_may_move_twice_as_far_as_added_leads_explain(points: float, passed: bool) -> None:
    result = gate.scores_moved(Move(points, 100, 200), 4.0)
    assert result.passed is passed
    assert result.observed == (
        f"learning from all 200 wins moved scores by {points} points; 4.0 are expected from "
        "earlier periods"
    )
    assert gate.scores_moved(Move(points, 100, 200), None).state == "not asked"


def test_a_suspected_column_blocks_and_is_named() -> None:
    assert gate.no_leaks([])[1:3] == (True, "no suspected columns or events")
    suspects = [Suspect(name, (), 10) for name in ("Lead Rating", "Stage")]
    result = gate.no_leaks(suspects)
    assert not result.passed
    assert result.observed == "suspected: Lead Rating, Stage"
    assert "Lead Rating: {leak: true}" in result.hint


KNOWN = "only outcomes known before the test period"


@pytest.mark.parametrize(
    ("at_extract", "how", "horizon", "state", "observed"),
    [
        (False, "forward in time", 90, "passed", KNOWN),
        (True, "forward in time", 90, "refused", "outcomes as of the extract"),
        (True, "at random", None, "refused", "outcomes as of the extract"),
        (False, "in order", 90, "not asked", "the leads were not split by date"),
        (False, "at random", 90, "not asked", "the leads were not split by date"),
        (False, "forward in time", None, "not asked", "there is no horizon after which"),
    ],
)
def test_outcomes_known_at_the_time_are_claimed_with_dates_and_a_horizon_only(
    at_extract, how, horizon, state, observed
) -> None:
    result = gate.known_in_time(at_extract, how, horizon)
    assert result.state == state
    assert result.observed.startswith(observed)
    assert (result.observed == KNOWN) is (state == "passed")
    assert ("outcomes: at_extract" in result.hint) is (state == "refused")


def test_a_random_split_is_refused_unless_it_is_allowed_by_name() -> None:
    assert gate.later_leads_tested("forward in time", None).state == "passed"
    assert gate.later_leads_tested("in order", None).state == "passed"
    refused = gate.later_leads_tested("at random", None)
    assert (refused.state, refused.passed) == ("refused", False)
    assert "allow_random_split: true, allowed_by: NAME" in refused.hint
    allowed = gate.later_leads_tested("at random", "Ann Lee")
    assert (allowed.state, allowed.passed) == ("not asked", True)
    assert allowed.observed.endswith("allowed by Ann Lee")


def test_a_name_answers_for_what_cannot_be_told_and_never_for_what_is_refused() -> None:
    unclear = gate.Gate("calibrated", False, "slope", "", "more", gate.CANNOT_TELL)
    refused = gate.enough_leads(1, 50, 20)
    both = gate.confirmed([unclear, refused], "Ann Lee")
    assert [check.passed for check in both] == [True, False]
    assert both[0].observed == "slope; confirmed by Ann Lee"
    assert both[0].state == gate.CANNOT_TELL
    assert gate.confirmed([unclear], "") == [unclear]


# -- better than chance and than the rules ---------------------------------------------------------


@pytest.mark.parametrize(
    ("auc", "gain", "passed"),
    [
        ((0.7, 0.501, 0.8), (0.05, 0.001, 0.1), True),
        ((0.7, 0.5, 0.8), (0.05, 0.001, 0.1), False),
        ((0.7, 0.501, 0.8), (0.05, 0.0, 0.1), False),
        ((0.7, 0.501, 0.8), (0.05, -0.1, 0.2), False),
        ((0.7, None, None), (0.05, 0.001, 0.1), False),
        ((0.7, 0.501, 0.8), (0.05, None, None), False),
    ],
)
def test_both_lower_ends_must_be_above_chance_and_above_the_rules(auc, gain, passed) -> None:
    model, rules = ahead(auc, gain)
    assert gate.better_than_rules({"model": model, "definition": rules}).passed is passed


def test_what_is_missing_to_be_better_is_named() -> None:
    model, rules = ahead((0.7, 0.6, 0.8), (0.05, -0.01, 0.1))
    result = gate.better_than_rules({"model": model, "definition": rules})
    assert result.observed == (
        "AUC 0.700 (0.600–0.800), +0.050 (-0.010 to +0.100) compared with the rules alone"
    )
    assert "it is not shown that the model ranks leads better than the rules" in result.hint
    model, rules = ahead((0.7, 0.6, 0.8), (-0.05, -0.1, 0.0))
    result = gate.better_than_rules({"model": model, "definition": rules})
    assert "no better than the rules" in result.hint
    model, rules = ahead((0.5, 0.4, 0.6), (0.05, 0.01, 0.1))
    result = gate.better_than_rules({"model": model, "definition": rules})
    assert "the outcomes look random" in result.hint


def test_measured_scorers_pass_and_fail_as_they_should() -> None:
    random = np.random.default_rng(0)
    odds = random.normal(-2, 1, 3000)
    p = 1 / (1 + np.exp(-odds))
    y = (random.random(3000) < p).astype(float)
    rules = np.where(odds > -1, 0.3, 0.1)
    measured = measure(y, {"model": p, "definition": rules}, resamples=200)
    assert gate.better_than_rules(measured).passed
    assert gate_calibration.calibrated(measured["model"], Tolerance(), y.sum()).passed
    same = {"model": measured["model"], "definition": measured["model"]}
    assert not gate.better_than_rules(same).passed
    shuffled = measure(random.permutation(y), {"model": p, "definition": rules}, resamples=200)
    assert not gate.better_than_rules(shuffled).passed


# -- the champion ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tolerance", "gain", "passed"),
    [
        (Tolerance(), (0.0, -0.0199, 0.1), True),
        (Tolerance(), (0.0, -0.0201, 0.1), False),
        (Tolerance(champion=0.125), (0.0, -0.125, 0.1), True),
        (Tolerance(champion=0.125), (0.0, -0.126, 0.1), False),
        (Tolerance(champion=0), (0.0, 0.0, 0.1), True),
        (Tolerance(), UNKNOWN, False),
    ],
)
def test_the_champion_may_be_better_by_the_tolerance(tolerance, gain, passed) -> None:
    model, champion = ahead((0.75, 0.5, 0.75), gain)
    champion = Metrics(champion.values, {"auc": 0.75 - resampled(*gain[1:])})
    model = Metrics(model.values, {"auc": np.full(100, 0.75)})
    result = gate.not_worse_than_champion(
        {"model": model, "champion": champion}, 1200, tolerance, "3"
    )
    assert result.passed is passed
    low, high = gain[1:]
    written = "–" if low is None else f"+0.000 ({low:+.3f} to {high:+.3f})"
    written = written.replace("+0.000", "0.000")
    assert result.observed == f"AUC {written} against version 3 on 1,200 leads"
    assert passed or result.hint


def test_without_a_champion_there_is_nothing_to_compare() -> None:
    result = gate.not_worse_than_champion(None, 0, Tolerance(), "")
    assert result.passed
    assert result.state == "not asked"
    assert result.observed == "no champion yet"
    assert "at most 0.02 below" in result.required


def test_a_champion_that_may_have_seen_every_lead_cannot_be_compared() -> None:
    result = gate.not_worse_than_champion(None, 10, Tolerance(champion=0.05), "3")
    assert not result.passed
    assert result.observed == "champion 3 may have learned from all 10 test leads"
    assert "at most 0.05 below" in result.required
    assert "evaluation.test_from" in result.hint


# -- served as evaluated ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scored() -> pd.DataFrame:
    card = json.loads((ARTIFACTS / "scorecard_format_1.json").read_text(encoding="utf-8"))
    leads = pd.read_csv(ARTIFACTS / "leads_format_1.csv", dtype={"lead_id": "str"})
    rules = Definition.from_file(ARTIFACTS / "definition_format_1.yaml")
    return score_leads(leads, Scorecard.from_dict(card), rules)


def test_the_same_scores_pass(scored: pd.DataFrame) -> None:
    result = gate.served_as_evaluated(scored, scored.copy())
    assert result.passed
    assert result.observed.endswith("leads scored in a fresh process, largest difference 0")
    assert gate.served_as_evaluated(scored.head(0), scored.head(0)).passed


@pytest.mark.parametrize("column", gate.SCORES)
def test_a_difference_in_one_score_of_one_lead_is_refused(scored, column) -> None:
    for difference, passed in ((1e-9, True), (2e-9, False), (-2e-9, False)):
        served = scored.copy()
        served.loc[served.index[-1], column] = 0.0
        evaluated = served.copy()
        served.loc[served.index[-1], column] = difference
        assert gate.served_as_evaluated(evaluated, served).passed is passed


@pytest.mark.parametrize("column", gate.LABELS)
def test_another_label_of_one_lead_is_refused(scored, column) -> None:
    served = scored.astype({column: "object"})
    served.loc[served.index[-1], column] = "another"
    result = gate.served_as_evaluated(scored, served)
    assert not result.passed
    assert "train again" in result.hint


def test_every_score_and_label_that_decides_is_compared() -> None:
    assert set(gate.SCORES) == {"probability", "score", "fit_points", "engagement_points"}
    assert {"grade", "level", "rules_verdict", "decision"} <= set(gate.LABELS)


def test_the_verdict_names_every_check_that_failed() -> None:
    passed, few = gate.enough_leads(50, 50, 20), gate.enough_leads(1, 50, 20)
    assert gate.verdict_text([passed]).startswith("Promoted: every check passed.")
    assert gate.verdict_text([few, passed, gate.known_in_time(True, "in order", 90)]) == (
        "Refused and kept as challenger: enough leads (1 won and 50 not won to learn from, 20 won "
        "to test on); "
        "outcomes known at the time (outcomes as of the extract)."
    )


def test_every_check_passed_is_not_said_where_some_were_not_asked_or_cannot_tell() -> None:
    unclear = gate.Gate("calibrated", True, "slope", "", "", gate.CANNOT_TELL)
    gates = [gate.enough_leads(50, 50, 20), gate.not_asked("examples hold", "", ""), unclear]
    assert gate.verdict_text(gates) == (
        "Promoted: 1 check passed; not asked: examples hold; cannot tell: calibrated. "
        "This version now scores the leads."
    )
    old = gate.Gate("enough leads", True, "90 won", "40 won")
    assert old.known_state == "passed"
    assert old._replace(passed=False).known_state == "refused"
