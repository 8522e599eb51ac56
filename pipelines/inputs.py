"""The files that a workspace reads, which no command may overwrite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from features.errors import LeadReadyError
from features.files.database import database_file, is_database
from features.files.open_table import files_of, find_file
from features.workspace.read import FILE, read_workspace
from features.workspace.schema import Workspace


def refuse_input(folder: Path, out: Path, option: str = "--out") -> None:
    """Refuse to write over a file that the workspace reads.

    Raises
    ------
    LeadReadyError
        If the file is the workspace's own, its definition, or one of its data files.
    """
    if not out.exists() or not (folder / FILE).is_file():
        return
    for path in input_files(read_workspace(folder)):
        if path.exists() and path.samefile(out):
            raise LeadReadyError(
                f"{out} is a file that the workspace reads, so it is not overwritten",
                where=option,
                hint="write to another file",
            )


def input_files(ws: Workspace) -> Iterator[Path]:
    """Find the workspace's own file, its definition and its data files."""
    yield ws.folder / FILE
    yield ws.folder / ws.definition
    sources = [ws.leads, *ws.leads.join, *ws.events, ws.stages, ws.field_history]
    for source in sources:
        if source is not None:
            try:
                yield from _files_of_source(source.file, ws)
            except LeadReadyError:
                continue  # a file that does not exist cannot be overwritten


def _files_of_source(name: str, ws: Workspace) -> Iterator[Path]:
    if is_database(name):  # its rows are not fetched for this
        database = database_file(name, ws.folder)
        yield from [] if database is None else [database]
    else:
        yield from files_of(find_file(name, ws.folder, ws.where("leads.file")))
