"""The registry: versions of the model are logged, judged, promoted, rolled back and loaded here.

Versions live in MLflow. *champion* is the one that scores leads, *challenger* the last one that
the gate refused, *previous* the champion before this one. A version appears whole or not at all;
an alias moves last, under a lock, when everything it promises is there. Loading reads four data
files and holds them against the digests in the version's tags; no code from the registry is run.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from features.errors import LeadReadyError
from model.registry import bundle, fresh_process, write_run
from model.registry.bundle import Contents, plain, table_digest
from model.registry.lookup import CHALLENGER, CHAMPION, PREVIOUS, TRAIN, find
from model.registry.model_card import model_card, shortened
from model.registry.sqlite_reader import Version
from model.registry.store import Store, locked
from model.registry.write_run import CARD, now

GATE = "gate.json"
__all__ = ["Contents", "LoadedModel", "Registry", "Version", "table_digest"]


@dataclass(frozen=True)
class LoadedModel:
    """A version's data files, as they were logged."""

    version: str
    scorecard: dict[str, Any]
    definition: dict[str, Any]
    catalogue: list[dict[str, Any]]
    evaluation: dict[str, Any]
    record: Version


class Registry:
    """The versions of one registered model.

    Parameters
    ----------
    store : Store
        Where the registry lives.
    model : str
        Name of the registered model.

    Examples
    --------
    >>> nowhere = Store("", "", Path("lock"), database=Path("nowhere/mlflow.db"))
    >>> Registry(nowhere, "lead-readiness").load("champion")
    Traceback (most recent call last):
    features.errors.LeadReadyError: nowhere/mlflow.db: no model 'lead-readiness' is registered here
    """

    def __init__(self, store: Store, model: str) -> None:  # noqa: D107
        if not re.fullmatch(r"[\w .-]+", model):
            what = f"a model cannot be called {model!r}"
            raise LeadReadyError(what, hint="use letters, digits, blanks, dots and dashes")
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
        """Find a version by its alias or its number.

        Raises
        ------
        LeadReadyError
            If there is none; it names the nearest and the command that helps.
        """
        return find(self.versions(), which, model=self.model, where=self.store.where)

    def load(self, which: str | int = CHAMPION) -> LoadedModel:
        """Load a version's data files, and see that they are the ones that were logged.

        Parameters
        ----------
        which : str or int
            An alias (``champion``, ``challenger``, ``previous``) or a version's number.

        Raises
        ------
        LeadReadyError
            If there is no such version, or a file is absent, changed or unreadable.
        """
        record = self.find(which)
        with self._data_folder(record) as folder:
            for name in bundle.DATA_FILES:
                self._intact(record, folder / name)
            files = bundle.read_data_files(folder)
        return LoadedModel(record.version, *files, record)

    def gates(self, which: str | int = CHAMPION) -> list[dict[str, Any]]:
        """Return the gate's checks of a version; none where it has not run yet.

        Each has ``name, passed, observed, required, hint``.
        """
        record = self.find(which)
        local = self.store.files(record)
        if local is not None:
            path = local.parent / GATE
            return list(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else []
        if "gate" not in record.tags:
            return []
        with tempfile.TemporaryDirectory(prefix="leadready-") as folder, self._told(record, GATE):
            fetched = self.store.client().download_artifacts(record.run_id, GATE, folder)
            return list(json.loads(Path(fetched).read_text(encoding="utf-8")))

    def log(self, contents: Contents) -> str:
        """Register a version: one run with its evidence, then the version, whole or not at all.

        Returns
        -------
        str
            The version's number.
        """
        with tempfile.TemporaryDirectory(prefix="leadready-") as folder:
            tags = write_run.prepare(contents, Path(folder), self.model)
            self.store.ensure()
            with locked(self.store.lock), self.store.answering():
                return write_run.register(self.store, self.model, contents, Path(folder), tags)

    def promote(
        self, which: str | int, gates: Sequence[Any], *, instead_of: str | None = None
    ) -> str:
        """Make a version champion: its evidence and tags first, the alias last.

        Parameters
        ----------
        which : str or int
            The version.
        gates : sequence of Gate
            What the gate saw; every check must have passed.
        instead_of : str, optional
            The champion that it was compared with. If another was promoted meanwhile, this one
            has not been compared with that, and is not promoted.

        Returns
        -------
        str
            The number of the new champion.
        """
        judged = [plain(one) for one in gates]
        refused = [one["name"] for one in judged if not one["passed"]]
        if refused or not judged:
            why = f"the gate refused it ({', '.join(refused)})" if judged else "no gate judged it"
            raise LeadReadyError(f"version {which} is not promoted: {why}", hint=TRAIN)
        with self._writing(which) as (client, record):
            old = self._holder(CHAMPION)
            if instead_of is not None and old != instead_of:
                what = f"version {record.version} was compared with {instead_of}, but champion is"
                raise LeadReadyError(f"{what} {old or 'none'} by now", hint=TRAIN)
            self._judged(client, record, judged)
            self._crown(client, record.version, old)
        return record.version

    def set_challenger(self, which: str | int, gates: Sequence[Any]) -> str:
        """Keep a refused version as challenger, with the reasons in its tags."""
        with self._writing(which) as (client, record):
            self._judged(client, record, [plain(one) for one in gates])
            client.set_registered_model_alias(self.model, CHALLENGER, record.version)
        return record.version

    def settle(
        self, which: str | int, gates: Sequence[Any], *, instead_of: str | None = None
    ) -> bool:
        """Promote a version if every gate passed, else keep it as challenger; say which."""
        passed = bool(gates) and all(plain(one)["passed"] for one in gates)
        if passed:
            self.promote(which, gates, instead_of=instead_of)
        else:
            self.set_challenger(which, gates)
        return passed

    def rollback(self) -> str:
        """Make the champion before this one champion again; return its number.

        Rolling back again goes one champion further back.
        """
        with self._writing(PREVIOUS) as (client, record):
            left = self._holder(CHAMPION)
            if left is not None:
                self._tag(client, left, {"rolled_back_at": now()})
            earlier = record.tags.get("promoted_over")
            if earlier in {one.version for one in self.versions()} - {record.version}:
                client.set_registered_model_alias(self.model, PREVIOUS, earlier)
            else:
                client.delete_registered_model_alias(self.model, PREVIOUS)
            client.set_registered_model_alias(self.model, CHAMPION, record.version)
        return record.version

    def served_scores(self, which: str | int, X: pd.DataFrame, **how: Any) -> pd.DataFrame:
        """Score features by the registered model in a fresh process, far from this project."""
        return fresh_process.served_scores(
            f"models:/{self.model}/{self.find(which).version}",
            X,
            tracking_uri=self.store.tracking_uri,
            registry_uri=self.store.registry_uri,
            **how,
        )

    # -- loading ---------------------------------------------------------------------------------

    @contextmanager
    def _data_folder(self, record: Version) -> Iterator[Path]:
        """Give the folder of a version's data files, fetched first if they are elsewhere."""
        local = self.store.files(record)
        if local is not None:
            yield local / bundle.DATA_FOLDER
            return
        with tempfile.TemporaryDirectory(prefix="leadready-") as folder:
            client, fetched = self.store.client(), Path(folder) / "nothing"
            for name in bundle.DATA_FILES:
                path = f"{bundle.MODEL_FOLDER}/{bundle.DATA_FOLDER}/{name}"
                with self._told(record, name):
                    fetched = Path(client.download_artifacts(record.run_id, path, folder))
            yield fetched.parent

    @contextmanager
    def _told(self, record: Version, name: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # MLflow passes on whatever its store raises
            raise LeadReadyError(
                f"{name} of version {record.version} cannot be fetched ({type(error).__name__})",
                where=self.store.where,
                hint="see that the registry can be reached, or choose another version by --model",
            ) from error

    def _intact(self, record: Version, path: Path) -> None:
        wanted = record.tags.get(bundle.DIGEST_TAG + path.name)
        found = bundle.file_digest(path) if path.is_file() else None
        if wanted is None or found != wanted:
            state = "is not there" if found is None else "is not the file that was registered"
            what = f"{path.name} of version {record.version} {state}"
            hint = f"put the file back, choose another version by --model, or {TRAIN}"
            raise LeadReadyError(what, where=str(path.parent), hint=hint)

    # -- writing ---------------------------------------------------------------------------------

    @contextmanager
    def _writing(self, which: str | int) -> Iterator[tuple[Any, Version]]:
        """Hold the lock, with a version that is known to be intact."""
        self.find(which)
        with locked(self.store.lock), self.store.answering():
            yield self.store.client(), self.load(which).record

    def _holder(self, alias: str) -> str | None:
        return next((one.version for one in self.versions() if alias in one.aliases), None)

    def _judged(self, client: Any, record: Version, gates: Sequence[Mapping[str, Any]]) -> None:
        """Keep what the gate saw: in the run's files, in the card and in the version's tags."""
        client.log_text(record.run_id, json.dumps(gates, indent=1, ensure_ascii=False), GATE)
        loaded = self.load(record.version)
        card = model_card(
            loaded.scorecard,
            loaded.definition,
            loaded.evaluation,
            model=self.model,
            tags=record.tags,
            gates=gates,
        )
        client.log_text(record.run_id, card, CARD)
        client.update_model_version(self.model, record.version, shortened(card))
        refused = [one for one in gates if not one["passed"]]
        said = "; ".join(
            f"{one['name']}: {one['observed']} (required: {one['required']})" for one in refused
        )
        tags = {"gate": "refused" if refused else "passed", "judged_at": now()}
        self._tag(client, record.version, {**tags, "refused_because": said or None})

    def _crown(self, client: Any, version: str, old: str | None) -> None:
        over = old if old != version else None
        if over is not None:
            self._tag(client, version, {"promoted_over": over})
        self._tag(client, version, {"promoted_at": now()})
        if self._holder(CHALLENGER) == version:
            client.delete_registered_model_alias(self.model, CHALLENGER)
        if over is not None:
            client.set_registered_model_alias(self.model, PREVIOUS, over)
        client.set_registered_model_alias(self.model, CHAMPION, version)

    def _tag(self, client: Any, version: str, tags: Mapping[str, str | None]) -> None:
        for key, value in tags.items():
            if value is not None:
                client.set_model_version_tag(self.model, version, key, value)
            elif key in self.find(version).tags:
                client.delete_model_version_tag(self.model, version, key)
