"""Companies with honest columns, and the leaks that are planted in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[Any]
LEADS = 3_000
PLANTED = "Planted"
NOBODY_OPEN = "filled in a later stage, in part; no lead is open"


class LeakCompany(NamedTuple):
    """A company's leads: honest columns, and what became of each lead.

    Attributes
    ----------
    raw : DataFrame, n rows
        Honest columns only.
    won, is_open : array of bool, shape (n,)
    as_of : Series of datetime64, shape (n,)
    random : Generator
        For what is planted.
    closed_at : Series of datetime64, shape (n,), optional
        When each lead was closed; missing while it is open.
    """

    raw: pd.DataFrame
    won: Array
    is_open: Array
    as_of: pd.Series
    random: np.random.Generator
    closed_at: pd.Series | None = None

    def by_state(self, of_open: float, of_won: float, of_lost: float) -> Array:
        """Give each lead the number of its state."""
        return np.select([self.is_open, self.won], [of_open, of_won], of_lost)

    def drawn(self, share: Array | float) -> Array:
        """Draw leads, each with its share."""
        return self.random.random(len(self.won)) < share


def leak_company(seed: int, *, any_open: bool = True) -> LeakCompany:
    """Draw a company whose columns were all known at the moment, strong ones among them."""
    random = np.random.default_rng(seed)
    size = random.choice(["small", "middle", "big"], LEADS, p=[0.5, 0.3, 0.2])
    source = random.choice(["web", "fair", "referral", "list"], LEADS, p=[0.5, 0.2, 0.1, 0.2])
    visits, budget = random.poisson(3, LEADS), random.lognormal(9, 1, LEADS).round(-2)
    drive = 1.2 * (size == "big") + 1.5 * (source == "referral") - 1.2 * (source == "list")
    won = random.random(LEADS) < 1 / (1 + np.exp(-(drive + 0.25 * visits - 3)))
    days = random.integers(0, 500, LEADS)
    is_open = (days > 350) & (random.random(LEADS) < 0.6) & any_open
    form = random.random(LEADS) < np.where(source == "web", 0.8, 0.1)
    region = random.choice(["north", "south", "east", "west"], LEADS)
    columns = {
        **{"Size": size, "Source": source, "Visits": visits.astype(str), "Region": region},
        **{"Budget": where(random.random(LEADS) < 0.6, budget.astype(str), None)},
        "Question": where(form, random.choice(["yes", "no"], LEADS), None),
    }
    as_of = pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(days, unit="D"))
    return LeakCompany(pd.DataFrame(columns, dtype=object), won & ~is_open, is_open, as_of, random)


def where(chosen: Array, values: Any, others: Any = None) -> Array:
    """Choose between values, of which some may be missing."""
    chosen_values: Array = np.where(chosen, values, others)
    return chosen_values


def _filled_when_won(company: LeakCompany) -> Mapping[str, Array]:
    filled = company.drawn(np.where(company.won, 0.55, 0.15))
    return {PLANTED: where(filled, company.random.choice(["a", "b"], LEADS), None)}


def _filled_later_in_part(company: LeakCompany) -> Mapping[str, Array]:
    """A later stage, which few open leads have reached, fills it for some of its leads."""
    shares = np.select([company.is_open, company.won], [0.06, 0.48], 0.32)
    words = company.random.choice(["a", "b"], LEADS)
    return {PLANTED: where(company.drawn(shares), words, None)}


def _filled_at_closing_in_part(company: LeakCompany) -> Mapping[str, Array]:
    """Whoever closes a lead fills it two times in three, won or lost."""
    filled = company.drawn(np.where(company.is_open, 0.02, 0.66))
    return {PLANTED: where(filled, company.random.choice(["a", "b"], LEADS), None)}


def _rewritten_at_closing_in_part(company: LeakCompany) -> Mapping[str, Array]:
    late, early = (company.random.choice(list(words), LEADS) for words in ("xy", "ab"))
    rewritten = company.drawn(np.where(company.is_open, 0.01, 0.6))
    return {PLANTED: where(rewritten, late, early)}


def _filled_at_closing(company: LeakCompany) -> Mapping[str, Array]:
    filled = company.drawn(np.where(company.is_open, 0.01, 0.99))
    return {PLANTED: where(filled, company.random.choice(["a", "b"], LEADS), None)}


def _rewritten_at_closing(company: LeakCompany) -> Mapping[str, Array]:
    late, early = (company.random.choice(list(words), LEADS) for words in ("xy", "ab"))
    rewritten = company.drawn(np.where(company.is_open, 0.01, 0.99))
    return {PLANTED: where(rewritten, late, early)}


def _rare_value_that_wins(company: LeakCompany) -> Mapping[str, Array]:
    rare = company.won & company.drawn(0.15)
    return {PLANTED: where(rare, "gold", company.random.choice(["a", "b", "c"], LEADS))}


def _much_effort(company: LeakCompany) -> Mapping[str, Array]:
    """Minutes of calls, with an AUC of 0.90."""
    return _minutes_of_calls(company, 12)


def _some_effort(company: LeakCompany) -> Mapping[str, Array]:
    """Minutes of calls, with an AUC of 0.82."""
    return _minutes_of_calls(company, 8.1)


def _minutes_of_calls(company: LeakCompany, of_won: float) -> Mapping[str, Array]:
    minutes = company.random.gamma(2, np.where(company.won, of_won, 3)).round(1)
    return {PLANTED: minutes.astype(str)}


def _dates_after_the_moment(company: LeakCompany) -> Mapping[str, Array]:
    later = pd.to_timedelta(company.random.integers(1, 60, LEADS), unit="D")
    return {PLANTED: (company.as_of + later).dt.strftime("%Y-%m-%d").to_numpy(object)}


def _emptied_at_closing(company: LeakCompany) -> Mapping[str, Array]:
    """The next step: closing empties it, but not always, and for won leads less often."""
    filled = company.drawn(company.by_state(0.45, 0.16, 0.06))
    return {PLANTED: where(filled, company.random.choice(["call", "offer", "meet"], LEADS), None)}


def _sibling(company: LeakCompany) -> Mapping[str, Array]:
    """A date after the moment, and words that are filled with it."""
    filled = company.drawn(np.where(company.won, 0.36, 0.22))
    dates = _dates_after_the_moment(company)[PLANTED]
    words = company.random.choice(["a", "b", "c"], LEADS)
    return {"Known Leak": where(filled, dates, None), PLANTED: where(filled, words, None)}


LEAKS: Mapping[str, Callable[[LeakCompany], Mapping[str, Array]]] = {
    "filled when a lead is won": _filled_when_won,
    "filled when a lead closes": _filled_at_closing,
    "filled when a lead closes, in part": _filled_at_closing_in_part,
    "filled in a later stage, in part": _filled_later_in_part,
    NOBODY_OPEN: _filled_later_in_part,
    "rewritten when a lead closes, in part": _rewritten_at_closing_in_part,
    "rewritten when a lead closes": _rewritten_at_closing,
    "a rare value that always wins": _rare_value_that_wins,
    "effort after contact, AUC 0.90": _much_effort,
    "effort after contact, AUC 0.82": _some_effort,
    "dates after the moment": _dates_after_the_moment,
    "sibling of another leak": _sibling,
    "emptied when a lead closes": _emptied_at_closing,
}
