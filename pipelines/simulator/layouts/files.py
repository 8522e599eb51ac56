"""A layout: which files a system exports, and how they are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipelines.simulator.layouts.columns import Column, export_table
from pipelines.simulator.layouts.records import Records

LINES_OF_A_SHEET = 1_048_576


@dataclass(frozen=True)
class RawFile:
    """A file that a system exports.

    Attributes
    ----------
    name : str
        Its name; ``.xlsx`` is written as a workbook, anything else as text.
    option : str
        What ``leadready init`` calls it: ``leads``, ``accounts``, ``events``, ``stages``,
        ``changes``.
    of : str
        Which records it holds: ``leads``, ``accounts``, ``events`` or ``changes``.
    columns : mapping of str to Column
        Its headings.
    kinds : tuple of str
        The kinds of event it holds, if not all.
    """

    name: str
    option: str
    of: str
    columns: Mapping[str, Column]
    kinds: tuple[str, ...] = ()

    def table(self, records: Records) -> pd.DataFrame:
        """Lay out the records that belong into the file."""
        rows: pd.DataFrame = getattr(records, self.of)
        if self.kinds:
            rows = rows.loc[rows["kind"].isin(self.kinds)].reset_index(drop=True)
        return export_table(rows, self.columns)


@dataclass(frozen=True)
class Layout:
    """How a system exports its files.

    Attributes
    ----------
    name : str
        The value of ``leadready demo --layout``.
    system : str
        The system, for people.
    files : tuple of RawFile
        The files, that of the leads first.
    separator, encoding : str
        Of the text files.
    conversions : tuple of str
        What the system can do with the events of a lead that is won (``conversions``).
    """

    name: str
    system: str
    files: tuple[RawFile, ...]
    separator: str = ","
    encoding: str = "utf-8"
    conversions: tuple[str, ...] = ()


def write_raw_files(layout: Layout, records: Records, folder: Path) -> list[Path]:
    """Write the files of a layout into a folder, which is made if necessary.

    Returns
    -------
    list of Path
        The files, in the order of ``layout.files``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / file.name for file in layout.files]
    for path, file in zip(paths, layout.files, strict=True):
        table = file.table(records)
        if path.suffix == ".xlsx":
            _write_workbook(table, path)
        else:
            table.to_csv(path, index=False, sep=layout.separator, encoding=layout.encoding)
    return paths


def _write_workbook(table: pd.DataFrame, path: Path) -> None:
    """Write a workbook as Dynamics does: the leads first, then a hidden sheet."""
    with pd.ExcelWriter(path, engine="openpyxl") as writer:
        table.to_excel(writer, sheet_name="Leads", index=False)
        pd.DataFrame({"lead": ["crmaccount"]}).to_excel(
            writer, sheet_name="hiddenSheet", index=False
        )
        writer.sheets["hiddenSheet"].sheet_state = "veryHidden"
