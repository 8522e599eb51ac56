"""The closing date, where only a history has it."""

from dataclasses import replace

import pandas as pd
import pytest

from features.families.build import build_features, feature_catalogue
from features.labels.closings import fill_closing_dates, open_with_closing_date
from features.labels.moments import CLOSED, build_moments, moments_at

HISTORY = """
  columns: {}
events: [{file: events.csv, lead: id, time: at, kind: kind}]
stages: {file: stages.csv, lead: id, stage: stage, time: at}
moment: {plus_days: 30}
"""
BY_STAGE = HISTORY + "outcome: {won_when: {stage: [Won]}, lost_when: {stage: [Lost, Rejected]}}\n"
PATHS = {  # the stages of a lead in order, a day after the other, and the day of its closing
    "won": (["New", "Won", "Onboarding"], 2),
    "lost": (["New", "Rejected", "Lost"], 2),
    "reopened": (["Lost", "New"], None),
    "lost twice": (["Lost", "New", "Lost"], 3),
    "open": (["New", "Called"], None),
}
LEADS = [{"lead_id": name, "created_at": "2024-01-01"} for name in PATHS]
STAGES = [
    {"lead_id": name, "stage": stage, "at": f"2024-01-0{day}"}
    for name, (stages, _) in PATHS.items()
    for day, stage in enumerate(stages, 1)
]


def closing_days(tables):
    return dict(zip(tables.leads["lead_id"], tables.leads["closed_at"].dt.day, strict=True))


def expected_days():
    return {name: day for name, (_, day) in PATHS.items()}


def assert_days(found, expected):
    assert {name: None if pd.isna(day) else int(day) for name, day in found.items()} == expected


def test_the_stage_history_gives_the_closing(workspace, tables):
    filled = fill_closing_dates(workspace(BY_STAGE), tables(LEADS, stages=STAGES))
    assert_days(closing_days(filled), expected_days())


def test_a_closing_date_of_the_file_stands(workspace, tables):
    leads = [{**LEADS[1], "closed_at": "2024-01-20"}]
    filled = fill_closing_dates(workspace(BY_STAGE), tables(leads, stages=STAGES[3:6]))
    assert closing_days(filled) == {"lost": 20}


@pytest.mark.parametrize(
    ("lost_when", "day"),
    [
        ("{Status: [Lost]}", 2),
        ("{none: [{Status: [Won, New]}]}", 2),
        ("{all: [{Status: [Lost]}, {Active: ['False']}]}", 2),
        ("{any: [{Status: [Lost]}, {Active: ['True']}]}", 2),
        ("{Active: ['False']}", None),  # the history does not tell
    ],
)
def test_a_history_of_the_status_gives_the_closing(workspace, tables, lost_when, day):
    ws = workspace(HISTORY + f"outcome: {{won_when: {{Status: [Won]}}, lost_when: {lost_when}}}\n")
    leads = [
        {"lead_id": "a", "created_at": "2024-01-01", "raw:Status": "Lost", "raw:Active": "False"},
        {"lead_id": "b", "created_at": "2024-01-01", "raw:Status": "Won", "raw:Active": "Maybe"},
    ]
    stages = [
        {"lead_id": lead, "stage": stage, "at": f"2024-01-0{day}"}
        for lead, last in (("a", "Lost"), ("b", "Won"))
        for day, stage in enumerate(("New", last), 1)
    ]
    assert_days(
        closing_days(fill_closing_dates(ws, tables(leads, stages=stages))), {"a": day, "b": 2}
    )


def test_a_field_history_gives_the_closing(workspace, tables):
    ws = workspace(HISTORY + "outcome: {won_when: {Status: [Won]}, lost_when: {Status: [Lost]}}\n")
    states = {"a": "Lost", "b": "Won", "c": "New"}
    leads = [
        {"lead_id": name, "created_at": "2024-01-01", "raw:Status": state}
        for name, state in states.items()
    ]
    changes = pd.DataFrame({"lead_id": ["a", "a", "b", "c"], "column": "Status"})
    changes["at"] = pd.to_datetime(["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"])
    filled = fill_closing_dates(ws, replace(tables(leads), field_history=changes))
    assert_days(closing_days(filled), {"a": 3, "b": 4, "c": None})


def test_events_after_the_closing_never_count(workspace, tables):
    ws = workspace(BY_STAGE)
    events = [{"person_id": f"lead:{name}", "kind": "survey", "at": "2024-01-10"} for name in PATHS]
    data = fill_closing_dates(ws, tables(LEADS, events, STAGES))
    judged, left_out = build_moments(ws, data)
    assert judged["lead_id"].tolist() == ["reopened", "open"]
    assert left_out == {CLOSED: 3}
    scored = moments_at(ws, data, pd.Timestamp("2024-06-01"))
    assert scored["lead_id"].tolist() == ["reopened", "open"]
    counted = build_features(ws, data, judged, feature_catalogue(ws, data))[0]
    assert counted["survey_30d"].sum() == 2


PLANNED = """
  columns: {}
moment: {closed: Close date}
outcome: {won_when: {Status: [Won]}, lost_when: {Status: [Lost]}}
"""


@pytest.mark.parametrize(("dated", "total", "is_told"), [(20, 100, True), (19, 95, False)])
def test_open_leads_with_a_closing_date_are_told(workspace, tables, dated, total, is_told):
    leads = [
        {"lead_id": str(n), "created_at": "2024-01-01", "raw:Status": "Talks"} for n in range(total)
    ]
    for lead in leads[:dated]:
        lead["closed_at"] = "2024-05-01"
    leads += [{**leads[0], "lead_id": f"won {n}", "raw:Status": "Won"} for n in range(50)]
    won = pd.Series([False] * total + [True] * 50)
    found = open_with_closing_date(workspace(PLANNED), tables(leads), won)
    assert [problem.count for problem in found] == ([20] if is_told else [])
    if found:
        start = (
            "20 of 100 leads that are neither won nor lost have a date in Close date: Talks (20)"
        )
        assert found[0].message.startswith(start)
        assert not found[0].blocks
