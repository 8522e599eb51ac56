"""The comparison of two checkouts: what counts as a difference, and what does not."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from verification.compare_checkouts import main

FIGURES: dict[str, Any] = {
    "training": {
        "promoted": True,
        "verdict": "Promoted",
        "split": {"test_from": "2026-02-09"},
        "metrics": {"auc": {"value": 0.8, "low": None}},
    },
    "scorecard": {
        "trained_at": "2026-11-26T18:46:40Z",
        "lines": [
            {"name": "country", "words": "country", "categories": [["India"]], "points": [8, 0]},
            {"name": "employees", "words": "staff", "cuts": [50.0], "points": [0, 1]},
        ],
        "calibration": {"slope": 1.0, "intercept": 0.0},
    },
}


def compared(folder: Path, after: dict[str, Any]) -> int:
    """Compare the stored figures above with others."""
    for side, figures in (("before", FIGURES), ("after", after)):
        (folder / side).mkdir(exist_ok=True)
        (folder / side / "demo.json").write_text(json.dumps(figures), encoding="utf-8")
    return main([str(folder / "before"), str(folder / "after"), "--only", "demo"])


def test_words_dates_and_keys_may_differ(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    after = copy.deepcopy(FIGURES)
    training, card = after["training"], after["scorecard"]
    training["verdict"], training["split"]["test_from"] = "It passed", "2026-02-10"
    training["figures"] = training.pop("metrics")
    card["trained_at"], card["lines"][0]["words"] = "2027-01-01", "where they are"
    assert compared(tmp_path, after) == 0
    assert capsys.readouterr().out == (
        "demo          training   same, 3 values\ndemo          scorecard  same, 10 values\n"
    )


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (
            ("training", "metrics", "auc", "value"),
            0.8000000000000002,
            "metrics.auc.value is 0.8 before, metrics.auc.value is 0.8000000000000002 after",
        ),
        (("training", "promoted"), False, "promoted is True before, promoted is False after"),
        (("training", "promoted"), 1, "promoted is True before, promoted is 1 after"),
        (("training", "metrics", "n"), 3, "metrics.n, 3, is missing before"),
        (("training", "metrics", "auc"), {"value": 0.8}, "metrics.auc.low, None, is missing after"),
        (("scorecard", "lines", 0, "name"), "land", "lines.0.name is 'country' before"),
        (("scorecard", "lines", 0, "categories", 0, 0), "Iran", "lines.0.categories.0.0 is"),
        (("scorecard", "lines", 1, "cuts", 0), 51.0, "lines.1.cuts.0 is 50.0 before"),
        (("scorecard", "lines", 1, "points", 1), 2, "lines.1.points.1 is 1 before"),
        (("scorecard", "calibration", "slope"), 1.1, "calibration.slope is 1.0 before"),
    ],
)
def test_the_first_difference_is_printed(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    path: tuple[str | int, ...],
    value: Any,
    line: str,
) -> None:
    after = copy.deepcopy(FIGURES)
    *parents, last = path
    tree: Any = after
    for key in parents:
        tree = tree[key]
    tree[last] = value
    assert compared(tmp_path, after) == 1
    assert f"DIFFERENT: {line}" in capsys.readouterr().out
