"""The registry: versions of the model are logged, promoted, rolled back and loaded here.

Versions are kept in MLflow. The *champion* scores leads, the *challenger* is the last version that
the gate refused, and *previous* is the champion before this one. A version is registered
completely or not at all; an alias moves last and under a lock. Loading reads four data files and
compares them with the digests in the version's tags; no code from the registry is run.
"""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from features.errors import LeadReadyError
from features.file_lock import locked
from model.gate import Gate
from model.registry import bundle, fresh_process, write_run
from model.registry.bundle import Contents, table_digest, to_plain
from model.registry.lookup import CHALLENGER, CHAMPION, PREVIOUS, TRAIN, find_version
from model.registry.model_card import model_card, shorten_card
from model.registry.one_step import Change, write_to_database, write_with_client
from model.registry.promotion import promotion, return_to
from model.registry.sqlite_reader import LABEL_TAG, Version
from model.registry.store import Store
from model.registry.write_run import CARD, utc_now
from model.serving import Definition, Scorecard

GATE = "gate.json"
NO_CHAMPION = ""  # what a version was compared with where there was no champion
JUDGED = "judged_scorecard"  # key of the evaluation: the twin that was tested on later leads
__all__ = ["Contents", "LoadedModel", "Registry", "Version", "table_digest"]


@dataclass(frozen=True)
class LoadedModel:
    """The data files of a version, as they were logged; ``version`` is its label."""

    version: str
    scorecard: dict[str, Any]
    definition: dict[str, Any]
    catalogue: list[dict[str, Any]]
    evaluation: dict[str, Any]
    record: Version

    @property
    def judged(self) -> dict[str, Any]:
        """The scorecard that was tested on later leads; in earlier versions the served one."""
        judged: dict[str, Any] = self.evaluation.get(JUDGED) or self.scorecard
        return judged


class Registry:
    """The versions of one registered model.

    Parameters
    ----------
    store : Store
        Where the registry is.
    model : str
        Name of the registered model.

    Examples
    --------
    >>> nowhere = Store("", "", Path("lock"), database=Path("nowhere/mlflow.db"))
    >>> Registry(nowhere, "lead-readiness").load("champion")
    Traceback (most recent call last):
    features.errors.LeadReadyError: nowhere/mlflow.db: no model 'lead-readiness' is registered here
    """

    def __init__(self, store: Store, model: str) -> None:
        if not re.fullmatch(r"[\w .-]+", model):
            what = f"a model cannot be called {model!r}"
            raise LeadReadyError(what, hint="use letters, digits, spaces, dots and dashes")
        self.store = store
        self.model = model

    @classmethod
    def for_workspace(cls, folder: Path | str, model: str = "lead-readiness") -> Registry:
        """Return the registry of a workspace, or the one that ``MLFLOW_TRACKING_URI`` names."""
        return cls(Store.for_workspace(folder), model)

    def versions(self) -> list[Version]:
        """Return every version with its aliases and tags, oldest first."""
        return self.store.versions(self.model)

    def find(self, which: str | int) -> Version:
        """Find a version by its alias or its label.

        Raises
        ------
        LeadReadyError
            If there is none, with the nearest one and the command that helps.
        """
        return find_version(self.versions(), which, model=self.model, where=self.store.where)

    def load(self, which: str | int = CHAMPION) -> LoadedModel:
        """Load the data files of a version, and check that they are the ones that were logged.

        Parameters
        ----------
        which : str or int
            An alias (``champion``, ``challenger``, ``previous``) or a version's label.

        Raises
        ------
        LeadReadyError
            If there is no such version, or a file is missing, changed or unreadable.
        """
        record = self.find(which)
        with self._data_folder(record) as folder:
            for name in bundle.DATA_FILES:
                bundle.check_digest(record, folder / name)
            files = bundle.read_data_files(folder)
        return LoadedModel(record.label, *files, record)

    def gates(self, which: str | int = CHAMPION) -> list[Gate]:
        """Return the gate's checks of a version; none where it has not run yet."""
        record = self.find(which)
        local = self.store.files(record)
        if local is not None:
            path = local.parent / GATE
            return _read_gates(path) if path.is_file() else []
        if "gate" not in record.tags:
            return []
        with (
            tempfile.TemporaryDirectory(prefix="leadready-") as folder,
            self._fetching(record, GATE),
        ):
            return _read_gates(
                Path(self.store.client().download_artifacts(record.run_id, GATE, folder))
            )

    def log(self, contents: Contents) -> str:
        """Register a version, completely or not at all: one run with its files, then the version.

        Returns
        -------
        str
            The label of the version.

        Raises
        ------
        LeadReadyError
            If it cannot be served, or another version has its label already.
        """
        with tempfile.TemporaryDirectory(prefix="leadready-") as folder:
            tags = write_run.prepare_version(contents, Path(folder), self.model)
            self.store.ensure()
            with locked(self.store.lock), self.store.errors_translated():
                label = tags.get(LABEL_TAG)
                self._refuse_twice(label)
                number = write_run.register_version(
                    self.store, self.model, contents, Path(folder), tags
                )
                return label or number

    def promote(
        self, which: str | int, gates: Sequence[Gate], *, instead_of: str | None = None
    ) -> str:
        """Make a version the champion: files and tags first, the alias last.

        Parameters
        ----------
        which : str or int
            The version.
        gates : sequence of Gate
            The checks, all of which must have passed.
        instead_of : str, optional
            The champion that it was compared with, or `NO_CHAMPION`. If another version became
            champion meanwhile, this one is not promoted.

        Returns
        -------
        str
            The label of the new champion.
        """
        failed = [gate.name for gate in gates if not gate.passed]
        if failed or not gates:
            why = f"the gate refused it ({', '.join(failed)})" if gates else "the gate has not run"
            raise LeadReadyError(f"version {which} is not promoted: {why}", hint=TRAIN)
        with self._locked_version(which) as (client, record):
            old = self._holder(CHAMPION)
            if instead_of is not None and (old.label if old else NO_CHAMPION) != instead_of:
                compared = f"version {instead_of}" if instead_of else "no champion"
                what = (
                    f"version {record.label} was compared with {compared}, "
                    f"but the champion is now {old.label if old else 'none'}"
                )
                raise LeadReadyError(what, hint="repeat the command")
            tags = self._record_gates(client, record, gates)
            change = promotion(record, old, self._holder(CHALLENGER), tags)
            self._write(client, change)
        return record.label

    def set_challenger(self, which: str | int, gates: Sequence[Gate]) -> str:
        """Keep a refused version as challenger, with the reasons in its tags."""
        with self._locked_version(which) as (client, record):
            tags = self._record_gates(client, record, gates)
            change = Change({CHALLENGER: record.version}, {record.version: tags})
            self._write(client, change)
        return record.label

    def settle(
        self, which: str | int, gates: Sequence[Gate], *, instead_of: str | None = None
    ) -> bool:
        """Promote a version if every check passed, else keep it as challenger; tell which."""
        passed = bool(gates) and all(gate.passed for gate in gates)
        if passed:
            self.promote(which, gates, instead_of=instead_of)
        else:
            self.set_challenger(which, gates)
        return passed

    def rollback(self, which: str | int | None = None) -> str:
        """Make the previous champion the champion again; return its label.

        A second rollback goes one more champion back.

        Parameters
        ----------
        which : str or int, optional
            Another version that was champion once.

        Raises
        ------
        LeadReadyError
            If there is no such version, its files are damaged, or it was never champion.
        """
        with self._locked_version(which or PREVIOUS) as (client, record):
            self._write(client, return_to(record, self._holder(CHAMPION), self.versions()))
        return record.label

    def served_scores(self, which: str | int, X: pd.DataFrame, **options: Any) -> pd.DataFrame:
        """Score features with the registered model, in a fresh process without this project."""
        self._check_served_code(self.find(which))
        return fresh_process.served_scores(
            f"models:/{self.model}/{self.find(which).version}",
            X,
            tracking_uri=self.store.tracking_uri,
            registry_uri=self.store.registry_uri,
            **options,
        )

    # -- loading ---------------------------------------------------------------------------------

    @contextmanager
    def _data_folder(self, record: Version) -> Iterator[Path]:
        """Give the folder of a version's data files, downloaded first if they are elsewhere."""
        local = self.store.files(record)
        if local is not None:
            yield local / bundle.DATA_FOLDER
            return
        with tempfile.TemporaryDirectory(prefix="leadready-") as folder:
            client, fetched = self.store.client(), Path(folder) / "nothing"
            for name in bundle.DATA_FILES:
                path = f"{bundle.MODEL_FOLDER}/{bundle.DATA_FOLDER}/{name}"
                with self._fetching(record, name):
                    fetched = Path(client.download_artifacts(record.run_id, path, folder))
            yield fetched.parent

    @contextmanager
    def _fetching(self, record: Version, name: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # MLflow raises whatever its store raises
            raise LeadReadyError(
                f"{name} of version {record.label} cannot be read ({type(error).__name__})",
                where=self.store.where,
                hint="check that the registry is reachable, or choose another version: --model",
            ) from error

    # -- writing ---------------------------------------------------------------------------------

    @contextmanager
    def _locked_version(self, which: str | int) -> Iterator[tuple[Any, Version]]:
        """Hold the lock, and give a version whose files are intact."""
        self.find(which)
        with locked(self.store.lock), self.store.errors_translated():
            record = self.load(which).record
            self._check_served_code(record)
            yield self.store.client(), record

    def _check_served_code(self, record: Version) -> None:
        """Compare the file that serves the version elsewhere with what was registered."""
        local = self.store.files(record)
        if local is not None and bundle.DIGEST_TAG + bundle.SERVED_CODE in record.tags:
            bundle.check_digest(record, local / bundle.SERVED_CODE)

    def _holder(self, alias: str) -> Version | None:
        return next((version for version in self.versions() if alias in version.aliases), None)

    def _refuse_twice(self, label: str | None) -> None:
        if label is not None and label in {version.label for version in self.versions()}:
            what = f"version {label} was registered by another process meanwhile"
            raise LeadReadyError(what, where=self.store.where, hint="repeat the command")

    def _record_gates(
        self, client: Any, record: Version, gates: Sequence[Gate]
    ) -> dict[str, str | None]:
        """Record the checks in the run's files and in the card; return the tags of the version."""
        checks = [to_plain(gate) for gate in gates]
        client.log_text(record.run_id, json.dumps(checks, indent=1, ensure_ascii=False), GATE)
        loaded = self.load(record.label)
        card = model_card(
            Scorecard.from_dict(loaded.scorecard),
            Definition.from_dict(loaded.definition),
            loaded.evaluation,
            model=self.model,
            tags=record.tags,
            gates=gates,
        )
        client.log_text(record.run_id, card, CARD)
        client.update_model_version(self.model, record.version, shorten_card(card))
        reasons = "; ".join(
            f"{gate.name}: {gate.observed} (required: {gate.required})"
            for gate in gates
            if not gate.passed
        )
        refused = ", ".join(gate.name for gate in gates if not gate.passed)
        tags = {"gate": "refused" if reasons else "passed", "judged_at": utc_now()}
        return {**tags, "refused_because": reasons or None, "refused_checks": refused or None}

    def _write(self, client: Any, change: Change) -> None:
        """Write aliases and tags: all of them in one step where the database is the workspace's."""
        if self.store.database is not None:
            with contextlib.suppress(sqlite3.OperationalError):  # another schema: MLflow writes it
                write_to_database(self.store.database, self.model, change)
                return
        held = {alias for version in self.versions() for alias in version.aliases}
        there = {alias: to for alias, to in change.aliases.items() if to or alias in held}
        write_with_client(client, self.model, Change(there, change.tags))


def _read_gates(path: Path) -> list[Gate]:
    return [Gate(**check) for check in json.loads(path.read_text(encoding="utf-8"))]
