"""Real reasons of two companies: each maps to the right disposition, and ``init`` writes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.labels.rejection_reasons import guess_disposition
from features.workspace.read import read_workspace
from pipelines.init.init import init

SCHOOL = {
    "not the right fit": {
        "Non target",
        "Conditions are not suitable",
        "Inadequate",
        "Does not speak English",
        "Considering a different direction in IT",
        "Does not know how to use a computer",
        "The contract did not fit",
        "Refugee",
    },
    "not the right contact": {"Not for myself"},
    "not interested": {"Changed Decision"},
    "bad timing": {"needs time to think", "Next stream"},
    "no budget": {"Expensive", "Gutstein refusal", "Thought for free"},
    "competitor": {"Went to Rivals"},
    "bad data": {
        "Doesn't Answer",
        "Stopped Answering",
        "Invalid number",
        "Didn't leave an application",
    },
    "duplicate": {"Duplicate"},
}
B2B = {
    "never worked": {"Abandoned"},
    "not interested": {"Not Interested", "Unsubscribed/Do Not Call", "No Need"},
    "not the right contact": {"Wrong Contact"},
    "bad data": {"Bad Email"},
    "no budget": {"No Budget"},
    "bad timing": {"Bad Timing"},
    "competitor": {"Competitor"},
}
SETS = {
    "itschool_crm": ("raw_deals.xlsx", "Stage=Payment Done", "Lost Reason", SCHOOL),
    "marketstar": ("Leads.csv", "Stage=Qualified", "DisqualifiedReason", B2B),
}
WITHOUT = {
    "x_education": ("Leads.csv", "Converted=1"),
    "maven_crm": ("sales_pipeline.csv", "deal_stage=Won"),
}


@pytest.mark.parametrize("expected", [SCHOOL, B2B], ids=["school", "B2B"])
def test_every_reason_maps_to_the_right_disposition(expected: dict[str, set[str]]) -> None:
    for disposition, reasons in expected.items():
        guesses = {reason: guess_disposition(reason) for reason in reasons}
        assert guesses == dict.fromkeys(reasons, disposition)


@pytest.mark.parametrize("name", SETS)
def test_init_finds_the_column_and_maps_all_reasons_in_it(
    name: str, real_data: Path, tmp_path: Path
) -> None:
    file, outcome, column, expected = SETS[name]
    init(tmp_path / name, real_data / name / file, outcome=outcome)
    found = read_workspace(tmp_path / name).outcome
    assert found.reason == column
    assert {name: set(reasons) for name, reasons in found.reasons.items()} == expected
    assert sum(map(len, expected.values())) == {"itschool_crm": 21, "marketstar": 9}[name]


@pytest.mark.parametrize("name", WITHOUT)
def test_without_reasons_of_sales_none_are_invented(
    name: str, real_data: Path, tmp_path: Path
) -> None:
    file, outcome = WITHOUT[name]
    init(tmp_path / name, real_data / name / file, outcome=outcome)
    found = read_workspace(tmp_path / name).outcome
    assert (found.reason, dict(found.reasons)) == (None, {})


@pytest.mark.parametrize("name", SETS)
def test_the_examples_map_every_reason(name: str, real_data: Path) -> None:
    examples = Path(__file__).resolve().parents[2] / "examples"
    found = read_workspace(examples / name).outcome
    assert {disposition: set(reasons) for disposition, reasons in found.reasons.items()} == SETS[
        name
    ][3]
