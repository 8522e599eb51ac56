"""One SELECT from raw tables to decisions: the same scores and features on every engine."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest
import sqlglot
from sqlglot import exp

import leadready
from features.errors import LeadReadyError
from features.families.feature import Feature
from model.dialects import DIALECTS
from verification.engines.features import differences, features_statement, python_features
from verification.engines.run import in_duckdb, in_postgres, in_spark, spark_python
from verification.engines.tables import write_tables

Run = Callable[..., Any]
PLANNED = {"activity_7d", "active_days_30d", "days_since_last_activity", "first_response_hours"}
PLANNED |= {"web_besuch_30d", "web_besuch_value_ever"}  # Spark plans every column for seconds
EXACT = ["score", "fit_points", "engagement_points", "grade", "level", "as_of"]
EXACT += ["rules_verdict", "model_verdict", "agreement", "decision", "definition_version"]


def test_a_statement_over_raw_tables_scores_as_the_job_does(
    run: Run, trained: Path, tmp_path: Path
) -> None:
    path = tmp_path / "scores.sql"
    answer = run("export", "sql", "-w", trained, "--raw", "--as-of", "2026-10-01", "--out", path)
    assert (answer.code, answer.data) == (0, "")
    assert "events of programs, such as link scanners, are in the data" in answer.talk
    with duckdb.connect() as connection:
        for file in (trained / "crm").glob("*.csv"):
            read = f"read_csv('{file}', all_varchar = true)"
            connection.execute(f"CREATE TABLE {file.stem} AS SELECT * FROM {read}")
        found = connection.execute(path.read_text(encoding="utf-8")).df().set_index("lead_id")
    expected = leadready.score(trained).set_index("lead_id")
    assert len(found) == len(expected) > 1000
    found = found.loc[expected.index]
    for name in EXACT:
        assert found[name].tolist() == expected[name].tolist(), name
    assert (found["probability"] - expected["probability"]).abs().max() < 1e-9


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables with ties, missing values, changes of the clock and many scripts."""
    folder = tmp_path_factory.mktemp("engines")
    write_tables(folder, leads=60, events=1_500)
    return folder


@pytest.fixture(scope="module")
def features(company: Path) -> tuple[pd.DataFrame, list[Feature]]:
    expected, catalogue = python_features(company)
    assert {"seniority", "topics_preis", "renewal_on", "account_others_30d"} <= set(expected)
    assert expected.notna().any().all()
    return expected, catalogue


def test_duckdb_builds_the_features_to_the_digit(company: Path, features: Any) -> None:
    expected, catalogue = features
    found = in_duckdb(company, features_statement(company, catalogue, "duckdb"))
    assert differences(found, expected) == {}
    changed = found.assign(activity_7d=found["activity_7d"] + 1e-12)
    assert set(differences(changed, expected)) == {"activity_7d"}


@pytest.mark.slow
def test_postgresql_builds_the_features_to_the_digit(
    company: Path, features: Any, postgres: Any
) -> None:
    expected, catalogue = features
    found = in_postgres(postgres.url, company, features_statement(company, catalogue, "postgres"))
    assert differences(found, expected) == {}


@pytest.mark.slow
def test_spark_builds_the_features_to_the_digit(company: Path, features: Any) -> None:
    if (python := spark_python()) is None:
        pytest.skip("Spark is not installed; LEADREADY_SPARK names a Python that has pyspark")
    expected, catalogue = features
    few = [each for each in catalogue if each.name in PLANNED or each.family != "engagement"]
    found = in_spark(python, company, features_statement(company, few, "spark"))
    columns = ["lead_id", "as_of", *(each.name for each in few)]
    assert len(columns) == 18
    assert differences(found, expected[columns]) == {}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_is_read_back_with_the_same_tables(
    dialect: str, company: Path, features: Any
) -> None:
    sql = features_statement(company, features[1], dialect)
    parsed = sqlglot.parse_one(sql, dialect=dialect)
    tables = {table.name for table in parsed.find_all(exp.Table)}
    assert {"leads", "firms", "events", "stages"} <= tables
    assert parsed.named_selects == ["*"]
    if dialect == "tsql":
        assert not list(parsed.find_all(exp.Boolean, exp.Interval))


def test_what_sql_cannot_do_is_refused_with_the_way_out(company: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(company, tmp_path / "company"))
    _, catalogue = python_features(folder)
    firms = pq.read_table(folder / "firms.parquet")
    pq.write_table(firms.take([0, *range(len(firms))]), folder / "firms.parquet")
    with pytest.raises(LeadReadyError, match="Name repeats in firms") as error:
        features_statement(folder, catalogue, "duckdb")
    assert error.value.hint is not None
    assert "leave out --raw" in error.value.hint
    text = (folder / "leadready.yaml").read_text(encoding="utf-8")
    changed = text.replace("key: Name", "key: Name, match: letters")
    (folder / "leadready.yaml").write_text(changed, encoding="utf-8")
    with pytest.raises(LeadReadyError, match="not with  match: letters"):
        features_statement(folder, catalogue, "duckdb")
