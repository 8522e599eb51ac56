"""Values that a definition names and that no lead has: often a misspelling."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from features.text import count
from model.serving import Criterion

VALUE_OPERATORS = ("one_of", "none_of", "equals")


@dataclass(frozen=True)
class UnseenValue:
    """A value that a criterion names and that no lead has.

    Attributes
    ----------
    criterion, value : str
        What the definition says.
    nearest : str or None
        The most similar value that leads have.
    where : str or None
        The place of the criterion in the file.
    words : str
        The finding in a sentence.
    """

    criterion: str
    value: str
    nearest: str | None
    where: str | None
    words: str


def unseen_values(
    criteria: Iterable[Criterion], X: pd.DataFrame, places: Mapping[str, str] | None = None
) -> list[UnseenValue]:
    """Find values that criteria name and no lead has, with the nearest value that leads have.

    Parameters
    ----------
    criteria : iterable of Criterion
        Of a definition.
    X : DataFrame
        The features of the leads.
    places : mapping, optional
        The place of each criterion in the file.

    Examples
    --------
    >>> boss = Criterion("boss", "seniority", "one_of", ("vp", "directer"))
    >>> for unseen in unseen_values([boss], pd.DataFrame({"seniority": ["vp", "director", None]})):
    ...     print(unseen.words)
    boss: no lead has seniority 'directer'; the nearest is 'director' (1 lead)
    """
    found = []
    for criterion in criteria:
        column = X[criterion.feature]
        if pd.api.types.is_numeric_dtype(column):
            continue
        seen = column.dropna().astype("str").value_counts()
        for value in _named_values(criterion):
            if value not in seen.index:
                nearest = _nearest_value(value, seen)
                feature = criterion.feature.replace("_", " ")
                words = f"{criterion.id}: no lead has {feature} {value!r}"
                if nearest is not None:
                    leads = count(int(seen[nearest]), "lead")
                    words += f"; the nearest is {nearest!r} ({leads})"
                place = (places or {}).get(criterion.id)
                found.append(UnseenValue(criterion.id, value, nearest, place, words))
    return found


def _named_values(criterion: Criterion) -> list[str]:
    if criterion.operator not in VALUE_OPERATORS:
        return []
    operand = criterion.operand
    values = operand if isinstance(operand, tuple) else (operand,)
    return [{True: "yes", False: "no"}.get(value, str(value)) for value in values]


def _nearest_value(value: str, seen: pd.Series[int]) -> str | None:
    by_folded = {str(name).casefold(): str(name) for name in reversed(seen.index.to_list())}
    near = difflib.get_close_matches(value.casefold(), by_folded, n=1, cutoff=0.5)
    return by_folded[near[0]] if near else (str(seen.index[0]) if len(seen) else None)
