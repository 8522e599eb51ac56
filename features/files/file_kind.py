"""What a file is, by its content: the ending of its name is often wrong."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from pathlib import Path

from features.errors import LeadReadyError

TEXT, WORKBOOK, PARQUET, HTML, XML_WORKBOOK, JSON, GZIP, ZIP = (
    "text",
    "workbook",
    "parquet",
    "HTML",
    "XML workbook",
    "JSON",
    "gzip",
    "zip",
)
# What Python raises for an archive that is cut off, has wrong bytes (in its directory, its sizes or
# its packed data), needs a password (RuntimeError) or is packed in a way that it does not know.
DAMAGED_ARCHIVE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError),
    *(ValueError, RuntimeError, NotImplementedError),
)
JSON_ENDINGS = (".json", ".jsonl", ".ndjson")
WITH_SHEETS = (WORKBOOK, XML_WORKBOOK)
ENDINGS = (
    *(".csv", ".tsv", ".txt", ".tab", ".dat", "", ".gz", ".zip", ".html", ".htm", ".xml"),
    *(".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".parquet", ".pq"),
    *JSON_ENDINGS,
)
_WORKBOOK_MEMBERS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
_RECORDS = re.compile(rb'\[?\s*\{\s*"')  # how JSON begins
_SPECIAL = {
    stat.S_ISFIFO: "a named pipe",
    stat.S_ISSOCK: "a socket",
    stat.S_ISCHR: "a device",
    stat.S_ISBLK: "a device",
}


def file_kind(path: Path) -> str:
    """Say what a file is.

    Raises
    ------
    LeadReadyError
        If it is a kind of file that cannot hold a table.
    """
    refuse_special(path)
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(b"PAR1") or path.suffix.lower() in (".parquet", ".pq"):
        return PARQUET
    if start.startswith(b"\x1f\x8b"):
        return GZIP
    if start.startswith(b"PK\x03\x04"):
        return _kind_of_zip(path)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return WORKBOOK
    if path.suffix.lower() in (".xlsx", ".xlsm", ".xlsb", ".ods"):
        raise unreadable_workbook(path)
    if path.suffix.lower() not in ENDINGS:
        raise LeadReadyError(
            f"{path.suffix} files cannot be read",
            where=str(path),
            hint="export it as CSV, XLSX, Parquet or JSON",
        )
    if path.suffix.lower() in JSON_ENDINGS or _RECORDS.match(_plain(start)):
        return JSON
    return _kind_of_markup(_plain(start))


def refuse_special(path: Path, where: str | None = None) -> None:
    """Refuse pipes, sockets and devices: they may never end."""
    mode = path.stat().st_mode
    for is_kind, words in _SPECIAL.items():
        if is_kind(mode):
            raise LeadReadyError(
                f"{path} is {words}, not a file",
                where=where or str(path),
                hint="save the data as a file and name that",
            )


def unreadable_workbook(path: Path) -> LeadReadyError:
    """Say that a workbook is damaged."""
    return LeadReadyError(
        "the file cannot be read as a workbook",
        where=str(path),
        hint="open it in a spreadsheet and save it again as XLSX or CSV",
    )


def _kind_of_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except DAMAGED_ARCHIVE as error:
        raise unreadable_workbook(path) from error
    if names.intersection(_WORKBOOK_MEMBERS):
        return WORKBOOK
    if "[Content_Types].xml" in names:
        raise LeadReadyError(
            "this is not a workbook", where=str(path), hint="give a CSV, XLSX, Parquet or JSON file"
        )
    return ZIP


def _plain(start: bytes) -> bytes:
    return start.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()


def _kind_of_markup(text: bytes) -> str:
    if b"urn:schemas-microsoft-com:office:spreadsheet" in text and text.startswith(b"<?xml"):
        return XML_WORKBOOK
    html = (b"<html", b"<!doctype html", b"<table", b"<meta", b"<head", b"<style", b"<div")
    return HTML if text.startswith(html) or (text[:1] == b"<" and b"<table" in text) else TEXT
