"""What every test shares: where the real data lies, and which components must be there.

A test that needs something this machine lacks is skipped with the reason. Where
``LEADREADY_REQUIRE_ALL=1`` is set (continuous integration), every skip is a failure.

Models are trained quickly: fewer bags, larger steps, one strength, fewer resamples. Tests about
accuracy are marked ``full_learning`` and train as a company does; so do the examples in docstrings.
For the gate, a registered model scores in the process of the test, and in a fresh one where the
test is marked ``fresh_process``. Property tests have two profiles: "short" by default, and "long" in
``make verify``.
"""

from __future__ import annotations

import gc
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import click
import hypothesis
import pandas as pd
import pytest
from joblib import parallel_config

from features.file_lock import locked
from model.card import chance_lines, choose_lines
from model.estimators import black_box, boosting, logistic
from model.registry import store
from model.registry.registry import Registry
from model.serving import Definition, Scorecard, score_leads
from model.training import folds, metrics
from model.weighting import worked
from pipelines.card import hand_set_check
from pipelines.cli.main import leadready
from pipelines.definition import adopt
from pipelines.report.plots import Table, version_plots
from pipelines.train import train

# Spark and LibreOffice run for seconds: compiling their code thoroughly would take longer.
os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
hypothesis.settings.register_profile("short", max_examples=10, deadline=None)
hypothesis.settings.register_profile("long", max_examples=200, deadline=None)
hypothesis.settings.load_profile("short")  # pytest --hypothesis-profile=long takes the other

SCORE_COLUMNS = [  # of scored leads, in their order
    "lead_id",
    "as_of",
    "probability",
    "score",
    "fit_points",
    "engagement_points",
    "grade",
    "level",
    "rules_verdict",
    "failed_criteria",
    "missing",
    "model_verdict",
    "agreement",
    "decision",
    "reasons_for",
    "reasons_against",
    "warning",
    "model_version",
    "definition_version",
    "scored_at",
]
ROOT = Path(__file__).resolve().parents[1]
LONGEST = (
    "tests/real/test_trained_examples.py",
    "tests/pipelines/train/test_train.py",
    "tests/pipelines/simulator/test_demo.py",
    "tests/pipelines/score/test_score.py",
    "tests/test_clean_process.py",
    "tests/model/registry/test_store.py",
    "tests/pipelines/level/test_level.py",
    "tests/real/test_leadforge.py",
    "tests/verification/test_planted.py",
    "tests/pipelines/simulator/layouts/test_init_of_layouts.py",
    "tests/pipelines/definition/test_commands.py",
    "tests/pipelines/train/test_panel.py",
)
_DRAWN: dict[str, str] = {}


def drawn_once(evaluation: Table) -> dict[str, str]:
    """The plots of the first version of this process; what they show has tests of its own."""
    if not _DRAWN:
        _DRAWN.update(version_plots(evaluation))
    return dict(_DRAWN)


QUICK_LEARNING: tuple[tuple[Any, str, Any], ...] = (
    (boosting, "BAGS", 2),
    (boosting, "LEARNING_RATE", 0.05),
    (boosting, "QUICK_BAGS", 2),
    (boosting, "QUICK_RATE", 0.1),
    (boosting, "SMOOTHING", 20),
    (boosting, "PATIENCE", 20),
    (choose_lines, "SPLITS", 2),
    (choose_lines, "RATE", 0.1),
    (folds, "SPLITS", 1),
    (folds, "BAGS", 2),
    (logistic, "STRENGTHS", (0.3,)),
    (chance_lines, "STRENGTHS", (0.3,)),
    (chance_lines, "DRAWS", 1_000),
    (black_box, "TREES", 10),
    (worked, "_best_strength", lambda *_: 0.3),
    (metrics, "RESAMPLES", 100),
    (train, "version_plots", drawn_once),
    (adopt, "version_plots", drawn_once),
    (hand_set_check, "version_plots", drawn_once),
)


@contextmanager
def quick_learning() -> Iterator[None]:
    """Train with less effort, in this process."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name, value in QUICK_LEARNING:
            assert hasattr(module, name), f"{module.__name__}.{name} was renamed"
            patch.setattr(module, name, value)
        yield


def shared_home(factory: pytest.TempPathFactory) -> Path:
    """A folder for what test processes that run side by side make once for all of them."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(autouse=True, scope="session")
def empty_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let MLflow create one database; each further one is a copy of it, with its own addresses."""
    create, template = store._create_database, shared_home(tmp_path_factory) / "mlflow.db"

    def copied(database: Path, artifacts: str | None) -> None:
        with locked(template.with_name("registry.lock")):
            if not template.is_file():
                create(template, "file:///artifacts")
        draft = Path(shutil.copyfile(template, database.with_name(f"{database.name}.draft")))
        with closing(sqlite3.connect(draft)) as connection, connection:
            connection.execute(
                "UPDATE experiments SET artifact_location ="
                " replace(artifact_location, 'file:///artifacts', ?)",
                (artifacts,),
            )
        draft.replace(database)
        store._close_connections(database)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "_create_database", copied)
        yield


def scores_in_this_process(registry: Registry, which: str, X: pd.DataFrame) -> pd.DataFrame:
    """Score with a registered model, without a process of its own that imports MLflow anew."""
    loaded = registry.load(which)
    card = Scorecard.from_dict(loaded.scorecard)
    definition = Definition.from_dict(loaded.definition)
    return score_leads(X, card, definition, model_version=loaded.version)


def pytest_collection_finish() -> None:
    """Leave out what was imported where garbage is looked for: it took a sixth of the time."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the examples in docstrings, and put the longest files first: no process waits for them."""
    for item in items:
        if ROOT / "tests" not in item.path.parents:
            item.add_marker("full_learning")
    longest = [ROOT / file for file in LONGEST]
    assert all(file.is_file() for file in longest), "a file was renamed"
    items.sort(key=lambda item: longest.index(item.path) if item.path in longest else len(longest))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Learn and score quickly in a test and in the fixtures that it sets up, unless it is marked."""
    full = item.get_closest_marker("full_learning")
    with parallel_config(backend="sequential"), pytest.MonkeyPatch.context() as patch:
        if not full and not item.get_closest_marker("fresh_process"):
            patch.setattr(Registry, "served_scores", scores_in_this_process)
        with nullcontext() if full else quick_learning():
            return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where every component is required."""
    report = yield
    if os.environ.get("LEADREADY_REQUIRE_ALL") == "1" and isinstance(report.longrepr, tuple):
        report.outcome = "failed"  # a skip has its file, line and reason there
        report.longrepr = f"required here: {report.longrepr[2]}"
    return report


def parse_command(arguments: Sequence[str]) -> click.Context:
    """Read a command line as ``leadready`` does, without running it; an error if it cannot."""
    context = leadready.make_context("leadready", list(arguments))
    while isinstance(context.command, click.Group):
        name, command, rest = context.command.resolve_command(
            context, [*context._protected_args, *context.args]
        )
        assert name is not None
        assert command is not None
        context = command.make_context(name, rest, parent=context)
    return context


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data sets; their licences do not let us ship them."""
    folder = Path(os.environ.get("LEADREADY_DATA") or ROOT.parent / "shared" / "data").resolve()
    if not folder.is_dir():
        pytest.skip("the real data sets are not here; set LEADREADY_DATA to their folder")
    os.environ["LEADREADY_DATA"] = str(folder)
    return folder


class PostgresServer:
    """A PostgreSQL server for tests, reached by a socket in its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.who: dict[str, Any] = {}
        if os.geteuid() == 0:  # it does not run as root
            self.who = {"user": "nobody"}
            shutil.chown(folder, "nobody")

    @property
    def url(self) -> str:
        """The address of its database."""
        return f"postgresql://tester@/postgres?host={self.folder}"

    def __call__(self, sql: str, csv: Path | None = None) -> str:
        """Run a statement, with a file for COPY; its rows are lines."""
        given_in: dict[str, Any] = {"stdin": csv.open()} if csv else {}
        command = ["psql", "-h", str(self.folder), "-U", "tester", "-d", "postgres", "-tA"]
        return self.run(*command, "-c", sql, **given_in)

    def start(self) -> None:
        """Make a new database and serve it."""
        data = f"{self.folder}/data"
        self.run("initdb", "-D", data, "-U", "tester", "--auth", "trust", "-E", "UTF8")
        options = f"-k {self.folder} -c listen_addresses= -c fsync=off"
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        command = ["pg_ctl", "-D", data, "-o", options, "-w", "start"]
        subprocess.run(command, check=True, cwd=self.folder, **self.who, **quiet)

    def stop(self) -> None:
        """End the server."""
        self.run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "stop")

    def run(self, *command: str, **how: Any) -> str:
        """Run a program of PostgreSQL."""
        options = {"capture_output": True, "text": True, "cwd": self.folder, "check": False}
        done = subprocess.run(command, **{**options, **self.who, **how})
        assert done.returncode == 0, done.stderr
        return str(done.stdout)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server for all tests of this process."""
    if not all(map(shutil.which, ("initdb", "pg_ctl", "psql"))):
        pytest.skip("PostgreSQL (initdb, pg_ctl, psql) is not installed")
    server = PostgresServer(Path(tempfile.mkdtemp(prefix="pg")))
    server.start()
    yield server
    server.stop()
    shutil.rmtree(server.folder)


@pytest.fixture(autouse=True)
def _quiet_mlflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")  # MLflow sets it, too; undone after the test
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
