"""Guesses which columns date a lead.

The command line can name them. Where it does not and the data does not tell, the guess is None, or
an error that names the option.
"""

from __future__ import annotations

from collections.abc import Sequence

from features.errors import LeadReadyError
from features.guess.column_names import name_words
from features.guess.columns import ColumnGuess

_CREATED_WORDS = (  # the most telling first
    "created",
    "creation",
    "entry",
    "received",
    "registered",
    "submitted",
    "inquiry",
    "engage",
)
_LATER_WORDS = {  # of dates that come after the lead
    "close",
    "closed",
    "closing",
    "won",
    "lost",
    "last",
    "modified",
    "updated",
    "converted",
    "conversion",
    "end",
    "due",
    "next",
    "birth",
    "birthday",
    "renewal",
    "accepted",
}


def guess_created(
    guesses: Sequence[ColumnGuess], option: str | None, names: Sequence[str]
) -> str | None:
    """Choose the date column that says when a lead came in; None if there is no such date.

    Parameters
    ----------
    guesses : sequence of ColumnGuess
        The leads' columns.
    option : str, optional
        The value of ``--created``.
    names : sequence of str
        The names of all columns.

    Raises
    ------
    LeadReadyError
        If the given column does not exist.
    """
    if option is not None:
        return check_name(option, names, "--created")
    dates = [guess.column for guess in guesses if guess.role == "date"]
    for word in _CREATED_WORDS:
        for column in dates:
            if word in name_words(column):
                return column
    others = [column for column in dates if not name_words(column) & _LATER_WORDS]
    return others[0] if len(others) == 1 else None


def guess_handoff(guesses: Sequence[ColumnGuess]) -> str | None:
    """Choose the date column that says when marketing handed a lead to sales, if there is one."""
    for guess in guesses:
        words = name_words(guess.column)
        handed = words & {"handed", "handoff", "mql"} or {"hand", "off"} <= words
        if guess.role == "date" and handed:
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
