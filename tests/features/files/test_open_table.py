"""Workbooks and Parquet come out as text, and a missing or unreadable file is named."""

from __future__ import annotations

import datetime as dt
import os
import socket
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

from features.errors import LeadReadyError
from features.files.open_table import column_names, find_file, read_arrow, read_text_table

IDS = ["5805028000056864695", "5805028000056864696", "0012"]


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "Deals"
    cells = [IDS[0], 7, 2.5, True, dt.datetime(2024, 3, 1), dt.datetime(2024, 3, 1, 9, 30), " x "]
    for row in (["Id", "n", "f", "yes", "day", "time", "text"], cells, [None] * 7, [""] * 7):
        book.active.append(row)
    book.create_sheet("Other").append(["only a header"])
    book.create_sheet("Nothing")
    book.save(tmp_path / "a.xlsx")
    return tmp_path / "a.xlsx"


def test_a_workbook_is_read_as_text_without_blank_rows(workbook: Path) -> None:
    expected = [IDS[0], "7", "2.5", "true", "2024-03-01", "2024-03-01 09:30:00", "x"]
    assert read_text_table(workbook).to_numpy().tolist() == [expected]
    assert read_text_table(workbook, sheet="Other").shape == (0, 1)


def test_a_sheet_that_does_not_exist_is_named(workbook: Path) -> None:
    with pytest.raises(LeadReadyError, match="unknown sheet 'Deal'; did you mean 'Deals'"):
        read_text_table(workbook, sheet="Deal")
    with pytest.raises(LeadReadyError, match="the sheet is empty"):
        read_text_table(workbook, sheet="Nothing")
    (workbook.parent / "a.csv").write_text("a\n1\n")
    with pytest.raises(LeadReadyError, match="only a workbook has a sheet"):
        read_text_table(workbook.parent / "a.csv", sheet="Deals")


def test_parquet_is_read_as_text(tmp_path: Path) -> None:
    zone = dt.timezone(dt.timedelta(hours=2))
    typed = pa.table(
        {
            "id": [5805028000056864695, None],
            "float": [5.0, 0.1],
            "big": [1e20, float("inf")],
            "day": pa.array([dt.date(2024, 3, 1), None]),
            "zoned": pa.array([dt.datetime(2024, 3, 1, 9, 30, tzinfo=zone), None]),
            "nano": pa.array([1, None], pa.timestamp("ns")),
            "flag": [True, None],
            "kind": pa.array(["a ", None]).dictionary_encode(),
            "list": [[1], None],
            "decimal": pa.array([None, "1.50"]).cast(pa.decimal128(5, 2)),
        }
    )
    pyarrow.parquet.write_table(typed, tmp_path / "a.parquet")
    table = read_text_table(tmp_path / "a.parquet")
    assert table.iloc[0].tolist() == [
        "5805028000056864695",
        "5",
        "1e+20",
        "2024-03-01",
        "2024-03-01 07:30:00",
        "1970-01-01",
        "true",
        "a",
        "[1]",
        None,
    ]
    assert table.iloc[1].tolist() == [None, "0.1", *[None] * 7, "1.50"]


def test_the_row_numbers_that_pandas_adds_are_not_a_column(tmp_path: Path) -> None:
    pd.DataFrame({"a": ["x", "y"]}).iloc[[1]].to_parquet(tmp_path / "a.parquet")
    assert read_text_table(tmp_path / "a.parquet").columns.tolist() == ["a"]
    assert column_names(tmp_path / "a.parquet") == ["a"]


def test_all_formats_give_the_same_table(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": IDS, "n": ["1", "2", None], "text": ["ä", None, "b;c"]})
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    frame.to_parquet(tmp_path / "a.parquet")
    files = [tmp_path / f"a.{ending}" for ending in ("csv", "xlsx", "parquet")]
    for table in map(read_text_table, files):
        assert table["id"].tolist() == IDS
        assert (
            table.to_numpy().tolist()
            == frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
        )
        assert {type(value) for value in table.to_numpy().ravel()} == {str, type(None)}
    assert [column_names(file) for file in files] == [["id", "n", "text"]] * 3


def test_only_the_wanted_columns_of_parquet_are_read(tmp_path: Path) -> None:
    whole = pa.table({"a": ["1"], "b": ["x"], "c": [2]})
    pyarrow.parquet.write_table(whole, tmp_path / "a.parquet")
    table = read_arrow(tmp_path / "a.parquet", columns=["c", "b", "nothing"], coded=["b"])
    assert table.column_names == ["b", "c"]
    assert pa.types.is_dictionary(table.column("b").type)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.xlsx", "a.xlsx: the file cannot be read as a workbook"),
        ("a.parquet", "a.parquet: the file cannot be read as Parquet"),
        ("a.ods", "a.ods: the file cannot be read as a workbook"),
        ("a.docx", "a.docx: .docx files cannot be read"),
    ],
)
def test_a_file_that_is_not_what_its_ending_says_is_refused(
    tmp_path: Path, name: str, message: str
) -> None:
    (tmp_path / name).write_bytes(b"junk")
    with pytest.raises(LeadReadyError) as caught:
        read_text_table(tmp_path / name)
    assert str(caught.value).replace(f"{tmp_path}/", "") == message
    assert caught.value.hint


# -- finding files --------------------------------------------------------------------------------


def test_a_file_is_found_beside_the_workspace_or_through_a_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "leads.csv").write_text("a\n1\n")
    monkeypatch.setenv("ACME", str(tmp_path / "data"))
    assert find_file("data/leads.csv", tmp_path, "x").read_text() == "a\n1\n"
    assert find_file("${ACME}/leads.csv", Path("nowhere"), "x").name == "leads.csv"


@pytest.mark.parametrize(
    ("name", "what", "hint"),
    [
        ("${NOWHERE}/a.csv", "the variable NOWHERE is not set", "export NOWHERE="),
        ("laeds.csv", "did you mean 'leads.csv'", "correct its name"),
        ("date/leads.csv", "there is no folder", "correct the path"),
        ("data", "is a folder", "name a file in it"),
    ],
)
def test_a_missing_file_is_an_error_at_the_line_that_names_it(
    tmp_path: Path, name: str, what: str, hint: str
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "leads.csv").write_text("a\n")
    with pytest.raises(LeadReadyError, match=what) as caught:
        find_file(name, tmp_path, "leadready.yaml:3:9")
    assert caught.value.where == "leadready.yaml:3:9"
    assert hint in str(caught.value.hint)


def _bind_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


@pytest.mark.parametrize("make", [os.mkfifo, _bind_socket])
def test_pipes_and_sockets_are_refused_at_once(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "leads.csv")
    for read in (
        lambda: read_text_table(tmp_path / "leads.csv"),
        lambda: find_file("leads.csv", tmp_path, "leadready.yaml:2"),
    ):
        with pytest.raises(LeadReadyError, match=r"is a (named pipe|socket), not a file"):
            read()


def test_a_device_is_refused_at_once() -> None:
    with pytest.raises(LeadReadyError, match="is a device, not a file"):
        read_text_table("/dev/zero")
