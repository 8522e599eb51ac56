"""The leak audit on real exports, without any answers in the mapping.

The leaks of each data set are known. At least nine in ten must be found, and at most two honest
columns of each set may be suspected.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from pipelines.check.check import check
from pipelines.init.company_files import CompanyFiles
from pipelines.init.draft import make_draft
from pipelines.init.init import init

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
KNOWN: dict[str, set[str]] = {
    "x_education": {
        "Tags",
        "Lead Quality",
        "Lead Profile",
        "Asymmetrique Activity Index",
        "Asymmetrique Profile Index",
        "Asymmetrique Activity Score",
        "Asymmetrique Profile Score",
        "Last Activity",
        "Last Notable Activity",
        "What is your current occupation",
    },
    "itschool_crm": {
        "Quality",
        "Lost Reason",
        "Product",
        "Education Type",
        "Course duration",
        "Months of study",
        "Initial Amount Paid",
        "Offer Total Amount",
        "Payment Type",
        "City",
        "Level of Deutsch",
        "Closing Date",
        "SLA",
    },
    "marketstar": {"DisqualifiedReason", "ConvertedOpportunityId", "OwnerEmployeeId"},
    "maven_crm": {"close_value", "close_date"},
}
FILES = {
    "x_education": ("Leads.csv", "Converted=1"),
    "itschool_crm": ("raw_deals.xlsx", "Stage=Payment Done"),
    "marketstar": ("Leads.csv", "Stage=Qualified"),
    "maven_crm": ("sales_pipeline.csv", "deal_stage=Won"),
}
HONEST_ALLOWED = 2


@pytest.fixture(scope="module")
def by_init(real_data: Path) -> dict[str, set[str]]:
    """What ``init`` suspects in each set from the file and the outcome alone."""
    found = {}
    for name, (file, outcome) in FILES.items():
        draft = make_draft(CompanyFiles(real_data / name / file), outcome=outcome)
        found[name] = set(draft.suspects)
    return found


@pytest.fixture(scope="module")
def by_check(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """What ``check`` suspects in the examples once the teams' answers are removed."""
    found = {}
    for name in KNOWN:
        folder = tmp_path_factory.mktemp(name)
        text = (EXAMPLES / name / "leadready.yaml").read_text()
        text = re.sub(r"^ +[^\n]*\{leak: true\}[^\n]*\n", "", text, flags=re.M)
        text = re.sub(r"^  (closed|won_at|reason): [^\n]*\n", "", text, flags=re.M)
        text = re.sub(r"^  reasons:[^\n]*\n(    [^\n]*\n)*", "", text, flags=re.M)
        (folder / "leadready.yaml").write_text(text)
        (folder / "definition.yaml").write_text(_any_definition(text))
        columns = check(folder).columns
        found[name] = {column.name for column in columns if column.role == "leak suspect"}
    return found


def _any_definition(workspace: str) -> str:
    """Any valid definition; the audit does not read it."""
    named = re.search(r"feature: (\w+), family: \w+, type: (category|number)", workspace)
    assert named
    rule = f"{{id: known, feature: {named[1]}, is_missing: false}}"
    return f"version: 1\nready_when:\n  all:\n    - {rule}\n"


@pytest.mark.parametrize("way", ["by_init", "by_check"])
def test_nine_in_ten_known_leaks_are_found(way: str, request: pytest.FixtureRequest) -> None:
    suspected = request.getfixturevalue(way)
    missed = {name: KNOWN[name] - suspected[name] for name in KNOWN}
    known, lost = sum(map(len, KNOWN.values())), sum(map(len, missed.values()))
    assert (known - lost) / known >= 0.9, missed


@pytest.mark.parametrize("way", ["by_init", "by_check"])
@pytest.mark.parametrize("name", KNOWN)
def test_few_honest_columns_are_suspected(
    name: str, way: str, request: pytest.FixtureRequest
) -> None:
    honest = request.getfixturevalue(way)[name] - KNOWN[name]
    assert len(honest) <= HONEST_ALLOWED, honest


def test_strong_honest_columns_of_x_education_are_not_suspected(
    by_init: dict[str, set[str]],
) -> None:
    honest = {"Total Time Spent on Website", "Lead Origin", "Lead Source", "TotalVisits"}
    assert not honest & by_init["x_education"]


def test_shuffled_outcomes_of_real_leads_make_no_suspects(real_data: Path) -> None:
    from features.leaks.audit import audit_columns

    draft = make_draft(CompanyFiles(real_data / "x_education" / "Leads.csv"), outcome="Converted=1")
    shuffled = draft.raw["Converted"].sample(frac=1, random_state=0).reset_index(drop=True)
    outcome = shuffled.map({"1": "won", "0": "not won"})
    assert audit_columns(draft.raw, outcome, skip=["Converted", "Prospect ID", "Lead Number"]) == []


@pytest.fixture(scope="module")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The export of another author's simulator, with its planted leaks."""
    pytest.importorskip("leadforge")
    folder = tmp_path_factory.mktemp("leadforge")
    command = [Path(sys.executable).with_name("leadforge"), "generate", "--recipe"]
    options = ["b2b_saas_procurement_v1", "--seed", "42", "--mode", "research_instructor"]
    subprocess.run([*command, *options, "--out", folder / "out"], check=True, capture_output=True)
    return folder / "out" / "tables"


def test_the_planted_leaks_of_leadforge_are_found(forge: Path, tmp_path: Path) -> None:
    events = [forge / "touches.parquet", forge / "sessions.parquet"]
    init(tmp_path / "ws", forge / "leads.parquet", events, "converted_within_90_days=True")
    columns = [column for column in check(tmp_path / "ws").columns if column.table == "leads"]
    roles = {column.name: column.role for column in columns}
    leaks = {column.name for column in columns if "the team's answer: a leak" in column.reasons[0]}
    assert leaks == {"is_sql"}
    assert roles["is_sql"] == "ignored"
    assert roles["converted_within_90_days"] == roles["current_stage"] == "outcome"
    assert roles["conversion_timestamp"] == "date"
    assert pd.read_parquet(forge / "leads.parquet").shape[1] == len(roles)
