"""How ``leadready init`` read each file, and the lines of ``leadready.yaml`` that state it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from features.errors import LeadReadyError
from features.files.file_kind import ENDINGS
from features.files.headings import refuse_data_as_headings, refuse_grouped_rows
from features.files.open_table import read_text_table, sheet_names
from features.files.reading_notes import Notes
from features.progress import no_progress
from features.text import yaml_inline
from features.values.few_values import Counted, without_values
from pipelines.init.texts.paths import path_text


@dataclass
class FileReading:
    """Reads files and remembers how.

    Attributes
    ----------
    sheets : sequence of str
        Sheets that the files should be read from, in the order of the files.
    warn : callable
        Called with what somebody should look at.
    sources : mapping of Path to list of str
        The lines of ``leadready.yaml`` that name the table of a database, for files that were
        fetched from one.
    """

    sheets: Sequence[str] = ()
    warn: Callable[[str], None] = no_progress
    sources: Mapping[Path, Sequence[str]] = field(default_factory=dict)
    _notes: dict[Path, Notes] = field(default_factory=dict)
    _sheets: dict[Path, list[str]] = field(default_factory=dict)
    _tables: dict[tuple[Path, str], pd.DataFrame] = field(default_factory=dict)
    _counted: dict[tuple[Path, str], Counted] = field(default_factory=dict)

    def _read(self, file: Path) -> tuple[pd.DataFrame, Counted]:
        """Read a file as text.

        Raises
        ------
        LeadReadyError
            If a workbook has none of the sheets, or several tables.
        """
        sheet = self._next_sheet(file)
        notes: Notes = []
        counted: dict[str, Counter[str]] = {}
        table = read_text_table(file, sheet=sheet, notes=notes, counted=counted)
        refuse_data_as_headings(table, str(file))
        refuse_grouped_rows(table, str(file))
        for note in notes:
            self.warn(f"{file.name}: {note.text}")
        self._notes[file] = notes
        return table, counted

    def read_once(self, file: Path, null_values: Sequence[str] = (), use: str = "") -> pd.DataFrame:
        """Read a file as text; if it was read for the same use before, give the same table."""
        if (file, use) not in self._tables:
            self._tables[file, use], self._counted[file, use] = self._read(file)
        table = self._tables[file, use]
        return table.mask(table.isin(null_values), None) if null_values else table

    def counted(self, file: Path, null_values: Collection[str] = (), use: str = "") -> Counted:
        """Give the rows of each value of each column of a table that was read."""
        return without_values(self._counted[file, use], null_values)

    def yaml_lines(self, file: Path, home: Path, indent: str) -> list[str]:
        """Name the file or table, its sheet and encoding, and say what was left out.

        Parameters
        ----------
        home : Path
            The workspace, from which paths of files start.
        """
        named = self.sources.get(file, [f"file: {yaml_inline(path_text(file, home))}"])
        lines = [f"{indent}{line}" for line in named]
        for note in self._notes.get(file, []):
            if note.kind in ("sheet", "encoding"):
                comment = _one_line(note.text)
                lines.append(f"{indent}{note.kind}: {yaml_inline(note.value)}   # {comment}")
            else:
                lines.append(f"{indent}# {_one_line(note.text)}")
        if sheets := self._sheets.get(file):
            lines.append(f"{indent}sheet: {yaml_inline(sheets[-1])}")
        return lines

    def _next_sheet(self, file: Path) -> str | None:
        names = sheet_names(file) if self.sheets else []
        used = self._sheets.setdefault(file, [])
        wanted = [sheet for sheet in self.sheets if sheet in names and sheet not in used]
        if names and not wanted and len(names) > 1 and not used:
            raise LeadReadyError.unknown(self.sheets[0], names, what="sheet", where=str(file))
        used += wanted[:1]
        return wanted[0] if wanted else None


def workspace_name(file: Path) -> str:
    """The file's name without its endings and without the marks of a pattern.

    Examples
    --------
    >>> workspace_name(Path("leads-2024-*.csv.gz"))
    'leads-2024'
    """
    name = file.name
    while Path(name).suffix.lower() in ENDINGS and Path(name).suffix:
        name = Path(name).stem
    return re.sub(r"[*?\[\]]+", "", name).strip("-_ .") or "leads"


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
