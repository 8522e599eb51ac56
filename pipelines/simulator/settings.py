"""The dials of the simulated company: how large it is, what is true in it, and what goes wrong.

They set who gets worked and why, how strong the planted effects are, how the market drifts and what
is missing. Each step of the simulation draws from its own stream of random numbers, named after
the step, and turning one dial leaves the draws of the other steps as they were: with the same seed,
a company whose sales team works other leads still has the same accounts, people and leads.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from features.errors import LeadReadyError

DAY = 86_400
HOUR = 3_600
MOST_MONTHS = 120
LEAST_LEADS = 100
EVENTS_A_LEAD = 15
REGIONS = ("DACH", "UK & Ireland", "Nordics", "Southern Europe", "North America")
HOME_REGIONS = ("DACH", "UK & Ireland")


@dataclass(frozen=True)
class Settings:
    """What the simulated company is like. Figures are shares unless stated otherwise.

    Attributes
    ----------
    seed : int
        The same seed gives byte-identical files.
    start, months : str, int
        First day, and how many months until the data is taken out of the CRM.
    leads, events : int
        How many leads there are, and how many activities in all (exactly).
    leads_per_account, repeated_contacts : float
        Leads per account on average; share of leads whose contact was a lead before.
    handed_off : float
        Share of leads that marketing hands over (those with a high old score, mostly).
    base_rate : float
        Share of the leads handed over that would be won within the horizon if all were worked.
    intercept : float or None
        Log-odds of a lead without any planted effect; by default chosen to meet ``base_rate``. Set
        it for many companies that should be drawn from the same world.
    horizon_days, days_to_win, late : int, float, float
        The horizon; median days from hand-off to a win; share of all wins that come after it.
    worked : float
        Share of the leads handed over that sales follows up (of those it may work at all).
    prefer_score, prefer_large, prefer_home : float
        How sales chooses, in log-odds of being worked: by one standard deviation of the old
        score, by 200 or more employees, by a home region (``HOME_REGIONS``).
    prefer_large_home, prefer_interest : float
        The same: by 200 or more employees in a home region, on top of both; by one standard
        deviation of the noise, which wins leads and which no column shows.
    only_regions, only_score_above : tuple of str, float
        Sales never works leads outside these regions (none named: anywhere), or with an old
        score below this quantile of the leads handed over.
    strength : float
        Multiplies every planted effect: 0 is a company where nothing drives wins.
    employees_from : int
        The company size from which a lead is the right size (a planted threshold).
    home_webinar : float
        Log-odds that a webinar is worth *more* in the home regions (0: the same everywhere).
    drift, fading, mix_drift : float
        Log-odds that the chance to win moves by from the first day to the last; share of the
        webinar's effect that is gone at the end; share of the leads of the last days that are
        from paid search instead of where they would have come from (falling to 0 at the start).
    noise, account_noise : float
        Standard deviation in log-odds of what no column shows, of a lead and of an account.
    missing : float
        Share of cells missing, averaged over the columns that can be empty.
    duplicates, tests, bots : float
        Share of leads that are second records of a person, test records, or bots.
    shuffled : bool
        Outcomes and dispositions are assigned at random: there is nothing to learn.

    Examples
    --------
    >>> Settings(months=6).extract_at
    Timestamp('2025-04-01 00:00:00')
    >>> Settings(base_rate=8)
    Traceback (most recent call last):
    features.errors.LeadReadyError: the simulated company's base_rate is 8, and must be 0.001 to 0.8
    """

    seed: int = 5
    start: str = "2024-10-01"
    months: int = 24
    leads: int = 12_000
    events: int = 400_000
    leads_per_account: float = 2.2
    repeated_contacts: float = 0.05
    handed_off: float = 0.85
    base_rate: float = 0.085
    horizon_days: int = 120
    days_to_win: float = 48.0
    late: float = 0.06
    worked: float = 0.7
    prefer_score: float = 0.6
    prefer_large: float = 0.6
    prefer_home: float = 0.8
    prefer_large_home: float = 0.0
    prefer_interest: float = 0.0
    only_regions: tuple[str, ...] = ()
    only_score_above: float = 0.0
    strength: float = 1.0
    employees_from: int = 50
    home_webinar: float = 0.0
    drift: float = 0.0
    fading: float = 0.0
    mix_drift: float = 0.0
    noise: float = 0.2
    account_noise: float = 0.2
    missing: float = 0.06
    duplicates: float = 0.02
    tests: float = 0.002
    bots: float = 0.0015
    shuffled: bool = False
    intercept: float | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be simulated."""
        for dial in fields(self):
            low, high = _BOUNDS.get(dial.name, (None, None))
            value = getattr(self, dial.name)
            if low is not None and high is not None and not low <= value <= high:
                problem = (
                    f"the simulated company's {dial.name} is {value}, and must be {low} to {high}"
                )
                raise LeadReadyError(problem)
        self._check_sizes()

    def _check_sizes(self) -> None:
        if self.events < self.leads * EVENTS_A_LEAD:
            few = f"{self.events} events are too few for {self.leads} leads"
            raise LeadReadyError(few, hint=f"ask for at least {self.leads * EVENTS_A_LEAD} events")
        if self.days_to_win >= self.horizon_days:
            late = f"the median of {self.days_to_win:g} days to win is beyond the horizon"
            raise LeadReadyError(late, hint=f"ask for fewer days_to_win than {self.horizon_days}")
        for region in self.only_regions:
            if region not in REGIONS:
                raise LeadReadyError.unknown(region, REGIONS, what="region")

    @property
    def starts_at(self) -> pd.Timestamp:
        """The first day."""
        return pd.Timestamp(self.start)

    @property
    def extract_at(self) -> pd.Timestamp:
        """When the data was taken out of the CRM: nothing in it is later."""
        return self.starts_at + pd.DateOffset(months=self.months)

    @property
    def span(self) -> tuple[int, int]:
        """First and last second, counted from 1970."""
        return int(self.starts_at.timestamp()), int(self.extract_at.timestamp())

    def stream(self, step: str) -> np.random.Generator:
        """Return the random numbers of one step; they depend on the seed and the step alone."""
        return np.random.default_rng([self.seed, zlib.crc32(step.encode())])


_BOUNDS: dict[str, tuple[float, float]] = {
    "seed": (0, 2**32 - 1),
    "months": (6, MOST_MONTHS),
    "leads": (LEAST_LEADS, 5_000_000),
    "leads_per_account": (1, 100),
    "repeated_contacts": (0, 0.2),
    "handed_off": (0.05, 1),
    "base_rate": (0.001, 0.8),
    "horizon_days": (7, 720),
    "days_to_win": (1, 720),
    "late": (0.001, 0.45),
    "worked": (0.01, 1),
    "only_score_above": (0, 0.95),
    "employees_from": (2, 100_000),
    "fading": (0, 1),
    "mix_drift": (0, 1),
    "noise": (0, 5),
    "account_noise": (0, 5),
    "missing": (0, 0.5),
    "duplicates": (0, 0.2),
    "tests": (0, 0.1),
    "bots": (0, 0.1),
}
