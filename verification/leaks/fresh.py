"""Leaks as CRMs produce them, each thought up before the audit was tried on it.

A part of the leads is written later, both outcomes at their own rates, over values that were usual
before. What was found at the first try says more of leaks to come than any figure afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from verification.leaks.further import Values, whole
from verification.leaks.later_jobs import days_worked, words_of
from verification.leaks.planted import Array, LeakCompany, where


def _days_closed(company: LeakCompany) -> Array:
    """Days from the closing to the extract; 0 while a lead is open."""
    assert company.closed_at is not None
    days: Array = (company.closed_at.max() - company.closed_at).dt.days.fillna(0).to_numpy(float)
    return days


def _revenue_of_account(company: LeakCompany) -> Array:
    """Accounts are enriched once one of their leads is won: all their leads show it."""
    account = company.random.integers(0, len(company.won) // 3, len(company.won))
    customer = np.isin(account, account[company.won])
    enriched = company.random.random(account.max() + 1)[account] < np.where(customer, 0.7, 0.25)
    return where(enriched, whole(company.random.lognormal(14, 1, account.max() + 1)[account]))


def _default_on_losing(company: LeakCompany) -> Array:
    """Closing asks for a use case; who does not care leaves the default, which was there before."""
    early = company.random.choice(
        np.array(["billing", "planning", "reports", "other"], dtype=object),
        len(company.won),
        p=[0.3, 0.3, 0.25, 0.15],
    )
    return where(company.drawn(company.by_state(0, 0.05, 0.35)), "other", early)


def _number_at_conversion(company: LeakCompany) -> Array:
    """A counter numbers leads as they come in; a won one gets the next number when it converts."""
    assert company.closed_at is not None
    when = company.as_of.mask(company.won, company.closed_at)
    return (100_000 + when.rank(method="first")).astype(int).astype(str).to_numpy(object)


def _comments(company: LeakCompany) -> Array:
    """What the lead wrote, with what sales adds to it."""
    words = np.array(["we", "need", "a", "tool", "soon", "please", "call", "about", "prices"])
    late = company.random.poisson(company.by_state(1, 14, 5))
    early = company.random.poisson(9, len(late)) * (company.random.random(len(late)) < 0.6)
    texts = [" ".join(company.random.choice(words, count)) for count in early + late]
    return np.array([text or None for text in texts], dtype=object)


def _hashtags(company: LeakCompany) -> Array:
    tags = np.array(["#webinar", "#pricing", "#partner", "#blog"])
    has = company.random.random((len(company.won), len(tags))) < 0.3
    onboarded = company.drawn(company.by_state(0, 0.45, 0))
    cells = [
        [*tags[row], *(["#kickoff"] if late else [])]
        for row, late in zip(has, onboarded, strict=True)
    ]
    return np.array([" ".join(company.random.permutation(cell)) or None for cell in cells], object)


def _team_of_owner(company: LeakCompany) -> Array:
    """Won leads go to key accounts, lost ones to the nurture desk; both had leads before."""
    early = company.random.choice(
        np.array(["North", "South", "Key accounts", "Nurture"], dtype=object),
        len(company.won),
        p=[0.4, 0.4, 0.12, 0.08],
    )
    late = where(company.won, "Key accounts", "Nurture")
    return where(company.drawn(company.by_state(0, 0.45, 0.3)), late, early)


def _region_of_contract(company: LeakCompany) -> Array:
    """The contract moves leads to the region of the head office."""
    early = words_of(company, "North", "South", "East", "West")
    late = words_of(company, "North", "North", "North", "South")
    return where(company.drawn(company.by_state(0, 0.5, 0.05)), late, early)


def _phone_as_dialled(company: LeakCompany) -> Array:
    """The dialler writes numbers anew when it calls: won leads more often, and in time all."""
    number = company.random.integers(10**6, 10**7, len(company.won)).astype(str).astype(object)
    called = company.drawn(company.by_state(0.15, 0.7, 0.4))
    return where(called, "+4930" + number, "030/" + number)


def _tickets(company: LeakCompany) -> Array:
    """Tickets of customers; some wrote one before they bought."""
    late = company.won * 0.004 * _days_closed(company)
    return whole(company.random.poisson(0.08 + late))


def _parent_of_account(company: LeakCompany) -> Array:
    """The contract names the parent company, where there is one."""
    filled = company.drawn(company.by_state(0.12, 0.32, 0.14))
    return where(filled, whole(company.random.integers(1, 400, len(company.won))))


def _role_of_contact(company: LeakCompany) -> Array:
    """Sales learns whom it speaks to while it works a lead."""
    known = 0.6 * (1 - np.exp(-days_worked(company) / 60))
    return where(company.drawn(known), words_of(company, "decides", "advises", "uses"))


def _period_of_last_change(company: LeakCompany) -> Array:
    """The quarter of the closing; of open leads, that of the last edit."""
    assert company.closed_at is not None
    edited = company.as_of + pd.to_timedelta(
        days_worked(company) * company.random.random(len(company.won)), unit="D"
    )
    when = company.closed_at.where(~company.is_open, edited)
    quarter = "Q" + when.dt.quarter.astype(str) + " " + when.dt.year.astype(str)
    periods: Array = quarter.to_numpy(object)
    return periods


FRESH: Mapping[str, Values] = {
    "account enriched after a win": _revenue_of_account,
    "default left when a lead is lost": _default_on_losing,
    "number given at conversion": _number_at_conversion,
    "comments that sales adds to": _comments,
    "hashtag of the onboarding": _hashtags,
    "team of the owner": _team_of_owner,
    "region of the contract": _region_of_contract,
    "phone number as dialled": _phone_as_dialled,
    "tickets of customers": _tickets,
    "parent company of the contract": _parent_of_account,
    "role of the contact, learnt in time": _role_of_contact,
    "quarter of the last change": _period_of_last_change,
}


def _do_not_contact(company: LeakCompany) -> Array:
    """Lost leads ask for it, and some customers."""
    return where(company.drawn(company.by_state(0.01, 0.03, 0.12)), "TRUE", "FALSE")


def _city_of_last_login(company: LeakCompany) -> Array:
    """Customers log in from their offices, others hardly ever log in again."""
    again = company.drawn(company.by_state(0.1, 0.6, 0.2))
    late = words_of(company, "Berlin", "Berlin", "Paris")
    return where(again, late, words_of(company, "Berlin", "Paris", "Madrid", "Rome"))


def _percent_complete(company: LeakCompany) -> Array:
    """How complete a record is, computed at the extract; contracts complete most of them."""
    completed = company.drawn(company.by_state(0, 0.7, 0.05))
    early = company.random.normal(45, 15, len(completed))
    return whole(np.minimum(where(completed, early + 30, early).astype(float), 100))


def _products_of_quote(company: LeakCompany) -> Array:
    """Products that a lead asked for, and those that the quote adds."""
    products = np.array(["crm", "erp", "shop", "pos", "bi"])
    share = 0.25 + np.where(company.drawn(company.by_state(0, 0.8, 0.2)), 0.25, 0)
    has = company.random.random((len(company.won), len(products))) < share[:, None]
    return np.array([";".join(products[row]) or None for row in has], dtype=object)


def _external_id(company: LeakCompany) -> Array:
    """The number of the web form gives way to that of the billing system."""
    number = company.random.integers(10**4, 10**5, len(company.won)).astype(str).astype(object)
    early = where(company.drawn(0.4), number)
    return where(company.drawn(company.by_state(0, 0.7, 0.1)), "C" + number, early)


def _names_of_contacts(company: LeakCompany) -> Array:
    """Further people come while a lead is worked."""
    letters = np.array([*"abcdefghijklmnopqrstuvwxyz"])
    names = company.random.choice(letters, (len(company.won), 12))
    several = company.drawn(company.by_state(0.05, 0.5, 0.15))
    return np.array(
        [
            "".join(row[:6]).title() + ("; " + "".join(row[6:]).title() if more else "")
            for row, more in zip(names, several, strict=True)
        ],
        dtype=object,
    )


def _days_with_marketing(company: LeakCompany) -> Array:
    """Days in campaigns, which run until sales takes over; it does so for won leads sooner."""
    share = company.random.beta(2, company.by_state(3, 8, 3))
    return whole(days_worked(company) * share + company.random.gamma(1, 6, len(share)))


def _price_list(company: LeakCompany) -> Array:
    """The price list in force at the moment, or at the closing where there was a quote."""
    assert company.closed_at is not None
    quoted = company.drawn(company.by_state(0, 0.8, 0.3))
    when = company.as_of.mask(quoted, company.closed_at)
    number = (when - company.as_of.min()).dt.days // 45
    lists: Array = ("List " + number.astype(int).astype(str)).to_numpy(object)
    return lists


FRESH_AGAIN: Mapping[str, Values] = {
    "do not contact": _do_not_contact,
    "city of the last login": _city_of_last_login,
    "percent complete": _percent_complete,
    "products of the quote": _products_of_quote,
    "number of the billing system": _external_id,
    "names of contacts": _names_of_contacts,
    "days with marketing": _days_with_marketing,
    "price list in force": _price_list,
}  # thought up after the audit had been improved for the kinds above

FOUND_FRESH_WITHOUT_OPEN = {
    "number given at conversion",
    "quarter of the last change",
    "number of the billing system",
    "days with marketing",
}  # the others leave no trace, or too weak a one
FOUND_FRESH = {
    *FOUND_FRESH_WITHOUT_OPEN,
    "comments that sales adds to",
    "hashtag of the onboarding",
}
