"""Multiple choice: values that name several choices, such as ``Analytics;Support``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import pandas as pd

SEPARATORS = (";", "|", "\n", ",")  # the most telling first
_BRACKETS = "[]{}()"
_QUOTES = "\"'“”"


def split_choices(value: str, separator: str) -> list[str]:
    """Split a value into its choices, each once; lists such as ``["a","b"]`` as well.

    Examples
    --------
    >>> split_choices("Analytics; Support;", ";"), split_choices('["a","b"]', ",")
    (['Analytics', 'Support'], ['a', 'b'])
    """
    text = value.strip()
    if text[:1] in tuple("[{") and text[-1:] in tuple("]}"):
        text = text.strip(_BRACKETS)
    parts = (" ".join(part.split()).strip(_QUOTES).strip() for part in text.split(separator))
    return list(dict.fromkeys(part for part in parts if part))


def choice_names(feature: str, choices: Sequence[str]) -> dict[str, str]:
    """Name the feature of each choice.

    Examples
    --------
    >>> choice_names("tools", ["Data Lake", "data-lake", "日本"])
    {'tools_data_lake': 'Data Lake', 'tools_data_lake_2': 'data-lake', 'tools_日本': '日本'}
    """
    names: dict[str, str] = {}
    for choice in choices:
        words = re.sub(r"\W+", "_", choice.casefold()).strip("_") or "other"
        name, number = f"{feature}_{words}", 2
        while name in names:
            name, number = f"{feature}_{words}_{number}", number + 1
        names[name] = choice
    return names


def has_choice(texts: pd.Series, choice: str, separator: str) -> pd.Series:
    """Say for each value whether it names a choice: yes or no; a blank value names none.

    Examples
    --------
    >>> has_choice(pd.Series(["a;B", "c", None]), "b", ";").tolist()
    ['yes', 'no', 'no']
    """
    values = pd.Series(texts.dropna().unique(), dtype=object)
    chosen = [value for value in values if choice.casefold() in _folded(str(value), separator)]
    return pd.Series("no", index=texts.index, dtype=object).mask(texts.isin(chosen), "yes")


def _folded(value: str, separator: str) -> Iterable[str]:
    return [choice.casefold() for choice in split_choices(value, separator)]
