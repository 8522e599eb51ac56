"""Guesses about raw columns: by what is in them first, by their name second."""

from __future__ import annotations

import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.guess.columns import date_formats, placeholders, profile, read_dates, slug
from features.guess.workspace import (
    look_at_events,
    pick_created,
    pick_handoff,
    pick_id,
    pick_outcome,
    unknown_when,
)


def guess(name: str, values: list[str | None]):
    (found,) = profile(pd.DataFrame({name: values}, dtype=object))
    return found


MANY = [str(one) for one in range(100, 400)]


@pytest.mark.parametrize(
    ("name", "values", "role"),
    [
        ("Id", [f"58050280000568646{one}" for one in MANY], "id"),
        ("anything", [f"7927b2df-8bba-4d29-b9a2-b6e0beafe{one}" for one in MANY], "id"),
        ("account_id", ["acct_1", "acct_2"] * 100 + [f"acct_{one}" for one in MANY], "account"),
        ("Contact Name", [f"5805028000000{one}" for one in MANY] * 2, "contact"),
        ("whatever", ["a@b.com", "c@d.org", None] * 20, "personal"),
        ("Mobile", ["+49 170 1234567", "0170/7654321"] * 20, "personal"),
        ("First Name", ["Ann", "Bob"] * 30 + [f"N{chr(65 + i)}" for i in range(26)], "personal"),
        ("last_ip", [f"10.0.{i}.7" for i in range(30)], "personal"),
        ("Magazine", ["No"] * 30, "constant"),
        ("Empty", [None] * 30, "constant"),
        ("Closing Date", ["02.04.2024", "30.01.2024", None] * 10, "date"),
        ("Deal Owner Name", ["Charlie Davis", "Julia Nelson"] * 30, "owner"),
        ("OwnerEmployeeId", ["1", "2", "3"] * 30, "owner"),
        ("Notes", [f"{'long words ' * 9} {one}" for one in MANY], "text"),
    ],
)
def test_roles_that_are_no_feature(name: str, values: list[str | None], role: str) -> None:
    assert guess(name, values).role == role


@pytest.mark.parametrize(
    ("name", "values", "family", "kind", "feature"),
    [
        ("Employees", ["50", "150", "5,050"], "firmographic", "number", "employees"),
        ("employee_band", ["200-499", "500-999", "2000+"], "firmographic", "number", "employees"),
        ("estimated_revenue", ["$10M-$50M", "$200M+"], "firmographic", "number", "revenue"),
        ("year_established", ["1996", "2004"], "firmographic", "year", "company_age"),
        ("sector", ["retail", "medical"], "firmographic", "category", "industry"),
        ("TimeZone", ["PST", "EST"], "firmographic", "category", "time_zone"),
        ("Title", ["VP Sales", "Owner"], "role", "title", "title"),
        ("seniority", ["vp", "director"], "role", "category", "seniority"),
        ("Your occupation", ["Student", "Other"], "role", "category", "your_occupation"),
        ("Lead Source", ["Google", "bing"], "origin", "category", "source"),
        ("Page", ["/eng", "/test"], "origin", "category", "page"),
        ("Page Views Per Visit", ["2.5", "3"], "engagement", "number", "page_views_per_visit"),
        ("TotalVisits", ["2", "3"], "engagement", "number", "total_visits"),
        ("Do Not Email", ["Yes", "No"], "engagement", "flag", "do_not_email"),
        ("Zebra", ["a", "b"], "origin", "category", "zebra"),
    ],
)
def test_families_and_types(
    name: str, values: list[str | None], family: str, kind: str, feature: str
) -> None:
    found = guess(name, values * 20)
    assert found.role == "feature"
    assert (found.family, found.type, found.feature) == (family, kind, feature)
    assert found.why


def test_two_columns_never_make_one_feature() -> None:
    raw = pd.DataFrame({"Source": ["a", "b"] * 9, "Lead Source": ["c", "d"] * 9}, dtype=object)
    assert [one.feature for one in profile(raw)] == ["source", "source_2"]


def test_a_name_that_says_nothing_is_said_to() -> None:
    assert "please look" in guess("Zebra", ["a", "b"] * 20).why


@pytest.mark.parametrize(
    ("values", "formats"),
    [
        (["2024-01-31", "2024-02-01"], ("ISO8601",)),
        (["2024-01-31T10:00:00Z", "2024-02-01 11:00"], ("ISO8601",)),
        (["20210105", "20220812"], ("%Y%m%d",)),
        (["27.06.2023 11:28", "03.07.2023 11:31"], ("%d.%m.%Y %H:%M",)),
        (["7/25/2022", "5/16/2022"], ("%m/%d/%Y",)),
        (["25/7/2022", "16/5/2022"], ("%d/%m/%Y",)),
        (["27.06.2023 11:28", "03.07.2023"] * 5, ("%d.%m.%Y", "%d.%m.%Y %H:%M")),
        (["20219999", "20228888"], None),
        (["1999", "2004"], None),
        (["00:10:46", "00:11:09"], None),
        (["5805028000056864695"], None),
        ([None, None], None),
    ],
)
def test_date_formats(values: list[str | None], formats: tuple[str, ...] | None) -> None:
    assert date_formats(pd.Series(values, dtype=object)) == formats


def test_dates_keep_their_index_and_lose_their_time_zone() -> None:
    column = pd.Series(["2024-01-31T10:00:00+02:00", None], index=[7, 3], dtype=object)
    read = read_dates(column, ["ISO8601"])
    assert read.index.tolist() == [7, 3]
    assert read.tolist()[0] == pd.Timestamp("2024-01-31 08:00:00")
    assert read.isna().tolist() == [False, True]


def test_placeholders_are_found_by_value_most_frequent_first() -> None:
    raw = pd.DataFrame({"a": ["Select"] * 5 + ["x"], "b": ["-", "Selected", "n/a", "-", "y", None]})
    assert placeholders(raw) == ["Select", "-", "n/a"]


@pytest.mark.parametrize(
    ("name", "feature"),
    [("TimeZone", "time_zone"), ("2nd touch", "column_2nd_touch"), ("%", "column")],
)
def test_feature_names_are_plain(name: str, feature: str) -> None:
    assert slug(name) == feature


# -- the skeleton ---------------------------------------------------------------------------------


def test_the_lead_s_own_id_wins_over_other_unique_columns() -> None:
    raw = pd.DataFrame({"Contact Number": MANY, "Lead Id": MANY, "x": ["a"] * 300}, dtype=object)
    assert pick_id(profile(raw), None, list(raw.columns)) == "Lead Id"


def test_no_id_is_said_with_the_option_that_helps() -> None:
    raw = pd.DataFrame({"a": ["x", "y"] * 9}, dtype=object)
    with pytest.raises(LeadReadyError) as error:
        pick_id(profile(raw), None, ["a"])
    assert "--id COLUMN" in str(error.value.hint)


def test_an_id_that_is_not_there_is_said_with_the_nearest_name() -> None:
    with pytest.raises(LeadReadyError, match="did you mean 'Lead Id'"):
        pick_id([], "LeadId", ["Lead Id", "Source"])


def test_the_date_of_creation_is_not_that_of_closing() -> None:
    days = ["2024-01-01", "2024-02-01"] * 5
    raw = pd.DataFrame({"Closing Date": days, "Enquiry Date": days}, dtype=object)
    guesses = profile(raw)
    assert pick_created(guesses, None, list(raw.columns)) == "Enquiry Date"
    assert pick_created([one for one in guesses if one.column != "Enquiry Date"], None, []) is None


def test_the_hand_off_is_found() -> None:
    days = ["2024-01-01", "2024-02-01"] * 5
    raw = pd.DataFrame({"created_at": days, "handed_off_at": days}, dtype=object)
    assert pick_handoff(profile(raw)) == "handed_off_at"


@pytest.mark.parametrize(
    ("columns", "asked", "column", "won", "still_open"),
    [
        ({"Converted": ["1", "0"]}, None, "Converted", ("1",), ()),
        ({"Stage": ["Won", "Lost", "Talks"]}, None, "Stage", ("Won",), ("Talks",)),
        ({"Stage": ["Qualified", "Disqualified", "New"]}, None, "Stage", ("Qualified",), ("New",)),
        ({"Stage": ["Payment Done", "Lost"]}, "stage", None, (), ()),
        ({"Stage": ["Payment Done", "Lost"]}, "Stage=payment done", "Stage", ("Payment Done",), ()),
        ({"is_won": ["True", "False"], "Stage": ["Won", "New"]}, None, "is_won", ("True",), ()),
        ({"Stage": ["Closed Won", "Closed Lost"]}, None, "Stage", ("Closed Won",), ()),
        ({"won_reason": ["price", "service"]}, None, None, (), ()),
        ({"Status": ["Not converted", "Unqualified"]}, None, None, (), ()),
        ({"Source": ["Customer event", "Web"]}, None, None, (), ()),
    ],
)
def test_outcomes(columns, asked, column, won, still_open) -> None:
    raw = pd.DataFrame({name: values * 6 for name, values in columns.items()}, dtype=object)
    if column is None:
        with pytest.raises(LeadReadyError) as error:
            pick_outcome(raw, asked)
        assert "--outcome" in str(error.value.hint)
        return
    found = pick_outcome(raw, asked)
    assert (found.column, found.won, found.still_open) == (column, won, still_open)


def test_a_value_that_is_never_seen_is_no_outcome() -> None:
    raw = pd.DataFrame({"Stage": ["Won", "Lost"] * 6}, dtype=object)
    with pytest.raises(LeadReadyError, match="unknown value of Stage 'Wonn'; did you mean 'Won'"):
        pick_outcome(raw, "Stage=Wonn")


def test_one_outcome_only_is_nothing_to_learn_from() -> None:
    with pytest.raises(LeadReadyError, match="nothing to learn"):
        pick_outcome(pd.DataFrame({"Stage": ["Won"] * 9}, dtype=object), "Stage=Won")


def test_reasons_for_an_unknown_outcome_are_found_among_values() -> None:
    raw = pd.DataFrame(
        {
            "Lost Reason": ["Duplicate", "Too small", "Expensive"],
            "Source": ["Test", "Google", "Organic"],
            "Why": ["Abandoned", "Wrong contact", "No budget"],
            "Page": ["/test", "/eng", "/"],
        }
    )
    assert unknown_when(raw, set()) == {
        "duplicate": ("Lost Reason", "Duplicate"),
        "test record": ("Source", "Test"),
        "never worked": ("Why", "Abandoned"),
    }


def _events() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Id": [str(one) for one in range(60)],
            "who": [f"c{one % 20}" for one in range(60)],
            "Start Time": ["2024-01-01 10:00", "2024-02-01 11:00"] * 30,
            "Call Type": ["Outbound", "Inbound", "Missed"] * 20,
            "Duration": [str(one % 40) for one in range(60)],
        },
        dtype=object,
    )


def test_events_are_linked_by_the_ids_they_hold() -> None:
    table = _events()
    ids = {
        "lead": pd.Series([f"l{one}" for one in range(20)]),
        "contact": pd.Series([f"c{one}" for one in range(25)]),
    }
    found = look_at_events(table, profile(table), ids, "calls.csv")
    assert (found.link, found.link_column, found.matched) == ("contact", "who", 1.0)
    assert found.columns == {"time": "Start Time", "kind": "Call Type", "value": "Duration"}
    assert (found.direction, found.by_sales) == ("Call Type", ("Outbound",))
    assert not found.is_stages


def test_events_of_strangers_are_refused_with_a_hint() -> None:
    table = _events()
    with pytest.raises(LeadReadyError, match="no column holds the leads' ids") as error:
        look_at_events(table, profile(table), {"lead": pd.Series(["zzz"])}, "calls.csv")
    assert error.value.where == "calls.csv"
    assert error.value.hint


def test_a_stage_history_is_known_by_its_stages() -> None:
    table = pd.DataFrame(
        {
            "lead_id": ["a", "b"] * 15,
            "stage": ["MQL", "SAL", "Won"] * 10,
            "changed_at": ["2024-01-01", "2024-02-01"] * 15,
            "reason": [None, "no budget", "bad timing"] * 10,
            "amount": ["100", "250", "10"] * 10,
        },
        dtype=object,
    )
    found = look_at_events(table, profile(table), {"lead": pd.Series(["a", "b"])}, "stages.csv")
    assert found.is_stages
    assert found.columns == {
        "time": "changed_at",
        "stage": "stage",
        "reason": "reason",
        "amount": "amount",
    }
