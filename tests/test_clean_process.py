"""A registered model far from home: another process, another folder, nothing of this project.

What a company runs in production has mlflow, numpy, pandas and pyyaml. Whatever else this project
depends on is refused in that process by an import hook, unless MLflow itself brings it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.errors import LeadReadyError
from model import serving
from model.registry.registry import Contents, Registry

ROOT = Path(__file__).resolve().parents[1]
ARTIFACTS = ROOT / "tests" / "artifacts"
ENOUGH = ("mlflow", "numpy", "pandas", "pyyaml")
NUMBERS = ["employees", "webinars_attended_30d", "emails_opened_30d"]


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """A registry with one version, whose scorecard and definition are those of the artifacts."""
    card = json.loads((ARTIFACTS / "scorecard_format_1.json").read_text(encoding="utf-8"))
    agreed = serving.Definition.from_file(ARTIFACTS / "definition_format_1.yaml").content
    catalogue = [{"name": one["name"], "kind": one["kind"]} for one in card["features"]]
    made = Registry.for_workspace(tmp_path_factory.mktemp("workspace"))
    made.log(Contents(card, agreed, catalogue, {"candidate": "by hand"}, "0" * 64))
    return made


@pytest.fixture(scope="module")
def leads() -> pd.DataFrame:
    """Leads of every kind, with missing and unseen values, under an index of their own."""
    few = pd.read_csv(ARTIFACTS / "leads_format_1.csv", dtype={"lead_id": "str"})
    many = pd.concat([few] * 20, ignore_index=True).astype(dict.fromkeys(NUMBERS, "float64"))
    many["as_of"] = pd.to_datetime(many["as_of"]).astype("datetime64[us]")
    many["employees"] *= np.linspace(0.1, 3, len(many))
    many["seniority"] = many["seniority"].astype("object").where(many.index % 7 > 0, None)
    many["job_function"] = pd.Series([None] * len(many), dtype="object")
    many.loc[many.index % 11 == 0, "source"] = "never seen"
    return many.set_axis(range(1000, 1000 + len(many)))


def needless() -> set[str]:
    """Name the packages of this project's dependencies that MLflow does not bring by itself."""
    code = "import json, sys, mlflow.pyfunc; print(json.dumps([*sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    brought = {one.partition(".")[0] for one in json.loads(done.stdout)}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {one.partition(">")[0] for one in project["dependencies"]} - set(ENOUGH)
    packages = {
        package
        for package, owners in packages_distributions().items()
        for owner in owners
        if owner.lower() in wanted
    }
    return packages - brought


def test_a_fresh_process_gives_the_same_scores(registry: Registry, leads: pd.DataFrame) -> None:
    refused = needless()
    assert {"sklearn", "interpret", "duckdb", "sqlglot", "openpyxl", "matplotlib"} <= refused
    served = registry.served_scores("1", leads, refused=sorted(refused))
    loaded = registry.load("1")
    here = serving.score_leads(
        leads,
        serving.Scorecard.from_dict(loaded.scorecard),
        serving.Definition.from_dict(loaded.definition),
        model_version="1",
    )
    pd.testing.assert_frame_equal(
        served.drop(columns="scored_at"),
        here.drop(columns="scored_at"),
        check_exact=True,
        check_dtype=False,
    )
    assert served["score"].nunique() > 20
    assert set(served["decision"]) > {"never", "nurture"}


def test_the_hook_does_refuse(registry: Registry, leads: pd.DataFrame) -> None:
    with pytest.raises(LeadReadyError, match="numpy is not to be had here"):
        registry.served_scores("1", leads, refused=["numpy"])


@pytest.mark.parametrize("package", ["features", "model", "pipelines"])
def test_a_served_file_that_leans_on_the_project_is_found_out(
    registry: Registry, leads: pd.DataFrame, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = registry.find("1")
    folder = registry.store.files(record)
    assert folder is not None
    served = folder / "serving.py"
    text = served.read_text(encoding="utf-8")
    with monkeypatch.context() as patched:
        served.write_text(text.replace("import yaml\n", f"import yaml\nimport {package}\n"))
        patched.setenv("PYTHONPATH", str(ROOT))
        with pytest.raises(LeadReadyError, match=f"{package} is not to be had here"):
            registry.served_scores("1", leads)
    served.write_text(text, encoding="utf-8")


def test_features_that_do_not_fit_are_named(registry: Registry, leads: pd.DataFrame) -> None:
    def scored(X: pd.DataFrame) -> Any:
        with pytest.raises(LeadReadyError) as caught:
            registry.served_scores("1", X)
        return caught.value

    assert "source" in scored(leads.drop(columns="source")).what
    assert "models:/lead-readiness/1" in str(scored(leads.assign(employees="many")))
