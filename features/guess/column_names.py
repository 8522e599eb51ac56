"""Words that companies use in column names, and the feature family that each belongs to.

The first entry whose words all occur in a column's name is taken, so specific entries come before
general ones: ``Page Views Per Visit`` is engagement although ``page`` alone is origin.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """What columns are often about.

    Attributes
    ----------
    description : str
        What it is, for the comment in ``leadready.yaml``.
    family : str
        The family of features it belongs to.
    names : tuple of frozenset of str
        Sets of words; the topic applies if a column's name has all words of one set.
    feature, label, unit : str
        Name, label and unit of the feature; empty to derive them from the column's name.
    types : tuple of str
        Types that the topic fits; empty for any.
    """

    description: str
    family: str
    names: tuple[frozenset[str], ...]
    feature: str = ""
    label: str = ""
    unit: str = ""
    types: tuple[str, ...] = ()


def name_words(name: str) -> set[str]:
    """Split a column's name into lower-case words; plurals also without their s.

    Examples
    --------
    >>> sorted(name_words("LeadSource")), sorted(name_words("page_views"))
    (['lead', 'source'], ['page', 'view', 'views'])
    """
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    words = set(re.findall(r"[a-z]+", spaced.lower()))
    return words | {word[:-1] for word in words if len(word) > 4 and word.endswith("s")}


def topic_of(words: set[str]) -> Topic | None:
    """Find the topic of a column from the words in its name.

    Examples
    --------
    >>> topic_of({"lead", "source"}).family, topic_of({"zebra"})
    ('origin', None)
    """
    return next((topic for topic in TOPICS if any(name <= words for name in topic.names)), None)


def _word_sets(names: str) -> tuple[frozenset[str], ...]:
    """``first name, email`` is two sets, of two words and of one."""
    return tuple(frozenset(name.split()) for name in names.split(","))


PERSONAL_WORDS = _word_sets(
    "first name, last name, full name, contact name, person name, customer name, surname,"
    "firstname, lastname, email, phone, mobile, street, address, birth, birthday,"
    "passport, linkedin, twitter, whatsapp, signature"
)
_OPT_OUT = _word_sets("do not, opt out, optout, unsubscribed, consent")
_VISITS = _word_sets("view, visit, visited, session, totalvisits")
_TIME = _word_sets("time spent, time on, duration, seconds")
_ACTIVITY = _word_sets(
    "activity, activities, touch, touches, click, open, opened, download, webinar, email, emails,"
    "call, meeting, demo, newsletter, free copy, requested, asked, form"
)
_SIZE = _word_sets("employee, employees, headcount, company size, staff")
_REVENUE = _word_sets("revenue, turnover")
_FOUNDED = _word_sets("founded, established, incorporated")
_INDUSTRY = _word_sets("industry, sector, vertical, naics, sic")
_LOCATION = _word_sets("region, state, zone, timezone, territory, postcode, zip, location, office")
_COMPANY = _word_sets("company, account, organisation, organization, subsidiary, maturity, firm")
_TITLE = _word_sets("title, jobtitle, position, designation")
_FUNCTION = _word_sets(
    "department, function, occupation, profession, role, specialization, specialisation,"
    "education level, job"
)
_ORIGIN = _word_sets(
    "origin, medium, channel, referrer, referral, page, landing, utm, keyword, ad, advertisement,"
    "content, term, heard, product, partner, search, newspaper, magazine, article, forum,"
    "recommendations, list"
)
_FIRM, _NUMBER, _YEAR, _CATEGORY = "firmographic", ("number",), ("year",), ("category",)
TOPICS: tuple[Topic, ...] = (
    Topic("an opt-out", "engagement", _OPT_OUT),
    Topic("visits", "engagement", _VISITS),
    Topic("time spent", "engagement", _TIME),
    Topic("activity", "engagement", _ACTIVITY),
    Topic("company size", _FIRM, _SIZE, "employees", "employees", "people", _NUMBER),
    Topic("revenue", _FIRM, _REVENUE, "revenue", "yearly revenue", "", _NUMBER),
    Topic("the founding year", _FIRM, _FOUNDED, "company_age", "company age", "years", _YEAR),
    Topic("industry", _FIRM, _INDUSTRY, "industry", "industry", "", _CATEGORY),
    Topic("country", _FIRM, _word_sets("country"), "country", "country", "", _CATEGORY),
    Topic("city", _FIRM, _word_sets("city, town"), "city", "city", "", _CATEGORY),
    Topic("a location", _FIRM, _LOCATION),
    Topic("the company", _FIRM, _COMPANY),
    Topic("job title", "role", _TITLE, "title", "job title", "", ("title",)),
    Topic("seniority", "role", _word_sets("seniority, level"), "", "", "", _CATEGORY),
    Topic("a job function", "role", _FUNCTION),
    Topic("source", "origin", _word_sets("source"), "source", "source", "", _CATEGORY),
    Topic("campaign", "origin", _word_sets("campaign"), "campaign", "campaign", "", _CATEGORY),
    Topic("how the lead came in", "origin", _ORIGIN),
)
