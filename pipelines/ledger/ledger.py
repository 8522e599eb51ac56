"""The ledger: every score that was given is kept, in a DuckDB file beside the workspace.

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
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from features.errors import LeadReadyError
from features.whole_file import whole_file
from features.workspace.schema import Workspace
from model.registry.store import locked
from model.serving import Scorecard

FILE = "ledger.duckdb"
KEPT = ("score", "probability", "rules_verdict", "model_verdict", "decision", "warning")
COMPARED = ("score", "rules_verdict", "decision", "warning")  # what counts as a change
SCHEMA = """
    CREATE TABLE IF NOT EXISTS cards (model VARCHAR, content VARCHAR);
    CREATE TABLE IF NOT EXISTS runs (as_of TIMESTAMP, export VARCHAR);
    CREATE TABLE IF NOT EXISTS scores (
        lead VARCHAR, as_of TIMESTAMP, model VARCHAR, definition VARCHAR,
        score DOUBLE, probability DOUBLE, rules_verdict VARCHAR, model_verdict VARCHAR,
        decision VARCHAR, warning VARCHAR, facts VARCHAR[], scored_at TIMESTAMP)"""
ADD = """
    INSERT INTO scores SELECT * FROM new WHERE NOT EXISTS (
        FROM scores old WHERE old.as_of = new.as_of AND old.model = new.model
        AND old.definition = new.definition AND old.lead = new.lead)"""
LATEST = """
    SELECT lead, arg_max(COLUMNS(['score', 'rules_verdict', 'decision', 'warning']), as_of)
    FROM scores WHERE as_of < ? GROUP BY lead"""
LAST_RUN = "SELECT export FROM runs WHERE as_of < ? ORDER BY as_of DESC LIMIT 1"
ROWS = f"""
    SELECT lead, as_of, model, definition, {", ".join(KEPT)}, facts FROM scores
    WHERE {{where}} ORDER BY lead, as_of, scored_at"""


@dataclass(frozen=True)
class Ledger:
    """The scores of a workspace that were kept.

    Attributes
    ----------
    file : Path
        The database.
    keep_days : int or None
        Scores that were given so many days before the latest are removed; None keeps all.

    Examples
    --------
    >>> Ledger(Path("nowhere/ledger.duckdb")).cards()
    Traceback (most recent call last):
    features.errors.LeadReadyError: nowhere/ledger.duckdb: no score was kept yet
    """

    file: Path
    keep_days: int | None = None

    @classmethod
    def of(cls, workspace: Workspace) -> Ledger:
        """Return the ledger of a workspace."""
        return cls(workspace.folder / workspace.ledger.file, workspace.ledger.keep_days)

    @contextmanager
    def open(self) -> Iterator[Any]:
        """Open the database in one transaction: all changes are kept, or none.

        One process has it at a time; another waits for a few minutes.
        """
        import duckdb

        with locked(self._lock, what="the ledger"), duckdb.connect(str(self.file)) as connection:
            connection.execute(SCHEMA)
            connection.execute("BEGIN")
            yield connection
            connection.execute("COMMIT")

    @property
    def _lock(self) -> Path:
        return self.file.with_name(f".{self.file.name}.lock")

    def rows(self, where: str, *values: object) -> pd.DataFrame:
        """Return the scores for which a condition holds, by lead and time.

        Raises
        ------
        LeadReadyError
            If no score was kept yet.
        """
        self.refuse_missing()
        with self.open() as connection:
            found: pd.DataFrame = connection.execute(ROWS.format(where=where), list(values)).df()
        return found

    def cards(self) -> dict[str, Scorecard]:
        """Return the cards of all versions that scored."""
        self.refuse_missing()
        with self.open() as connection:
            kept = connection.execute("SELECT model, content FROM cards").fetchall()
        return {model: Scorecard.from_dict(json.loads(content)) for model, content in kept}

    def refuse_missing(self) -> None:
        """Say what to do where no score was kept yet."""
        if not self.file.is_file():
            what = "no score was kept yet"
            raise LeadReadyError(what, where=str(self.file), hint="leadready score  keeps each one")

    def forget(self, lead: str) -> int:
        """Remove all scores of a lead; return how many there were.

        The file is written anew, since a database keeps the bytes of rows that were deleted.
        """
        removed = len(self.rows("lead = ?", lead))
        with locked(self._lock, what="the ledger"), whole_file(self.file) as new:
            new.unlink()
            self._copy_without(lead, new)
        return removed

    def _copy_without(self, lead: str, new: Path) -> None:
        import duckdb

        with duckdb.connect(str(new)) as connection:
            connection.execute(SCHEMA)
            path = str(self.file).replace("'", "''")
            connection.execute(f"ATTACH '{path}' AS old (READ_ONLY)")
            connection.execute("INSERT INTO cards FROM old.cards")
            connection.execute("INSERT INTO runs FROM old.runs")
            connection.execute("INSERT INTO scores FROM old.scores WHERE lead <> ?", [lead])


class Entry:
    """A scoring run that is being entered into the ledger, inside one transaction."""

    def __init__(self, ledger: Ledger, connection: Any, card: Scorecard) -> None:
        self.ledger = ledger
        self.connection = connection
        self.card = card

    def add(self, scored: pd.DataFrame, X: pd.DataFrame) -> None:
        """Add scored leads, with the features that they were scored by."""
        new = pa.table(
            {
                "lead": pa.array(scored["lead_id"].to_numpy(object), pa.string()),
                "as_of": pa.array(scored["as_of"].to_numpy("datetime64[us]")),
                "model": pa.array(scored["model_version"].to_numpy(object), pa.string()),
                "definition": pa.array(scored["definition_version"].to_numpy(object), pa.string()),
                **{name: pa.array(scored[name].to_numpy()) for name in KEPT},
                "facts": _facts(X, self.card),
                "scored_at": pa.array(scored["scored_at"].to_numpy("datetime64[us]")),
            }
        )
        self.connection.register("new", new)
        self.connection.execute(ADD)
        self.connection.unregister("new")

    def add_card(self, model: str, content: Mapping[str, Any]) -> None:
        """Add the card that scores, unless the ledger has it."""
        if not self.connection.execute("FROM cards WHERE model = ?", [model]).fetchall():
            text = json.dumps(content, ensure_ascii=False)
            self.connection.execute("INSERT INTO cards VALUES (?, ?)", [model, text])

    def last_run(self, as_of: pd.Timestamp) -> dict[str, int] | None:
        """Return the counts of the export of the last run before a time, if there was one."""
        row = self.connection.execute(LAST_RUN, [as_of.to_pydatetime()]).fetchone()
        counts: dict[str, int] | None = json.loads(row[0]) if row else None
        return counts

    def add_run(self, as_of: pd.Timestamp, export: Mapping[str, int]) -> None:
        """Add the counts of the export, in place of those of an earlier run at that time."""
        when = as_of.to_pydatetime()
        self.connection.execute("DELETE FROM runs WHERE as_of = ?", [when])
        self.connection.execute("INSERT INTO runs VALUES (?, ?)", [when, json.dumps(export)])

    def unchanged(self, scored: pd.DataFrame) -> Any:
        """Tell which leads have the score, verdict, decision and warning of their last run."""
        if not hasattr(self, "latest"):
            when = scored["as_of"].max().to_pydatetime()
            self.latest = self.connection.execute(LATEST, [when]).df().set_index("lead")
        before = self.latest.reindex(scored["lead_id"])
        kept, new = before[list(COMPARED)].to_numpy(object), scored[list(COMPARED)].to_numpy(object)
        return (kept == new).all(axis=1)

    def finish(self, as_of: pd.Timestamp) -> None:
        """Keep the run, and remove scores that are older than the workspace keeps them."""
        if self.ledger.keep_days is not None:
            limit = as_of - pd.Timedelta(days=self.ledger.keep_days)
            self.connection.execute("DELETE FROM scores WHERE as_of < ?", [limit.to_pydatetime()])
        self.connection.execute("COMMIT")
        self.connection.execute("BEGIN")


def _facts(X: pd.DataFrame, card: Scorecard) -> pa.Array:
    """Write the values of the card's features as lists of text, one list for each lead."""
    columns = []
    for axis in card.axes.values():
        values = X[axis.name]
        texts = values.astype("str").where(values.notna(), None)
        columns.append(pa.array(texts.to_numpy(object), pa.string(), from_pandas=True))
    size, width = len(X), len(columns)
    if not width:
        return pa.array([[] for _ in range(size)], pa.list_(pa.string()))
    places = [row + size * column for row in range(size) for column in range(width)]
    flat = pa.concat_arrays(columns).take(pa.array(places, pa.int64()))
    return pa.ListArray.from_arrays(pa.array(range(0, size * width + 1, width), pa.int32()), flat)
