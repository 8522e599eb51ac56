"""Why sales would reject a lead: learnt where there is something to learn, dropped where not."""

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
            "lead_id": [f"l{one}" for one in range(n)],
            "person_id": [f"p{one}" for one in range(n)],
            "account_id": [f"a{one}" for one in random.integers(0, n // 3, n)],
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


def test_the_planted_chances_come_out() -> None:
    made = company(0)
    seen, model = learn_rejections(CARD, **made)
    assert seen.kept
    assert model is not None
    leads = pd.DataFrame({"employees": [10.0, 400.0], "source": ["web", "web"]})
    p = reason_probabilities(json.loads(json.dumps(model)), Scorecard.from_dict(CARD), leads)
    # A share of 300 or so leads of one size and source has a standard error below .029 by
    # binomial counts; four of them.
    assert np.abs(p[list(REASONS)].to_numpy() - [SMALL, LARGE]).max() < 4 * 0.029
    assert p.sum(axis=1).to_numpy() == pytest.approx([1, 1])


def test_the_gain_is_the_one_computed_by_hand() -> None:
    made = company(1)
    seen, model = learn_rejections(CARD, **made)
    assert model is not None
    later = made["split"].test & made["lost"]
    p = reason_probabilities(model, Scorecard.from_dict(CARD), made["X"][later])
    real = made["rows"]["disposition"][later]
    mine = np.mean([-np.log(p.loc[place, one]) for place, one in real.items()])
    usual = dict(zip(model["reasons"], model["shares"], strict=True))
    shares = np.mean([-np.log(usual[one]) for one in real])
    assert seen.log_loss["model"] == pytest.approx(mine, abs=1e-9)
    assert seen.log_loss["shares"] == pytest.approx(shares, abs=1e-9)
    gain = seen.log_loss["gain"]
    assert gain["value"] == pytest.approx(shares - mine, abs=1e-9)
    assert 0 < gain["low"] < gain["value"] < gain["high"]


def test_reasons_by_chance_are_dropped_and_it_says_so() -> None:
    """An honest 95 % interval keeps one in forty: two in six would be no luck."""
    kept = 0
    for seed in range(6):
        seen, model = learn_rejections(CARD, **company(seed, 1200, planted=False))
        kept += seen.kept
        assert (model is not None) == seen.kept
        assert seen.kept or "no reason is shown" in seen.why
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
    seen, model = learn_rejections(CARD, **made)
    assert seen.n_train == early.sum()
    assert model is not None
    assert set(model["reasons"]) == set(REASONS) == set(seen.leads)


def test_a_lead_that_is_judged_again_and_again_counts_once() -> None:
    made = company(2)
    once, model = learn_rejections(CARD, **made)
    twice = {
        **{one: pd.concat([made[one]] * 2, ignore_index=True) for one in ("X", "rows")},
        "lost": np.tile(made["lost"], 2),
        "split": replace(
            made["split"],
            train=np.tile(made["split"].train, 2),
            test=np.tile(made["split"].test, 2),
        ),
    }
    assert learn_rejections(CARD, **twice) == (once, model)


def test_with_too_few_leads_it_says_so() -> None:
    made = company(3)
    made["split"].test[np.flatnonzero(made["split"].test)[LEAST_LATER - 1 :]] = False
    seen, model = learn_rejections(CARD, **made)
    assert (seen.kept, model, seen.log_loss) == (False, None, None)
    assert "too few" in seen.why
    none = company(3)
    none["rows"]["disposition"] = None
    assert learn_rejections(CARD, **none)[1] is None


def test_two_reasons_are_told_as_well_as_three() -> None:
    made = company(4)
    made["rows"]["disposition"] = made["rows"]["disposition"].replace("no budget", "bad timing")
    _, model = learn_rejections(CARD, **made)
    assert model is not None
    p = reason_probabilities(model, Scorecard.from_dict(CARD), made["X"].head(200))
    assert list(p.columns) == ["not the right size", "bad timing"]
    small = made["X"].head(200)["employees"] < 50
    assert p.loc[small, "not the right size"].mean() == pytest.approx(SMALL[0], abs=4 * 0.029)


@pytest.mark.parametrize(
    ("p", "usual", "said"),
    [
        (LIKELY + 0.01, 0.1, True),
        (LIKELY - 0.01, 0.1, False),  # not likely enough
        (0.70, 0.70 / ABOVE_USUAL - 0.01, True),
        (0.70, 0.70 / ABOVE_USUAL + 0.01, False),  # no more than with everybody
    ],
)
def test_a_reason_is_said_when_it_is_likely_and_more_so_than_usual(
    p: float, usual: float, said: bool
) -> None:
    rest = (1 - p) / 9
    model = {
        "reasons": [f"r{one}" for one in range(10)],
        "shares": [usual] + [0.0] * 9,
        "intercept": np.log([p] + [rest] * 9).tolist(),
        "weights": {},
    }
    lead = pd.DataFrame({"employees": [10.0], "source": ["web"]})
    found = likely_reason(model, Scorecard.from_dict(CARD), lead)
    assert (found is not None) == said
    if found:
        assert found == ("r0", pytest.approx(p), usual)
    assert likely_reason(None, Scorecard.from_dict(CARD), lead) is None


def test_saying_a_reason_needs_neither_scikit_learn_nor_scipy() -> None:
    code = (
        "import sys, model.training.rejections; "
        "print([one for one in ('sklearn', 'scipy', 'mlflow') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_nothing_given_is_changed() -> None:
    made = company(5, 1200)
    before = made["X"].copy(), made["rows"].copy(), json.dumps(CARD)
    learn_rejections(CARD, **made)
    pd.testing.assert_frame_equal(made["X"], before[0])
    pd.testing.assert_frame_equal(made["rows"], before[1])
    assert json.dumps(CARD) == before[2]
