"""``leadready init`` understands the files of every layout: nobody edits what it writes."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from features.progress import no_progress
from features.workspace.conditions import column_conditions
from features.workspace.read import read_workspace
from pipelines.check.check import check
from pipelines.check.result import LeadCounts
from pipelines.init.init import init
from pipelines.simulator.company import Company, Settings, simulate_company
from pipelines.simulator.export import write_company
from pipelines.simulator.layouts.choose import LAYOUTS, write_layout


class Read(NamedTuple):
    """What a person would read in the files."""

    id: str
    created: str
    moment: str
    outcome: str
    won: str


RIGHT = {
    "salesforce": Read("Id", "CreatedDate", "MQL_Date__c", "IsConverted", "true"),
    "hubspot": Read(
        "Record ID",
        "Create Date",
        "Became a Marketing Qualified Lead Date",
        "Lifecycle Stage",
        "Customer",
    ),
    "pipedrive": Read(
        "Deal - ID", "Deal - Deal created", "Deal - Handed over to sales", "Deal - Status", "Won"
    ),
    "dynamics": Read("(Do Not Modify) Lead", "Created On", "Handed Over On", "Status", "Qualified"),
    "zoho": Read("Record Id", "Created Time", "Handed Off Time", "Is Converted", "true"),
    "odoo": Read("ID", "Created on", "Handed Off on", "Stage", "Won"),
    "german-erp": Read(
        "Angebotsnummer", "Erstellt am", "Übergeben am", "Angebotsstatus", "Auftrag erteilt"
    ),
}


@pytest.fixture(scope="module")
def company() -> Company:
    return simulate_company(Settings(leads=300, events=5_000, base_rate=0.3))


@pytest.fixture(scope="module")
def plain(company: Company, tmp_path_factory: pytest.TempPathFactory) -> LeadCounts:
    """The counts of the plain files, as init reads them."""
    folder = write_company(company, tmp_path_factory.mktemp("plain"))
    crm = folder / "crm"
    init(folder / "read", crm / "leads.csv", [crm / "activities.csv"])
    return check(folder / "read", progress=no_progress).counts


@pytest.mark.parametrize("name", LAYOUTS)
def test_init_understands_the_files(
    name: str, company: Company, plain: LeadCounts, tmp_path: Path
) -> None:
    files = write_layout(company, name, tmp_path)
    leads, *others = (path for paths in files.values() for path in paths)
    init(tmp_path, leads, other_files=others)
    workspace, right = read_workspace(tmp_path), RIGHT[name]
    (won,) = column_conditions(workspace.outcome.won_when)
    read = Read(
        str(workspace.leads.id),
        str(workspace.leads.created),
        str(workspace.moment.column),
        won.column,
        *won.operand,
    )
    assert read == right
    counts = check(tmp_path, progress=no_progress).counts
    by_day = name == "salesforce"  # keeps the day of a conversion, not the time
    assert abs(counts.won - plain.won) <= by_day
    assert counts.won + counts.not_won == plain.won + plain.not_won
    assert counts.unknown == plain.unknown
    assert counts.events == len(company.activities), "every event is some lead's"
