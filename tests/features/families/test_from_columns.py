"""Columns of the leads become features by their declared types."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.families.build import build_features, feature_catalogue
from features.families.feature import Feature
from features.tables.read import read_tables
from features.workspace.read import read_workspace

WORKSPACE = """\
leads:
  file: leads.csv
  id: Id
  columns:
    Tools: {feature: tools, family: origin, type: choices, label: Tools in Use, choices: [CRM, ERP]}
outcome: {won_when: {Stage: [Won]}}
"""


def build(folder: Path, tools: list[str | None], workspace: str = WORKSPACE) -> pd.DataFrame:
    (folder / "leadready.yaml").write_text(workspace)
    ids = [f"L{number}" for number in range(len(tools))]
    leads = pd.DataFrame({"Id": ids, "Tools": tools, "Stage": "Won"})
    leads.to_csv(folder / "leads.csv", index=False)
    ws = read_workspace(folder)
    moments = pd.DataFrame({"lead_id": ids, "as_of": pd.Timestamp(2024, 1, 1)})
    features, catalogue = build_features(ws, read_tables(ws), moments)
    labels = [feature.words for feature in catalogue if feature.name.startswith("tools")]
    assert labels == ["Tools in Use: CRM", "Tools in Use: ERP"]
    return features


def test_each_choice_is_a_yes_or_no_feature(tmp_path: Path) -> None:
    features = build(tmp_path, ["CRM;ERP", "crm", None, "Unseen"])
    assert features["tools_crm"].tolist() == ["yes", "yes", "no", "no"]
    assert features["tools_erp"].tolist() == ["yes", "no", "no", "no"]
    assert "tools" not in features


def test_choices_may_stand_on_lines_of_their_own(tmp_path: Path) -> None:
    lines = WORKSPACE.replace("type: choices", 'type: choices, separator: "\\n"')
    features = build(tmp_path, ["CRM\nERP", "crm", None], lines)
    assert features["tools_crm"].tolist() == ["yes", "yes", "no"]
    assert features["tools_erp"].tolist() == ["yes", "no", "no"]


@pytest.mark.parametrize("mapping", ["type: choices", "type: category, choices: [a]"])
def test_choices_need_a_list_and_a_type(tmp_path: Path, mapping: str) -> None:
    (tmp_path / "leadready.yaml").write_text(
        f"leads: {{file: a.csv, id: Id, columns: {{T: {{feature: t, family: role, {mapping}}}}}}}\n"
    )
    with pytest.raises(LeadReadyError) as caught:
        read_workspace(tmp_path)
    assert caught.value.what.endswith("type: choices and the list of choices belong together")


def test_a_number_in_bands_keeps_their_names(tmp_path: Path) -> None:
    (tmp_path / "leadready.yaml").write_text(
        "leads:\n  file: leads.csv\n  id: Id\n  columns:\n"
        "    Size: {feature: size, family: firmographic, type: number}\n"
        "    Visits: {feature: visits, family: engagement, type: number}\n"
        "outcome: {won_when: {Stage: [Won]}}\n"
    )
    sizes = ["Nov-50", "51-200", "1.000-5.000", "10-Jan"]
    leads = pd.DataFrame(
        {"Id": list("abcd"), "Size": sizes, "Visits": [1, 2, 3, 4], "Stage": "Won"}
    )
    leads.to_csv(tmp_path / "leads.csv", index=False)
    ws = read_workspace(tmp_path)
    tables = read_tables(ws)
    size, visits = feature_catalogue(ws, tables)
    assert [label for _, label in size.bands] == ["1-10", "11-50", "51-200", "1.000-5.000"]
    assert visits.bands == ()
    assert Feature(**json.loads(json.dumps(asdict(size)))) == size  # as a model keeps it
