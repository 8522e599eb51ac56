"""The workshop's notebook runs from top to bottom, shows what it says, and has no outputs."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import leadready

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "definition_workshop.ipynb"
Ran = tuple[dict[str, Any], str]


def read_cells() -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    return cells


def test_no_outputs_are_kept() -> None:
    for cell in read_cells():
        assert not cell.get("outputs"), cell["source"]
        assert cell.get("execution_count") is None


def test_only_the_public_face_is_imported() -> None:
    source = "".join(line for cell in read_cells() for line in cell["source"])
    assert "import leadready" in source
    for package in ("features", "model", "pipelines"):
        assert f"from {package}" not in source
        assert f"import {package}" not in source


@pytest.fixture(scope="module")
def ran(trained: Path) -> Ran:
    """What the cells leave behind on a small company, and what they print."""
    printed, space = io.StringIO(), {"__name__": "__main__"}
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed):
        patch.setenv("LEADREADY_WORKSPACE", str(trained))
        patch.setenv("MPLBACKEND", "agg")
        patch.chdir(NOTEBOOK.parent)
        for place, cell in enumerate(read_cells()):
            if cell["cell_type"] == "code":
                exec(compile("".join(cell["source"]), f"cell {place}", "exec"), space)
    return space, printed.getvalue()


def test_it_says_which_version_and_whether_it_is_signed(ran: Ran) -> None:
    space, printed = ran
    assert f"version {space['model'].version} (" in printed
    assert "definition 1: signed" in printed


def test_importance_is_summed_by_family(ran: Ran) -> None:
    space, _ = ran
    total = sum(row["importance"] for row in space["model"].evaluation["importance"])
    assert space["by_family"].sum() == pytest.approx(total)
    assert "engagement" in space["by_family"].index


def test_points_are_those_of_the_scorecard(ran: Ran) -> None:
    space, printed = ran
    card = {line["name"]: line for line in space["model"].scorecard.lines}
    assert space["points"]
    for name, table in space["points"].items():
        assert table["points"].to_list() == card[name]["points"]
        assert table["leads"].sum() > 0
        assert card[name]["words"] in printed


def test_disagreement_is_counted_on_the_test_leads(ran: Ran) -> None:
    space, _ = ran
    table = space["disagreement"]
    assert table["leads"].sum() == space["model"].evaluation["n_test"]
    assert {"ready", "not ready"} <= set(table["verdict"])


def test_a_changed_threshold_shows_its_consequences(ran: Ran) -> None:
    space, printed = ran
    table: pd.DataFrame = space["before_after"]
    snapshot = leadready.snapshot(space["WORKSPACE"])
    verdicts = ["ready", "not ready", "unknown", "never"]
    assert (table.loc[verdicts].sum() == len(snapshot.moments)).all()
    assert table.loc["ready", "changed"] < table.loc["ready", "now"], "a higher threshold"
    changed = snapshot.definition(space["changed"])
    ready = pd.Series(changed.evaluate(snapshot.features).verdict) == "ready"
    assert table.loc["ready", "changed"] == ready.sum()
    assert not changed.signed, "a change voids the signatures"
    assert snapshot.definition().signed, "the workspace is unchanged"
    assert "at_least: 50 → at_least: 100" in printed


def test_points_by_hand_are_compared(ran: Ran) -> None:
    by_hand = ran[0]["by_hand"]
    assert {"by_hand", "learned", "low", "high"} <= set(by_hand.columns)
    assert by_hand["learned"].notna().any()
