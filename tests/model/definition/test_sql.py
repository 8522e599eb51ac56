"""The same verdict for every lead, in Python, in the registered model, and as SQL."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from features.errors import LeadReadyError
from model.definition.sql import definition_sql
from model.registry import bundle
from model.serving import VERDICTS, Definition

LEADS = 3_000
KINDS = {
    "employees": "number",
    "visits": "number",
    "seniority": "category",
    "country": "category",
    "asked": "category",
    "known since": "category",
}
ODD = [
    "",
    " ",
    "vp ",
    "VP",
    'the "vp"',
    "o'brien",
    "-- ;/*",
    "back\\slash",
    "two\nlines",
    "a%b{c}",
    "1.0",
    "1e5",
    "012",
    "NaN",
    "None",
    "null",
    "é",
    "e\u0301",
    "\x85",
    "\U0001f642",
    "\u2028",
]
VALUES = {
    "seniority": ["student", "manager", "vp", *ODD],
    "country": ["DE", "7", "à é", "true"],
    "asked": ["yes", "no"],
}
DAYS = ["2024-01-01", "2023-12-31T23:59:59", "2024-01-01 23:59:59", "1969-12-31", "9999-12-31"]
HUGE = [1e300, 1e20, 2.0**53, 5e-324, -1e300]
SIZES = [0.0, -0.0, 0.1, 0.1 + 0.2, 1.0, 7.0, 49.5, 50.0, 1e6, -3.0, np.inf, -np.inf, *HUGE]


def random_leads(many: int = LEADS, seed: int = 0) -> pd.DataFrame:
    """Leads with every value that rules use, and a fifth of all cells missing."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"lead_id": [f"L{number}" for number in range(many)]})
    X["employees"] = rng.choice(SIZES, many)
    X["visits"] = rng.integers(0, 5, many).astype("float64")
    for name, values in VALUES.items():
        X[name] = rng.choice(np.array([*values, "another"], dtype="object"), many)
    X["known since"] = rng.choice(np.array(DAYS, dtype="object"), many)
    for name in KINDS:
        gone = rng.random(many) < 0.2
        X[name] = X[name].mask(gone, np.nan if KINDS[name] == "number" else None)
    return X


TABLE = random_leads()
NUMBERS = st.sampled_from(
    [0, -0.0, 1, 2.0, 7, 49.5, 50, 1e6, -3, 0.1, 0.3, 2**53 + 1, 10**20, *HUGE]
)


@st.composite
def criteria(draw: Any) -> dict[str, Any]:
    feature = draw(st.sampled_from(list(KINDS)))
    operands_of: dict[str, Any] = {"is_missing": st.booleans()}
    if KINDS[feature] == "number":
        listed: Any = st.lists(NUMBERS, min_size=1, max_size=3)
        operands_of |= {"at_least": NUMBERS, "at_most": NUMBERS, "equals": NUMBERS}
        operands_of["between"] = st.tuples(NUMBERS, NUMBERS).map(sorted)
    elif feature == "known since":
        day = st.sampled_from(["2024-01-01", "2023-12-31", "1970-01-01", "2024-02-29"])
        operands_of |= {"before": day, "after": day}
    else:
        value = st.sampled_from([*VALUES[feature], "nobody"])
        listed = st.lists(value, min_size=1, max_size=3)
        extra = {"asked": st.booleans(), "country": st.sampled_from([7, 7.0])}.get(feature, value)
        operands_of["equals"] = st.one_of(value, extra)
    if feature != "known since":
        operands_of |= {"one_of": listed, "none_of": listed}
    operator = draw(st.sampled_from(sorted(operands_of)))
    name = draw(st.integers(0, 10**9))
    return {"id": f"c{name}", "feature": feature, operator: draw(operands_of[operator])}


def groups(parts: Any) -> Any:
    some = st.lists(parts, min_size=1, max_size=3)
    return st.dictionaries(st.sampled_from(["all", "any", "none"]), some, min_size=1, max_size=2)


RULES = st.recursive(criteria(), groups, max_leaves=8)
LISTS = st.one_of(st.lists(RULES, min_size=1, max_size=3), groups(RULES))
DEFINITIONS = st.fixed_dictionaries({"ready_when": LISTS}, optional={"never_when": LISTS})


def as_list(column: Any) -> list[Any]:
    """The values of a column, at once: text of Arrow is slow to walk through."""
    values: list[Any] = np.asarray(column, dtype=object).tolist()
    return values


def in_duckdb(definition: dict[str, Any], X: pd.DataFrame) -> list[str]:
    with duckdb.connect() as connection:
        connection.register("features", X)
        rows = connection.execute(
            definition_sql(Definition.from_dict(definition), KINDS)
        ).fetchall()
    assert [lead for lead, _ in rows] == as_list(X["lead_id"])
    return [verdict for _, verdict in rows]


QUICK: Any = {
    "database": None,
    "phases": [Phase.generate],
    "suppress_health_check": list(HealthCheck),
}


@pytest.mark.slow
@settings(**QUICK)
@given(DEFINITIONS)
def test_sql_gives_every_lead_the_verdict_that_python_gives(definition: dict[str, Any]) -> None:
    verdicts = as_list(Definition.from_dict(definition).evaluate(TABLE).verdict)
    assert in_duckdb(definition, TABLE) == verdicts


@given(DEFINITIONS)
def test_kinds_that_are_not_given_are_found_in_the_criteria(definition: dict[str, Any]) -> None:
    X = TABLE.head(2000)
    used = Definition.from_dict(definition).features
    if "country" in used:  # there 7 is a category, and may as well be a number
        return
    with duckdb.connect() as connection:
        connection.register("features", X)
        rows = connection.execute(definition_sql(Definition.from_dict(definition))).fetchall()
    assert [verdict for _, verdict in rows] == as_list(
        Definition.from_dict(definition).evaluate(X).verdict
    )


def test_dates_are_compared_by_the_day() -> None:
    times = ["2024-01-01T00:00", "2024-01-01T23:59", "2023-12-31T23:59", "NaT"]
    X = pd.DataFrame({"lead_id": ["a", "b", "c", "d"], "known_since": pd.to_datetime(times)})
    for operator in ("before", "after"):
        rules = {"ready_when": [{"id": "d", "feature": "known_since", operator: "2024-01-01"}]}
        verdicts = list(Definition.from_dict(rules).evaluate(X).verdict)
        assert in_duckdb(rules, X) == verdicts
    assert verdicts == ["not ready", "not ready", "not ready", "unknown"]


WHOLE = {
    "version": 3,
    "ready_when": {
        "all": [
            {"id": "size", "feature": "employees", "between": [7, 1000]},
            {
                "any": [
                    {"id": "boss", "feature": "seniority", "one_of": ["vp", "o'brien"]},
                    {"none": [{"id": "far", "feature": "country", "none_of": ["DE", 7]}]},
                ]
            },
        ],
    },
    "never_when": [
        {"id": "student", "feature": "seniority", "equals": "student"},
        {"id": "asked", "feature": "asked", "equals": True},
    ],
}


def registered(folder: Path, contents: Any, definition: dict[str, Any]) -> pd.DataFrame:
    """Save a model with these rules as it is registered, load it as others do, and score all leads."""
    import mlflow

    card = {
        "format": 1,
        "base_rate": 0.1,
        "intercept": 0.0,
        "ready_at": 55.0,
        "grades": {"A": 6.0, "B": 0.0, "C": -5.0},
        "levels": {"1": 8.0, "2": 1.0, "3": -4.0},
        "features": [
            {
                "name": "visits",
                "family": "engagement",
                "kind": "number",
                "cuts": [2.0],
                "points": [0.0, -9.0, 9.0],
                "labels": ["unknown", "under 2", "2 or more"],
            }
        ],
    }
    catalogue = [
        {"name": name, "words": name, "family": "role", "kind": kind}
        for name, kind in KINDS.items()
    ]
    made = contents(scorecard=card, definition=definition, catalogue=catalogue)
    bundle.write_data_files(made, folder / "data")
    bundle.save_model(folder / "model", folder / "data")
    leads = TABLE[
        ["lead_id", *dict.fromkeys(["visits", *Definition.from_dict(definition).features])]
    ]
    return pd.DataFrame(mlflow.pyfunc.load_model(str(folder / "model")).predict(leads))


def verdicts_everywhere(folder: Path, contents: Any, definition: dict[str, Any]) -> set[str]:
    """Compare Python, the registered model and DuckDB on all leads; return all verdicts."""
    here = Definition.from_dict(definition).evaluate(TABLE)
    served = registered(folder, contents, definition)
    assert as_list(here.verdict) == in_duckdb(definition, TABLE)
    assert as_list(served["rules_verdict"]) == as_list(here.verdict)
    assert as_list(served["failed_criteria"]) == as_list(here.failed)
    assert as_list(served["missing"]) == as_list(here.missing)
    return set(as_list(here.verdict))


@pytest.mark.slow
@settings(**QUICK)
@given(definition=DEFINITIONS)
def test_python_the_registered_model_and_sql_give_the_same_verdicts(
    contents: Callable[..., bundle.Contents], definition: dict[str, Any]
) -> None:
    pytest.importorskip("mlflow")
    with tempfile.TemporaryDirectory() as folder:
        verdicts_everywhere(Path(folder), contents, definition)


def test_every_verdict_is_the_same_everywhere(
    tmp_path: Path, contents: Callable[..., bundle.Contents]
) -> None:
    pytest.importorskip("mlflow")
    assert verdicts_everywhere(tmp_path, contents, WHOLE) == set(VERDICTS)
    again = registered(tmp_path / "again", contents, WHOLE)
    assert set(again["definition_version"]) == {"3 (not signed)"}


def test_the_registered_model_refuses_a_definition_changed_after_signing(
    tmp_path: Path, contents: Callable[..., bundle.Contents]
) -> None:
    mlflow = pytest.importorskip("mlflow")
    bundle.write_data_files(contents(), tmp_path / "data")
    bundle.save_model(tmp_path / "model", tmp_path / "data")
    mlflow.pyfunc.load_model(str(tmp_path / "model"))  # as it was signed
    path = tmp_path / "model" / "artifacts" / bundle.DEFINITION
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("at_least: 50", "at_least: 51", 1), encoding="utf-8")
    with pytest.raises(Exception, match="changed after sales and marketing signed it"):
        mlflow.pyfunc.load_model(str(tmp_path / "model"))


def test_an_unknown_dialect_is_named() -> None:
    with pytest.raises(LeadReadyError) as caught:
        definition_sql(Definition.from_dict(WHOLE), dialect="postgresql")
    assert str(caught.value) == "unknown dialect 'postgresql'; did you mean 'postgres'?"


# -- PostgreSQL -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_postgresql_gives_the_same_verdicts(postgres: Any, tmp_path: Path) -> None:
    TABLE.to_csv(tmp_path / "leads.csv", index=False, na_rep="(missing)")
    types = {"number": "double precision", "category": "text"}
    columns = ", ".join(f'"{name}" {types[kind]}' for name, kind in KINDS.items())
    postgres(f'CREATE TABLE features ("lead_id" text, {columns})')
    copy = "COPY features FROM STDIN WITH (FORMAT csv, HEADER, NULL '(missing)')"
    postgres(copy, tmp_path / "leads.csv")
    for definition in [WHOLE, *some_definitions(25)]:
        sql = definition_sql(Definition.from_dict(definition), KINDS, dialect="postgres")
        rows = postgres(f"SELECT json_object_agg(lead_id, rules_verdict) FROM ({sql}) AS verdicts")
        verdicts = Definition.from_dict(definition).evaluate(TABLE).verdict
        assert json.loads(rows) == dict(
            zip(as_list(TABLE["lead_id"]), as_list(verdicts), strict=True)
        )


def some_definitions(many: int) -> list[dict[str, Any]]:
    """Draw a few definitions, always the same ones."""
    found: list[dict[str, Any]] = []

    @settings(max_examples=many, database=None, derandomize=True, deadline=None)
    @given(DEFINITIONS)
    def draw(definition: dict[str, Any]) -> None:
        found.append(definition)

    draw()
    return found[:many]
