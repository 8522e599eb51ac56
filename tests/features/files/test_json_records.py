"""JSON exports: the same rows whatever stands around the records, and refusals that say why."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from features.errors import LeadReadyError
from features.files.open_table import column_names, read_text_table
from features.files.reading_notes import Notes

RECORDS: list[dict[str, Any]] = [
    {"Id": "0007", "Amount": 1200.50, "Owner": {"Name": "Bo", "Team": {"Id": 7}}, "Won": True},
    {"Id": 7000000000000000001, "Won": None, "Tags": ["a", "b"], "Note": "one\u2028two\nthree "},
]
ROWS = [
    ["0007", "1200.5", "Bo", "7", "true", None, None],
    ["7000000000000000001", None, None, None, None, "a;b", "one\u2028two\nthree"],
]
COLUMNS = ["Id", "Amount", "Owner.Name", "Owner.Team.Id", "Won", "Tags", "Note"]
LINES = "\n".join(json.dumps(record, ensure_ascii=False) for record in RECORDS)
SALESFORCE = [
    {"attributes": {"type": "Lead", "url": f"/Lead/{place}"}, **record}
    for place, record in enumerate(RECORDS)
]


def read(file: Path, content: str | bytes) -> tuple[list[str], list[list[str | None]], Notes]:
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    notes: Notes = []
    table = read_text_table(file, notes=notes)
    return list(table.columns), table.to_numpy().tolist(), notes


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", json.dumps(RECORDS)),
        ("a.json", json.dumps(RECORDS, indent=2).encode("utf-8-sig")),
        ("a.json", json.dumps(RECORDS).encode("utf-16")),
        ("a.txt", json.dumps(RECORDS)),
        ("a.json", LINES),
        ("a.jsonl", f"{LINES}\n\n"),
        ("a.ndjson", LINES.replace("\n", "\r\n")),
        ("a.json.gz", gzip.compress(LINES.encode())),
        ("a.json", json.dumps({"done": True, "totalSize": 2, "records": SALESFORCE})),
        ("a.json", json.dumps({"@odata.context": "x", "value": RECORDS})),
        ("a.json", json.dumps({"result": {"fields": [], "records": RECORDS}})),
    ],
)
def test_every_wrapping_gives_the_same_rows(tmp_path: Path, name: str, content: str) -> None:
    assert read(tmp_path / name, content) == (COLUMNS, ROWS, [])
    assert column_names(tmp_path / name) == COLUMNS


def test_one_line_is_a_record_where_the_ending_says_lines(tmp_path: Path) -> None:
    assert read(tmp_path / "a.jsonl", LINES.split("\n")[0])[1] == [ROWS[0][:5]]


def test_what_is_left_out_or_still_to_come_is_said(tmp_path: Path) -> None:
    page = {"results": [{"id": "1", "emails": [{"value": "x"}]}], "paging": {"next": {"after": 2}}}
    columns, rows, notes = read(tmp_path / "a.json", json.dumps(page))
    assert (columns, rows) == (["id"], [["1"]])
    assert [note.text for note in notes] == [
        "the file says that more records follow: it is one page of an answer",
        "left out, because they list records of their own: emails",
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('[{"Id": 1}, {"Id"', "a.json:1:18: not JSON: Expecting ':' delimiter"),
        ('{"Id": 1}\n{"Id": 2', "a.json:2:9: not JSON: Expecting ',' delimiter"),
        (
            '{"leads": [{"Id": 1}], "deals": [{"Id": 2}]}',
            "several lists of records: leads and deals",
        ),
        ('{"Id": {"0": 1, "1": 2}, "City": {"0": "Rome", "1": "Bonn"}}', "not a list of records"),
        ('{"Id": [1, 2], "City": ["Rome", "Bonn"]}', "not a list of records"),
        ("[[1, 2], [3, 4]]", "not a list of records"),
        ("7", "not a list of records"),
        ("[]", "the file has no records"),
        ('{"records": []}', "not a list of records"),
        ("[" * 100_000, "nested too deeply"),
        ('[{"Id": ' + "[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_list_of_records_is_refused(tmp_path: Path, content: str, says: str) -> None:
    with pytest.raises(LeadReadyError) as caught:
        read(tmp_path / "a.json", content)
    assert says in str(caught.value)
