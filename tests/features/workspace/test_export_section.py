"""``export:`` in the workspace: which columns the CRM gets, and what it calls them."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.errors import LeadReadyError
from features.workspace.job_schema import SCORE_COLUMNS
from features.workspace.read import read_workspace
from tests.conftest import ROOT
from tests.conftest import SCORE_COLUMNS as PROMISED


def columns_of(tmp_path: Path, text: str) -> dict[str, str]:
    (tmp_path / "leadready.yaml").write_text(f"leads: {{file: a.csv, id: Id}}\n{text}")
    return dict(read_workspace(tmp_path).export.columns)


def test_columns_have_the_names_of_the_crm_in_the_order_of_the_file(tmp_path: Path) -> None:
    assert columns_of(tmp_path, "") == {}
    text = "export: {columns: {score: LR_Score__c, lead_id: Lead ID, level: 1}}"
    columns = columns_of(tmp_path, text)
    assert list(columns.items()) == [
        ("score", "LR_Score__c"),
        ("lead_id", "Lead ID"),
        ("level", "1"),
    ]


def test_the_example_of_the_documents_is_read(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "data.md").read_text("utf-8").partition("```yaml part\n")[2]
    columns = columns_of(tmp_path, text.partition("```")[0])
    assert columns["decision"] == "LR_Decision__c"


def test_every_column_of_scored_leads_can_be_chosen() -> None:
    assert list(SCORE_COLUMNS) == PROMISED


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("lead_id: Id, scores: S", "unknown column 'scores'; did you mean 'score' or"),
        ("lead_id: Id, score: Id", "two columns would be called 'Id'"),
        ("score: S", "without the lead's id"),
        ("lead_id: Id, score:", "expected a text"),
        ("lead_id: [Id]", "expected a text"),
    ],
)
def test_what_cannot_be_written_is_refused_with_its_place(
    tmp_path: Path, columns: str, message: str
) -> None:
    with pytest.raises(LeadReadyError, match=r"leadready\.yaml:2:\d+") as raised:
        columns_of(tmp_path, f"export: {{columns: {{{columns}}}}}")
    assert message in str(raised.value)
