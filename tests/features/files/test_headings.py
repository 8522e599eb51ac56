"""Headings: two rows of them, headings that are repeated among the data, and files without any."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.files.headings import (
    MOST_COLUMNS,
    header_names,
    refuse_data_as_headings,
    refuse_grouped_rows,
)
from features.files.open_table import read_arrow, read_text_table
from features.files.reading_notes import Notes
from features.files.table_shape import find_table


def read(folder: Path, text: str) -> tuple[pd.DataFrame, list[str]]:
    file, notes = folder / "leads.csv", Notes()
    file.write_text(text, encoding="utf-8")
    return read_text_table(file, notes=notes), [note.text for note in notes]


def test_the_second_of_two_headers_names_the_columns(tmp_path: Path) -> None:
    rows = ["Lead,,,Company,", "No,Date,Source,Size,Status", "1,03.01.2024,Web,5,Won"]
    table, notes = read(tmp_path, "\n".join([*rows, *["2,04.01.2024,Fair,9,Lost"] * 3]))
    assert list(table) == ["No", "Date", "Source", "Size", "Status"]
    assert len(table) == 4
    assert notes == ["left out: 1 row above the header"]


@pytest.mark.parametrize(
    "rows",
    [
        ["Id,City,", "a,Rome,5", "b,Bonn,7", "c,Oslo,9"],  # a column without a name
        ["Id,City,Size", "a,Rome,many", "b,Bonn,7", "c,Oslo,9"],  # a word in the first row
        ["Id,,City", "a,x,Rome", "b,y,Bonn", "c,z,Oslo"],  # nothing but words
    ],
)
def test_a_first_row_of_data_is_no_second_header(rows: list[str]) -> None:
    shape = find_table([row.split(",") for row in rows])
    assert shape is not None
    assert shape.header == 0


@pytest.mark.parametrize("coded", [(), ("Id", "City")])
def test_rows_that_repeat_the_header_are_left_out(tmp_path: Path, coded: tuple[str, ...]) -> None:
    file, notes = tmp_path / "leads.csv", Notes()
    file.write_text("Id,City,Size\n1,Rome,5\nId,City,Size\n2,City,7\nId , City,\n3,,\n")
    table = read_arrow(file, coded=coded, notes=notes)
    assert table.column("Id").to_pylist() == ["1", "2", "3"]
    assert [note.text for note in notes] == ["left out: 2 rows that repeat the header"]


@pytest.mark.parametrize(
    ("last", "kept"),
    [("Id,City,", ["1"]), ("Id,City,7", ["1", "Id"]), ("Id,,Size", ["1"])],
)
def test_a_column_of_few_values_shows_whether_the_header_is_repeated(
    tmp_path: Path, last: str, kept: list[str]
) -> None:
    (file := tmp_path / "leads.csv").write_text(f"Id,City,Size\n1,Rome,5\n{last}\n")
    table = read_arrow(file, coded=("City", "Size"))
    assert table.column("Id").to_pylist() == kept


@pytest.mark.parametrize(
    "columns",
    [
        {"L0": ["L1", "L2"], "2024-01-03": ["2024-01-04", "2024-02-01"], "Won": ["Lost", "Won"]},
        {"3 May 24": ["x", "y"], "1/5/24": ["2/5/24", "3/5/24"], "7": ["8", "9"], "a": ["a", "b"]},
    ],
)
def test_a_first_row_of_data_is_refused_as_headings(columns: dict[str, list[str]]) -> None:
    with pytest.raises(LeadReadyError, match="the first row reads like data"):
        refuse_data_as_headings(pd.DataFrame(columns), "leads.csv")


@pytest.mark.parametrize(
    "columns",
    [
        {"Id": ["a", "b"], "2021": ["5", "6"], "2022": ["7", "8"], "2023": ["9", "1"]},  # years
        {"Id": ["a", "b"], "2024-01-01": ["5", "6"], "2024-02-01": ["7", "8"]},  # months
        {"Id": ["a", "b"], "E-mail": ["E-mail", None], "Phone": ["Phone", "Phone"]},  # ticks
        {"Stage": ["Won", "Stage"], "Size": ["5", "6"], "City": ["Rome", "Bonn"]},
    ],
)
def test_headings_that_look_like_values_are_headings(columns: dict[str, list[str | None]]) -> None:
    refuse_data_as_headings(pd.DataFrame(columns), "leads.csv")


def test_more_columns_than_can_be_looked_at_are_refused() -> None:
    header_names("leads.csv", [f"Field {place}" for place in range(MOST_COLUMNS)])
    with pytest.raises(LeadReadyError, match="has 4,097 columns, and 4,096 are the most"):
        header_names("leads.csv", [f"Field {place}" for place in range(MOST_COLUMNS + 1)])


def test_blank_cells_far_to_the_right_do_not_count_as_columns() -> None:
    names = header_names("leads.xlsx", ["Id", *[None] * 16_382, "City"])
    assert names[-1] == "City"
    assert len(names) == 16_384
    with pytest.raises(LeadReadyError, match="20,001 columns"):
        header_names("leads.csv", ["Id", *[None] * 20_000])


@pytest.mark.parametrize(
    "first",
    [
        ["Won", *[None] * 9, "Lost", *[None] * 9],
        ["Ann Keller", None, None, None, None, "Tom Ray", *[None] * 14],
    ],
)
def test_a_report_with_groups_of_rows_is_refused(first: list[str | None]) -> None:
    table = pd.DataFrame({"Stage": first, "Id": [str(row) for row in range(20)]}, dtype=object)
    with pytest.raises(LeadReadyError, match="'Stage' is filled only in the first row of each"):
        refuse_grouped_rows(table, "report.csv")
    refuse_grouped_rows(table[["Id", "Stage"]], "report.csv")  # filled for some of the leads


@pytest.mark.parametrize(
    "first",
    [
        [None, "Won", *[None] * 18],  # the first row is in no group
        ["Won", *[None] * 9, "Won", *[None] * 9],  # repeated, so it belongs to leads
        ["O-17", *[None] * 9, "O-18", *[None] * 9],  # numbers of orders
        ["Won", "Lost", *["Open", None] * 9],
    ],
)
def test_a_first_column_that_few_leads_have_is_no_group(first: list[str | None]) -> None:
    table = pd.DataFrame({"Order": first, "Id": [str(row) for row in range(20)]}, dtype=object)
    refuse_grouped_rows(table, "leads.csv")
