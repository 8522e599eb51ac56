"""The same score, points, verdict and decision for every lead, in Python and as SQL."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
import sqlglot
from sqlglot import exp

from features.errors import LeadReadyError
from model.dialects import DIALECTS
from model.scoring_sql import scoring_sql
from model.serving import WITH_SALES, Definition, Scorecard, score_leads

ARTIFACTS = Path(__file__).resolve().parents[1] / "artifacts"
WHOLE = json.loads((ARTIFACTS / "scorecard_format_2.json").read_text(encoding="utf-8"))
ODD = ["o'brien", "a;b--", 'the "vp"', "back\\slash", "é", "two\nlines", "a%b{c}"]
REASONS = ("sales works almost none of these", "none of source web was worked")
PARTS = [
    *("score", "fit_points", "engagement_points", "grade", "level", "model_verdict", "warning"),
    *("rules_verdict", "agreement", "decision", "model_version", "definition_version"),
]
KINDS = {"a number": "number", "it's": "category", "other": "number", "new": "number"}
TYPES = {"number": "DOUBLE PRECISION", "category": "TEXT"}
COLUMNS = ", ".join(f'"{name}" {TYPES[kind]}' for name, kind in KINDS.items())
TABLE = f"(lead_id TEXT, {COLUMNS}, with_sales BOOLEAN)"


def agreed(decide_by: str = "review", explore: float = 0.3) -> Definition:
    """Rules that give every verdict, on values that need quotes."""
    return Definition.from_dict(
        {
            "version": "4 o'clock",
            "ready_when": [
                {"id": "two", "feature": "other", "at_least": 2},
                {"id": "odd", "feature": "it's", "none_of": ODD[:2]},
            ],
            "never_when": [{"id": "no", "feature": "it's", "one_of": ODD[2:4]}],
            "handoff": {"decide_by": decide_by, "explore": explore},
        }
    )


def random_card(random: np.random.Generator) -> Scorecard:
    """Draw a card with a number, values that need quotes, and kinds without a prediction."""
    draw = random.integers
    cuts = np.sort(random.choice([-3.5, 0, 0.1, 1 / 3, 1e-7, 30, 50.5, 1e9], 4, replace=False))
    odd = [*map(str, random.permutation(ODD))]
    lines = [
        line("a number", "engagement", cuts=cuts.tolist(), points=draw(-20, 20, 6).tolist()),
        line("it's", "role", categories=[odd[:3], odd[3:4]], points=draw(-20, 20, 4).tolist()),
        line("other", "firmographic", cuts=[2], points=draw(-20, 20, 3).tolist()),
    ]
    kinds = [
        {
            "says": reason,
            "below": float(random.normal(scale=0.3)),
            "intercept": 0.1,
            "features": [
                {"name": "it's", "kind": "category", "categories": odd[:1], "log_odds": [0, 1, -1]},
                {"name": "new", "kind": "number", "cuts": [1.5], "log_odds": [-0.2, 0.1, 0.3]},
            ],
        }
        for reason in (*REASONS, REASONS[0])
    ]
    changed = {"lines": lines, "no_claim": kinds, "level": float(random.normal(-2))}
    return Scorecard.from_dict({**WHOLE, **changed})


def line(name: str, family: str, **rows: Any) -> dict[str, Any]:
    """Write a line; its labels do not matter here."""
    kind = "number" if "cuts" in rows else "category"
    labels = [f"row {place}" for place in range(len(rows["points"]))]
    return {"name": name, "family": family, "kind": kind, "labels": labels, **rows}


def random_leads(random: np.random.Generator, many: int) -> pd.DataFrame:
    """Draw leads on, beside and between the cuts, with values that no row has and missing ones."""
    numbers = np.array([-3.5, 0, 0.1, 1 / 3, 1e-7, 30, 50.5, 1e9, np.nan, 1, 2, 1.5])
    return pd.DataFrame(
        {
            "lead_id": [f"L{number}" for number in range(many)],
            "a number": random.choice(numbers, many),
            "it's": random.choice(np.array([*ODD, "unseen", None], object), many),
            "other": random.choice(numbers, many),
            "new": random.choice(numbers, many),
            "with_sales": random.random(many) < 0.1,
        }
    )


def assert_same(
    in_sql: pd.DataFrame, card: Scorecard, rules: Definition, leads: pd.DataFrame
) -> None:
    """Whole points, bands, verdicts and decisions are equal; probabilities to the last digits."""
    expected = score_leads(leads, card, rules, model_version="3").set_index("lead_id")
    expected["decision"] = expected["decision"].mask(leads["with_sales"].to_numpy(), WITH_SALES)
    found = in_sql.set_index("lead_id").loc[expected.index]
    for name in PARTS:
        assert found[name].tolist() == expected[name].tolist(), name
    lines = found[[f"points_{name}" for name in card.axes]].to_numpy()
    assert (lines == card.points(leads)).all()
    assert found["probability"].to_numpy(float) == pytest.approx(
        expected["probability"].to_numpy(), rel=1e-14
    )


def statement(card: Scorecard, rules: Definition, **options: Any) -> str:
    return scoring_sql(card, rules, KINDS, with_sales="with_sales", version="3", **options)


@pytest.mark.parametrize("seed", range(10))
def test_duckdb_gives_the_same_scores_verdicts_and_decisions(seed: int) -> None:
    random = np.random.default_rng(seed)
    card, leads = random_card(random), random_leads(random, 500)
    rules = agreed(["review", "rules", "model"][seed % 3], explore=[0, 0.3, 1, 1e-9][seed % 4])
    with duckdb.connect() as connection:
        nulls = leads.astype(object).where(leads.notna(), None)
        connection.execute(f"CREATE TABLE features {TABLE}")
        connection.executemany(
            f"INSERT INTO features VALUES ({', '.join('?' * len(nulls.columns))})",
            nulls.values.tolist(),
        )
        found = connection.execute(statement(card, rules)).df()
    assert found["warning"].nunique() > 1  # else a warning that is never given would pass
    assert set(found["rules_verdict"]) == {"ready", "not ready", "unknown", "never"}
    assert ("explore" in set(found["decision"])) == (rules.handoff.explore > 0.1)
    assert_same(found, card, rules, leads)


@pytest.mark.slow
def test_postgresql_gives_the_same_scores_verdicts_and_decisions(
    postgres: Any, tmp_path: Path
) -> None:
    random = np.random.default_rng(0)
    card, leads, rules = random_card(random), random_leads(random, 500), agreed()
    leads["lead_id"] += " für"  # draws are of the bytes in UTF-8
    leads.to_csv(tmp_path / "leads.csv", index=False, na_rep="(missing)")
    postgres(f"CREATE TABLE card_leads {TABLE}")
    copy = "COPY card_leads FROM STDIN WITH (FORMAT csv, HEADER, NULL '(missing)')"
    postgres(copy, tmp_path / "leads.csv")
    sql = statement(card, rules, dialect="postgres", table="card_leads")
    rows = postgres(f"SELECT json_agg(scored) FROM ({sql}) AS scored")
    assert_same(pd.DataFrame(json.loads(rows)), card, rules, leads)


SPARK = """
import sys
from pyspark.sql import SparkSession
features, statement, scores = sys.argv[1:]
settings = {"spark.sql.session.timeZone": "UTC", "spark.ui.enabled": "false"}
spark = SparkSession.builder.master("local[1]").config(map=settings).getOrCreate()
spark.read.parquet(features).createOrReplaceTempView("features")
spark.sql(open(statement, encoding="utf-8").read()).write.parquet(scores)
"""


@pytest.mark.slow
def test_spark_gives_the_same_scores_verdicts_and_decisions(tmp_path: Path) -> None:
    python = shutil.which(os.environ.get("LEADREADY_SPARK", "python-with-pyspark"))
    if python is None:
        pytest.skip("Spark is not installed; LEADREADY_SPARK names a Python that has pyspark")
    random = np.random.default_rng(0)
    card, leads, rules = random_card(random), random_leads(random, 500), agreed()
    leads["lead_id"] += " für"
    leads.to_parquet(tmp_path / "features.parquet", index=False)
    sql = statement(card, rules, dialect="spark")
    (tmp_path / "scores.sql").write_text(sql, encoding="utf-8")
    files = [tmp_path / name for name in ("features.parquet", "scores.sql", "scores")]
    command = [python, "-c", SPARK, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert_same(pd.read_parquet(tmp_path / "scores"), card, rules, leads)


def texts_of(sql: str, dialect: str) -> set[str]:
    found = sqlglot.parse_one(sql, dialect=dialect).find_all(exp.Literal)
    return {literal.this for literal in found if literal.is_string}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_is_read_back_with_the_same_texts_and_columns(dialect: str) -> None:
    card, rules = random_card(np.random.default_rng(0)), agreed()
    sql = statement(card, rules, dialect=dialect)
    texts = texts_of(sql, dialect)
    assert {*ODD[:4], *REASONS, rules.version_label} <= texts
    unlike = {"UTF8", "hex", "SHA2_256"}  # of functions that only some databases have
    assert texts - unlike == texts_of(statement(card, rules), "duckdb")
    names = {column.name for column in sqlglot.parse_one(sql, dialect=dialect).find_all(exp.Column)}
    assert set(KINDS) < names


def test_only_the_columns_to_keep_stand_beside_the_scores() -> None:
    card = Scorecard.from_dict(WHOLE)
    rules = Definition.from_dict(
        {"ready_when": [{"id": "a", "feature": "employees", "at_least": 2}]}
    )
    row = dict.fromkeys(card.features) | {"id": "1", "as_of": "2026-10-01"}
    with duckdb.connect() as connection:
        features = pd.DataFrame([row])
        assert len(features) == 1
        found = connection.execute(scoring_sql(card, rules, keep=("id", "as_of"))).df()
    assert found.columns[:4].tolist() == ["id", "as_of", "rules_verdict", "score"]
    assert not {"draw", "sales_has_it"} & set(found)
    assert found["score"].tolist() == card.score(features).tolist()


def test_a_card_whose_points_are_not_whole_numbers_is_refused() -> None:
    card = Scorecard.from_file(ARTIFACTS / "scorecard_format_1.json")
    with pytest.raises(LeadReadyError, match="format 1, whose points are not whole numbers"):
        scoring_sql(card, agreed())


def test_an_unknown_dialect_is_refused() -> None:
    with pytest.raises(LeadReadyError, match="unknown dialect 'postgresql'"):
        scoring_sql(Scorecard.from_dict(WHOLE), agreed(), dialect="postgresql")
