import numpy as np
import pandas as pd
import pytest

from features.families.build import build_features, feature_catalogue
from features.families.engagement_sql import engagement_query

EVENTS = """
  columns: {}
events: [{file: events.csv, lead: id, time: at, kind: kind, value: seconds}]
"""
MOMENT = pd.Timestamp("2024-06-01 12:00")


def at(text):
    return pd.Timestamp(text)


@pytest.fixture(scope="session")
def features_of(workspace, tables):
    """Features of lead ``a`` (or of all leads), judged at noon of 1 June."""

    def build(events, leads=({"lead_id": "a", "created_at": "2024-01-01"},), moment=MOMENT):
        data = tables(list(leads), [{"person_id": "lead:a", "kind": "call", **e} for e in events])
        judged = data.leads[["lead_id", "person_id", "account_id"]].assign(as_of=moment)
        found, _ = build_features(workspace(EVENTS), data, judged)
        return found.set_index("lead_id")

    return build


@pytest.mark.parametrize("days", [7, 30, 90])
def test_a_window_includes_its_first_instant_and_not_the_moment(features_of, days):
    start = MOMENT - pd.Timedelta(days=days)
    instant = pd.Timedelta(microseconds=1)
    name = f"call_{days}d"
    assert features_of([{"at": start}])[name].item() == 1
    assert features_of([{"at": start - instant}])[name].item() == 0
    assert features_of([{"at": MOMENT - instant}])[name].item() == 1
    assert features_of([{"at": MOMENT}])[name].item() == 0
    assert features_of([{"at": MOMENT}])["call_ever"].item() == 0


def test_counts_recency_and_values_of_a_kind(features_of):
    found = features_of(
        [
            {"at": "2024-05-31 12:00", "value": 10.0},
            {"at": "2024-05-30", "value": None},
            {"at": "2024-05-20", "value": 30.0},
            {"at": "2023-05-20", "value": 5.0},
            {"at": "2024-05-31", "kind": "web_visit"},
        ]
    ).loc["a"]
    assert found[["call_7d", "call_30d", "call_90d", "call_ever"]].tolist() == [2, 3, 3, 4]
    assert found[["call_value_7d", "call_value_30d", "call_value_ever"]].tolist() == [10, 40, 45]
    assert found["call_value_max"] == 30
    assert found["call_days_since"] == 1.0
    assert found["web_visit_days_since"] == 1.5
    assert "web_visit_value_7d" not in found.index  # its events never have a value


def test_an_event_that_never_happened_counts_zero_and_has_no_age(features_of):
    leads = [{"lead_id": "a", "created_at": "2024-01-01"}, {"lead_id": "quiet"}]
    quiet = features_of([{"at": "2024-05-31", "value": 1.0}], leads).loc["quiet"]
    assert quiet[["call_7d", "call_ever", "call_value_ever", "activity_ever"]].tolist() == [0] * 4
    never = ["call_days_since", "call_value_max", "days_since_last_activity"]
    assert quiet[never].isna().all()


def test_activity_over_all_kinds(features_of):
    found = features_of(
        [
            {"at": "2024-05-31 08:00", "asset": "guide", "campaign": "spring"},
            {"at": "2024-05-31 09:00", "asset": "guide", "kind": "web_visit"},
            {"at": "2024-05-30", "asset": "video", "campaign": "spring"},
            {"at": "2024-04-15", "kind": "web_visit"},
            {"at": "2024-05-31 10:00", "kind": "mail", "asset": "offer", "by_sales": True},
        ]
    ).loc["a"]
    assert found[["activity_7d", "activity_30d", "activity_ever"]].tolist() == [3, 3, 4]
    assert found["activity_trend"] == 2  # three in the last 30 days minus one in the 30 days before
    assert found[["active_days_30d", "active_days_ever"]].tolist() == [2, 3]
    assert found[["assets_ever", "campaigns_ever"]].tolist() == [2, 1]
    assert found["days_since_last_activity"] == 27 / 24
    assert found["days_since_first_activity"] == 47.5
    assert found[["sales_attempts_7d", "sales_attempts_ever"]].tolist() == [1, 1]
    assert found["mail_ever"] == 1


def test_the_first_response_is_measured_from_the_creation(features_of):
    by_sales = {"kind": "mail", "by_sales": True}
    leads = [{"lead_id": "a", "created_at": "2024-05-01 10:00"}]
    events = [
        {"at": "2024-04-30", **by_sales},  # before it was a lead
        {"at": "2024-05-01 13:30", **by_sales},
        {"at": "2024-05-09", **by_sales},
        {"at": "2024-05-01 11:00"},
    ]
    assert features_of(events, leads)["first_response_hours"].item() == 3.5
    early = features_of(events, leads, moment=at("2024-05-01 12:00"))
    assert early["first_response_hours"].isna().all()
    assert features_of(events[:1], leads)["first_response_hours"].isna().all()


def test_many_moments_of_a_person_do_not_multiply_events(workspace, tables):
    data = tables(
        [
            {"lead_id": month, "person_id": "contact:p", "created_at": f"2024-0{month}-01"}
            for month in "12345"
        ],
        [{"person_id": "contact:p", "kind": "call", "at": f"2024-0{n}-15"} for n in range(1, 6)],
    )
    judged = pd.DataFrame(
        {
            "lead_id": list("1234512345"),
            "person_id": "contact:p",
            "account_id": None,
            "as_of": pd.to_datetime([f"2024-0{n}-20" for n in (1, 2, 3, 4, 5)] * 2),
        }
    )
    found, _ = build_features(workspace(EVENTS), data, judged)
    assert found["call_ever"].tolist() == [1, 2, 3, 4, 5] * 2
    assert found["earlier_leads"].tolist() == [0, 1, 2, 3, 4] * 2


def test_activity_of_colleagues_is_that_of_the_account_minus_the_leads_own(features_of):
    leads = [
        {"lead_id": name, "account_id": account, "created_at": "2024-01-01"}
        for name, account in zip("abcd", ["x", "x", "y", None], strict=True)
    ]
    of = [("a", "x"), ("b", "x"), ("b", "x"), ("c", "y"), ("d", None)]
    events = [
        {"person_id": f"lead:{who}", "account_id": account, "at": "2024-05-31"}
        for who, account in of
    ]
    events += [
        {"person_id": None, "account_id": "x", "at": "2024-05-02 12:00"},  # the first instant
        {"person_id": None, "account_id": "x", "at": "2024-05-02 11:59:59"},
        {"person_id": "lead:b", "account_id": "x", "at": MOMENT},
        {"person_id": "lead:b", "account_id": "x", "at": "2024-05-31", "by_sales": True},
        {"person_id": "lead:b", "account_id": None, "at": "2024-05-31"},  # b belongs to x
    ]
    found = features_of(events, leads)["account_others_30d"]
    assert found.to_dict() == {"a": 4, "b": 2, "c": 0, "d": 0}


def test_other_leads_of_person_and_account_before_the_moment(features_of):
    leads = [
        {"lead_id": "a", "person_id": "p", "account_id": "x", "created_at": "2024-05-01"},
        {"lead_id": "b", "person_id": "p", "account_id": "x", "created_at": "2023-05-01"},
        {"lead_id": "c", "person_id": "q", "account_id": "x", "created_at": "2024-05-02"},
        {"lead_id": "d", "person_id": "p", "account_id": None, "created_at": MOMENT},
        {"lead_id": "e", "person_id": "r", "account_id": None, "created_at": None},
    ]
    found = features_of([{"at": "2024-05-31"}], leads)
    assert found["earlier_leads"].to_dict() == {"a": 1, "b": 1, "c": 0, "d": 2, "e": 0}
    assert found["account_leads_90d"].to_dict() == {"a": 1, "b": 2, "c": 1, "d": 0, "e": 0}


def brute_force(events, person, moment):
    """Compute some features of one moment by looping over its events."""
    seen = events[(events["person_id"] == person) & (events["at"] < moment)]
    own = seen[~seen["by_sales"]]
    found = {}
    for kind in ("call", "web_visit"):
        of_kind = seen[seen["kind"] == kind]
        age = moment - of_kind["at"]
        for days in (7, 30, 90):
            near = age <= pd.Timedelta(days=days)
            found[f"{kind}_{days}d"] = near.sum()
            found[f"{kind}_value_{days}d"] = of_kind["value"][near].sum()
        found[f"{kind}_value_max"] = of_kind["value"].max()
        found[f"{kind}_days_since"] = age.min() / pd.Timedelta(days=1)
    found["active_days_ever"] = own["at"].dt.date.nunique()
    found["assets_ever"] = own["asset"].nunique()
    found["sales_attempts_ever"] = seen["by_sales"].sum()
    return pd.Series(found).astype("float64")


def test_the_query_agrees_with_a_loop_over_the_events(workspace, tables):
    random = np.random.default_rng(1)
    people = [f"lead:{n}" for n in range(12)]
    data = tables(
        [{"lead_id": str(n), "created_at": "2024-01-01"} for n in range(12)],
        [
            {
                "person_id": random.choice(people),
                "kind": random.choice(["call", "web_visit"]),
                "at": at("2024-01-01") + pd.Timedelta(minutes=int(random.integers(0, 250_000))),
                "asset": random.choice(["guide", "video", None]),
                "value": random.choice([1.0, 2.5, np.nan]),
                "by_sales": bool(random.integers(0, 2)),
            }
            for _ in range(800)
        ],
    )
    judged = data.leads[["lead_id", "person_id", "account_id"]].assign(
        as_of=[at("2024-03-01") + pd.Timedelta(days=9 * n) for n in range(12)]
    )
    found, _ = build_features(workspace(EVENTS), data, judged)
    for row, (_, moment) in zip(found.to_dict("records"), judged.iterrows(), strict=True):
        expected = brute_force(data.events, moment["person_id"], moment["as_of"])
        got = pd.Series(row)[expected.index].astype("float64")
        pd.testing.assert_series_equal(got, expected)


def test_parts_of_the_moments_give_what_all_of_them_give_at_once(workspace, tables, monkeypatch):
    random = np.random.default_rng(2)
    leads = [
        {
            "lead_id": str(n),
            "person_id": f"p{n // 2}",
            "account_id": random.choice(["x", "y", None]),
        }
        for n in range(24)
    ]
    data = tables(
        [{**lead, "created_at": "2024-01-01"} for lead in leads],
        [
            {
                "person_id": random.choice([*(f"p{n}" for n in range(14)), None]),
                "account_id": random.choice(["x", "y", "z", None]),
                "at": at("2024-04-01") + pd.Timedelta(hours=int(random.integers(0, 2000))),
                "by_sales": bool(random.integers(0, 2)),
            }
            for _ in range(400)
        ],
    )
    rows = random.permutation(np.repeat(np.arange(24), 2))
    judged = data.leads[["lead_id", "person_id", "account_id"]].iloc[rows].reset_index(drop=True)
    judged["as_of"] = [MOMENT + pd.Timedelta(days=int(day)) for day in random.integers(0, 9, 48)]
    whole, _ = build_features(workspace(EVENTS), data, judged)
    monkeypatch.setattr("features.families.engagement_inputs.PART", 7)
    parts, _ = build_features(workspace(EVENTS), data, judged)
    pd.testing.assert_frame_equal(parts, whole)
    assert whole["account_others_30d"].nunique() > 5


def test_the_query_can_be_written_for_other_engines(workspace, tables):
    data = tables(
        [{"lead_id": "a", "account_id": "x", "created_at": "2024-01-01"}],
        [{"person_id": "lead:a", "kind": "it's", "at": "2024-01-02", "value": 1.0, "asset": "g"}],
    )
    features = [
        feature
        for feature in feature_catalogue(workspace(EVENTS), data)
        if feature.source.startswith("events")
    ]
    for dialect in ("duckdb", "postgres", "spark"):
        sql = engagement_query(features).sql(dialect=dialect)
        assert "FILTER" not in sql
        assert "it''s" in sql or "it\\'s" in sql  # quoted, whatever a kind is called


def test_without_events_there_are_no_engagement_features(workspace, tables):
    data = tables([{"lead_id": "a", "created_at": "2024-01-01"}])
    assert feature_catalogue(workspace("  columns: {}\n"), data) == []


def test_events_of_machines_count_until_it_shows(features_of):
    shown = "2024-05-31 10:00:09"
    leads = [
        {"lead_id": name, "account_id": "x", "created_at": "2024-01-01"} for name in ("a", "b")
    ]
    events = [
        {"at": f"2024-05-31 10:00:0{second}", "machine_at": shown, "asset": "guide"}
        for second in (1, 3, 5, 7, 9)
    ]
    events += [
        {"at": "2024-05-31 10:00:11", "machine_at": "2024-05-31 10:00:11"},
        {"at": "2024-05-30", "asset": "video"},
    ]
    names = ["call_7d", "call_ever", "activity_ever", "assets_ever"]
    expected = {"10:00:08": [5, 2], "10:00:09": [5, 2], "10:00:10": [1, 1], "12:00": [1, 1]}
    for time, (count, assets) in expected.items():
        found = features_of(events, leads, at(f"2024-05-31 {time}"))
        assert found.loc["a", names].tolist() == [count, count, count, assets], time
        assert found["account_others_30d"].to_dict() == {"a": 0, "b": count}, time
    later = features_of(events, leads, at("2024-06-30 10:00:06"))  # the burst is cut by the window
    assert later["account_others_30d"].to_dict() == {"a": 0, "b": 0}


def test_events_of_colleagues_leave_the_window_though_nobody_knows_yet_that_a_machine_made_them(
    features_of,
):
    leads = [
        {"lead_id": name, "account_id": "x", "created_at": "2024-01-01"} for name in ("a", "b")
    ]
    events = [{"at": f"2024-05-{day:02}", "machine_at": "2024-07-01"} for day in (1, 11, 21)]
    for time, count in {
        "05-31": 3,
        "05-31 00:00:01": 2,
        "06-10": 2,
        "06-19": 1,
        "06-21": 0,
    }.items():
        found = features_of(events, leads, at(f"2024-{time}"))
        assert found["account_others_30d"].to_dict() == {"a": 0, "b": count}, time
