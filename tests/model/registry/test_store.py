"""The place of the registry: read with and without MLflow, shared by processes, on a server."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import re
import shlex
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.file_lock import locked
from model import serving
from model.gate import Gate
from model.registry import sqlite_reader
from model.registry import store as store_module
from model.registry.registry import Contents, Registry, table_digest
from model.registry.store import Store

Make = Callable[..., Contents]
ROOT = Path(__file__).resolve().parents[3]
ARTIFACTS = ROOT / "tests" / "artifacts"
CARD = json.loads((ARTIFACTS / "scorecard_format_1.json").read_text(encoding="utf-8"))
CREATE = store_module._create_database  # which tests replace by a copy
PASSED = [Gate("enough", True, "90 won", "40 won")]
REFUSED = [
    *PASSED,
    Gate("calibrated", False, "slope 0.4", "1 within its interval", "train on more outcomes"),
]


def raised(does: Callable[[], Any]) -> LeadReadyError:
    with pytest.raises(LeadReadyError) as caught:
        does()
    return caught.value


# -- read with and without MLflow ------------------------------------------------------------------


def test_the_database_gives_the_same_versions_as_mlflow(three: Registry, contents: Make) -> None:
    client = three.store.client()
    three.set_challenger(three.log(contents(300)), REFUSED)
    client.delete_model_version("lead-readiness", "1")
    client.create_registered_model("other")
    assert [version.version for version in three.versions()] == ["2", "3", "4"]
    assert sqlite_reader.fetch_versions(client, "lead-readiness") == three.versions()
    assert sqlite_reader.fetch_versions(client, "nobody") == []


def test_with_another_schema_mlflow_reads_the_versions(
    three: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = three.versions()

    def fails(*_: Any) -> None:
        raise sqlite3.OperationalError("no such column")

    monkeypatch.setattr(store_module, "read_versions", fails)
    assert three.versions() == expected


def test_a_workspace_that_may_only_be_read(
    three: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = three.versions()
    with contextlib.closing(sqlite3.connect(str(three.store.database))) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    monkeypatch.setattr(sqlite_reader.os, "access", lambda *_: False)
    assert three.versions() == expected
    assert three.load().version == "3"


def test_another_registry_by_its_address(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, contents: Make
) -> None:
    shutil.copy(template, tmp_path / "elsewhere.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'elsewhere.db'}")
    monkeypatch.chdir(tmp_path)
    registry = Registry.for_workspace(tmp_path / "workspace")
    registry.promote(registry.log(contents()), PASSED)
    assert registry.load().scorecard == CARD
    assert not (tmp_path / "workspace" / store_module.DATABASE).exists()


@pytest.fixture
def server(postgres: Any, tmp_path: Path) -> Iterator[str]:
    """The address of an MLflow server on PostgreSQL, started as docs/production.md says."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    postgres("CREATE DATABASE mlflow")
    text = (ROOT / "docs" / "production.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^mlflow server .*$", text, re.M)
    for shown, here in (
        ("mlflow@db.acme.com/mlflow", f"tester@/mlflow?host={postgres.folder}"),
        ("/srv/mlflow", str(tmp_path / "files")),
        ("--port 5000", f"--port {port} --workers 1"),
    ):
        assert line.count(shown) == 1
        line = line.replace(shown, here)
    command = [sys.executable, "-m", *shlex.split(line)]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            cwd=tmp_path,
            env=os.environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
        )
    try:
        for _ in range(1200):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
                break
            time.sleep(0.1)
        else:
            pytest.fail((tmp_path / "log").read_text())
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=60)


@pytest.mark.slow
@pytest.mark.fresh_process
def test_a_server_of_the_company(
    server: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    contents: Make,
    leads: pd.DataFrame,
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    registry = Registry.for_workspace(tmp_path / "workspace")
    assert "no model" in raised(registry.load).what
    for shift in (0.0, 100.0):
        registry.promote(registry.log(contents(shift)), PASSED)
    assert registry.load().scorecard["intercept"] == CARD["intercept"] + 100
    assert registry.rollback() == "1"
    assert registry.load().scorecard == CARD
    served = registry.served_scores("1", leads)
    here = serving.Scorecard.from_dict(CARD).score(leads)
    assert served["score"].to_list() == here.tolist()
    assert capfd.readouterr().out == ""


def test_a_moved_registry_names_its_files_in_the_new_place(three: Registry, tmp_path: Path) -> None:
    old = three.store.database
    assert old is not None
    new = tmp_path / "another name"
    shutil.copytree(old.parent, new)
    moved = Registry.for_workspace(new)
    assert [version.version for version in moved.versions()] == ["1", "2", "3"]
    for version in moved.versions():
        place = store_module.local_path(version.source)
        assert place is not None
        assert place.is_dir()
        assert place.is_relative_to(new)
    with contextlib.closing(sqlite3.connect(new / old.name)) as connection:
        text = "\n".join(connection.iterdump())
    assert old.parent.as_uri() + "/" not in text
    assert all(str(old.parent) in version.source for version in three.versions())


def test_mlflows_errors_are_translated(registry: Registry) -> None:
    from mlflow.exceptions import MlflowException

    with (
        pytest.raises(LeadReadyError, match="returned an error"),
        registry.store.errors_translated(),
    ):
        raise MlflowException("503")


def test_a_damaged_database_is_named(registry: Registry) -> None:
    assert registry.store.database is not None
    registry.store.database.write_bytes(b"not a database" * 100)
    error = raised(registry.load)
    assert "damaged" in error.what
    assert "move it away and run leadready train" in str(error.hint)


def test_a_folder_that_mlflow_cannot_address_is_refused(tmp_path: Path) -> None:
    assert "'#'" in raised(lambda: Registry.for_workspace(tmp_path / "a#b")).what


# -- many processes --------------------------------------------------------------------------------


@pytest.fixture
def created_by_mlflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_create_database", CREATE)


def _log(folder: str, contents: Contents, start: Any, results: Any) -> None:
    start.wait()
    try:
        results.put(Registry.for_workspace(folder).log(contents))
    except BaseException as error:
        results.put(repr(error))


@pytest.mark.usefixtures("created_by_mlflow")
def test_eight_processes_that_start_at_once_all_succeed(tmp_path: Path, contents: Make) -> None:
    import mlflow.pyfunc  # noqa: F401  (so that the eight begin with the same step)

    fork = multiprocessing.get_context("fork")
    start, results = fork.Barrier(8), fork.Queue()
    folder = str(tmp_path / "workspace")
    arguments = (folder, contents(), start, results)
    processes = [fork.Process(target=_log, args=arguments) for _ in range(8)]
    for process in processes:
        process.start()
    assert sorted(results.get(timeout=120) for _ in processes) == list("12345678")
    for process in processes:
        process.join(timeout=30)
    registry = Registry.for_workspace(folder)
    assert [version.version for version in registry.versions()] == list("12345678")
    with contextlib.closing(sqlite3.connect(str(registry.store.database))) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert not list(Path(folder).glob("*.draft*"))


def test_a_database_that_was_made_while_waiting_is_kept(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextlib.contextmanager
    def waits(_: Path) -> Iterator[None]:
        shutil.copy(template, tmp_path / store_module.DATABASE)
        yield

    monkeypatch.setattr(store_module, "locked", waits)
    monkeypatch.setattr(store_module, "_create_database", lambda *_: pytest.fail("built again"))
    Store.for_workspace(tmp_path).ensure()
    assert (tmp_path / store_module.DATABASE).read_bytes() == template.read_bytes()


def test_a_workspace_that_was_deleted_starts_anew(tmp_path: Path, contents: Make) -> None:
    """In a notebook the process goes on; MLflow must not go on in the file that is gone."""
    folder = tmp_path / "company"
    for _ in range(2):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        registry = Registry(Store.for_workspace(folder), "lead-readiness")
        assert registry.log(contents(300)) == "1"
        assert [version.version for version in registry.versions()] == ["1"]


@pytest.mark.usefixtures("created_by_mlflow")
def test_a_draft_of_a_killed_process_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / f"{store_module.DATABASE}.draft").write_bytes(b"half a database")
    store = Store.for_workspace(tmp_path)
    store.ensure()
    assert store.client().search_registered_models() == []


def test_the_lock_is_waited_for_and_dies_with_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    code = (
        "import pathlib, sys, time; from features.file_lock import locked\n"
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


# -- digests ---------------------------------------------------------------------------------------


def test_the_digest_covers_every_value_and_name_but_not_the_index() -> None:
    table = pd.DataFrame(
        {
            "n": np.arange(20_000.0),
            "who": pd.Series(["vp", None] * 10_000, dtype="object"),
            "at": pd.Timestamp("2026-10-01"),
        }
    )
    seen = {table_digest(table)}
    assert seen == {table_digest(table.set_axis(range(5, 20_005)))}
    for same in ("str", "category", "object"):
        assert seen == {table_digest(table.astype({"who": same}))}
    for row, column, value in [
        (19_999, "n", -1.0),
        (19_998, "who", "cxo"),
        (0, "n", np.nan),
        (5, "at", pd.NaT),
    ]:
        changed = table.copy()
        changed.loc[row, column] = value
        seen.add(table_digest(changed))
    seen |= {table_digest(table.iloc[::-1]), table_digest(table.rename(columns={"n": "m"}))}
    seen.add(table_digest(table.fillna({"who": "None"})))
    assert len(seen) == 8
