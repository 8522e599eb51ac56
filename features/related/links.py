"""Finds the columns by which a file names leads, contacts or accounts, and how they are compared.

Every column of the file is held against every column of the leads that could be an id. The share
of rows that find their id decides; names only rank columns that match as well, since small numbers
match by chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from features.errors import LeadReadyError
from features.guess.columns import ColumnGuess
from features.guess.id_values import IdShape, id_shape
from features.guess.ids import A_FEW_ROWS, FEW_REPEATED, OF_A_MEASURE, OF_OTHERS, name_rank
from features.links.id_lists import rows_by_id
from features.links.linked import LEAST_MATCHED
from features.links.lost_ids import find_lost_ids
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
_PEOPLE = {"contact", "contact_person", "person"}
_VAGUE = {"id", "number", "code", "name"}
_NOT_LINKS = ("date", "constant", "text", "owner")
MOST_MATCHED, LEAST_MORE = 0.98, 0.02  # rows that need no further column; rows that are worth one
_MOST_PAIRS = 3  # that an error names
SMALL = 5  # digits of numbers that many columns have by chance


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
    further : mapping of str to (str, str)
        Columns that name somebody where this one does not, and the leads' columns with these ids,
        by ``contact`` or ``account``.
    also : tuple of str
        Further columns of the leads that hold ids of the file: of converted or merged records.
    """

    link: str
    column: str
    on: str
    match: Match
    examples: tuple[str, str] | None = None
    score: float = 0.0
    further: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    also: tuple[str, ...] = ()

    def rows_of(self, raw: pd.DataFrame) -> pd.DataFrame:
        """The rows of the leads by each id that the file may name: ``row, name``."""
        return rows_by_id(raw, [self.on, *self.also], self.match.rule)


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
    further = (_with_further(pair, pairs, table, raw, keys) for pair in pairs if pair.score > 0)
    extended = [_with_other_ids(pair, table, raw, keys) for pair in further]
    likely = [pair for pair in extended if pair.match.share >= LEAST_MATCHED]
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
    theirs = [ids for name in names if len((ids := id_column(name, table[name])).values)]
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
    'none has one of their ids'
    """
    if not pairs:
        return "none has one of their ids"
    texts = [
        f"{pair.column!r} and the leads' {pair.on!r} ({percent(pair.match.share)} of the rows match"
        f"{'' if pair.match.rule == EXACT else f', match: {pair.match.rule}'})"
        for pair in pairs[:_MOST_PAIRS]
    ]
    start = "the best pair of columns is" if len(texts) == 1 else "the best pairs of columns are"
    return f"{start} {join(texts)}"


def spelling_text(match: Match, examples: tuple[str, str] | None) -> str:
    """Say how two columns spell the same ids, with one of each; empty if compared as written.

    Parameters
    ----------
    examples : (str, str) or None
        The same id there and here.

    Examples
    --------
    >>> spelling_text(Match("number", 1.0), ("007", "7"))
    "numbers, with or without leading zeros, thousands separators and .0: '7' here is '007' there"
    """
    if match.rule == EXACT:
        return ""
    if examples is None:
        return MATCH_TEXT[match.rule]
    there, here = map(quoted, examples)
    return f"{MATCH_TEXT[match.rule]}: {here} here is {there} there"


def _with_further(
    pair: LinkGuess,
    pairs: Sequence[LinkGuess],
    table: pd.DataFrame,
    raw: pd.DataFrame,
    keys: Mapping[str, str],
) -> LinkGuess:
    """Add columns that name somebody in rows where this one does not.

    An activity may name a lead, or the contact that the lead became.
    """
    if pair.match.share >= MOST_MATCHED or keys.get(pair.link) != pair.on:
        return pair
    found = _rows_found(pair, table, raw, pair.match.rule)
    named = table[pair.column].notna()
    for link in ("contact", "account"):
        other = next((each for each in pairs if each.link == link and each.score > 0), None)
        if other is None or link == pair.link or keys.get(link, other.on) != other.on:
            continue
        if other.column == pair.column and link not in keys:
            continue  # what a lead became, which only some leads have
        if {pair.match.rule, other.match.rule} - {EXACT, pair.match.rule}:
            continue  # there is one rule for a file
        more = _rows_found(other, table, raw, pair.match.rule)
        if (more & ~found).sum() >= LEAST_MORE * len(table):
            found, named = found | more, named | table[other.column].notna()
            pair = replace(pair, further={**pair.further, link: (other.column, other.on)})
    share = float(found.sum() / max(named.sum(), 1))
    return replace(pair, match=Match(pair.match.rule, share)) if pair.further else pair


def _with_other_ids(
    pair: LinkGuess, table: pd.DataFrame, raw: pd.DataFrame, keys: Mapping[str, str]
) -> LinkGuess:
    """Add columns of the leads that hold the ids which this one does not know."""
    if pair.match.share == 1 or pair.further or keys.get(pair.link) != pair.on:
        return pair
    lost = table[pair.column][~_rows_found(pair, table, raw, pair.match.rule)].value_counts()
    others = raw.drop(columns=pair.on)
    found = find_lost_ids(lost.index.to_numpy(object), lost.to_numpy(), others, pair.match.rule)
    found = [each for each in found if each.match in (EXACT, pair.match.rule)]
    rows = sum(each.rows for each in found) / max(int(table[pair.column].notna().sum()), 1)
    match = Match(pair.match.rule, min(pair.match.share + rows, 1.0))
    return replace(pair, also=tuple(each.column for each in found), match=match)


def _rows_found(pair: LinkGuess, table: pd.DataFrame, raw: pd.DataFrame, rule: str) -> pd.Series:
    """Whether each row finds its id among the leads."""
    column = table[pair.column]
    values = column.dropna().unique()
    known = set(comparable_ids(raw[pair.on].dropna().unique(), rule))
    forms = comparable_ids(values, rule)
    matching = {value for value, form in zip(values, forms, strict=True) if form in known}
    return column.isin(matching)


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
    """Whether other files could name the column's values: ids, addresses, names, but no labels."""
    if guess.role in _NOT_LINKS or name_rank(guess.column) == OF_A_MEASURE:
        return False
    if guess.role in ("id", "account", "contact", "personal"):
        return True
    about_somebody = heading_concepts(guess.column) & set().union(*CONCEPTS.values())
    if about_somebody or name_rank(guess.column) >= OF_OTHERS:
        return guess.type not in ("year", "flag")
    if guess.type in ("number", "year", "flag"):
        return False
    filled = column.dropna()
    different = filled.drop_duplicates()
    is_own = len(filled) - len(different) <= max(A_FEW_ROWS, FEW_REPEATED * len(filled))
    return is_own or id_shape(different) >= IdShape.CODE


def _link_of(ids: IdColumn, guess: ColumnGuess | None, is_own: bool) -> str:
    concepts = heading_concepts(ids.name)
    role = "" if guess is None else guess.role
    if ids.kind == EMAIL or role in ("contact", "personal") or concepts & _PEOPLE:
        return "contact"
    if role == "account" or "account" in concepts:
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
    score = 0.05 * (ours.link == "lead") + 0.1 * ours.is_key
    if heading_concepts(theirs.name) & CONCEPTS[ours.link]:
        return score + max(0.2, name_likeness(ours.ids, theirs))
    is_own = theirs.kind == NUMBER and len(theirs.values) == theirs.counts.sum()
    return score + name_likeness(ours.ids, theirs) - 0.3 * (is_own and _is_small(ours.ids))


def name_likeness(ours: IdColumn, theirs: IdColumn) -> float:
    """How much the headings of two columns with the same values speak for or against the pair.

    Small numbers are in many columns, so they need headings that speak for them.
    """
    name, lead_name = (str(comparable_ids([each.name], LETTERS)[0]) for each in (theirs, ours))
    if name == lead_name and name not in _GENERIC:
        return 0.3
    shared = (heading_concepts(theirs.name) & heading_concepts(ours.name)) - _VAGUE
    if shared or (len(name) >= 4 and name[:4] == lead_name[:4]):
        return 0.2
    return -0.3 if ours.kind == NUMBER and _is_small(ours) else 0.0


def _is_small(ids: IdColumn) -> bool:
    """Whether the ids are numbers such as a file's own rows could have."""
    return float(pd.Series(ids.comparable(NUMBER)).str.len().median()) <= SMALL
