"""The names of fields in a history, matched with the columns of the leads."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from features.links.matching import LETTERS, comparable_ids


def plain_fields(names: Iterable[object]) -> list[str]:
    """Give the names of fields without the ending of those that a company added itself.

    Examples
    --------
    >>> plain_fields(["Plan__c", "Status"])
    ['Plan', 'Status']
    """
    return [str(name).removesuffix("__c") for name in names]


def columns_of_fields(fields: Iterable[str], columns: Iterable[str]) -> dict[str, str]:
    """Find the column of the leads that each field of a history means.

    A field is written as the column is, or with other capitals and marks if only one field and one
    column then have the same letters.

    Examples
    --------
    >>> columns_of_fields(["LeadSource", "Plan__c", "Zone"], ["Lead Source", "Plan"])
    {'LeadSource': 'Lead Source', 'Plan__c': 'Plan'}
    >>> columns_of_fields(["Stage", "Stage__c"], ["Stage"])
    {'Stage': 'Stage'}
    """
    known = list(columns)
    fields = list(fields)
    found = {field: field for field in fields if field in known}
    by_letters = _by_letters(name for name in known if name not in found)
    others = _by_letters(field for field in fields if field not in found)
    found |= {field: by_letters[plain] for plain, field in others.items() if plain in by_letters}
    return {field: found[field] for field in fields if field in found}


def _by_letters(names: Iterable[str]) -> dict[str, str]:
    """Names by their letters, without those that have the same ones."""
    whole = list(names)
    letters = pd.Series(whole, comparable_ids(plain_fields(whole), LETTERS), dtype=object)
    alone = letters[~letters.index.duplicated(keep=False)]
    return dict(zip(map(str, alone.index), alone, strict=True))
