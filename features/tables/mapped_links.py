"""Whose rows they are: the rows of a mapped file, found among the leads by the ids they name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from features.at_once import at_once
from features.errors import LeadReadyError, UnusableData
from features.files.open_table import find_file, read_text_table
from features.links.id_lists import ids_of_cells
from features.links.linked import LEAST_MATCHED, LinkCounts, find_ids
from features.links.lost_ids import FoundElsewhere, find_lost_ids
from features.links.matching import EXACT
from features.tables.leads import RAW
from features.tables.mapped_file import MappedFile
from features.text import count, join, quoted, yaml_inline

LINKS = ("lead", "contact", "account")
EVENTS = "events"
BLOCK = 1_000_000  # rows


class _Named(NamedTuple):
    """What each row of a file names under a key.

    ``codes`` is the position of its id among ``values`` (-1: none), and ``owner`` the row of the
    lead with each of these ids (-1: none that we know; the last is that of no id).
    """

    codes: np.ndarray
    values: np.ndarray
    owner: np.ndarray


@dataclass(frozen=True)
class LinkedRows:
    """Whose each row of a file is.

    Attributes
    ----------
    lead : ndarray of int
        The row of the lead, or of the first lead with that contact or account; -1 if unknown.
    by_account : ndarray of bool
        Whether it was found by its account.
    """

    lead: np.ndarray
    by_account: np.ndarray


def link_rows(file: MappedFile, table: str, leads: pd.DataFrame) -> LinkedRows:
    """Find the lead that each row of a file is about; count rows of nobody and of unknown leads.

    Parameters
    ----------
    table : str
        The table that is read, for reports: events, stages or field_history.
    leads : DataFrame
        The table of leads.

    Raises
    ------
    LeadReadyError
        If fewer than half of the rows name somebody we know, and nobody has said that it is right.
    """
    keys = [key for key in LINKS if getattr(file.source, key, None)]
    lead, by_account = np.full(len(file), -1, "int32"), np.zeros(len(file), bool)
    named_by = at_once(*(partial(_named_leads, file, key, leads) for key in keys))
    named = dict(zip(keys, named_by, strict=True))
    for key, found in named.items():
        for rows in _blocks(len(file)):
            new = (lead[rows] < 0) & ((owner := found.owner[found.codes[rows]]) >= 0)
            by_account[rows] |= new & (key == "account")
            lead[rows] = np.where(new, owner, lead[rows])
    _count_unlinked(file, table, named, lead, leads)
    return LinkedRows(lead, by_account)


def _blocks(size: int) -> Iterator[slice]:
    """Slices of many rows each, since there may be many millions."""
    return (slice(start, start + BLOCK) for start in range(0, size, BLOCK))


def _named_leads(file: MappedFile, key: str, leads: pd.DataFrame) -> _Named:
    codes, values = file.codes(key, getattr(file.source, key))
    owner = np.full(len(values), -1)
    for name in _leads_columns(file, key):
        column = f"{RAW}{name}"
        if column not in leads:
            names = [known.removeprefix(RAW) for known in map(str, leads) if known.startswith(RAW)]
            raise LeadReadyError.unknown(name, names, where=file.where("on"))
        key_column = name in (file.ws.leads.id, file.ws.leads.contact, file.ws.leads.account)
        cells = ids_of_cells(leads[column], lists=not key_column)
        own_ids = key == "lead" and len(cells.ids) == leads[column].notna().sum()
        places = find_ids(
            cells.ids, values, file.source.match, file.where("match"), own_ids=own_ids
        )
        owner = np.where(owner < 0, np.append(cells.rows, -1)[places], owner)
    return _Named(codes, values, np.append(owner, -1).astype("int32"))


def _leads_columns(file: MappedFile, key: str) -> tuple[str, ...]:
    """The leads' columns with the ids that the file names under a key."""
    if file.source.on and not (key == "account" and file.ws.leads.account is None):
        return file.source.on
    column = file.ws.leads.id if key == "lead" else getattr(file.ws.leads, key)
    if column is None:
        raise LeadReadyError(
            f"the file names a {key}, but the mapping does not say which column of the leads "
            f"holds the {key}",
            where=file.where(key),
            hint=f"add  {key}: …  under  leads:",
        )
    return (str(column),)


def _lost_ids(named: dict[str, _Named], lead: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different ids that no lead has, and the number of rows that name each."""
    ids, rows = [np.array([], dtype=object)], [np.array([], dtype="int64")]
    for found in named.values():
        counts = np.zeros(len(found.values), dtype="int64")
        for part in _blocks(len(lead)):
            lost = found.codes[part][lead[part] < 0]
            counts += np.bincount(lost[lost >= 0], minlength=len(counts))
        ids.append(found.values[counts > 0])
        rows.append(counts[counts > 0])
    return np.concatenate(ids), np.concatenate(rows)


def _count_named(file: MappedFile, table: str, named: dict[str, _Named]) -> int:
    """Count the rows that name anybody; those that do not are a problem."""
    who = " or ".join(named)
    any_named = np.logical_or.reduce([found.codes >= 0 for found in named.values()])
    file.problems.add(
        table,
        f"without {who}",
        int((~any_named).sum()),
        f"{{count}} {{row|rows}} of {file.name} {{names|name}} no {who} and {{was|were}} left out",
        f"fill {' or '.join(getattr(file.source, key) for key in named)} where the {who} is known",
    )
    return int(any_named.sum())


def _count_unlinked(
    file: MappedFile,
    table: str,
    named: dict[str, _Named],
    lead: np.ndarray,
    leads: pd.DataFrame,
) -> None:
    keys = list(named)
    who = " or ".join(keys)
    counts = LinkCounts(_count_named(file, table, named), int((lead >= 0).sum()))
    if counts.matched == counts.named:
        return
    ids, rows = _lost_ids(named, lead)
    answered = file.source.partial and table != EVENTS  # events of won leads may be among them
    elsewhere = [] if answered else _found_elsewhere(file, keys, ids, rows, leads)
    section = file.path.partition(".")[0]
    lost = (
        f"{{count}} of {counts.named:,} rows of {file.name} {{names|name}} a {who} that no "
        "lead has and "
    )
    if elsewhere:
        file.problems.add(
            table,
            "ids in another column",
            counts.named - counts.matched,
            f"{lost}{{was|were}} left out{_elsewhere_text(elsewhere)}",
            _mapping_hint(file, keys, section, elsewhere),
            list(ids[:3]),
            blocks=not file.source.partial,
            lead_rows=sorted({row for each in elsewhere for row in each.lead_rows}),
        )
        return
    asks = counts.needs_answer and not file.source.partial
    if asks and counts.share < LEAST_MATCHED:
        raise _unlinked_error(file, keys, counts, ids, leads)
    hint = "export the leads of the same period, or all leads"
    if asks:
        hint += "; or, if it is right that the file names others too, write  partial: true  in its "
        hint += f"mapping under  {section}:"
    file.problems.add(
        table,
        "of unknown leads",
        counts.named - counts.matched,
        f"{lost}{{was|were}} left out",
        hint,
        list(ids[:3]),
        blocks=asks,
    )


def _found_elsewhere(
    file: MappedFile, keys: list[str], ids: np.ndarray, rows: np.ndarray, leads: pd.DataFrame
) -> list[FoundElsewhere]:
    """The columns of the leads, not linked so far, that hold the ids."""
    linked = {f"{RAW}{name}" for key in keys for name in _leads_columns(file, key)}
    raw = leads[[name for name in leads if str(name).startswith(RAW) and name not in linked]]
    raw = raw.rename(columns=lambda name: name.removeprefix(RAW))
    return find_lost_ids(ids, rows, raw, file.source.match)


def _elsewhere_text(elsewhere: list[FoundElsewhere]) -> str:
    """Say where the ids were found.

    Examples
    --------
    >>> _elsewhere_text([FoundElsewhere("ConvertedContactId", "exact", 1200, 31)])
    ': the ids of 1,200 of them stand in ConvertedContactId of 31 leads'
    """
    texts = [
        f"the ids of {each.rows:,} of them stand in {each.column} of {count(each.leads, 'lead')}"
        for each in elsewhere
    ]
    return f": {join(texts)}" if texts else ""


def _mapping_hint(
    file: MappedFile, keys: list[str], section: str, elsewhere: list[FoundElsewhere]
) -> str:
    """The lines of the mapping that link these rows."""
    key = keys[0]
    columns = [*_leads_columns(file, key), *(each.column for each in elsewhere)]
    lines = f"on: {yaml_inline(columns)}"
    rule = next((each.match for each in elsewhere if each.match != EXACT), EXACT)
    if rule != file.source.match:
        lines += f"  and  match: {rule}"
    others = [f"{other}:" for other in keys if other != key]
    first = f"remove  {' and '.join(others)}  and " if others else ""
    return f"{first}write  {lines}  in the mapping of {file.name} under  {section}:"


def _unlinked_error(
    file: MappedFile,
    keys: list[str],
    counts: LinkCounts,
    ids: np.ndarray,
    leads: pd.DataFrame,
) -> LeadReadyError:
    from features.guess.columns import guess_columns  # only this error needs it
    from features.related.links import best_pairs_text, link_pairs

    key = keys[0]
    own = _leads_columns(file, key)[0]
    raw = leads.filter(regex=f"^{RAW}").rename(columns=lambda name: name.removeprefix(RAW))
    table = read_text_table(
        find_file(file.source.file, file.ws.folder, file.where("file")),
        sheet=file.source.sheet,
        encoding=file.source.encoding,
    )
    links = {key: getattr(file.ws.leads, "id" if key == "lead" else key) for key in LINKS}
    known = {key: column for key, column in links.items() if column}
    pairs = link_pairs(table, guess_columns(table), raw, guess_columns(raw), known)
    one_of_each = f"{quoted(raw[own].dropna().iloc[0])} there, {quoted(ids[0])} here"
    column = getattr(file.source, key)
    return UnusableData(
        f"only {counts.text} in {file.name} name a known {key}: {column!r} "
        f"against the leads' {own!r} ({one_of_each}); {best_pairs_text(pairs)}",
        where=file.where(key),
        hint=f"correct  {key}:, on: or match:  here, or write  partial: true  if it is right",
    )
