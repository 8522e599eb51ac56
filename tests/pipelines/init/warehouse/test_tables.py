"""A CRM's tables in a warehouse become a workspace that names them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from features.errors import LeadReadyError
from features.files.database import _fetched
from features.tables.read import read_tables
from features.workspace.read import read_workspace
from pipelines.init.init import init
from pipelines.init.warehouse.tables import fetch_warehouse

SALESFORCE = """
CREATE SCHEMA salesforce;
CREATE TABLE salesforce.lead AS SELECT
  '00Q' || printf('%012d', i) AS id, 'p' || i || '@example.com' AS email,
  '001' || printf('%012d', i % 40) AS account_id,
  CASE WHEN i % 3 = 0 THEN 'Closed - Converted' WHEN i % 7 = 0 THEN 'Open - Not Contacted'
       ELSE 'Closed - Not Converted' END AS status,
  ['Web', 'Phone', 'Event'][1 + i % 3 * i % 3] AS lead_source,
  TIMESTAMP '2025-01-01 09:00:00' + to_hours(i * 5) AS created_date,
  i >= 120 AS is_deleted, FALSE AS _fivetran_deleted,
  TIMESTAMPTZ '2025-06-01 00:00:00+00' AS _fivetran_synced
FROM range(126) AS t(i);
CREATE TABLE salesforce.account AS SELECT
  '001' || printf('%012d', i) AS id, ['Retail', 'Banking', 'Energy'][1 + i % 3] AS industry,
  20 * (1 + i * 7 % 30) AS number_of_employees, FALSE AS _fivetran_deleted,
  TIMESTAMPTZ '2025-06-01 00:00:00+00' AS _fivetran_synced
FROM range(40) AS t(i);
CREATE TABLE salesforce.task AS SELECT
  '00T' || printf('%012d', i) AS id, '00Q' || printf('%012d', i % 100) AS who_id,
  ['Call', 'Email'][1 + i % 2] AS type,
  TIMESTAMP '2025-01-02 09:00:00' + to_hours(i % 100 * 5 + i) AS created_date,
  FALSE AS is_deleted, FALSE AS _fivetran_deleted,
  TIMESTAMPTZ '2025-06-01 00:00:00+00' AS _fivetran_synced
FROM range(250) AS t(i);
CREATE TABLE salesforce.lead_history AS SELECT
  '017' || printf('%012d', i) AS id, '00Q' || printf('%012d', i % 100) AS lead_id,
  ['Status', 'Rating'][1 + i % 2] AS field, 'Open - Not Contacted' AS old_value, 'Working' AS new_value,
  TIMESTAMP '2025-01-03 09:00:00' + to_hours(i % 100 * 5) AS created_date,
  FALSE AS _fivetran_deleted, TIMESTAMPTZ '2025-06-01 00:00:00+00' AS _fivetran_synced
FROM range(150) AS t(i);
CREATE TABLE salesforce.campaign_member (id VARCHAR, lead_id VARCHAR, created_date TIMESTAMP);
"""


@pytest.fixture
def source(tmp_path: Path) -> str:
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute(SALESFORCE)
    return f"duckdb:{tmp_path / 'warehouse.duckdb'}"


def test_the_tables_of_salesforce_become_a_workspace(source: str, tmp_path: Path) -> None:
    home = tmp_path / "acme"
    init(home, warehouse=fetch_warehouse("salesforce", source))
    workspace = read_workspace(home)
    tables = read_tables(workspace)
    assert workspace.leads.file.startswith("database duckdb:../warehouse.duckdb query SELECT")
    assert (workspace.leads.id, workspace.leads.created) == ("id", "created_date")
    assert len(tables.leads) == 120  # without the deleted ones
    mapped = {column.name for column in workspace.leads.columns}
    assert "number_of_employees" in mapped
    assert not [name for name in mapped if "_fivetran" in name or "deleted" in name]
    assert workspace.field_history is not None
    assert [events.kind for events in workspace.events] == [("type",)]


def test_a_database_without_leads_or_with_several_is_asked_about(source: str) -> None:
    with pytest.raises(LeadReadyError, match="the database has no table contact or contacts"):
        fetch_warehouse("hubspot", source)
    with duckdb.connect(source.removeprefix("duckdb:")) as connection:
        connection.execute("CREATE SCHEMA sandbox; CREATE TABLE sandbox.leads (id VARCHAR)")
        connection.execute("CREATE SCHEMA web; CREATE TABLE web.lead (number VARCHAR)")
    _fetched.cache_clear()
    with pytest.raises(LeadReadyError, match="in the schemas salesforce, sandbox and web") as error:
        fetch_warehouse("salesforce", source)
    assert error.value.hint == "name one: --schema salesforce"
    with pytest.raises(LeadReadyError, match="the table lead has no column id"):
        fetch_warehouse("salesforce", source, "web")
