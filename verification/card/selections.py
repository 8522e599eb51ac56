"""Simulated companies that differ in how sales chooses, in size and in how their market moves.

Each is written out as a workspace and read again, as a company's own files would be. What only the
simulator knows is kept beside it: the planted probability of every lead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.simulator.company import Company, Settings, simulate_company
from pipelines.simulator.export import write_company
from pipelines.simulator.people import REGULAR
from pipelines.simulator.truth import sigmoid
from pipelines.snapshot import Snapshot, read_snapshot

Array = npt.NDArray[Any]
SEEN, UNSEEN, INTERACTIONS = "seen columns", "an unseen interest", "interactions"
SELECTIONS: Mapping[str, Mapping[str, float]] = {
    SEEN: {"prefer_score": 1.0, "prefer_large": 1.0, "prefer_home": 1.0},
    UNSEEN: {"noise": 0.8, "prefer_interest": 1.5, "prefer_score": 0.6},
    INTERACTIONS: {"home_webinar": 1.0, "prefer_home": 1.0, "prefer_large_home": 1.5},
}
WORKED = 0.6  # share of the leads handed over
EVENTS_A_LEAD = 20
INTERACTING = ("region", "country")  # without effect, unless a webinar is worth more at home
NODES, SHARES = np.polynomial.hermite_e.hermegauss(15)  # to average over a normal distribution


def selection_of(number: int) -> str:
    """Say how sales chooses in a company: the three kinds take turns."""
    return list(SELECTIONS)[number % len(SELECTIONS)]


def company_settings(number: int, **dials: Any) -> Settings:
    """Draw the dials of a company; in every other one the market moves.

    Examples
    --------
    >>> company_settings(1).home_webinar, company_settings(2).home_webinar
    (0.0, 1.0)
    """
    rng = np.random.default_rng([number, 13])
    leads = 1_000 * int(rng.integers(7, 13))
    drawn: dict[str, Any] = {
        "seed": 1_000 + number,
        "leads": leads,
        "base_rate": round(float(rng.uniform(0.06, 0.14)), 3),
        "strength": round(float(rng.uniform(0.7, 1.2)), 2),
        "worked": WORKED,
        **SELECTIONS[selection_of(number)],
    }
    if number % 2:
        drawn |= {"drift": 0.6, "fading": 0.4, "mix_drift": 0.3}
    drawn |= dials
    return Settings(**drawn, events=EVENTS_A_LEAD * drawn["leads"])


@dataclass(frozen=True, eq=False)
class SimulatedWorkspace:
    """A company's workspace, and the truth about the leads that it judges.

    Attributes
    ----------
    settings : Settings
    snapshot : Snapshot
        The workspace, as every command reads it.
    truth : DataFrame
        What the simulator knows, a row for each judged lead: ``log_odds``, ``probability``,
        ``worked``, ``kind`` and others.
    null_features : frozenset of str
        Features that have nothing to do with winning.
    """

    settings: Settings
    snapshot: Snapshot
    truth: pd.DataFrame
    null_features: frozenset[str]

    @property
    def knowable(self) -> Array:
        """The chance of each lead to be won, as far as columns could show it."""
        spread = np.hypot(self.settings.noise, self.settings.account_noise)
        odds = self.truth["log_odds"].to_numpy()
        shares = SHARES / SHARES.sum()
        return np.asarray(sigmoid(odds[:, None] + spread * NODES) @ shares)

    def judged_from(self, day: pd.Timestamp) -> npt.NDArray[np.bool_]:
        """Mark the leads that were judged on a day or later; bots and tests are left out."""
        later = self.snapshot.moments["as_of"] >= day
        return np.asarray(later.to_numpy() & self.truth["kind"].eq(REGULAR).to_numpy())


def simulate_workspace(settings: Settings, folder: Path) -> SimulatedWorkspace:
    """Simulate a company, write its workspace and read it again."""
    company = simulate_company(settings)
    snapshot = read_snapshot(write_company(company, folder))
    known = company.truth.leads.set_index("lead_id").loc[snapshot.moments["lead_id"]]
    return SimulatedWorkspace(settings, snapshot, known.reset_index(), _null_features(company))


def _null_features(company: Company) -> frozenset[str]:
    nulls = frozenset(company.truth.null_features)
    return nulls - frozenset(INTERACTING) if company.settings.home_webinar else nulls
