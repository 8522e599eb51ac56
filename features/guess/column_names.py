"""What columns are about, judging by their headings, and the family of features of each topic.

The first topic of which a heading has a concept is taken, so specific topics come before general
ones: ``Page Views Per Visit`` is engagement although a page alone is origin. A heading that says
nothing known has no topic, and its feature is of the family ``other``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import pandas as pd

from features.errors import LeadReadyError
from features.vocabulary.job_titles import read_titles


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
    if concepts & OUTSIDE or any(unlike <= concepts for unlike in _AMBIGUOUS):
        return None
    return next((topic for topic in TOPICS if topic.concepts & concepts), None)


def _topic(
    description: str, family: str, concepts: str, feature: str = "", unit: str = "", types: str = ""
) -> Topic:
    return Topic(
        description, family, frozenset(concepts.split()), feature, unit, tuple(types.split())
    )


OUTSIDE = frozenset({"rating", "reason", "result"})  # what people or programs concluded later
_AMBIGUOUS = ({"title", "opportunity"}, {"region", "department"})  # a deal's name; "Area"
_MAYBE_TITLES = {"department", "occupation"}  # "Fonction" and "Ruolo" head job titles as well
_MOST_TITLES = 300  # different texts that are read as titles
_FEW_TITLES, _LEAST_TITLES = 3, 0.2  # texts that show nothing; share of texts that are understood
_DECIDERS = {"owner", "c_level", "vp", "director", "manager"}
_LEAST_DECIDERS, _MOSTLY_TITLES = 0.3, 0.6  # of the rows
_FIRM = "firmographic"
TITLE = _topic("job title", "role", "title", "title", "", "title")
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
    TITLE,
    _topic("seniority", "role", "seniority", "", "", "category"),
    _topic("source", "origin", "source", "source", "", "category"),
    _topic("campaign", "origin", "campaign", "campaign", "", "category"),
    _topic("how the lead came in", "origin", "channel page product"),
    _topic("a job function", "role", "department occupation"),
    _topic("the person", "role", "age income gender marital_status language"),
    _topic("a location", _FIRM, "region"),
    _topic("the company", _FIRM, "company_fact account"),
)


def topic_of_column(concepts: frozenset[str], counts: Mapping[str, int]) -> Topic | None:
    """Find the topic of a column of texts, which decide themselves whether they are job titles.

    Examples
    --------
    >>> fonctions = {"PDG": 5, "Acheteur": 4, "Responsable des achats": 6}
    >>> topic_of_column(frozenset({"department"}), fonctions).description
    'job title'
    >>> topic_of_column(frozenset({"title"}), {"Deal 4": 1, "Deal 5": 1, "Deal 6": 1})
    """
    topic = topic_of(concepts)
    if topic is not None and topic.types == ("title",):
        return topic if _may_be_titles(counts) else None
    if concepts & _MAYBE_TITLES and not concepts & OUTSIDE and _are_titles(counts):
        return TITLE
    return topic


def _may_be_titles(counts: Mapping[str, int]) -> bool:
    """Whether texts may be job titles: some are understood, and they are no numbered records."""
    texts = pd.Series([*map(str, islice(counts, _MOST_TITLES))], dtype="str")
    understood = float(read_titles(texts).notna().any(axis=1).mean())
    numbered = float(texts.str.contains(r"\d").mean())
    records = len(counts) > 0.9 * sum(counts.values()) and numbered > 0.5
    return len(counts) < _FEW_TITLES or (understood >= _LEAST_TITLES and not records)


def _are_titles(counts: Mapping[str, int]) -> bool:
    """Whether texts are job titles, as deciders of several ranks are among them."""
    frequent = pd.Series([*islice(counts.values(), _MOST_TITLES)], dtype="int64")
    texts = pd.Series([*map(str, islice(counts, _MOST_TITLES))], dtype="str")
    seniority = read_titles(texts)["seniority"].to_numpy()
    rows = frequent.groupby(seniority).sum()
    deciders = rows[rows.index.isin(_DECIDERS)]
    return bool(
        len(rows) > 1
        and deciders.sum() >= _LEAST_DECIDERS * frequent.sum()
        and rows.sum() >= _MOSTLY_TITLES * frequent.sum()
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
