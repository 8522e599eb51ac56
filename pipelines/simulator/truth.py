"""What is true in the simulated company: which facts drive wins, by how much, and which do not.

The planted effects are log-odds of being won within the horizon, were the lead worked. They are
named as ``features/`` names the same facts, so that a trained model can be compared with them.
Training never reads this: ``export.write_company`` puts it in a folder of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from pipelines.simulator.activity import CODE, Events
from pipelines.simulator.people import REGULAR
from pipelines.simulator.settings import DAY, HOME_REGIONS, Settings

Array = np.ndarray[Any, Any]

CATEGORIES: Mapping[str, Mapping[str, float]] = {
    "seniority": {"c_level": 1.2, "vp": 1.4, "director": 1.3, "manager": 0.5, "student": -1.5},
    "job_function": {"finance": 1.2, "operations": 0.3, "it": 0.1, "hr": -0.5},
    "industry": {"Software": 0.5, "Manufacturing": 0.3, "Public Sector": -0.8},
    "source": {"Referral": 1.4, "Partner": 0.5, "Purchased List": -1.5},
}
STEPS: Mapping[str, Mapping[float, float]] = {  # from this value on, so much more than below it
    "employees": {1: 1.5, 20: 0.4},  # times Settings.employees_from
    "webinar_attended_30d": {1: 1.3},
    "demo_request_30d": {1: 2.0},
    "content_download_30d": {1: 0.6, 3: 0.4},
    "page_view_30d": {6: 0.2},
    "days_since_last_activity": {7: -0.6, 30: -0.6},
}
DIRECTIONS = {
    "employees": 1,
    "webinar_attended_30d": 1,
    "demo_request_30d": 1,
    "content_download_30d": 1,
    "page_view_30d": 1,
    "days_since_last_activity": -1,
}
SINCE = ("days_since_last_activity",)  # never active is longer ago than any number of days
NULL_FEATURES = ("region", "country", "company_age", "preferred_language", "newsletter_frequency")


@dataclass(frozen=True)
class Truth:
    """What is known to the simulator alone.

    Attributes
    ----------
    effects : DataFrame
        ``feature, level, from_value, log_odds``: a category's level, or a step at a value.
    directions : dict
        Feature to +1 (more is better) or -1, for the planted numbers.
    null_features : tuple of str
        Features that have nothing to do with winning.
    intercept : float
        Log-odds of a lead with no planted effect.
    leads : DataFrame
        A row a lead: true values of the drivers, ``log_odds`` (without noise), ``probability`` to
        win within the horizon if worked (with noise), ``old_score``, ``handed_off``,
        ``worked_probability``, ``worked``, ``would_win`` (within the horizon, if worked),
        ``days_to_win``, ``kind`` (regular, duplicate, bot, test). Where outcomes are shuffled,
        ``log_odds`` and ``probability`` are those of the lead whose course it was given.
    """

    effects: pd.DataFrame
    directions: dict[str, int]
    null_features: tuple[str, ...]
    intercept: float
    leads: pd.DataFrame


class Effect(NamedTuple):
    """A level of a category, or a step of a number at a value, and what it adds."""

    feature: str
    level: str
    from_value: float
    log_odds: float

    def holds(self, facts: pd.DataFrame) -> Array:
        """Say for which leads it holds."""
        column = facts[self.feature]
        if np.isnan(self.from_value):
            return np.asarray(column.eq(self.level))
        values = column.to_numpy(float)
        return np.where(np.isnan(values), self.feature in SINCE, values >= self.from_value)


def effects(settings: Settings) -> pd.DataFrame:
    """List the planted effects; where outcomes are shuffled, there are none.

    Examples
    --------
    >>> strong = effects(Settings(strength=2.0))
    >>> strong.query("feature == 'webinar_attended_30d'")["log_odds"].item()
    2.6
    """
    planted = pd.DataFrame(_planted_effects(settings), columns=list(Effect._fields))
    return planted.assign(log_odds=0.0) if settings.shuffled else planted


def _planted_effects(settings: Settings) -> list[Effect]:
    found = [
        Effect(feature, level, np.nan, size * settings.strength)
        for feature, levels in CATEGORIES.items()
        for level, size in levels.items()
    ]
    for feature, steps in STEPS.items():
        for value, size in steps.items():
            value = value * settings.employees_from if feature == "employees" else value
            label = f"{value:g} or more"
            found.append(Effect(feature, label, float(value), size * settings.strength))
    return found


def drivers(
    leads: pd.DataFrame, contacts: pd.DataFrame, companies: pd.DataFrame, done: Events
) -> pd.DataFrame:
    """Work out the true value at the moment of every driver, and of what made the old score."""
    known = companies.iloc[leads["account"]].reset_index(drop=True)
    who = contacts.iloc[leads["contact"]].reset_index(drop=True)
    facts = known[["employees", "industry", "region", "country", "founded"]].copy()
    facts["seniority"], facts["job_function"] = who["seniority"], who["job_function"]
    facts["source"] = leads["source"].str.title()
    seen = _earlier_activities(leads, done)
    for kind in (
        "webinar_attended",
        "demo_request",
        "content_download",
        "page_view",
        "email_open",
        "email_click",
        "form_submit",
    ):
        facts[f"{kind}_30d"] = _activity_counts(seen, CODE[kind], 30, len(leads))
    own = seen.loc[~seen["by_sales"]]
    days = own.groupby("lead")["age"].min().reindex(range(len(leads))) / DAY
    facts["days_since_last_activity"] = days
    return facts


def _earlier_activities(leads: pd.DataFrame, done: Events) -> pd.DataFrame:
    """List what each lead's person did before the moment, and how many seconds before."""
    person = leads["contact"].to_numpy()
    acts = pd.DataFrame(
        {"contact": person[done.lead], "kind": done.kind, "at": done.at, "by_sales": done.by_sales}
    )
    moments = pd.DataFrame({"contact": person, "lead": leads.index, "moment": leads["moment"]})
    seen = acts.merge(moments, on="contact")
    seen["age"] = seen["moment"] - seen["at"]
    return seen.loc[seen["age"] > 0]


def _activity_counts(seen: pd.DataFrame, code: int, days: int, n: int) -> Array:
    chosen = seen["kind"].eq(code) & seen["age"].le(days * DAY)
    return np.asarray(np.bincount(seen.loc[chosen, "lead"], minlength=n), float)


def old_score(facts: pd.DataFrame) -> Array:
    """Give the old hand-made points: they reward opens and clicks, which mean little."""
    points = facts["email_open_30d"].clip(upper=20) + 2 * facts["email_click_30d"].clip(upper=8)
    points += facts["page_view_30d"].clip(upper=20) / 2
    points += 5 * facts["webinar_attended_30d"].clip(upper=2)
    points += 5 * facts["content_download_30d"].clip(upper=2)
    points += 20 * facts["demo_request_30d"].clip(upper=1)
    points += 10 * facts["employees"].ge(200) + 10 * facts["seniority"].isin(["c_level", "vp"])
    return np.asarray(np.rint(points), float)


def log_odds(settings: Settings, facts: pd.DataFrame, moment: Array) -> Array:
    """Sum the planted effects, as strong as they are at each lead's moment."""
    start, end = settings.span
    passed = (moment - start) / (end - start)
    total = np.asarray(settings.drift * (passed - 0.5), float)
    at_home = facts["region"].isin(HOME_REGIONS).to_numpy()
    for effect in _planted_effects(settings):
        size = np.full(len(facts), effect.log_odds)
        if effect.feature == "webinar_attended_30d":
            size = size * (1 - settings.fading * passed) + settings.home_webinar * at_home
        total = total + size * effect.holds(facts)
    return total


def shift_to(mean: float, summed: Array) -> float:
    """Find what must be added to log-odds to give a mean probability.

    Examples
    --------
    >>> round(shift_to(0.5, np.array([1.0, 3.0])), 6)
    -2.0
    """
    if mean >= 1:
        return np.inf
    low, high = -60.0, 60.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if sigmoid(middle + summed).mean() < mean else (low, middle)
    return (low + high) / 2


def noise(settings: Settings, leads: pd.DataFrame) -> Array:
    """Draw what no column shows: some of it is the account's, some the lead's own."""
    rng = settings.stream("noise")
    account = rng.normal(0, settings.account_noise, leads["account"].max() + 1)
    own = rng.normal(0, settings.noise, len(leads))
    return np.asarray(account[leads["account"]] + own)


def probability(leads: pd.DataFrame, summed: Array, noise: Array) -> Array:
    """Give each lead's chance to be won within the horizon if worked: bots have none."""
    return np.asarray(np.where(leads["kind"].eq(REGULAR), sigmoid(summed + noise), 0.0))


def sigmoid(x: Array) -> Array:
    """Turn log-odds into a probability.

    Examples
    --------
    >>> sigmoid(np.array([0.0]))
    array([0.5])
    """
    return np.asarray(1 / (1 + np.exp(-x)))
