"""Further files with columns of the leads: their accounts, contacts, products."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from features.errors import LeadReadyError, UnusableData
from features.files.arrow_text import as_objects
from features.files.open_table import FileOptions, find_file, read_arrow
from features.files.reading_notes import Notes
from features.links.linked import LEAST_MATCHED, LinkCounts, find_ids
from features.links.matching import comparable_ids
from features.links.pairs import ONE_THING
from features.progress import Progress
from features.tables.problems import Problems, report_reading
from features.text import quoted
from features.workspace.schema import Join, Workspace


class Joined(NamedTuple):
    """Leads with the columns of another file.

    Attributes
    ----------
    raw : DataFrame
        The leads' columns and those of the file.
    repeated, unmatched : Series
        Keys that the file has twice, and ids of leads that it does not have.
    counts : LinkCounts
        Leads that name a row, and those that were found.
    """

    raw: pd.DataFrame
    repeated: pd.Series
    unmatched: pd.Series
    counts: LinkCounts


def read_join(
    ws: Workspace, raw: pd.DataFrame, join: Join, path: str, problems: Problems, progress: Progress
) -> pd.DataFrame:
    """Read a file and join its columns to the leads.

    Parameters
    ----------
    raw : DataFrame
        The leads' columns as text.
    path : str
        The section of ``leadready.yaml`` that maps the file: ``leads.join.0``.

    Raises
    ------
    LeadReadyError
        If a column does not exist, or fewer than half of the leads find their row.
    """
    if join.on not in raw:
        raise LeadReadyError.unknown(join.on, raw.columns, where=ws.where(f"{path}.on"))
    file = find_file(join.file, ws.folder, ws.where(f"{path}.file"))
    progress(f"reading {file.name}")
    notes: Notes = []
    table = read_arrow(file, FileOptions(join.sheet, join.encoding), notes=notes)
    report_reading(problems, "leads", file.name, notes, "this join")
    other = as_objects(table, ws.leads.null_values)
    if join.key not in other:
        raise LeadReadyError.unknown(join.key, other.columns, where=ws.where(f"{path}.key"))
    joined = join_columns(raw, other, join, file, ws.where(f"{path}.match"))
    _count_problems(joined, join, file, ws.where(f"{path}.on"), problems)
    return joined.raw


def join_columns(
    raw: pd.DataFrame, other: pd.DataFrame, join: Join, file: Path, where: str
) -> Joined:
    """Join the columns of a table to the leads; of a repeated key the first row counts.

    Columns of the same name are called after the file.

    Examples
    --------
    >>> raw = pd.DataFrame({"Id": ["1", "2"], "Account": ["ACME", "x"]}, dtype=object)
    >>> other = pd.DataFrame({"Name": ["Acme"], "Size": ["50"]}, dtype=object)
    >>> join = Join("accounts.csv", on="Account", key="Name", match="letters")
    >>> join_columns(raw, other, join, Path("accounts.csv"), "").raw["Size"].tolist()
    ['50', None]
    """
    other = other[other[join.key].notna()]
    keys = other[join.key]
    if join.match in ONE_THING:
        forms = pd.Series(comparable_ids(keys.to_numpy(object), join.match), keys.index)
    else:
        forms = keys  # other rules must not take two keys for one
    repeated = forms.duplicated()
    other, first = other[~repeated], keys[~repeated].to_numpy(object)
    codes, values = pd.factorize(raw[join.on].to_numpy(object))
    named = codes >= 0
    rows = np.append(find_ids(first, values, join.match, where, own_ids=False), -1)[codes]
    columns = other.drop(columns=join.key).reset_index(drop=True)
    columns = columns.rename(
        columns={name: f"{file.stem}.{name}" for name in columns if name in raw}
    )
    added = columns.reindex(np.where(rows < 0, len(columns), rows)).set_axis(raw.index)
    added = added.astype(object).where(added.notna(), None)
    unmatched = named & (rows < 0)
    return Joined(
        pd.concat([raw, added], axis=1),
        keys[repeated],
        raw.loc[unmatched, join.on],
        LinkCounts(int(named.sum()), int((rows >= 0).sum())),
    )


def _count_problems(joined: Joined, join: Join, file: Path, where: str, problems: Problems) -> None:
    problems.add(
        "leads",
        "duplicate keys",
        len(joined.repeated),
        f"{{count}} {{row|rows}} of {file.name} {{repeats|repeat}} the {join.key} of "
        "another row; the first was joined",
        f"export {file.name} with one row for each {join.key}",
        joined.repeated,
    )
    asks = joined.counts.needs_answer and not join.partial
    if asks and joined.counts.share < LEAST_MATCHED:
        raise UnusableData(
            f"only {joined.counts.text} with a {join.on} find it in {join.key!r} of {file.name}, "
            f"such as {quoted(joined.unmatched.iloc[0])}",
            where=where,
            hint=f"correct  on:, key: or match: (now {join.match}), or write  partial: true  if it "
            "is right",
        )
    hint = f"export all of {file.name}, or correct the spelling"
    problems.add(
        "leads",
        "not joined",
        len(joined.unmatched),
        f"{{count}} of {joined.counts.named:,} leads with a {join.on} {{does|do}} not find it in "
        f"{file.name}; its columns are empty there",
        f"{hint}; or, if it is right, write  partial: true  in its mapping" if asks else hint,
        joined.unmatched,
        blocks=asks,
    )
