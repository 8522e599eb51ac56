"""Weights of worked leads, compared with the truth about simulated companies.

Tolerances are derived: an estimate may be off by 4 of its own standard errors (for 20 estimates
together, once in a thousand times by chance); a method counts as wrong if it is off by more than 3.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.families.feature import Feature
from model.serving import Scorecard
from model.training.calibration import calibrate, calibration_bins
from model.training.learn import learn
from model.training.learning_data import LearningData
from model.training.metrics import cumulative_gains, measure
from model.training.splits import Split
from model.weighting.worked import (
    LARGEST,
    WorkedWeights,
    effective_sample_size,
    weight_worked_leads,
)
from model.weighting.worked_slices import in_any_slice
from model.weighting.worked_summary import worked_summary
from pipelines.simulator.company import Settings, simulate_course

NUMBERS = (
    "employees",
    "webinar_attended_30d",
    "demo_request_30d",
    "content_download_30d",
    "page_view_30d",
    "email_open_30d",
    "email_click_30d",
    "form_submit_30d",
    "days_since_last_activity",
)
NAMES = ("industry", "region", "seniority", "job_function", "source")
FEATURES = [
    *(Feature(name, name, "engagement", "number") for name in NUMBERS),
    *(Feature(name, name, "firmographic", "category") for name in NAMES),
]
HOME = ("DACH", "UK & Ireland")
AWAY = ("North America", "Southern Europe", "Nordics")
NULLS = ("at home", "old score")  # in the design, with no effect at all
OFF, WRONG = 4.0, 3.0  # standard errors


@lru_cache(maxsize=8)
def company(**changed: Any) -> pd.DataFrame:
    """The leads handed over, with what only the simulator knows."""
    settings = {
        "seed": 11,
        "leads": 6_000,
        "events": 90_000,
        "noise": 0.0,
        "account_noise": 0.0,
        "base_rate": 0.15,
        "duplicates": 0.0,
        "tests": 0.0,
        "bots": 0.0,
    }
    truth = simulate_course(Settings(**{**settings, **changed})).truth
    leads = truth.leads
    kept = leads[leads["handed_off"] & (leads["kind"] == "regular")].reset_index(drop=True)
    kept.attrs["effects"] = truth.effects.to_dict("records")
    return kept


@lru_cache(maxsize=8)
def weights_of(**changed: Any) -> WorkedWeights:
    leads = company(**changed)
    return weight_worked_leads(leads, leads["worked"].to_numpy(), FEATURES)


def design(leads: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray[Any, Any]]:
    """A column for each planted effect, two for what has none, and the true log-odds of each."""
    columns, true = {}, []
    for effect in leads.attrs["effects"]:
        values = leads[effect["feature"]]
        if np.isnan(effect["from_value"]):
            holds = values.eq(effect["level"])
        else:
            never = values.isna() & (effect["feature"] == "days_since_last_activity")
            holds = values.ge(effect["from_value"]) | never
        columns[f"{effect['feature']} {effect['level']}"] = holds.astype(float)
        true.append(effect["log_odds"])
    columns["at home"] = leads["region"].isin(HOME).astype(float)
    columns["old score"] = leads["old_score"] / leads["old_score"].std()
    return pd.DataFrame(columns), np.array([*true, 0.0, 0.0])


def fitted(X: pd.DataFrame, y: Any, w: Any) -> tuple[np.ndarray[Any, Any], ...]:
    """Weighted logistic regression by Newton's method, with errors that know of the weights.

    Gives effects, their standard errors and the log-likelihood. A trace of shrinkage (a hundredth
    of a lead) keeps what separates the outcomes finite.
    """
    table = np.column_stack([np.ones(len(X)), X.to_numpy()])
    y, w, beta = np.asarray(y, float), np.asarray(w, float), np.zeros(table.shape[1])
    for _ in range(40):
        p = 1 / (1 + np.exp(-table @ beta))
        curvature = (table * (w * p * (1 - p))[:, None]).T @ table
        bread = np.linalg.inv(curvature + 0.01 * np.eye(len(beta)))
        step = bread @ (table.T @ (w * (y - p)) - 0.01 * beta)
        beta = beta + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-8:
            break
    score = table * (w * (y - p))[:, None]
    errors = np.sqrt(np.diag(bread @ (score.T @ score) @ bread))
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return beta[1:], errors[1:], np.asarray(w @ (y * np.log(p) + (1 - y) * np.log(1 - p)))


CHOICES: list[dict[str, Any]] = [
    {"only_score_above": 0.4},
    {"only_regions": HOME},
    {"worked": 0.5, "prefer_home": 2.5, "prefer_large": 1.5, "prefer_score": 1.5},
]


@pytest.mark.parametrize("changed", CHOICES, ids=["high old score", "one region", "liked"])
def test_planted_effects_are_recovered_from_the_worked_leads(
    changed: dict[str, Any],
) -> None:
    leads, found = company(**changed), weights_of(**changed)
    X, true = design(leads)
    w = leads["worked"].to_numpy()
    won = (leads["would_win"] & leads["worked"]).to_numpy()
    usable = X.columns[(X[w].std() > 0).to_numpy()]
    kept = X.columns.isin(usable)

    effects, errors, _ = fitted(X.loc[w, usable], won[w], found.weight[w])
    assert (np.abs(effects - true[kept]) < OFF * errors).all()

    each = np.ones(len(X))
    with_nulls = fitted(X, won, each)[2]
    without = fitted(X.drop(columns=list(NULLS)), won, each)[2]
    assert 2 * (with_nulls - without) > WRONG**2 + len(NULLS), (
        "counting ignored leads as lost finds effects that do not exist"
    )
    of_all = fitted(X, leads["would_win"], each)[2]
    of_all -= fitted(X.drop(columns=list(NULLS)), leads["would_win"], each)[2]
    assert 2 * of_all < OFF**2


def test_weighted_leads_give_the_effect_among_all_leads() -> None:
    """A webinar has a larger effect at home, where sales works more leads."""
    changed = {"leads": 20_000, "events": 300_000, "home_webinar": 2.5, "prefer_home": 3.0}
    leads, found = company(**changed), weights_of(**changed)
    X, _ = design(leads)
    w, place = leads["worked"].to_numpy(), list(X.columns).index("webinar_attended_30d 1 or more")
    of_all = fitted(X, leads["would_win"], np.ones(len(X)))[0][place]
    effect, error = (
        part[place] for part in fitted(X[w], leads["would_win"][w], found.weight[w])[:2]
    )
    plain = fitted(X[w], leads["would_win"][w], np.ones(w.sum()))[0][place]
    assert abs(effect - of_all) < OFF * error
    assert abs(effect - of_all) < abs(plain - of_all) / 2


@pytest.mark.parametrize(
    "changed", [{}, *CHOICES], ids=["usual", "high old score", "home", "liked"]
)
def test_the_weighted_win_rate_is_that_of_all_supported_leads(
    changed: dict[str, Any],
) -> None:
    leads, found = company(**changed), weights_of(**changed)
    supported = found.supported
    here = supported & found.worked
    wins, w = leads["would_win"].to_numpy(float), found.weight[here]
    true = float(wins[supported].mean())
    rate = float(np.average(wins[here], weights=w))
    error = float(np.sqrt((w**2 * (wins[here] - rate) ** 2).sum()) / w.sum())
    assert abs(rate - true) < OFF * error
    assert found.worked[~supported].mean() < 0.1 if (~supported).any() else True
    ignored_are_lost = float((wins * found.worked)[supported].mean())
    assert abs(ignored_are_lost - true) > WRONG * error


def test_the_worked_leads_alone_win_more_often_than_all() -> None:
    leads, found = company(**CHOICES[2]), weights_of(**CHOICES[2])
    supported = found.supported
    here, wins = supported & found.worked, leads["would_win"].to_numpy(float)
    error = float(wins[here].std() / np.sqrt(here.sum()))
    assert wins[here].mean() - wins[supported].mean() > WRONG / 2 * error
    assert (
        worked_summary(found, leads)["balance"]["after"]
        < worked_summary(found, leads)["balance"]["before"] / 3
    )


def warnings(served: list[dict[str, Any]], leads: pd.DataFrame) -> list[str]:
    """The warnings of the served model."""
    card = {
        "format": 1,
        "base_rate": 0.1,
        "intercept": 0,
        "ready_at": 50,
        "grades": {},
        "levels": {},
        "features": [],
        "no_claim": served,
    }
    return list(Scorecard.from_dict(card).warnings(leads))


def test_regions_that_were_never_worked_are_named_and_warned_of() -> None:
    leads, found = company(only_regions=HOME), weights_of(only_regions=HOME)
    assert {(part.feature, part.value) for part in found.unsupported} == {
        ("region", region) for region in AWAY
    }
    assert all(part.worked == 0 for part in found.unsupported)
    away = leads["region"].isin(AWAY).to_numpy()
    assert (in_any_slice(found.unsupported, leads) == away).all()
    assert np.isnan(found.propensity[away]).all()
    summary = json.loads(json.dumps(worked_summary(found, leads), allow_nan=False))
    texts = warnings(summary["no_claim"], leads.head(50))
    assert [bool(text) for text in texts] == away[:50].tolist()
    assert all("sales worked none of" in text for text in texts if text)


def test_leads_below_a_threshold_of_a_hidden_score_are_found() -> None:
    leads, found = company(**CHOICES[0]), weights_of(**CHOICES[0])
    assert found.rarely_worked is not None
    low = leads["old_score"] < leads["old_score"].quantile(0.4)
    summary = json.loads(json.dumps(worked_summary(found, leads), allow_nan=False))
    texts = warnings(summary["no_claim"], leads)
    below = np.array([found.rarely_worked.reason_text() in text for text in texts])
    assert low[below].mean() > 0.9
    refused = np.isnan(found.propensity)
    assert [bool(text) for text in texts] == refused.tolist()
    assert (refused == (below | in_any_slice(found.unsupported, leads))).all()


@pytest.mark.parametrize("seed", range(2))
def test_all_leads_are_supported_where_sales_works_some_of_every_kind(seed: int) -> None:
    leads = company(seed=seed)
    found = weight_worked_leads(leads, leads["worked"].to_numpy(), FEATURES)
    assert (found.unsupported, found.rarely_worked) == ([], None)
    at_random = np.random.default_rng(seed).random(len(leads)) < 0.05
    assert weight_worked_leads(leads, at_random, FEATURES).unsupported == [], (
        "few leads are worked, but some of every kind"
    )


def test_weights_average_to_one_and_are_zero_for_leads_never_worked() -> None:
    rng = np.random.default_rng(0)
    leads = pd.DataFrame({"kind": rng.choice(["a", "b"], 4_000, p=[0.8, 0.2])})
    worked = rng.random(4_000) < np.where(leads["kind"] == "a", 0.9, 0.08)
    found = weight_worked_leads(leads, worked, [Feature("kind", "kind", "origin", "category")])
    assert [part.value for part in found.unsupported] == ["b"]
    worked = rng.random(4_000) < np.where(leads["kind"] == "a", 0.9, 0.3)
    found = weight_worked_leads(leads, worked, [Feature("kind", "kind", "origin", "category")])
    assert found.weight[worked].mean() == pytest.approx(1)
    assert (found.weight[~worked] == 0).all()
    ratio = found.weight[worked & (leads["kind"] == "b")][0] / found.weight[worked].min()
    assert ratio == pytest.approx(0.9 / 0.3, rel=0.15)
    summary = worked_summary(found, leads)
    assert summary["weights"]["effective_size"] == pytest.approx(
        effective_sample_size(found.weight[worked])
    )
    assert summary["weights"]["effective_size"] < worked.sum()
    counts = summary["overlap"]
    assert sum(counts["worked"]) == worked.sum()
    assert sum(counts["never worked"]) == (~worked).sum()
    assert summary["by"]["kind"]["b"] == pytest.approx(worked[leads["kind"] == "b"].mean())


def test_large_weights_are_clipped_and_located() -> None:
    """Sales works 4% of the leads that combine three rare values."""
    rng = np.random.default_rng(3)
    leads = pd.DataFrame({name: rng.choice(["no", "yes"], 40_000, p=[0.9, 0.1]) for name in "abc"})
    times = (leads == "yes").sum(axis=1).to_numpy()
    worked = rng.random(40_000) < np.array([0.9, 0.5, 0.2, 0.04])[times]
    found = weight_worked_leads(
        leads, worked, [Feature(name, name, "origin", "category") for name in "abc"]
    )
    summary = worked_summary(found, leads)["weights"]
    raw = worked.mean() / found.propensity[worked & found.supported]
    assert summary["clipped"] == (raw > LARGEST).sum()
    assert summary["largest"] <= LARGEST * 1.05
    if summary["clipped"]:
        assert {row["value"] for row in summary["clipped_where"]} == {"yes"}


def test_inputs_are_unchanged_and_row_order_does_not_matter() -> None:
    leads = company()
    before = leads.copy()
    worked = leads["worked"].to_numpy()
    found = weights_of()
    pd.testing.assert_frame_equal(leads, before)
    order = np.random.default_rng(1).permutation(len(leads))
    again = weight_worked_leads(leads.iloc[order], worked[order], FEATURES)
    np.testing.assert_allclose(again.weight, found.weight[order], atol=0.05)


def test_bands_and_missing_values_can_be_unsupported() -> None:
    X = pd.DataFrame({"size": [5.0] * 200 + [500.0] * 200 + [np.nan] * 200})
    worked = np.r_[np.zeros(200), np.ones(200), np.zeros(200)].astype(bool)
    found = weight_worked_leads(
        X, worked, [Feature("size", "employees", "firmographic", "number", "people")]
    )
    assert [part.kind for part in found.unsupported] == ["missing", "number"]
    served = json.loads(
        json.dumps([part.scorecard_entry() for part in found.unsupported], allow_nan=False)
    )
    assert warnings(served, pd.DataFrame({"size": [5.0, 500.0, np.nan]})) == [
        "employees under 500: sales worked none of 200 leads",
        "",
        "employees unknown: sales worked none of 200 leads",
    ]


# -- weights in learning and in figures ------------------------------------------------------------


def test_whole_weights_give_the_metrics_of_repeated_leads() -> None:
    rng = np.random.default_rng(5)
    p = rng.random(300).round(2)
    y = (rng.random(300) < p).astype(float)
    times = rng.integers(1, 4, 300)
    weighted = measure(y, {"m": p}, weights=times, resamples=2)["m"].values
    repeated = measure(np.repeat(y, times), {"m": np.repeat(p, times)}, resamples=2)["m"].values
    assert weighted == pytest.approx(repeated)
    odds = np.log((p + 0.01) / (1.01 - p))
    assert calibrate(odds, y, times) == pytest.approx(
        calibrate(np.repeat(odds, times), np.repeat(y, times))
    )
    assert cumulative_gains(y, p, weights=times) == pytest.approx(
        cumulative_gains(np.repeat(y, times), np.repeat(p, times))
    )
    plain, even = calibration_bins(y, p), calibration_bins(y, p, weights=np.full(300, 7.0))
    assert [row["observed"] for row in even] == pytest.approx([row["observed"] for row in plain])
    assert [row["low"] for row in even] == pytest.approx([row["low"] for row in plain])


def test_the_level_uses_the_weights_and_the_points_do_not() -> None:
    """The weighted win rate is reproduced, by the points that were learned without weights."""
    leads, found = company(**CHOICES[2]), weights_of(**CHOICES[2])
    w = found.worked & (np.arange(len(leads)) % 2 == 0)
    X, y = leads[w].reset_index(drop=True), leads["would_win"][w].to_numpy(float)
    everybody, nobody = np.ones(len(X), dtype=bool), np.zeros(len(X), dtype=bool)
    data = LearningData(X, y, FEATURES, np.arange(len(X)))
    split = Split(everybody, nobody, "at random")
    plain = learn(data, split, []).chosen
    weighted = learn(data, replace(split, weights=found.weight[w]), []).chosen
    assert plain.probability(X).mean() == pytest.approx(y.mean(), abs=1e-3)
    rate = float(np.average(y, weights=found.weight[w]))
    p = weighted.probability(X)
    assert float(np.average(p, weights=found.weight[w])) == pytest.approx(rate, abs=1e-3)
    assert abs(rate - y.mean()) > 0.01
    assert np.ptp(weighted.log_odds(X) - plain.log_odds(X)) < 1e-9, "only the level differs"
