"""Numbers of the leads: what could be misread is a problem, with the line that settles it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from features.families.build import build_features
from features.tables.mapped_numbers import _count_currencies_beside, mapped_numbers
from features.tables.problems import Problem, Problems
from features.tables.read import Tables, read_tables
from features.workspace.read import Column, Workspace, read_workspace


def read(folder: Path, values: list[str], column: str = "", leads: str = "") -> Tables:
    write_workspace(folder, column, leads)
    table = pd.DataFrame(
        {"Id": [f"L{n}" for n in range(len(values))], "Sum": values, "Stage": "Won"}
    )
    table.to_csv(folder / "leads.csv", index=False)
    return read_tables(read_workspace(folder))


def write_workspace(folder: Path, column: str, leads: str) -> Workspace:
    mapping = f"{{feature: revenue, family: firmographic, type: number{column}}}"
    (folder / "leadready.yaml").write_text(
        f"leads:\n  file: leads.csv\n  id: Id\n{leads}  columns:\n    Sum: {mapping}\n"
        "outcome: {won_when: {Stage: [Won]}}\n"
    )
    return read_workspace(folder)


def the_problem(tables: Tables) -> Problem:
    (problem,) = tables.problems
    return problem


def revenues(folder: Path, tables: Tables) -> list[float]:
    moments = pd.DataFrame({"lead_id": tables.leads["lead_id"], "as_of": pd.Timestamp(2024, 1, 1)})
    features, _ = build_features(read_workspace(folder), tables, moments)
    return list(features["revenue"])


def test_both_readings_are_asked_for(tmp_path: Path) -> None:
    problem = the_problem(read(tmp_path, ["1.491", "2.377"]))
    assert problem.message == (
        "Sum: '1.491' may be 1.491 or 1,491, and no value of the column shows which"
    )
    assert problem.hint == (
        'write  Sum: {…, decimal: "."}  for 1.491, or  Sum: {…, decimal: ","}  for 1,491'
    )
    assert (problem.count, problem.blocks) == (2, True)


@pytest.mark.parametrize(
    ("column", "leads", "expected"),
    [
        (', decimal: ","', "", 1491),
        (', decimal: "."', '  decimal: ","\n', 1.491),
        ("", '  decimal: ","\n', 1491),
    ],
)
def test_the_answer_counts(tmp_path: Path, column: str, leads: str, expected: float) -> None:
    tables = read(tmp_path, ["1.491", "2.377"], column, leads)
    assert tables.problems == []
    assert revenues(tmp_path, tables)[0] == expected


def test_a_lead_scored_alone_is_read_like_all(tmp_path: Path) -> None:
    many = read(tmp_path, ["1.491", "301.363.000"])
    assert 'write  Sum: {…, decimal: ","}' in str(the_problem(many).hint)
    answered = read(tmp_path, ["1.491", "301.363.000"], ', decimal: ","')
    alone = read(tmp_path, ["1.491"], ', decimal: ","')
    assert revenues(tmp_path, alone)[0] == revenues(tmp_path, answered)[0] == 1491


def test_a_wrong_answer_is_a_problem(tmp_path: Path) -> None:
    problem = the_problem(read(tmp_path, ["1,491", "12.5"], ', decimal: ","'))
    assert problem.message == (
        "Sum should have a decimal comma, but 1 of its values is written like '12.5'"
    )
    assert problem.blocks


def test_two_currencies_are_counted_and_not_one_number(tmp_path: Path) -> None:
    values = ["USD 100", "$ 200", "EUR 300", "400"]
    tables = read(tmp_path, values)
    problem = the_problem(tables)
    assert problem.message == (
        "Sum has amounts in more than one currency (2 in USD and 1 in EUR); only those in USD were "
        "read, the others count as missing"
    )
    assert (problem.count, problem.examples, problem.blocks) == (1, ("EUR 300",), True)
    assert pd.isna(revenues(tmp_path, tables)[2])
    answered = read(tmp_path, values, ", unit: EUR")
    assert not the_problem(answered).blocks
    assert revenues(tmp_path, answered)[2:] == [300, 400]


def test_values_that_are_no_numbers_are_counted(tmp_path: Path) -> None:
    problem = the_problem(read(tmp_path, ["5", "many", "few", "7"]))
    assert problem.message == "2 values of Sum are not numbers and count as missing"
    assert (problem.examples, problem.blocks) == (("many", "few"), False)


def test_bands_that_excel_turned_into_dates_are_read_and_counted(tmp_path: Path) -> None:
    values = ["10-Jan", "Nov-50", "51-200", "51-200", "201-500", "1000+"]
    tables = read(tmp_path, values)
    problem = the_problem(tables)
    assert (problem.kind, problem.count, problem.blocks) == ("bands as dates", 2, False)
    assert "'10-Jan' was read as 1-10" in problem.message
    assert revenues(tmp_path, tables)[:3] == [5.5, 30.5, 125.5]
    column, alone = pd.Series(values), pd.Series(["Nov-50"])
    reader = mapped_numbers(read_workspace(tmp_path), "Sum", column)
    assert reader.read(alone).tolist() == [30.5], "also where a lead is scored alone"


def test_a_column_beside_says_that_amounts_are_in_several_currencies(tmp_path: Path) -> None:
    raw = pd.DataFrame({"Deal value": ["5", "6", "7"], "Currency": ["EUR", "USD", "EUR"]})
    problems = Problems()
    _count_currencies_beside(Column("Deal value"), raw, {}, problems)
    (problem,) = problems.found
    assert problem.blocks
    assert "(2 in EUR and 1 in USD)" in problem.message
    assert str(problem.hint).endswith("write  Deal value: {…, unit: EUR}")


@pytest.mark.parametrize(
    ("column", "currencies"),
    [
        (Column("Deal value", unit="EUR"), ["EUR", "USD", "EUR"]),  # somebody answered
        (Column("Deal value"), ["EUR", None, "EUR"]),
        (Column("Deal value"), ["EUR", "maybe", "USD"]),
        (Column("Visits"), ["EUR", "USD", "EUR"]),
    ],
)
def test_amounts_in_one_currency_are_no_problem(
    column: Column, currencies: list[str | None]
) -> None:
    problems = Problems()
    raw = pd.DataFrame({column.name: ["5", "6", "7"], "Currency": currencies})
    _count_currencies_beside(column, raw, {}, problems)
    assert not problems.found
