"""Six kinds of leak more, written down before the audit was changed for exports without open leads.

They guard against tuning to the lists before them: what is found of them was measured first.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from verification.leaks.further import Values, whole
from verification.leaks.later_jobs import days_worked, words_of
from verification.leaks.planted import Array, LeakCompany, where


def _competitor(company: LeakCompany) -> Array:
    """Sales hears of competitors while it works a lead, of lost ones more often."""
    known = company.by_state(0.35, 0.25, 0.55) * (1 - np.exp(-days_worked(company) / 40))
    return where(company.drawn(known), words_of(company, "Acme", "Bolt", "Core"))


def _language(company: LeakCompany) -> Array:
    """The language of the last e-mail; contracts are in English."""
    early = words_of(company, "German", "German", "French", "English")
    return where(company.drawn(company.by_state(0, 0.4, 0.08)), "English", early)


def _amount_of_stage(company: LeakCompany) -> Array:
    """The amount is estimated anew at each stage, and grows for those who buy."""
    early = company.random.lognormal(9, 1, len(company.won))
    grown = np.where(company.drawn(company.by_state(0.1, 0.7, 0.3)), 1.8, 1.0)
    return whole(early * grown / 100) + "00"


def _attachments(company: LeakCompany) -> Array:
    """Files come with offers and contracts."""
    rate = 0.1 * company.by_state(1, 1.6, 1) * np.sqrt(days_worked(company))
    return whole(company.random.poisson(0.2 + rate))


def _terms_accepted(company: LeakCompany) -> Array:
    """The version of the terms: of the moment, or of the contract."""
    assert company.closed_at is not None
    signed = company.drawn(company.by_state(0, 0.9, 0.1))
    when = company.as_of.mask(signed, company.closed_at)
    version = (when - company.as_of.min()).dt.days // 90 + 1
    versions: Array = ("v" + version.astype(int).astype(str)).to_numpy(object)
    return versions


def _postcode(company: LeakCompany) -> Array:
    """The invoice completes the postcode."""
    code = company.random.integers(10_000, 99_999, len(company.won)).astype(str).astype(object)
    return where(company.drawn(company.by_state(0.05, 0.6, 0.15)), "D-" + code, code)


OWN_KINDS: Mapping[str, Values] = {
    "competitor, heard of in time": _competitor,
    "language of the last e-mail": _language,
    "amount estimated anew": _amount_of_stage,
    "attachments": _attachments,
    "terms accepted": _terms_accepted,
    "postcode completed by the invoice": _postcode,
}
