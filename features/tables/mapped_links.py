"""Whose rows they are: the rows of a mapped file, found among the leads by the ids they name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from features.errors import LeadReadyError
from features.files.open_table import find_file, read_text_table
from features.links.linked import LEAST_MATCHED, LinkCounts, find_ids
from features.tables.leads import RAW
from features.tables.mapped_file import MappedFile
from features.text import quoted

LINKS = ("lead", "contact", "account")


class _Named(NamedTuple):
    """For each row, whether it names anybody, and the lead that it names (-1: none we know)."""

    any: np.ndarray
    lead: np.ndarray


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
    lead = np.full(len(file), -1)
    named, by_account = np.zeros(len(file), bool), np.zeros(len(file), bool)
    unknown: list[object] = []
    for key in keys:
        found, values = _named_leads(file, key, leads)
        unknown += _examples(file, key, found, values)
        by_account |= (lead < 0) & (found.lead >= 0) & (key == "account")
        lead, named = np.where(lead < 0, found.lead, lead), named | found.any
    _count_unlinked(file, table, keys, named, lead, unknown, leads)
    return LinkedRows(lead, by_account)


def _named_leads(file: MappedFile, key: str, leads: pd.DataFrame) -> tuple[_Named, np.ndarray]:
    column = f"{RAW}{_leads_column(file, key)}"
    if column not in leads:
        names = [name.removeprefix(RAW) for name in map(str, leads) if name.startswith(RAW)]
        raise LeadReadyError.unknown(column.removeprefix(RAW), names, where=file.where("on"))
    first = leads[column].dropna().drop_duplicates()
    codes, values = file.codes(key, getattr(file.source, key))
    own_ids = key == "lead" and first.size == leads[column].notna().sum()
    places = find_ids(
        first.to_numpy(object), values, file.source.match, file.where("match"), own_ids=own_ids
    )
    rows = np.append(first.index.to_numpy(), -1)[places].astype("int64")
    return _Named(codes >= 0, np.append(rows, -1)[codes]), values


def _leads_column(file: MappedFile, key: str) -> str:
    """The leads' column with the ids that the file names under a key."""
    column = file.source.on or (file.ws.leads.id if key == "lead" else getattr(file.ws.leads, key))
    if column is None or (key == "account" and file.ws.leads.account is None):
        raise LeadReadyError(
            f"the file names a {key}, but the mapping does not say which column of the leads "
            f"holds the {key}",
            where=file.where(key),
            hint=f"add  {key}: …  under  leads:",
        )
    return str(column)


def _examples(file: MappedFile, key: str, found: _Named, values: np.ndarray) -> list[object]:
    codes, _ = file.codes(key, getattr(file.source, key))
    return list(values[np.unique(codes[found.any & (found.lead < 0)][:1000])][:3])


def _count_unlinked(
    file: MappedFile,
    table: str,
    keys: list[str],
    named: np.ndarray,
    lead: np.ndarray,
    examples: list[object],
    leads: pd.DataFrame,
) -> None:
    who = " or ".join(keys)
    file.problems.add(
        table,
        f"without {who}",
        int((~named).sum()),
        f"{{count}} rows of {file.name} name no {who} and were left out",
        f"fill {' or '.join(getattr(file.source, key) for key in keys)} where the {who} is known",
    )
    counts = LinkCounts(int(named.sum()), int((lead >= 0).sum()))
    asks = counts.needs_answer and not file.source.partial
    if asks and counts.share < LEAST_MATCHED:
        raise _unlinked_error(file, keys, counts, examples, leads)
    hint = "export the leads of the same period, or all leads"
    if asks:
        section = file.path.partition(".")[0]
        hint += "; or, if it is right that the file names others too, write  partial: true  in its "
        hint += f"mapping under  {section}:"
    file.problems.add(
        table,
        "of unknown leads",
        counts.named - counts.matched,
        f"{{count}} of {counts.named:,} rows of {file.name} name a {who} that no lead has and were "
        "left out",
        hint,
        examples,
        blocks=asks,
    )


def _unlinked_error(
    file: MappedFile,
    keys: list[str],
    counts: LinkCounts,
    examples: list[object],
    leads: pd.DataFrame,
) -> LeadReadyError:
    from features.guess.columns import guess_columns  # only this error needs it
    from features.related.links import best_pairs_text, link_pairs

    key = keys[0]
    own = _leads_column(file, key)
    raw = leads.filter(regex=f"^{RAW}").rename(columns=lambda name: name.removeprefix(RAW))
    table = read_text_table(
        find_file(file.source.file, file.ws.folder, file.where("file")),
        sheet=file.source.sheet,
        encoding=file.source.encoding,
    )
    links = {key: getattr(file.ws.leads, "id" if key == "lead" else key) for key in LINKS}
    known = {key: column for key, column in links.items() if column}
    pairs = link_pairs(table, guess_columns(table), raw, guess_columns(raw), known)
    one_of_each = f"{quoted(raw[own].dropna().iloc[0])} there, {quoted(examples[0])} here"
    column = getattr(file.source, key)
    return LeadReadyError(
        f"only {counts.text} in {file.name} name a known {key}: {column!r} "
        f"against the leads' {own!r} ({one_of_each}); {best_pairs_text(pairs)}",
        where=file.where(key),
        hint=f"correct  {key}:, on: or match:  here, or write  partial: true  if it is right",
    )
