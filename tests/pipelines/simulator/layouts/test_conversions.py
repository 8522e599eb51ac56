"""Systems that move the events of won leads: refused unmended, right when mended."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from features.errors import LeadReadyError
from features.tables.read import read_tables
from features.workspace.read import read_workspace
from pipelines.init.init import init
from pipelines.simulator.company import Company, Settings, simulate_company
from pipelines.simulator.layouts import CONVERSION_NAMES
from pipelines.simulator.layouts.choose import write_layout
from pipelines.simulator.layouts.conversions import AFFECTED, KEPT

MENDABLE = [
    ("salesforce", "moved", "[Id, ConvertedContactId]"),
    ("salesforce", "partly-moved", "[Id, ConvertedContactId]"),
    ("salesforce", "cadence-left", "[Id, ConvertedContactId]"),
    ("hubspot", "merged", "[Record ID, Merged Contact IDs]"),
]


@pytest.fixture(scope="module")
def company() -> Company:
    return simulate_company(Settings(leads=400, events=6_000, base_rate=0.3))


@pytest.mark.parametrize(("layout", "conversion", "on"), MENDABLE)
def test_the_mapping_that_mends_it_is_written_and_named(
    layout: str, conversion: str, on: str, company: Company, tmp_path: Path
) -> None:
    files = write_layout(company, layout, tmp_path, conversion)
    leads, *others = (path for paths in files.values() for path in paths)
    init(tmp_path, leads, other_files=others)
    mapping = tmp_path / "leadready.yaml"
    assert f"on: {on}" in mapping.read_text()
    mended = read_tables(read_workspace(tmp_path))
    assert len(mended.events) == len(company.activities), "every event is some lead's"

    mapping.write_text(re.sub(r"\n    on: .*", "", mapping.read_text()))
    unmended = read_tables(read_workspace(tmp_path))
    (problem,) = (each for each in unmended.problems if each.kind == "ids in another column")
    assert problem.blocks
    assert problem.count == len(company.activities) - len(unmended.events)
    assert f"on: {on}" in str(problem.hint)


def test_a_layout_offers_only_what_its_system_does(company: Company, tmp_path: Path) -> None:
    assert set(CONVERSION_NAMES) == {KEPT, *AFFECTED}
    with pytest.raises(LeadReadyError, match="no conversion 'merged'"):
        write_layout(company, "salesforce", tmp_path, "merged")
