"""``leadready export dbt``: a package that dbt builds and tests, with the scores of Python."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
import yaml

from model.dialects import DIALECTS
from model.serving import Definition, Scorecard, score_leads
from pipelines.export.dbt import dbt_files

ODD = ["o'brien", "a{{ b }}", "{% raw %}", '"vp"', "{# no #}"]
CARD = Scorecard.from_dict(
    {
        **{"format": 2, "start": 47, "level": -2.4, "base_rate": 0.08, "ready_at": 52},
        **{"grades": {"A": 6, "B": 0, "C": -5}, "levels": {"1": 8, "2": 1, "3": -4}},
        "lines": [
            {
                **{"name": "size", "family": "firmographic", "kind": "number", "cuts": [50]},
                **{"points": [0, -4, 6], "labels": ["a", "b", "c"]},
            },
            {
                **{"name": "title", "family": "role", "kind": "category", "categories": [ODD[:3]]},
                **{"points": [-1, 0, 4], "labels": ["a", "b", "c"]},
            },
        ],
    }
)
RULES = Definition.from_dict(
    {
        "version": 1,
        "handoff": {"decide_by": "rules", "explore": 0.3},
        "ready_when": [{"id": "size", "feature": "size", "at_least": 50}],
        "never_when": [{"id": "odd", "feature": "title", "one_of": ODD[3:]}],
    }
)
CATALOGUE = [
    {"name": "size", "words": "employees {all}", "family": "firmographic", "kind": "number"},
    {"name": "title", "words": "job title", "family": "role", "kind": "category"},
]
LOADED: Any = SimpleNamespace(
    scorecard=CARD.content, definition=RULES.content, catalogue=CATALOGUE, version="3"
)
PROFILE = {
    "leadready": {
        "target": "test",
        "outputs": {"test": {"type": "duckdb", "path": "leads.duckdb", "threads": 1}},
    }
}


def random_leads(many: int) -> pd.DataFrame:
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "lead_id": [f"L{number}" for number in range(many)],
            "as_of": pd.Timestamp("2026-10-01"),
            "with_sales": random.random(many) < 0.1,
            "size": random.choice([20, 50, 60, np.nan], many),
            "title": random.choice(np.array([*ODD, "other", None], object), many),
        }
    )


@pytest.mark.slow
def test_dbt_builds_and_tests_the_package(tmp_path: Path) -> None:
    dbt = shutil.which(os.environ.get("LEADREADY_DBT", "dbt"))
    if dbt is None:
        pytest.skip("dbt with its adapter for DuckDB is not installed; LEADREADY_DBT names it")
    leads = random_leads(400)
    for name, text in dbt_files(LOADED, "Acme", "duckdb").items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "profiles.yml").write_text(yaml.safe_dump(PROFILE), encoding="utf-8")
    with duckdb.connect(str(tmp_path / "leads.duckdb")) as connection:
        connection.register("given", leads)
        connection.execute("CREATE SCHEMA leadready; CREATE TABLE leadready.features AS FROM given")
    done = subprocess.run(
        [dbt, "--no-send-anonymous-usage-stats", "build", "--profiles-dir", "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "ERROR=0" in done.stdout
    with duckdb.connect(str(tmp_path / "leads.duckdb")) as connection:
        found = connection.execute("FROM lead_scores").df().set_index("lead_id")
    expected = score_leads(leads, CARD, RULES).set_index("lead_id")
    expected["decision"] = expected["decision"].mask(leads["with_sales"].to_numpy(), "with sales")
    assert expected["decision"].nunique() == 6
    for name in ("score", "rules_verdict", "decision", "grade"):
        assert found.loc[expected.index, name].tolist() == expected[name].tolist()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_text_of_the_data_is_a_template_of_dbt(dialect: str) -> None:
    jinja2 = pytest.importorskip("jinja2")
    for name, text in dbt_files(LOADED, "Acme", dialect).items():
        if name.endswith(".sql"):
            calls = {"ref": lambda table: f"ref {table}", "source": lambda *table: ".".join(table)}
            written = jinja2.Environment().from_string(text).render(**calls)
            assert "FROM ref lead_features" in written or "FROM leadready.features" in written
            assert name.endswith("features.sql") or all(odd in written for odd in (ODD[1:3]))


def test_every_column_is_described_and_the_contract_names_what_is_read() -> None:
    files = {
        name: yaml.safe_load(text)
        for name, text in dbt_files(LOADED, "Acme", "duckdb").items()
        if name.endswith(("yml", "yaml"))
    }
    of_features, of_scores = files["models/schema.yml"]["models"]
    assert [column["name"] for column in of_features["columns"]] == list(random_leads(1))
    assert {"score", "decision", "points_size"} <= {c["name"] for c in of_scores["columns"]}
    (table,) = files["lead_features.odcs.yaml"]["schema"]
    assert [part["name"] for part in table["properties"]] == list(random_leads(1))
    assert [part["name"] for part in table["properties"] if part["required"]] == ["lead_id"]


def test_the_command_writes_into_its_own_folder_only(
    run: Callable[..., Any], trained: Path, tmp_path: Path
) -> None:
    for _ in range(2):  # a package is written again in its own folder
        answer = run("export", "dbt", "-w", trained, "--out", tmp_path / "package")
        assert answer.code == 0
        assert len(answer.data.splitlines()) == 5
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("mine", encoding="utf-8")
    refused = run("export", "dbt", "-w", trained, "--out", tmp_path / "other")
    assert (refused.code, "holds something else" in refused.talk) == (2, True)
