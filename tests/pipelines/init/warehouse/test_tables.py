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

HUBSPOT = """
CREATE SCHEMA hubspot;
CREATE TABLE hubspot.contact AS SELECT
  51000000 + i AS id, 'p' || i || '@example.com' AS property_email,
  CASE WHEN i % 3 = 0 THEN 'customer' ELSE 'lead' END AS property_lifecyclestage,
  6800000500 + i % 30 AS property_associatedcompanyid,
  ['ORGANIC_SEARCH', 'PAID_SEARCH', 'OFFLINE'][1 + i * i % 3] AS property_hs_analytics_source,
  TIMESTAMP '2025-01-01 09:00:00' + to_hours(i * 5) AS property_createdate,
  CASE WHEN i < 20 THEN 77000000 + i || ':1735722000000;' || 78000000 + i || ':1735722000000' END
    AS property_hs_calculated_merged_vids,
  i >= 120 AS is_deleted, TIMESTAMPTZ '2025-06-01 00:00:00+00' AS _fivetran_synced
FROM range(126) AS t(i);
CREATE TABLE hubspot.company AS SELECT
  6800000500 + i AS id, ['RETAIL', 'BANKING', 'ENERGY'][1 + i % 3] AS property_industry,
  20 * (1 + i * 7 % 30) AS property_numberofemployees, FALSE AS is_deleted
FROM range(30) AS t(i);
CREATE TABLE hubspot.contact_property_history AS SELECT
  51000000 + i % 120 AS contact_id, 'lifecyclestage' AS name,
  ['lead', 'customer'][1 + i // 120] AS value, 'API' AS source,
  TIMESTAMP '2025-01-01 09:00:00' + to_hours(i % 120 * 5 + i // 120 * 900) AS "timestamp"
FROM range(240) AS t(i) WHERE i < 120 OR i % 3 = 0;
CREATE TABLE hubspot.engagement_contact AS
  SELECT 70000 + i AS engagement_id, 51000000 + i % 110 AS contact_id FROM range(300) AS t(i);
CREATE TABLE hubspot.engagement_call AS SELECT
  70000 + i AS engagement_id, ['OUTBOUND', 'INBOUND'][1 + i % 2] AS property_hs_call_direction,
  TIMESTAMP '2025-01-03 09:00:00' + to_hours(i % 110 * 5) AS property_hs_timestamp,
  FALSE AS is_deleted
FROM range(150) AS t(i);
CREATE TABLE hubspot.engagement_meeting AS SELECT
  70150 + i AS engagement_id,
  TIMESTAMP '2025-01-04 09:00:00' + to_hours((i + 40) % 110 * 5) AS property_hs_timestamp,
  i >= 140 AS _fivetran_deleted
FROM range(150) AS t(i);
CREATE TABLE hubspot.email_event AS SELECT
  'e' || i AS id, 'p' || i % 100 || '@example.com' AS recipient, FALSE AS filtered_event,
  ['OPEN', 'CLICK', 'DELIVERED'][1 + i % 3] AS type, 880 + i % 4 AS email_campaign_id,
  TIMESTAMP '2025-01-02 10:00:00' + to_hours(i % 100 * 5) AS created
FROM range(300) AS t(i);
CREATE TABLE hubspot.contact_form_submission AS SELECT
  CASE WHEN i < 20 THEN 77000000 + i ELSE 51000000 + i END AS contact_id, 'f' || i AS conversion_id,
  'Contact us' AS title, TIMESTAMP '2025-01-02 08:00:00' + to_hours(i * 5) AS "timestamp"
FROM range(100) AS t(i);
CREATE TABLE hubspot.deal_contact AS
  SELECT 3000 + i AS deal_id, 51000000 + i AS contact_id FROM range(60) AS t(i);
CREATE TABLE hubspot.deal_stage AS SELECT
  3000 + i % 60 AS deal_id, ['101', CASE WHEN i % 3 = 0 THEN '103' ELSE '104' END][1 + i // 60] AS value,
  TIMESTAMP '2025-01-10 09:00:00' + to_hours(i % 60 * 5 + i // 60 * 700) AS date_entered
FROM range(120) AS t(i);
CREATE TABLE hubspot.deal_pipeline_stage AS SELECT * FROM (
  VALUES ('101', 'Qualified to buy'), ('103', 'Closed won'), ('104', 'Closed lost')
) AS t(stage_id, label);
"""


@pytest.fixture
def source(tmp_path: Path) -> str:
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute(SALESFORCE + HUBSPOT)
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
    with duckdb.connect(source.removeprefix("duckdb:")) as connection:
        connection.execute("DROP TABLE hubspot.contact")
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


def test_the_tables_of_hubspot_become_a_workspace(source: str, tmp_path: Path) -> None:
    init(tmp_path / "acme", warehouse=fetch_warehouse("hubspot", source))
    workspace = read_workspace(tmp_path / "acme")
    tables = read_tables(workspace)
    assert (len(tables.leads), workspace.leads.created) == (120, "createdate")
    assert "industry" in {column.name for column in workspace.leads.columns}  # of the company
    kinds = tables.events.groupby("kind")["by_sales"].agg(["size", "sum"])
    assert kinds.loc["engagement_call"].tolist() == [150, 75]
    assert kinds.loc["engagement_meeting", "size"] == 140  # without the deleted ones
    assert kinds.loc["contact_form_submission", "size"] == 100  # those of merged contacts, too
    assert kinds.loc[["email_click", "email_open"], "size"].tolist() == [100, 100]
    assert not [problem for problem in tables.problems if problem.blocks]
    assert str(workspace.outcome.won_when).count("Closed won") == 1
    assert workspace.stages is not None
    assert workspace.field_history is not None
    assert (workspace.field_history.column, workspace.field_history.new) == ("name", "value")
