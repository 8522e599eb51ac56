"""The registry: a version is registered completely or not at all, and changed files are noticed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from features.errors import LeadReadyError
from model import serving
from model.gate import Gate
from model.registry import bundle, store
from model.registry.registry import Contents, Registry

Make = Callable[..., Contents]
ROOT = Path(__file__).resolve().parents[3]
ARTIFACTS = ROOT / "tests" / "artifacts"
CARD = json.loads((ARTIFACTS / "scorecard_format_1.json").read_text(encoding="utf-8"))
AGREED = serving.Definition.from_file(ARTIFACTS / "definition_format_1.yaml").content
PASSED = [Gate("enough", True, "90 won", "40 won")]
REFUSED = [
    *PASSED,
    Gate("calibrated", False, "slope 0.4", "1 within its interval", "train on more outcomes"),
]


def data_file(registry: Registry, version: str, name: str) -> Path:
    folder = store.local_path(registry.find(version).source)
    assert folder is not None
    return folder / bundle.DATA_FOLDER / name


def raised(does: Callable[[], Any]) -> LeadReadyError:
    with pytest.raises(LeadReadyError) as caught:
        does()
    return caught.value


# -- logging and loading ---------------------------------------------------------------------------


def test_what_is_logged_is_loaded(registry: Registry, contents: Make) -> None:
    given = contents()
    loaded = registry.load(registry.log(given))
    assert (loaded.version, loaded.scorecard, loaded.definition) == ("1", CARD, AGREED)
    assert loaded.catalogue == given.catalogue
    assert loaded.evaluation["metrics"]["auc"] == {"value": 0.8, "low": 0.75, "high": 0.85}
    assert loaded.evaluation["metrics"]["calibration_slope"]["value"] is None
    assert loaded.evaluation["n_test"] == 300
    assert serving.digest(loaded.definition) == serving.digest(AGREED)


def test_a_versions_tags_name_what_it_was_made_from(registry: Registry, contents: Make) -> None:
    record = registry.find(registry.log(contents()))
    tags = record.tags
    assert tags["data_sha256"] == "ab" * 32
    assert (tags["definition_version"], tags["definition_digest"]) == ("4", serving.digest(AGREED))
    assert (tags["training_from"], tags["training_until"]) == (
        "2025-01-01T00:00:00",
        "2026-01-01T00:00:00",
    )
    assert record.description.startswith("# lead-readiness")
    assert {f"sha256.{name}" for name in bundle.DATA_FILES} <= set(tags)


def test_the_run_has_metrics_settings_and_pictures(registry: Registry, contents: Make) -> None:
    client, record = registry.store.client(), registry.find(registry.log(contents()))
    run = client.get_run(record.run_id)
    assert run.data.metrics == {
        "auc": 0.8,
        "auc_low": 0.75,
        "auc_high": 0.85,
        "yardstick_auc": 0.81,
        "yardstick_auc_low": 0.76,
        "yardstick_auc_high": 0.86,
    }
    assert run.data.params == {
        "candidate": "explainable boosting",
        "n_train": "700",
        "n_test": "300",
        "base_rate": "0.08",
        "seed": "0",
    }
    assert run.info.status == "FINISHED"
    pictures = store.local_path(f"{run.info.artifact_uri}/plots")
    assert pictures is not None
    assert (pictures / "lift.svg").read_text() == "<svg/>"
    assert (pictures / "lift.png").read_bytes() == b"\x89PNG"


def test_signature_and_requirements_are_stated(
    registry: Registry, contents: Make, leads: pd.DataFrame
) -> None:
    import mlflow

    registry.log(contents())
    path = data_file(registry, "1", "").parent
    needed = (path / "requirements.txt").read_text().split()
    assert [line.split("==")[0] for line in needed] == ["mlflow", "numpy", "pandas", "pyyaml"]
    assert f"pandas=={pd.__version__}" in needed
    info = mlflow.models.get_model_info(str(path)).signature
    assert info is not None
    assert {column.name: column.type.name for column in info.inputs.inputs} == {
        "lead_id": "string",
        "as_of": "datetime",
        "with_sales": "boolean",
        "employees": "double",
        "seniority": "string",
        "source": "string",
        "webinars_attended_30d": "double",
        "emails_opened_30d": "double",
        "job_function": "string",
    }
    card, agreed = serving.Scorecard.from_dict(CARD), serving.Definition.from_dict(AGREED)
    scored = serving.score_leads(leads, card, agreed)
    assert info.outputs.input_names() == scored.columns.to_list()
    assert_kinds(info, scored)
    whole = serving.Scorecard.from_file(ARTIFACTS / "scorecard_format_2.json")
    signature = bundle.model_signature(whole, agreed, [])
    assert {column.name: column.type.name for column in signature.outputs.inputs}["score"] == "long"
    assert_kinds(signature, serving.score_leads(leads, whole, agreed))


def assert_kinds(signature: Any, scored: pd.DataFrame) -> None:
    """Compare the outputs that a signature promises with the columns of scores."""
    kinds = {"double": "f", "long": "i", "datetime": "M", "string": "OT"}
    for column in signature.outputs.inputs:
        assert scored[column.name].dtype.kind in kinds[column.type.name], column.name


def test_loading_needs_no_mlflow_and_runs_no_code_of_the_registry(
    registry: Registry, contents: Make
) -> None:
    registry.log(contents())
    served = data_file(registry, "1", "").parent / "serving.py"
    served.write_text("raise SystemExit('executed')")
    folder = str(registry.store.lock.parent)
    code = (
        "import sys; from model.registry.registry import Registry;"
        f"print(Registry.for_workspace({folder!r}).load('1').scorecard['base_rate'],"
        " [name for name in ('mlflow', 'sqlalchemy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "0.08 []", done.stderr


def test_nothing_depends_on_the_working_directory(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, contents: Make
) -> None:
    for name in ("here", "there", "workspace"):
        (tmp_path / name).mkdir()
    shutil.copy(template, tmp_path / "workspace")
    monkeypatch.chdir(tmp_path / "here")
    Registry.for_workspace("../workspace").log(contents())
    monkeypatch.chdir(tmp_path / "there")
    assert Registry.for_workspace("../workspace").load(1).scorecard == CARD
    assert not [*(tmp_path / "here").iterdir(), *(tmp_path / "there").iterdir()]


def test_mlflows_global_settings_stay_as_they_are(registry: Registry, contents: Make) -> None:
    import mlflow

    before = mlflow.get_tracking_uri(), mlflow.get_registry_uri()
    registry.log(contents())
    assert (mlflow.get_tracking_uri(), mlflow.get_registry_uri()) == before
    assert mlflow.active_run() is None


def test_inputs_are_not_changed(registry: Registry, contents: Make) -> None:
    given = contents()
    before = json.dumps([given.scorecard, given.definition], sort_keys=True)
    registry.log(given)
    assert json.dumps([given.scorecard, given.definition], sort_keys=True) == before


# -- completely or not at all ----------------------------------------------------------------------


def test_a_scorecard_that_cannot_be_served_leaves_nothing(tmp_path: Path, contents: Make) -> None:
    registry = Registry.for_workspace(tmp_path / "new")
    with pytest.raises(LeadReadyError, match="format 9"):
        registry.log(contents(scorecard=CARD | {"format": 9}))
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("step", ["log_batch", "log_artifacts", "create_model_version"])
def test_a_failing_log_leaves_no_version(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, step: str, contents: Make
) -> None:
    from mlflow.tracking import MlflowClient

    def fails(*_: Any, **__: Any) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(MlflowClient, step, fails)
        with pytest.raises(OSError, match="disk full"):
            registry.log(contents())
    client = registry.store.client()
    assert registry.versions() == []
    assert client.search_registered_models() == []
    experiment = client.get_experiment_by_name("lead-readiness")
    assert client.search_runs([experiment.experiment_id]) == []
    left = registry.store.lock.parent / store.ARTIFACTS
    assert not left.exists() or not list(left.iterdir())
    assert registry.log(contents()) == "1"


def test_a_failing_second_log_leaves_the_first_as_it_is(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, contents: Make
) -> None:
    from mlflow.tracking import MlflowClient

    registry.promote(registry.log(contents()), PASSED)
    before = registry.versions()
    with monkeypatch.context() as patched:
        patched.setattr(MlflowClient, "create_model_version", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            registry.log(contents(100))
    assert registry.versions() == before


# -- what is not there -----------------------------------------------------------------------------


def test_an_empty_workspace_asks_for_a_training_and_stays_empty(tmp_path: Path) -> None:
    error = raised(lambda: Registry.for_workspace(tmp_path).load())
    assert "no model 'lead-readiness'" in error.what
    assert "leadready train" in str(error.hint)
    assert not list(tmp_path.iterdir())


def test_a_missing_version_names_the_nearest(three: Registry) -> None:
    error = raised(lambda: three.load(9))
    assert "no version 9; the nearest is 3" in error.what
    assert error.hint == "--model 3"
    assert "no version 0; the nearest is 1" in raised(lambda: three.load("v0")).what
    assert "'champion'" in raised(lambda: three.load("champoin")).what


def test_without_a_champion_the_checks_that_refused_are_named(
    registry: Registry, contents: Make
) -> None:
    registry.set_challenger(registry.log(contents()), REFUSED)
    error = raised(registry.load)
    assert error.what.endswith("the last version, 1, was not promoted: calibrated")
    assert "--model challenger" in str(error.hint)


def test_a_model_needs_a_proper_name(tmp_path: Path) -> None:
    assert "cannot be called" in raised(lambda: Registry.for_workspace(tmp_path, "a/b'c")).what


# -- files that were changed -----------------------------------------------------------------------


@pytest.mark.parametrize("name", bundle.DATA_FILES)
def test_a_changed_file_is_noticed(registry: Registry, name: str, contents: Make) -> None:
    version = registry.log(contents())
    path = data_file(registry, version, name)
    path.write_bytes(path.read_bytes() + b"\n")
    error = raised(lambda: registry.load(version))
    assert f"{name} of version 1 is not the file that was registered" in error.what
    path.unlink()
    assert f"{name} of version 1 is missing" in raised(lambda: registry.load(version)).what


def test_a_version_without_digests_is_not_trusted(registry: Registry, contents: Make) -> None:
    version = registry.log(contents())
    client = registry.store.client()
    client.delete_model_version_tag("lead-readiness", version, "sha256.scorecard.json")
    assert "scorecard.json" in raised(lambda: registry.load(version)).what


def test_a_changed_version_is_not_promoted(three: Registry, contents: Make) -> None:
    new = three.log(contents(300))
    path = data_file(three, new, bundle.SCORECARD)
    path.write_text(path.read_text().replace("58.5", "8.5"))
    assert "not the file" in raised(lambda: three.promote(new, PASSED)).what
    assert three.find("champion").version == "3"


@pytest.mark.slow
@pytest.mark.fresh_process
def test_a_workspace_that_was_moved_or_copied_takes_its_files_along(
    registry: Registry, tmp_path: Path, contents: Make, leads: pd.DataFrame
) -> None:
    registry.promote(registry.log(contents()), PASSED)
    home = registry.store.lock.parent
    shutil.copytree(home, tmp_path / "copy")
    copy = Registry.for_workspace(tmp_path / "copy")
    path = data_file(registry, "1", bundle.SCORECARD)
    path.write_text("{}")
    assert copy.load().scorecard == CARD
    before = sorted(home.rglob("*"))
    copy.log(contents(100))
    assert copy.load("2").scorecard["intercept"] == CARD["intercept"] + 100
    assert copy.served_scores("2", leads)["model_version"].unique() == ["2"]
    assert sorted(home.rglob("*")) == before
    shutil.rmtree(home)
    assert copy.load("1").scorecard == CARD
