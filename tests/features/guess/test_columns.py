"""Guesses about raw columns: from their values first, from their name second."""

from __future__ import annotations

import pandas as pd
import pytest

from features.guess.columns import ColumnGuess, guess_columns, placeholders, slug


def guess(name: str, values: list[str | None]) -> ColumnGuess:
    (found,) = guess_columns(pd.DataFrame({name: values}, dtype=object))
    return found


MANY = [str(number) for number in range(100, 400)]


@pytest.mark.parametrize(
    ("name", "values", "role"),
    [
        ("Id", [f"58050280000568646{number}" for number in MANY], "id"),
        ("anything", [f"7927b2df-8bba-4d29-b9a2-b6e0beafe{number}" for number in MANY], "id"),
        ("account_id", ["acct_1", "acct_2"] * 100 + [f"acct_{n}" for n in MANY], "account"),
        ("Contact Name", [f"5805028000000{number}" for number in MANY] * 2, "contact"),
        ("whatever", ["a@b.com", "c@d.org", None] * 20, "personal"),
        ("Mobile", ["+49 170 1234567", "0170/7654321"] * 20, "personal"),
        ("First Name", ["Ann", "Bob"] * 30 + [f"N{chr(65 + n)}" for n in range(26)], "personal"),
        ("last_ip", [f"10.0.{number}.7" for number in range(30)], "personal"),
        ("Magazine", ["No"] * 30, "constant"),
        ("Empty", [None] * 30, "constant"),
        ("Closing Date", ["02.04.2024", "30.01.2024", None] * 10, "date"),
        ("Deal Owner Name", ["Charlie Davis", "Julia Nelson"] * 30, "owner"),
        ("OwnerEmployeeId", ["1", "2", "3"] * 30, "owner"),
        ("Notes", [f"{'long words ' * 9} {number}" for number in MANY], "text"),
        ("Reference", [f"R-{number}" for number in MANY], "identifier"),
    ],
)
def test_roles_other_than_feature(name: str, values: list[str | None], role: str) -> None:
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
    assert found.reason


def test_feature_names_are_unique() -> None:
    raw = pd.DataFrame({"Source": ["a", "b"] * 9, "Lead Source": ["c", "d"] * 9}, dtype=object)
    assert [found.feature for found in guess_columns(raw)] == ["source", "source_2"]


def test_the_reason_says_that_a_name_does_not_show_the_family() -> None:
    assert "please check" in guess("Zebra", ["a", "b"] * 20).reason


def test_placeholders_are_found_by_value_the_most_frequent_first() -> None:
    raw = pd.DataFrame({"a": ["Select"] * 5 + ["x"], "b": ["-", "Selected", "n/a", "-", "y", None]})
    assert placeholders(raw) == ["Select", "-", "n/a"]


@pytest.mark.parametrize(
    ("name", "feature"),
    [("TimeZone", "time_zone"), ("2nd touch", "column_2nd_touch"), ("%", "column")],
)
def test_feature_names_are_plain(name: str, feature: str) -> None:
    assert slug(name) == feature
