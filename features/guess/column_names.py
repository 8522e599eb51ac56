"""What columns are about, judging by their headings, and the family of features of each topic.

The first topic of which a heading has a concept is taken, so specific topics come before general
ones: ``Page Views Per Visit`` is engagement although a page alone is origin. A heading that says
nothing known has no topic, and its feature is of the family ``other``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from features.errors import LeadReadyError


@dataclass(frozen=True)
class Topic:
    """What columns are often about.

    Attributes
    ----------
    description : str
        What it is, for the comment in ``leadready.yaml``.
    family : str
        The family of features it belongs to.
    concepts : frozenset of str
        The topic applies if a heading has one of these concepts.
    feature, unit : str
        Name and unit of the feature; an empty name is derived from the heading.
    types : tuple of str
        Types that the topic fits; empty for any.
    """

    description: str
    family: str
    concepts: frozenset[str]
    feature: str = ""
    unit: str = ""
    types: tuple[str, ...] = ()


def topic_of(concepts: frozenset[str]) -> Topic | None:
    """Find the topic of a column from the concepts in its heading.

    Examples
    --------
    >>> topic_of(frozenset({"lead", "source"})).family, topic_of(frozenset({"amount"}))
    ('origin', None)
    """
    if concepts & OUTSIDE or {"title", "opportunity"} <= concepts:
        return None
    return next((topic for topic in TOPICS if topic.concepts & concepts), None)


def _topic(
    description: str, family: str, concepts: str, feature: str = "", unit: str = "", types: str = ""
) -> Topic:
    return Topic(
        description, family, frozenset(concepts.split()), feature, unit, tuple(types.split())
    )


OUTSIDE = frozenset({"rating", "reason", "result"})  # what people or programs concluded later
_FIRM = "firmographic"
TOPICS: tuple[Topic, ...] = (
    _topic("an opt-out", "engagement", "opt_out"),
    _topic("visits", "engagement", "visits"),
    _topic("time spent", "engagement", "duration"),
    _topic("activity", "engagement", "activity"),
    _topic("company size", _FIRM, "employees", "employees", "people", "number"),
    _topic("revenue", _FIRM, "revenue", "revenue", "", "number"),
    _topic("the founding year", _FIRM, "founded", "company_age", "years", "year"),
    _topic("industry", _FIRM, "industry", "industry", "", "category"),
    _topic("country", _FIRM, "country", "country", "", "category"),
    _topic("city", _FIRM, "city", "city", "", "category"),
    _topic("job title", "role", "title", "title", "", "title"),
    _topic("seniority", "role", "seniority", "", "", "category"),
    _topic("source", "origin", "source", "source", "", "category"),
    _topic("campaign", "origin", "campaign", "campaign", "", "category"),
    _topic("how the lead came in", "origin", "channel page product"),
    _topic("a job function", "role", "department occupation"),
    _topic("the person", "role", "age income gender marital_status language"),
    _topic("a location", _FIRM, "region"),
    _topic("the company", _FIRM, "company_fact account"),
)


def check_name(name: str, names: Sequence[str], where: str) -> str:
    """Refuse a column that the file does not have.

    Examples
    --------
    >>> check_name("Id", ["Id", "Stage"], "--id")
    'Id'
    """
    if name not in names:
        hint = "use the column names of the file"
        raise LeadReadyError.unknown(name, names, where=where, hint=hint)
    return name
