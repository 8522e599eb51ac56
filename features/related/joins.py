"""Finds how a file with a row for each account, contact or product belongs to the leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from features.guess.columns import ColumnGuess
from features.guess.ids import OF_A_MEASURE, OF_OTHERS, name_rank
from features.links.linked import LEAST_MATCHED
from features.links.pairs import IdColumn, Match, best_match, id_column, spelled_examples
from features.related.links import CONCEPTS, name_likeness
from features.vocabulary.headings import heading_concepts

NO_KEYS = ("date", "constant", "text")
LEAST_UNIQUE = 0.9  # of a file's rows have a key of their own
LEAST_LIKELY = 0.6  # small numbers that match by chance are less


@dataclass(frozen=True)
class JoinGuess:
    """The leads' column and a file's key that hold the same ids.

    Attributes
    ----------
    on, key : str
        The leads' column and the file's column.
    match : Match
        How they are compared, and the share of the leads that find their row.
    examples : (str, str) or None
        One id as the file and as the leads spell it; None if both spell all of them alike.
    score : float
        How likely the pair is.
    """

    on: str
    key: str
    match: Match
    examples: tuple[str, str] | None = None
    score: float = 0.0


def guess_join(
    table: pd.DataFrame,
    guesses: Sequence[ColumnGuess],
    raw: pd.DataFrame,
    lead_guesses: Sequence[ColumnGuess],
    about: str | None = None,
) -> JoinGuess | None:
    """Find the key of a file that the leads name; None if there is none.

    Parameters
    ----------
    table, guesses
        The file as text, and what its columns are.
    raw, lead_guesses
        The same of the leads.
    about : str, optional
        ``account`` or ``contact``, if a person said what the file holds.

    Examples
    --------
    >>> from features.guess.columns import guess_columns
    >>> raw = pd.DataFrame({"Id": ["1", "2"], "Company": ["Acme", "Bolt"]}, dtype=object)
    >>> table = pd.DataFrame({"Name": ["Acme", "Bolt"], "Size": ["5", "9"]}, dtype=object)
    >>> found = guess_join(table, guess_columns(table), raw, guess_columns(raw))
    >>> found.on, found.key, found.match
    ('Company', 'Name', Match(rule='exact', share=1.0))
    """
    keys = [
        id_column(guess.column, table[guess.column]) for guess in guesses if _is_key(table, guess)
    ]
    named = [
        id_column(guess.column, raw[guess.column]) for guess in lead_guesses if _is_named(guess)
    ]
    pairs = [
        pair
        for key in keys
        for column in named
        if (pair := _pair(column, key, about)).match.share >= LEAST_MATCHED
    ]
    best = max(pairs, key=lambda pair: pair.score, default=None)
    return best if best is not None and best.score >= LEAST_LIKELY else None


def _is_key(table: pd.DataFrame, guess: ColumnGuess) -> bool:
    if guess.role in NO_KEYS or name_rank(guess.column) == OF_A_MEASURE:
        return False
    filled = table[guess.column].dropna()
    return len(filled) > LEAST_UNIQUE * len(table) and filled.nunique() >= LEAST_UNIQUE * len(
        filled
    )


def _is_named(guess: ColumnGuess) -> bool:
    if guess.role in NO_KEYS or name_rank(guess.column) == OF_A_MEASURE:
        return False
    return guess.type not in ("number", "year", "flag") or name_rank(guess.column) >= OF_OTHERS


def _pair(named: IdColumn, key: IdColumn, about: str | None) -> JoinGuess:
    match = best_match(key, named, own_ids=False)
    examples = spelled_examples(key, named, match.rule) if match.share else None
    score = match.share + name_likeness(named, key)
    if about is not None and heading_concepts(named.name) & CONCEPTS[about]:
        score += 0.2
    return JoinGuess(named.name, key.name, match, examples, score)
