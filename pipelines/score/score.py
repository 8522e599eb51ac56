"""Score: judge the open leads by a registered model, and say what to do with each.

read → moments → features → score. Only data files are read from the registry; no code of it runs,
and MLflow is not imported. Scores are written a chunk at a time, and a file appears whole or not
at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from features.errors import LeadReadyError
from features.families.feature import Feature
from features.labels.moments import moments_at
from model.registry.registry import LoadedModel, Registry
from model.serving import Definition, Scorecard, ServingError, score_chunks
from pipelines.output import print_chunks, write_chunks
from pipelines.score.active_definition import InForce, in_force
from pipelines.snapshot import Progress, RawTables, Snapshot, no_progress, read_snapshot

WARNED = "warned of"
DECISIONS = ("hand off", "review", "explore", "nurture", "never")


@dataclass(frozen=True)
class Scoring:
    """A registered model, and a workspace's leads as they stand at a time."""

    snapshot: Snapshot
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

    def open_leads(self) -> Snapshot:
        """The leads that are open at this time."""
        return self.at(moments_at(self.snapshot.workspace, self.snapshot.tables, self.as_of))

    def at(self, moments: pd.DataFrame) -> Snapshot:
        """Leads at their moments, with the features that the model was trained on."""
        features = [Feature(**feature) for feature in self.loaded.catalogue]
        return self.snapshot.at(moments, features)

    def scores(self, leads: Snapshot) -> Iterator[pd.DataFrame]:
        """Score leads, a chunk at a time."""
        named, version = self.agreed.named, self.loaded.version
        X = leads.features
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
    raw = RawTables(leads, events, stages)
    ready = prepare(Path(folder), as_of, model, unsigned=unsigned, raw=raw)
    return pd.concat(ready.scores(ready.open_leads()), ignore_index=True)


def prepare(
    folder: Path,
    as_of: str | pd.Timestamp | None,
    model: str,
    *,
    unsigned: bool = True,
    raw: RawTables | None = None,
    progress: Progress = no_progress,
) -> Scoring:
    """Read model and data; the model first, since it is the quickest to be missing."""
    snapshot = read_snapshot(folder, progress, raw)
    workspace = snapshot.workspace
    loaded = Registry.for_workspace(workspace.folder, workspace.model).load(model)
    agreed = in_force(workspace, loaded, unsigned=unsigned)
    return Scoring(snapshot, loaded, _time(as_of, snapshot), agreed)


def _time(as_of: str | pd.Timestamp | None, snapshot: Snapshot) -> pd.Timestamp:
    if as_of is None:
        taken = snapshot.extract_at
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
    progress: Progress = no_progress,
) -> str:
    """Write the scores to a CSV or Parquet file, or to stdout; return a summary in words."""
    ready = prepare(folder, as_of, model, unsigned=unsigned, progress=progress)
    leads = ready.open_leads()
    chunks, counts = ready.scores(leads), Counter[str]()
    counted = _counting(chunks, counts)
    if out is None:
        print_chunks(counted, as_json)
    else:
        write_chunks(counted, out, "json" if as_json else None)
    said = ", ".join(f"{counts[one]:,} {one}" for one in DECISIONS if counts[one])
    notes = [ready.agreed.note(), _no_claim(counts[WARNED])]
    note = "".join(f"\nnote: {one}" for one in notes if one)
    where = f" → {out}" if out else ""
    return (
        f"{len(leads.moments):,} open leads at {ready.as_of:%Y-%m-%d %H:%M}, version "
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
