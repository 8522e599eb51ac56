"""``leadready demo``: the whole way once, in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipelines.simulator import company
from pipelines.simulator.company import Settings, simulate_company
from pipelines.simulator.demo import _clear_demo_folder

Run = Callable[..., Any]


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A smaller company, which is simulated and trained on in seconds."""
    monkeypatch.setattr(
        company,
        "simulate_company",
        lambda settings: simulate_company(
            Settings(seed=2, leads=1_500, events=22_500, base_rate=0.3)
        ),
    )


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize(
    ("layout", "leads"),
    [pytest.param("plain", "leads", marks=pytest.mark.fresh_process), ("hubspot", "contacts")],
)
def test_the_demo_goes_the_whole_way(layout: str, leads: str, run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    answer = run("demo", "--folder", folder, "--layout", layout)
    assert answer.code in (0, 1), answer.talk
    promoted = "Promoted: " in answer.data
    assert answer.code == (0 if promoted else 1)
    for name in (
        "leadready.yaml",
        "definition.yaml",
        "card.html",
        "report.html",
        "scores.csv",
        "mlflow.db",
        f"crm/{leads}.csv",
        "truth/truth.json",
    ):
        assert (folder / name).is_file(), name
    steps = ["simulating", "check", "train", "card", "score", "explain", "report"]
    places = [answer.data.index(f"— {step}") for step in steps]
    assert places == sorted(places)
    assert f"leadready explain {'L-' if layout == 'plain' else '51'}" in answer.data
    assert ("leadready init" in answer.data.split("— check")[0]) == (layout != "plain")
    scores = pd.read_csv(folder / "scores.csv", dtype={"lead_id": "str"})
    assert len(scores) > 100
    assert "\nFor" in answer.data, "the brief of the best lead"
    _clear_demo_folder(folder)
    assert not folder.exists(), "the next demo begins anew"


def test_the_demo_leaves_other_things_alone(run: Run, tmp_path: Path) -> None:
    kept = tmp_path / "letters.txt"
    kept.write_text("dear", encoding="utf-8")
    answer = run("demo", "--folder", tmp_path)
    assert (answer.code, answer.data) == (2, "")
    assert "the folder is not empty and holds no demo" in answer.talk
    assert "hint: choose another folder: leadready demo --folder DIR" in answer.talk
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


def test_a_company_of_your_own_is_not_taken_for_a_demo(run: Run, tmp_path: Path) -> None:
    for text in ("name: demo company\n", "# name: demo\nname: acme\n"):
        (tmp_path / "leadready.yaml").write_text(text, encoding="utf-8")
        answer = run("demo", "--folder", tmp_path)
        assert answer.code == 2
        assert (tmp_path / "leadready.yaml").read_text(encoding="utf-8") == text
