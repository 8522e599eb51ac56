"""JSON as programs and interfaces hand it out: a list of records, or a record on each line.

The list may stand alone or in a member such as ``records``, ``results``, ``data`` or ``value``.
Records within records become columns such as ``Owner.Name``. Numbers keep all their digits: they
are read as the text that stands in the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from features.errors import LeadReadyError
from features.files.headings import header_names
from features.files.reading_notes import Notes, ReadingNote
from features.text import join

MOST_BYTES = 1 << 29
LINES = (".jsonl", ".ndjson")  # a record on each line, even if there is only one
CHOICES = ";"  # between the values of a list, as in multiple choice
_ABOUT_THE_RECORD = {"type", "url"}  # what Salesforce adds to each record, as "attributes"
_MORE = ("nextRecordsUrl", "@odata.nextLink", "paging", "next")  # of an answer that is one page
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=lambda _: None)
Record = dict[str, Any]


def read_json_records(path: Path, where: Path, notes: Notes) -> pa.Table:
    """Read the records of a JSON file, every value as text.

    Parameters
    ----------
    path : path
        The file, in UTF-8.
    where : path
        The file that errors name.
    notes : list
        Filled with what was left out.

    Raises
    ------
    LeadReadyError
        If it is not JSON, or has no list of records, or several.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp(), "leads.json")
    >>> _ = file.write_text('{"records": [{"Id": 7000000000000000001, "Owner": {"Name": "Bo"}}]}')
    >>> read_json_records(file, file, []).to_pylist()
    [{'Id': '7000000000000000001', 'Owner.Name': 'Bo'}]
    """
    if path.stat().st_size > MOST_BYTES:
        raise LeadReadyError(
            f"JSON files of more than {MOST_BYTES >> 20} MB are not read",
            where=str(where),
            hint="export it as CSV or Parquet",
        )
    try:
        content = _content(path.read_text("utf-8-sig"), where)
        columns, lists = _columns(_records(content, where, notes))
    except RecursionError:
        raise LeadReadyError("values are nested too deeply", where=str(where)) from None
    if not columns:
        raise LeadReadyError("the file has no records", where=str(where), hint="export it again")
    if lists:
        text = f"left out, because they list records of their own: {join(sorted(lists), most=5)}"
        notes.append(ReadingNote("lists left out", text))
    names = header_names(where, list(columns), notes)
    values = (pa.chunked_array([pa.array(column, pa.string())]) for column in columns.values())
    return pa.table(dict(zip(names, values, strict=True)))


def _content(text: str, where: Path) -> Any:
    """What the file holds; records on lines as a list."""
    lines = text.split("\n")
    try:
        content = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        if not _is_record(lines[0]):
            raise _not_json(where, error, error.lineno) from error
        return _records_of_lines(lines, where)
    return [content] if where.suffix.lower() in LINES and isinstance(content, dict) else content


def _records(content: Any, where: Path, notes: Notes) -> list[Record]:
    if isinstance(content, dict):
        found = dict(_lists_of_records(content))
        if len(found) > 1:
            raise LeadReadyError(
                f"the file has several lists of records: {join(found)}",
                where=str(where),
                hint="save each as a file of its own",
            )
        if found and any(content.get(name) for name in _MORE):
            text = "the file says that more records follow: it is one page of an answer"
            notes.append(ReadingNote("one page", text))
        content = next(iter(found.values()), None)
    if not isinstance(content, list) or not all(isinstance(record, dict) for record in content):
        raise LeadReadyError(
            "the file is not a list of records",
            where=str(where),
            hint='save it as [{"Id": …}, …], as a record on each line, or as CSV',
        )
    return content


def _is_record(line: str) -> bool:
    try:
        return isinstance(_DECODER.decode(line), dict)
    except json.JSONDecodeError:
        return False


def _records_of_lines(lines: list[str], where: Path) -> list[Any]:
    records = []
    for number, line in enumerate(lines, start=1):
        try:
            records += [_DECODER.decode(line)] if line.strip() else []
        except json.JSONDecodeError as error:
            raise _not_json(where, error, number) from error
    return records


def _not_json(where: Path, error: json.JSONDecodeError, line: int) -> LeadReadyError:
    return LeadReadyError(
        f"not JSON: {error.msg}",
        where=f"{where}:{line}:{error.colno}",
        hint="export it again: it may have been cut off",
    )


def _lists_of_records(content: Record, within: str = "") -> Iterator[tuple[str, list[Record]]]:
    """Each list of records in the members of a record, by its name."""
    for name, value in content.items():
        if isinstance(value, dict):
            yield from _lists_of_records(value, f"{within}{name}.")
        elif isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
            yield f"{within}{name}", value


def _columns(records: list[Record]) -> tuple[dict[str, list[str | None]], set[str]]:
    """The values of each column, and the members that list records of their own."""
    columns: dict[str, list[str | None]] = {}
    lists: set[str] = set()
    for row, record in enumerate(records):
        for name, value in _members(record):
            if isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
                lists.add(name)
                continue
            column = columns.setdefault(name, [])
            column += [None] * (row - len(column))
            column[row:] = [_text(value)]
    for column in columns.values():
        column += [None] * (len(records) - len(column))
    return columns, lists


def _members(record: Record, within: str = "") -> Iterator[tuple[str, Any]]:
    """The members of a record and of the records in it."""
    for name, value in record.items():
        if not isinstance(value, dict):
            yield f"{within}{name}", value
        elif not (name == "attributes" and value.keys() == _ABOUT_THE_RECORD):
            yield from _members(value, f"{within}{name}.")


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        return CHOICES.join(text for each in value if (text := _text(each))) or None
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)
