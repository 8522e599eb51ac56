"""A column is used as it was at the moment: exact values, from small tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.families.build import build_features
from features.field_history.as_of import ColumnHistory, values_as_of
from features.field_history.changes import ordered_changes
from features.labels.old_scores import read_old_scores
from features.leaks.statistics import auc
from features.leaks.workspace_audit import audit_tables
from features.tables.read import Tables, read_tables
from features.workspace.read import Workspace, read_workspace

MAPPING = """
extract_at: 2024-07-01
leads:
  file: leads.csv
  id: Id
  created: Created
  columns:
    Rating: {feature: rating, family: other, type: category}
    Size: {feature: size, family: firmographic, type: number}
outcome: {won_when: {Stage: [Won]}}
"""
LONG = "field_history: {file: h.csv, lead: Lead, column: Field, old: Old, new: New, time: On}\n"
NEW_ONLY = "field_history: {file: h.csv, lead: Lead, column: Field, new: New, time: On}\n"
LEADS = "Id,Created,Stage,Rating,Size\n"


@pytest.fixture
def company(tmp_path: Path) -> Callable[..., tuple[Workspace, Tables]]:
    def read(history: str, leads: str, mapping: str = LONG) -> tuple[Workspace, Tables]:
        (tmp_path / "leadready.yaml").write_text(MAPPING + mapping, encoding="utf-8")
        (tmp_path / "h.csv").write_text(history, encoding="utf-8")
        (tmp_path / "leads.csv").write_text(LEADS + leads, encoding="utf-8")
        ws = read_workspace(tmp_path)
        return ws, read_tables(ws)

    return read


def values(company: tuple[Workspace, Tables], feature: str, *moments: str) -> list[Any]:
    """The feature of the first lead at each moment."""
    ws, tables = company
    lead = tables.leads.iloc[[0] * len(moments)][["lead_id", "person_id", "account_id"]]
    as_of = pd.to_datetime(list(moments), format="ISO8601").as_unit("us")
    found = build_features(ws, tables, lead.reset_index(drop=True).assign(as_of=as_of))[0]
    return list(found[feature])


HISTORY = """Lead,Field,Old,New,On
a,Rating,warm,Won!,2024-04-01 10:00
a,Rating,cold,warm,2024-03-01 10:00
a,Size,,90,2024-04-01 10:00
"""
ONE = "a,2024-01-01 09:00,Won,Won!,90\n"


def test_a_value_is_that_of_the_last_change_before_the_moment(company: Any) -> None:
    read = company(HISTORY, ONE)
    moments = ("2024-02-01", "2024-03-01 10:00", "2024-03-01 10:01", "2024-05-01")
    assert values(read, "rating", *moments) == ["cold", "cold", "warm", "Won!"]
    assert pd.isna(values(read, "size", "2024-02-01")[0])
    assert values(read, "size", "2024-05-01") == [90.0]


def test_a_lead_that_was_never_changed_has_its_value_all_along(company: Any) -> None:
    read = company(HISTORY, "b,2024-01-01,Lost,hot,5\n" + ONE)
    assert values(read, "rating", "2024-01-02", "2024-06-01") == ["hot", "hot"]


def test_after_the_history_the_leads_say_what_is_true(company: Any) -> None:
    others = "".join(f"l{n},2024-01-01,Lost,hot,5\n" for n in range(30))
    rows = "".join(f"l{n},Rating,cold,hot,2024-03-01\n" for n in range(30))
    read = company(HISTORY.replace("Won!", "lukewarm") + rows, ONE + others)
    assert values(read, "rating", "2024-04-01 10:00", "2024-06-01") == ["warm", "Won!"]


def test_without_old_values_a_field_was_empty_before_its_first_value(company: Any) -> None:
    history = "Lead,Field,New,On\na,Rating,cold,2024-02-01\na,Rating,Won!,2024-04-01\n"
    read = company(history, ONE, NEW_ONLY)
    assert values(read, "rating", "2024-01-15", "2024-03-01") == [None, "cold"]


@pytest.mark.parametrize(
    "first",
    ["2024-01-01 09:00:00", "2024-01-01 09:00:40", "2023-12-30"],
)
def test_what_a_lead_was_created_with_is_known_from_the_beginning(company: Any, first: str) -> None:
    history = f"Lead,Field,New,On\na,Rating,cold,{first}\na,Rating,Won!,2024-04-01\n"
    read = company(history, ONE, NEW_ONLY)
    assert values(read, "rating", "2024-01-01 09:00") == ["cold"]


def test_a_creation_without_time_of_day_covers_the_first_value_of_the_day(company: Any) -> None:
    history = "Lead,Field,New,On\na,Rating,cold,2024-01-01 11:30\na,Rating,Won!,2024-04-01\n"
    read = company(history, ONE.replace(" 09:00", ""), NEW_ONLY)
    assert values(read, "rating", "2024-01-01") == ["cold"]


def test_times_have_zones_and_fields_other_spellings(company: Any) -> None:
    history = (
        "Lead,Field,Old,New,On\n"
        "a,rating__c,cold,warm,2024-03-01T23:30:00-02:00\n"
        "a,rating__c,warm,Won!,2024-04-01T00:00:00Z\n"
    )
    read = company(history, ONE)
    moments = ("2024-03-02 01:00", "2024-03-02 02:00")
    assert values(read, "rating", *moments) == ["cold", "warm"]


def test_versions_of_whole_leads_are_a_history_too(company: Any) -> None:
    history = (
        "id,from,to,rating,size,other\n"
        "a,2024-01-01,2024-03-01,cold,5,x\n"
        "a,2024-03-01,2024-04-01,warm,5,y\n"
        "a,2024-05-01,9999-12-31,Won!,90,y\n"
    )
    mapping = "field_history: {file: h.csv, lead: id, time: from, until: to}\n"
    read = company(history, ONE, mapping)
    moments = ("2024-02-01", "2024-03-02", "2024-04-15", "2024-05-02")
    assert values(read, "rating", *moments) == ["cold", "warm", None, "Won!"]
    assert values(read, "size", "2024-03-15") == [5.0]
    assert len(read[1].field_history) == 4 + 3  # size is the same in the first two versions


def test_versions_without_a_column_of_the_leads_are_an_error(company: Any) -> None:
    mapping = "field_history: {file: h.csv, lead: id, time: from}\n"
    with pytest.raises(LeadReadyError, match=r"h\.csv has no column of the leads"):
        company("id,from,x\na,2024-01-01,1\n", ONE, mapping)


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        (LONG.replace("time", "until: New, time"), "until is for rows with all columns"),
        (NEW_ONLY.replace("column: Field, ", ""), "the key 'column' is missing"),
        (NEW_ONLY.replace("new:", "old:"), "old and new belong together"),
    ],
)
def test_keys_that_contradict_each_other_are_errors(
    company: Any, mapping: str, message: str
) -> None:
    with pytest.raises(LeadReadyError, match=message):
        company(HISTORY, ONE, mapping)


def test_a_history_that_ends_at_other_values_is_not_used(company: Any) -> None:
    ws, tables = company(HISTORY.replace("Won!", "3"), ONE)
    assert list(tables.value_histories) == ["Size"]
    problem = next(p for p in tables.problems if p.kind == "other values than the leads")
    assert problem.message.startswith("1 of 1 leads has another value of Rating")
    assert values((ws, tables), "rating", "2024-02-01") == ["Won!"]


def test_numbers_may_be_written_otherwise(company: Any) -> None:
    assert "Size" in company(HISTORY.replace(",90,", ",90.0,"), ONE)[1].value_histories


def test_a_history_without_values_is_used_by_the_audit_only(company: Any) -> None:
    mapping = "field_history: {file: h.csv, lead: Lead, column: Field, time: On}\n"
    tables = company(HISTORY, ONE, mapping)[1]
    assert (len(tables.field_history), dict(tables.value_histories)) == (3, {})


def test_leads_judged_before_the_history_are_counted(company: Any) -> None:
    early = "".join(f"l{n},2023-01-01,Lost,hot,5\n" for n in range(9))
    problems = company(HISTORY, ONE + early)[1].problems
    begins = next(problem for problem in problems if problem.kind == "begins late")
    assert begins.message.startswith("10 leads (100%) are judged before the first change")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0)])
def test_changes_at_the_same_time_are_one_change(order: Sequence[int]) -> None:
    at = pd.Timestamp("2024-03-01")
    rows = [("A", "B"), ("B", "C"), ("C", "D")]
    changes = pd.DataFrame(
        [
            {"lead_id": "a", "column": "x", "at": at, "old": rows[n][0], "new": rows[n][1]}
            for n in order
        ]
    )
    assert ordered_changes(changes, has_old=True)[["old", "new"]].to_numpy().tolist() == [
        ["A", "D"]
    ]


def test_values_agree_with_a_plain_loop() -> None:
    changes = pd.DataFrame(
        {
            "lead_id": ["a", "b", "a", "b", "a"],
            "at": pd.to_datetime(["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"] * 2)[:5],
            "old": ["0", "0", "1", "1", None],
            "new": ["1", "1", "2", None, "0"],
        }
    )
    changes = changes.sort_values("at", kind="stable", ignore_index=True)
    history = ColumnHistory(changes, changes["at"].max())
    ids = pd.Series(["a", "b", "c"] * 7)
    moments = pd.Series(pd.date_range("2024-01-01", periods=7).repeat(3).as_unit("us"))
    current = pd.Series(["2", None, "9"] * 7, dtype=object)
    expected = []
    for lead, moment, now in zip(ids, moments, current, strict=True):
        own = changes[changes["lead_id"] == lead]
        before, after = own[own["at"] < moment], own[own["at"] >= moment]
        value = now
        if moment <= history.ends and len(before):
            value = before["new"].iloc[-1]
        elif moment <= history.ends and len(after):
            value = after["old"].iloc[0]
        expected.append(value)
    assert values_as_of(history, current, ids, moments).tolist() == expected


def test_a_column_rewritten_at_closing_is_a_leak_only_without_its_history(company: Any) -> None:
    rows, changes = [], ["Lead,Field,Old,New,On\n"]
    for n in range(400):
        won, rating = n % 4 == 0, "hot" if n % 3 else "cold"
        last = "Closed won" if won else "Closed lost"
        rows.append(f"l{n},2024-01-{1 + n % 28:02},{'Won' if won else 'Lost'},{last},{n}\n")
        changes.append(f"l{n},Rating,{rating},{last},2024-03-01\n")
    only_times = "field_history: {file: h.csv, lead: Lead, column: Field, time: On}\n"
    without = audit_tables(*company("".join(changes), "".join(rows), only_times))
    assert [suspect.column for suspect in without] == ["Rating"]
    ws, tables = company("".join(changes), "".join(rows))
    assert audit_tables(ws, tables) == []
    assert values((ws, tables), "rating", "2024-02-01") == ["cold"]


def test_an_old_score_is_read_as_it_was_also_where_only_its_history_has_it(company: Any) -> None:
    history = "Lead,On,Score\na,2024-01-20,10\na,2024-03-01,40\na,2024-06-01,99\n"
    mapping = "field_history: {file: h.csv, lead: Lead, time: On}\nold_score: {column: Score}\n"
    ws, tables = company(history, ONE, mapping)
    moments = pd.to_datetime(["2024-01-10", "2024-02-01", "2024-03-05", "2024-06-20"])
    rows = pd.DataFrame({"lead_id": "a", "as_of": moments.as_unit("us")})
    (old,) = read_old_scores(ws, tables, rows)
    assert old.fair
    np.testing.assert_allclose(old.values, [np.nan, 10, 40, 99])


def test_the_history_gives_back_the_signal_of_a_field_rewritten_at_closing(company: Any) -> None:
    """The planted truth: hot leads win five times as often, and closing overwrites the field."""
    random = np.random.default_rng(4)
    hot = random.random(800) < 0.4
    won = random.random(800) < np.where(hot, 0.5, 0.1)
    rows, changes = [], ["Lead,Field,Old,New,On\n"]
    for n in range(800):
        last = "done" if random.random() < 0.98 else "Done"
        rows.append(f"l{n},2024-01-{1 + n % 28:02},{'Won' if won[n] else 'Lost'},{last},1\n")
        changes.append(f"l{n},Rating,{'hot' if hot[n] else 'cold'},{last},2024-03-01\n")
    ws, tables = company("".join(changes), "".join(rows))
    lead = tables.leads[["lead_id", "person_id", "account_id"]]
    moments = lead.assign(as_of=pd.Timestamp("2024-02-01"))
    truth = auc(hot.astype(float), won)
    for known, expected in ((tables, truth), (replace(tables, value_histories={}), 0.5)):
        rating = build_features(ws, known, moments)[0]["rating"]
        assert auc((rating == "hot").to_numpy(float), won) == expected
