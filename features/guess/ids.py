"""Finds the column that identifies a lead: its values decide, its name only ranks.

An id has a different value for each lead. A few repeated values do not change that: an export may
contain a row twice. A measure that happens to differ for each lead (revenue, a time, a score) is no
id, and neither is text. Where no column identifies the leads, their rows are numbered.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from features.errors import LeadReadyError
from features.files.headings import UNNAMED
from features.guess.column_names import check_name
from features.guess.columns import ColumnGuess
from features.guess.id_values import (
    WHOLE_NUMBER,
    IdShape,
    has_decimals,
    id_shape,
    is_single_word,
    looks_like,
)
from features.text import count, yaml_inline
from features.values.few_values import Counted, count_columns
from features.vocabulary.headings import heading_concepts, heading_words
from features.workspace.vocabulary import ROW_NUMBER

FEW_REPEATED = 0.02  # of the rows may repeat an id with other values
FEW_BLANK = 0.05  # of the rows may have no id
A_FEW_COLUMNS = 8
A_FEW_ROWS = 3  # in a small file
OF_A_LEAD, AN_ID, OF_OTHERS, UNKNOWN, OF_A_ROW, OF_A_MEASURE = 5, 4, 3, 2, 1, 0  # by its name


@dataclass(frozen=True)
class IdGuess:
    """The column that identifies a lead.

    Attributes
    ----------
    column : str
        Its name; ``row number`` if rows are numbered instead.
    reason : str
        Why, with figures.
    """

    column: str
    reason: str


@dataclass(frozen=True)
class _Candidate:
    """A column with a different value for nearly every lead."""

    column: str
    named: int
    shape: IdShape
    reason: str

    @property
    def rank(self) -> tuple[int, int, int]:
        """The higher, the likelier; e-mail addresses and row counters come last."""
        last = 1 if self.named == OF_A_ROW else 2 if self.shape is IdShape.E_MAIL else 3
        return last, self.named, self.shape


def guess_id(
    raw: pd.DataFrame,
    guesses: Sequence[ColumnGuess],
    option: str | None,
    counted: Counted | None = None,
) -> IdGuess:
    """Choose the column that identifies a lead: the one given, else the most likely.

    Parameters
    ----------
    raw : DataFrame
        The leads' columns, as text.
    guesses : sequence of ColumnGuess
        What each column is.
    option : str, optional
        The value of ``--id``.
    counted : mapping of str to Counter, optional
        The rows of each value of each column, if they were counted before.

    Raises
    ------
    LeadReadyError
        If the given column does not exist, or the column that is named as the id repeats too often.

    Examples
    --------
    >>> from features.guess.columns import guess_columns
    >>> raw = pd.DataFrame({"Lead No.": ["7", "8", "9", "9"], "City": list("abcc")})
    >>> guess_id(raw, guess_columns(raw), None)
    IdGuess(column='Lead No.', reason='3 different values in 4 rows; 1 row is a copy of another')
    """
    names = [str(name) for name in raw.columns]
    if option is not None:
        return _given_id(raw, option, names)
    candidates = id_candidates(raw, guesses, counted)
    if candidates:
        best = max(candidates, key=lambda candidate: candidate.rank)
        return IdGuess(best.column, best.reason)
    _refuse_repeated_id(raw, names)
    reason = "no column identifies the leads, so their rows are numbered"
    if likely := _unsure(raw, guesses):
        reason += f"; if {likely} does, run init with --id {yaml_inline(likely)}"
    return IdGuess(ROW_NUMBER, reason)


def _unsure(raw: pd.DataFrame, guesses: Sequence[ColumnGuess]) -> str | None:
    """The first column of whole numbers that all differ: an id, or a measure."""
    for guess in guesses:
        if guess.role in ("feature", "identifier") and name_rank(guess.column) != OF_A_MEASURE:
            filled = raw[guess.column].dropna()
            if len(filled) > 1 and filled.is_unique and looks_like(filled, WHOLE_NUMBER):
                return guess.column
    return None


def id_candidates(
    raw: pd.DataFrame, guesses: Sequence[ColumnGuess], counted: Counted | None = None
) -> list[_Candidate]:
    """List the columns that could identify a lead, in the order of the file."""
    dates = {guess.column for guess in guesses if guess.role == "date"}
    counted = count_columns(raw) if counted is None else counted
    most = _most_copies(raw)
    found = (
        _candidate(raw, name, rows_of, name in dates, most) for name, rows_of in counted.items()
    )
    return [candidate for candidate in found if candidate is not None]


def running_number(raw: pd.DataFrame, guesses: Sequence[ColumnGuess], id_column: str) -> str | None:
    """Find a column that numbers the leads, probably in the order in which they came in.

    Numbers of rows say nothing about time, so they are never taken.
    """
    candidates = id_candidates(raw, guesses)
    columns = [candidate.column for candidate in candidates if candidate.named != OF_A_ROW]
    for column in sorted(columns, key=lambda name: name != id_column):
        filled = raw[column].dropna()
        if looks_like(filled, WHOLE_NUMBER) and pd.to_numeric(filled).max() < 1e15:
            return column
    return None


def _given_id(raw: pd.DataFrame, option: str, names: Sequence[str]) -> IdGuess:
    if option == ROW_NUMBER and option not in names:
        return IdGuess(ROW_NUMBER, "as given by --id: the rows are numbered")
    column = raw[check_name(option, names, "--id")]
    return IdGuess(option, _count_text(raw, option, int(column.notna().sum()), column.nunique()))


def _candidate(
    raw: pd.DataFrame,
    name: str,
    rows_of: Counter[str],
    is_date: bool,
    most_copies: int,
) -> _Candidate | None:
    named = name_rank(name)
    if named == OF_A_MEASURE:
        return None
    filled = rows_of.total()
    blank = len(raw) - filled
    if filled < 2 or blank > max(A_FEW_ROWS, FEW_BLANK * len(raw)):
        return None
    if not _nearly_unique(raw, name, named, filled - len(rows_of), most_copies):
        return None
    different = pd.Series([*rows_of], dtype=object)
    shape = id_shape(different)
    if not _could_be_id(different, named, shape, is_date, str(raw.columns[0]) == name):
        return None
    return _Candidate(name, named, shape, _count_text(raw, name, filled, len(different)))


def _nearly_unique(
    raw: pd.DataFrame, name: str, named: int, repeated: int, most_copies: int
) -> bool:
    """Whether few rows repeat a value of the column, not counting copies of whole rows."""
    few = max(A_FEW_ROWS if named >= AN_ID else 1, FEW_REPEATED * len(raw))
    if repeated <= few or repeated - most_copies > few or repeated > len(raw) / 2:
        return repeated <= few
    return repeated - _copies(raw, name) <= few


def _most_copies(raw: pd.DataFrame) -> int:
    """The most rows that could equal another: a copy repeats the value of every column."""
    most = len(raw)
    for name in raw.columns:
        most = min(most, len(raw) - raw[name].nunique(dropna=False))
        if most == 0:
            break
    return most


def _copies(raw: pd.DataFrame, name: str) -> int:
    """Count the rows that equal another in every column."""
    rows = raw[raw[name].notna() & raw[name].duplicated(keep=False)]
    for column in raw.columns[:A_FEW_COLUMNS]:  # which mostly show that no row is a copy
        rows = rows[rows.duplicated([name, column], keep=False)]
    return int(rows.duplicated().sum())


def _could_be_id(
    different: pd.Series, named: int, shape: IdShape, is_date: bool, is_first: bool
) -> bool:
    if has_decimals(different):
        return False
    numbered = is_first and looks_like(different, WHOLE_NUMBER)
    if named == OF_OTHERS and not is_date and (numbered or shape is IdShape.NUMBER):
        return True  # an "Item ID" that differs in every row is the id of the row
    if is_date:  # ids of ten digits can also be read as seconds since 1970
        return named >= AN_ID and looks_like(different, WHOLE_NUMBER)
    if named >= AN_ID:
        return named == OF_A_LEAD or is_single_word(different)
    return shape in (IdShape.E_MAIL, IdShape.CODE, IdShape.MADE_AS_ID) or (
        shape is IdShape.NUMBER and is_first
    )


def _count_text(raw: pd.DataFrame, name: str, filled: int, different: int) -> str:
    text = f"{count(different, 'different value')} in {count(len(raw), 'row')}"
    if filled < len(raw):
        text += f", {len(raw) - filled:,} blank"
    copies = _copies(raw, name) if different < filled else 0
    others = filled - different - copies
    if copies:
        verb = "row is a copy" if copies == 1 else "rows are copies"
        text += f"; {copies:,} {verb} of another"
    if others:
        verb = "repeats" if others == 1 else "repeat"
        text += f"; {count(others, 'row')} {verb} an id with other values"
    return text


def _refuse_repeated_id(raw: pd.DataFrame, names: Sequence[str]) -> None:
    """Ask if a column is named as the leads' id but has the same value in many rows."""
    for name in names:
        filled = raw[name].dropna()
        different = filled.nunique()
        if name_rank(name) == OF_A_LEAD and len(filled) > len(raw) / 2 and different > 1:
            raise LeadReadyError(
                f"{name} is named as the id of a lead, but has only {different:,} different values "
                f"in {len(raw):,} rows, so a row is not a lead",
                hint=f"export one row for each lead; or use the first row of each with "
                f"--id {name!r}, or every row with --id {ROW_NUMBER!r}",
            )


# -- what a name says -----------------------------------------------------------------------------

_IDS = {"id", "number", "code"}
_LEADS = {"lead", "opportunity", "customer"}
_OTHER_THINGS = {
    *("account", "contact", "contact_person", "person", "owner", "campaign", "product", "created"),
    *("modified", "converted", "event", "activity", "page", "channel", "source"),
}
_MEASURES = {
    *("employees", "revenue", "amount", "count", "visits", "duration", "rating", "age", "income"),
    *("phone", "postcode", "row_check", "identity_number", "date", "time", "currency"),
}


_REMARK = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")  # (auto generated)


def name_rank(name: str) -> int:
    """Say how much a column's name says that it identifies a lead.

    Examples
    --------
    >>> name_rank("LEADID"), name_rank("Legacy ID"), name_rank("Account ID"), name_rank("Revenue")
    (5, 4, 3, 0)
    """
    name = _REMARK.sub(" ", name) if name[:1] not in "([" else name
    concepts, words = heading_concepts(name), heading_words(name)
    if concepts & _MEASURES:
        return OF_A_MEASURE
    if "row_number" in concepts or words[:1] == ["unnamed"] or name.startswith(UNNAMED):
        return OF_A_ROW
    if not concepts & _IDS:
        return UNKNOWN
    if concepts & _LEADS or len(words) == 1 or words[:2] == ["record", "id"]:
        return OF_A_LEAD
    return OF_OTHERS if concepts & _OTHER_THINGS else AN_ID
