"""The files beside the leads: their roles are found out, and they are joined to the leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.tables.read import Tables, read_tables
from features.workspace.conditions import ColumnCondition
from features.workspace.read import Workspace, read_workspace
from pipelines.init.init import init

LEADS, ACCOUNTS = 120, 40
START = pd.Timestamp("2024-01-01 09:00")
Columns = Mapping[str, list[str | None]]


def times(hours: list[int]) -> list[str | None]:
    return [str(START + pd.Timedelta(hours=hour)) for hour in hours]


NUMBERS = range(LEADS)
INDUSTRY = ["Retail", "Banking", "Energy", "Software"]
WON = [number % 3 == 0 for number in NUMBERS]
OPEN = [number % 7 == 0 for number in NUMBERS]


def stages(won: str, lost: str, still: str) -> list[str | None]:
    return [
        still if is_open else won if is_won else lost
        for is_won, is_open in zip(WON, OPEN, strict=True)
    ]


def account_facts(id_name: str, ids: list[str | None], industry: str, size: str) -> Columns:
    return {
        id_name: ids,
        industry: [INDUSTRY[number % 4] for number in range(ACCOUNTS)],
        size: [str(20 * (1 + number * 7 % 30)) for number in range(ACCOUNTS)],
    }


class Company(dict[str, Columns]):
    """Files by name."""

    def write(self, folder: Path) -> Path:
        data = folder / "data"
        data.mkdir()
        for name, columns in self.items():
            pd.DataFrame(columns).to_csv(data / f"{name}.csv", index=False)
        return data

    def draft(self, folder: Path, outcome: str, **options: Any) -> tuple[Workspace, Tables]:
        data = self.write(folder)
        init(folder / "ws", other_files=[data], outcome=outcome, **options)
        ws = read_workspace(folder / "ws")
        return ws, read_tables(ws)


def salesforce() -> Company:
    """Leads, whose converted ones are contacts; tasks name a lead or a contact by 15 characters."""
    ids = [f"00Q5f000009A{number:03d}EAG" for number in NUMBERS]
    contacts = [f"0035f000009A{number:03d}EAG" for number in NUMBERS]
    status = stages("Closed - Converted", "Closed - Not Converted", "Working - Contacted")
    twice = [number for number in NUMBERS for _ in range(2)]
    who = [
        contacts[number][:15] if WON[number] and place % 2 else ids[number][:15]
        for place, number in enumerate(twice)
    ]
    return Company(
        Lead={
            "Id": ids,
            "Company": [f"Acme {number % ACCOUNTS}" for number in NUMBERS],
            "Status": status,
            "LeadSource": ["Web", "Referral", "Trade Show"] * (LEADS // 3),
            "CreatedDate": times([20 * number for number in NUMBERS]),
            "ConvertedContactId": [
                contact if won else None for contact, won in zip(contacts, WON, strict=True)
            ],
        },
        LeadHistory={
            "Id": [f"0175f000009B{number:03d}EAG" for number in range(2 * LEADS)],
            "LeadId": [ids[number] for number in twice],
            "Field": ["Status", "LeadSource"] * LEADS,
            "OldValue": ["Open - Not Contacted", "Other"] * LEADS,
            "NewValue": [
                status[number] if place % 2 == 0 else "Web" for place, number in enumerate(twice)
            ],
            "CreatedDate": times([20 * number + 5 for number in twice]),
        },
        Task={
            "Id": [f"00T5f000009B{number:03d}EAG" for number in range(2 * LEADS)],
            "WhoId": who,
            "Subject": [f"Call {number % 9}" for number in range(2 * LEADS)],
            "TaskSubtype": ["Call", "Email"] * LEADS,
            "ActivityDate": times([20 * number + 3 for number in twice]),
            "CreatedDate": times([20 * number + 2 for number in twice]),
        },
    )


def pipedrive() -> Company:
    """Deals name organizations and people by name."""
    return Company(
        deals={
            "Deal - ID": [str(number + 1) for number in NUMBERS],
            "Deal - Title": [f"Acme {number} deal" for number in NUMBERS],
            "Deal - Organization": [f"Acme {number % ACCOUNTS} GmbH" for number in NUMBERS],
            "Deal - Contact person": [f"Person {number}" for number in NUMBERS],
            "Deal - Status": stages("Won", "Lost", "Open"),
            "Deal - Deal created": times([20 * number for number in NUMBERS]),
        },
        organizations={
            "Organization - Name": [f"Acme {number} GmbH" for number in range(ACCOUNTS)],
            "Organization - Industry": [INDUSTRY[number % 4] for number in range(ACCOUNTS)],
            "Organization - Employees": [str(20 + number) for number in range(ACCOUNTS)],
            "Organization - Created": times(list(range(ACCOUNTS))),
        },
        people={
            "Person - Name": [f"Person {number}" for number in NUMBERS],
            "Person - Job title": [
                f"{title} {INDUSTRY[n % 4]}"
                for n, title in enumerate(["Head of", "VP", "Analyst"] * (LEADS // 3))
            ],
            "Person - Organization": [f"Acme {number % ACCOUNTS} GmbH" for number in NUMBERS],
            "Person - Created": times(list(NUMBERS)),
        },
        activities={
            "Activity - ID": [str(number + 1) for number in range(2 * LEADS)],
            "Activity - Type": ["Call", "Meeting", "Task", "Email"] * (LEADS // 2),
            "Activity - Deal ID": [str(1 + number // 2) for number in range(2 * LEADS)],
            "Activity - Due date": times([20 * (number // 2) + 3 for number in range(2 * LEADS)]),
        },
    )


def hubspot() -> Company:
    """Contacts are the leads; companies are joined by their id."""
    return Company(
        contacts={
            "Record ID - Contact": [str(151_000_000 + 37 * number) for number in NUMBERS],
            "Email": [f"P{number}@example.org" for number in NUMBERS],
            "Lifecycle Stage": stages("Customer", "Disqualified", "Lead"),
            "Create Date": times([20 * number for number in NUMBERS]),
            "Primary Associated Company ID": [
                str(9_000_000 + number % ACCOUNTS) for number in NUMBERS
            ],
        },
        companies={
            **account_facts(
                "Record ID",
                [f"{9_000_000 + number}.0" for number in range(ACCOUNTS)],
                "Industry",
                "Number of Employees",
            ),
            "Create Date": times(list(range(ACCOUNTS))),
        },
        emails={
            "Recipient": [f"p{number // 2}@example.org" for number in range(2 * LEADS)],
            "Event": ["OPEN", "CLICK"] * LEADS,
            "Timestamp": times([20 * (number // 2) + 3 for number in range(2 * LEADS)]),
        },
    )


def dynamics() -> Company:
    """GUIDs, in braces and capitals in the other files."""
    ids = [f"3f2504e0-4f89-11d3-9a0c-0305e82c{number:04d}" for number in NUMBERS]
    accounts = [f"4a2504e0-4f89-11d3-9a0c-0305e82c{number:04d}" for number in range(ACCOUNTS)]
    status = stages("Qualified", "Disqualified", "Open")
    return Company(
        leads={
            "(Do Not Modify) Lead": ids,
            "(Do Not Modify) Row Checksum": [f"kx{number:05d}Qw==" for number in NUMBERS],
            "Status": status,
            "Created On": times([20 * number for number in NUMBERS]),
            "Parent Account": [accounts[number % ACCOUNTS] for number in NUMBERS],
        },
        accounts=account_facts(
            "Account", [f"{{{each.upper()}}}" for each in accounts], "Industry", "No. of Employees"
        ),
        history={
            "Lead": [f"{{{each.upper()}}}" for each in ids for _ in range(2)],
            "From Status": [value for _ in ids for value in ("New", "Open")],
            "To Status": [value for each in status for value in ("Open", each)],
            "Changed On": times([20 * (number // 2) + number % 2 for number in range(2 * LEADS)]),
        },
    )


def odoo() -> Company:
    """Opportunities with external ids; customers by name, in other capitals."""
    return Company(
        crm_lead={
            "id": [f"__export__.crm_lead_{4000 + number}" for number in NUMBERS],
            "Opportunity": [f"Opp {number}" for number in NUMBERS],
            "Customer": [f"Acme {number % ACCOUNTS}" for number in NUMBERS],
            "Stage": stages("Won", "Lost", "New"),
            "Created on": times([20 * number for number in NUMBERS]),
        },
        res_partner=account_facts(
            "Name", [f"ACME {number}" for number in range(ACCOUNTS)], "Industry", "Employees"
        ),
    )


@pytest.fixture
def ws_folder(tmp_path: Path) -> Iterator[Path]:
    return tmp_path


def test_salesforce(ws_folder: Path) -> None:
    ws, tables = salesforce().draft(ws_folder, "Status=Closed - Converted")
    assert ws.leads.file.endswith("Lead.csv")
    assert (ws.leads.id, ws.leads.contact) == ("Id", None), "no id that only won leads have"
    (tasks,) = ws.events
    assert (tasks.lead, tasks.on, tasks.match) == (
        "WhoId",
        ("Id", "ConvertedContactId"),
        "salesforce_id",
    )
    assert (tasks.time, tasks.kind) == ("ActivityDate", ("TaskSubtype",))
    assert len(tables.events) == 2 * LEADS
    assert ws.field_history is not None
    assert (ws.field_history.lead, ws.field_history.column) == ("LeadId", "Field")
    assert ws.stages is None, "a history of all fields is no stage history"
    assert len(tables.field_history) == 2 * LEADS


def test_pipedrive(ws_folder: Path) -> None:
    ws, tables = pipedrive().draft(ws_folder, "Deal - Status=Won")
    assert [(Path(join.file).stem, join.on) for join in ws.leads.join] == [
        ("organizations", "Deal - Organization"),
        ("people", "Deal - Contact person"),
    ]
    assert tables.leads["raw:Organization - Industry"].notna().all()
    assert tables.leads["raw:Person - Job title"].notna().all()
    (activities,) = ws.events
    assert (activities.lead, activities.kind) == ("Activity - Deal ID", ("Activity - Type",))
    assert len(tables.events) == 2 * LEADS
    features = {column.feature for column in ws.leads.columns}
    assert "industry" in features


def test_hubspot(ws_folder: Path) -> None:
    ws, tables = hubspot().draft(ws_folder, "Lifecycle Stage=Customer", lost=["Disqualified"])
    assert ws.leads.file.endswith("contacts.csv")
    assert ws.leads.id == "Record ID - Contact"
    (join,) = ws.leads.join
    assert (join.on, join.key, join.match) == (
        "Primary Associated Company ID",
        "Record ID",
        "number",
    )
    assert ws.leads.account == "Primary Associated Company ID"
    assert ws.leads.created == "Create Date", "the lead's own, not the company's"
    assert tables.leads["raw:Industry"].notna().all()
    (emails,) = ws.events
    assert (emails.contact, emails.match, emails.kind) == ("Recipient", "email", ("Event",))
    assert len(tables.events) == 2 * LEADS


def test_dynamics(ws_folder: Path) -> None:
    ws, tables = dynamics().draft(ws_folder, "Status=Qualified")
    assert ws.leads.id == "(Do Not Modify) Lead"
    (join,) = ws.leads.join
    assert (join.on, join.key, join.match) == ("Parent Account", "Account", "guid")
    assert tables.leads["raw:No. of Employees"].notna().all()
    assert ws.stages is not None
    assert (ws.stages.lead, ws.stages.stage, ws.stages.match) == ("Lead", "To Status", "guid")
    assert not ws.events, "a stage history is never read as events"
    last = tables.stages.groupby("lead_id", sort=False)["stage"].last()
    assert last.reindex(tables.leads["lead_id"]).tolist() == tables.leads["raw:Status"].tolist()


def test_odoo(ws_folder: Path) -> None:
    ws, tables = odoo().draft(ws_folder, "Stage=Won")
    (join,) = ws.leads.join
    assert (join.on, join.key, join.match) == ("Customer", "Name", "letters")
    assert tables.leads["raw:Employees"].notna().all()


def test_a_role_that_a_person_names_is_checked(ws_folder: Path) -> None:
    data = dynamics().write(ws_folder)
    with pytest.raises(LeadReadyError, match="no column holds the name of the field"):
        init(
            ws_folder / "ws",
            data / "leads.csv",
            outcome="Status=Qualified",
            changes_files=[data / "history.csv"],
        )
    (data / "odd.csv").write_text("Name,Size\nx,1\ny,2\n")
    with pytest.raises(LeadReadyError, match="no column of the leads names a row of odd"):
        init(
            ws_folder / "ws",
            data / "leads.csv",
            outcome="Status=Qualified",
            accounts_files=[data / "odd.csv"],
        )
    assert not (ws_folder / "ws").exists()


def test_a_file_that_does_not_belong_to_the_leads_is_said(ws_folder: Path) -> None:
    data = odoo().write(ws_folder)
    (data / "spend.csv").write_text("Day,Spend\n2024-01-01,10.5\n2024-01-02,20.5\n")
    init(ws_folder / "ws", other_files=[data], outcome="Stage=Won")
    text = (ws_folder / "ws" / "leadready.yaml").read_text()
    assert "# not used: spend.csv: no column names the leads" in text
    assert read_workspace(ws_folder / "ws").events == ()


def test_two_files_that_could_be_the_leads_are_asked_about(tmp_path: Path) -> None:
    rows = "Id,Stage\n" + "".join(
        f"{number},{'Won' if number % 2 else 'Lost'}\n" for number in range(30)
    )
    for name in ("north.csv", "south.csv"):
        (tmp_path / name).write_text(rows)
    with pytest.raises(LeadReadyError, match=r"north.csv or south.csv") as caught:
        init(tmp_path / "ws", other_files=[tmp_path / "north.csv", tmp_path / "south.csv"])
    assert "--leads FILE" in str(caught.value.hint)


@pytest.mark.parametrize(
    "names", [("Old", "New"), ("A", "B"), ("Alter Wert", "Neuer Wert"), ("Этап до", "Этап после")]
)
@pytest.mark.parametrize("swapped", [False, True])
def test_the_new_stage_is_found_by_the_order_of_events(
    ws_folder: Path, names: tuple[str, str], swapped: bool
) -> None:
    """Each lead's stages follow each other: what was new is old in the next row."""
    steps = [("New", "Contacted"), ("Contacted", "Offer")]
    status = stages("Won", "Lost", "Offer")
    rows = [(n, old, new) for n in NUMBERS for old, new in [*steps, ("Offer", str(status[n]))]]
    columns = {names[0]: [old for _, old, _ in rows], names[1]: [new for *_, new in rows]}
    if swapped:
        columns = dict(reversed(columns.items()))
    company = Company(
        leads={"Lead ID": [f"L-{n}" for n in NUMBERS], "Stage": status},
        log={
            "Lead": [f"L-{n}" for n, *_ in rows],
            **columns,
            "When": times([100 * n + place % 3 for place, (n, *_) in enumerate(rows)]),
        },
    )
    ws, _tables = company.draft(ws_folder, "Stage=Won")
    assert ws.stages is not None
    assert ws.stages.stage == names[1]
    assert not ws.events


def test_a_history_of_only_the_old_stages_is_no_stage_history(ws_folder: Path) -> None:
    status = stages("Won", "Lost", "Open")
    company = Company(
        leads={"Lead ID": [f"L-{n}" for n in NUMBERS], "Stage": status},
        log={
            "Lead": [f"L-{n}" for n in NUMBERS],
            "Old Stage": np.resize(["Open", "Won", "Lost"], LEADS).tolist(),
            "When": times(list(NUMBERS)),
        },
    )
    data = company.write(ws_folder)
    with pytest.raises(LeadReadyError, match="the stage before the change"):
        init(ws_folder / "ws", data / "leads.csv", [data / "log.csv"], outcome="Stage=Won")


def test_the_outcome_may_be_in_the_stage_history_alone(ws_folder: Path) -> None:
    company = Company(
        leads={"Lead ID": [f"L-{n}" for n in NUMBERS], "Created": times(list(NUMBERS))},
        stage_history={
            "ID": [f"H-{n}" for n in range(2 * LEADS)],
            "Lead ID": [f"L-{n // 2}" for n in range(2 * LEADS)],
            "Stage": [stage for each in stages("Won", "Lost", "Open") for stage in ("New", each)],
            "When": times([5 * (n // 2) + n % 2 for n in range(2 * LEADS)]),
        },
    )
    data = company.write(ws_folder)
    init(ws_folder / "ws", other_files=[data])
    ws = read_workspace(ws_folder / "ws")
    assert ws.leads.file.endswith("leads.csv")
    assert ws.outcome.won_when == ColumnCondition("Stage", "one_of", ("Won",))
    assert ws.stages is not None
    assert (ws.stages.lead, ws.stages.stage) == ("Lead ID", "Stage")


def test_what_is_no_table_in_a_folder_is_left_out_and_named(tmp_path: Path) -> None:
    data = salesforce().write(tmp_path)
    (data / "manifest.json").write_text('{"version": 1, "files": ["leads.csv"]}')
    (data / "readme.txt").write_text("Exported by Ann\n")
    said: list[str] = []
    init(tmp_path / "ws", other_files=[data], outcome="Status=Closed - Converted", warn=said.append)
    assert "manifest.json is not used: the file is not a list of records" in said
    assert "readme.txt is not used: it has no rows" in said
    assert "manifest" not in (tmp_path / "ws" / "leadready.yaml").read_text()


def test_a_folder_of_nothing_else_is_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "leads.json").write_text('[{"Id": 1}')
    with pytest.raises(LeadReadyError, match=r"leads\.json"):
        init(tmp_path / "ws", other_files=[tmp_path / "export"])
