"""The formats of tables, and which one a file gets."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from features.errors import LeadReadyError
from features.text import join

TableFormat = Literal["csv", "csv-excel-de", "parquet", "json", "xlsx"]
TABLE_FORMATS: tuple[TableFormat, ...] = ("csv", "csv-excel-de", "parquet", "json", "xlsx")
PRINTED: tuple[TableFormat, ...] = ("csv", "csv-excel-de", "json")  # the others are not text
BY_ENDING: dict[str, TableFormat] = {
    ".csv": "csv",
    ".parquet": "parquet",
    ".json": "json",
    ".xlsx": "xlsx",
}


def table_format(path: Path) -> TableFormat:
    """Return the format that the ending of a file's name stands for.

    Raises
    ------
    LeadReadyError
        When the ending stands for none.

    Examples
    --------
    >>> table_format(Path("scores.PARQUET"))
    'parquet'
    >>> table_format(Path("scores.doc"))
    Traceback (most recent call last):
    features.errors.LeadReadyError: scores.doc: cannot write .doc
    """
    ending = path.suffix.lower()
    if ending not in BY_ENDING:
        raise LeadReadyError(
            f"cannot write {path.suffix or 'a file without an ending'}",
            where=str(path),
            hint=f"end the name in {join(BY_ENDING, last='or')}",
        )
    return BY_ENDING[ending]


def refuse_unprintable(format: TableFormat) -> None:
    """Say how to write a format that is not text.

    Examples
    --------
    >>> refuse_unprintable("parquet")
    Traceback (most recent call last):
    features.errors.LeadReadyError: --format: parquet is written to a file only
    """
    if format not in PRINTED:
        what = f"{format} is written to a file only"
        raise LeadReadyError(what, where="--format", hint=f"--out FILE.{format}")
