"""Recognises a history of fields: which field of which lead was changed, and when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from features.field_history.field_names import plain_fields
from features.guess.columns import ColumnGuess
from features.links.matching import LETTERS, comparable_ids
from features.vocabulary.headings import heading_concepts

MOST_FIELDS = 1000
LEAST_NAMED = 0.5  # of the rows name a column of the leads


def guess_field_column(
    table: pd.DataFrame, guesses: Sequence[ColumnGuess], lead_columns: Iterable[str]
) -> str | None:
    """Find the column that names the field that was changed; None if there is none.

    Parameters
    ----------
    table, guesses
        The file as text, and what its columns are.
    lead_columns : iterable of str
        The headings of the leads.

    Examples
    --------
    >>> from features.guess.columns import guess_columns
    >>> table = pd.DataFrame({"Field": ["LeadSource", "Status"] * 9, "New": ["a", "b"] * 9})
    >>> guess_field_column(table, guess_columns(table), ["Lead Source", "Status"])
    'Field'
    """
    known = set(comparable_ids([str(name) for name in lead_columns], LETTERS))
    for guess in guesses:
        values = table[guess.column].dropna()
        if guess.role in ("date", "personal") or not 1 <= values.nunique() <= MOST_FIELDS:
            continue
        if guess.type in ("number", "year", "flag"):
            continue
        counts = values.value_counts()
        named = pd.Series(comparable_ids(plain_fields(counts.index), LETTERS)).isin(known)
        share = float(counts.to_numpy()[named.to_numpy()].sum() / counts.sum())
        told = "field" in heading_concepts(guess.column) and _has_values(guesses)
        if told or share >= LEAST_NAMED:
            return guess.column
    return None


def _has_values(guesses: Sequence[ColumnGuess]) -> bool:
    """Whether the file says what the value was, or what it became."""
    return any(heading_concepts(guess.column) & {"old", "new"} for guess in guesses)
