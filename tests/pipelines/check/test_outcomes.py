"""``leadready outcomes``: the same outcomes from three ways of recording them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pandas as pd
import pytest

from pipelines.check.outcomes import outcomes, outcomes_by_month, outcomes_text
from pipelines.cli.command import ERROR, SUCCESS
from pipelines.cli.main import main

LEADS = """\
id,came,status,why,signed,worth,deal
a,2024-01-10,Customer,,2024-02-01,500,o1
b,2024-01-20,Lost,Bounced,,,
c,2024-01-25,Customer,,2024-06-30,900,o2
d,2024-02-02,Lost,Twice,,,
e,2024-02-03,Talks,,,,
f,2024-02-10,Lost,Nobody called,,,
g,2024-06-20,Talks,,,,
"""
BASE = """
name: acme
extract_at: 2024-07-01
leads: {file: leads.csv, id: id, created: came%s}
"""
RULES = """
  horizon_days: 90
  reasons: {duplicate: [Twice], never worked: [Nobody called], bad data: [Bounced]}
"""
SINGLE_COLUMN = (
    BASE % ""
    + """
outcome:
  won_when: {status: [Customer]}
  won_at: signed
  amount: worth
  reason: why
  unknown_when: {still open: {status: [Talks]}}
"""
    + RULES.lstrip("\n")
)
HISTORY = (
    BASE % ""
    + """
stages: {file: history.csv, lead: lead, stage: Stage, time: at, reason: because, amount: sum}
outcome:
  won_when: {Stage: [Won]}
  unknown_when: {still open: {Stage: [Talks]}}
"""
    + RULES.lstrip("\n")
)
STAGES = """\
lead,Stage,at,because,sum
a,Talks,2024-01-12,,
a,Won,2024-02-01,,500
b,Lost,2024-02-20,Bounced,
c,Won,2024-06-30,,900
d,Lost,2024-02-03,Twice,
e,Talks,2024-02-05,,
f,Lost,2024-03-01,Nobody called,
g,Talks,2024-06-21,,
"""
OPPORTUNITIES = (
    BASE % ", join: [{file: deals.csv, on: deal, key: deal no}]"
    + """
outcome:
  won_when: {deal stage: [Won]}
  won_at: won on
  amount: sum
  reason: why
  unknown_when: {still open: {status: [Talks]}}
"""
    + RULES.lstrip("\n")
)
DEALS = "deal no,deal stage,won on,sum\no1,Won,2024-02-01,500\no2,Won,2024-06-30,900\n"
OUTCOMES = {  # the same for all three, since the leads are the same
    "a": ("won", None),
    "b": ("not won", None),
    "c": ("not won", None),  # c: after 157 days
    "d": ("unknown", "duplicate"),
    "e": ("unknown", "still open beyond the horizon"),
    "f": ("unknown", "never worked"),
    "g": ("unknown", "not mature"),
}


@pytest.fixture(
    params=[SINGLE_COLUMN, HISTORY, OPPORTUNITIES],
    ids=["single column", "stage history", "opportunities"],
)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    (tmp_path / "leadready.yaml").write_text(request.param)
    (tmp_path / "leads.csv").write_text(LEADS)
    (tmp_path / "history.csv").write_text(STAGES)
    (tmp_path / "deals.csv").write_text(DEALS)
    return tmp_path


def test_each_lead_is_won_not_won_or_unknown_for_a_reason(folder: Path) -> None:
    found = outcomes(folder).table.set_index("lead_id")
    known = found[["outcome", "why_unknown"]].astype(object).where(found.notna(), None)
    assert dict(zip(known.index, known.itertuples(index=False, name=None), strict=True)) == OUTCOMES
    assert found.loc["a", "won_at"] == pd.Timestamp("2024-02-01")
    assert found["amount"].dropna().to_dict() == {"a": 500.0}
    assert found.loc["b", "disposition"] == "bad data"


def test_counts_by_month_add_up_to_the_leads_judged(folder: Path) -> None:
    counts = outcomes_by_month(outcomes(folder).table)
    assert counts["judged"].to_dict() == {"2024-01": 3, "2024-02": 3, "2024-06": 1, "all": 7}
    assert counts.loc["2024-01", ["won", "not won"]].tolist() == [1, 2]
    assert (counts.drop(columns="judged").sum(axis=1) == counts["judged"]).all()


def test_the_counts_are_printed_and_the_leads_are_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for ending, read in ((".csv", pd.read_csv), (".parquet", pd.read_parquet)):
        out = folder / f"outcomes{ending}"
        assert main(["outcomes", "-w", str(folder), "--json", "--out", str(out)]) == SUCCESS
        written = read(out)
        assert written["lead_id"].tolist() == list("abcdefg")
        assert written["outcome"].tolist() == [outcome for outcome, _ in OUTCOMES.values()]
        answer = json.loads(capsys.readouterr().out)
    assert answer["all"] == {
        "judged": 7,
        "won": 1,
        "not_won": 2,
        "unknown": {
            "duplicate": 1,
            "still open beyond the horizon": 1,
            "never worked": 1,
            "not mature": 1,
        },
    }
    assert sum(month["judged"] for month in answer["months"]) == 7
    assert answer["dispositions"] == {"bad data": 1, "duplicate": 1, "never worked": 1}
    assert main(["outcomes", "-w", str(folder)]) == SUCCESS
    lines = capsys.readouterr().out.splitlines()
    assert next(line for line in lines if line.startswith("2024-01")).split()[:5] == [
        "2024-01",
        "3",
        "1",
        "2",
        "33.3%",
    ]


def test_nothing_is_written_if_the_format_is_unknown(folder: Path) -> None:
    before = sorted(path.name for path in folder.iterdir())
    assert main(["outcomes", "-w", str(folder), "--out", str(folder / "o.docx")]) == ERROR
    assert sorted(path.name for path in folder.iterdir()) == before


def test_outcomes_at_the_extract_are_named_as_such(folder: Path) -> None:
    path = folder / "leadready.yaml"
    path.write_text(path.read_text() + "evaluation: {outcomes: at_extract}\n")
    found = outcomes(folder)
    assert set(found.table["outcome"]) == {"won", "not won"}
    assert "at_extract" in outcomes_text(found)


def test_reasons_get_columns_only_where_they_fit(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = outcomes(folder)
    narrow = outcomes_text(result)
    assert max(map(len, narrow.splitlines())) <= 80
    assert "unknown: duplicate 1, still open beyond the horizon 1" in narrow.replace("\n  ", " ")
    fewer = result.table[result.table["why_unknown"] != "still open beyond the horizon"]
    heading = outcomes_text(dataclasses.replace(result, table=fewer)).splitlines()[3]
    assert heading.split("  ")[-3:] == ["duplicate", "never worked", "not mature"]
