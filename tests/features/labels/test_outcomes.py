import dataclasses

import numpy as np
import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.labels.moments import TO_COME, build_moments
from features.labels.outcomes import (
    build_outcomes,
    column_or_last_stage,
    results_at_extract,
    unmapped_reasons,
)

HORIZON = """
  columns: {}
outcome:
  won_when: {stage: [Won]}
  won_at: won_on
  amount: offer
  horizon_days: 90
"""


def outcomes_of(ws, data):
    judged, _ = build_moments(ws, data)
    return build_outcomes(ws, data, judged).set_index("lead_id")


def lead(name, created="2024-01-01", **more):
    return {"lead_id": name, "created_at": created, "raw:stage": "Lost", "raw:offer": None, **more}


def test_a_win_counts_within_the_horizon_and_not_after_it(workspace, tables):
    won = {"raw:stage": "Won", "raw:offer": "1000"}
    data = tables(
        [
            lead("last day", won_at="2024-03-31", **won),  # 90 days after 2024-01-01
            lead("a second late", won_at="2024-03-31 00:00:01", **won),
            lead("undated", **won),
            lead("lost"),
        ]
    )
    found = outcomes_of(workspace(HORIZON), data)
    assert found["outcome"].to_dict() == {
        "last day": "won",
        "a second late": "not won",
        "undated": "won",
        "lost": "not won",
    }
    assert found["mature_at"].eq(pd.Timestamp("2024-03-31")).all()
    assert found["amount"].tolist()[0] == 1000
    assert np.isnan(found.loc["a second late", "amount"])
    assert pd.isna(found.loc["a second late", "won_at"])


def test_immature_leads_are_unknown_even_when_already_won(workspace, tables):
    data = tables(
        [
            lead("mature", "2024-04-02"),  # + 90 days is the extract, 2024-07-01
            lead("young", "2024-04-02 00:01"),
            lead("young but won", "2024-06-01", won_at="2024-06-02", **{"raw:stage": "Won"}),
        ]
    )
    found = outcomes_of(workspace(HORIZON), data)
    assert found["outcome"].tolist() == ["not won", "unknown", "unknown"]
    assert found["why_unknown"].tolist() == [None, "not mature", "not mature"]


def test_without_a_horizon_outcomes_are_taken_as_of_the_extract(workspace, tables):
    ws = workspace(HORIZON)
    data = tables([lead("young", "2024-06-30"), lead("won", "2024-06-30", **{"raw:stage": "Won"})])
    no_horizon = dataclasses.replace(ws, outcome=dataclasses.replace(ws.outcome, horizon_days=None))
    evaluation = dataclasses.replace(ws.evaluation, outcomes="at_extract")
    published = dataclasses.replace(ws, evaluation=evaluation)
    for variant, young in ((no_horizon, "unknown"), (published, "not won")):
        found = outcomes_of(variant, data)
        assert found["outcome"].tolist() == [young, "won"]
        assert found["mature_at"].isna().all()


def test_the_workspace_names_reasons_why_an_outcome_is_unknown(workspace, tables):
    ws = workspace(
        HORIZON
        + """
  unknown_when:
    never worked: {stage: [New], reason: [Abandoned]}
    test record: {source: [Test]}
"""
    )
    data = tables(
        [
            lead("new", **{"raw:stage": "New ", "raw:reason": None, "raw:source": "Test"}),
            lead("abandoned", **{"raw:reason": "Abandoned", "raw:source": None}),
            lead("test", **{"raw:stage": "Won", "raw:reason": None, "raw:source": "Test"}),
            lead("worked", **{"raw:reason": "Too small", "raw:source": "Web"}),
        ]
    )
    assert outcomes_of(ws, data)["why_unknown"].to_dict() == {
        "new": "never worked",
        "abandoned": "never worked",
        "test": "test record",
        "worked": None,
    }


WORKED = """
  columns: {}
events: [{file: events.csv, lead: id, time: at, kind: kind}]
stages: {file: stages.csv, lead: id, stage: stage, time: at, reason: reason, amount: amount}
outcome:
  won_when: {stage: [Won]}
  horizon_days: 90
  worked: {stages: [Accepted, Rejected], events: [call], within_days: 14}
"""


def test_leads_that_sales_never_worked_have_no_outcome(workspace, tables):
    names = ["called", "lead called", "accepted", "too late", "before", "ignored", "ignored, won"]
    data = tables(
        [{"lead_id": name, "created_at": "2024-01-01"} for name in names],
        events=[
            {"person_id": "lead:called", "at": "2024-01-15", "kind": "call", "by_sales": True},
            {"person_id": "lead:lead called", "at": "2024-01-02", "kind": "call"},
            {
                "person_id": "lead:too late",
                "at": "2024-01-15 00:01",
                "kind": "call",
                "by_sales": True,
            },
            {"person_id": "lead:before", "at": "2023-12-31", "kind": "call", "by_sales": True},
            {"person_id": "lead:ignored", "at": "2024-01-02", "kind": "email", "by_sales": True},
        ],
        stages=[
            {"lead_id": "accepted", "stage": "Accepted", "at": "2024-01-02"},
            {"lead_id": "ignored, won", "stage": "Won", "at": "2024-01-20"},
        ],
    )
    found = outcomes_of(workspace(WORKED), data)
    worked = found.index[found["why_unknown"].isna()]
    assert list(worked) == ["called", "accepted"]
    assert set(found["why_unknown"].dropna()) == {"never worked"}


def test_if_the_data_never_says_who_called_any_call_after_the_moment_is_a_follow_up(
    workspace, tables
):
    data = tables(
        [{"lead_id": "a", "created_at": "2024-01-01"}],
        events=[{"person_id": "lead:a", "at": "2024-01-02", "kind": "call"}],
    )
    assert outcomes_of(workspace(WORKED), data)["outcome"].tolist() == ["not won"]


def test_a_lead_that_sales_may_still_work_is_not_mature_rather_than_never_worked(workspace, tables):
    ws = workspace(WORKED.replace("  horizon_days: 90\n", ""))
    data = tables([{"lead_id": "a", "created_at": "2024-06-20"}])
    assert outcomes_of(ws, data)["why_unknown"].tolist() == ["not mature"]


def test_stage_history_gives_the_first_win_its_amount_and_the_last_reason(workspace, tables):
    data = tables(
        [{"lead_id": name, "created_at": "2024-01-01"} for name in ("won", "lost")],
        stages=[
            {"lead_id": "won", "stage": "Won", "at": "2024-02-03", "amount": 7.0},
            {"lead_id": "won", "stage": "Won", "at": "2024-02-01", "amount": 5.0},
            {"lead_id": "won", "stage": "Accepted", "at": "2024-01-05"},
            {"lead_id": "lost", "stage": "Rejected", "at": "2024-01-05", "reason": "Too small"},
            {"lead_id": "lost", "stage": "Rejected", "at": "2024-01-03", "reason": "No budget"},
            {"lead_id": "lost", "stage": "Lost", "at": "2024-01-07"},
        ],
    )
    found = outcomes_of(workspace(WORKED), data)
    assert found["outcome"].tolist() == ["won", "not won"]
    assert found.loc["won", "won_at"] == pd.Timestamp("2024-02-01")
    assert found["amount"].iloc[0] == 5.0
    assert found["reason"].tolist() == [None, "Too small"]


def test_without_extract_at_the_latest_date_that_is_not_in_the_future_counts(workspace, tables):
    ws = dataclasses.replace(workspace(HORIZON), extract_at=None)
    data = tables(
        [lead("old", "2024-01-01"), lead("new", "2024-03-31"), lead("mistyped", "2924-03-31")]
    )
    judged, left_out = build_moments(ws, data)
    assert left_out == {TO_COME: 1}
    assert build_outcomes(ws, data, judged)["why_unknown"].tolist() == [None, "not mature"]
    event = {"person_id": "lead:old", "kind": "call", "at": "2024-06-29"}
    later = tables([lead("old", "2024-01-01"), lead("new", "2024-03-31")], [event])
    assert outcomes_of(ws, later)["why_unknown"].tolist() == [None, None]


def test_a_missing_outcome_column_is_named(workspace, tables):
    data = tables([{"lead_id": "a", "created_at": "2024-01-01", "raw:stages": "Won"}])
    with pytest.raises(LeadReadyError, match="unknown column 'stage'; did you mean 'stages'"):
        outcomes_of(workspace(HORIZON), data)


def test_outcomes_have_the_rows_of_the_moments_and_change_nothing(workspace, tables):
    ws, data = workspace(HORIZON), tables([lead(name) for name in "abc"])
    before = data.leads.copy(deep=True)
    judged, _ = build_moments(ws, data)
    shuffled = judged.iloc[[2, 0, 1]].set_axis([5, 5, 1])
    assert build_outcomes(ws, data, shuffled)["lead_id"].tolist() == ["c", "a", "b"]
    pd.testing.assert_frame_equal(data.leads, before)


REASONS = """
  columns: {}
outcome:
  won_when: {stage: [Won]}
  horizon_days: 90
  reason: lost because
  reasons:
    duplicate: [Twice, Again]
    test record: [QA]
    never worked: [Abandoned]
    no budget: [Pricey]
"""


def test_leads_that_sales_closed_as_no_lead_or_never_worked_have_no_outcome(workspace, tables):
    reasons = {
        "a": "Twice",
        "b": "QA ",
        "c": "Abandoned",
        "d": "Pricey",
        "e": "Bounced",
        "f": "X-17",
        "g": None,
    }
    data = tables([lead(name, **{"raw:lost because": why}) for name, why in reasons.items()])
    found = outcomes_of(workspace(REASONS), data)
    assert found["why_unknown"].to_dict() == {
        "a": "duplicate",
        "b": "test record",
        "c": "never worked",
        "d": None,
        "e": None,
        "f": None,
        "g": None,
    }
    # Reasons that the file does not map are guessed from their wording, but never make an outcome
    # unknown.
    assert found["disposition"].tolist()[3:] == ["no budget", "bad data", "other", None]
    assert unmapped_reasons(workspace(REASONS), data) == {"Bounced": 1, "X-17": 1}


def test_an_unmapped_reason_never_makes_an_outcome_unknown(workspace, tables):
    ws = workspace(REASONS.replace("    never worked: [Abandoned]\n", ""))
    found = outcomes_of(ws, tables([lead("c", **{"raw:lost because": "Abandoned"})]))
    assert found.loc["c", ["outcome", "disposition"]].tolist() == ["not won", "never worked"]


def test_reasons_make_won_leads_unknown_too(workspace, tables):
    won = {"raw:stage": "Won", "raw:lost because": "Abandoned"}
    assert outcomes_of(workspace(REASONS), tables([lead("a", **won)]))["outcome"].tolist() == [
        "unknown"
    ]


def test_reasons_in_the_stage_history_count(workspace, tables):
    ws = workspace(
        WORKED.replace(
            "  worked: {stages: [Accepted, Rejected], events: [call], within_days: 14}",
            "  reasons: {duplicate: [Twice]}",
        )
    )
    stages = [
        {"lead_id": "a", "stage": "Rejected", "at": "2024-01-05", "reason": "Twice"},
        {"lead_id": "b", "stage": "Rejected", "at": "2024-01-06", "reason": "Pricey"},
    ]
    data = tables([{"lead_id": name, "created_at": "2024-01-01"} for name in "ab"], stages=stages)
    found = outcomes_of(ws, data)
    assert found["why_unknown"].tolist() == ["duplicate", None]
    assert found["reason_at"].tolist() == [pd.Timestamp("2024-01-05"), pd.Timestamp("2024-01-06")]


OPEN = """
  columns: {}
stages: {file: stages.csv, lead: id, stage: Stage, time: at, reason: reason, amount: amount}
outcome:
  won_when: {stage: [Won]}
  horizon_days: 90
  unknown_when:
    still open: {Stage: [Talks]}
    withdrawn: {Stage: [Withdrawn]}
"""


def test_the_last_stage_shows_which_leads_are_still_open_or_withdrawn(workspace, tables):
    history = {
        "open": ["Talks"],
        "young": ["Talks"],
        "lost": ["Talks", "Lost"],
        "gone": ["Talks", "Withdrawn"],
        "back": ["Withdrawn", "Lost"],
        "won": ["Talks", "Won"],
    }
    data = tables(
        [
            {"lead_id": name, "created_at": "2024-06-01" if name == "young" else "2024-01-01"}
            for name in history
        ],
        stages=[
            {"lead_id": name, "stage": stage, "at": f"2024-0{2 + place}-01"}
            for name, stages in history.items()
            for place, stage in reversed(list(enumerate(stages)))
        ],
    )
    found = outcomes_of(workspace(OPEN), data)
    assert found["why_unknown"].to_dict() == {
        "open": "still open beyond the horizon",
        "young": "not mature",
        "lost": None,
        "gone": "withdrawn",
        "back": None,
        "won": None,
    }
    assert found["outcome"].tolist() == [
        "unknown",
        "unknown",
        "not won",
        "unknown",
        "not won",
        "won",
    ]


def test_without_a_horizon_an_open_lead_is_still_open(workspace, tables):
    ws = workspace(OPEN.replace("  horizon_days: 90\n", ""))
    data = tables(
        [{"lead_id": "a", "created_at": "2024-01-01"}],
        stages=[{"lead_id": "a", "stage": "Talks", "at": "2024-01-02"}],
    )
    assert outcomes_of(ws, data)["why_unknown"].tolist() == ["still open"]


# -- limits ----------------------------------------------------------------------------------------

RECENT = "2024-06-25"  # a follow-up may still come: the extract is 2024-07-01, 14 days are allowed


def moments_of(names, days):
    """Leads judged on given days."""
    return pd.DataFrame(
        {
            "lead_id": names,
            "person_id": [f"lead:{name}" for name in names],
            "account_id": None,
            "as_of": pd.to_datetime(days).astype("datetime64[us]"),
        }
    )


def unknown_because(ws, data):
    return outcomes_of(ws, data)["why_unknown"].to_dict()


def test_results_that_are_passed_in_are_used(workspace, tables):
    ws, data = workspace(HORIZON), tables([lead("lost"), lead("won", **{"raw:stage": "Won"})])
    judged, _ = build_moments(ws, data)
    results = results_at_extract(ws, data)
    columns = ["amount", "disposition", "reason", "reason_at", "won", "won_at"]
    assert sorted(results) == columns
    swapped = results.assign(won=~results["won"])
    assert build_outcomes(ws, data, judged, swapped)["outcome"].tolist() == ["won", "not won"]


def test_a_young_win_without_a_date_is_not_an_early_win(workspace, tables):
    ws = workspace(HORIZON + "  immature: weight\n")
    won = {"raw:stage": "Won"}
    data = tables(
        [
            lead("won early", "2024-06-01", won_at="2024-06-02", **won),
            lead("undated", "2024-06-01", **won),
            lead("lost", "2024-06-01"),
        ]
    )
    assert unknown_because(ws, data) == {
        "won early": None,
        "undated": "not mature",
        "lost": "not mature",
    }


def test_a_follow_up_counts_from_the_moment_until_its_last_day(workspace, tables):
    names = ("at the moment", "last day", "a second before", "a second late")
    times = ("2024-01-01", "2024-01-15", "2023-12-31 23:59:59", "2024-01-15 00:00:01")
    data = tables(
        [{"lead_id": name, "created_at": "2024-01-01"} for name in names],
        stages=[
            {"lead_id": name, "stage": "Accepted", "at": at}
            for name, at in zip(names, times, strict=True)
        ],
    )
    assert unknown_because(workspace(WORKED), data) == {
        "at the moment": None,
        "last day": None,
        "a second before": "never worked",
        "a second late": "never worked",
    }


def test_a_lead_that_was_worked_need_not_wait_for_the_last_day(workspace, tables):
    ws = workspace(WORKED.replace("  horizon_days: 90\n", ""))
    data = tables(
        [{"lead_id": name, "created_at": RECENT} for name in ("worked", "waiting")],
        stages=[{"lead_id": "worked", "stage": "Accepted", "at": "2024-06-26"}],
    )
    assert unknown_because(ws, data) == {"worked": "still open", "waiting": "not mature"}


def test_the_time_to_follow_up_has_passed_when_its_last_day_is_the_extract(workspace, tables):
    ws = workspace(WORKED.replace("  horizon_days: 90\n", ""))
    data = tables(
        [
            {"lead_id": "passed", "created_at": "2024-06-17"},  # + 14 days is the extract
            {"lead_id": "waiting", "created_at": "2024-06-17 00:00:01"},
        ]
    )
    assert unknown_because(ws, data) == {"passed": "never worked", "waiting": "not mature"}


def test_without_a_limit_any_later_follow_up_counts_and_its_time_is_always_over(workspace, tables):
    endless = WORKED.replace(", within_days: 14", "").replace("  horizon_days: 90\n", "")
    data = tables(
        [{"lead_id": name, "created_at": RECENT} for name in ("worked", "ignored")],
        stages=[{"lead_id": "worked", "stage": "Accepted", "at": "2034-06-26"}],
    )
    assert unknown_because(workspace(endless), data) == {
        "worked": "still open",
        "ignored": "never worked",
    }


def test_as_published_no_outcome_is_unknown_whatever_the_reason(workspace, tables):
    text = WORKED + "  unknown_when: {test record: {source: [Test]}}\n"
    ws = workspace(text + "evaluation: {outcomes: at_extract}\n")
    data = tables(
        [{"lead_id": "test", "created_at": RECENT, "raw:source": "Test"}],
        stages=[{"lead_id": "test", "stage": "Won", "at": "2024-06-26"}],
    )
    assert outcomes_of(ws, data)["outcome"].tolist() == ["won"]


def test_in_a_panel_a_follow_up_since_the_leads_own_moment_counts(workspace, tables):
    text = WORKED + "moment: {plus_days: 2, every_days: 7, closed: closed}\n"
    names = ("since its moment", "before it")
    data = tables(
        [{"lead_id": name, "created_at": "2024-01-01", "raw:closed": None} for name in names],
        stages=[
            {"lead_id": "since its moment", "stage": "Accepted", "at": "2024-01-03"},
            {"lead_id": "before it", "stage": "Accepted", "at": "2024-01-02 23:59:59"},
        ],
    )
    ws = workspace(text)
    judged = moments_of(names, ["2024-02-05"] * 2)
    assert build_outcomes(ws, data, judged)["why_unknown"].tolist() == [None, "never worked"]


def test_in_a_panel_without_a_delay_a_follow_up_at_the_leads_own_moment_counts(workspace, tables):
    ws = workspace(WORKED + "moment: {every_days: 7, closed: closed}\n")
    data = tables(
        [{"lead_id": "a", "created_at": "2024-01-01", "raw:closed": None}],
        stages=[{"lead_id": "a", "stage": "Accepted", "at": "2024-01-01"}],
    )
    judged = moments_of(["a"], ["2024-02-05"])
    assert build_outcomes(ws, data, judged)["why_unknown"].tolist() == [None]


def test_a_follow_up_before_the_moment_does_not_count(workspace, tables):
    data = tables(
        [{"lead_id": "a", "created_at": "2024-01-01"}],
        stages=[{"lead_id": "a", "stage": "Accepted", "at": "2024-01-02"}],
    )
    judged = moments_of(["a"], ["2024-01-03"])
    assert build_outcomes(workspace(WORKED), data, judged)["why_unknown"].tolist() == [
        "never worked"
    ]


def test_a_lead_without_a_moment_does_not_change_the_others(workspace, tables):
    names = ("open", "undated")
    data = tables(
        [{"lead_id": name, "created_at": "2024-01-01"} for name in names],
        stages=[{"lead_id": name, "stage": "Talks", "at": "2024-01-02"} for name in names],
    )
    found = build_outcomes(workspace(OPEN), data, moments_of(names, ["2024-01-01", None]))
    assert found["why_unknown"].tolist()[0] == "still open beyond the horizon"


def test_a_column_of_the_leads_goes_before_the_last_stage(workspace, tables):
    stages = [{"lead_id": "a", "stage": "Rejected", "at": "2024-01-02"}]
    data = tables([{"lead_id": "a", "created_at": "2024-01-01", "raw:status": "Open"}], (), stages)
    assert column_or_last_stage(workspace(OPEN), data, "status").tolist() == ["Open"]
    assert column_or_last_stage(workspace(OPEN), data, "Stage").tolist() == ["Rejected"]
    with pytest.raises(LeadReadyError) as caught:
        column_or_last_stage(workspace(HORIZON), tables([lead("a")]), "status")
    assert "created_at" not in str(caught.value), "only the company's own columns are suggested"
    assert "offer" in str(caught.value)


LOST = HORIZON.replace("  horizon_days: 90\n", "") + "  lost_when: {stage: [Lost]}\n"


def test_without_a_horizon_only_named_values_mean_lost(workspace, tables):
    stages = {"a": "Won", "b": "Lost", "c": "Talks", "d": None}
    data = tables([lead(name, **{"raw:stage": stage}) for name, stage in stages.items()])
    found = outcomes_of(workspace(LOST), data)
    assert found["outcome"].tolist() == ["won", "not won", "unknown", "unknown"]
    assert found["why_unknown"].tolist() == [None, None, "still open", "still open"]


def test_a_lead_that_is_open_after_its_horizon_was_not_won_in_time(workspace, tables):
    data = tables([lead("a", **{"raw:stage": "Talks"})])
    found = outcomes_of(workspace(LOST + "  horizon_days: 90\n"), data)
    assert found["outcome"].tolist() == ["not won"]


def test_another_column_may_say_lost(workspace, tables):
    ws = workspace(LOST.replace("{stage: [Lost]}", "{archived: [yes]}"))
    rows = [("a", "Won", "yes"), ("b", "New", "yes"), ("c", "New", "no")]
    data = tables([lead(a, **{"raw:stage": b, "raw:archived": c}) for a, b, c in rows])
    assert outcomes_of(ws, data)["outcome"].tolist() == ["won", "not won", "unknown"]


def test_the_last_stage_of_the_history_may_say_lost(workspace, tables):
    ws = workspace(OPEN.replace("  horizon_days: 90\n", "  lost_when: {stage: [Lost]}\n"))
    history = {"a": ["Talks", "Lost"], "b": ["Lost", "Talks"], "c": ["Lost", "Won"]}
    rows = [
        {"lead_id": name, "stage": stage, "at": f"2024-01-0{2 + place}"}
        for name, stages in history.items()
        for place, stage in enumerate(stages)
    ]
    data = tables([{"lead_id": name, "created_at": "2024-01-01"} for name in history], stages=rows)
    assert outcomes_of(ws, data)["outcome"].tolist() == ["not won", "unknown", "won"]
