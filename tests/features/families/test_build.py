import dataclasses

import numpy as np
import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.families.build import build_features, feature_catalogue

COLUMNS = """
  columns:
    Size:    {feature: employees, family: firmographic, type: number, unit: people}
    Founded: {feature: company_age, family: firmographic, type: year}
    Title:   {feature: title, family: role, type: title}
    Source:  {feature: source, family: origin, type: category, label: source}
    Called:  {feature: last_contract, family: origin, type: date}
    Opt out: {feature: do_not_email, family: engagement, type: flag}
    Quality: {leak: true}
    Mail:    {ignore: personal}
events: [{file: events.csv, lead: id, time: at, kind: kind}]
"""
NAMES = ["Size", "Founded", "Title", "Source", "Called", "Opt out", "Quality", "Mail"]


def lead(name, *values, **more):
    raw = {f"raw:{column}": value for column, value in zip(NAMES, values, strict=False)}
    blank = {f"raw:{column}": None for column in NAMES}
    return {"lead_id": name, "created_at": "2024-01-01", **blank, **raw, **more}


def judged(made, as_of="2024-03-01"):
    rows = made.leads[["lead_id", "person_id", "account_id"]]
    return rows.assign(as_of=pd.Timestamp(as_of))


def test_columns_become_features_of_their_type_in_the_order_of_the_families(workspace, tables):
    made = tables(
        [
            lead("a", "1,200", "1999", "VP Sales", " Web  form ", "2024-02-29", "Yes", "A", "x@y"),
            lead("b", "many", "2030", "xxx", " ", "2024-03-01", "maybe", "B", "z@y"),
            lead("c"),
        ]
    )
    found, catalogue = build_features(workspace(COLUMNS), made, judged(made))
    names = [
        "employees",
        "company_age",
        "seniority",
        "job_function",
        "source",
        "last_contract",
        "last_contract_on",
        "do_not_email",
    ]
    assert found.columns.tolist() == ["lead_id", "as_of", *names]
    assert [one.name for one in catalogue] == names
    known = found[names].iloc[0].to_dict()
    assert known == {
        "employees": 1200.0,
        "company_age": 25.0,
        "seniority": "vp",
        "job_function": "sales",
        "source": "Web form",
        "last_contract": 1.0,
        "last_contract_on": "2024-02-29",
        "do_not_email": "yes",
    }
    assert found[names].iloc[1:].isna().all(axis=None)  # unreadable, or not yet so at the moment


def test_numbers_are_floats_and_categories_text_or_none(workspace, tables):
    made = tables([lead("a", "5", "1999", "VP", "Web"), lead("b")])
    found, catalogue = build_features(workspace(COLUMNS), made, judged(made))
    for one in catalogue:
        column = found[one.name]
        assert column.dtype == ("float64" if one.kind == "number" else object), one.name
        if one.kind != "number":
            assert {type(value) for value in column} <= {str, type(None)}


def test_every_feature_has_its_own_name_words_family_and_source(workspace, tables):
    made = tables(
        [lead("a", account_id="x"), lead("b", account_id="x", person_id="lead:a")],
        [
            {"person_id": "lead:a", "at": "2024-01-02", "kind": "form_submitted", "value": 1.0},
            {"person_id": "lead:a", "at": "2024-01-02", "kind": "call", "by_sales": True},
            {"person_id": "lead:a", "at": "2024-01-02", "kind": "visit", "asset": "g"},
        ],
    )
    found = feature_catalogue(workspace(COLUMNS), made)
    assert len({one.name for one in found}) == len(found)
    assert len({(one.family, one.words) for one in found}) == len(found)
    assert all(one.words and one.source and "_" not in one.words for one in found)
    windows = {one.name: one.window_days for one in found}
    assert windows["form_submitted_30d"] == 30
    assert windows["form_submitted_ever"] is None
    words = {one.name: one.words for one in found}
    assert words["form_submitted_30d"] == "forms submitted in the last 30 days"


def test_two_features_of_one_name_are_refused(workspace, tables):
    ws = workspace("""
  columns:
    Size:  {feature: employees, family: firmographic, type: number}
    Staff: {feature: employees, family: firmographic, type: number}
""")
    made = tables([{"lead_id": "a", "raw:Size": "1", "raw:Staff": "2"}])
    with pytest.raises(LeadReadyError, match="two features are named 'employees'"):
        feature_catalogue(ws, made)


def test_scoring_builds_exactly_the_features_that_were_learnt_from(workspace, tables):
    ws = workspace(COLUMNS)
    past = tables([lead("a")], [{"person_id": "lead:a", "at": "2024-01-02", "kind": "demo"}])
    _, learnt = build_features(ws, past, judged(past))
    today = tables([lead("b")], [{"person_id": "lead:b", "at": "2024-01-02", "kind": "visit"}])
    found, catalogue = build_features(ws, today, judged(today), wanted=learnt)
    assert catalogue == learnt
    assert found.columns.tolist() == ["lead_id", "as_of", *(one.name for one in learnt)]
    assert found["demo_30d"].tolist() == [0.0]
    assert found["activity_ever"].tolist() == [1.0]
    silent, _ = build_features(ws, tables([lead("c")]), judged(tables([lead("c")])), wanted=learnt)
    assert silent["demo_ever"].tolist() == [0.0]


def test_a_feature_that_cannot_be_made_is_named(workspace, tables):
    ws = workspace(COLUMNS)
    made = tables([lead("a")])
    learnt = [
        dataclasses.replace(one, source="column: Gone") for one in feature_catalogue(ws, made)[:1]
    ]
    with pytest.raises(LeadReadyError, match="'employees' cannot be made here: no column: Gone"):
        build_features(ws, made, judged(made), wanted=learnt)


def test_a_flat_table_without_dates_or_events(workspace, tables):
    ws = workspace(
        base="name: flat\nleads:\n  file: leads.csv\n  id: id\n  columns:\n"
        "    Visits: {feature: visits, family: engagement, type: number}\n"
    )
    made = tables([{"lead_id": "a", "raw:Visits": "3"}, {"lead_id": "b", "raw:Visits": None}])
    found, catalogue = build_features(ws, made, judged(made).assign(as_of=pd.NaT))
    assert [one.name for one in catalogue] == ["visits"]
    np.testing.assert_array_equal(found["visits"], [3.0, np.nan])


def test_years_without_any_date_ask_for_the_extract(workspace, tables):
    ws = dataclasses.replace(workspace(COLUMNS), extract_at=None)
    made = tables([lead("a", "5", "1999", created_at=None)])
    with pytest.raises(LeadReadyError, match="counted back from the moment"):
        build_features(ws, made, judged(made).assign(as_of=pd.NaT))


def test_no_leads_make_an_empty_table(workspace, tables):
    made = tables([lead("a")], [{"person_id": "lead:a", "at": "2024-01-02", "kind": "demo"}])
    found, catalogue = build_features(workspace(COLUMNS), made, judged(made).iloc[:0])
    assert len(found) == 0
    assert found.columns.tolist() == ["lead_id", "as_of", *(one.name for one in catalogue)]
