"""Columns read block by block hold what the table holds that is read at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.errors import LeadReadyError
from features.files.columnar.blocks import TableColumns, open_columns
from features.files.columnar.parquet import ParquetColumns
from features.files.open_table import FileOptions, read_arrow
from features.files.reading_notes import ReadingNote

NAMES = ["who", "at", "what", "not there"]
FIRST = pa.table({"who": ["a", None, "b"], " at ": [1, 2, 3], "more": [1, 2, 3]})
SECOND = pa.table({"who": ["b", "c"], " at ": [4, None], "more": [4, 5]})


def write(folder: Path, tables: Sequence[pa.Table]) -> Path:
    """Write Parquet files that one pattern fits."""
    for number, table in enumerate(tables):
        pq.write_table(table, folder / f"events-{number}.parquet", row_group_size=2)
    return folder / "events-*.parquet"


@pytest.mark.parametrize(
    ("tables", "lazily"),
    [
        ([FIRST], True),
        ([FIRST, SECOND], True),
        ([FIRST, SECOND.slice(0, 0)], True),
        ([FIRST, SECOND.drop_columns(["more"])], True),  # which is not asked for
        ([FIRST, SECOND.rename_columns(["who", "what", "more"])], False),
        ([FIRST, SECOND.cast(pa.schema({"who": "str", " at ": "float", "more": "int64"}))], False),
        ([FIRST.rename_columns(["who", "who", "at"])], False),
    ],
)
def test_blocks_are_the_columns_of_the_table(
    tmp_path: Path, tables: Sequence[pa.Table], lazily: bool
) -> None:
    path = write(tmp_path, tables)
    notes: list[list[ReadingNote]] = [[], []]
    table = read_arrow(path, columns=NAMES, coded=["who"], notes=notes[0])
    opened = open_columns(path, FileOptions(), columns=NAMES, coded=["who"], notes=notes[1])
    assert isinstance(opened, TableColumns) is not lazily
    assert set(opened.types) == set(table.column_names)
    assert opened.rows == table.num_rows
    assert notes[0] == notes[1]
    for name, kind in opened.types.items():
        blocks = list(opened.blocks(name, 2))
        assert {len(block) for block in blocks} <= {0, 1, 2}
        values = [value for block in blocks for value in block.to_pylist()]
        assert values == table.column(name).to_pylist()
        assert {block.type for block in blocks} == {kind} == {table.column(name).type}


def test_a_file_that_is_damaged_inside_is_named(tmp_path: Path) -> None:
    file = tmp_path / "events.parquet"
    pq.write_table(FIRST, file, compression="none", use_dictionary=False)
    content = bytearray(file.read_bytes())
    content[4:40] = bytes(36)
    file.write_bytes(bytes(content))
    opened = ParquetColumns.open(file, ["who"], [])
    with pytest.raises(LeadReadyError, match=r"events\.parquet: the file cannot be read"):
        list(opened.blocks("who", 9))
