"""Any CSV file comes out as the text that it holds; a file that is no table is named by line."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import LeadReadyError
from features.files.open_table import read_text_table
from features.files.text.csv_dialect import detect_dialect
from features.files.text.csv_reader import read_csv_text

BLANKS = (
    " \t\n\r\f\v\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u202f\u205f\u3000\x1c\x1d\x1e\x1f\x85\u2028\u2029"
)


def write_file(folder: Path, content: str | bytes) -> Path:
    file = folder / "a.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_detected(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = [["Id", "Stadt, Land", "Größe"], ["1", "München", "5,5"], ["2", "", "7"]]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    table = read_text_table(write_file(tmp_path, text.getvalue().encode(encoding)))
    assert table.columns.tolist() == rows[0]
    assert table.to_numpy().tolist() == [["1", "München", "5,5"], ["2", None, "7"]]


def test_the_dialect_is_described(tmp_path: Path) -> None:
    file = write_file(tmp_path, "sep=;\n'a';'b'\n'1';'x;y'\n")
    dialect = detect_dialect(file, file)
    assert (dialect.delimiter, dialect.quote, dialect.escape) == (";", "'", None)
    assert (dialect.names, dialect.skip, dialect.width) == (("a", "b"), 2, 2)


def test_a_byte_that_is_not_utf8_is_found_far_down_in_a_file(tmp_path: Path) -> None:
    content = b"name,city\n" + b'a,"b"\n' * 100_000 + "José,x\n".encode("cp1252")
    assert read_text_table(write_file(tmp_path, content))["name"].iloc[-1] == "José"


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
def test_the_many_ways_to_write_csv(
    tmp_path: Path, content: str, expected: list[list[str]]
) -> None:
    table = read_text_table(write_file(tmp_path, content))
    assert table.columns.tolist() == ["a", "b"]
    assert table.to_numpy().tolist() == expected


cells = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"], include_characters="\n\"',;\t"),
    max_size=12,
)


@given(
    rows=st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=20),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
)
def test_cells_come_back_as_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], delimiter: str
) -> None:
    """Whatever cells hold, if quoted as the standard says; only surrounding blanks are removed."""
    file = tmp_path_factory.mktemp("csv") / "a.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        writer.writerows([["a", "b", "c"], *rows])
    stripped = [[cell.strip(BLANKS) or None for cell in row] for row in rows]
    expected = [row for row in stripped if any(row)]
    assert read_text_table(file).to_numpy().tolist() == expected


@pytest.mark.parametrize("length", [1_000_000, 20_000_000])
def test_very_long_cells_are_read(tmp_path: Path, length: int) -> None:
    table = read_text_table(write_file(tmp_path, "a,b\n" + "x" * length + ",2\n3,4\n"))
    assert len(table["a"].iloc[0]) == length


def test_a_long_cell_with_line_breaks_is_read(tmp_path: Path) -> None:
    table = read_text_table(write_file(tmp_path, 'a,b\n"' + "x\n" * 500_000 + '",2\n'))
    assert len(table["a"].iloc[0]) == 999_999


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "a.csv: the file is empty"),
        ("\n \n", "a.csv: the file is empty"),
        ("a,b,c\n1,2,3\n1,2\n", "a.csv:3: a row has 2 cells, the header has 3"),
        (
            "a,b\n" + "1,2\n" * 100_000 + "1,2,3\n",
            "a.csv:100002: a row has 3 cells, the header has 2",
        ),
        (bytes(range(256)) * 40, "a.csv: this is not a text file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "a.csv: this is not a text file"),
    ],
)
def test_a_file_that_is_no_table_is_an_error_with_its_line(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    with pytest.raises(LeadReadyError) as caught:
        read_text_table(write_file(tmp_path, content))
    assert str(caught.value).replace(f"{tmp_path}/", "") == message
    assert caught.value.hint, "every error says how to fix it"


def test_an_error_shows_nothing_of_a_row(tmp_path: Path) -> None:
    """Rows hold what people told a company in confidence."""
    with pytest.raises(LeadReadyError) as caught:
        read_text_table(write_file(tmp_path, "name,mail\nJosé,jose@example.com,secret\n"))
    assert "jose" not in f"{caught.value} {caught.value.hint}"


def test_only_the_wanted_columns_are_read_and_coded(tmp_path: Path) -> None:
    file = write_file(tmp_path, "a,b,c\n1,x,2\n1,y,3\n")
    table = read_csv_text(file, columns=["c", "b", "nothing"], coded=["b"])
    assert table.column_names == ["b", "c"]
    assert pa.types.is_dictionary(table.column("b").type)
    assert not pa.types.is_dictionary(table.column("c").type)


def test_a_blank_row_that_is_cut_short_before_a_total_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("Id;Bought;Sum\nA;Y;3\nB;N;4\n;;\n;\nTotal;;7\n")
    assert read_csv_text(file).column("Id").to_pylist() == ["A", "B"]
