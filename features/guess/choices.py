"""Guesses whether a column is multiple choice, and what can be chosen.

A column is if its values, split at one mark, share a small vocabulary: there are more combinations
than choices, most choices occur in several combinations, and some stand first in one value and last
in another (unlike cities with their countries, or titles with their departments).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from features.values.choices import SEPARATORS, split_choices

FEWEST_ROWS = 30
LEAST_SEVERAL = 0.05  # of the rows name more than one choice
LEAST_SHARED = 0.9  # of all that was chosen is in several combinations
LEAST_MOVING = 0.15  # of all that was chosen stands first in one value and last in another
LEAST_CHOSEN, LEAST_ROWS = 0.01, 5  # of the rows, for a choice to be a feature
MOST_CHOICES = 100
MOST_FEATURES = 30
_MOST_VALUES = 20_000


@dataclass(frozen=True)
class Choices:
    """What can be chosen in a column.

    Attributes
    ----------
    separator : str
        Stands between choices.
    names : tuple of str
        The frequent choices, the most frequent first.
    """

    separator: str
    names: tuple[str, ...]


def guess_choices(counts: Mapping[str, int]) -> Choices | None:
    """Find the choices of a column; None if it is not multiple choice.

    Parameters
    ----------
    counts : mapping of str to int
        Rows by value, the most frequent first.

    Examples
    --------
    >>> guess_choices({"a;b": 20, "b;c": 20, "a": 20, "c;a;b": 9})
    Choices(separator=';', names=('a', 'b', 'c'))
    >>> guess_choices({"Rome, Italy": 50, "Turin, Italy": 50, "Bonn, Germany": 50})
    """
    if sum(counts.values()) < FEWEST_ROWS or len(counts) < 3:
        return None
    values = [*map(str, islice(counts, _MOST_VALUES))]
    rows, written = [*islice(counts.values(), _MOST_VALUES)], "\n".join(values)
    for separator in (each for each in SEPARATORS if each in written):
        several = sum(n for value, n in zip(values, rows, strict=True) if separator in value)
        if several >= LEAST_SEVERAL * sum(rows):
            found = _choices_split_at(separator, values, rows)
            if found is not None:
                return found
    return None


def _choices_split_at(separator: str, values: list[str], rows: list[int]) -> Choices | None:
    chosen, combinations = Counter[str](), Counter[str]()
    spelled: dict[str, str] = {}
    first, last, sets = set[str](), set[str](), set[frozenset[str]]()
    for value, count in zip(values, rows, strict=True):
        choices = split_choices(value, separator)
        folded = [choice.casefold() for choice in choices]
        chosen.update(dict.fromkeys(folded, count))
        combinations.update(folded)
        for choice, name in zip(choices, folded, strict=True):
            spelled.setdefault(name, choice)
        sets.add(frozenset(folded))
        if len(folded) > 1:
            first.add(folded[0])
            last.add(folded[-1])
        if len(chosen) > max(MOST_CHOICES, len(sets)):
            return None
    total = chosen.total()
    shared = sum(count for name, count in chosen.items() if combinations[name] > 1)
    moving = sum(count for name, count in chosen.items() if name in first & last)
    numeric = sum(bool(re.fullmatch(r"[\d\s.,%-]+", name)) for name in chosen)
    if (
        len(chosen) > MOST_CHOICES
        or len(sets) <= len(chosen)
        or shared < LEAST_SHARED * total
        or moving < LEAST_MOVING * total
        or (separator == "," and numeric > 0.5 * len(chosen))
    ):
        return None
    least = max(LEAST_ROWS, LEAST_CHOSEN * sum(rows))
    names = [spelled[name] for name, count in chosen.most_common(MOST_FEATURES) if count >= least]
    return Choices(separator, tuple(names)) if names else None
