"""A registered model in another process and folder, without this project.

A company runs it in production with mlflow, numpy, pandas and pyyaml. An import hook blocks all
other dependencies of this project in that process, unless MLflow itself needs them.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.errors import LeadReadyError
from model import serving
from model.registry import bundle
from model.registry.registry import Contents, Registry

ROOT = Path(__file__).resolve().parents[1]
ARTIFACTS = ROOT / "tests" / "artifacts"
ENOUGH = ("mlflow", "numpy", "pandas", "pyyaml")
pytestmark = pytest.mark.fresh_process
FORMATS = ("1", "2")  # of the scorecard; a version's number is that of its format
NUMBERS = ["employees", "webinars_attended_30d", "emails_opened_30d"]


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """A registry with two versions, whose scorecards are those of the artifacts: formats 1 and 2."""
    agreed = serving.Definition.from_file(ARTIFACTS / "definition_format_1.yaml").content
    registry = Registry.for_workspace(tmp_path_factory.mktemp("workspace"))
    for number in FORMATS:
        card = serving.Scorecard.from_file(ARTIFACTS / f"scorecard_format_{number}.json")
        catalogue = [{key: line[key] for key in ("name", "kind")} for line in card.lines]
        files = card.content, agreed, catalogue, {"candidate": "by hand"}
        assert registry.log(Contents(*files, "0" * 64)) == number
    return registry


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


@cache
def unneeded_packages() -> set[str]:
    """Name the packages of this project's dependencies that MLflow does not import itself."""
    code = "import json, sys, mlflow.pyfunc; print(json.dumps([*sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    imported = {name.partition(".")[0] for name in json.loads(done.stdout)}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split("[<=>]", line)[0] for line in project["dependencies"]} - set(ENOUGH)
    packages = {
        package
        for package, owners in packages_distributions().items()
        for owner in owners
        if owner.lower() in names
    }
    return packages - imported


@pytest.mark.parametrize("version", FORMATS)
def test_a_fresh_process_gives_the_same_scores(
    registry: Registry, leads: pd.DataFrame, version: str
) -> None:
    blocked = unneeded_packages()
    assert {"sklearn", "interpret", "duckdb", "sqlglot", "python_calamine", "matplotlib"} <= blocked
    served = registry.served_scores(version, leads, blocked=sorted(blocked))
    loaded = registry.load(version)
    here = serving.score_leads(
        leads,
        serving.Scorecard.from_dict(loaded.scorecard),
        serving.Definition.from_dict(loaded.definition),
        model_version=version,
    )
    assert (served["score"].dtype.kind == "i") == (version == "2")
    pd.testing.assert_frame_equal(
        served.drop(columns="scored_at"),
        here.drop(columns="scored_at"),
        check_exact=True,
        check_dtype=False,
    )
    assert served["score"].nunique() > 15
    assert set(served["decision"]) > {"never", "nurture"}


def test_the_hook_blocks_packages(registry: Registry, leads: pd.DataFrame) -> None:
    with pytest.raises(LeadReadyError, match="numpy is not available here"):
        registry.served_scores("1", leads, blocked=["numpy"])


TRY_TO_IMPORT = """import yaml
errors = []
for package in ("features", "model", "pipelines"):
    try:
        __import__(package)
    except ImportError as error:
        errors.append(str(error))
raise ImportError(", ".join(errors))
"""


def test_a_served_file_that_imports_this_project_fails(
    registry: Registry, leads: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = registry.store.files(registry.find("1"))
    assert folder is not None
    served = folder / "serving.py"
    text = served.read_text(encoding="utf-8")
    served.write_text(text.replace("import yaml\n", TRY_TO_IMPORT), encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(bundle, "check_digest", lambda record, path: None)  # it was registered so
    with pytest.raises(LeadReadyError) as caught:
        registry.served_scores("1", leads)
    served.write_text(text, encoding="utf-8")
    for package in ("features", "model", "pipelines"):
        assert f"{package} is not available here" in caught.value.what


def test_columns_that_do_not_fit_are_named(registry: Registry, leads: pd.DataFrame) -> None:
    with pytest.raises(LeadReadyError) as caught:
        registry.served_scores("1", leads.assign(employees="many"))
    assert "models:/lead-readiness/1" in str(caught.value)
