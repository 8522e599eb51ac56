"""The workshop's notebook: it runs from top to bottom, shows what it says, and holds no outputs."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipelines.simulator.company import Settings, simulate_company
from pipelines.simulator.export import write_company
from pipelines.train.train import train

NOTEBOOK = Path(__file__).resolve().parents[1] / "notebooks" / "definition_workshop.ipynb"
SMALL = Settings(leads=2_000, events=40_000)


def cells() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    return found


def test_no_outputs_are_kept() -> None:
    for cell in cells():
        assert not cell.get("outputs"), cell["source"]
        assert cell.get("execution_count") is None


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """What the cells leave behind on a small company, and what they print."""
    folder = write_company(simulate_company(SMALL), tmp_path_factory.mktemp("company"))
    train(folder, progress=lambda message: None)
    said, space = io.StringIO(), {"__name__": "__main__"}
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said):
        patch.setenv("LEADREADY_WORKSPACE", str(folder))
        patch.chdir(NOTEBOOK.parent)
        for place, cell in enumerate(cells()):
            if cell["cell_type"] == "code":
                exec(compile("".join(cell["source"]), f"cell {place}", "exec"), space)
    return space, said.getvalue()


def test_it_says_which_version_and_whether_it_is_signed(ran: tuple[dict[str, Any], str]) -> None:
    space, said = ran
    assert f"version {space['loaded'].version} (" in said
    assert "definition 1: signed" in said


def test_importances_are_summed_by_family(ran: tuple[dict[str, Any], str]) -> None:
    space, _ = ran
    total = sum(cell["importance"] for cell in space["loaded"].evaluation["importance"])
    assert space["by_family"].sum() == pytest.approx(total)
    assert "engagement" in space["by_family"].index


def test_points_are_those_of_the_scorecard(ran: tuple[dict[str, Any], str]) -> None:
    space, said = ran
    by_name = {cell["name"]: cell for cell in space["card"]["features"]}
    assert space["points"]
    for name, table in space["points"].items():
        assert table["points"].to_list() == [round(cell, 1) for cell in by_name[name]["points"]]
        assert table["leads"].sum() > 0
        assert by_name[name]["words"] in said


def test_the_disagreement_is_counted_on_later_leads(ran: tuple[dict[str, Any], str]) -> None:
    space, _ = ran
    table = space["disagreement"]
    assert table["leads"].sum() == space["loaded"].evaluation["n_test"]
    assert {"ready", "not ready"} <= set(table["verdict"])


def test_a_changed_threshold_shows_its_consequences(ran: tuple[dict[str, Any], str]) -> None:
    space, said = ran
    table: pd.DataFrame = space["before_after"]
    verdicts = ["ready", "not ready", "unknown", "never"]
    assert (table.loc[verdicts].sum() == len(space["snapshot"].features)).all()
    assert table.loc["ready", "after"] < table.loc["ready", "before"]  # a higher threshold
    real = space["changed"].evaluate(space["snapshot"].features).verdict
    assert table.loc["ready", "after"] == (pd.Series(real) == "ready").sum()
    won = table.loc["of these won"] + table.loc["wins that were not ready"]
    assert (won == space["labelled"].y.sum()).all()
    assert "signed: False" in said
    assert space["loaded"].definition.signed  # the original is untouched


def test_manual_points_are_counted(ran: tuple[dict[str, Any], str]) -> None:
    assert "manual points" in ran[1]
