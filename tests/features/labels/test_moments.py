import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.labels.moments import CLOSED, DECIDED, NO_MOMENT, TO_COME, build_moments, moments_at

DAY_7 = """
  columns: {}
moment: {plus_days: 7, closed: closed}
outcome: {won_when: {stage: [Won]}, won_at: won_on}
"""


def test_a_lead_is_judged_some_days_after_its_creation(workspace, tables):
    data = tables([{"lead_id": "a", "created_at": "2024-01-01 10:30", "raw:stage": "Won"}])
    judged, left_out = build_moments(workspace(DAY_7), data)
    assert judged.to_dict("records") == [
        {
            "lead_id": "a",
            "person_id": "lead:a",
            "account_id": None,
            "as_of": pd.Timestamp("2024-01-08 10:30"),
        }
    ]
    assert left_out == {}


def test_every_lead_is_judged_or_counted_by_reason(workspace, tables):
    data = tables(
        [
            {"lead_id": "judged", "created_at": "2024-01-01", "raw:stage": "Lost"},
            {"lead_id": "closed", "created_at": "2024-01-01", "closed_at": "2024-01-08"},
            {"lead_id": "decided", "created_at": "2024-01-01", "won_at": "2024-01-05"},
            {"lead_id": "undated"},
            {"lead_id": "young", "created_at": "2024-06-28"},
            {"lead_id": "later", "created_at": "2024-01-01", "closed_at": "2024-01-08 00:01"},
        ]
    )
    judged, left_out = build_moments(workspace(DAY_7), data)
    assert judged["lead_id"].tolist() == ["judged", "later"]
    assert left_out == {CLOSED: 1, DECIDED: 1, NO_MOMENT: 1, TO_COME: 1}
    assert len(judged) + sum(left_out.values()) == len(data.leads)


def test_a_win_in_the_stage_history_before_the_moment_leaves_the_lead_out(workspace, tables):
    ws = workspace("""
  columns: {}
stages: {file: stages.csv, lead: id, stage: stage, time: at}
outcome: {won_when: {stage: [Won]}}
""")
    data = tables(
        [{"lead_id": name, "created_at": "2024-01-01"} for name in ("early", "later", "lost")],
        stages=[
            {"lead_id": "early", "stage": "Won", "at": "2023-12-31"},
            {"lead_id": "later", "stage": "Won", "at": "2024-01-02"},
            {"lead_id": "lost", "stage": "Lost", "at": "2023-12-31"},
        ],
    )
    judged, left_out = build_moments(ws, data)
    assert judged["lead_id"].tolist() == ["later", "lost"]
    assert left_out == {DECIDED: 1}


def test_leads_without_dates_are_all_judged_without_a_date(workspace, tables):
    ws = workspace(
        base="name: flat\nleads: {file: leads.csv, id: id, columns: {}}\n"
        "outcome: {won_when: {won: ['1']}}\n"
    )
    judged, left_out = build_moments(
        ws, tables([{"lead_id": name, "raw:won": "0"} for name in "ab"])
    )
    assert judged["lead_id"].tolist() == ["a", "b"]
    assert judged["as_of"].isna().all()
    assert left_out == {}


def test_open_leads_were_created_before_and_are_not_closed_or_won(workspace, tables):
    data = tables(
        [
            {"lead_id": "open", "created_at": "2024-01-01", "raw:stage": "Working"},
            {"lead_id": "now", "created_at": "2024-03-01"},
            {"lead_id": "closed", "created_at": "2024-01-01", "closed_at": "2024-02-01"},
            {"lead_id": "closes", "created_at": "2024-01-01", "closed_at": "2024-04-01"},
            {"lead_id": "won", "created_at": "2024-01-01", "raw:stage": "Won"},
            {
                "lead_id": "wins",
                "created_at": "2024-01-01",
                "raw:stage": "Won",
                "won_at": "2024-03-02",
            },
        ]
    )
    judged = moments_at(workspace(DAY_7), data, pd.Timestamp("2024-03-01"))
    assert judged["lead_id"].tolist() == ["open", "closes", "wins"]
    assert judged["as_of"].eq(pd.Timestamp("2024-03-01")).all()


@pytest.mark.parametrize(
    ("lead", "is_open"),
    [
        ({"raw:stage": "Lost", "closed_at": "2031-01-01"}, False),
        ({"raw:stage": "Won", "closed_at": "2031-01-01"}, False),
        ({"raw:stage": "Won", "won_at": "2031-01-01"}, False),
        ({"raw:stage": "Working", "closed_at": "2031-01-01"}, True),  # the day it may close
        ({"raw:stage": "Lost", "closed_at": "2024-06-02"}, True),  # known to the extract
        ({"raw:stage": "Won", "won_at": "2024-06-02"}, True),
    ],
)
def test_a_day_that_is_still_to_come_says_nothing_about_the_state(workspace, tables, lead, is_open):
    data = tables([{"lead_id": "a", "created_at": "2024-01-01", **lead}])
    ws = workspace(DAY_7.replace("won_at:", "lost_when: {stage: [Lost]}, won_at:"))
    assert bool(len(moments_at(ws, data, pd.Timestamp("2024-03-01")))) == is_open


def test_a_time_with_a_zone_is_refused_with_a_hint(workspace, tables):
    data = tables([{"lead_id": "a", "created_at": "2024-01-01", "raw:stage": "Won"}])
    with pytest.raises(LeadReadyError, match="time zone") as error:
        moments_at(workspace(DAY_7), data, pd.Timestamp("2024-03-01", tz="Europe/Vienna"))
    assert error.value.hint


def test_inputs_with_a_hostile_index_are_read_correctly_and_not_changed(workspace, tables):
    data = tables(
        [{"lead_id": day, "created_at": f"2024-01-0{day}", "raw:stage": "Lost"} for day in "123"]
    )
    hostile = data.leads.set_axis([7, 7, 0])
    before = hostile.copy(deep=True)
    judged, _ = build_moments(workspace(DAY_7), type(data)(hostile, data.events, data.stages, []))
    assert judged["lead_id"].tolist() == ["1", "2", "3"]
    pd.testing.assert_frame_equal(hostile, before)
