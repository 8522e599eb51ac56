"""The tables are read together: outcome values, dates after the extract, tables given as frames."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.kept_events.events import Events
from features.leaks.workspace_audit import audit_tables
from features.tables.read import Tables, extract_at, read_tables
from features.workspace.schema import LeadsSource, Workspace


def test_a_clean_file_has_no_problems(company) -> None:
    assert company.read().problems == []


def test_leads_are_completed_without_the_events_and_checked_as_they_were(company) -> None:
    seen = []

    def complete(ws: Workspace, tables: Tables) -> Tables:
        seen.append(len(tables.kept_events))
        later = pd.Timestamp("2199-01-01")
        return replace(tables, leads=tables.leads.assign(closed_at=later))

    plain = company.read()
    completed = read_tables(company.workspace(), complete=complete)
    assert seen == [0]
    assert (completed.leads["closed_at"].dt.year == 2199).all()
    assert completed.problems == plain.problems
    pd.testing.assert_frame_equal(completed.events, plain.events)


def test_an_outcome_that_no_lead_has_is_counted(company) -> None:
    """A file of open leads only, scored every day, has no wins."""
    tables = company.read(mapping=company.mapping.replace("[Won]", "[Signed]"))
    problem = company.problem(tables, "outcome never seen")
    assert problem.message == "no lead has the value of Stage 'Signed', which means won"
    assert problem.hint == "values seen: Lost, Open, Won"


def test_an_outcome_that_is_mistyped_is_refused_unless_others_are_right(company) -> None:
    error, _ = company.error("", company.mapping.replace("[Won]", "[Wonn]"))
    assert error == "leadready.yaml:11:21: unknown value of Stage 'Wonn'; did you mean 'Won'?"
    half = company.read(mapping=company.mapping.replace("[Won]", "[Won, Wonn]"))
    assert company.problem(half, "outcome never seen").count == 1


def test_rules_that_can_never_apply_are_counted(company) -> None:
    rule = "[Won]}, unknown_when: {test: {City: [Test, Rome]}}}"
    tables = company.read(mapping=company.mapping.replace("[Won]}}", rule))
    assert company.problem(tables, "value never seen").message == (
        "outcome: unknown_when: test: City names 'Test', which is not in the data"
    )


def test_a_workspace_that_does_not_say_what_won_means_is_an_error(company) -> None:
    error, hint = company.error("", "leads: {file: leads.csv, id: Id}\n")
    assert error == "leadready.yaml:1:1: the workspace does not say what counts as won"
    assert "outcome: {won_when: {Stage" in hint


def test_the_extract_is_the_latest_date_that_is_not_in_the_future(company) -> None:
    mapping = company.mapping.replace("extract_at: 2024-07-01\n", "")
    future = f"{pd.Timestamp.now() + pd.Timedelta(days=400):%Y-%m-%d}"
    more = f"0012,2024-06-05 12:00,Call,Missed,,,\n0012,{future},Call,Missed,,,\n"
    tables = company.read(company.events_mapping, mapping, events=company.events + more)
    assert extract_at(company.workspace(), tables) == pd.Timestamp("2024-06-05 12:00")
    assert company.problem(tables, "future dates").count == 1


@pytest.mark.parametrize(
    ("closed", "extract"),
    [("2024-06-09", "2024-06-09"), ("2024-09-01", "2024-06-05"), (None, "2024-06-05")],
)
def test_closings_a_little_later_show_that_the_extract_is_younger(
    closed: str | None, extract: str
) -> None:
    leads = pd.DataFrame(
        {
            "created_at": pd.to_datetime(["2024-05-01", "2024-06-05"]),
            "closed_at": pd.to_datetime([None, closed]),
            "won_at": pd.to_datetime([None, None]),
        }
    )
    none = pd.DataFrame({"at": pd.to_datetime([])})
    workspace = Workspace("acme", Path("acme"), LeadsSource("leads.csv", id="Id"))
    assert extract_at(workspace, Tables(leads, Events.of(none), none, [])) == pd.Timestamp(extract)


def test_frames_are_read_like_files(company) -> None:
    mapping = company.events_mapping + company.stages_mapping
    from_files = company.read(mapping, events=company.events, stages=company.stages)
    frames = {
        "leads": pd.read_csv(company.folder / "leads.csv", dtype=str),
        "events": [pd.read_csv(company.folder / "events.csv")],
        "stages": pd.read_csv(company.folder / "stages.csv"),
    }
    frames["stages"]["lead"] = frames["stages"]["lead"].astype(str)
    before = {name: str(frame) for name, frame in frames.items()}
    for file in company.folder.glob("*.csv"):
        file.unlink()
    tables = read_tables(company.workspace(), **frames)
    pd.testing.assert_frame_equal(tables.leads, from_files.leads)
    pd.testing.assert_frame_equal(tables.events, from_files.events)
    pd.testing.assert_frame_equal(tables.stages, from_files.stages)
    assert {name: str(frame) for name, frame in frames.items()} == before, "they are not changed"


def test_one_frame_of_events_is_needed_for_each_file(company) -> None:
    company.read(company.events_mapping, events=company.events)
    with pytest.raises(LeadReadyError, match="got 2 tables of events, but the mapping has 1"):
        read_tables(company.workspace(), events=[pd.DataFrame(), pd.DataFrame()])


def test_progress_names_each_file(company) -> None:
    company.read(company.events_mapping, events=company.events)
    messages: list[str] = []
    read_tables(company.workspace(), messages.append)
    assert sorted(messages) == ["reading events.csv", "reading leads.csv"]


def test_the_tables_are_the_same_for_every_file_format(company) -> None:
    """A workbook, Parquet with types and CSV give the same leads and events."""
    from_csv = company.read(company.events_mapping, events=company.events)
    events = pd.read_csv(company.folder / "events.csv", dtype=str)
    typed = events.assign(
        when=pd.to_datetime(events["when"], format="ISO8601"),
        secs=pd.to_numeric(events["secs"].str.replace(",", "")),
    )
    typed.to_parquet(company.folder / "events.parquet")
    leads = pd.read_csv(company.folder / "leads.csv", dtype=str)
    leads.to_excel(company.folder / "leads.xlsx", index=False)
    mapping = company.mapping.replace("leads.csv", "leads.xlsx")
    tables = company.read(company.events_mapping.replace("events.csv", "events.parquet"), mapping)
    pd.testing.assert_frame_equal(tables.leads, from_csv.leads)
    pd.testing.assert_frame_equal(tables.events, from_csv.events)


def test_the_leak_audit_takes_the_tables(company) -> None:
    tables = company.read()
    assert audit_tables(company.workspace(), tables) == []
