"""Effects, delays, censoring and selective follow-up in one small simulated company.

Each estimate comes from the functions that training uses, and its error is the difference from the
planted truth. Methods that are known to be biased are measured as well, and must show their bias.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.labels.time_to_win import kaplan_meier
from model.estimators.logistic import LogisticOnBins
from model.weighting.censoring import censoring_weights
from model.weighting.worked import WorkedWeights, weight_worked_leads
from pipelines.simulator.settings import HOME_REGIONS
from verification.companies import FEATURES, SELECTIVE_SALES, leads_handed_off

Array = npt.NDArray[Any]
EXACT = {"noise": 0.0, "account_noise": 0.0}  # the planted log-odds are exactly those of each lead
NEVER = "Nordics"
SHRINKAGE = 0.01  # keeps estimates finite where a feature separates the outcomes
Z95 = 1.959963984540054
LEAST_LEADS = 30  # with a value, for its points to be checked
NULL = "at home"  # a column of the design without any effect


def estimate_outcomes(seed: int) -> dict[str, Any]:
    """Make every estimate in one company, and look for refusals in another."""
    leads = leads_handed_off(seed=10_000 + seed, **SELECTIVE_SALES, **EXACT)
    weighted = weight_worked_leads(leads, leads["worked"].to_numpy(), FEATURES)
    return {
        **_selective(leads, weighted),
        **_effects(leads, weighted),
        **_young(leads),
        **_refusals(seed),
        "points_covered": points_covered(leads, weighted),
    }


def _selective(leads: pd.DataFrame, weighted: WorkedWeights) -> dict[str, float]:
    """Estimate the win rate of all leads from those that sales worked."""
    wins, worked = leads["would_win"].to_numpy(dtype=np.float64), weighted.worked
    predicted = weighted.supported
    here = worked & predicted
    true = float(leads["probability"].to_numpy()[predicted].mean())
    return {
        "true_rate": true,
        "weighted_off": float(np.average(wins[here], weights=weighted.weight[here])) - true,
        "as_worked_off": float(wins[here].mean()) - true,
        "ignored_off": float((wins * worked)[predicted].mean()) - true,
    }


# -- effects ---------------------------------------------------------------------------------------


def effect_design(leads: pd.DataFrame) -> tuple[pd.DataFrame, Array]:
    """Make a column for each planted effect and one without effect, and the true log-odds."""
    columns: dict[str, Any] = {}
    true = []
    for effect in leads.attrs["effects"]:
        values = leads[effect["feature"]]
        holds = values.eq(effect["level"])
        if np.isfinite(effect["from_value"]):
            never = values.isna() & (effect["feature"] == "days_since_last_activity")
            holds = values.ge(effect["from_value"]) | never
        columns[f"{effect['feature']} {effect['level']}"] = holds.astype(float)
        true.append(effect["log_odds"])
    columns[NULL] = leads["region"].isin(HOME_REGIONS).astype(float)
    return pd.DataFrame(columns), np.array([*true, 0.0])


def weighted_logistic(X: pd.DataFrame, y: Any, weights: Any) -> tuple[Array, Array]:
    """Fit a weighted logistic regression; return effects and their sandwich standard errors.

    References
    ----------
    H. White, "Maximum likelihood estimation of misspecified models", Econometrica 1982.
    """
    table = np.column_stack([np.ones(len(X)), X.to_numpy()])
    y, w = np.asarray(y, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    beta, little = np.zeros(table.shape[1]), SHRINKAGE * np.eye(table.shape[1])
    for _ in range(60):
        p = 1 / (1 + np.exp(-table @ beta))
        bread = np.linalg.inv((table * (w * p * (1 - p))[:, None]).T @ table + little)
        step = np.clip(bread @ (table.T @ (w * (y - p)) - SHRINKAGE * beta), -1, 1)
        beta = beta + step
        if np.abs(step).max() < 1e-9:
            break
    score = table * (w * (y - p))[:, None]
    return beta[1:], np.sqrt(np.diag(bread @ (score.T @ score) @ bread))[1:]


def _effects(leads: pd.DataFrame, weighted: WorkedWeights) -> dict[str, Any]:
    """Estimate the planted effects from the worked leads."""
    X, true = effect_design(leads)
    wins, w = leads["would_win"], weighted.worked
    often = ((X[w] == 1).sum().to_numpy() >= 50) & ((X[w] == 0).sum().to_numpy() >= 50)
    names = X.columns[often]
    effects, errors = weighted_logistic(X.loc[w, names], wins[w], weighted.weight[w])
    off = effects - true[often]
    naive = weighted_logistic(X[names], wins & w, np.ones(len(X)))[0]
    place = list(names).index(NULL)
    return {
        "effects_covered": np.abs(off) <= Z95 * errors,
        "effects_off": float(off[place]),
        "naive_off": float(naive[place]),
    }


def points_covered(leads: pd.DataFrame, weighted: WorkedWeights) -> Array:
    """Check for each value whether the interval of its points covers the planted truth.

    The points are those of a logistic regression on the bins of all features, relative to the
    average training lead. Values of fewer than ``LEAST_LEADS`` leads are left out.
    """
    worked = weighted.worked
    X = leads[worked].reset_index(drop=True)
    effects = leads.attrs["effects"]
    X.attrs["effects"] = effects
    columns, sizes = effect_design(X)
    fitted = LogisticOnBins().fit(
        X, X["would_win"], features=FEATURES, sample_weight=weighted.weight[worked]
    )
    covered = []
    for term in fitted.terms()[1]:
        own = [effect["feature"] == term.binning.feature for effect in effects] + [False]
        planted = columns.to_numpy()[:, own] @ sizes[own]
        bins = term.binning.bins(X)
        counts = np.bincount(bins, minlength=term.binning.size)
        true = np.bincount(bins, planted, minlength=term.binning.size) / np.maximum(counts, 1)
        off = (term.log_odds - term.log_odds @ counts / len(X)) - (true - planted.mean())
        covered.append((np.abs(off) <= Z95 * np.asarray(term.errors))[counts >= LEAST_LEADS])
    return np.concatenate(covered)


# -- young leads -----------------------------------------------------------------------------------


def _young(leads: pd.DataFrame) -> dict[str, float]:
    """Estimate the win rate and the time to win where many leads are not mature."""
    settings = leads.attrs["settings"]
    horizon, day = settings.horizon_days, settings.extract_at
    as_of, days = leads["moment"], leads["days_to_win"].to_numpy()
    won = days <= horizon
    took = pd.to_timedelta(np.where(won, days, horizon), unit="D")
    known_at = as_of + took
    known, mature = (known_at <= day).to_numpy(), (as_of + pd.Timedelta(days=horizon) <= day)
    weights = censoring_weights(as_of, known_at, day, as_of)
    true = float(leads["probability"].mean())
    followed = (day - as_of).dt.total_seconds().to_numpy() / 86_400
    seen = days <= followed
    curve = kaplan_meier(np.where(seen, days, followed), seen).curve
    return {
        "immature_weighted_off": float(np.average(won, weights=weights)) - true,
        "left_out_off": float(won[mature.to_numpy()].mean()) - true,
        "early_wins_off": float(won[known].mean()) - true,
        **_curve_at(curve, days, horizon / 2, "half"),
        **_curve_at(curve, days, horizon, "horizon"),
    }


def _curve_at(curve: pd.DataFrame, days: Array, by: float, name: str) -> dict[str, float]:
    """Read the interval of the curve at a day, and the true share of all leads."""
    last = curve[curve["days"] <= by].iloc[-1]
    return {
        f"true_{name}": float((days <= by).mean()),
        f"low_{name}": float(last["low"]),
        f"high_{name}": float(last["high"]),
    }


def _refusals(seed: int) -> dict[str, bool]:
    """Find which leads get no prediction where one region was never worked."""
    others = ("DACH", "UK & Ireland", "Southern Europe", "North America")
    leads = leads_handed_off(seed=20_000 + seed, only_regions=others, **EXACT)
    weighted = weight_worked_leads(leads, leads["worked"].to_numpy(), FEATURES)
    refused = {(refusal.feature, refusal.value) for refusal in weighted.unsupported}
    return {
        "refused": ("region", NEVER) in refused,
        "nothing_else": refused <= {("region", NEVER)} and weighted.rarely_worked is None,
    }
