"""Finds the columns by which a file names leads, contacts or accounts, and how they are compared.

Every column of the file is held against every column of the leads that could be an id. The share
of rows that find their id decides; names only rank columns that match as well, since small numbers
match by chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from features.errors import LeadReadyError
from features.guess.columns import ColumnGuess
from features.guess.ids import A_FEW_ROWS, FEW_REPEATED, OF_A_LEAD, OF_A_MEASURE, name_rank
from features.links.linked import LEAST_MATCHED
from features.links.matching import EMAIL, EXACT, LETTERS, MATCH_TEXT, NUMBER, comparable_ids
from features.links.pairs import IdColumn, Match, best_match, id_column, spelled_examples
from features.text import join, percent, quoted
from features.vocabulary.headings import heading_concepts

CONCEPTS = {  # of headings that name a lead, a contact or an account
    "lead": {"lead", "opportunity", "customer"},
    "contact": {"contact", "contact_person", "person", "customer", "email"},
    "account": {"account", "customer"},
}
_GENERIC = {"id", "key", "name", "no", "nr", "number", "uuid", "recordid", "type", "owner"}
_NOT_LINKS = ("date", "constant", "text", "owner")
_MOST_PAIRS = 3  # that an error names
_OFTEN = 0.3  # different values a row, or a column of the leads is a category


@dataclass(frozen=True)
class LinkGuess:
    """Two columns that hold the same ids.

    Attributes
    ----------
    link : str
        Whose ids they are: ``lead``, ``contact`` or ``account``.
    column, on : str
        The file's column and the leads' column.
    match : Match
        How they are compared, and how many rows find their id.
    examples : (str, str) or None
        One id as the leads and as the file spell it; None if both spell all of them alike.
    score : float
        How likely the pair is, to rank pairs.
    """

    link: str
    column: str
    on: str
    match: Match
    examples: tuple[str, str] | None = None
    score: float = 0.0


@dataclass(frozen=True)
class _LeadsColumn:
    """A column of the leads that a file could name."""

    link: str
    ids: IdColumn
    own_ids: bool
    is_key: bool


def guess_link(
    table: pd.DataFrame,
    guesses: Sequence[ColumnGuess],
    raw: pd.DataFrame,
    lead_guesses: Sequence[ColumnGuess],
    keys: Mapping[str, str],
    where: str,
) -> LinkGuess:
    """Find the column by which a file names leads.

    Parameters
    ----------
    table, guesses
        The file as text, and what its columns are.
    raw, lead_guesses
        The same of the leads.
    keys : mapping of str to str
        The leads' columns already known: ``lead``, ``contact``, ``account``.
    where : str
        The file, for errors.

    Raises
    ------
    LeadReadyError
        If no column matches in at least half of its rows; it names the best pairs.
    """
    pairs = link_pairs(table, guesses, raw, lead_guesses, keys)
    likely = [pair for pair in pairs if pair.match.share >= LEAST_MATCHED and pair.score > 0]
    if not likely:
        raise LeadReadyError(
            f"no column names the leads: {best_pairs_text(pairs)}",
            where=where,
            hint="export it with the ids of the leads; or name the column of the leads with "
            "its ids: --id COLUMN",
        )
    return max(likely, key=lambda pair: pair.score)


def link_pairs(
    table: pd.DataFrame,
    guesses: Sequence[ColumnGuess],
    raw: pd.DataFrame,
    lead_guesses: Sequence[ColumnGuess],
    keys: Mapping[str, str],
) -> list[LinkGuess]:
    """List pairs of columns that share ids, the best match first; parameters as `guess_link`."""
    ours = _lead_columns(raw, lead_guesses, keys)
    names = [guess.column for guess in guesses if guess.role not in _NOT_LINKS]
    theirs = [id_column(name, table[name]) for name in names if table[name].notna().any()]
    pairs = (_pair(our, their, table) for our in ours for their in theirs)
    found = [pair for pair in pairs if pair.match.share > 0]
    return sorted(found, key=lambda pair: (pair.match.share, pair.score), reverse=True)


def best_pairs_text(pairs: Sequence[LinkGuess]) -> str:
    """Name the pairs that match best.

    Examples
    --------
    >>> best_pairs_text([LinkGuess("lead", "Who", "Id", Match("exact", 0.31))])
    "the best pair of columns is 'Who' and the leads' 'Id' (31% of the rows match)"
    >>> best_pairs_text([])
    'no column has an id of the leads'
    """
    if not pairs:
        return "no column has an id of the leads"
    texts = [
        f"{pair.column!r} and the leads' {pair.on!r} ({percent(pair.match.share)} of the rows match"
        f"{'' if pair.match.rule == EXACT else f', match: {pair.match.rule}'})"
        for pair in pairs[:_MOST_PAIRS]
    ]
    start = "the best pair of columns is" if len(texts) == 1 else "the best pairs of columns are"
    return f"{start} {join(texts)}"


def spelling_text(guess: LinkGuess) -> str:
    """Say how two columns spell the same ids, with one of each; empty if compared as written.

    Examples
    --------
    >>> match = Match("number", 1.0)
    >>> spelling_text(LinkGuess("lead", "Who", "Id", match, ("007", "7")))
    "numbers, with or without leading zeros, thousands separators and .0: '7' here is '007' there"
    """
    if guess.match.rule == EXACT:
        return ""
    if guess.examples is None:
        return MATCH_TEXT[guess.match.rule]
    ours, theirs = map(quoted, guess.examples)
    return f"{MATCH_TEXT[guess.match.rule]}: {theirs} here is {ours} there"


# -- which columns of the leads could be named -------------------------------------------------


def _lead_columns(
    raw: pd.DataFrame, guesses: Sequence[ColumnGuess], keys: Mapping[str, str]
) -> list[_LeadsColumn]:
    by_column = {column: link for link, column in keys.items()}
    roles = {guess.column: guess for guess in guesses}
    columns = []
    for name in map(str, raw.columns):
        guess = roles.get(name)
        if name not in by_column and (guess is None or not _could_be_named(raw[name], guess)):
            continue
        ids = id_column(name, raw[name])
        if not len(ids.values):
            continue
        repeated = int(ids.counts.sum()) - len(ids.values)
        is_own = repeated <= max(A_FEW_ROWS, FEW_REPEATED * int(ids.counts.sum()))
        link = by_column.get(name) or _link_of(ids, guess, is_own)
        own_ids = link == "lead" and (is_own or name == keys.get("lead"))
        columns.append(_LeadsColumn(link, ids, own_ids, name in by_column))
    return columns


def _could_be_named(column: pd.Series, guess: ColumnGuess) -> bool:
    if guess.role in _NOT_LINKS or name_rank(guess.column) == OF_A_MEASURE:
        return False
    if guess.role in ("id", "account", "contact", "identifier"):
        return True
    if guess.type in ("number", "year", "flag"):
        return name_rank(guess.column) >= OF_A_LEAD - 2
    return column.nunique() > _OFTEN * column.notna().sum()


def _link_of(ids: IdColumn, guess: ColumnGuess | None, is_own: bool) -> str:
    if ids.kind == EMAIL or guess is None or guess.role in ("contact", "personal"):
        return "contact"
    if guess.role == "account":
        return "account"
    return "lead" if is_own else "contact"


# -- how likely two columns belong together ------------------------------------------------------


def _pair(ours: _LeadsColumn, theirs: IdColumn, table: pd.DataFrame) -> LinkGuess:
    match = best_match(ours.ids, theirs, own_ids=ours.own_ids)
    examples = None
    if match.share and match.rule != EXACT:
        examples = spelled_examples(ours.ids, theirs, match.rule)
    score = match.share + _name_score(ours, theirs) if match.share else 0.0
    return LinkGuess(ours.link, theirs.name, ours.ids.name, match, examples, score)


def _name_score(ours: _LeadsColumn, theirs: IdColumn) -> float:
    """How much the names of two columns speak for the pair, or against it."""
    if name_rank(theirs.name) == OF_A_MEASURE:
        return -1.0
    name, lead_name = (
        str(comparable_ids([each], LETTERS)[0]) for each in (theirs.name, ours.ids.name)
    )
    generic, about = name in _GENERIC, heading_concepts(theirs.name)
    score = 0.05 * (ours.link == "lead") + 0.1 * ours.is_key
    if name == lead_name and not generic:
        score += 0.3
    elif about & CONCEPTS[ours.link] or (len(name) >= 4 and name[:4] == lead_name[:4]):
        score += 0.2
    elif ours.ids.kind == NUMBER and _is_short(ours.ids):
        score -= 0.3  # small numbers are in many columns
    is_own = len(theirs.values) == theirs.counts.sum() and generic
    return score - 0.3 * is_own


def _is_short(ids: IdColumn) -> bool:
    return float(pd.Series(ids.values).str.len().median()) < 9
