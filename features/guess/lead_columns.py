"""Guesses which columns date a lead.

The command line can name them. Where it does not and the data does not tell, the guess is None, or
an error that names the option.
"""

from __future__ import annotations

from collections.abc import Sequence

from features.errors import LeadReadyError
from features.guess.columns import ColumnGuess
from features.vocabulary.headings import heading_concepts


def guess_handoff(guesses: Sequence[ColumnGuess]) -> str | None:
    """Choose the date column that says when marketing handed a lead to sales, if there is one."""
    for guess in guesses:
        if guess.role == "date" and "handed_off" in heading_concepts(guess.column):
            return guess.column
    return None


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
