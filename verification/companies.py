"""A model's metrics in small simulated companies, compared with those on all their leads.

One scorer is trained once and kept. In every company it is measured on the leads that sales worked,
weighted, with intervals from resampling accounts, as in training. The truth is the same metric on
all leads of all companies, worked or not, using the outcomes they would have had.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.families.feature import Feature
from model.estimators.logistic import LogisticOnBins
from model.training.metrics import measure
from model.weighting.worked import weight_worked_leads
from pipelines.simulator.company import Settings, simulate_course
from pipelines.simulator.crm import as_timestamps

Array = npt.NDArray[Any]
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
METRICS = {
    "auc": "the AUC",
    "expected_wins_ratio": "predicted over actual wins",
    "lift_10": "the lift in the best tenth",
    "captured_20": "the wins caught in the best fifth",
    "calibration_slope": "the calibration slope",
    "brier": "the Brier score",
    "log_loss": "the log-loss",
}
RESAMPLES = 400
INTERCEPT = -4.95  # the same in every company, so that the same lead has the same chance
SMALL = {
    "leads": 2_000,
    "events": 30_000,
    "months": 12,
    "intercept": INTERCEPT,
    "duplicates": 0.0,
    "tests": 0.0,
    "bots": 0.0,
}
SELECTIVE_SALES = {"prefer_score": 1.0, "prefer_large": 1.0, "prefer_home": 1.0, "worked": 0.6}
REPEATED = {"leads_per_account": 3.0, "account_noise": 0.5}


def leads_handed_off(**dials: Any) -> pd.DataFrame:
    """Simulate a company and return the leads handed off, with what only the simulator knows."""
    settings = Settings(**{**SMALL, **dials})
    simulated = simulate_course(settings)
    accounts = simulated.companies["account_id"].to_numpy()
    leads = simulated.truth.leads.assign(
        account=accounts[simulated.leads["account"]],
        moment=as_timestamps(simulated.course["handed_at"]),
    )
    leads = leads[leads["handed_off"] & leads["moment"].notna()].reset_index(drop=True)
    leads.attrs["effects"] = simulated.truth.effects.to_dict("records")
    leads.attrs["settings"] = settings
    return leads


@dataclass(frozen=True)
class Scorer:
    """A model that is trained once."""

    model: LogisticOnBins

    @classmethod
    def trained(cls) -> Scorer:
        """Train it on the worked leads of one larger company."""
        leads = leads_handed_off(
            seed=999_983, **{**SELECTIVE_SALES, **REPEATED, "leads": 8_000, "events": 120_000}
        )
        worked = leads["worked"].to_numpy()
        known = leads[worked].reset_index(drop=True)
        return cls(LogisticOnBins().fit(known, known["would_win"], features=FEATURES))

    def __call__(self, leads: pd.DataFrame) -> Array:
        """Return the probability that each lead is won."""
        return np.asarray(1 / (1 + np.exp(-self.model.log_odds(leads))))


def measure_scorer(scorer: Scorer, seed: int) -> dict[str, Any]:
    """Measure the scorer in one company; keep the true outcomes of all its leads."""
    leads = leads_handed_off(seed=seed, **SELECTIVE_SALES, **REPEATED)
    worked = leads["worked"].to_numpy()
    found = weight_worked_leads(leads, worked, FEATURES)
    p, y = scorer(leads), leads["would_win"].to_numpy(dtype=np.float64)
    metrics = measure(
        y[worked],
        {"model": p[worked]},
        groups=leads["account"][worked].to_numpy(),
        weights=found.weight[worked],
        resamples=RESAMPLES,
        seed=seed,
    )["model"]
    return {"intervals": metrics.to_json(), "y": y, "p": p}


def true_metrics(companies: Sequence[Mapping[str, Any]]) -> Mapping[str, float]:
    """Measure the scorer on all leads of all companies."""
    y, p = (np.concatenate([company[key] for company in companies]) for key in ("y", "p"))
    return measure(y, {"model": p}, resamples=1)["model"].values
