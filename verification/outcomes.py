"""Effects, delays, censoring and selective working in one small simulated company.

Estimates by the same functions that a training uses, each less the truth that was planted; beside
them the ways that are known to be wrong, which must be seen to be wrong.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.labels.time_to_win import kaplan_meier
from model.training.boosting import ExplainableBoosting as Boosting
from model.training.logistic import LogisticOnBins
from model.weighting.censoring import censoring_weights
from model.weighting.worked import Weighed, weigh
from pipelines.simulator.settings import HOME_REGIONS
from verification.companies import CHOOSY, FEATURES, handed_over

Array = npt.NDArray[Any]
EXACT = {"noise": 0.0, "account_noise": 0.0}  # so that planted log-odds are those of each lead
NEVER = "Nordics"
SHRUNK = 0.01  # leads' worth of shrinkage, so that what separates the outcomes stays finite
Z95 = 1.959963984540054
SEEN = 30  # leads that a value needs for its points to be looked at
OFTEN = 4  # explainable boosting takes longer: in one company of so many
NULL = "at home"  # in the design, with no effect at all


def outcomes_of(seed: int) -> dict[str, Any]:
    """Estimate all there is in one company, and refuse what cannot be known in another."""
    leads = handed_over(seed=10_000 + seed, **CHOOSY, **EXACT)
    found = weigh(leads, leads["worked"].to_numpy(), FEATURES)
    kinds = {"logistic": LogisticOnBins, **({} if seed % OFTEN else {"boosting": Boosting})}
    return {
        **_selective(leads, found),
        **_effects(leads, found),
        **_young(leads),
        **_refusals(seed),
        "points_held": {name: points_held(leads, found, kind) for name, kind in kinds.items()},
    }


def _selective(leads: pd.DataFrame, found: Weighed) -> dict[str, float]:
    """Estimate the win rate of all leads from those that sales worked."""
    wins, worked = leads["would_win"].to_numpy(dtype=np.float64), found.worked
    spoken = np.isfinite(found.chance)
    here = worked & spoken
    true = float(leads["probability"].to_numpy()[spoken].mean())
    return {
        "true_rate": true,
        "weighted_off": float(np.average(wins[here], weights=found.weight[here])) - true,
        "as_worked_off": float(wins[here].mean()) - true,
        "ignored_off": float((wins * worked)[spoken].mean()) - true,
    }


# -- effects ---------------------------------------------------------------------------------------


def design(leads: pd.DataFrame) -> tuple[pd.DataFrame, Array]:
    """Make a column for each planted effect, one for what has none, and the true log-odds."""
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


def fitted(X: pd.DataFrame, y: Any, weights: Any) -> tuple[Array, Array]:
    """Fit a weighted logistic regression; effects, and errors that know of the weights.

    References
    ----------
    H. White, "Maximum likelihood estimation of misspecified models", Econometrica 1982.
    """
    table = np.column_stack([np.ones(len(X)), X.to_numpy()])
    y, w = np.asarray(y, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    beta, little = np.zeros(table.shape[1]), SHRUNK * np.eye(table.shape[1])
    for _ in range(60):
        p = 1 / (1 + np.exp(-table @ beta))
        bread = np.linalg.inv((table * (w * p * (1 - p))[:, None]).T @ table + little)
        step = np.clip(bread @ (table.T @ (w * (y - p)) - SHRUNK * beta), -1, 1)
        beta = beta + step
        if np.abs(step).max() < 1e-9:
            break
    score = table * (w * (y - p))[:, None]
    return beta[1:], np.sqrt(np.diag(bread @ (score.T @ score) @ bread))[1:]


def _effects(leads: pd.DataFrame, found: Weighed) -> dict[str, Any]:
    """Estimate the planted effects from the worked leads."""
    X, true = design(leads)
    wins, w = leads["would_win"], found.worked
    often = ((X[w] == 1).sum().to_numpy() >= 50) & ((X[w] == 0).sum().to_numpy() >= 50)
    names = X.columns[often]
    effects, errors = fitted(X.loc[w, names], wins[w], found.weight[w])
    off = effects - true[often]
    naive = fitted(X[names], wins & w, np.ones(len(X)))[0]
    place = list(names).index(NULL)
    return {
        "effects_held": np.abs(off) <= Z95 * errors,
        "effects_off": float(off[place]),
        "naive_off": float(naive[place]),
    }


def points_held(leads: pd.DataFrame, found: Weighed, kind: Any) -> Array:
    """Tell which intervals of a candidate's points hold what was planted, value by value.

    Points are compared with the average lead learnt from, as in the report; values that fewer than
    `SEEN` leads had are left out.
    """
    worked = found.worked
    X = leads[worked].reset_index(drop=True)
    effects = leads.attrs["effects"]
    X.attrs["effects"] = effects
    columns, sizes = design(X)
    fitted = kind().fit(X, X["would_win"], features=FEATURES, sample_weight=found.weight[worked])
    held = []
    for term in fitted.terms()[1]:
        own = [effect["feature"] == term.binning.feature for effect in effects] + [False]
        planted = columns.to_numpy()[:, own] @ sizes[own]
        bins = term.binning.bins(X)
        counts = np.bincount(bins, minlength=term.binning.size)
        true = np.bincount(bins, planted, minlength=term.binning.size) / np.maximum(counts, 1)
        off = (term.log_odds - term.log_odds @ counts / len(X)) - (true - planted.mean())
        held.append((np.abs(off) <= Z95 * term.errors)[counts >= SEEN])
    return np.concatenate(held)


# -- young leads -----------------------------------------------------------------------------------


def _young(leads: pd.DataFrame) -> dict[str, float]:
    """Estimate the win rate and the time to win where many leads are not mature."""
    settings = leads.attrs["settings"]
    horizon, day = settings.horizon_days, settings.extract_at
    as_of, days = leads["moment"], leads["days_to_win"].to_numpy()
    won = days <= horizon
    took = pd.to_timedelta(np.where(won, days, horizon), unit="D")
    known_at = as_of + took
    told, mature = (known_at <= day).to_numpy(), (as_of + pd.Timedelta(days=horizon) <= day)
    weights = censoring_weights(as_of, known_at, day, as_of)
    true = float(leads["probability"].mean())
    followed = (day - as_of).dt.total_seconds().to_numpy() / 86_400
    seen = days <= followed
    curve = kaplan_meier(np.where(seen, days, followed), seen).curve
    return {
        "immature_weighed_off": float(np.average(won, weights=weights)) - true,
        "left_out_off": float(won[mature.to_numpy()].mean()) - true,
        "early_wins_off": float(won[told].mean()) - true,
        **_at(curve, days, horizon / 2, "half"),
        **_at(curve, days, horizon, "horizon"),
    }


def _at(curve: pd.DataFrame, days: Array, by: float, name: str) -> dict[str, float]:
    """Read the interval of the curve at a day, and what all leads would say."""
    last = curve[curve["days"] <= by].iloc[-1]
    return {
        f"true_{name}": float((days <= by).mean()),
        f"low_{name}": float(last["low"]),
        f"high_{name}": float(last["high"]),
    }


def _refusals(seed: int) -> dict[str, bool]:
    """See who is refused where one region was never worked."""
    others = ("DACH", "UK & Ireland", "Southern Europe", "North America")
    leads = handed_over(seed=20_000 + seed, only_regions=others, **EXACT)
    found = weigh(leads, leads["worked"].to_numpy(), FEATURES)
    named = {(refusal.feature, refusal.value) for refusal in found.no_claim}
    return {
        "refused": ("region", NEVER) in named,
        "nothing_else": named <= {("region", NEVER)} and found.hardly is None,
    }
