"""The ledger: every score that was given is kept, in a DuckDB file or in PostgreSQL.

A row says which lead, judged when, by which version and definition, its score, verdict and
decision, and the values of the card's features, from which the points of every line follow. The
cards are kept too, so that old scores can be explained when their version is gone. A run is kept
whole or not at all, and a run that is repeated adds nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa

from features.errors import LeadReadyError
from features.workspace.schema import Workspace
from model.serving import Scorecard
from pipelines.ledger import statements
from pipelines.ledger.duckdb_store import DuckdbStore
from pipelines.ledger.statements import COMPARED, KEPT, OF_LEAD


class Connection(Protocol):
    """A transaction in a ledger; values replace the ``?`` of a statement."""

    def execute(self, sql: str, *values: object) -> None:
        """Run a statement."""

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""

    def table(self, sql: str, *values: object) -> pd.DataFrame:
        """Return the rows of a query as a table."""

    def add(self, scores: pa.Table) -> None:
        """Add scores that the ledger does not have."""

    def commit(self) -> None:
        """Keep all changes so far."""


class LedgerStore(Protocol):
    """Where a ledger is kept."""

    @property
    def where(self) -> str:
        """Name the place for people."""

    def exists(self) -> bool:
        """Whether a score was kept yet."""

    def open(self) -> Any:
        """Open a transaction: a context that gives a `Connection`."""

    def forget(self, lead: str) -> None:
        """Remove a lead everywhere."""


@dataclass(frozen=True)
class Ledger:
    """The scores of a workspace that were kept.

    Attributes
    ----------
    store : LedgerStore
        Where they are.
    keep_days : int or None
        Scores that were given so many days before the latest are removed; None keeps all.

    Examples
    --------
    >>> from pathlib import Path
    >>> Ledger(DuckdbStore(Path("nowhere/ledger.duckdb"))).cards()
    Traceback (most recent call last):
    features.errors.LeadReadyError: nowhere/ledger.duckdb: no score was kept yet
    """

    store: LedgerStore
    keep_days: int | None = None

    @classmethod
    def of(cls, workspace: Workspace) -> Ledger:
        """Return the ledger of a workspace."""
        return cls(ledger_store(workspace), workspace.ledger.keep_days)

    @contextmanager
    def open(self) -> Iterator[Connection]:
        """Open the ledger in one transaction: all changes are kept, or none."""
        with self.store.open() as connection:
            yield connection

    def rows(self, where: str, *values: object) -> pd.DataFrame:
        """Return the scores for which a condition holds, by lead and time.

        Raises
        ------
        LeadReadyError
            If no score was kept yet.
        """
        self.refuse_missing()
        with self.open() as connection:
            return connection.table(statements.ROWS.format(where=where), *values)

    def cards(self) -> dict[str, Scorecard]:
        """Return the cards of all versions that scored."""
        self.refuse_missing()
        with self.open() as connection:
            kept = connection.rows(statements.CARDS)
        return {model: Scorecard.from_dict(json.loads(content)) for model, content in kept}

    def first_hand_offs(self) -> pd.DataFrame:
        """Return the first hand-off of each lead: ``lead, as_of, decision, explore_chance``.

        Only runs count whose file appeared. Empty if no score was kept yet.
        """
        columns = ["lead", "as_of", "decision", "explore_chance"]
        if not self.store.exists():
            return pd.DataFrame(columns=columns)
        with self.open() as connection:
            return connection.table(statements.FIRST_HAND_OFFS, datetime.max)

    def leads_to_hand_off(self) -> int:
        """Count the leads that could be handed off at some time."""
        self.refuse_missing()
        with self.open() as connection:
            return int(connection.rows(statements.LEADS_TO_HAND_OFF)[0][0])

    def refuse_missing(self) -> None:
        """Say what to do where no score was kept yet."""
        if not self.store.exists():
            hint = "leadready score  keeps each one"
            raise LeadReadyError("no score was kept yet", where=self.store.where, hint=hint)

    def forget(self, lead: str) -> int:
        """Remove all scores of a lead; return how many there were."""
        removed = len(self.rows(OF_LEAD, lead))
        self.store.forget(lead)
        return removed


def ledger_store(workspace: Workspace) -> LedgerStore:
    """Find where a workspace keeps its scores."""
    if workspace.ledger.url is None:
        return DuckdbStore(workspace.folder / workspace.ledger.file)
    from pipelines.ledger.postgres_store import PostgresStore, schema_name

    return PostgresStore(workspace.ledger.url, schema_name(workspace.name))


class Entry:
    """A scoring run that is being entered into the ledger, inside one transaction."""

    def __init__(self, ledger: Ledger, connection: Connection, card: Scorecard) -> None:
        self.ledger = ledger
        self.connection = connection
        self.card = card

    def add(self, scored: pd.DataFrame, X: pd.DataFrame, chances: Any = None) -> None:
        """Add scored leads, with the features that they were scored by.

        ``chances`` are the probabilities with which they could be drawn for exploration.
        """
        nobody = np.full(len(scored), np.nan)
        new = pa.table(
            {
                "lead": _texts(scored["lead_id"]),
                "as_of": pa.array(scored["as_of"].to_numpy("datetime64[us]")),
                "model": _texts(scored["model_version"]),
                "definition": _texts(scored["definition_version"]),
                "score": pa.array(scored["score"].to_numpy("float64")),
                "probability": pa.array(scored["probability"].to_numpy("float64")),
                **{name: _texts(scored[name]) for name in KEPT[2:]},
                "facts": _facts(X, self.card),
                "scored_at": pa.array(scored["scored_at"].to_numpy("datetime64[us]")),
                "explore_chance": pa.array(
                    nobody if chances is None else chances, from_pandas=True
                ),
            }
        )
        self.connection.add(new)

    def add_card(self, model: str, content: Mapping[str, Any]) -> None:
        """Add the card that scores, unless the ledger has it.

        Raises
        ------
        LeadReadyError
            If it has another card of that version, by which old scores would be explained.
        """
        text = json.dumps(content, ensure_ascii=False)
        kept = [row[0] for row in self.connection.rows(statements.CARD_OF, model)]
        if not kept:
            self.connection.execute(statements.ADD_CARD, model, text)
        elif kept[0] != text:
            what = (
                f"the ledger has another card of version {model}: it belongs to another workspace, "
                "or the registry was made anew"
            )
            hint = "keep scores elsewhere:  ledger: {file: …}, or with  ledger: url  another  name:"
            raise LeadReadyError(what, where=self.ledger.store.where, hint=hint)

    def last_run(self, as_of: pd.Timestamp) -> Any:
        """Return the counts of the export of the last run before a time, if there was one."""
        found = self.connection.rows(statements.LAST_RUN, as_of.to_pydatetime())
        return json.loads(found[0][0]) if found else None

    @property
    def has_runs(self) -> bool:
        """Whether there was a run before this one."""
        return bool(self.connection.rows(statements.HAS_RUNS)[0][0])

    @property
    def has_scores(self) -> bool:
        """Whether an earlier run scored any lead."""
        return bool(self.connection.rows(statements.HAS_SCORES)[0][0])

    def settle_unfinished(self) -> None:
        """Settle the runs that were killed after the ledger had their scores.

        Where the file appeared, the run is complete; where it did not, nobody saw the scores, and
        they are removed.
        """
        for as_of, export, file, stamp in self.connection.rows(statements.UNFINISHED):
            if file_stamp(Path(file)) == stamp:
                self.add_run(pd.Timestamp(as_of), json.loads(export))
            else:
                self.connection.execute(statements.FORGET_TIME, as_of)
                self.connection.execute(statements.FORGET_UNFINISHED, as_of)

    def last_hand_offs(self, as_of: pd.Timestamp) -> pd.DataFrame:
        """Return the last hand-off of each lead before a time: ``lead, as_of, decision``."""
        return self.connection.table(statements.LAST_HAND_OFFS, as_of.to_pydatetime())

    def chance_since(self, start: pd.Timestamp, as_of: pd.Timestamp) -> float | None:
        """Return the probability of the draw of the runs since a time, if there was one."""
        between = start.to_pydatetime(), as_of.to_pydatetime()
        chance: float | None = self.connection.rows(statements.CHANCE_SINCE, *between)[0][0]
        return chance

    @cached_property
    def latest(self) -> pd.DataFrame:
        """The scores of the last run before this one, by lead."""
        return self.connection.table(statements.LATEST, self.as_of).set_index("lead")

    def unchanged(self, scored: pd.DataFrame) -> Any:
        """Tell which leads have the score, verdict, decision and warning of their last run."""
        self.as_of = scored["as_of"].max().to_pydatetime()
        before = self.latest.reindex(scored["lead_id"])
        kept, new = before[list(COMPARED)].to_numpy(object), scored[list(COMPARED)].to_numpy(object)
        return (kept == new).all(axis=1)

    def finish(
        self,
        as_of: pd.Timestamp,
        export: Mapping[str, object],
        file: Path | None = None,
        written: Path | None = None,
    ) -> None:
        """Keep the scores, and remove those that are older than the workspace keeps them.

        Parameters
        ----------
        file : path, optional
            Where the scores are about to appear. The ledger notes it until the run is complete.
        written : path, optional
            The temporary file that is about to take its place.
        """
        if file is not None and written is not None:
            counts, place = json.dumps(export), str(file.resolve())
            about = as_of.to_pydatetime(), counts, place, file_stamp(written)
            self.connection.execute(statements.ADD_UNFINISHED, *about)
        if self.ledger.keep_days is not None:
            limit = as_of - pd.Timedelta(days=self.ledger.keep_days)
            self.connection.execute(statements.EXPIRE, limit.to_pydatetime())
        self.connection.commit()

    def add_run(self, as_of: pd.Timestamp, export: Mapping[str, object]) -> None:
        """Keep that the run is complete, with the counts of its export."""
        when = as_of.to_pydatetime()
        self.connection.execute(statements.FORGET_UNFINISHED, when)
        self.connection.execute(statements.FORGET_RUN, when)
        self.connection.execute(statements.ADD_RUN, when, json.dumps(export))


def file_stamp(path: Path) -> str:
    """Tell a file from others by its size and time, which a new place does not change.

    Examples
    --------
    >>> from pathlib import Path
    >>> file_stamp(Path("nowhere"))
    ''
    """
    if not path.is_file():
        return ""
    found = path.stat()
    return f"{found.st_size} bytes, {found.st_mtime_ns} ns"


def _texts(column: pd.Series[Any]) -> pa.Array:
    return pa.array(column.to_numpy(object), pa.string(), from_pandas=True)


def _facts(X: pd.DataFrame, card: Scorecard) -> pa.Array:
    """Write the values of the card's features as lists of text, one list for each lead."""
    columns = [_fact_texts(X[axis.name]) for axis in card.axes.values()]
    size, width = len(X), len(columns)
    offsets = pa.array(np.arange(size + 1, dtype="int32") * width)
    if not width:
        return pa.ListArray.from_arrays(offsets, pa.array([], pa.string()))
    by_lead = np.arange(size * width).reshape(width, size).T.ravel()
    return pa.ListArray.from_arrays(offsets, pa.concat_arrays(columns).take(pa.array(by_lead)))


def _fact_texts(values: pd.Series[Any]) -> pa.Array:
    if values.dtype.kind in "biuf":
        return pa.array(values.to_numpy("float64"), from_pandas=True).cast(pa.string())
    texts = values.astype("str").where(values.notna(), None)
    return _texts(texts)
