"""Tables as Excel workbooks: ids and texts are cells of text, and nothing is a formula."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from features.errors import LeadReadyError
from pipelines.table_files.text_files import arrow_table

MOST_ROWS, MOST_CHARACTERS = 1_048_576, 32_767  # of a sheet and of a cell
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "default_date_format": "yyyy-mm-dd hh:mm:ss",
}


def write_workbook(
    chunks: Iterable[pd.DataFrame], path: Path, names: dict[str, str] | None
) -> None:
    """Write chunks of a table as one sheet.

    Raises
    ------
    LeadReadyError
        When Excel cannot hold so many rows, or so long a text.
    """
    import xlsxwriter

    with xlsxwriter.Workbook(path, OPTIONS) as workbook:
        sheet, as_text = workbook.add_worksheet("scores"), workbook.add_format({"num_format": "@"})
        sheet.freeze_panes(1, 0)
        written = 0
        for chunk in chunks:
            table = arrow_table(chunk, names)
            if written == 0:
                _write_row(sheet, 0, table.column_names, as_text)
            _refuse_rows(written + table.num_rows + 1)
            columns = [column.to_pylist() for column in table.columns]
            for row, values in enumerate(zip(*columns, strict=True), written + 1):
                _write_row(sheet, row, values, as_text)
            written += table.num_rows


def _write_row(sheet: Any, row: int, values: Iterable[Any], as_text: Any) -> None:
    for place, value in enumerate(values):
        if value is None:
            continue
        if not isinstance(value, str):
            sheet.write(row, place, value)
        elif sheet.write_string(row, place, value, as_text) != 0:
            what = f"a text of {len(value):,} characters does not fit into a cell"
            raise LeadReadyError(what, where=f"row {row}", hint=_elsewhere("xlsx"))


def _refuse_rows(rows: int) -> None:
    if rows > MOST_ROWS:
        what = f"Excel holds {MOST_ROWS - 1:,} rows below the header, and there are more"
        raise LeadReadyError(what, where="--format", hint=_elsewhere("xlsx"))


def _elsewhere(format: str) -> str:
    return f"write parquet or csv instead of {format}, or only what changed: --since-last"
