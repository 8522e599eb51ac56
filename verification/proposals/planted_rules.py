"""Small simulated companies where it is known how the definition should change.

The two teams agreed on a threshold that is too strict or too lax and on a useless criterion, and
forgot one that matters. Outcomes can be shuffled, by lead or by account: then there is nothing to
learn. Sales works a random sample of the leads, or chooses.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from features.families.feature import Feature
from features.labels.rejection_reasons import NEVER_WORKED
from model.serving import READY, Definition
from model.simulation.history import History, verdict_codes

LEADS, PER_ACCOUNT, WORKED = 20_000, 2.0, 0.7
RIGHT = 50  # employees, from which on leads are won more often
RECENT = 21  # days since the last activity, up to which leads are won more often
USELESS, FORGOTTEN = "established", "days_since"  # a criterion, a feature
REASON = "not the right size"
BY_LEADS, BY_ACCOUNTS = "by lead", "by account"
OLD_SCORE = Feature("old_score", "old score", "origin", "number", source="Old Score")
CATALOGUE = [
    Feature("employees", "employees", "firmographic", "number", source="Employees"),
    Feature("company_age", "age of the company", "firmographic", "number", source="Founded"),
    Feature("region", "region", "firmographic", "category", source="Region"),
    Feature("seniority", "seniority", "role", "category", source="Title"),
    Feature("source", "source", "origin", "category", source="Source"),
    Feature("webinar_30d", "webinars in 30 days", "engagement", "number", source="webinar"),
    Feature("webinar_90d", "webinars in 90 days", "engagement", "number", source="webinar"),
    Feature("demo_90d", "demo requests in 90 days", "engagement", "number", source="demo"),
    Feature("page_view_30d", "page views in 30 days", "engagement", "number", source="page view"),
    Feature("email_open_30d", "e-mails opened in 30 days", "engagement", "number", source="open"),
    Feature("days_since", "days since the last activity", "engagement", "number", source="since"),
]


def planted_definition(threshold: float) -> Definition:
    """The definition that the two teams agreed on, with a useless criterion."""
    content: dict[str, Any] = {
        "version": 1,
        "ready_when": {
            "all": [
                {"id": "right-size", "feature": "employees", "at_least": threshold},
                {"id": USELESS, "feature": "company_age", "at_least": 15},
                {"id": "can-decide", "feature": "seniority", "one_of": ["director", "c_level"]},
                {
                    "any": [
                        {"id": "webinar", "feature": "webinar_30d", "at_least": 1},
                        {"id": "demo", "feature": "demo_90d", "at_least": 1},
                    ]
                },
            ]
        },
        "handoff": {"per_week": 40},
    }
    return Definition.from_dict(content)


def planted_history(
    seed: int,
    *,
    shuffled: str | None = None,
    chosen_by: Definition | None = None,
    score_known: bool = True,
    leads: int = LEADS,
) -> History:
    """Simulate leads in order of time, with their outcomes.

    Parameters
    ----------
    shuffled : str, optional
        Shuffle outcomes: ``BY_LEADS``, or ``BY_ACCOUNTS``, which keeps the leads of an account as
        similar as they were.
    chosen_by : definition, optional
        Sales works nearly all leads that this definition calls ready, and others with a high old
        score, which reflects an interest that wins leads. Default: a random 70%.
    score_known : bool
        Whether the old score is in the data.
    """
    rng = np.random.default_rng([seed, 4])
    accounts = int(leads / PER_ACCOUNT)
    account = rng.integers(0, accounts, leads)
    X = _feature_table(rng, account, accounts, leads)
    interest = rng.normal(0, 1, leads) * (chosen_by is not None)
    odds = _planted_log_odds(X) + rng.normal(0, 0.3, accounts)[account] + 0.8 * interest
    won = (rng.random(leads) < 1 / (1 + np.exp(-odds))).astype(float)
    reason = _rejection_reasons(rng, X, won)
    order = outcome_order(rng, account, shuffled)
    won, reason = won[order], reason[order]
    chance: Any = WORKED
    features = CATALOGUE
    if chosen_by is not None:
        ready = verdict_codes(chosen_by, X) == READY
        chance = np.where(ready, 0.95, 1 / (1 + np.exp(0.8 - 1.6 * interest)))
        X = X.assign(old_score=np.round(50 + 15 * interest))
        features = [*CATALOGUE, OLD_SCORE] if score_known else CATALOGUE
    worked = rng.random(leads) < chance
    why = np.full(leads, None, dtype=object)
    why[~worked], reason[~worked] = NEVER_WORKED, None
    won = np.where(worked, won, np.nan)
    return History(_lead_rows(rng, account, leads), X, won, features, why, reason)


def _lead_rows(rng: np.random.Generator, account: Any, n: int) -> pd.DataFrame:
    as_of = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.sort(rng.uniform(0, 730, n)), "D")
    return pd.DataFrame(
        {
            "lead_id": [f"L{number}" for number in range(n)],
            "person_id": range(n),
            "account_id": account.astype(str),
            "as_of": as_of.astype("datetime64[us]"),
            "mature_at": (as_of + pd.Timedelta(days=60)).astype("datetime64[us]"),
            "order": np.nan,
        }
    )


def judged_repeatedly(once: History, times: int = 3) -> History:
    """Judge the same leads every two weeks; half of them have no account."""
    leads = len(once.won)
    place, nth = np.repeat(np.arange(leads), times), np.tile(np.arange(times), leads)
    rows, X = (part.iloc[place].reset_index(drop=True) for part in (once.rows, once.X))
    account = rows["account_id"].where(rows["account_id"].astype(int) % 2 == 0)
    days = pd.to_timedelta(pd.Series(14 * nth), unit="D")
    return History(
        rows.assign(as_of=rows["as_of"] + days, account_id=account),
        X,
        once.won[place],
        once.features,
        once.why_unknown[place],
        once.rejection_reason[place],
    )


def outcome_order(rng: np.random.Generator, account: Any, shuffled: str | None) -> Any:
    """Choose whose outcome each lead gets; whole accounts swap with others of the same size."""
    n = len(account)
    if shuffled != BY_ACCOUNTS:
        return rng.permutation(n) if shuffled else np.arange(n)
    inside = np.argsort(account, kind="stable")
    size = np.bincount(account)
    start = np.cumsum(size) - size
    order = np.arange(n)
    for leads in np.unique(size[size > 0]):
        these = np.flatnonzero(size == leads)
        for mine, theirs in zip(these, rng.permutation(these), strict=True):
            order[inside[start[mine] : start[mine] + leads]] = inside[
                start[theirs] : start[theirs] + leads
            ]
    return order


def _feature_table(rng: np.random.Generator, account: Any, accounts: int, n: int) -> pd.DataFrame:
    employees = np.round(np.exp(rng.normal(4.4, 1.3, accounts))) + 1
    webinars = rng.poisson(0.35, n).astype(float)
    seniority = rng.choice(
        ["individual", "manager", "director", "c_level"], n, p=[0.3, 0.2, 0.3, 0.2]
    )
    X = pd.DataFrame(
        {
            "employees": employees[account],
            "company_age": rng.gamma(2, 9, accounts).round()[account],
            "region": rng.choice(["north", "south", "east", "west"], accounts)[account],
            "seniority": seniority,
            "source": rng.choice(["web", "event", "partner", "list"], n),
            "webinar_30d": webinars,
            "webinar_90d": webinars + rng.poisson(0.4, n),
            "demo_90d": rng.poisson(0.2, n).astype(float),
            "page_view_30d": rng.poisson(4, n).astype(float),
            "email_open_30d": rng.poisson(3, n).astype(float),
            "days_since": rng.exponential(20, n).round(),
        }
    )
    missing = {"employees": 0.04, "company_age": 0.04, "seniority": 0.05}
    return X.assign(
        **{name: X[name].where(rng.random(n) >= share) for name, share in missing.items()}
    )


def _planted_log_odds(X: pd.DataFrame) -> Any:
    return (
        -5.8
        + 1.7 * (X["employees"] >= RIGHT)
        + 1.2 * X["seniority"].isin(["director", "c_level"])
        + 1.5 * ((X["webinar_30d"] >= 1) | (X["demo_90d"] >= 1))
        + 2.0 * (X["days_since"] <= RECENT)
    ).to_numpy(dtype=float)


def _rejection_reasons(rng: np.random.Generator, X: pd.DataFrame, won: Any) -> Any:
    """Draw why sales rejected the leads that were not won: small companies mostly for size."""
    small = (X["employees"] < RIGHT).to_numpy()
    for_size = rng.random(len(X)) < np.where(small, 0.5, 0.05)
    other = rng.choice(np.array(["no budget", "not interested", None], dtype=object), len(X))
    other[for_size] = REASON
    other[won == 1] = None
    return other
