"""The registry: whole versions only, aliases that move last, and files that are what they were."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.errors import LeadReadyError
from model import bundle, registry_store, serving
from model.registry import Contents, Registry, table_digest
from model.registry_store import Store, locked

ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = ROOT / "tests" / "artifacts"
CARD = json.loads((ARTIFACTS / "scorecard_format_1.json").read_text(encoding="utf-8"))
AGREED = serving.Definition.from_file(ARTIFACTS / "definition_format_1.yaml").content
CATALOGUE = [
    *({key: one[key] for key in ("name", "words", "family", "kind")} for one in CARD["features"]),
    {"name": "job_function", "words": "function", "family": "role", "kind": "category"},
]
EVALUATION = {
    "candidate": "explainable boosting", "n_train": 700, "n_test": np.int64(300),
    "base_rate": 0.08, "excluded": {"not mature": 40},
    "metrics": {"auc": {"value": np.float64(0.8), "low": 0.75, "high": 0.85},
                "calibration_slope": {"value": float("nan"), "low": None, "high": None}},
    "yardstick": {"auc": {"value": 0.81, "low": 0.76, "high": 0.86}},
}  # fmt: skip
NUMBERS = ["employees", "webinars_attended_30d", "emails_opened_30d"]
PASSED = [{"name": "enough", "passed": True, "saw": "90 won", "wanted": "40 won", "hint": ""}]
REFUSED = [
    *PASSED,
    {"name": "calibrated", "passed": False, "saw": "slope 0.4", "wanted": "1 within its interval",
     "hint": "train on more outcomes"},
]  # fmt: skip


def contents(shift: float = 0.0, **changed: Any) -> Contents:
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


def leads() -> pd.DataFrame:
    X = pd.read_csv(ARTIFACTS / "leads_format_1.csv", dtype={"lead_id": "str"})
    X["as_of"] = pd.to_datetime(X["as_of"]).astype("datetime64[us]")
    X["job_function"] = X["job_function"].astype("object").where(X["job_function"].notna(), None)
    return X.astype(dict.fromkeys(NUMBERS, "float64"))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database: a copy of it takes milliseconds, a new one a second."""
    folder = tmp_path_factory.mktemp("template")
    Store.for_workspace(folder).ensure()
    return folder / registry_store.DATABASE


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
        registry.promote(registry.log(contents(shift)), PASSED)
    return folder


@pytest.fixture
def three(trained: Path, tmp_path: Path) -> Registry:
    """A copy of the workspace with three versions, whose addresses are those of the copy."""
    folder = tmp_path / "workspace"
    shutil.copytree(trained, folder)
    old, new = (str(one / registry_store.ARTIFACTS) for one in (trained, folder))
    columns = {"experiments": ["artifact_location"], "runs": ["artifact_uri"],
               "model_versions": ["source", "storage_location"]}  # fmt: skip
    with contextlib.closing(sqlite3.connect(folder / registry_store.DATABASE)) as connection:
        for table, column in [(table, one) for table, all in columns.items() for one in all]:
            change = f"UPDATE {table} SET {column} = replace({column}, ?, ?)"
            connection.execute(change, (old, new))
        connection.commit()
    return Registry.for_workspace(folder)


def aliases(registry: Registry) -> dict[str, str]:
    return {alias: one.version for one in registry.versions() for alias in one.aliases}


def data_file(registry: Registry, version: str, name: str) -> Path:
    folder = registry_store.local_path(registry.find(version).source)
    assert folder is not None
    return folder / bundle.DATA_FOLDER / name


# -- logging and loading --------------------------------------------------------------------------


def test_what_is_logged_is_loaded(registry: Registry) -> None:
    given = contents()
    loaded = registry.load(registry.log(given))
    assert (loaded.version, loaded.scorecard, loaded.definition) == ("1", CARD, AGREED)
    assert loaded.catalogue == CATALOGUE
    assert loaded.evaluation["metrics"]["auc"] == {"value": 0.8, "low": 0.75, "high": 0.85}
    assert loaded.evaluation["metrics"]["calibration_slope"]["value"] is None
    assert loaded.evaluation["n_test"] == 300
    assert serving.digest(loaded.definition) == serving.digest(AGREED)


def test_a_version_says_what_it_was_made_from(registry: Registry) -> None:
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


def test_the_run_holds_figures_settings_and_pictures(registry: Registry) -> None:
    client, record = registry.store.client(), registry.find(registry.log(contents()))
    run = client.get_run(record.run_id)
    assert run.data.metrics == {
        "auc": 0.8, "auc_low": 0.75, "auc_high": 0.85,
        "yardstick_auc": 0.81, "yardstick_auc_low": 0.76, "yardstick_auc_high": 0.86,
    }  # fmt: skip
    assert run.data.params == {
        "candidate": "explainable boosting", "n_train": "700", "n_test": "300",
        "base_rate": "0.08", "seed": "0",
    }  # fmt: skip
    assert run.info.status == "FINISHED"
    pictures = registry_store.local_path(f"{run.info.artifact_uri}/plots")
    assert pictures is not None
    assert (pictures / "lift.svg").read_text() == "<svg/>"
    assert (pictures / "lift.png").read_bytes() == b"\x89PNG"


def test_signature_and_requirements_are_written_down(registry: Registry) -> None:
    import mlflow

    registry.log(contents())
    path = data_file(registry, "1", "").parent
    needed = (path / "requirements.txt").read_text().split()
    assert [one.split("==")[0] for one in needed] == ["mlflow", "numpy", "pandas", "pyyaml"]
    assert f"pandas=={pd.__version__}" in needed
    info = mlflow.models.get_model_info(str(path)).signature
    assert info is not None
    assert {one.name: one.type.name for one in info.inputs.inputs} == {
        "lead_id": "string", "as_of": "datetime", "employees": "double", "seniority": "string",
        "source": "string", "webinars_attended_30d": "double", "emails_opened_30d": "double",
        "job_function": "string",
    }  # fmt: skip
    card, agreed = serving.Scorecard.from_dict(CARD), serving.Definition.from_dict(AGREED)
    scored = serving.score_leads(leads(), card, agreed)
    assert info.outputs.input_names() == scored.columns.to_list()
    kinds = {"double": "f", "long": "i", "datetime": "M", "string": "OT"}
    for one in info.outputs.inputs:
        assert scored[one.name].dtype.kind in kinds[one.type.name], one.name


def test_loading_needs_no_mlflow_and_runs_no_code_of_the_registry(registry: Registry) -> None:
    registry.log(contents())
    served = data_file(registry, "1", "").parent / "serving.py"
    served.write_text("raise SystemExit('executed')")
    folder = str(registry.store.lock.parent)
    code = (
        "import sys; from model.registry import Registry;"
        f"print(Registry.for_workspace({folder!r}).load('1').scorecard['base_rate'],"
        " [one for one in ('mlflow', 'sqlalchemy') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "0.08 []", done.stderr


def test_nothing_depends_on_the_working_directory(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("here", "there", "workspace"):
        (tmp_path / name).mkdir()
    shutil.copy(template, tmp_path / "workspace")
    monkeypatch.chdir(tmp_path / "here")
    Registry.for_workspace("../workspace").log(contents())
    monkeypatch.chdir(tmp_path / "there")
    assert Registry.for_workspace("../workspace").load(1).scorecard == CARD
    assert not [*(tmp_path / "here").iterdir(), *(tmp_path / "there").iterdir()]


def test_mlflows_global_settings_stay_as_they_are(registry: Registry) -> None:
    import mlflow

    before = mlflow.get_tracking_uri(), mlflow.get_registry_uri()
    registry.log(contents())
    assert (mlflow.get_tracking_uri(), mlflow.get_registry_uri()) == before
    assert mlflow.active_run() is None


def test_inputs_are_not_changed(registry: Registry) -> None:
    given = contents()
    before = json.dumps([given.scorecard, given.definition], sort_keys=True)
    registry.log(given)
    assert json.dumps([given.scorecard, given.definition], sort_keys=True) == before


# -- whole or not at all --------------------------------------------------------------------------


def test_a_scorecard_that_cannot_be_served_leaves_nothing(tmp_path: Path) -> None:
    registry = Registry.for_workspace(tmp_path / "new")
    with pytest.raises(LeadReadyError, match="format 9"):
        registry.log(contents(scorecard=CARD | {"format": 9}))
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("step", ["log_batch", "log_artifacts", "create_model_version"])
def test_a_failing_log_leaves_no_version(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, step: str
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
    left = registry.store.lock.parent / registry_store.ARTIFACTS
    assert not left.exists() or not list(left.iterdir())
    assert registry.log(contents()) == "1"


def test_a_failing_second_log_leaves_the_first_as_it_is(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow.tracking import MlflowClient

    registry.promote(registry.log(contents()), PASSED)
    before = registry.versions()
    with monkeypatch.context() as patched:
        patched.setattr(MlflowClient, "create_model_version", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            registry.log(contents(100))
    assert registry.versions() == before


# -- what is not there ----------------------------------------------------------------------------


def raised(does: Callable[[], Any]) -> LeadReadyError:
    with pytest.raises(LeadReadyError) as caught:
        does()
    return caught.value


def test_an_empty_workspace_says_train_and_stays_empty(tmp_path: Path) -> None:
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


def test_without_a_champion_the_refusal_is_repeated(registry: Registry) -> None:
    registry.set_challenger(registry.log(contents()), REFUSED)
    error = raised(registry.load)
    assert "calibrated: saw slope 0.4, wanted 1 within its interval" in error.what
    assert "--model 1" in str(error.hint)


def test_a_model_needs_a_proper_name(tmp_path: Path) -> None:
    assert "cannot be called" in raised(lambda: Registry.for_workspace(tmp_path, "a/b'c")).what


# -- files that are not what they were ------------------------------------------------------------


@pytest.mark.parametrize("name", bundle.DATA_FILES)
def test_a_changed_file_is_found_out(registry: Registry, name: str) -> None:
    version = registry.log(contents())
    path = data_file(registry, version, name)
    path.write_bytes(path.read_bytes() + b"\n")
    error = raised(lambda: registry.load(version))
    assert f"{name} of version 1 is not the file that was registered" in error.what
    path.unlink()
    assert f"{name} of version 1 is not there" in raised(lambda: registry.load(version)).what


def test_a_version_without_digests_is_not_trusted(registry: Registry) -> None:
    version = registry.log(contents())
    client = registry.store.client()
    client.delete_model_version_tag("lead-readiness", version, "sha256.scorecard.json")
    assert "scorecard.json" in raised(lambda: registry.load(version)).what


def test_a_changed_version_is_not_promoted(three: Registry) -> None:
    new = three.log(contents(300))
    path = data_file(three, new, bundle.SCORECARD)
    path.write_text(path.read_text().replace("58.5", "8.5"))
    assert "not the file" in raised(lambda: three.promote(new, PASSED)).what
    assert aliases(three) == {"champion": "3", "previous": "2"}


def test_a_workspace_that_was_moved_or_copied_takes_its_files_along(
    registry: Registry, tmp_path: Path
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
    assert copy.served_scores("2", leads())["model_version"].unique() == ["2"]
    assert sorted(home.rglob("*")) == before
    shutil.rmtree(home)
    assert copy.load("1").scorecard == CARD


# -- promotion ------------------------------------------------------------------------------------


def test_promotion_moves_the_aliases_and_keeps_the_evidence(three: Registry) -> None:
    assert aliases(three) == {"champion": "3", "previous": "2"}
    tags = three.find("champion").tags
    assert (tags["gate"], tags["promoted_over"]) == ("passed", "2")
    card = three.find("champion").description
    assert "| passed | enough | 90 won | 40 won |" in card
    client = three.store.client()
    gate = client.download_artifacts(three.find("champion").run_id, "gate.json")
    assert json.loads(Path(gate).read_text()) == PASSED


def test_a_refused_version_stays_challenger_with_the_reasons(three: Registry) -> None:
    new = three.log(contents(300))
    assert three.settle(new, REFUSED) is False
    assert aliases(three) == {"champion": "3", "previous": "2", "challenger": "4"}
    tags = three.find("challenger").tags
    assert tags["gate"] == "refused"
    assert tags["refused_because"] == "calibrated: saw slope 0.4, wanted 1 within its interval"
    assert "**refused** | calibrated" in three.find(new).description


def test_a_challenger_that_passes_later_loses_its_reasons(three: Registry) -> None:
    new = three.log(contents(300))
    three.settle(new, REFUSED)
    assert three.settle(new, PASSED) is True
    assert aliases(three) == {"champion": "4", "previous": "3"}
    assert "refused_because" not in three.find(new).tags


@pytest.mark.parametrize(("gates", "why"), [(REFUSED, "calibrated"), ([], "no gate judged it")])
def test_nothing_is_promoted_past_the_gate(
    three: Registry, gates: list[dict[str, Any]], why: str
) -> None:
    assert why in raised(lambda: three.promote("1", gates)).what
    assert aliases(three)["champion"] == "3"


def test_a_champion_that_changed_meanwhile_has_to_be_met_first(three: Registry) -> None:
    new = three.log(contents(300))
    error = raised(lambda: three.promote(new, PASSED, instead_of="2"))
    assert "compared with 2, but champion is 3 by now" in error.what
    assert aliases(three)["champion"] == "3"
    assert three.promote(new, PASSED, instead_of="3") == "4"


@pytest.mark.parametrize("step", ["log_text", "set_model_version_tag", "update_model_version"])
def test_the_alias_moves_last(three: Registry, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    from mlflow.tracking import MlflowClient

    new = three.log(contents(300))
    monkeypatch.setattr(MlflowClient, step, lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        three.promote(new, PASSED)
    assert aliases(three) == {"champion": "3", "previous": "2"}


def test_rolling_back_walks_through_the_earlier_champions(three: Registry) -> None:
    assert three.rollback() == "2"
    assert aliases(three) == {"champion": "2", "previous": "1"}
    assert "rolled_back_at" in three.find(3).tags
    assert three.load().scorecard["intercept"] == CARD["intercept"] + 100
    assert three.rollback() == "1"
    assert aliases(three) == {"champion": "1"}
    assert "no earlier champion" in raised(three.rollback).what


def test_no_rolling_back_to_a_damaged_version(three: Registry) -> None:
    data_file(three, "2", bundle.DEFINITION).unlink()
    assert "is not there" in raised(three.rollback).what
    assert aliases(three) == {"champion": "3", "previous": "2"}


# -- one truth, read in two ways ------------------------------------------------------------------


def test_the_quick_look_sees_what_mlflows_client_sees(three: Registry) -> None:
    client = three.store.client()
    three.set_challenger(three.log(contents(300)), REFUSED)
    client.delete_model_version("lead-readiness", "1")
    client.create_registered_model("other")
    assert [one.version for one in three.versions()] == ["2", "3", "4"]
    assert registry_store._ask(client, "lead-readiness") == three.versions()
    assert registry_store._ask(client, "nobody") == []


def test_where_the_quick_look_fails_mlflow_answers(
    three: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = three.versions()

    def fails(*_: Any) -> None:
        raise sqlite3.OperationalError("no such column")

    monkeypatch.setattr(registry_store, "_look_up", fails)
    assert three.versions() == expected


def test_a_workspace_that_may_only_be_read(
    three: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = three.versions()
    with contextlib.closing(sqlite3.connect(str(three.store.database))) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    monkeypatch.setattr(registry_store.os, "access", lambda *_: False)
    assert three.versions() == expected
    assert three.load().version == "3"


def test_another_registry_by_its_address(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(template, tmp_path / "elsewhere.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'elsewhere.db'}")
    monkeypatch.chdir(tmp_path)
    registry = Registry.for_workspace(tmp_path / "workspace")
    registry.promote(registry.log(contents()), PASSED)
    assert registry.load().scorecard == CARD
    assert not (tmp_path / "workspace" / registry_store.DATABASE).exists()


def test_a_folder_that_mlflow_cannot_address_is_refused(tmp_path: Path) -> None:
    assert "'#'" in raised(lambda: Registry.for_workspace(tmp_path / "a#b")).what


# -- many processes -------------------------------------------------------------------------------


def _start(folder: str, start: Any, told: Any) -> None:
    start.wait()
    try:
        told.put(Registry.for_workspace(folder).log(contents()))
    except BaseException as error:
        told.put(repr(error))


def test_eight_processes_that_start_at_once_all_succeed(tmp_path: Path) -> None:
    import mlflow.pyfunc  # noqa: F401  (so that the eight begin with the same step)

    fork = multiprocessing.get_context("fork")
    start, told = fork.Barrier(8), fork.Queue()
    folder = str(tmp_path / "workspace")
    eight = [fork.Process(target=_start, args=(folder, start, told)) for _ in range(8)]
    for one in eight:
        one.start()
    assert sorted(told.get(timeout=120) for _ in eight) == list("12345678")
    for one in eight:
        one.join(timeout=30)
    registry = Registry.for_workspace(folder)
    assert [one.version for one in registry.versions()] == list("12345678")
    with contextlib.closing(sqlite3.connect(str(registry.store.database))) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert not list(Path(folder).glob("*.draft*"))


def test_a_draft_of_a_killed_process_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / f"{registry_store.DATABASE}.draft").write_bytes(b"half a database")
    store = Store.for_workspace(tmp_path)
    store.ensure()
    assert store.client().search_registered_models() == []


def test_the_lock_is_waited_for_and_dies_with_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    code = (
        "import pathlib, sys, time; from model.registry_store import locked\n"
        "with locked(pathlib.Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        began = time.monotonic()
        with pytest.raises(LeadReadyError, match="another process"), locked(path, patience=0.2):
            pass
        assert time.monotonic() - began >= 0.2
    finally:
        holder.kill()
        holder.wait()
    with locked(path, patience=5):
        assert path.exists()


# -- digests --------------------------------------------------------------------------------------


def test_the_digest_covers_every_value_and_name_but_not_the_index() -> None:
    table = pd.DataFrame({
        "n": np.arange(20_000.0),
        "who": pd.Series(["vp", None] * 10_000, dtype="object"),
    })  # fmt: skip
    seen = {table_digest(table)}
    assert seen == {table_digest(table.set_axis(range(5, 20_005)))}
    assert seen == {table_digest(table.astype({"who": "str"}))}
    for row, column, value in [(19_999, "n", -1.0), (19_998, "who", "cxo"), (0, "n", np.nan)]:
        changed = table.copy()
        changed.loc[row, column] = value
        seen.add(table_digest(changed))
    seen |= {table_digest(table.iloc[::-1]), table_digest(table.rename(columns={"n": "m"}))}
    seen.add(table_digest(table.fillna({"who": "None"})))
    assert len(seen) == 7


# -- served by MLflow -----------------------------------------------------------------------------


@pytest.fixture
def mlflow_at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """MLflow as a stranger uses it, pointed at a registry for the time of one test."""
    import mlflow

    before = mlflow.get_tracking_uri(), mlflow.get_registry_uri()

    def at(registry: Registry) -> Any:
        mlflow.set_tracking_uri(registry.store.tracking_uri)
        mlflow.set_registry_uri(registry.store.registry_uri)
        return mlflow

    yield at
    mlflow.set_tracking_uri(before[0])
    mlflow.set_registry_uri(before[1])


def test_champion_and_challenger_keep_their_own_points_in_one_process(
    three: Registry, mlflow_at: Any
) -> None:
    load = mlflow_at(three).pyfunc.load_model
    champion, first = load("models:/lead-readiness@champion"), load("models:/lead-readiness/1")
    best, worst = champion.predict(leads()), first.predict(leads())
    np.testing.assert_allclose(best["score"] - worst["score"], 200)
    assert set(best["model_version"]) == {"3"}
    card, agreed = serving.Scorecard.from_dict(CARD), serving.Definition.from_dict(AGREED)
    pd.testing.assert_frame_equal(
        worst.drop(columns="scored_at"),
        serving.score_leads(leads(), card, agreed, model_version="1").drop(columns="scored_at"),
        check_exact=True,
        check_dtype=False,
    )
    assert worst["lead_id"].to_list() == leads()["lead_id"].to_list()


def test_what_the_signature_takes_and_refuses(registry: Registry, mlflow_at: Any) -> None:
    registry.log(contents())
    model = mlflow_at(registry).pyfunc.load_model("models:/lead-readiness/1")
    X = leads().fillna(dict.fromkeys(NUMBERS, 3.0))
    expected = model.predict(X)["score"]
    for taken in (
        X.astype(dict.fromkeys(NUMBERS, "float32")),
        X.astype(dict.fromkeys(NUMBERS, "int32")),
        X.assign(campaign="a column it does not know", seniority=X["seniority"].astype("object")),
        X.drop(columns=["lead_id", "as_of"]),
        X[X.columns[::-1]],
    ):
        pd.testing.assert_series_equal(model.predict(taken)["score"], expected)
    for refused, why in (
        (X.astype({"employees": "int64"}), "Can not safely convert int64 to float64"),
        (X.astype({"seniority": "category"}), "column seniority"),
        (X.drop(columns="source"), "missing inputs.*source"),
    ):
        with pytest.raises(Exception, match=why):
            model.predict(refused)


def test_the_caller_says_how_many_reasons(registry: Registry, mlflow_at: Any) -> None:
    registry.log(contents())
    model = mlflow_at(registry).pyfunc.load_model("models:/lead-readiness/1")
    said = model.predict(leads(), params={"reasons": 1})["reasons_for"]
    assert said.str.count(";").max() == 0
    assert model.predict(leads())["reasons_for"].str.count(";").max() > 0
