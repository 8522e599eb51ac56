"""What ``check`` says of a column: how it is read, and what an old score is for."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from features.guess.columns import guess_columns
from features.workspace.read import read_workspace
from pipelines.check.columns import AS_IT_WAS, lead_columns

WORKSPACE = """
leads:
  file: leads.csv
  id: Id
  columns: {Rating: {feature: rating, family: other, type: category}}
outcome: {won_when: {Stage: [Won]}}
old_score: {column: Score}
"""


def test_columns_with_a_history_and_old_scores_are_named(tmp_path: Path) -> None:
    (tmp_path / "leadready.yaml").write_text(WORKSPACE, encoding="utf-8")
    raw = pd.DataFrame(
        {"Id": ["1", "2"], "Rating": ["a", "b"], "Stage": ["Won", "Lost"], "Score": ["1", "2"]}
    )
    guesses = {guess.column: guess for guess in guess_columns(raw)}
    listed = lead_columns(read_workspace(tmp_path), raw, guesses, [], {"Rating"})
    columns = {column.name: column for column in listed}
    assert AS_IT_WAS in columns["Rating"].reasons
    assert columns["Score"].role == "ignored"
    assert columns["Score"].reasons[0] == "mapped: an old score, compared with the model"
    assert AS_IT_WAS not in columns["Score"].reasons
