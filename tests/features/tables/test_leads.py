"""Leads come out with ids, dates and their own columns; bad rows are counted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.errors import LeadReadyError


def test_leads_have_ids_dates_and_their_raw_columns(company) -> None:
    leads = company.read().leads
    assert leads["lead_id"].tolist() == ["5805028000056864695", "5805028000056864696", "0012"]
    assert leads["account_id"].tolist() == ["acme", "acme", None]
    assert leads["person_id"].tolist() == ["contact:c1", "contact:c1", "lead:0012"]
    assert leads["created_at"].tolist() == [
        pd.Timestamp("2024-01-01"),
        pd.Timestamp("2024-02-01 10:30"),
        pd.Timestamp("2024-02-29 23:00"),  # in UTC
    ]
    assert leads["moment_base_at"].equals(leads["created_at"])
    assert leads["closed_at"].isna().all()
    assert leads["raw:City"].tolist() == ["Rome", None, "Oslo"]
    raw = [name for name in leads if str(name).startswith("raw:")]
    names = ("Id", "Account", "Contact", "Created", "Stage", "City")
    assert raw == [f"raw:{name}" for name in names]
    dates = leads[["created_at", "moment_base_at", "closed_at", "won_at"]]
    assert set(dates.dtypes.astype(str)) == {"datetime64[us]"}
    assert leads["order"].dtype == "float64"
    assert leads.index.equals(pd.RangeIndex(3))


def test_text_is_str_or_none_and_nothing_else(company) -> None:
    leads = company.read().leads
    for name in [name for name in leads if leads[name].dtype == object]:
        assert {type(value) for value in leads[name]} <= {str, type(None)}, name


def test_columns_with_a_point_or_a_colon_are_columns(company) -> None:
    columns = '  columns: {"a.b: c": {ignore: other}}\noutcome'
    mapping = company.mapping.replace("outcome", columns)
    leads = company.read(mapping=mapping, leads=company.leads.replace("City", '"a.b: c"')).leads
    assert leads["raw:a.b: c"].tolist() == ["Rome", None, "Oslo"]


def test_all_dates_that_the_mapping_names_are_read(company) -> None:
    rows = "Id,Created,Handed,Closed,Stage\n1,1.2.2024,3.2.2024,9.2.2024,Won\n2,1.2.2024,,,Lost\n"
    mapping = """
leads: {file: leads.csv, id: Id, created: Created, date_format: "%d.%m.%Y"}
moment: {column: Handed, closed: Closed}
outcome: {won_when: {Stage: [Won]}, won_at: Closed}
"""
    leads = company.read(mapping=mapping, leads=rows).leads
    for name, day in {"moment_base_at": 3, "closed_at": 9, "won_at": 9}.items():
        assert leads[name].iloc[0] == pd.Timestamp(2024, 2, day)
        assert pd.isna(leads[name].iloc[1])


def test_the_order_is_a_number_or_a_date(company) -> None:
    rows = "Id,No,Day,Stage\na,10,2024-02-01,Won\nb,9,2024-01-01,Lost\nc,x,,Lost\n"
    mapping = "leads: {file: leads.csv, id: Id}\noutcome: {won_when: {Stage: [Won]}}\n"
    tables = company.read("evaluation: {order_by: No}", mapping, leads=rows)
    assert tables.leads["order"].tolist()[:2] == [10, 9]
    assert company.problem(tables, "no order").count == 1
    by_day = company.read("evaluation: {order_by: Day}", mapping, leads=rows).leads["order"]
    assert by_day.iloc[0] > by_day.iloc[1]
    assert np.isnan(by_day.iloc[2])
    with pytest.raises(LeadReadyError, match="contains neither numbers nor dates"):
        company.read("evaluation: {order_by: Stage}", mapping, leads=rows)


def test_other_files_are_joined_by_their_key(company) -> None:
    accounts = 'Name,Size,Created\nacme,50,2001\nother,"1,000",2002\nacme,60,2003\n'
    join = "  join: [{file: accounts.csv, on: Account, key: Name}]\noutcome"
    tables = company.read(
        mapping=company.mapping.replace("outcome", join),
        leads=company.leads.replace("0012,,", "0012,none,"),
        accounts=accounts,
    )
    assert tables.leads["raw:Size"].tolist() == ["50", "50", None]
    assert tables.leads["raw:accounts.Created"].tolist() == ["2001", "2001", None]
    assert tables.leads["raw:Created"].iloc[0] == "2024-01-01", "the leads' own column stays"
    assert "raw:Name" not in tables.leads
    unmatched = company.problem(tables, "not joined")
    assert (unmatched.count, unmatched.examples) == (1, ("none",))
    assert "the first was joined" in company.problem(tables, "duplicate keys").message
    assert len(tables.leads) == 3


def test_duplicates_are_counted_and_the_first_row_kept(company) -> None:
    copies = "0012,,,2024-03-01T00:00:00+01:00,Open, Oslo\n0012,,,2024-03-05,Won,Paris\n"
    tables = company.read(leads=company.leads + copies + ",,,2024-03-05,Won,Nowhere\n")
    assert tables.leads["lead_id"].tolist()[-1] == "0012"
    assert len(tables.leads) == 3
    assert tables.leads["raw:City"].iloc[-1] == "Oslo"
    counts = {problem.kind: problem.count for problem in tables.problems}
    assert counts == {"repeated rows": 1, "duplicate ids": 1, "without id": 1}
    assert company.problem(tables, "duplicate ids").examples == ("0012",)
    assert all(problem.message and problem.hint for problem in tables.problems)


def test_a_lead_with_two_different_rows_is_said_with_what_differs(company) -> None:
    again = (
        company.leads.splitlines()[1].replace("Rome", "Paris").replace("2024-01-01", "2024-01-02")
    )
    tables = company.read(leads=f"{company.leads}{again}\n")
    problem = company.problem(tables, "duplicate ids")
    assert "(the first of them in Created and City); the first row of each" in problem.message
    assert problem.examples == ("5805028000056864695",)


def test_rows_are_numbered_where_no_column_identifies_the_leads(company) -> None:
    mapping = "leads: {file: leads.csv, id: row number}\noutcome: {won_when: {Stage: [Won]}}\n"
    leads = "City,Stage\nRome,Won\nRome,Won\n"
    tables = company.read(mapping=mapping, leads=leads)
    assert tables.leads["lead_id"].tolist() == ["1", "2"]
    error, hint = company.error("evaluation: {order_by: row number}\n", mapping, leads=leads)
    assert "say nothing about the order" in error
    assert "order_by" in hint


def test_unreadable_impossible_and_future_dates_are_counted(company) -> None:
    rows = "".join(f"a{number},,,2024-01-01,Lost,\n" for number in range(60))
    odd = "b,,,soon,Lost,\nc,,,0001-01-01,Lost,\nd,,,2199-01-01,Lost,\ne,,,2024-08-01,Lost,\n"
    tables = company.read(leads=company.leads + rows + odd)
    unreadable = company.problem(tables, "unreadable dates")
    assert (unreadable.count, unreadable.examples) == (1, ("soon",))
    assert company.problem(tables, "impossible dates").count == 1
    assert company.problem(tables, "dates that mean never").examples == ("0001-01-01",)
    assert tables.leads.set_index("lead_id")["created_at"][["b", "c", "d"]].isna().all()
    assert company.problem(tables, "future dates").count == 1
    assert tables.leads["created_at"].iloc[-1] == pd.Timestamp("2024-08-01"), "it is kept"


def test_leads_that_ended_before_they_began_are_counted_by_day(company) -> None:
    rows = (
        "Id,Created,Closed,Won at,Stage\n"
        "1,2024-02-01 10:00,2024-02-01,2024-02-01,Won\n"  # the same day is not a mistake
        "2,2024-02-01 10:00,2024-01-31,2024-01-30,Won\n"
    )
    mapping = """
leads: {file: leads.csv, id: Id, created: Created}
moment: {closed: Closed}
outcome: {won_when: {Stage: [Won]}, won_at: Won at}
"""
    tables = company.read(mapping=mapping, leads=rows)
    assert company.problem(tables, "closed before created").examples == ("2",)
    assert company.problem(tables, "outcomes before the moment").examples == ("2",)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "Created",
            "created at",
            "leadready.yaml:9:12: unknown column 'Created'; did you mean 'created at'?",
        ),
        (
            "Stage",
            "Stagee",
            "leadready.yaml:11:21: unknown column 'Stage'; did you mean 'Stagee'?",
        ),
        (
            "Won",
            "won!",
            "leadready.yaml:11:21: unknown value of Stage 'Won'; did you mean 'won!'?",
        ),
        (
            "2024-02-01 10:30",
            "1.2.2024",
            "leadready.yaml:9:12: column 'Created': 1 of 3 dates are not ISO 8601, such as "
            "'1.2.2024'; others are, such as '2024-01-01'",
        ),
    ],
)
def test_leads_that_do_not_fit_the_mapping_are_an_error(
    company, old: str, new: str, message: str
) -> None:
    error, _ = company.error(leads=company.leads.replace(old, new))
    assert error == message


@pytest.mark.parametrize(
    ("leads", "message"),
    [
        ("Id,Stage,Account,Contact,Created\n", "leads.csv: the file has a header but no leads"),
        ("", "leads.csv: the file is empty"),
        (
            "Id,Account,Contact,Created,Stage\n1,,,2024-01-01,\n",
            "leadready.yaml:11:21: the column 'Stage' is empty, so no outcome is known",
        ),
    ],
)
def test_a_file_without_leads_or_outcomes_is_an_error(company, leads: str, message: str) -> None:
    error, hint = company.error(leads=leads)
    assert error == message
    assert hint != "None"


def test_a_date_feature_is_checked_when_the_leads_are_read(company) -> None:
    columns = "  columns: {City: {feature: renewal, family: origin, type: date}}\noutcome"
    error, _ = company.error("", company.mapping.replace("outcome", columns))
    assert error.startswith("leadready.yaml:11:19: column 'City': 2 of 2 dates are not ISO 8601")


@pytest.mark.parametrize("lead_id", ["5.80503E+18", "5805028000056864000"])
def test_ids_that_lost_their_digits_in_a_spreadsheet_are_refused(company, lead_id: str) -> None:
    mapping = "leads: {file: leads.csv, id: Id}\noutcome: {won_when: {Stage: [Won]}}\n"
    error, hint = company.error("", mapping, leads="Id,Stage\n" + f"{lead_id},Won\n" * 12)
    assert "lost their last digits" in error
    assert "as text" in hint
