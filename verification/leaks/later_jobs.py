"""What jobs of a CRM write after the moment: counters that run, fields that follow the last of it.

Each was thought up against the audit. Most look harmless beside what leads said themselves: they
run while a lead is open, or sales and billing write over what was there before.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from verification.leaks.further import Values, whole
from verification.leaks.planted import Array, LeakCompany, where


def days_worked(company: LeakCompany) -> Array:
    """Days from the moment to the closing, or to the extract."""
    assert company.closed_at is not None
    extract = company.closed_at.max()
    days: Array = (company.closed_at.fillna(extract) - company.as_of).dt.days.to_numpy(float)
    return np.maximum(days, 0)


def _number(company: LeakCompany, column: str) -> Array:
    numbers: Array = pd.to_numeric(company.raw[column]).to_numpy(float)
    return numbers


def words_of(company: LeakCompany, *words: str) -> Array:
    """Draw a word for each lead."""
    return company.random.choice(np.array(words, dtype=object), len(company.won))


def _last_touch(company: LeakCompany) -> Array:
    """The campaign of the last touch: the longer a lead is worked, the likelier another one."""
    again = company.random.random(len(company.won)) < 1 - np.exp(-days_worked(company) / 60)
    first, nurture = words_of(company, "A", "B", "C", "D"), words_of(company, "C", "nurture")
    late = where(company.won, words_of(company, "pricing", "D"), nurture)
    return where(again, late, first)


def _source_by_closer(company: LeakCompany) -> Array:
    """The closer credits referrals, which there were before."""
    late = company.drawn(company.by_state(0, 0.4, 0))
    return where(late, "referral", company.raw["How did you hear"].to_numpy(object))


def _country_by_billing(company: LeakCompany) -> Array:
    """The form asks six in ten for the country; an invoice needs it."""
    asked = company.drawn(company.by_state(0.6, 1.0, 0.6))
    return where(asked, words_of(company, "Germany", "France", "Spain"))


def _spelled_by_billing(company: LeakCompany) -> Array:
    words, codes = ("Germany", "France", "Spain"), ("DE", "FR", "ES")
    place = company.random.integers(0, 3, len(company.won))
    late = company.drawn(company.by_state(0, 0.9, 0))
    return where(late, np.array(codes, dtype=object)[place], np.array(words, dtype=object)[place])


def _currency_at_closing(company: LeakCompany) -> Array:
    """The budget, in the company's currency once the lead is closed."""
    budget = np.exp(company.random.normal(9, 1, len(company.won))).round(-2)
    rate = words_of(company, *map(str, (1.0837, 0.8541, 1.3312))).astype(float)
    foreign = company.drawn(company.by_state(0, 0.5, 0.5))
    return where(foreign, (budget * rate).round(2).astype(str), budget.astype(int).astype(str))


def _enriched_opportunities(company: LeakCompany) -> Array:
    """The exact number of employees; before the opportunity, what the form offered."""
    exact = _number(company, "Employees")
    offered = np.array([10, 50, 200, 1000, 5000])
    place = np.minimum(np.searchsorted(offered, exact), 4)
    enriched = company.drawn(company.by_state(0.1, 0.95, 0.35))
    return where(enriched, whole(exact), offered[place].astype(str).astype(object))


def _bounced_later(company: LeakCompany) -> Array:
    """Mailings after the closing bounce; customers get none."""
    age = (company.as_of.max() - company.as_of).dt.days.to_numpy(float)
    bounced = company.random.random(len(age)) < 1 - np.exp(-age / 900)
    return where(bounced & ~company.won, "1", "0")


def _unsubscribed_after(company: LeakCompany) -> Array:
    return where(company.drawn(company.by_state(0.02, 0.02, 0.25)), "TRUE", "FALSE")


def _merged_records(company: LeakCompany) -> Array:
    """Duplicates are merged when a customer is created."""
    return whole(1 + company.random.poisson(company.by_state(0.1, 1.3, 0.1)))


def _mails(company: LeakCompany) -> Array:
    rate = company.by_state(0.12, 0.16, 0.1)
    return whole(company.random.poisson(0.5 + rate * days_worked(company)))


def _tasks(company: LeakCompany) -> Array:
    rate = company.random.gamma(3, 1 / 60, len(company.won))
    return whole(company.random.poisson(1 + rate * days_worked(company)))


def _note(company: LeakCompany) -> Array:
    days = days_worked(company)
    return whole(np.exp(company.random.normal(3 + 0.5 * np.log1p(days), 0.6)))


def _days_in_stage(company: LeakCompany) -> Array:
    """The part of the time until the closing that a lead spent in its last stage."""
    return whole(days_worked(company) * company.random.beta(3, 2, len(company.won)))


def _age_at_closing(company: LeakCompany) -> Array:
    return whole(days_worked(company))


def _keenness(company: LeakCompany) -> Array:
    numbers = np.log1p(_number(company, "Employees")) + 0.3 * _number(company, "Visits")
    spread: Array = (numbers - numbers.mean()) / numbers.std()
    return spread + company.random.normal(0, 1, len(numbers))


def _score_until_closing(company: LeakCompany) -> Array:
    """A vendor's score that follows what leads do, in one of four parts after the moment."""
    drift = company.by_state(0, 9, -3) * np.minimum(days_worked(company) / 30, 1)
    return whole(50 + 12 * _keenness(company) + drift)


def _score_as_of_extract(company: LeakCompany) -> Array:
    """A vendor's score of all leads, computed at the extract from what they are by then."""
    return whole(50 + 12 * _keenness(company) + company.by_state(0, 7, -2))


def _contacts_of_account(company: LeakCompany) -> Array:
    """Contacts of the account: buying takes several people, who come while it is worked."""
    return whole(1 + company.random.poisson(company.by_state(0.5, 2.2, 0.7)))


def _lowered_priority(company: LeakCompany) -> Array:
    lowered = company.drawn(company.by_state(0, 0, 0.5))
    return where(lowered, "low", words_of(company, "high", "middle", "low"))


def _billing_mail(company: LeakCompany) -> Array:
    """A private address gives way to that of the company that gets the invoice."""
    number = company.random.integers(0, 10**7, len(company.won)).astype(str).astype(object)
    private = company.drawn(company.by_state(0.5, 0.05, 0.5))
    return where(private, "p" + number + "@gmail.com", "p@" + number + ".com")


def _made_anonymous(company: LeakCompany) -> Array:
    """Names of lost leads are deleted half a year after they were closed."""
    assert company.closed_at is not None
    days = (company.closed_at.max() - company.closed_at).dt.days.to_numpy(float)
    gone = ~company.won & (days > 180)
    return where(gone, None, words_of(company, "CEO", "CFO", "Engineer", "Buyer"))


def _last_owner(company: LeakCompany) -> Array:
    """Reps leave, and their open and lost leads go to others; won ones stay."""
    handed_on = company.drawn(company.by_state(0.35, 0, 0.35))
    return where(handed_on, "Pool", words_of(company, "Ann", "Bob", "Eve", "Joe"))


def _visits_until_extract(company: LeakCompany) -> Array:
    """All visits of the website, those of customers to the help pages among them."""
    age = (company.as_of.max() - company.as_of).dt.days.to_numpy(float)
    rate = company.by_state(0.01, 0.02, 0.004)
    return whole(_number(company, "Visits") + company.random.poisson(rate * age))


def _segment_of_later_job(company: LeakCompany) -> Array:
    """A job puts who pays into a segment by revenue; all others by size."""
    by_size = where(_number(company, "Employees") > 100, "mid", "small")
    return where(company.drawn(company.by_state(0, 0.5, 0)), "mid", by_size)


def _opt_in(company: LeakCompany) -> Array:
    """A contract renews the consent; some lost leads withdraw it."""
    return where(company.drawn(company.by_state(0.5, 0.9, 0.4)), "yes", "no")


LATER_JOBS: Mapping[str, Values] = {
    "campaign of the last touch": _last_touch,
    "source rewritten by the closer": _source_by_closer,
    "country filled in by billing": _country_by_billing,
    "country spelled anew by billing": _spelled_by_billing,
    "currency converted at closing": _currency_at_closing,
    "only opportunities are enriched": _enriched_opportunities,
    "bounced in a later mailing": _bounced_later,
    "unsubscribed after a loss": _unsubscribed_after,
    "records merged on winning": _merged_records,
    "count of e-mails": _mails,
    "count of tasks": _tasks,
    "length of a note that grows": _note,
    "days in the last stage": _days_in_stage,
    "age at closing": _age_at_closing,
    "score computed until closing": _score_until_closing,
    "score computed at the extract": _score_as_of_extract,
    "contacts of the account": _contacts_of_account,
    "priority lowered on losing": _lowered_priority,
    "address of the invoice": _billing_mail,
    "lost leads made anonymous": _made_anonymous,
    "leads of reps who left": _last_owner,
    "visits counted until the extract": _visits_until_extract,
    "segment by a later job": _segment_of_later_job,
    "consent renewed by the contract": _opt_in,
}

FOUND_WITHOUT_OPEN = {
    "campaign of the last touch",
    "country filled in by billing",
    "country spelled anew by billing",
    "records merged on winning",
    "count of e-mails",
    "days in the last stage",
    "age at closing",
    "contacts of the account",
    "lost leads made anonymous",
    "visits counted until the extract",
}  # the others leave no trace, or too weak a one
FOUND_LATER = {
    *FOUND_WITHOUT_OPEN,
    "currency converted at closing",
    "only opportunities are enriched",
    "unsubscribed after a loss",
    "count of tasks",
    "length of a note that grows",
    "priority lowered on losing",
}
