"""The simulated company's truth: are the planted effects there, and does every dial turn?

The effects are recovered by a plain logistic regression written here. Tolerances are those of the
statistics: one that follows a known distribution may be so far out once in ten thousand seeds.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2, norm
from sklearn.metrics import roc_auc_score

from features.errors import LeadReadyError
from pipelines.simulator import truth as planted
from pipelines.simulator.company import (
    Company,
    Settings,
    Truth,
    simulate_company,
    simulate_course,
)
from pipelines.simulator.crm import as_timestamps
from pipelines.simulator.settings import HOME_REGIONS

ONCE_IN = 1e-4
FAR = float(norm.isf(ONCE_IN / 2))  # standard errors
QUIET = {"noise": 0.0, "account_noise": 0.0}  # all that drives wins is known
SMALL = {"leads": 3_000, "events": 60_000}


@pytest.fixture(scope="module")
def truth() -> Truth:
    return simulate_course(Settings()).truth


@pytest.fixture(scope="module")
def quiet() -> Company:
    """As the demo's, but nothing unknown drives wins: regression has the right model."""
    return simulate_company(Settings(**QUIET))


def _fit(X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Maximum likelihood by Newton's method: estimates and their covariance."""
    beta = np.zeros(X.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-X @ beta))
        information = (X * (p * (1 - p))[:, None]).T @ X
        step = np.linalg.solve(information, X.T @ (y - p))
        beta = beta + step
        if np.abs(step).max() < 1e-10:
            break
    return beta, np.linalg.inv(information)


def _design(facts: pd.DataFrame, settings: Settings) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return a column for each planted effect, with its size and its feature."""
    effects = planted.effects(settings)
    rows = [planted.Effect(*row) for row in effects.to_numpy(dtype=object)]
    columns = [row.holds(facts).astype(float) for row in rows]
    return np.column_stack(columns), effects["log_odds"].to_numpy(), list(effects["feature"])


def _regular(truth: Truth) -> pd.DataFrame:
    leads = truth.leads
    return leads.loc[leads["kind"].eq("regular") & leads["handed_off"]]


# The planted truth


def test_planted_effects_are_recovered(quiet: Company) -> None:
    leads = _regular(quiet.truth).query("worked")
    X, expected, features = _design(leads, quiet.settings)
    X = np.column_stack([np.ones(len(X)), X])
    expected = np.concatenate([[quiet.truth.intercept], expected])
    found, covariance = _fit(X, leads["would_win"].to_numpy(float))
    off = (found - expected) / np.sqrt(np.diag(covariance))
    assert np.abs(off).max() < FAR + 0.5, dict(zip(["intercept", *features], off, strict=True))
    wald = (found - expected) @ np.linalg.solve(covariance, found - expected)
    assert wald < chi2.isf(ONCE_IN, len(expected))
    strong = found[1:][np.abs(expected[1:]) >= 0.9]
    assert (np.sign(strong) == np.sign(expected[1:][np.abs(expected[1:]) >= 0.9])).all()


def test_the_null_features_have_no_effect(quiet: Company) -> None:
    leads = _regular(quiet.truth).query("worked")
    shown = quiet.leads.loc[leads.index]
    nulls = [
        leads["region"].isin(HOME_REGIONS),
        leads["country"].eq("United States"),
        leads["founded"].ge(2010),
        shown["Preferred Language"].eq("German"),
        shown["Newsletter Frequency"].eq("Weekly"),
    ]
    X, _, _ = _design(leads, quiet.settings)
    X = np.column_stack([np.ones(len(X)), X, *(null.to_numpy(float) for null in nulls)])
    found, covariance = _fit(X, leads["would_win"].to_numpy(float))
    assert len(nulls) == len(quiet.truth.null_features)
    last = slice(-len(nulls), None)
    wald = found[last] @ np.linalg.solve(covariance[last, last], found[last])
    assert wald < chi2.isf(ONCE_IN, len(nulls))


def test_probabilities_mean_what_they_say(truth: Truth) -> None:
    leads = _regular(truth)
    chance = leads["probability"]
    for low, high in ((0, 0.03), (0.03, 0.1), (0.1, 0.25), (0.25, 1)):
        some = chance.between(low, high)
        spread = math.sqrt((chance * (1 - chance))[some].sum())
        assert abs(leads["would_win"][some].sum() - chance[some].sum()) < FAR * spread


# Every dial


def test_shuffled_outcomes_have_nothing_to_do_with_the_leads() -> None:
    made = simulate_company(Settings(shuffled=True))
    leads = _regular(made.truth).query("worked")
    expected = planted.log_odds(Settings(), leads, np.zeros(len(leads)))
    won, lost = leads["would_win"].sum(), (~leads["would_win"]).sum()
    spread = math.sqrt((won + lost + 1) / (12 * won * lost))  # of an AUC by chance
    assert abs(roc_auc_score(leads["would_win"], expected) - 0.5) < FAR * spread
    assert won > 400
    assert (made.truth.effects["log_odds"] == 0).all()
    rejected = made.leads["Lead Status"].eq("Rejected")
    wrong_size = made.leads.loc[rejected, "Disposition Reason"].eq("Not the right size")
    small = made.truth.leads.loc[rejected, "employees"].lt(50)
    shares = wrong_size.groupby(small).agg(["mean", "size"])
    spread = math.sqrt((shares["mean"] * (1 - shares["mean"]) / shares["size"]).sum())
    assert abs(shares["mean"].diff().iloc[-1]) < FAR * spread


def test_drift_moves_the_chance_to_win(quiet: Company) -> None:
    settings = Settings(drift=1.5, **QUIET)
    made = simulate_course(settings)
    handed_at = as_timestamps(made.course["handed_at"])
    half = handed_at < settings.starts_at + pd.DateOffset(months=12)
    moved = made.truth.leads["log_odds"] - quiet.truth.leads["log_odds"]
    regular = _regular(made.truth).index
    shift = moved[regular][~half[regular]].mean() - moved[regular][half[regular]].mean()
    assert shift == pytest.approx(0.75, abs=0.05)
    rates = _regular(made.truth)["would_win"].groupby(half[regular].to_numpy()).mean()
    assert rates[False] > 1.5 * rates[True]


def test_fading_takes_the_webinar_away() -> None:
    settings = Settings(fading=1.0, leads=30_000, events=450_000, **QUIET)
    made = simulate_course(settings)
    leads = _regular(made.truth)
    handed_at = as_timestamps(made.course["handed_at"]).loc[leads.index]
    late = handed_at >= settings.extract_at - pd.DateOffset(months=6)
    found = {}
    for name, some in (("late", leads[late]), ("early", leads[~late])):
        X, _, features = _design(some, settings)
        beta, covariance = _fit(
            np.column_stack([np.ones(len(X)), X]), some["would_win"].to_numpy(float)
        )
        place = 1 + features.index("webinar_attended_30d")
        found[name] = (beta[place], math.sqrt(covariance[place, place]))
    left = 1.3 / 8  # all of it is there at the start, nothing at the end
    assert abs(found["late"][0] - left) < FAR * found["late"][1]
    assert found["early"][0] - FAR * found["early"][1] > 0.1


def test_home_webinars_are_worth_more() -> None:
    made, still = (
        simulate_course(Settings(**SMALL, **QUIET, home_webinar=x)).truth for x in (1.0, 0.0)
    )
    leads = _regular(made)
    more = (made.leads["log_odds"] - still.leads["log_odds"]).loc[leads.index]
    at_home = leads["region"].isin(HOME_REGIONS) & leads["webinar_attended_30d"].ge(1)
    assert more[at_home].mean() - more[~at_home].mean() == pytest.approx(1.0, abs=1e-6)


def test_mix_drift_brings_paid_search() -> None:
    made = simulate_course(Settings(**SMALL, mix_drift=0.8)).truth
    share = made.leads["source"].eq("Paid Search").to_numpy()
    assert share[-500:].mean() > 0.6
    assert share[:500].mean() < 0.3


def test_noise_hides_what_drives_wins(quiet: Company) -> None:
    loud = simulate_course(Settings(noise=2.0)).truth.leads.query("worked")
    calm = quiet.truth.leads.query("worked")
    aucs = [roc_auc_score(some["would_win"], some["log_odds"]) for some in (loud, calm)]
    assert aucs[0] < aucs[1] - 0.05


def test_strength_zero_drives_nothing() -> None:
    made = simulate_course(Settings(**SMALL, **QUIET, strength=0.0)).truth
    assert _regular(made)["probability"].std() == pytest.approx(0)


def test_the_right_size_is_where_it_is_set() -> None:
    made = simulate_course(Settings(**SMALL, **QUIET, employees_from=200)).truth
    steps = made.effects.query("feature == 'employees'")["from_value"]
    assert list(steps) == [200, 4000]


def test_sales_may_never_work_a_region_or_a_low_score() -> None:
    nordic = simulate_course(Settings(**SMALL, only_regions=("Nordics",))).truth.leads
    assert set(nordic.query("worked")["region"]) == {"Nordics"}
    high = simulate_course(Settings(**SMALL, only_score_above=0.5)).truth.leads
    cut = high.query("handed_off")["old_score"].median()
    assert high.query("worked")["old_score"].min() >= cut
    assert high.loc[~high["worked"], "worked_probability"].eq(0).any()


def test_without_preferences_everybody_is_worked_alike() -> None:
    even = Settings(prefer_score=0, prefer_large=0, prefer_home=0, worked=0.5)
    leads = simulate_course(even).truth.leads.query("handed_off")
    shares = leads["worked"].groupby(leads["employees"].ge(200).to_numpy()).agg(["mean", "size"])
    spread = np.sqrt((shares["mean"] * (1 - shares["mean"]) / shares["size"]).sum())
    assert abs(shares["mean"].diff().iloc[-1]) < FAR * spread


def test_sales_may_choose_by_an_interest_that_no_column_shows() -> None:
    dials = {"noise": 1.0, "account_noise": 0.0, "prefer_interest": 2.0}
    leads = simulate_course(Settings(**SMALL, **dials)).truth.leads
    leads = leads.query("handed_off and kind == 'regular'")
    interest = np.log(leads["probability"] / (1 - leads["probability"])) - leads["log_odds"]
    assert interest[leads["worked"]].mean() > interest[~leads["worked"]].mean() + 0.5


def test_sales_may_prefer_large_companies_at_home_alone() -> None:
    dials = {"prefer_score": 0.0, "prefer_large": 0.0, "prefer_home": 0.0, "prefer_large_home": 3.0}
    leads = simulate_course(Settings(**SMALL, **dials, worked=0.5)).truth.leads.query("handed_off")
    kinds = [leads["employees"].ge(200), leads["region"].isin(HOME_REGIONS)]
    chance = leads["worked_probability"].groupby(kinds).mean().unstack()
    assert chance.loc[True, True] > chance.max().drop(True).max() + 0.3
    assert abs(chance.loc[False, True] - chance.loc[False, False]) < 0.1


def test_wins_take_as_long_as_set() -> None:
    settings = Settings(base_rate=0.3, days_to_win=30.0, late=0.1, leads=6_000, events=120_000)
    days = _regular(simulate_course(settings).truth)["days_to_win"]
    days = days[np.isfinite(days)]
    n = len(days)
    spread = math.sqrt(0.25 / n)
    assert n > 1_200
    assert abs((days <= 30).mean() - 0.5) < FAR * spread + 0.03  # certain winners win sooner
    assert (days > settings.horizon_days).mean() == pytest.approx(0.1, abs=0.04)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"base_rate": 8}, "base_rate is 8"),
        ({"leads": 3}, "leads is 3"),
        ({"leads": 1_000, "events": 2_000}, "too few for 1000 leads"),
        ({"only_regions": ("Nordic",)}, "did you mean 'Nordics'"),
        ({"days_to_win": 200.0}, "200 days to win is beyond the horizon"),
        ({"bots": float("nan")}, "bots is nan"),
    ],
)
def test_what_cannot_be_simulated_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(LeadReadyError, match=message):
        Settings(**settings)


@pytest.mark.parametrize(
    "settings",
    [
        Settings(leads=100, events=2_000),
        Settings(leads=300, events=6_000, months=6),
        Settings(leads=300, events=6_000, months=12, duplicates=0.0, bots=0.0, tests=0.0),
        Settings(leads=300, events=6_000, repeated_contacts=0.2, duplicates=0.2),
        Settings(leads=300, events=6_000, handed_off=1.0, worked=1.0),
        Settings(leads=300, events=6_000, leads_per_account=50.0),
    ],
)
def test_small_and_odd_companies_work(settings: Settings) -> None:
    made = simulate_company(settings)
    assert len(made.leads) == settings.leads
    assert len(made.activities) == settings.events
    assert made.activities["Occurred At"].max() < settings.extract_at
    if settings.handed_off == settings.worked == 1.0:  # but for the last days' leads
        assert made.truth.leads["worked"].mean() > 0.95
