"""Registries for tests: an empty one, and one with three versions."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from model import serving
from model.gate import Gate
from model.registry import store
from model.registry.registry import Contents, Registry
from model.registry.store import Store

ARTIFACTS = Path(__file__).resolve().parents[1] / "artifacts"
CARD = json.loads((ARTIFACTS / "scorecard_format_1.json").read_text(encoding="utf-8"))
AGREED = serving.Definition.from_file(ARTIFACTS / "definition_format_1.yaml").content
CATALOGUE = [
    *(
        {key: feature[key] for key in ("name", "words", "family", "kind")}
        for feature in CARD["features"]
    ),
    {"name": "job_function", "words": "function", "family": "role", "kind": "category"},
]
EVALUATION = {
    "candidate": "explainable boosting",
    "n_train": 700,
    "n_test": np.int64(300),
    "base_rate": 0.08,
    "excluded": {"not mature": 40},
    "metrics": {
        "auc": {"value": np.float64(0.8), "low": 0.75, "high": 0.85},
        "calibration_slope": {"value": float("nan"), "low": None, "high": None},
    },
    "yardstick": {"auc": {"value": 0.81, "low": 0.76, "high": 0.86}},
}
NUMBERS = ["employees", "webinars_attended_30d", "emails_opened_30d"]
PASSED = [Gate("enough", True, "90 won", "40 won")]


@pytest.fixture(scope="session")
def contents() -> Callable[..., Contents]:
    """Make the contents of a version, whose scores are shifted by so many points."""
    return _contents


def _contents(shift: float = 0.0, **changed: Any) -> Contents:
    given = {
        "scorecard": CARD | {"intercept": CARD["intercept"] + shift},
        "definition": AGREED,
        "catalogue": CATALOGUE,
        "evaluation": EVALUATION,
        "data_digest": "ab" * 32,
        "training_window": (pd.Timestamp("2025-01-01"), pd.Timestamp("2026-01-01")),
        "params": {"seed": 0},
        "plots": {"lift.svg": "<svg/>", "lift.png": b"\x89PNG"},
    }
    return Contents(**(given | changed))


@pytest.fixture
def leads() -> pd.DataFrame:
    """Leads as the features build them."""
    X = pd.read_csv(ARTIFACTS / "leads_format_1.csv", dtype={"lead_id": "str"})
    X["as_of"] = pd.to_datetime(X["as_of"]).astype("datetime64[us]")
    X["job_function"] = X["job_function"].astype("object").where(X["job_function"].notna(), None)
    return X.astype(dict.fromkeys(NUMBERS, "float64"))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database: a copy of it takes milliseconds, a new one a second."""
    folder = tmp_path_factory.mktemp("template")
    Store.for_workspace(folder).ensure()
    return folder / store.DATABASE


@pytest.fixture
def registry(template: Path, tmp_path: Path) -> Registry:
    folder = tmp_path / "a workspace, für uns"
    folder.mkdir()
    shutil.copy(template, folder)
    return Registry.for_workspace(folder, "lead-readiness")


@pytest.fixture(scope="session")
def trained(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with three versions, each promoted over the one before."""
    folder = tmp_path_factory.mktemp("trained")
    shutil.copy(template, folder)
    registry = Registry.for_workspace(folder)
    for shift in (0.0, 100.0, 200.0):
        registry.promote(registry.log(_contents(shift)), PASSED)
    return folder


@pytest.fixture
def three(trained: Path, tmp_path: Path) -> Registry:
    """A copy of the workspace with three versions, whose addresses are those of the copy."""
    folder = tmp_path / "workspace"
    shutil.copytree(trained, folder)
    old, new = (str(root / store.ARTIFACTS) for root in (trained, folder))
    columns = {
        "experiments": ["artifact_location"],
        "runs": ["artifact_uri"],
        "model_versions": ["source", "storage_location"],
    }
    with contextlib.closing(sqlite3.connect(folder / store.DATABASE)) as connection:
        for table, column in [(table, name) for table, names in columns.items() for name in names]:
            change = f"UPDATE {table} SET {column} = replace({column}, ?, ?)"
            connection.execute(change, (old, new))
        connection.commit()
    return Registry.for_workspace(folder)


@pytest.fixture
def mlflow_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[Registry], Any]:
    """MLflow as other programs use it, pointed at a registry by the environment."""

    def at(registry: Registry) -> Any:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", registry.store.tracking_uri)
        monkeypatch.setenv("MLFLOW_REGISTRY_URI", registry.store.registry_uri)
        import mlflow

        return mlflow

    return at


@pytest.fixture(autouse=True)
def _no_other_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_REGISTRY_URI", raising=False)
