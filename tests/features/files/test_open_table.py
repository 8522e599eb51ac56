"""Any file comes out as the text that it holds; what is no table is named with its line."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import LeadReadyError
from features.files.arrow_text import as_text, from_frame, to_codes
from features.files.dates import parse_dates, read_dates
from features.files.open_table import (
    find_file,
    names_of,
    parse_numbers,
    read_arrow,
    read_text_table,
)

IDS = ["5805028000056864695", "5805028000056864696", "0012"]


def table(tmp_path: Path, content: str | bytes, name: str = "a.csv") -> pd.DataFrame:
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return read_text_table(file)


def error(tmp_path: Path, content: str | bytes, name: str = "a.csv") -> tuple[str, str]:
    with pytest.raises(LeadReadyError) as caught:
        table(tmp_path, content, name)
    assert caught.value.hint, "every error says what mends it"
    return str(caught.value).replace(f"{tmp_path}/", ""), caught.value.hint


# -- text files -----------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found_out(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    rows = [["Id", "Stadt, Land", "Größe"], ["1", "München", "5,5"], ["2", "", "7"]]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    found = table(tmp_path, text.getvalue().encode(encoding))
    assert found.columns.tolist() == rows[0]
    assert found.to_numpy().tolist() == [["1", "München", "5,5"], ["2", None, "7"]]


def test_a_byte_that_is_no_utf8_far_down_in_a_file_is_found(tmp_path: Path) -> None:
    text = b"name,city\n" + b'a,"b"\n' * 100_000 + "José,x\n".encode("cp1252")
    assert table(tmp_path, text)["name"].iloc[-1] == "José"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('a,b\n"x\ny",2\n"say ""hi""",3\n', [["x\ny", "2"], ['say "hi"', "3"]]),
        ('a,b\n"say \\"hi\\"",3\n', [['say "hi"', "3"]]),
        ("'a','b'\n'1','x,y'\n", [["1", "x,y"]]),
        ('a,b\n5" pipe,2\n', [['5" pipe', "2"]]),
        ("a,b\r\n1,2\r\n", [["1", "2"]]),
        ("a,b\r1,2\r", [["1", "2"]]),
        ("sep=;\na;b\n1;2\n", [["1", "2"]]),
        ("\n\na,b\n\n1,2\n", [["1", "2"]]),
        ("a,b\n1 ,\t2\n , \n,\n", [["1", "2"]]),
        ("a,b\n1,2", [["1", "2"]]),
        ("a,b\n", []),
        ("a,b", []),
        ("a,b,\n1,2,\n", [["1", "2"]]),
    ],
)
def test_the_many_manners_of_csv(tmp_path: Path, content: str, expected: list[list[str]]) -> None:
    found = table(tmp_path, content)
    assert found.columns.tolist() == ["a", "b"]
    assert found.to_numpy().tolist() == expected


cells = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"], include_characters="\n\"',;\t"),
    max_size=12,
)


@given(
    rows=st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=20),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], delimiter: str
) -> None:
    """Whatever cells hold, quoted as the standard says, comes back, blanks around it apart."""
    file = tmp_path_factory.mktemp("csv") / "a.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        writer.writerows([["a", "b", "c"], *rows])
    blanks = " \t\n\r\f\v\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    blanks += "\u200a\u202f\u205f\u3000\x1c\x1d\x1e\x1f\x85\u2028\u2029"
    told = [[cell.strip(blanks) or None for cell in row] for row in rows]
    expected = [row for row in told if any(row)]
    assert read_text_table(file).to_numpy().tolist() == expected


def test_a_cell_as_long_as_a_book_is_read(tmp_path: Path) -> None:
    for length in (1_000_000, 20_000_000):
        assert len(table(tmp_path, "a,b\n" + "x" * length + ",2\n3,4\n")["a"].iloc[0]) == length
    assert len(table(tmp_path, 'a,b\n"' + "x\n" * 500_000 + '",2\n')["a"].iloc[0]) == 999_999


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "a.csv: the file is empty"),
        ("\n \n", "a.csv: the file is empty"),
        ("a,b,a\n1,2,3\n", "a.csv:1: the header names the column 'a' twice"),
        ("a,b,c\n1,2,3\n1,2\n", "a.csv:3: a row has 2 cells, the header has 3"),
        (
            "a,b\n" + "1,2\n" * 100_000 + "1,2,3\n",
            "a.csv:100002: a row has 3 cells, the header has 2",
        ),
        (b"name,city\nJ\x81,x\n", "a.csv: the text is neither UTF-8 nor cp1252"),
        (bytes(range(256)) * 40, "a.csv: this is no text file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "a.csv: this is no text file"),
    ],
)
def test_what_is_no_table_is_named_with_its_line(
    tmp_path: Path, content: str | bytes, says: str
) -> None:
    assert error(tmp_path, content)[0] == says


def test_an_error_shows_no_row(tmp_path: Path) -> None:
    """Rows hold what people told a company in confidence."""
    said = error(tmp_path, "name,mail\nJosé,jose@example.com,secret\n")
    assert "jose" not in " ".join(said)


def test_only_the_wanted_columns_are_read_and_coded(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b,c\n1,x,2\n1,y,3\n")
    found = read_arrow(tmp_path / "a.csv", wanted=["c", "b", "nothing"], coded=["b"])
    assert found.column_names == ["b", "c"]
    assert pa.types.is_dictionary(found.column("b").type)
    assert names_of(tmp_path / "a.csv") == ["a", "b", "c"]


# -- workbooks and Parquet ------------------------------------------------------------------------


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


def test_a_workbook_is_told_as_text(workbook: Path) -> None:
    found = read_text_table(workbook)
    told = [IDS[0], "7", "2.5", "true", "2024-03-01", "2024-03-01 09:30:00", "x"]
    assert found.to_numpy().tolist() == [told], "and blank rows are no rows"
    assert read_text_table(workbook, sheet="Other").shape == (0, 1)


def test_a_sheet_that_is_not_there_is_named(workbook: Path) -> None:
    with pytest.raises(LeadReadyError, match="unknown sheet 'Deal'; did you mean 'Deals'"):
        read_text_table(workbook, sheet="Deal")
    with pytest.raises(LeadReadyError, match="the sheet is empty"):
        read_text_table(workbook, sheet="Nothing")
    (workbook.parent / "a.csv").write_text("a\n1\n")
    with pytest.raises(LeadReadyError, match="only a workbook has a sheet"):
        read_text_table(workbook.parent / "a.csv", sheet="Deals")


def test_parquet_is_told_as_text(tmp_path: Path) -> None:
    zoned = pd.to_datetime(["2024-03-01 09:30+02:00", None])
    made = pa.table(
        {
            "id": [5805028000056864695, None],
            "float": [5.0, 0.1],
            "big": [1e20, float("inf")],
            "day": pa.array([dt.date(2024, 3, 1), None]),
            "zoned": pa.array(pd.Series(zoned)),
            "nano": pa.array([1, None], pa.timestamp("ns")),
            "flag": [True, None],
            "kind": pa.array(["a ", None]).dictionary_encode(),
            "list": [[1], None],
            "decimal": pa.array([None, "1.50"]).cast(pa.decimal128(5, 2)),
        }
    )
    pyarrow.parquet.write_table(made, tmp_path / "a.parquet")
    found = read_text_table(tmp_path / "a.parquet")
    assert found.iloc[0].tolist() == [
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
    assert found.iloc[1].tolist() == [None, "0.1", *[None] * 7, "1.50"]


def test_the_row_numbers_that_pandas_leaves_are_no_column(tmp_path: Path) -> None:
    pd.DataFrame({"a": ["x", "y"]}).iloc[[1]].to_parquet(tmp_path / "a.parquet")
    assert read_text_table(tmp_path / "a.parquet").columns.tolist() == ["a"]


def test_all_kinds_of_file_say_the_same(tmp_path: Path) -> None:
    said = pd.DataFrame({"id": IDS, "n": ["1", "2", None], "text": ["ä", None, "b;c"]})
    said.to_csv(tmp_path / "a.csv", index=False)
    said.to_excel(tmp_path / "a.xlsx", index=False)
    said.to_parquet(tmp_path / "a.parquet")
    read = [read_text_table(tmp_path / f"a.{kind}") for kind in ("csv", "xlsx", "parquet")]
    for one in read:
        assert one.to_numpy().tolist() == read[0].to_numpy().tolist()
    assert read[0]["id"].tolist() == IDS
    assert {type(one) for one in read[0].to_numpy().ravel()} == {str, type(None)}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("a.xlsx", "a.xlsx: the file cannot be read as a workbook"),
        ("a.parquet", "a.parquet: the file cannot be read as Parquet"),
        ("a.xls", "a.xls: no file of the kind '.xls' can be read"),
    ],
)
def test_junk_under_a_good_name_is_refused(tmp_path: Path, name: str, says: str) -> None:
    assert error(tmp_path, b"junk", name)[0] == says


# -- finding files --------------------------------------------------------------------------------


def test_a_file_is_found_beside_the_workspace_or_by_a_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "leads.csv").write_text("a\n1\n")
    monkeypatch.setenv("ACME", str(tmp_path / "data"))
    assert find_file("data/leads.csv", tmp_path, "x").read_text() == "a\n1\n"
    assert find_file("${ACME}/leads.csv", Path("nowhere"), "x").name == "leads.csv"


@pytest.mark.parametrize(
    ("said", "what", "hint"),
    [
        ("${NOWHERE}/a.csv", "the variable NOWHERE is not set", "export NOWHERE="),
        ("laeds.csv", "did you mean 'leads.csv'", "correct its name"),
        ("date/leads.csv", "there is no folder", "correct the path"),
        ("data", "is a folder", "name the file"),
    ],
)
def test_a_file_that_is_not_there_is_named_at_its_line(
    tmp_path: Path, said: str, what: str, hint: str
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "leads.csv").write_text("a\n")
    with pytest.raises(LeadReadyError, match=what) as caught:
        find_file(said, tmp_path, "leadready.yaml:3:9")
    assert caught.value.where == "leadready.yaml:3:9"
    assert hint in str(caught.value.hint)


# -- Arrow as text --------------------------------------------------------------------------------


def test_null_values_and_blanks_are_missing() -> None:
    column = pa.chunked_array([["Select", " a", "", "select"], [None, "-"]])
    assert as_text(column, ["Select", "-"]).to_pylist() == [None, "a", None, "select", None, None]


def test_codes_and_values_say_what_the_text_says() -> None:
    column = pa.chunked_array([["b", "a ", None], ["a", "Select", "c"]])
    codes, values = to_codes(column, ["Select"])
    told = [None if one < 0 else values[one] for one in codes]
    assert told == as_text(column, ["Select"]).to_pylist()
    assert len(values) == 3, "what differs by blanks only is one value"
    nothing, none = to_codes(pa.chunked_array([], pa.string()))
    assert (len(nothing), len(none)) == (0, 0)


def test_a_data_frame_is_taken_for_a_file() -> None:
    frame = pd.DataFrame(
        {"id": [5805028000056864695, 1], "mixed": [1, "x"], "gap": [1.0, np.nan]}, index=[7, 7]
    )
    found = from_frame(frame, ["id", "mixed", "gap"])
    told = {one: as_text(found.column(one)).to_pylist() for one in found.column_names}
    assert told == {"id": [IDS[0], "1"], "mixed": ["1", "x"], "gap": ["1", None]}


# -- dates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "formats", "utc"),
    [
        ("2024-02-01", None, "2024-02-01"),
        ("2024-02-01 10:00", None, "2024-02-01 10:00"),
        ("2024-02-01T10:00:00.25", None, "2024-02-01 10:00:00.25"),
        ("2024-02-01T10:00:00Z", None, "2024-02-01 10:00"),
        ("2024-02-01T10:00:00+02:00", None, "2024-02-01 08:00"),
        ("01.02.2024", "%d.%m.%Y", "2024-02-01"),
        ("2/1/2024 9:05", ("%d.%m.%Y", "%m/%d/%Y %H:%M"), "2024-02-01 09:05"),
        ("2024-02-01", ("%d.%m.%Y", "ISO8601"), "2024-02-01"),
        ("20240201", "%Y%m%d", "2024-02-01"),
    ],
)
def test_dates_are_read_in_utc(said: str, formats: str | tuple[str, ...], utc: str) -> None:
    read = parse_dates(pd.Series([said, None], index=[5, 3]), formats)
    assert read.dtype == "datetime64[us]"
    assert read.index.tolist() == [5, 3]
    assert read.iloc[0] == pd.Timestamp(utc)
    assert pd.isna(read.iloc[1])


def test_iso_dates_are_read_alike_alone_and_among_zoned_ones() -> None:
    """The fast way, taken where no value has a zone, says what the slow one says."""
    plain = pd.Series(["2024-02-01", "2024-02-01 10:00:01", "2024-02-01T10:00:00.123456"])
    mixed = pd.concat([plain, pd.Series(["2024-02-01T10:00:00+02:00"])])
    assert read_dates(plain, ["ISO8601"]).tolist() == read_dates(mixed, ["ISO8601"]).tolist()[:3]


def test_times_with_a_type_are_taken_as_they_are() -> None:
    zoned = pd.Series(pd.to_datetime(["2024-02-01 10:00+02:00"]))
    assert parse_dates(zoned).tolist() == [pd.Timestamp("2024-02-01 08:00")]


def test_a_few_unreadable_dates_are_missing_many_are_an_error() -> None:
    dates = pd.Series(["2024-02-01"] * 99 + ["soon"])
    assert parse_dates(dates).isna().sum() == 1
    with pytest.raises(LeadReadyError, match="10 of 19 dates are not ISO 8601, such as 'soon'"):
        parse_dates(pd.Series(["2024-02-01"] * 9 + ["soon"] * 10))


def test_mixed_formats_are_shown_side_by_side_with_the_line_to_write() -> None:
    mixed = pd.Series(["2024-02-01", "15.02.2024", "16.02.2024"])
    with pytest.raises(LeadReadyError) as caught:
        parse_dates(mixed)
    assert caught.value.what == (
        "2 of 3 dates are not ISO 8601, such as '15.02.2024'; others are, such as '2024-02-01'"
    )
    assert caught.value.hint == "write  date_format: ['ISO8601', '%d.%m.%Y']"
    assert parse_dates(mixed, ["ISO8601", "%d.%m.%Y"]).notna().all()


def test_the_hint_names_the_one_format_that_is_meant() -> None:
    with pytest.raises(LeadReadyError) as caught:
        parse_dates(pd.Series(["15.02.2024 10:00", "16.02.2024 11:00"]))
    assert caught.value.hint == "write  date_format: ['%d.%m.%Y %H:%M']"
    with pytest.raises(LeadReadyError) as caught:
        parse_dates(pd.Series(["04/04/2025", "03/04/2025"]))
    assert caught.value.hint == (
        "write  date_format: ['%m/%d/%Y']  if 03/04/2025 is 4 March, or  "
        "date_format: ['%d/%m/%Y']  if 03/04/2025 is 3 April"
    )
    with pytest.raises(LeadReadyError) as caught:
        parse_dates(pd.Series(["03/04/2025", "25/04/2025"]))
    assert caught.value.hint == "write  date_format: ['%d/%m/%Y']"
    with pytest.raises(LeadReadyError) as caught:
        parse_dates(pd.Series(["one", "two"]))
    assert "such as  date_format:" in str(caught.value.hint)


# -- numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("5", 5),
        ("-5", -5),
        ("5.5", 5.5),
        ("1e3", 1000),
        ("0", 0),
        ("1,200", 1200),
        ("1,200,000.50", 1200000.5),
        ("1.200,50", 1200.5),
        ("1,5", 1.5),
        ("1.200.000", 1200000),
        ("1 200", 1200),
        ("1'200", 1200),
        ("1\xa0200", 1200),
        ("€ 1 200", 1200),
        ("$5", 5),
        ("5 EUR", 5),
        ("45 %", 45),
        ("(1,200)", -1200),
        ("10k", 10_000),
        ("1.5M", 1_500_000),
        ("2 bn", 2e9),
        ("3 Mio", 3e6),
        ("51-200", 125.5),
        ("51–200 employees", 125.5),
        ("1 to 10", 5.5),
        ("$1M-$5M", 3e6),
        ("1-5k", 3000),
        ("1.001-5.000", 3000.5),
        ("1,001 - 5,000", 3000.5),
        ("10,000+", 10_000),
        ("10.000+", 10_000),
        ("500 or more", 500),
        ("> 500", 500),
        ("< 50", 25),
        ("under 50", 25),
        ("up to 50", 25),
        ("many", None),
        ("", None),
        ("2024-01-05", None),
        ("12 months", None),
        ("1-2-3", None),
        ("inf", None),
        ("nan", None),
        ("9-5", None),
        ("5 people or so", None),
        ("+", None),
    ],
)
def test_numbers_as_people_write_them(said: str, number: float | None) -> None:
    (read,) = parse_numbers(pd.Series([said], dtype=object))
    assert read == number if number is not None else np.isnan(read)


def test_a_number_does_not_depend_on_what_stands_around_it() -> None:
    """A lead scored alone gets the number that it had among all others."""
    said = ["1.200", "1.200,50", "1,200", "7", None, "x", "51-200", "1e3", "1,5"]
    together = parse_numbers(pd.Series(said, dtype=object)).tolist()
    alone = [parse_numbers(pd.Series([one], dtype=object)).iloc[0] for one in said]
    np.testing.assert_array_equal(together, alone)
    backwards = parse_numbers(pd.Series(said[::-1], dtype=object)).tolist()
    np.testing.assert_array_equal(backwards[::-1], alone)


def test_reading_changes_nothing_that_is_given() -> None:
    column = pd.Series(["1,200", None, "x"], index=[3, 3, 1], name="n")
    before = column.copy(deep=True)
    read = parse_numbers(column)
    assert (read.index.tolist(), read.name) == ([3, 3, 1], "n")
    with pytest.raises(LeadReadyError):
        parse_dates(column)
    pd.testing.assert_series_equal(column, before)
