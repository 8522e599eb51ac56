"""Recognises a history of fields: which field of which lead was changed, and when."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import compress

import pandas as pd

from features.field_history.field_names import plain_fields
from features.guess.columns import ColumnGuess
from features.links.matching import LETTERS, comparable_ids
from features.values.few_values import few_values, rows_by_value
from features.vocabulary.headings import heading_concepts, heading_words

MOST_FIELDS = 1000
_VALUE = {"value", "wert", "valeur", "valor", "valore", "waarde", "wartosc", "значение", "值", "値"}
_VALID = {
    "valid",
    "effective",
    "gultig",
    "valide",
    "valable",
    "valido",
    "vigente",
    "geldig",
    "wazne",
}
_FROM = {"from", "start", "since", "ab", "von", "depuis", "desde", "dal", "da", "vanaf", "od"}
_UNTIL = {"to", "until", "end", "through", "bis", "jusqu", "hasta", "ate", "al", "tot", "do"}
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
        if guess.role in ("date", "personal") or guess.type in ("number", "year", "flag"):
            continue
        fields = few_values(table[guess.column].to_numpy(object), MOST_FIELDS)
        if not fields:
            continue
        named = pd.Series(comparable_ids(plain_fields(fields), LETTERS)).isin(known)
        rows = rows_by_value(table[guess.column])
        share = sum(rows[field] for field in compress(fields, named)) / rows.total()
        told = "field" in heading_concepts(guess.column) and _has_values(guesses)
        if told or share >= LEAST_NAMED:
            return guess.column
    return None


def names_a_stage(fields: pd.Series) -> bool:
    """Whether the only field of a history is a stage or a state, by its name.

    Examples
    --------
    >>> names_a_stage(pd.Series(["Lead Status"])), names_a_stage(pd.Series(["Rating"]))
    (True, False)
    """
    first = plain_fields(fields.dropna().unique()[:1])
    return any(heading_concepts(name) & {"stage", "status", "result"} for name in first)


def value_columns(guesses: Sequence[ColumnGuess], taken: Collection[str]) -> dict[str, str]:
    """Find the columns with the values before and after a change: ``old`` and ``new``.

    A history without old values often calls the new one just the value.

    Examples
    --------
    >>> columns = [ColumnGuess(name, "feature", "") for name in ("Field", "OldValue", "NewValue")]
    >>> value_columns(columns, ["Field"])
    {'old': 'OldValue', 'new': 'NewValue'}
    >>> value_columns([ColumnGuess("value", "feature", "")], [])
    {'new': 'value'}
    """
    free = [guess.column for guess in guesses if guess.column not in taken]
    old = [name for name in free if "old" in heading_concepts(name)]
    new = [name for name in free if "new" in heading_concepts(name) and name not in old]
    new = new or [name for name in free if set(heading_words(name)) & _VALUE and name not in old]
    if not new:
        return {}
    return {**({"old": old[0]} if old else {}), "new": new[0]}


def validity_columns(guesses: Sequence[ColumnGuess]) -> dict[str, str]:
    """Find the columns that say from when until when a version of a lead was valid.

    Examples
    --------
    >>> dates = [ColumnGuess(name, "date", "") for name in ("dbt_valid_from", "dbt_valid_to")]
    >>> validity_columns(dates)
    {'time': 'dbt_valid_from', 'until': 'dbt_valid_to'}
    """
    named = {guess.column: set(heading_words(guess.column)) for guess in guesses}
    valid = {name: words for name, words in named.items() if words & _VALID}
    dates = [guess.column for guess in guesses if guess.role == "date"]
    begins = [name for name in dates if name in valid and valid[name] & _FROM]
    ends = [name for name, words in valid.items() if words & _UNTIL and name not in begins]
    if not begins:
        return {}
    return {"time": begins[0], **({"until": ends[0]} if ends else {})}


def _has_values(guesses: Sequence[ColumnGuess]) -> bool:
    """Whether the file says what the value was, or what it became."""
    return any(heading_concepts(guess.column) & {"old", "new"} for guess in guesses)
