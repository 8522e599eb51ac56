"""The simulated company's files: do they hold what the tables hold, and can they be mapped?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from model.serving import Definition
from pipelines.simulator.company import Company, simulate_company
from pipelines.simulator.export import write_company


@pytest.fixture(scope="module")
def company() -> Company:
    return simulate_company()


@pytest.fixture(scope="module")
def files(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_company(company, tmp_path_factory.mktemp("company"))


def _table(files: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(files / "crm" / f"{name}.csv", dtype=str)


def _regular(made: Company) -> pd.DataFrame:
    leads = made.truth.leads
    return leads.loc[leads["kind"].eq("regular") & leads["handed_off"]]


# The files


def test_the_files_hold_what_the_tables_hold(company: Company, files: Path) -> None:
    for name in ("accounts", "contacts", "leads", "campaigns", "assets", "stage_history"):
        made = getattr(company, name)
        read = _table(files, name)
        assert list(read) == list(made)
        assert len(read) == len(made)
        assert (read.isna() == made.isna()).all(axis=None)
    contacts = _table(files, "contacts")["Contact ID"]
    assert contacts.str.fullmatch(r"\d{19}").all()
    at = pd.to_datetime(_table(files, "activities")["Occurred At"], format="%Y-%m-%d %H:%M:%S")
    assert (at.to_numpy() == company.activities["Occurred At"].to_numpy()).all()


def test_the_mapping_names_every_column_and_no_other(files: Path) -> None:
    text = (files / "leadready.yaml").read_text(encoding="utf-8")
    mapping = yaml.safe_load(text)
    there = {
        name for table in ("leads", "accounts", "contacts") for name in _table(files, table).columns
    }
    leads = mapping["leads"]
    ids = {leads["id"], leads["account"], leads["contact"], leads["created"]}
    moment = {mapping["moment"]["column"], mapping["moment"]["closed"]}
    assert set(leads["columns"]) | ids | moment == there
    assert not set(leads["columns"]) & (ids | moment)
    assert "truth" not in text
    events, stages = mapping["events"][0], mapping["stages"]
    used = {events[key] for key in ("contact", "time", "kind", "campaign", "asset")}
    assert used <= set(_table(files, "activities"))
    assert {stages[key] for key in stages if key != "file"} <= set(_table(files, "stage_history"))
    assert set(mapping["outcome"]["won_when"]["Stage"]) <= set(
        _table(files, "stage_history")["Stage"]
    )
    assert mapping["extract_at"].isoformat() == "2026-10-01"


def test_personal_data_never_becomes_a_feature(files: Path) -> None:
    columns = yaml.safe_load((files / "leadready.yaml").read_text(encoding="utf-8"))["leads"][
        "columns"
    ]
    for name in ("First Name", "Last Name", "Email", "Phone"):
        assert columns[name] == {"ignore": "personal"}
    assert columns["Lead Rating"] == {"leak": True}
    assert columns["Record Type"] == {"ignore": "constant"}


def test_the_workspace_can_be_read_by_the_project(files: Path) -> None:
    workspace = pytest.importorskip("features.workspace.read")
    read = workspace.read_workspace(files)
    assert read.name == "demo"
    assert read.outcome.horizon_days == 120


def test_the_hand_made_points_are_for_facts_that_the_simulator_knows(
    company: Company, files: Path
) -> None:
    points = Definition.from_file(files / "definition.yaml").content["points"]
    given = {rule["feature"] for rule in points["give"]}
    assert {"email_open_30d", "demo_request_30d"} < given <= set(company.truth.leads)


def test_the_definition_is_signed_and_its_examples_hold(files: Path) -> None:
    definition = Definition.from_file(files / "definition.yaml")
    assert definition.signed
    assert definition.signed_by == ("sales", "marketing")
    for example in definition.content["examples"]:
        lead = pd.DataFrame([example["lead"]])
        assert list(definition.evaluate(lead).verdict) == [example["verdict"]]
    text = (files / "definition.yaml").read_text(encoding="utf-8")
    changed = files / "changed.yaml"
    changed.write_text(text.replace("at_least: 50", "at_least: 51"), encoding="utf-8")
    assert not Definition.from_file(changed).signed
    changed.unlink()


def test_the_definition_finds_better_leads_but_not_all(company: Company, files: Path) -> None:
    # it has to be worth agreeing on, and to leave the model something to add
    leads = _regular(company)
    X = leads.assign(demo_request_90d=leads["demo_request_30d"])
    ready = (
        np.asarray(Definition.from_file(files / "definition.yaml").evaluate(X).verdict) == "ready"
    )
    assert 0.1 < ready.mean() < 0.4
    assert leads["would_win"][ready].mean() > 2 * leads["would_win"][~ready].mean()
    assert leads["would_win"][~ready].sum() > 100


def test_the_history_ends_at_the_values_of_the_leads(company: Company) -> None:
    """So the old score is read as it was at the hand-off, and a rating as it was before."""
    leads = company.leads.set_index("Lead ID")
    last = company.field_history.drop_duplicates(["Lead ID", "Field"], keep="last")
    for field, rows in last.groupby("Field"):
        now = leads.loc[rows["Lead ID"], str(field)]
        shown = now.astype("int64").astype("str") if field == "Lead Score" else now
        assert (shown.to_numpy() == rows["New Value"].to_numpy()).all()
    scores = last[last["Field"] == "Lead Score"].set_index("Lead ID")["Changed At"]
    assert (scores < leads.loc[scores.index, "Handed Off At"]).mean() > 0.99
