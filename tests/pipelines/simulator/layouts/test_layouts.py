"""The files of each layout: do they hold what the company's records hold, and nothing more?"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from features.errors import LeadReadyError
from pipelines.simulator.company import Company, Settings, simulate_company
from pipelines.simulator.layouts import LAYOUT_NAMES
from pipelines.simulator.layouts.choose import LAYOUTS, write_layout
from pipelines.simulator.layouts.files import Layout, write_raw_files
from pipelines.simulator.layouts.records import Records, company_records

EVERY = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=list(LAYOUTS))
PERSONAL = ("first_name", "email", "phone")


@pytest.fixture(scope="module")
def company() -> Company:
    return simulate_company(Settings(leads=600, events=10_000, base_rate=0.3))


@pytest.fixture(scope="module")
def records(company: Company) -> Records:
    return company_records(company)


def _read(path: Path, layout: Layout) -> pd.DataFrame:
    if path.suffix == ".xlsx":
        return pd.read_excel(path, sheet_name=0, dtype=str, engine="openpyxl")
    return pd.read_csv(path, dtype=str, sep=layout.separator, encoding=layout.encoding)


def test_the_records_hold_what_the_plain_files_hold(company: Company, records: Records) -> None:
    leads = records.leads
    assert leads["lead_id"].tolist() == company.leads["Lead ID"].tolist()
    contacts = company.contacts.set_index("Contact ID")
    assert leads["title"].equals(leads["contact_id"].map(contacts["Job Title"]).rename("title"))
    assert len(records.events) == len(company.activities)
    contact_of = leads.set_index("lead")["contact_id"]
    shown = records.events["lead"].map(contact_of)
    assert shown.tolist() == company.activities["Contact ID"].tolist()


def test_a_lead_that_was_lost_shows_where_it_was(records: Records) -> None:
    leads = records.leads
    lost = leads["stage"].isin(["Rejected", "Closed Lost"])
    assert not leads["reached"].isin(["Rejected", "Closed Lost"]).any()
    assert set(leads.loc[lost, "reached"]) <= {"MQL", "SAL", "SQL", "Opportunity"}
    assert (leads.loc[~lost, "reached"] == leads.loc[~lost, "stage"]).all()
    assert not leads["last_open"].isin(["Closed Won", "Closed Lost"]).any()


@EVERY
def test_the_files_hold_every_record_once(layout: Layout, records: Records, tmp_path: Path) -> None:
    paths = write_raw_files(layout, records, tmp_path)
    tables = [_read(path, layout) for path in paths]
    sizes = dict.fromkeys(("leads", "accounts", "events", "changes"), 0)
    for file, table in zip(layout.files, tables, strict=True):
        assert list(table) == list(file.columns), file.name
        sizes[file.of] += len(table)
    for name, size in sizes.items():
        assert size in (0, len(getattr(records, name))), name
    leads = tables[0]
    assert leads.nunique().max() == len(leads), "an id"
    filled = set(leads.stack().unique()) | set(tables[1].stack().unique())
    for name in ("title", "source", "campaign", "industry", "newsletter"):
        assert set(records.leads[name].dropna()) <= filled, name


@EVERY
def test_events_name_leads_of_the_file(layout: Layout, records: Records, tmp_path: Path) -> None:
    paths = write_raw_files(layout, records, tmp_path)
    leads = _read(paths[0], layout)
    ids = {name: set(leads[name]) for name in leads if leads[name].is_unique}
    for path, file in list(zip(paths, layout.files, strict=True))[1:]:
        if file.of in ("events", "changes"):
            table = _read(path, layout)
            assert any(table[c].isin(known).all() for c in table for known in ids.values()), path


def test_the_files_go_to_the_folder_of_the_crm(company: Company, tmp_path: Path) -> None:
    files = write_layout(company, "zoho", tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in files["events"]] == [
        "crm/Calls_001.csv",
        "crm/Meetings_001.csv",
        "crm/Activities_001.csv",
    ]
    assert (tmp_path / "truth" / "truth.json").is_file()
    assert not (tmp_path / "leadready.yaml").exists()


def test_a_layout_has_to_be_known(company: Company, tmp_path: Path) -> None:
    with pytest.raises(LeadReadyError, match=r"'zohoo'"):
        write_layout(company, "zohoo", tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert set(LAYOUT_NAMES) == {"plain", *LAYOUTS}


def test_a_workbook_ends_with_a_hidden_sheet(records: Records, tmp_path: Path) -> None:
    import openpyxl

    path = write_raw_files(LAYOUTS["dynamics"], records, tmp_path)[0]
    states = {sheet.title: sheet.sheet_state for sheet in openpyxl.load_workbook(path)}
    assert states == {"Leads": "visible", "hiddenSheet": "veryHidden"}
