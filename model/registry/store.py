"""Where a workspace's registry lives: made once, by one process, however many start together.

Without a setting it is MLflow on SQLite inside the workspace; ``MLFLOW_TRACKING_URI`` puts it
elsewhere. MLflow builds a new database by some seventy migrations, and processes that do so at the
same time crash, so it is built under a lock, as a draft, and put in place whole. Every later write
holds that lock too.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from features.errors import LeadReadyError
from model.registry.sqlite_reader import BUSY_SECONDS, Version, ask, look_up

DATABASE, ARTIFACTS, LOCK = "mlflow.db", "mlartifacts", ".mlflow.lock"
PATIENCE = 300.0  # seconds; a training holds the lock for about two
SAID = 300  # characters of MLflow's own words in an error


@dataclass(frozen=True)
class Store:
    """The addresses of a registry.

    Attributes
    ----------
    tracking_uri, registry_uri : str
        As MLflow wants them; never dependent on the working directory.
    lock : Path
        The file whose lock a writer holds.
    database : Path or None
        The workspace's own SQLite file; None if the registry is elsewhere.
    artifacts : str or None
        Where new runs keep their files; None lets the server decide.

    Examples
    --------
    >>> Store("https://u:secret@ml.example", "https://u:secret@ml.example", Path("lock")).where
    'ml.example'
    """

    tracking_uri: str
    registry_uri: str
    lock: Path
    database: Path | None = None
    artifacts: str | None = None

    @classmethod
    def for_workspace(cls, folder: Path | str) -> Store:
        """Choose the workspace's own database, or what ``MLFLOW_TRACKING_URI`` names."""
        folder = Path(folder).resolve()
        tracking = os.environ.get("MLFLOW_TRACKING_URI")
        if tracking:
            registry = os.environ.get("MLFLOW_REGISTRY_URI") or tracking
            return cls(tracking, registry, folder / LOCK)
        database = folder / DATABASE
        uri = sqlite_uri(database)
        return cls(uri, uri, folder / LOCK, database, (folder / ARTIFACTS).as_uri())

    @property
    def where(self) -> str:
        """Name the place for an error message, without any credentials."""
        return str(self.database) if self.database else self.registry_uri.rpartition("@")[2]

    def exists(self) -> bool:
        """Whether there is a registry to read; one that is elsewhere is taken to be there."""
        return self.database is None or self.database.is_file()

    def ensure(self) -> None:
        """Make the workspace's database, unless it is there or another process is making it."""
        if self.exists() or self.database is None:
            return
        with locked(self.lock):
            if not self.exists():
                _build(self.database, self.artifacts)

    def client(self) -> Any:
        """Return MLflow's client for these addresses; importing it takes a second."""
        _keep_to_itself()
        from mlflow.tracking import MlflowClient

        return MlflowClient(self.tracking_uri, self.registry_uri)

    def files(self, record: Version) -> Path | None:
        """Return the folder of a version's model, or None if it has to be fetched.

        Where a workspace was moved or copied, the files have gone with it, and are found there.
        """
        recorded = local_path(record.source)
        if recorded is not None and self.database is not None:
            kept = self.database.with_name(ARTIFACTS) / record.run_id / "artifacts" / recorded.name
            return kept if kept.is_dir() else recorded
        return recorded

    def versions(self, model: str) -> list[Version]:
        """Return every version of a model, oldest first; none if the model is not there."""
        if not self.exists():
            return []
        if self.database is not None:
            with contextlib.suppress(sqlite3.OperationalError):  # another schema: MLflow reads it
                return look_up(self.database, model)
        with self.answering():
            return ask(self.client(), model)

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Turn MLflow's own errors into ours, with the place and what to do."""
        from mlflow.exceptions import MlflowException

        try:
            yield
        except MlflowException as error:
            said = " ".join(str(error).split())[:SAID]
            raise LeadReadyError(
                f"the registry does not answer as it should: {said}",
                where=self.where,
                hint="see that MLFLOW_TRACKING_URI is right and that the registry is running",
            ) from error


def sqlite_uri(database: Path) -> str:
    """Return the absolute URI of a SQLite file, whose connections wait for each other.

    Examples
    --------
    >>> sqlite_uri(Path("/data/acme/mlflow.db"))
    'sqlite:////data/acme/mlflow.db?timeout=60'
    """
    if set(str(database)) & set("?#%"):
        raise LeadReadyError(
            "MLflow cannot keep a registry in a folder whose name holds '?', '#' or '%'",
            where=str(database.parent),
            hint="rename the folder, or set MLFLOW_TRACKING_URI",
        )
    return f"sqlite:///{database.as_posix()}?timeout={BUSY_SECONDS}"


def local_path(uri: str) -> Path | None:
    """Return the path that an address means, or None if it is elsewhere.

    Examples
    --------
    >>> local_path("file:///data/acme%20b/1"), local_path("s3://bucket/1")
    (PosixPath('/data/acme b/1'), None)
    """
    parts = urlsplit(uri)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return Path(url2pathname(parts.path))
    return Path(uri) if not parts.scheme and uri else None


@contextmanager
def locked(path: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold a file's lock; the system lets go of it even if the process is killed.

    Raises
    ------
    LeadReadyError
        If another process still holds it after ``patience`` seconds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        deadline = time.monotonic() + patience
        while not _taken(file):
            if time.monotonic() > deadline:
                raise LeadReadyError(
                    f"another process has been writing to the registry for {patience:.0f} seconds",
                    where=str(path),
                    hint="wait until it has ended, or end it, and repeat the command",
                )
            time.sleep(0.02)
        yield


def _taken(file: IO[str]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _build(database: Path, artifacts: str | None) -> None:
    """Let MLflow build a draft without waiting for the disk; then put it in place, whole."""
    _keep_to_itself()
    import sqlalchemy as sa
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    draft = database.with_name(f"{database.name}.draft")
    draft.unlink(missing_ok=True)  # of a process that was killed
    sa.event.listen(sa.Engine, "connect", _unhurried_by_the_disk)
    try:
        with quiet("mlflow.store.db.utils"):
            SqlAlchemyStore(sqlite_uri(draft), artifacts).engine.dispose()
    finally:
        sa.event.remove(sa.Engine, "connect", _unhurried_by_the_disk)
    with closing(sqlite3.connect(draft)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    with draft.open("rb+") as file:
        os.fsync(file.fileno())
    draft.replace(database)
    _let_go_of(database)


def _let_go_of(database: Path) -> None:
    """Close the connections that this process still holds to a database that stood here before.

    MLflow keeps them for every address, and would go on in the file that was deleted.
    """
    from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore as Versions
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore as Runs

    for kept in (Runs, Versions):
        if engine := kept._engine_map.get(sqlite_uri(database)):
            engine.dispose()


def _unhurried_by_the_disk(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA synchronous = OFF")


def _keep_to_itself() -> None:
    """Have MLflow send nothing to its makers, and print nothing where our answers go."""
    for name in ("MLFLOW_DISABLE_TELEMETRY", "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"):
        os.environ.setdefault(name, "true")


@contextmanager
def quiet(name: str) -> Iterator[None]:
    """Keep one of MLflow's loggers from chatting; warnings still come through."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
