"""Finds columns with personal data, by their values and by their headings. They are never features.

E-mail addresses, telephone numbers, account numbers, network and street addresses, and names of
people are known by how they are written, whatever the heading. A heading that says *first name* or
*contact person* is enough, unless the values only say yes or no, or count something.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from features.text import percent
from features.vocabulary.headings import heading_concepts
from features.vocabulary.plain_text import fold
from features.vocabulary.stage_values import yes_no

_EMAIL = re.compile(r"[\s\S]*?\S@\S+\.[\s\S]*")
_PHONE = re.compile(r"\+?\(?\d[\d\s().\-/]{6,18}\d")
_SPACED_PHONE = re.compile(  # not only digits
    r"(\+|00|\(0|0)\d?[\d().]*[\s().\-/][\d\s().\-/]{4,16}\d"
)
_YEAR_FIRST = re.compile(r"\d{4}[-/.]\d+[-/.]\d+.*")
_PATTERNS = {  # what at least most values look like
    "network addresses": r"\d{1,3}(\.\d{1,3}){3}",
    "bank accounts (IBAN)": r"[A-Z]{2}\d{2}( ?[A-Z0-9]{4}){2,7}( ?[A-Z0-9]{1,4})?",
    "links to people's pages": r"(https?://)?(www\.)?(linkedin\.com/in|xing\.com/profile|"
    r"facebook\.com|twitter\.com|x\.com)/\S+",
    "street addresses": r"\d+[a-z]?,? .*\b(st|street|ave|avenue|rd|road|blvd|lane|ln|drive|dr|way)"
    r"\b.*|.*(straße|strasse|str\.|weg|gasse|allee|platz|laan|straat|ulica|ul\.) ?\d+.*|"
    r"(\d+,? )?(rue|avenue|via|calle|rua|av\.|ул\.) .*\d*.*",
}
_WRITTEN_AS = {what: re.compile(text, re.IGNORECASE) for what, text in _PATTERNS.items()}
# Headings that say so by themselves.
_NAMED = {
    "first_name",
    "last_name",
    "full_name",
    "contact_person",
    "email",
    "phone",
    "address",
    "identity_number",
    "birth",
}
_COUNTED = {"activity", "visits", "duration", "count", "opt_out", "page", "date", "time"}
# What names of other things are called.
_ORGANISED = {
    "account",
    "city",
    "region",
    "country",
    "industry",
    "product",
    "campaign",
    "source",
    "page",
    "title",
    "opportunity",
}
_PLACES = {"country", "region", "city"}
_ABOUT_IT = {"kind", "type", "status", "source"}  # of an address for e-mail, or of a number
_ABOUT_WORK = {"title", "department", "occupation", "seniority"}  # of a contact person
_PERSON_NAME = re.compile(r"([^\W\d_][^\W\d_'’.\-]*[\s,]+){1,3}[^\W\d_][^\W\d_'’.\-]+\.?")
LEAST_FIRST_NAMES = 0.4  # of the values begin or end with a common first name
_SAMPLE = 1000  # different values that are looked at
_FIRST, _HARDLY_ANY = 50, 0.2  # of the first values, a share at which the others are not looked at
_FEW = 2  # different values, which name nobody
_NAMES = {"first_name", "last_name", "full_name"}  # but of people
_NUMBER = re.compile(r"[-+]?[\d.,' ]+%?")


def personal_reason(name: str, values: Sequence[str]) -> str | None:
    """Say why a column holds personal data; None if it does not seem to.

    Parameters
    ----------
    name : str
        The heading.
    values : sequence of str
        Its different values.

    Examples
    --------
    >>> personal_reason("Ansprechpartner", ["Meier", "Schulz", "Weber"])
    'the name says contact person'
    >>> personal_reason("Handled", ["Anna Meier", "John Smith", "Marta Rossi"])
    'looks like names of people (100% have a common first name)'
    >>> personal_reason("Emails opened", ["1", "2", "3"])
    """
    concepts = heading_concepts(name)
    return _by_values(concepts, values[:_SAMPLE]) or _by_heading(concepts, values)


def _by_values(concepts: frozenset[str], values: Sequence[str]) -> str | None:
    mails = _share(_EMAIL, values)
    if mails > 0.5:
        return f"looks like e-mail addresses ({percent(mails)} contain @)"
    phones = _share(_PHONE if "phone" in concepts else _SPACED_PHONE, values)
    if phones > 0.8 and not any(map(_YEAR_FIRST.fullmatch, values)):
        return f"looks like telephone numbers ({percent(phones)})"
    for what, written in _WRITTEN_AS.items():
        if _share(written, values) > 0.8:
            return f"looks like {what}"
    if not concepts & _ORGANISED and (names := _first_name_share(values)) >= LEAST_FIRST_NAMES:
        return f"looks like names of people ({percent(names)} have a common first name)"
    return None


def _share(written: re.Pattern[str], values: Sequence[str]) -> float:
    """The share of values that are written so; 0 where the first ones show that they are not."""
    for looked_at in (values[:_FIRST], values):
        share = sum(map(bool, map(written.fullmatch, looked_at))) / max(len(looked_at), 1)
        if share < _HARDLY_ANY:
            return 0.0
    return share


def _by_heading(concepts: frozenset[str], values: Sequence[str]) -> str | None:
    named = sorted(concepts & _NAMED)
    if "name" in concepts and not concepts & _ORGANISED and len(values) > 20:
        named = named or ["name"]
    if not named or concepts & _COUNTED or (len(values) <= _FEW and not concepts & _NAMES):
        return None
    if all(map(yes_no, values)):
        return None
    if concepts & _PLACES and named == ["address"] and _are_names_of_places(concepts, values):
        return None
    if named in (["email"], ["phone"]) and concepts & _ABOUT_IT:
        return None
    if named == ["contact_person"] and concepts & _ABOUT_WORK and not _first_name_share(values):
        return None
    numbers = sum(map(bool, map(_NUMBER.fullmatch, values))) > 0.5 * len(values)
    if numbers and not {"phone", "identity_number", "birth"} & set(named):
        return None
    reason = f"the name says {named[0].replace('_', ' ')}"
    return f"{reason}, and almost all values differ" if len(values) > 200 else reason


def _are_names_of_places(concepts: frozenset[str], values: Sequence[str]) -> bool:
    """Whether the values of a part of an address are countries, regions or cities, not houses."""
    looked_at = values[:_SAMPLE]
    with_digits = sum(any(map(str.isdigit, value)) for value in looked_at)
    return "postcode" not in concepts and with_digits < _HARDLY_ANY * len(looked_at)


def _first_name_share(values: Sequence[str]) -> float:
    """The share of values that are names with a common first name; 0 for a handful of values."""
    if len(values) <= _FEW:
        return 0.0
    sample = values[:500]
    names = [value for value in sample if _PERSON_NAME.fullmatch(value) and value != value.lower()]
    known = [name for name in names if common_first_names() & set(fold(name).split(" "))]
    return len(known) / len(sample)


@cache
def common_first_names() -> frozenset[str]:
    """Read the common first names, folded.

    Examples
    --------
    >>> {"anna", "jose", "ольга"} <= common_first_names()
    True
    """
    text = files("features.vocabulary").joinpath("words", "first_names.txt").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(fold(name) for line in lines for name in line.split())
