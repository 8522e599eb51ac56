"""Why sales would reject a lead: learned where leads differ in it, dropped where they do not."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from model.serving import Scorecard
from model.training.rejections import (
    ABOVE_USUAL,
    LEAST_LATER,
    LIKELY,
    learn_rejections,
    likely_reason,
    reason_probabilities,
)
from model.training.splits import Split

CARD = {
    "format": 1,
    "base_rate": 0.1,
    "intercept": 0.0,
    "ready_at": 55.0,
    "grades": {"A": 6.0, "B": 0.0, "C": -5.0},
    "levels": {"1": 8.0, "2": 1.0, "3": -4.0},
    "features": [
        {
            "name": "employees",
            "family": "firmographic",
            "kind": "number",
            "cuts": [50.0],
            "points": [0.0, -10.0, 10.0],
            "labels": ["unknown", "under 50", "50 or more"],
        },
        {
            "name": "source",
            "family": "origin",
            "kind": "category",
            "categories": ["web", "fair"],
            "points": [0.0, 0.0, 1.0, -1.0],
            "labels": ["unknown", "any other", "web", "fair"],
        },
    ],
}
SMALL, LARGE = (0.6, 0.3, 0.1), (0.1, 0.3, 0.6)  # chances of the three reasons, by size
REASONS = ("not the right size", "bad timing", "no budget")
TEST_FROM = pd.Timestamp("2024-07-01")


def company(seed: int, n: int = 3000, *, planted: bool = True) -> dict[str, Any]:
    """Leads of a year, most of them turned down: for a reason by size, or by chance."""
    random = np.random.default_rng(seed)
    small = random.random(n) < 0.5
    p = np.where(small[:, None], SMALL, LARGE) if planted else np.tile((0.4, 0.3, 0.3), (n, 1))
    drawn = (random.random(n)[:, None] > p.cumsum(axis=1)).sum(axis=1).clip(max=2)
    as_of = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.sort(random.uniform(0, 365, n)), "D")
    rows = pd.DataFrame(
        {
            "lead_id": [f"l{number}" for number in range(n)],
            "person_id": [f"p{number}" for number in range(n)],
            "account_id": [f"a{number}" for number in random.integers(0, n // 3, n)],
            "as_of": as_of,
            "reason_at": as_of + pd.Timedelta(days=10),
            "disposition": pd.Series(REASONS)[drawn].to_numpy(object),
        }
    )
    X = pd.DataFrame(
        {
            "employees": np.where(small, 10.0, 400.0),
            "source": random.choice(["web", "fair", "other"], n),
        }
    )
    early = np.asarray(as_of < TEST_FROM - pd.Timedelta(days=90))
    later = np.asarray(as_of >= TEST_FROM)
    found = {"X": X, "rows": rows, "lost": random.random(n) < 0.9}
    return {**found, "split": Split(early, later, "forward in time", TEST_FROM)}


def test_planted_probabilities_are_recovered() -> None:
    made = company(0)
    result, model = learn_rejections(CARD, **made)
    assert result.kept
    assert model is not None
    leads = pd.DataFrame({"employees": [10.0, 400.0], "source": ["web", "web"]})
    p = reason_probabilities(json.loads(json.dumps(model)), Scorecard.from_dict(CARD), leads)
    # A share of about 300 leads with the same size and source has a standard error below .029 by
    # binomial counts; four of them.
    assert np.abs(p[list(REASONS)].to_numpy() - [SMALL, LARGE]).max() < 4 * 0.029
    assert p.sum(axis=1).to_numpy() == pytest.approx([1, 1])


def test_the_gain_is_computed_as_by_hand() -> None:
    made = company(1)
    result, model = learn_rejections(CARD, **made)
    assert model is not None
    later = made["split"].test & made["lost"]
    p = reason_probabilities(model, Scorecard.from_dict(CARD), made["X"][later])
    real = made["rows"]["disposition"][later]
    mine = np.mean([-np.log(p.loc[place, reason]) for place, reason in real.items()])
    usual = dict(zip(model["reasons"], model["shares"], strict=True))
    shares = np.mean([-np.log(usual[reason]) for reason in real])
    assert result.log_loss["model"] == pytest.approx(mine, abs=1e-9)
    assert result.log_loss["shares"] == pytest.approx(shares, abs=1e-9)
    gain = result.log_loss["gain"]
    assert gain["value"] == pytest.approx(shares - mine, abs=1e-9)
    assert 0 < gain["low"] < gain["value"] < gain["high"]


def test_random_reasons_are_dropped_with_an_explanation() -> None:
    """By chance, 1 in 40 models passes the lower end of a 95% interval; 2 in 6 would be a fault."""
    kept = 0
    for seed in range(6):
        result, model = learn_rejections(CARD, **company(seed, 1200, planted=False))
        kept += result.kept
        assert (model is not None) == result.kept
        assert result.kept or "no reason is shown" in result.why
    assert kept <= 1


def test_only_leads_turned_down_with_a_reason_known_by_then_are_learnt_from() -> None:
    made = company(2)
    rows = made["rows"]
    rows.loc[:99, "disposition"] = "duplicate"
    rows.loc[100:199, "reason_at"] = TEST_FROM + pd.Timedelta(days=1)
    rows.loc[200:299, "disposition"] = None
    rows.loc[300:309, "disposition"] = "competitor"  # too few to learn
    early = made["split"].train & made["lost"]
    early[:310] = False
    result, model = learn_rejections(CARD, **made)
    assert result.n_train == early.sum()
    assert model is not None
    assert set(model["reasons"]) == set(REASONS) == set(result.leads)


def test_a_lead_that_is_judged_again_and_again_counts_once() -> None:
    made = company(2)
    once, model = learn_rejections(CARD, **made)
    twice = {
        **{key: pd.concat([made[key]] * 2, ignore_index=True) for key in ("X", "rows")},
        "lost": np.tile(made["lost"], 2),
        "split": replace(
            made["split"],
            train=np.tile(made["split"].train, 2),
            test=np.tile(made["split"].test, 2),
        ),
    }
    assert learn_rejections(CARD, **twice) == (once, model)


def test_too_few_leads_are_reported() -> None:
    made = company(3)
    made["split"].test[np.flatnonzero(made["split"].test)[LEAST_LATER - 1 :]] = False
    result, model = learn_rejections(CARD, **made)
    assert (result.kept, model, result.log_loss) == (False, None, None)
    assert "too few" in result.why
    none = company(3)
    none["rows"]["disposition"] = None
    assert learn_rejections(CARD, **none)[1] is None


def test_two_reasons_work_as_well_as_three() -> None:
    made = company(4)
    made["rows"]["disposition"] = made["rows"]["disposition"].replace("no budget", "bad timing")
    _, model = learn_rejections(CARD, **made)
    assert model is not None
    p = reason_probabilities(model, Scorecard.from_dict(CARD), made["X"].head(200))
    assert list(p.columns) == ["not the right size", "bad timing"]
    small = made["X"].head(200)["employees"] < 50
    assert p.loc[small, "not the right size"].mean() == pytest.approx(SMALL[0], abs=4 * 0.029)


@pytest.mark.parametrize(
    ("p", "usual", "reported"),
    [
        (LIKELY + 0.01, 0.1, True),
        (LIKELY - 0.01, 0.1, False),  # not likely enough
        (0.70, 0.70 / ABOVE_USUAL - 0.01, True),
        (0.70, 0.70 / ABOVE_USUAL + 0.01, False),  # no more than with everybody
    ],
)
def test_a_reason_is_reported_if_it_is_likely_and_more_likely_than_usual(
    p: float, usual: float, reported: bool
) -> None:
    rest = (1 - p) / 9
    model = {
        "reasons": [f"r{number}" for number in range(10)],
        "shares": [usual] + [0.0] * 9,
        "intercept": np.log([p] + [rest] * 9).tolist(),
        "weights": {},
    }
    lead = pd.DataFrame({"employees": [10.0], "source": ["web"]})
    found = likely_reason(model, Scorecard.from_dict(CARD), lead)
    assert (found is not None) == reported
    if found:
        assert found == ("r0", pytest.approx(p), usual)
    assert likely_reason(None, Scorecard.from_dict(CARD), lead) is None


def test_predicting_a_reason_needs_neither_scikit_learn_nor_scipy() -> None:
    code = (
        "import sys, model.training.rejections; "
        "print([name for name in ('sklearn', 'scipy', 'mlflow') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_inputs_are_not_changed() -> None:
    made = company(5, 1200)
    before = made["X"].copy(), made["rows"].copy(), json.dumps(CARD)
    learn_rejections(CARD, **made)
    pd.testing.assert_frame_equal(made["X"], before[0])
    pd.testing.assert_frame_equal(made["rows"], before[1])
    assert json.dumps(CARD) == before[2]
