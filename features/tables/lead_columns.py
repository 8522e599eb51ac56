"""The columns of the leads: of their own file, and of further ones with accounts or contacts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from features.at_once import at_once
from features.errors import LeadReadyError, UnusableData
from features.files.arrow_text import as_objects, from_frame, to_texts
from features.files.headings import header_names
from features.files.open_table import FileOptions, find_file, read_arrow
from features.files.reading_notes import Notes, ReadingNote
from features.links.linked import LEAST_MATCHED, LinkCounts, find_ids
from features.links.matching import comparable_ids
from features.links.pairs import ONE_THING
from features.progress import Progress
from features.tables.problems import Problem, Problems, report_reading
from features.text import quoted
from features.workspace.schema import Join, Workspace
from features.workspace.vocabulary import ROW_NUMBER


class JoinedFile(NamedTuple):
    """A file as it was read: its columns as text, and what was noticed."""

    columns: pd.DataFrame
    file: Path
    problems: Sequence[Problem]


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


def read_lead_columns(
    ws: Workspace, problems: Problems, progress: Progress, frame: pd.DataFrame | None
) -> pd.DataFrame:
    """Read the columns of the leads and those of the files joined to them, as text.

    Parameters
    ----------
    frame : DataFrame, optional
        A table in place of the leads' file.

    Raises
    ------
    LeadReadyError
        If a file does not exist or is empty, or most leads do not find their row in it.
    """
    raw, others = at_once(
        partial(_own_columns, ws, problems, progress, frame), partial(_read_joins, ws, progress)
    )
    return _with_joins(ws, raw, others, problems)


def _own_columns(
    ws: Workspace, problems: Problems, progress: Progress, frame: pd.DataFrame | None
) -> pd.DataFrame:
    source = ws.leads
    if frame is not None:
        table = from_frame(frame, header_names("the given table", list(frame.columns)))
    else:
        path = find_file(source.file, ws.folder, ws.where("leads.file"))
        progress(f"reading {path.name}")
        notes: Notes = []
        table = read_arrow(path, FileOptions(source.sheet, source.encoding), notes=notes)
        report_reading(problems, "leads", path.name, notes, "leads")
    raw = as_objects(table, source.null_values)
    if raw.empty and frame is None:
        raise UnusableData(
            "the file has a header but no leads",
            where=str(path),
            hint="export the leads again, with their rows",
        )
    if source.id == ROW_NUMBER and ROW_NUMBER not in raw:
        raw.insert(0, ROW_NUMBER, [str(number) for number in range(1, len(raw) + 1)])
    return raw


def _read_joins(ws: Workspace, progress: Progress) -> list[JoinedFile]:
    """Read the files whose columns are joined to the leads."""
    return [
        _read_join(ws, join, _section(position), progress)
        for position, join in enumerate(ws.leads.join)
    ]


def _section(position: int) -> str:
    """The section of ``leadready.yaml`` that maps the file."""
    return f"leads.join.{position}"


def _read_join(ws: Workspace, join: Join, path: str, progress: Progress) -> JoinedFile:
    file = find_file(join.file, ws.folder, ws.where(f"{path}.file"))
    progress(f"reading {file.name}")
    notes, problems = list[ReadingNote](), Problems()
    table = read_arrow(file, FileOptions(join.sheet, join.encoding), notes=notes)
    report_reading(problems, "leads", file.name, notes, "this join")
    columns = as_objects(table, ws.leads.null_values)
    if join.key not in columns:
        raise LeadReadyError.unknown(join.key, columns.columns, where=ws.where(f"{path}.key"))
    return JoinedFile(columns, file, problems.found)


def _with_joins(
    ws: Workspace, raw: pd.DataFrame, others: Sequence[JoinedFile], problems: Problems
) -> pd.DataFrame:
    """Join the columns of files to the leads; count keys that are repeated or not found."""
    for position, (join, other) in enumerate(zip(ws.leads.join, others, strict=True)):
        where = ws.where(f"{_section(position)}.on")
        if join.on not in raw:
            raise LeadReadyError.unknown(join.on, raw.columns, where=where)
        problems.found += other.problems
        match = ws.where(f"{_section(position)}.match")
        joined = join_columns(raw, other.columns, join, other.file, match)
        _count_problems(joined, join, other.file, where, problems)
        raw = joined.raw
    return raw


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
    added = pd.DataFrame(
        {
            f"{file.stem}.{name}" if name in raw else name: to_texts(rows, column.to_numpy(object))
            for name, column in other.drop(columns=join.key).items()
        },
        index=raw.index,
        dtype=object,
    )
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
