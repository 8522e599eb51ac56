"""Verify that proposals are honest: planted truth is found, and luck is not.

Small tables of leads with a known right threshold and a criterion that does nothing. Over 50 seeds
both must be proposed in at least 80 %; with the outcomes handed out at random, nothing may be
proposed in at least 90 %. Run by ``make verify``.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pandas as pd

from features.feature import Feature
from model.definition_history import History
from model.proposals import search
from pipelines.simulate import from_table

SEEDS = 50
FOUND, NOTHING = 0.8, 0.9  # of the seeds, at least
LEADS, PER_ACCOUNT, WORKED = 20_000, 2.0, 0.7
RIGHT = 50  # employees, from which on leads are won more often
NEAR = 1.3  # a threshold within this factor of the right one is found
USELESS = "established"
REASON = "not the right size"
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
]  # fmt: skip


def definition(threshold: float) -> dict[str, Any]:
    """What the two teams agreed on: a threshold of their own, and a criterion that does nothing."""
    return {
        "version": 1,
        "ready_when": {
            "all": [
                {"id": "right-size", "feature": "employees", "at_least": threshold},
                {"id": USELESS, "feature": "company_age", "at_least": 15},
                {"id": "can-decide", "feature": "seniority", "one_of": ["director", "c_level"]},
                {"any": [
                    {"id": "webinar", "feature": "webinar_30d", "at_least": 1},
                    {"id": "demo", "feature": "demo_90d", "at_least": 1},
                ]},
            ]
        },
        "handoff": {"per_week": 40},
    }  # fmt: skip


def company(seed: int, *, shuffled: bool = False, leads: int = LEADS) -> History:
    """Simulate leads in order of time, with what became of them."""
    rng = np.random.default_rng([seed, 4])
    account = rng.integers(0, int(leads / PER_ACCOUNT), leads)
    accounts = int(leads / PER_ACCOUNT)
    X = _facts(rng, account, accounts, leads)
    luck = rng.normal(0, 0.3, accounts)[account]
    won = (rng.random(leads) < 1 / (1 + np.exp(-(_log_odds(X) + luck)))).astype(float)
    reason = _reasons(rng, X, won)
    if shuffled:
        order = rng.permutation(leads)
        won, reason = won[order], reason[order]
    as_of = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.sort(rng.uniform(0, 730, leads)), "D")
    rows = pd.DataFrame(
        {"lead_id": [f"L{one}" for one in range(leads)], "person_id": range(leads),
         "account_id": account.astype(str), "as_of": as_of.astype("datetime64[us]"),
         "mature_at": (as_of + pd.Timedelta(days=60)).astype("datetime64[us]"), "order": np.nan}
    )  # fmt: skip
    worked = rng.random(leads) < WORKED
    why, ignored = np.full(leads, None, dtype=object), ~worked
    why[ignored], reason[ignored] = "never worked", None
    return from_table(rows, X, np.where(worked, won, np.nan), CATALOGUE, why=why, reason=reason)


def _facts(rng: np.random.Generator, account: Any, accounts: int, n: int) -> pd.DataFrame:
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


def _log_odds(X: pd.DataFrame) -> Any:
    return (
        -4.6
        + 1.7 * (X["employees"] >= RIGHT)
        + 1.2 * X["seniority"].isin(["director", "c_level"])
        + 1.5 * ((X["webinar_30d"] >= 1) | (X["demo_90d"] >= 1))
    ).to_numpy(dtype=float)


def _reasons(rng: np.random.Generator, X: pd.DataFrame, won: Any) -> Any:
    """Why sales turned down those that were not won: small ones for their size, mostly."""
    small = (X["employees"] < RIGHT).to_numpy()
    for_size = rng.random(len(X)) < np.where(small, 0.5, 0.05)
    other = rng.choice(np.array(["no budget", "not interested", None], dtype=object), len(X))
    other[for_size] = REASON
    other[won == 1] = None
    return other


def found(history: History, agreed: dict[str, Any]) -> dict[str, bool]:
    """Say which of the planted truths are proposed, and whether anything is."""
    edits = [one.tried.edit for one in search(history, agreed).proposals]
    moved = [float(one["to"]) for one in edits if one and one["change"] == "set"
             and one["criterion"] == "right-size"]  # fmt: skip
    gone = [one["criterion"] for one in edits if one and one["change"] == "remove"]
    return {
        "threshold": any(RIGHT / NEAR <= one <= RIGHT * NEAR for one in moved),
        "useless": USELESS in gone,
        "wrong": any(one != USELESS for one in gone),
        "anything": bool(edits),
    }


def verify(seeds: int = SEEDS, leads: int = LEADS) -> dict[str, float]:
    """Give the share of the seeds in which truth, and luck, was proposed."""
    told = []
    for seed in range(seeds):
        agreed = definition(150 if seed % 2 else 15)  # too strict, too lax
        real = found(company(seed, leads=leads), agreed)
        luck = found(company(seed, leads=leads, shuffled=True), agreed)
        told.append(
            {**real, "both": real["threshold"] and real["useless"], "luck": luck["anything"]}
        )
    return {key: float(np.mean([one[key] for one in told])) for key in told[0]}


def main() -> int:
    """Print the shares; 0 when they are as they must be."""
    shares = verify()
    good = shares["both"] >= FOUND and 1 - shares["luck"] >= NOTHING
    print(f"proposals over {SEEDS} simulated companies of {LEADS:,} leads")
    print(f"  right threshold found: {shares['threshold']:.0%}, useless criterion: "
          f"{shares['useless']:.0%}, both: {shares['both']:.0%} (wanted: {FOUND:.0%})")  # fmt: skip
    print(f"  useful criterion called useless: {shares['wrong']:.0%}")
    print(f"  outcomes at random, nothing proposed: {1 - shares['luck']:.0%} "
          f"(wanted: {NOTHING:.0%})")  # fmt: skip
    print("yes" if good else "NO: proposals are not to be trusted")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
