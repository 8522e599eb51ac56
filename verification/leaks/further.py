"""Further kinds of leak, chosen after the audit was built: what CRMs and people write later."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from verification.leaks.planted import Array, LeakCompany, where

Values = Callable[[LeakCompany], Array]


def _words(company: LeakCompany, *words: str) -> Array:
    return company.random.choice(np.array(words, dtype=object), len(company.won))


def whole(numbers: Array) -> Array:
    """Write numbers as whole ones from zero on."""
    return np.maximum(numbers, 0).round().astype(int).astype(str).astype(object)


def _share(company: LeakCompany, of_open: float, of_won: float, of_lost: float) -> Array:
    """Draw leads, each state with its share."""
    return company.drawn(company.by_state(of_open, of_won, of_lost))


def _filled(of_open: float, of_won: float, of_lost: float, *words: str) -> Values:
    """A field that is filled for a share of the leads of each state; without words, by numbers."""

    def values(company: LeakCompany) -> Array:
        numbers = company.random.integers(10**6, 10**7, len(company.won)).astype(str)
        shown = _words(company, *words) if words else numbers
        return where(_share(company, of_open, of_won, of_lost), shown)

    return values


def _set(value: str, of_open: float, of_won: float, of_lost: float, *others: str) -> Values:
    """A value that replaces the others for a share of the leads of each state."""

    def values(company: LeakCompany) -> Array:
        return where(_share(company, of_open, of_won, of_lost), value, _words(company, *others))

    return values


def _counted(of_open: float, of_won: float, of_lost: float) -> Values:
    """A count of what happens while sales works a lead."""

    def values(company: LeakCompany) -> Array:
        return whole(company.random.poisson(company.by_state(of_open, of_won, of_lost)))

    return values


def _measured(of_open: float, of_won: float, of_lost: float, spread: float) -> Values:
    """A number that is written anew when a lead is closed."""

    def values(company: LeakCompany) -> Array:
        return whole(company.random.normal(company.by_state(of_open, of_won, of_lost), spread))

    return values


def _note_length(company: LeakCompany) -> Array:
    return whole(np.exp(company.random.normal(company.by_state(3.6, 5.6, 4.8), 0.8)))


def _timer(company: LeakCompany) -> Array:
    hours = company.random.gamma(2, 20, len(company.won)) * company.by_state(1, 0.8, 1)
    return where(_share(company, 0.02, 0.97, 0.97), whole(hours))


def _last_modified(company: LeakCompany) -> Array:
    days = company.random.gamma(2, company.by_state(5, 30, 30))
    later = company.as_of + pd.to_timedelta(days, unit="D")
    dates: Array = later.dt.strftime("%Y-%m-%d").to_numpy(object)
    return dates


def _days_quiet(company: LeakCompany) -> Array:
    """Days since the last activity, counted at the extract."""
    age = (company.as_of.max() - company.as_of).dt.days.to_numpy()
    closed = age - company.random.gamma(2, 30, len(age))
    return whole(where(company.is_open, company.random.gamma(1.5, 6, len(age)), closed))


def _tag(added: str, of_won: float, of_lost: float, separator: str) -> Values:
    """Several tags in a cell, one of them added when a lead is closed."""

    def values(company: LeakCompany) -> Array:
        tags = ("pricing", "blog", "webinar", "event", "partner")
        has = company.random.random((len(company.won), len(tags))) < 0.3
        more = _share(company, 0, of_won, of_lost)
        cells = [
            _tags_of(tags, row, added if late else "") for row, late in zip(has, more, strict=True)
        ]
        return np.array([separator.join(cell) or None for cell in cells], dtype=object)

    return values


def _tags_of(tags: Sequence[str], has: Array, more: str) -> list[str]:
    return [tag for tag, chosen in zip(tags, has, strict=True) if chosen] + ([more] if more else [])


def _customer(company: LeakCompany) -> Array:
    former = where(_share(company, 0, 0, 0.5), "Former prospect", "Prospect")
    return where(_share(company, 0, 0.9, 0), "Customer", former)


FURTHER: Mapping[str, Values] = {
    "timer stopped at closing": _timer,
    "count of stage changes": _measured(1.8, 5.2, 3.2, 1.3),
    "owner changed on winning": _set("Customer success", 0, 0.7, 0, "Ann", "Bob", "Eve", "Joe"),
    "days since the last activity": _days_quiet,
    "last modified": _last_modified,
    "price list filled with the quote": _filled(0.2, 0.88, 0.3, "EUR 2023", "EUR 2024", "USD"),
    "contract number": _filled(0, 0.93, 0),
    "answer to a survey of customers": _filled(0, 0.35, 0, *map(str, range(11))),
    "a rare value that always loses": _set("Incumbent", 0, 0, 0.2, "none", "other"),
    "score computed again at closing": _measured(48, 72, 45, 18),
    "box ticked for onboarding": _set("TRUE", 0, 0.6, 0.002, "FALSE"),
    "length of a note": _note_length,
    "default value when archived": _set("n/a", 0, 0, 0.65, "A", "B", "C"),
    "competitor, for a few lost leads": _filled(0, 0, 0.2, "Acme", "Bolt", "Core"),
    "tag added on winning": _tag("customer", 0.6, 0, ";"),
    "tag added on losing": _tag("recycle", 0, 0.5, ", "),
    "product as sold": _set("SKU-7", 0.01, 0.8, 0.05, "crm", "erp", "shop"),
    "count of meetings": _counted(0.6, 3.2, 1.0),
    "discount": _filled(0.08, 0.6, 0.12, "5", "10", "15"),
    "prospect becomes customer": _customer,
    "tax number": _filled(0.03, 0.7, 0.05),
    "country of the invoice": _filled(0.04, 0.65, 0.06, "DE", "FR"),
    "moved to another team": _set("Key accounts", 0, 0.25, 0, "North", "South", "Mid"),
    "unreachable": _set("1", 0.01, 0, 0.2, "0"),
    "terms of payment": _filled(0.1, 0.7, 0.15, "net 30", "net 60"),
    "list for lost leads": _set("Nurture", 0, 0.01, 0.3, "none", "A-list"),
}
