"""``leadready export sql``: one statement, run over the table that ``leadready features`` writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

import leadready

Run = Callable[..., Any]


def test_the_statement_scores_the_feature_table_as_the_job_does(
    run: Run, trained: Path, tmp_path: Path
) -> None:
    path = tmp_path / "scores.sql"
    answer = run("export", "sql", "-w", trained, "--out", path)
    assert (answer.code, answer.data) == (0, "")
    assert "written to" in answer.talk
    features = leadready.features(trained)
    assert len(features) > 1000
    with duckdb.connect() as connection:
        found = connection.execute(path.read_text(encoding="utf-8")).df()
    expected = leadready.score(trained)
    same = [name for name in expected if name in found]
    assert len(same) == 14
    for name in same:
        if name == "probability":
            assert (found[name] - expected[name]).abs().max() < 1e-9
        elif name != "warning":  # the job adds what differs from the training
            assert found[name].tolist() == expected[name].tolist(), name


def test_another_table_and_dialect_are_written_to_stdout(run: Run, trained: Path) -> None:
    answer = run(
        "export", "sql", "-w", trained, "--dialect", "bigquery", "--table", "crm.all leads"
    )
    assert answer.code == 0
    assert "FROM `crm`.`all leads`" in answer.data
    refused = run("export", "sql", "-w", trained, "--dialect", "postgress")
    assert refused.code == 2
    assert "did you mean 'postgres'?" in refused.talk
