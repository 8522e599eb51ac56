"""Features for other programs: the registered model scores them as the scoring job does."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import leadready
from features.errors import LeadReadyError
from model.serving import Definition, Scorecard

ROOT = Path(__file__).resolve().parents[3]
PARTS = ["score", "probability", "rules_verdict", "decision", "reasons_for", "missing"]


def test_the_snippet_of_the_readme_scores_as_the_job_does(
    run: Callable[..., Any], trained: Path, tmp_path: Path
) -> None:
    path = tmp_path / "features.parquet"
    answer = run("features", "-w", trained, "--out", path)
    assert (answer.code, answer.data) == (0, ""), answer.talk
    assert re.search(r"features of [\d,]+ open leads written to", answer.talk)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (snippet,) = re.findall(r"```python\n(import mlflow\n.*?)```", readme, re.S)
    for name, place in (("demo/mlflow.db", trained / "mlflow.db"), ("features.parquet", path)):
        assert snippet.count(name) == 1
        snippet = snippet.replace(name, str(place))
    found: dict[str, Any] = {}
    exec(snippet, found)
    expected = leadready.score(trained)
    assert "with sales" in set(expected["decision"])
    assert found["scores"]["lead_id"].tolist() == expected["lead_id"].tolist()
    for part in PARTS:
        assert found["scores"][part].tolist() == expected[part].tolist(), part


def test_past_leads_are_those_that_a_training_judges(trained: Path) -> None:
    past, all_past = leadready.features(trained, past=True), leadready.snapshot(trained).features
    model = leadready.load(trained)
    assert isinstance(model.scorecard, Scorecard)
    assert isinstance(model.definition, Definition)
    used = {*model.scorecard.features, *model.definition.features}
    assert set(past) == {"lead_id", "as_of", *used}
    pd.testing.assert_frame_equal(past, all_past[past.columns])


def test_what_cannot_be_asked_for_is_said_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(LeadReadyError, match="judged at their own moments"):
        leadready.features(tmp_path, past=True, as_of="2026-01-01")
    with pytest.raises(LeadReadyError, match=r"features\.csv: features are written as Parquet"):
        leadready.features(tmp_path, out=Path("features.csv"))
