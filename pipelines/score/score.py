"""Score: judge the open leads by a registered model, and say what to do with each.

read → moments → features → score. Only data files are read from the registry; no code of it runs,
and MLflow is not imported. Scores are written a chunk at a time, and a file appears whole or not
at all.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import pandas as pd

from features.errors import LeadReadyError
from features.families.build import features
from features.families.feature import Feature
from features.labels.moments import moments_at
from features.tables.read import Tables, extract_at, read_tables
from features.workspace.read import Workspace, read_workspace
from model.registry.registry import LoadedModel, Registry
from model.serving import Definition, Scorecard, ServingError, score_chunks
from pipelines.score.active_definition import InForce, in_force
from pipelines.snapshot import Progress

COMMANDS = ("=", "+", "-", "@", "\t", "\r")  # what makes a spreadsheet run a cell
KINDS = (".csv", ".parquet", ".json")
WARNED = "warned of"
DECISIONS = ("hand off", "review", "explore", "nurture", "never")


@dataclass(frozen=True)
class Scoring:
    """A registered model, and a workspace's leads as they stand at a time."""

    workspace: Workspace
    tables: Tables
    loaded: LoadedModel
    as_of: pd.Timestamp
    agreed: InForce

    @property
    def card(self) -> Scorecard:
        """The model's scorecard."""
        return Scorecard.from_dict(self.loaded.scorecard)

    @property
    def definition(self) -> Definition:
        """The definition in force: the one that the model was held against."""
        return self.agreed.definition

    def table(self, judged: pd.DataFrame) -> pd.DataFrame:
        """Build the features that the model was trained on."""
        wanted = [Feature(**one) for one in self.loaded.catalogue]
        return features(self.workspace, self.tables, judged, wanted)[0]

    def scores(self, judged: pd.DataFrame) -> Iterator[pd.DataFrame]:
        """Score leads, a chunk at a time."""
        named, version = self.agreed.named, self.loaded.version
        X = self.table(judged)
        try:
            for chunk in score_chunks(X, self.card, self.definition, model_version=version):
                yield chunk.assign(definition_version=named)
        except ServingError as error:
            raise LeadReadyError(error.what, hint=error.hint) from error


def score(
    folder: Path | str,
    *,
    as_of: str | pd.Timestamp | None = None,
    model: str = "champion",
    unsigned: bool = False,
    leads: pd.DataFrame | None = None,
    events: list[pd.DataFrame] | None = None,
    stages: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Score the open leads of a workspace.

    Parameters
    ----------
    folder : path
        The workspace: its mapping, its registry.
    as_of : timestamp, optional
        Judge at this time (default: when the data was taken out).
    model : str
        An alias or a version of the registered model.
    unsigned : bool
        Score even by a definition that is not signed; every row then says so.
    leads, events, stages : DataFrame, optional
        Raw tables with the company's own columns, in place of the files that the mapping names
        (one table of events for each source, in its order).

    Returns
    -------
    DataFrame
        A row for each open lead: ``lead_id, as_of, probability, score, fit_points,
        engagement_points, grade, level, rules_verdict, failed_criteria, missing, model_verdict,
        agreement, decision, reasons_for, reasons_against, warning, model_version,
        definition_version, scored_at``. The warning says why nothing can be claimed of a lead:
        sales worked nearly none of its kind.

    Raises
    ------
    LeadReadyError
        When no such model is registered, the definition is not signed, or a feature cannot be made
        from the data.

    Examples
    --------
    >>> score("nowhere")
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    given = {"leads": leads, "events": events, "stages": stages}
    ready = prepare(Path(folder), as_of, model, unsigned=unsigned, given=given)
    judged = moments_at(ready.workspace, ready.tables, ready.as_of)
    return pd.concat(ready.scores(judged), ignore_index=True)


def prepare(
    folder: Path,
    as_of: str | pd.Timestamp | None,
    model: str,
    *,
    unsigned: bool = True,
    given: dict[str, Any] | None = None,
    progress: Progress | None = None,
) -> Scoring:
    """Read model and data; the model first, since it is the quickest to be missing."""
    workspace = read_workspace(folder)
    loaded = Registry.for_workspace(workspace.folder, workspace.model).load(model)
    agreed = in_force(workspace, loaded, unsigned=unsigned)
    tables = read_tables(workspace, progress or (lambda words: None), **(given or {}))
    return Scoring(workspace, tables, loaded, _time(as_of, workspace, tables), agreed)


def _time(as_of: str | pd.Timestamp | None, workspace: Workspace, tables: Tables) -> pd.Timestamp:
    if as_of is None:
        taken = extract_at(workspace, tables)
        return taken if pd.notna(taken) else pd.Timestamp.now().floor("s")
    try:
        return pd.Timestamp(as_of)
    except ValueError:
        raise LeadReadyError(
            f"{as_of!r} is not a time", where="--as-of", hint="write it as 2024-07-01T12:00"
        ) from None


def score_to(
    folder: Path,
    *,
    out: Path | None,
    as_of: str | None,
    model: str,
    unsigned: bool = False,
    as_json: bool = False,
    progress: Progress | None = None,
) -> str:
    """Write the scores to a CSV or Parquet file, or to stdout; return a summary in words."""
    ready = prepare(folder, as_of, model, unsigned=unsigned, progress=progress)
    judged = moments_at(ready.workspace, ready.tables, ready.as_of)
    chunks, counts = ready.scores(judged), Counter[str]()
    counted = _counting(chunks, counts)
    if out is None:
        (_json if as_json else _csv)(counted, sys.stdout)
    else:
        _write(counted, out, as_json)
    said = ", ".join(f"{counts[one]:,} {one}" for one in DECISIONS if counts[one])
    notes = [ready.agreed.note(), _no_claim(counts[WARNED])]
    note = "".join(f"\nnote: {one}" for one in notes if one)
    where = f" → {out}" if out else ""
    return (
        f"{len(judged):,} open leads at {ready.as_of:%Y-%m-%d %H:%M}, version "
        f"{ready.loaded.version}, definition {ready.agreed.named}: {said}{where}{note}"
    )


def _no_claim(leads: int) -> str:
    if not leads:
        return ""
    return f"no claim on {leads:,} leads: sales worked nearly none of their kind (column warning)"


def _counting(chunks: Iterator[pd.DataFrame], counts: Counter[str]) -> Iterator[pd.DataFrame]:
    for chunk in chunks:
        counts.update(chunk["decision"])
        counts[WARNED] += int((chunk["warning"] != "").sum())
        yield chunk


def _check_out(out: Path, as_json: bool) -> str:
    """Say which kind of file is asked for, before hours of work are lost on a wrong name."""
    kind = ".json" if as_json else out.suffix.lower()
    if kind not in KINDS:
        raise LeadReadyError(
            f"cannot write {out.suffix or 'a file without an ending'}",
            where=str(out),
            hint=f"end the name in {', '.join(KINDS[:-1])} or {KINDS[-1]}",
        )
    _check_place(out)
    return kind


def _write(chunks: Iterator[pd.DataFrame], out: Path, as_json: bool) -> None:
    """Write a file by its ending; it appears whole or not at all."""
    kind = _check_out(out, as_json)
    with whole(out) as temporary:
        if kind == ".parquet":
            _parquet(chunks, temporary)
        else:
            with temporary.open("w", encoding="utf-8", newline="") as stream:
                (_json if kind == ".json" else _csv)(chunks, stream)


def write_table(table: pd.DataFrame, out: Path) -> None:
    """Write a table by the ending of the file's name; it appears whole or not at all."""
    _write(iter([table]), out, as_json=False)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path`` that takes its place when all went well."""
    _check_place(path)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    os.close(handle)
    try:
        yield Path(name)
        _as_readable_as_others(Path(name), path)
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def _check_place(path: Path) -> None:
    if not path.parent.is_dir():
        raise LeadReadyError(
            f"there is no folder {path.parent} to write {path.name} into",
            where="--out",
            hint=f"mkdir -p '{path.parent}'  makes it, or name another file",
        )


def _as_readable_as_others(temporary: Path, path: Path) -> None:
    """Give a temporary file, its owner's alone, the rights of the old file or of a new one."""
    if path.exists():
        rights = path.stat().st_mode
    else:
        mask = os.umask(0)
        os.umask(mask)
        rights = 0o666 & ~mask
    temporary.chmod(rights & 0o777)


def _csv(chunks: Iterator[pd.DataFrame], stream: TextIO) -> None:
    for place, chunk in enumerate(chunks):
        safe = chunk.assign(**{one: plain_text(chunk[one]) for one in _texts(chunk)})
        safe.to_csv(
            stream, index=False, header=place == 0, float_format="%.6g", lineterminator="\n"
        )


def _texts(chunk: pd.DataFrame) -> list[str]:
    return [one for one in chunk.columns if chunk[one].dtype.kind not in "bifM"]


def plain_text(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Put an apostrophe before what a spreadsheet would run as a formula.

    Examples
    --------
    >>> plain_text(pd.Series(["=1+1", "lead-1"])).to_list()
    ["'=1+1", 'lead-1']
    """
    text = texts.astype("str")
    return text.mask(text.str.startswith(COMMANDS), "'" + text)


def _json(chunks: Iterator[pd.DataFrame], stream: TextIO) -> None:
    """Write an array with an object for each lead."""
    before = "[\n"
    for chunk in chunks:
        if len(chunk):
            lines = chunk.to_json(
                orient="records", lines=True, date_format="iso", double_precision=15
            )
            stream.write(before + ",\n".join(lines.split("\n")).rstrip(",\n"))
            before = ",\n"
    stream.write("[]\n" if before == "[\n" else "\n]\n")


def _parquet(chunks: Iterator[pd.DataFrame], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = None
    for chunk in chunks:
        table = pa.Table.from_pandas(chunk, preserve_index=False)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()
