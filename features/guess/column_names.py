"""The words by which companies name their columns, and the family that each belongs to.

The first entry whose words are all in a column's name is taken, so narrow ones stand before wide
ones: ``Page Views Per Visit`` is engagement although ``page`` alone is origin.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """A thing that columns are often about.

    Attributes
    ----------
    says : str
        What it is, for the comment in ``leadready.yaml``.
    family : str
        The family of features it belongs to.
    names : tuple of frozenset of str
        Sets of words; a column is meant when its name has all words of one set.
    feature, label, unit : str
        Our name and label for it; empty to keep the column's own.
    types : tuple of str
        Types that the name fits; empty for any.
    """

    says: str
    family: str
    names: tuple[frozenset[str], ...]
    feature: str = ""
    label: str = ""
    unit: str = ""
    types: tuple[str, ...] = ()


def name_words(name: str) -> set[str]:
    """The words in a column's name, small, plurals also without their s.

    Examples
    --------
    >>> sorted(name_words("LeadSource")), sorted(name_words("page_views"))
    (['lead', 'source'], ['page', 'view', 'views'])
    """
    apart = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    words = set(re.findall(r"[a-z]+", apart.lower()))
    return words | {one[:-1] for one in words if len(one) > 4 and one.endswith("s")}


def _sets(names: str) -> tuple[frozenset[str], ...]:
    """``first name, email`` is two sets, of two words and of one."""
    return tuple(frozenset(one.split()) for one in names.split(","))


PERSONAL_WORDS = _sets(
    "first name, last name, full name, contact name, person name, customer name, surname,"
    "firstname, lastname, email, phone, mobile, street, address, birth, birthday,"
    "passport, linkedin, twitter, whatsapp, signature"
)
_OPT_OUT = _sets("do not, opt out, optout, unsubscribed, consent")
_VISITS = _sets("view, visit, visited, session, totalvisits")
_TIME = _sets("time spent, time on, duration, seconds")
_ACTIVITY = _sets(
    "activity, activities, touch, touches, click, open, opened, download, webinar, email, emails,"
    "call, meeting, demo, newsletter, free copy, requested, asked, form"
)
_SIZE = _sets("employee, employees, headcount, company size, staff")
_REVENUE = _sets("revenue, turnover")
_FOUNDED = _sets("founded, established, incorporated")
_INDUSTRY = _sets("industry, sector, vertical, naics, sic")
_PLACE = _sets("region, state, zone, timezone, territory, postcode, zip, location, office")
_COMPANY = _sets("company, account, organisation, organization, subsidiary, maturity, firm")
_TITLE = _sets("title, jobtitle, position, designation")
_FUNCTION = _sets(
    "department, function, occupation, profession, role, specialization, specialisation,"
    "education level, job"
)
_ORIGIN = _sets(
    "origin, medium, channel, referrer, referral, page, landing, utm, keyword, ad, advertisement,"
    "content, term, heard, product, partner, search, newspaper, magazine, article, forum,"
    "recommendations, list"
)
_FIRM, _NUMBER, _CATEGORY = "firmographic", ("number",), ("category",)
FAMILY_WORDS: tuple[Known, ...] = (
    Known("an opt-out", "engagement", _OPT_OUT),
    Known("visits", "engagement", _VISITS),
    Known("time spent", "engagement", _TIME),
    Known("activity", "engagement", _ACTIVITY),
    Known("company size", _FIRM, _SIZE, "employees", "employees", "people", _NUMBER),
    Known("revenue", _FIRM, _REVENUE, "revenue", "yearly revenue", "", _NUMBER),
    Known(
        "the year of foundation", _FIRM, _FOUNDED, "company_age", "company age", "years", ("year",)
    ),
    Known("industry", _FIRM, _INDUSTRY, "industry", "industry", "", _CATEGORY),
    Known("country", _FIRM, _sets("country"), "country", "country", "", _CATEGORY),
    Known("city", _FIRM, _sets("city, town"), "city", "city", "", _CATEGORY),
    Known("the place", _FIRM, _PLACE),
    Known("the company", _FIRM, _COMPANY),
    Known("job title", "role", _TITLE, "title", "job title", "", ("title",)),
    Known("seniority", "role", _sets("seniority, level"), "", "", "", _CATEGORY),
    Known("what they do", "role", _FUNCTION),
    Known("source", "origin", _sets("source"), "source", "source", "", _CATEGORY),
    Known("campaign", "origin", _sets("campaign"), "campaign", "campaign", "", _CATEGORY),
    Known("where they came from", "origin", _ORIGIN),
)
