"""Where the registry of a workspace is, and how processes share it.

By default it is MLflow on SQLite inside the workspace; ``MLFLOW_TRACKING_URI`` points elsewhere.
MLflow creates a new database with about seventy migrations, and crashes if two processes do so at
the same time. It is therefore created under a lock, as a draft that is moved into place when it is
complete. Every later write holds the same lock.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass, url2pathname

from features.errors import LeadReadyError
from features.file_lock import locked
from model.registry.moved import correct_addresses
from model.registry.sqlite_reader import BUSY_SECONDS, Version, fetch_versions, read_versions

DATABASE, ARTIFACTS, LOCK = "mlflow.db", "mlartifacts", ".mlflow.lock"
CONNECT_SECONDS = 5.0  # to reach a server at all
LIMITS = {  # MLflow's own: seven attempts of two minutes each
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
}
PORTS = {"http": 80, "https": 443, "postgresql": 5432, "mysql": 3306, "mssql": 1433}
LONGEST_MESSAGE = 300  # characters of an MLflow error that are repeated


@dataclass(frozen=True)
class Store:
    """The addresses of a registry.

    Attributes
    ----------
    tracking_uri, registry_uri : str
        For MLflow; independent of the working directory.
    lock : Path
        The file that a writer locks.
    database : Path or None
        The SQLite file of the workspace; None if the registry is elsewhere.
    artifacts : str or None
        Where new runs store their files; None lets the server decide.

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
        """Use what ``MLFLOW_TRACKING_URI`` names, or else the workspace's own database."""
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
        """Name the place for an error message, without credentials."""
        return str(self.database) if self.database else self.registry_uri.rpartition("@")[2]

    def exists(self) -> bool:
        """Whether there is a registry to read; one that is elsewhere is assumed to exist."""
        return self.database is None or self.database.is_file()

    def ensure(self) -> None:
        """Create the workspace's database, unless it exists or another process creates it."""
        if self.exists() or self.database is None:
            return
        with locked(self.lock):
            if not self.exists():
                _create_database(self.database, self.artifacts)

    def client(self) -> Any:
        """Return MLflow's client for these addresses; importing it takes a second."""
        _silence_mlflow()
        for uri in {self.tracking_uri, self.registry_uri}:
            refuse_dead_server(uri)
        from mlflow.tracking import MlflowClient

        return MlflowClient(self.tracking_uri, self.registry_uri)

    def files(self, record: Version) -> Path | None:
        """Return the folder of a version's model, or None if it has to be downloaded.

        Where a workspace was moved or copied, the files are found in the new place.
        """
        recorded = local_path(record.source)
        if recorded is not None and self.database is not None:
            own = self.database.with_name(ARTIFACTS) / record.run_id / "artifacts" / recorded.name
            return own if own.is_dir() else recorded
        return recorded

    def versions(self, model: str) -> list[Version]:
        """Return every version of a model, oldest first; none if there is no such model."""
        if not self.exists():
            return []
        if self.database is not None:
            if self.artifacts is not None:
                correct_addresses(self.database, self.artifacts)
            with contextlib.suppress(sqlite3.OperationalError):  # another schema: MLflow reads it
                return read_versions(self.database, model)
        with self.errors_translated():
            return fetch_versions(self.client(), model)

    @contextmanager
    def errors_translated(self) -> Iterator[None]:
        """Turn MLflow's errors into ours, with the place and a hint."""
        from mlflow.exceptions import MlflowException

        try:
            yield
        except MlflowException as error:
            message = " ".join(str(error).split())[:LONGEST_MESSAGE]
            raise LeadReadyError(
                f"the registry returned an error: {message}",
                where=self.where,
                hint="check that MLFLOW_TRACKING_URI is right and that the registry is running",
            ) from error


def sqlite_uri(database: Path) -> str:
    """Return the absolute URI of a SQLite file, with a timeout for concurrent connections.

    Examples
    --------
    >>> sqlite_uri(Path("/data/acme/mlflow.db"))
    'sqlite:////data/acme/mlflow.db?timeout=60'
    """
    if set(str(database)) & set("?#%"):
        raise LeadReadyError(
            "MLflow cannot use a folder whose name contains '?', '#' or '%'",
            where=str(database.parent),
            hint="rename the folder, or set MLFLOW_TRACKING_URI",
        )
    return f"sqlite:///{database.as_posix()}?timeout={BUSY_SECONDS}"


def local_path(uri: str) -> Path | None:
    """Return the path of a local address, or None for any other.

    Examples
    --------
    >>> local_path("file:///data/acme%20b/1"), local_path("s3://bucket/1")
    (PosixPath('/data/acme b/1'), None)
    """
    parts = urlsplit(uri)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return Path(url2pathname(parts.path))
    return Path(uri) if not parts.scheme and uri else None


def _create_database(database: Path, artifacts: str | None) -> None:
    """Let MLflow create a draft without waiting for the disk, then move it into place."""
    _silence_mlflow()
    import sqlalchemy as sa
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    draft = database.with_name(f"{database.name}.draft")
    draft.unlink(missing_ok=True)  # left by a process that was killed
    sa.event.listen(sa.Engine, "connect", _without_disk_sync)
    try:
        with quiet_logger("mlflow.store.db.utils"):
            SqlAlchemyStore(sqlite_uri(draft), artifacts).engine.dispose()
    finally:
        sa.event.remove(sa.Engine, "connect", _without_disk_sync)
    with closing(sqlite3.connect(draft)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    with draft.open("rb+") as file:
        os.fsync(file.fileno())
    draft.replace(database)
    _close_connections(database)


def _close_connections(database: Path) -> None:
    """Close connections of this process to an earlier database at the same path.

    MLflow keeps them for each address, and would continue to use the deleted file.
    """
    from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore as Versions
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore as Runs

    for store in (Runs, Versions):
        if engine := store._engine_map.get(sqlite_uri(database)):
            engine.dispose()


def _without_disk_sync(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA synchronous = OFF")


def _silence_mlflow() -> None:
    """Keep MLflow from sending telemetry, from printing to stdout, and from waiting long."""
    for name in ("MLFLOW_DISABLE_TELEMETRY", "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"):
        os.environ.setdefault(name, "true")
    for name, value in LIMITS.items():
        os.environ.setdefault(name, value)


def refuse_dead_server(uri: str) -> None:
    """Try to reach a server before MLflow does, which would repeat its attempts for minutes.

    Raises
    ------
    LeadReadyError
        If nothing answers at the address within a few seconds.

    Examples
    --------
    >>> refuse_dead_server("http://user:secret@localhost:1")
    Traceback (most recent call last):
    features.errors.LeadReadyError: http://localhost:1: no MLflow server answers (...)
    """
    parts = urlsplit(uri)
    scheme, host = parts.scheme.partition("+")[0], parts.hostname  # mysql+pymysql
    if scheme not in PORTS or not host or _by_proxy(scheme, host):
        return
    try:
        socket.create_connection((host, parts.port or PORTS[scheme]), CONNECT_SECONDS).close()
    except OSError as error:
        raise LeadReadyError(
            f"no MLflow server answers ({error.strerror or error})",
            where=f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
            hint="start the server, or correct MLFLOW_TRACKING_URI",
        ) from error


def _by_proxy(scheme: str, host: str) -> bool:
    return scheme in getproxies() and not proxy_bypass(host)


@contextmanager
def quiet_logger(name: str) -> Iterator[None]:
    """Hide the messages of one of MLflow's loggers, except warnings and errors."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
