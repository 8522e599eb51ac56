"""Which definition leads are scored by, and whether it has to be signed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from features.errors import LeadReadyError
from pipelines.score.active_definition import ActiveDefinition, find_active_definition

CONTENT: dict[str, Any] = {
    "name": "sales-ready lead",
    "version": 1,
    "draft": True,
    "ready_when": {"all": [{"id": "large", "feature": "employees", "at_least": 50}]},
    "teams": ["sales"],
}


def _active(folder: Path, of_file: dict[str, Any] | None, **options: bool) -> ActiveDefinition:
    if of_file is not None:
        (folder / "definition.yaml").write_text(yaml.safe_dump(of_file), encoding="utf-8")
    workspace: Any = SimpleNamespace(folder=folder, definition="definition.yaml")
    model: Any = SimpleNamespace(definition=CONTENT, catalogue=[])
    return find_active_definition(workspace, model, **options)


@pytest.mark.parametrize("of_file", [None, CONTENT, {**CONTENT, "version": 2}])
def test_a_draft_needs_no_signature(tmp_path: Path, of_file: dict[str, Any] | None) -> None:
    active = _active(tmp_path, of_file, unsigned=False)
    assert active.draft
    assert "the definition is a draft that nobody has signed" in active.note_text()


def test_who_ends_the_draft_has_to_sign(tmp_path: Path) -> None:
    no_draft = {key: value for key, value in CONTENT.items() if key != "draft"}
    with pytest.raises(LeadReadyError, match="sales has not signed"):
        _active(tmp_path, no_draft, unsigned=False)
    active = _active(tmp_path, no_draft, unsigned=True)
    assert active.note_text() == "the definition is not signed"
