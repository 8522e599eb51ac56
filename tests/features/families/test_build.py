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


def judged(data, as_of="2024-03-01"):
    rows = data.leads[["lead_id", "person_id", "account_id"]]
    return rows.assign(as_of=pd.Timestamp(as_of))


def test_columns_become_features_of_their_type_in_the_order_of_the_families(workspace, tables):
    data = tables(
        [
            lead("a", "1,200", "1999", "VP Sales", " Web  form ", "2024-02-29", "Yes", "A", "x@y"),
            lead("b", "many", "2030", "xxx", " ", "2024-03-01", "maybe", "B", "z@y"),
            lead("c"),
        ]
    )
    found, catalogue = build_features(workspace(COLUMNS), data, judged(data))
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
    assert [feature.name for feature in catalogue] == names
    assert found[names].iloc[0].to_dict() == {
        "employees": 1200.0,
        "company_age": 25.0,
        "seniority": "vp",
        "job_function": "sales",
        "source": "Web form",
        "last_contract": 1.0,
        "last_contract_on": "2024-02-29",
        "do_not_email": "yes",
    }
    assert found[names].iloc[1:].isna().all(axis=None)  # unreadable, or after the moment


def test_numbers_are_floats_and_categories_text_or_none(workspace, tables):
    data = tables([lead("a", "5", "1999", "VP", "Web"), lead("b")])
    found, catalogue = build_features(workspace(COLUMNS), data, judged(data))
    for feature in catalogue:
        column = found[feature.name]
        assert column.dtype == ("float64" if feature.kind == "number" else object), feature.name
        if feature.kind != "number":
            assert {type(value) for value in column} <= {str, type(None)}


def test_every_feature_has_its_own_name_words_family_and_source(workspace, tables):
    data = tables(
        [lead("a", account_id="x"), lead("b", account_id="x", person_id="lead:a")],
        [
            {"person_id": "lead:a", "at": "2024-01-02", "kind": "form_submitted", "value": 1.0},
            {"person_id": "lead:a", "at": "2024-01-02", "kind": "call", "by_sales": True},
            {"person_id": "lead:a", "at": "2024-01-02", "kind": "visit", "asset": "g"},
        ],
    )
    found = feature_catalogue(workspace(COLUMNS), data)
    assert len({feature.name for feature in found}) == len(found)
    assert len({(feature.family, feature.words) for feature in found}) == len(found)
    assert all(feature.words and feature.source and "_" not in feature.words for feature in found)
    windows = {feature.name: feature.window_days for feature in found}
    assert windows["form_submitted_30d"] == 30
    assert windows["form_submitted_ever"] is None
    words = {feature.name: feature.words for feature in found}
    assert words["form_submitted_30d"] == "forms submitted in the last 30 days"


def test_two_features_of_one_name_are_refused(workspace, tables):
    ws = workspace("""
  columns:
    Size:  {feature: employees, family: firmographic, type: number}
    Staff: {feature: employees, family: firmographic, type: number}
""")
    data = tables([{"lead_id": "a", "raw:Size": "1", "raw:Staff": "2"}])
    with pytest.raises(LeadReadyError, match="two features are named 'employees'"):
        feature_catalogue(ws, data)


def test_scoring_builds_exactly_the_features_of_training(workspace, tables):
    ws = workspace(COLUMNS)
    earlier = tables([lead("a")], [{"person_id": "lead:a", "at": "2024-01-02", "kind": "demo"}])
    _, trained = build_features(ws, earlier, judged(earlier))
    today = tables([lead("b")], [{"person_id": "lead:b", "at": "2024-01-02", "kind": "visit"}])
    found, catalogue = build_features(ws, today, judged(today), trained)
    assert catalogue == trained
    assert found.columns.tolist() == ["lead_id", "as_of", *(feature.name for feature in trained)]
    assert found["demo_30d"].tolist() == [0.0]
    assert found["activity_ever"].tolist() == [1.0]
    silent, _ = build_features(ws, tables([lead("c")]), judged(tables([lead("c")])), trained)
    assert silent["demo_ever"].tolist() == [0.0]


def test_a_feature_that_cannot_be_built_is_named(workspace, tables):
    ws = workspace(COLUMNS)
    data = tables([lead("a")])
    trained = [
        dataclasses.replace(feature, source="column: Gone")
        for feature in feature_catalogue(ws, data)[:1]
    ]
    with pytest.raises(LeadReadyError, match="'employees' cannot be built here: no column: Gone"):
        build_features(ws, data, judged(data), trained)


def test_a_flat_table_without_dates_or_events(workspace, tables):
    ws = workspace(
        base="name: flat\nleads:\n  file: leads.csv\n  id: id\n  columns:\n"
        "    Visits: {feature: visits, family: engagement, type: number}\n"
    )
    data = tables([{"lead_id": "a", "raw:Visits": "3"}, {"lead_id": "b", "raw:Visits": None}])
    found, catalogue = build_features(ws, data, judged(data).assign(as_of=pd.NaT))
    assert [feature.name for feature in catalogue] == ["visits"]
    np.testing.assert_array_equal(found["visits"], [3.0, np.nan])


def test_years_without_dates_ask_for_the_extract(workspace, tables):
    ws = dataclasses.replace(workspace(COLUMNS), extract_at=None)
    data = tables([lead("a", "5", "1999", created_at=None)])
    with pytest.raises(LeadReadyError, match="counted back from the moment"):
        build_features(ws, data, judged(data).assign(as_of=pd.NaT))


def test_without_leads_the_table_is_empty(workspace, tables):
    data = tables([lead("a")], [{"person_id": "lead:a", "at": "2024-01-02", "kind": "demo"}])
    found, catalogue = build_features(workspace(COLUMNS), data, judged(data).iloc[:0])
    assert len(found) == 0
    assert found.columns.tolist() == ["lead_id", "as_of", *(feature.name for feature in catalogue)]
