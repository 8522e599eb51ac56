"""The notebooks run from top to bottom, show what they say, and have no outputs."""

from __future__ import annotations

import io
import json
import shutil
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import leadready
from pipelines.workshop.facts import changes

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOK, REVIEW = FOLDER / "definition_workshop.ipynb", FOLDER / "model_review.ipynb"
Ran = tuple[dict[str, Any], str]


def read_cells(notebook: Path) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(notebook.read_text("utf-8"))["cells"]
    return cells


BOTH = pytest.mark.parametrize("notebook", [NOTEBOOK, REVIEW], ids=lambda path: path.stem)


@BOTH
def test_no_outputs_are_kept(notebook: Path) -> None:
    for cell in read_cells(notebook):
        assert not cell.get("outputs"), cell["source"]
        assert cell.get("execution_count") is None


@BOTH
def test_only_the_public_face_is_imported(notebook: Path) -> None:
    source = "".join(line for cell in read_cells(notebook) for line in cell["source"])
    assert "import leadready" in source
    for package in ("features", "model", "pipelines"):
        assert f"from {package}" not in source
        assert f"import {package}" not in source


def run_cells(notebook: Path, company: Path) -> Ran:
    """Run a notebook; give what its cells leave behind and what they print."""
    printed, space = io.StringIO(), {"__name__": "__main__"}
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed):
        patch.setattr(changes, "proposals_on", no_search)
        patch.setenv("LEADREADY_WORKSPACE", str(company))
        patch.setenv("MPLBACKEND", "agg")
        patch.chdir(notebook.parent)
        for place, cell in enumerate(read_cells(notebook)):
            if cell["cell_type"] == "code":
                exec(compile("".join(cell["source"]), f"cell {place}", "exec"), space)
    return space, printed.getvalue()


def no_search(*parts: Any) -> Any:
    raise leadready.LeadReadyError("too few leads")


@pytest.fixture(scope="module")
def ran(trained: Path) -> Ran:
    """What the cells leave behind on a small company, and what they print."""
    return run_cells(NOTEBOOK, trained)


def test_the_screens_are_those_of_the_page(ran: Ran) -> None:
    screens = ran[0]["screens"]
    assert len(screens) == 7
    for screen in screens:
        assert f"{screen.title}: {screen.sentence}" in ran[1]
        assert "<iframe srcdoc=" in screen._repr_html_()
        assert "<script" not in screen.html


def test_a_version_is_reviewed_from_the_registry_alone(
    trained: Path, training: dict[str, Any], tmp_path: Path
) -> None:
    for file in [*trained.glob("*.yaml"), *trained.glob("mlflow.db*")]:
        shutil.copy(file, tmp_path)
    shutil.copytree(trained / "mlartifacts", tmp_path / "mlartifacts")
    space, printed = run_cells(REVIEW, tmp_path)
    assert list(space["versions"]) == ["champion"]
    assert f"tested on {training['n_test']:,}" in printed
    auc = space["scores"].loc["auc", "champion: this model"]
    assert auc.startswith(f"{training['metrics']['auc']['value']:.3f} (")
    assert len(space["periods"]) == len(training["periods"])
    assert space["left_out"]["champion"].to_dict() == training["excluded"]


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
