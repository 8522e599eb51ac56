"""Tables and queries of databases are read like files, with types, for reading only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from features.errors import LeadReadyError
from features.files.database import database_file, fetched_table, table_name
from features.files.open_table import find_file, read_arrow
from features.workspace.read import read_workspace
from pipelines.inputs import refuse_input

ROWS = """CREATE TABLE "crm leads" AS SELECT * FROM (VALUES
  ('001', 7.50::DECIMAL(9, 2), TIMESTAMP '2026-02-03 04:05:06', TRUE, 12345678901234567),
  ('o''brien', NULL, NULL, NULL, NULL)) AS t ("Id", amount, "at", ok, number)"""
WORKSPACE = """
leads:
  source: duckdb:crm.duckdb
  {rows}
  id: Id
  columns: {{amount: {{feature: amount, family: other, type: number}}}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with duckdb.connect(str(tmp_path / "crm.duckdb")) as connection:
        connection.execute(ROWS)
    return tmp_path


def rows_of(folder: Path, **what: str) -> pa.Table:
    return read_arrow(
        find_file(table_name("duckdb:crm.duckdb", **what), folder, "leadready.yaml:3")
    )


def test_a_table_keeps_ids_times_and_digits(folder: Path) -> None:
    table = rows_of(folder, table="crm leads")
    assert table.column("Id").to_pylist() == ["001", "o'brien"]
    assert table.column("amount").to_pylist() == ["7.50", None]
    assert pa.types.is_timestamp(table.schema.field("at").type)
    assert str(table.column("number")[0]) == "12345678901234567"


def test_a_query_may_end_as_people_end_it(folder: Path) -> None:
    table = rows_of(folder, query='SELECT "Id" AS id FROM "crm leads" WHERE ok -- won\n;')
    assert table.to_pydict() == {"id": ["001"]}


def test_nothing_is_written_to_the_database(folder: Path) -> None:
    with pytest.raises(LeadReadyError, match=r"leadready.yaml:3: duckdb:crm.duckdb cannot be read"):
        rows_of(folder, query="DROP TABLE leads")
    assert rows_of(folder, table="crm leads").num_rows == 2


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("mysql://host/crm", "the source 'mysql://host/crm' is no database that can be read"),
        ("duckdb:no crm.duckdb", "there is no file .*no crm.duckdb"),
        ("postgresql://ann:secret@host/crm", "a password stands in the mapping"),
        ("postgresql://ann:${NO_SUCH_SECRET}@host/crm", "the variable NO_SUCH_SECRET is not set"),
    ],
)
def test_what_cannot_be_opened_is_named_without_secrets(
    tmp_path: Path, source: str, says: str
) -> None:
    with pytest.raises(LeadReadyError, match=says) as caught:
        fetched_table(table_name(source, table="leads"), tmp_path, "leadready.yaml:3")
    assert "secret" not in f"{caught.value} {caught.value.hint}"


def test_a_workspace_names_a_table_or_a_query(folder: Path) -> None:
    path = folder / "leadready.yaml"
    path.write_text(WORKSPACE.format(rows="table: crm leads"), encoding="utf-8")
    assert read_workspace(folder).leads.file == "database duckdb:crm.duckdb table crm leads"
    for rows, says in (
        ("table: leads\n  query: SELECT 1", "expected either table or query"),
        ("table: leads\n  file: leads.csv", "expected either a file or a source"),
        ("encoding: utf-8", "expected either table or query"),
    ):
        path.write_text(WORKSPACE.format(rows=rows), encoding="utf-8")
        with pytest.raises(LeadReadyError, match=says):
            read_workspace(folder)
    path.write_text("leads: {file: leads.csv, table: leads, id: Id}\n", encoding="utf-8")
    with pytest.raises(LeadReadyError, match="table belongs to a source"):
        read_workspace(folder)


def test_the_file_of_a_database_is_never_overwritten(folder: Path) -> None:
    text = WORKSPACE.format(rows="table: crm leads")
    (folder / "leadready.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(LeadReadyError, match="is a file that the workspace reads"):
        refuse_input(folder, folder / "crm.duckdb")
    server = table_name("postgresql://ann:${NO_SUCH_SECRET}@host/crm", table="leads")
    with pytest.raises(LeadReadyError, match="NO_SUCH_SECRET is not set"):
        database_file(server, folder)
    assert database_file(server.replace("ann:${NO_SUCH_SECRET}@", ""), folder) is None


@pytest.mark.slow
def test_postgresql_is_read_with_a_password_from_the_environment(
    postgres: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres("CREATE SCHEMA crm")
    postgres(
        "CREATE TABLE crm.leads AS SELECT '001' AS id, 7.50::numeric AS amount, "
        "'2026-02-03 04:05:06+02'::timestamptz AS at, "
        "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid AS key, TRUE AS ok, 12::smallint AS few, "
        "'infinity'::date AS never, 'a\nb, \"c\"'::varchar AS text, ''::text AS blank, "
        "NULL::text AS missing, 2.5::real AS number"
    )
    monkeypatch.setenv("CRM_PASSWORD", "p@ss/word")
    source = f"postgresql://tester:${{CRM_PASSWORD}}@/postgres?host={postgres.folder}"
    name = table_name(source, table="crm.leads")
    table = read_arrow(find_file(name, tmp_path, "leadready.yaml:3"))
    (row,) = table.to_pylist()
    assert (row["id"], row["amount"]) == ("001", "7.50")
    assert row["key"] == "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
    assert row["at"].isoformat().startswith("2026-02-03T02:05:06")
    assert [row[name] for name in ("ok", "few", "never", "number")] == [True, 12, None, 2.5]
    assert [row[name] for name in ("text", "blank", "missing")] == ['a\nb, "c"', "", None]
    none = table_name(source, query="SELECT id, at FROM crm.leads WHERE id = 'x'")
    empty = read_arrow(find_file(none, tmp_path, "leadready.yaml:3"))
    assert (empty.num_rows, empty.column_names) == (0, ["id", "at"])
    narrow = table_name(source, query="SELECT missing FROM crm.leads")
    assert read_arrow(find_file(narrow, tmp_path, "leadready.yaml:3")).num_rows == 1
    with pytest.raises(LeadReadyError, match=r"postgresql:///postgres\S* cannot be read") as caught:
        fetched_table(table_name(source, query="DELETE FROM crm.leads"), tmp_path, "l:3")
    assert "p@ss" not in str(caught.value)
