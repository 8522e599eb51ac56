"""Each check of the gate passes what it should, refuses what it should, and says why."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from model import gate
from model.serving import Definition, Scorecard, score_leads
from model.training.metrics import measure

ARTIFACTS = Path(__file__).resolve().parents[1] / "artifacts"
CARD = json.loads((ARTIFACTS / "scorecard_format_1.json").read_text(encoding="utf-8"))
AGREED = Definition.from_file(ARTIFACTS / "definition_format_1.yaml").content


def later(n: int = 3000, seed: int = 0):
    random = np.random.default_rng(seed)
    odds = random.normal(-2, 1, n)
    p = 1 / (1 + np.exp(-odds))
    return (random.random(n) < p).astype(float), p, odds


def figures(y, **p):
    return measure(y, p, resamples=200)


def test_enough_leads_says_how_many_are_missing() -> None:
    assert gate.enough(40, 40).passed
    short = gate.enough(12, 39)
    assert not short.passed
    assert short.hint.startswith("28 more won and 1 more not won leads are needed")


def test_an_unanswered_suspect_blocks_and_is_named() -> None:
    assert gate.no_leaks([]).passed
    found = gate.no_leaks([SimpleNamespace(column="Lead Rating")])
    assert not found.passed
    assert "Lead Rating" in found.saw
    assert "Lead Rating: leak: true" in found.hint


def test_outcomes_of_the_extract_are_refused_with_the_line_to_remove() -> None:
    assert gate.known_in_time(False).passed
    assert "outcomes: at_extract" in gate.known_in_time(True).hint


def test_a_model_that_knows_more_than_the_rules_is_better() -> None:
    y, p, odds = later()
    rules = np.where(odds > -1, 0.3, 0.1)
    assert gate.better(figures(y, model=p, definition=rules)).passed


def test_random_outcomes_are_refused_in_words() -> None:
    _, p, _ = later()
    y = np.random.default_rng(1).permutation(later()[0])
    found = gate.better(figures(y, model=p, definition=np.full(len(y), 0.1)))
    assert not found.passed
    assert "the outcomes look random" in found.hint


def test_as_good_as_the_rules_is_not_better() -> None:
    y, p, _ = later()
    assert not gate.better(figures(y, model=p, definition=p)).passed


def test_calibrated_predictions_pass_and_inflated_ones_are_told_as_such() -> None:
    y, p, odds = later()
    assert gate.calibrated(figures(y, model=p)["model"], {}).passed
    many = gate.calibrated(figures(y, model=1 / (1 + np.exp(-odds - 0.7)))["model"], {})
    assert not many.passed
    assert "too many wins are promised" in many.saw
    loud = gate.calibrated(figures(y, model=1 / (1 + np.exp(-2 * odds - 2)))["model"], {})
    assert "good leads are overrated" in loud.saw
    assert gate.calibrated(figures(y, model=p)["model"], {"calibration": 0.5}).passed


def test_wins_over_all_periods_are_asked_too() -> None:
    y, p, odds = later()
    assert gate.calibrated_before(figures(y, model=p)["model"], 4, {}).passed
    found = gate.calibrated_before(figures(y, m=1 / (1 + np.exp(-odds - 0.7)))["m"], 4, {})
    assert not found.passed
    assert "over 4 periods, each by what was known when it began" in found.saw
    assert found.wanted == "within 15% of 1, or an interval with 1"
    assert found.hint.endswith("trust the ranking only; leadready rolling shows each period")
    assert gate.calibrated_before(None, 0, {}).saw == "there are no earlier periods to look at"


def test_one_slice_gone_wrong_is_found_among_many_that_are_right() -> None:
    random = np.random.default_rng(0)
    n = 6000
    X = pd.DataFrame(
        {
            "employees": random.choice([20.0, 100.0, 500.0], n),
            "seniority": random.choice(["vp", "director", "student"], n),
            "source": random.choice(["web", "referral"], n),
            "webinars_attended_30d": 0.0,
            "emails_opened_30d": 0.0,
        }
    )
    p = np.full(n, 0.2)
    y = (random.random(n) < p).astype(float)
    card = Scorecard.from_dict(CARD)
    assert gate.calibrated_by_slice(gate.slices(card, X, y, p), {}).passed
    y[(X["source"] == "referral") & (random.random(n) < 0.6)] = 0
    found = gate.calibrated_by_slice(gate.slices(card, X, y, p), {})
    assert not found.passed
    assert "source referral" in found.saw


def scored() -> pd.DataFrame:
    leads = pd.read_csv(ARTIFACTS / "leads_format_1.csv", dtype={"lead_id": "str"})
    return score_leads(leads, Scorecard.from_dict(CARD), Definition.from_dict(AGREED))


def test_never_rules_are_held_for_every_lead() -> None:
    told = scored()
    assert gate.never_rules(told).passed
    assert "1 leads that the rules exclude" in gate.never_rules(told).saw
    broken = told.assign(decision="hand off")
    assert gate.never_rules(broken).hint == "look at lead L-2"


def test_a_served_curve_against_an_expected_direction_is_found() -> None:
    name = next(one["name"] for one in CARD["features"] if one["kind"] == "number")
    card = Scorecard.from_dict(CARD)
    rising = np.diff(card.axes[name] and CARD["features"][0]["points"][1:])
    assert (rising >= 0).all()
    assert gate.directions_hold(card, {name: 1}).passed
    assert not gate.directions_hold(card, {name: -1}).passed
    assert gate.directions_hold(card, {"not_used": -1}).passed


def test_examples_must_come_out_as_agreed() -> None:
    assert gate.examples_hold(AGREED).passed
    first = dict(AGREED["examples"][0], verdict="never")
    found = gate.examples_hold({**AGREED, "examples": [first]})
    assert not found.passed
    assert "should be never" in found.saw


@pytest.mark.parametrize(("tolerance", "passed"), [(0.5, True), (0.95, False)])
def test_agreement_is_held_against_what_was_tolerated(tolerance, passed) -> None:
    found = gate.agreement(scored(), {"tolerance": {"agreement": tolerance}})
    assert found.passed is passed
    assert gate.agreement(scored(), {}).passed


def test_a_worse_model_does_not_replace_the_champion_and_an_equal_one_may() -> None:
    y, p, odds = later()
    noisy = 1 / (1 + np.exp(-odds - np.random.default_rng(7).normal(0, 1.5, len(y))))
    worse = figures(y, model=noisy, champion=p)
    assert not gate.not_worse(worse, len(y), {}, "3").passed
    assert gate.not_worse(figures(y, model=p, champion=p), len(y), {}, "3").passed
    assert gate.not_worse(None, 0, {}, "").passed
    assert not gate.not_worse(None, 10, {}, "3").passed


def test_another_score_elsewhere_is_refused() -> None:
    told = scored()
    assert gate.served(told, told.copy()).passed
    assert not gate.served(told, told.assign(score=told["score"] + 1e-6)).passed
    assert not gate.served(told, told.assign(decision="review")).passed


def test_the_verdict_names_what_refused() -> None:
    assert gate.verdict([gate.enough(50, 50)]).startswith("Promoted")
    assert "enough leads (saw 1 won and 50 not won)" in gate.verdict([gate.enough(1, 50)])
