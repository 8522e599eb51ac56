"""The stage history and the field history come out in one form; unknown rows are counted."""

from __future__ import annotations

import pandas as pd


def test_stages_are_read_and_those_of_unknown_leads_counted(company) -> None:
    mapping = company.mapping
    tables = company.read(company.stages_mapping, mapping, stages=company.stages)
    assert tables.stages["lead_id"].tolist() == ["0012", "0012"]
    assert tables.stages["stage"].tolist() == ["MQL", "Won"]
    assert tables.stages["amount"].tolist()[1] == 1200
    assert tables.stages["reason"].tolist()[1] == "fits"
    assert company.problem(tables, "of unknown leads").examples == ("nobody",)
    assert company.problem(tables, "without stage").count == 1


def test_stages_without_a_time_and_copies_are_counted_and_kept(company) -> None:
    stages = "lead,to,on,why,sum\n" + "0012,MQL,2024-03-02,,\n" * 2 + "0012,Won,,,\n"
    tables = company.read(company.stages_mapping, stages=stages)
    assert len(tables.stages) == 3
    assert company.problem(tables, "without time").count == 1
    assert company.problem(tables, "repeated rows").count == 1


def test_empty_histories_have_their_columns_and_types(company) -> None:
    empty = company.read()
    filled = company.read(company.stages_mapping, stages=company.stages)
    assert empty.stages.dtypes.astype(str).equals(filled.stages.dtypes.astype(str))
    assert (len(empty.stages), len(empty.field_history)) == (0, 0)


def test_field_history_is_read_and_rows_about_unknown_columns_counted(company) -> None:
    rows = (
        "lead,field,on\n0012,Stage,2024-03-02\n0012,zone__c,2024-03-03\nnobody,Stage,2024-03-04\n"
    )
    mapping = "field_history: {file: history.csv, lead: lead, column: field, time: on}\n"
    tables = company.read(mapping, history=rows)
    history = tables.field_history
    assert history["lead_id"].tolist() == ["0012"]
    assert history["column"].tolist() == ["Stage"]
    assert history["at"].tolist() == [pd.Timestamp("2024-03-02")]
    assert company.problem(tables, "of unknown columns").examples == ("zone__c",)
    empty = company.read().field_history
    assert empty.dtypes.astype(str).to_dict() == history.dtypes.astype(str).to_dict()
