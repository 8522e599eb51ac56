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
    feature, words, unit : str
        Our name and words for it; empty to keep the column's own.
    types : tuple of str
        Types that the name fits; empty for any.
    """

    says: str
    family: str
    names: tuple[frozenset[str], ...]
    feature: str = ""
    words: str = ""
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


def _sets(*names: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(one.split()) for one in names)


PERSONAL_WORDS = _sets(
    "first name", "last name", "full name", "contact name", "person name", "customer name",
    "surname", "firstname", "lastname", "email", "phone", "mobile", "street", "address",
    "birth", "birthday", "passport", "linkedin", "twitter", "whatsapp", "signature",
)  # fmt: skip

_NUMBER = ("number",)
FAMILY_WORDS: tuple[Known, ...] = (
    Known("an opt-out", "engagement", _sets("do not", "opt out", "optout", "unsubscribed", "consent")),
    Known("visits", "engagement", _sets("view", "visit", "visited", "session", "totalvisits")),
    Known("time spent", "engagement", _sets("time spent", "time on", "duration", "seconds")),
    Known(
        "activity",
        "engagement",
        _sets(
            "activity", "touch", "touches", "click", "open", "opened", "download", "webinar", "email",
            "emails", "call", "meeting", "demo", "newsletter", "free copy", "requested", "asked", "form",
        ),
    ),
    Known(
        "company size", "firmographic",
        _sets("employee", "employees", "headcount", "company size", "staff", "employee band"),
        "employees", "employees", "people", _NUMBER,
    ),
    Known(
        "revenue", "firmographic", _sets("revenue", "turnover"), "revenue", "yearly revenue", "", _NUMBER
    ),
    Known(
        "the year of foundation", "firmographic",
        _sets("founded", "established", "incorporated", "year established"),
        "company_age", "company age", "years", ("year",),
    ),
    Known(
        "industry", "firmographic", _sets("industry", "sector", "vertical", "naics", "sic"),
        "industry", "industry", "", ("category",),
    ),
    Known("country", "firmographic", _sets("country"), "country", "country", "", ("category",)),
    Known("city", "firmographic", _sets("city", "town"), "city", "city", "", ("category",)),
    Known(
        "the place", "firmographic",
        _sets(
            "region", "state", "zone", "timezone", "territory", "postcode", "zip", "location", "office",
        ),
    ),
    Known(
        "the company", "firmographic",
        _sets("company", "account", "organisation", "organization", "subsidiary", "maturity", "firm"),
    ),
    Known(
        "job title", "role",
        _sets("title", "job title", "jobtitle", "position", "designation"),
        "title", "job title", "", ("title",),
    ),
    Known("seniority", "role", _sets("seniority", "level"), "", "", "", ("category",)),
    Known(
        "what they do", "role",
        _sets(
            "department", "function", "occupation", "profession", "role", "specialization",
            "specialisation", "education level", "job",
        ),
    ),
    Known("source", "origin", _sets("lead source", "source"), "source", "source", "", ("category",)),
    Known("campaign", "origin", _sets("campaign"), "campaign", "campaign", "", ("category",)),
    Known(
        "where they came from", "origin",
        _sets(
            "origin", "medium", "channel", "referrer", "referral", "page", "landing", "utm", "keyword",
            "ad", "advertisement", "content", "term", "heard", "product", "partner", "search",
            "newspaper", "magazine", "article", "forum", "recommendations", "list",
        ),
    ),
)  # fmt: skip
