"""Tables in HTML, and XML workbooks of 2003: what some CRMs export under the name ``.xls``."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

from features.errors import LeadReadyError
from features.files.sheets import Sheet
from features.files.text.encodings import guess_encoding, is_utf8

MOST_BYTES = 1 << 29
_SPREADSHEET = "{urn:schemas-microsoft-com:office:spreadsheet}"
_CHARSET = re.compile(rb"charset=[\"']?([\w-]+)")


def read_html_rows(path: Path, encoding: str | None = None) -> list[list[str | None]]:
    """Read the largest table of an HTML page.

    Raises
    ------
    LeadReadyError
        If the page has no table.
    """
    parser = _Tables()
    parser.feed(_markup_text(path, encoding))
    parser.close()
    largest = max(parser.tables, key=len, default=[])
    if not largest:
        raise LeadReadyError(
            "this is a web page without a table",
            where=str(path),
            hint="export it as CSV or XLSX",
        )
    return largest


class _Tables(HTMLParser):
    """Collects the rows of each table."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str | None]]] = []
        self._cell: list[str] | None = None
        self._span = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._end_cell()
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self._end_cell()
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.tables and self.tables[-1]:
            self._end_cell()
            span = dict(attrs).get("colspan") or "1"
            self._cell, self._span = [], min(int(span), 1000) if span.isdecimal() else 1
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def close(self) -> None:
        super().close()
        self._end_cell()

    def _end_cell(self) -> None:
        if self._cell is not None:
            text = "".join(self._cell).strip()
            self.tables[-1][-1] += [text or None, *[None] * (self._span - 1)]
            self._cell = None


def read_xml_sheets(path: Path) -> list[Sheet]:
    """Read the sheets of an XML workbook of 2003.

    Raises
    ------
    LeadReadyError
        If the XML is damaged.
    """
    text = _markup_text(path, None)
    try:
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise ElementTree.ParseError("entities are not read")
        root = ElementTree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    except ElementTree.ParseError as error:
        raise LeadReadyError(
            "the XML of the workbook is damaged",
            where=str(path),
            hint="open it in a spreadsheet and save it as XLSX or CSV",
        ) from error
    return [
        Sheet(
            worksheet.get(f"{_SPREADSHEET}Name", "Sheet"),
            [_xml_cells(row) for row in worksheet.iter(f"{_SPREADSHEET}Row")],
        )
        for worksheet in root.iter(f"{_SPREADSHEET}Worksheet")
    ]


def _xml_cells(row: ElementTree.Element) -> list[str | None]:
    cells: list[str | None] = []
    for cell in row.iter(f"{_SPREADSHEET}Cell"):
        index = cell.get(f"{_SPREADSHEET}Index", "")
        if index.isdecimal() and int(index) <= 16_384:
            cells += [None] * (int(index) - 1 - len(cells))
        data = cell.find(f"{_SPREADSHEET}Data")
        text = "".join(data.itertext()).strip() if data is not None else ""
        if data is not None and data.get(f"{_SPREADSHEET}Type") == "DateTime":
            text = text.replace("T00:00:00.000", "")
        cells.append(text or None)
    return cells


def _markup_text(path: Path, encoding: str | None) -> str:
    if path.stat().st_size > MOST_BYTES:
        raise LeadReadyError(
            "the file is too large for a web page or XML workbook",
            where=str(path),
            hint="export it as CSV",
        )
    content = path.read_bytes()
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    declared = _CHARSET.search(content[:4096])
    named = encoding or (declared[1].decode() if declared else None)
    if is_utf8(content) and encoding is None:
        named = "utf-8-sig"
    try:
        return content.decode(named or guess_encoding(content[:65536]) or "cp1252", "replace")
    except LookupError:
        return content.decode("cp1252", errors="replace")
