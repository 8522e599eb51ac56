"""The same thirty leads come out of every shape of file, and what is left out is said."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from features.errors import LeadReadyError
from features.files.open_table import read_text_table
from features.files.reading_notes import Notes

HEADER = ["Lead ID", "Created", "Source", "Employees", "Stage"]
ROWS = [
    [f"00Q{number:03d}", f"2024-01-{number + 1:02d}", "Web", str(150 * number), "Won"]
    for number in range(30)
]
Lines = list[list[str]]


def csv_text(lines: Lines, delimiter: str = ",") -> str:
    return "".join(delimiter.join(line) + "\n" for line in lines)


def html(lines: Lines) -> str:
    rows = ("<tr>" + "".join(f"<td>{cell}</td>" for cell in line) + "</tr>" for line in lines)
    menu = "<table><tr><td>Home</td></tr></table>"
    return f"<html><head></head><body>{menu}<table border=1>{''.join(rows)}</table></body></html>"


def xml_2003(lines: Lines) -> str:
    def cell(text: str) -> str:
        return f'<Cell><Data ss:Type="String">{text}</Data></Cell>'

    rows = "".join(f"<Row>{''.join(map(cell, line))}</Row>" for line in lines)
    name = "urn:schemas-microsoft-com:office:spreadsheet"
    return (
        f'<?xml version="1.0"?><Workbook xmlns="{name}" xmlns:ss="{name}">'
        f'<Worksheet ss:Name="Leads"><Table>{rows}</Table></Worksheet></Workbook>'
    )


def read(file: Path, content: str | bytes, sheet: str | None = None) -> tuple[Lines, list[str]]:
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    notes: Notes = []
    table = read_text_table(file, sheet=sheet, notes=notes)
    return [list(table.columns), *table.to_numpy().tolist()], [note.text for note in notes]


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (csv_text([HEADER, *ROWS]), None),
        ("All leads of 2024\n\n" + csv_text([HEADER, *ROWS]), "1 row above the header"),
        ('"All leads, by region"\n' + csv_text([HEADER, *ROWS]), "1 row above the header"),
        ("Report:,All leads\nBy:,A. Person\n\n" + csv_text([HEADER, *ROWS]), "2 rows above"),
        ("# made by a job\n" + csv_text([HEADER, *ROWS]), "1 row above the header"),
        (csv_text([HEADER, *ROWS[:9]]) + "# more\n" + csv_text(ROWS[9:]), None),
        (csv_text([HEADER, ["", "yyyy-mm-dd", "", "people", ""], *ROWS]), "1 row of units"),
        (csv_text([HEADER, ["Nr.", "Tag", "", "Köpfe", ""], *ROWS]), "1 row of units"),
        (csv_text([HEADER, *ROWS, ["Grand Total", "", "", "65250", ""]]), "1 row of totals"),
        (csv_text([HEADER, *ROWS, ["", "", "Summe", "65250", ""]]), "1 row of totals"),
        (csv_text([HEADER, *ROWS]) + "\nTotal,,,65250,\n30 records\n", "2 rows of totals"),
        (
            csv_text([HEADER, *ROWS])
            + '\n\n"My report"\n"Copyright (c) 2024 X, inc. All rights reserved."\n"Confidential"\n',
            "3 rows of totals or footers",
        ),
        (csv_text([[*line, ""] for line in [HEADER, *ROWS]]), None),
        (csv_text([HEADER, *([*row, ""] for row in ROWS)]), None),
        (csv_text([HEADER, *ROWS[:20], *([*row, "", ""] for row in ROWS[20:])]), None),
        (csv_text([[*HEADER, ""], *ROWS]), None),
        ("sep=;\n" + csv_text([HEADER, *ROWS], ";"), None),
        ("sep=;\nAll leads\n" + csv_text([HEADER, *ROWS], ";"), "1 row above the header"),
        ("\ufeff" + csv_text([HEADER, *ROWS], "\t"), None),
        (html([HEADER, *ROWS]), None),
        (
            html([["Leads"], HEADER, *ROWS, ["Total", "", "", "65250", ""]]),
            "1 row above the header",
        ),
        (xml_2003([HEADER, *ROWS]), None),
        (xml_2003([["Title"], [], HEADER, *ROWS]), "1 row above the header"),
    ],
)
@pytest.mark.parametrize("name", ["leads.csv", "leads.xls"])
def test_the_leads_of_a_text_file(
    tmp_path: Path, name: str, content: str, note: str | None
) -> None:
    table, notes = read(tmp_path / name, content)
    assert table == [HEADER, *ROWS]
    assert note is None or note in " ".join(notes)
    assert (note is None) == (notes == [])


def workbook(**sheets: Lines) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, lines in sheets.items():
        sheet = book.create_sheet(name.removeprefix("hidden_"))
        if name.startswith("hidden_"):
            sheet.sheet_state = "hidden"
        for line in lines:
            sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


LEADS = [HEADER, *ROWS]
COVER = [["Export of our CRM"], [], ["Made by", "A. Person"]]


@pytest.mark.parametrize(
    ("sheets", "note"),
    [
        ({"Leads": LEADS}, None),
        ({"Cover": COVER, "Leads": LEADS}, "the sheet 'Leads' was read"),
        ({"hidden_Lists": LEADS[:9], "Leads": LEADS}, "the sheet 'Leads' was read"),
        ({"Leads": LEADS, "Empty": []}, "the sheet 'Leads' was read"),
        ({"Leads": [["Leads"], [], *LEADS]}, "1 row above the header"),
        ({"Leads": [*LEADS, ["Total", None, None, 65250, None]]}, "1 row of totals"),
        ({"Leads": [*LEADS, [], ["Generated on 2024-07-01"]]}, "1 row of totals or footers"),
    ],
)
def test_the_leads_of_a_workbook(
    tmp_path: Path, sheets: dict[str, Lines], note: str | None
) -> None:
    table, notes = read(tmp_path / "leads.xlsx", workbook(**sheets))
    assert table == LEADS
    assert note is None or note in " ".join(notes)


def test_two_tables_in_a_workbook_are_asked_about(tmp_path: Path) -> None:
    content = workbook(Leads=LEADS, Accounts=LEADS[:9], Notes=COVER)
    with pytest.raises(LeadReadyError) as caught:
        read(tmp_path / "a.xlsx", content)
    assert caught.value.what == (
        "the workbook has 2 sheets with tables: 'Leads' (31 rows) and 'Accounts' (9 rows)"
    )
    assert str(caught.value.hint).startswith('name one: --sheet "Leads"')
    assert len(read(tmp_path / "a.xlsx", content, "Accounts")[0]) == 9


def test_a_repeated_heading_keeps_both_columns(tmp_path: Path) -> None:
    table, notes = read(tmp_path / "a.csv", "Id,City,City\n1,Rome,Bonn\n2,Oslo,Ulm\n")
    assert table == [["Id", "City", "City (2)"], ["1", "Rome", "Bonn"], ["2", "Oslo", "Ulm"]]
    assert notes == ["a heading is repeated, so the columns are called City (2)"]


def test_a_line_break_in_a_heading_is_a_blank(tmp_path: Path) -> None:
    table, _ = read(tmp_path / "a.csv", '"Lead\nID",City\n1,Rome\n2,Bonn\n')
    assert table == [["Lead ID", "City"], ["1", "Rome"], ["2", "Bonn"]]


@pytest.mark.parametrize("last", ["Total Energies,Paris,5", "2,,", "Sum Systems,Rome,"])
def test_a_lead_at_the_end_is_not_a_footer(tmp_path: Path, last: str) -> None:
    table, notes = read(tmp_path / "a.csv", f"Name,City,Size\nA,Rome,7\nB,Bonn,9\n{last}\n")
    assert (len(table), notes) == (4, [])


def zipped(names: list[str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, csv_text(LEADS))
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("leads.csv.gz", gzip.compress(csv_text(LEADS).encode())),
        ("leads.csv.gz", gzip.compress(workbook(Leads=LEADS))),
        ("leads.zip", zipped(["leads.csv"])),
        ("leads.zip", zipped(["out/leads.csv", "__MACOSX/._leads.csv"])),
    ],
)
def test_packed_files_are_read(tmp_path: Path, name: str, content: bytes) -> None:
    assert read(tmp_path / name, content)[0] == LEADS


def test_an_archive_with_two_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LeadReadyError, match=r"has 2 files, .* from it: a.csv and b.csv") as error:
        read(tmp_path / "a.zip", zipped(["out/a.csv", "out/b.csv"]))
    assert error.value.hint is not None
    assert f"unzip {tmp_path}/a.zip -d {tmp_path}/a " in error.value.hint
    assert error.value.hint.endswith(f"leadready init DIR {tmp_path}/a/out")


def test_an_archive_without_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LeadReadyError, match="the archive has no file"):
        read(tmp_path / "a.zip", zipped(["__MACOSX/._leads.csv"]))


def test_several_files_are_one_table(tmp_path: Path) -> None:
    (tmp_path / "leads-2024-01.csv").write_text("Id,City\n1,Rome\n")
    (tmp_path / "leads-2024-02.csv").write_text("City;Size;Id\nBonn;5;2\n")
    (tmp_path / "other.csv").write_text("x\n1\n")
    notes: Notes = []
    table = read_text_table(tmp_path / "leads-2024-*.csv", notes=notes)
    assert table.to_numpy().tolist() == [["1", "Rome", None], ["2", "Bonn", "5"]]
    assert [note.text for note in notes] == [
        "2 files were read as one table",
        "leads-2024-02.csv and leads-2024-01.csv differ in Size",
    ]
    with pytest.raises(LeadReadyError, match="no file fits"):
        read_text_table(tmp_path / "nothing-*.csv")
    with pytest.raises(LeadReadyError, match="none of the columns of leads-2024-01"):
        read_text_table(tmp_path / "*.csv")


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.xls", "<html><body>Session expired</body></html>", "a web page without a table"),
        (
            "a.xls",
            '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Work',
            "the XML of the workbook is damaged",
        ),
        ("a.csv.gz", gzip.compress(b"a,b\n1,2\n")[:-9], "damaged or needs a password"),
        ("a.xlsx", workbook(Leads=LEADS)[:-500], "cannot be read as a workbook"),
        ("a.csv", zipped(["[Content_Types].xml"]), "this is not a workbook"),
    ],
    ids=["web page", "XML", "gzip", "XLSX", "ZIP"],
)
def test_damaged_files_are_clean_errors(
    tmp_path: Path, name: str, content: str | bytes, what: str
) -> None:
    with pytest.raises(LeadReadyError, match=what):
        read(tmp_path / name, content)


def replaced(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook with another text of its first sheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            text = old.read(member)
            is_sheet = member.filename == "xl/worksheets/sheet1.xml"
            new.writestr(member.filename, change(text) if is_sheet else text)
    return out.getvalue()


def test_broken_xml_in_a_workbook_is_a_clean_error(tmp_path: Path) -> None:
    broken = replaced(workbook(Leads=LEADS), lambda text: text[:900])
    with pytest.raises(LeadReadyError, match="cannot be read as a workbook"):
        read(tmp_path / "a.xlsx", broken)


def test_a_cell_far_outside_the_table_is_refused(tmp_path: Path) -> None:
    far = (
        b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    )
    content = workbook(Leads=LEADS)
    with pytest.raises(LeadReadyError, match="reaches to column XFD and row 1,048,576"):
        read(tmp_path / "a.xlsx", replaced(content, lambda t: t.replace(b"</sheetData>", far)))
    empty = b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    formatted = replaced(content, lambda text: text.replace(b"</sheetData>", empty))
    assert read(tmp_path / "b.xlsx", formatted)[0] == LEADS


@pytest.mark.parametrize(
    "cell",
    [
        b'<c s="1" r="XFD1048576"><v>1</v></c>',
        b"<c r='XFD1048576'><v>1</v></c>",
        b'<x:c r="XFD1048576"><x:v>1</x:v></x:c>',
        b'<c\nr="XFD1048576"><v>1</v></c>',
    ],
    ids=["another attribute first", "single quotes", "prefix", "line break"],
)
def test_a_cell_far_outside_is_refused_however_the_xml_is_written(
    tmp_path: Path, cell: bytes
) -> None:
    far = b'<row r="1048576">' + cell + b"</row></sheetData>"
    content = replaced(workbook(Leads=LEADS), lambda text: text.replace(b"</sheetData>", far))
    with pytest.raises(LeadReadyError, match="reaches to column XFD and row 1,048,576"):
        read(tmp_path / "a.xlsx", content)


def test_a_tall_sheet_whose_cells_fit_is_read(tmp_path: Path) -> None:
    tall = [["Id", "Stage"], *([str(row), "Won"] for row in range(1_200))]
    assert read(tmp_path / "a.xlsx", workbook(Leads=tall))[0] == tall


def test_wrong_bytes_within_a_workbook_are_a_clean_error(tmp_path: Path) -> None:
    """A flipped byte may be found by the directory, the check sum or only by unpacking."""
    path = tmp_path / "leads.xlsx"
    content = workbook(Leads=[["Id", "Stage"], *([str(row), "Won"] for row in range(500))])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.getinfo("xl/worksheets/sheet1.xml")
    begin = sheet.header_offset + 30 + len(sheet.filename)
    for place in range(begin, begin + sheet.compress_size, 97):
        path.write_bytes(content[:place] + b"\xff\xff\xff" + content[place + 3 :])
        with pytest.raises(LeadReadyError, match="cannot be read as a workbook"):
            read_text_table(path)
