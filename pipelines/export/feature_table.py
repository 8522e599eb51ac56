"""The feature table: what a registered model needs to know about each lead, for other programs.

Any program that can load a model from MLflow scores this table without leadready. It has the
columns of the model's signature, and their types.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from features.errors import LeadReadyError
from features.families.feature import Feature
from features.progress import Progress, no_progress
from model.registry.registry import LoadedModel
from model.serving import Definition, Scorecard
from pipelines.score.score import load_scorer
from pipelines.table_files.write import write_table

PARQUET, WITH_SALES = ".parquet", "with_sales"


def features(
    folder: Path | str,
    *,
    past: bool = False,
    as_of: str | pd.Timestamp | None = None,
    model: str = "champion",
    out: Path | None = None,
    progress: Progress = no_progress,
) -> pd.DataFrame:
    """Build the features that a registered model needs, for open or for past leads.

    Parameters
    ----------
    folder : path
        The workspace.
    past : bool
        Take all leads at their own moments, as a training does, in place of the open leads.
    as_of : timestamp, optional
        Judge the open leads at this time (default: now).
    model : str
        An alias or a version of the registered model.
    out : path, optional
        A Parquet file to write as well; it keeps types and all digits.
    progress : callable, optional
        Receives a message before each long step.

    Returns
    -------
    DataFrame
        ``lead_id, as_of``, for open leads ``with_sales`` (whether sales already has the lead), and
        a column for each feature that card or definition use. Numbers are float64 with NaN where
        they are missing; all else is text or None.

    Raises
    ------
    LeadReadyError
        When no such model is registered, or ``out`` is not a Parquet file.
    CheckFailed
        When the open leads are asked for and the files are older than ``guards: max_age``.

    Examples
    --------
    >>> features("nowhere")
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    if past and as_of is not None:
        what = "past leads are judged at their own moments, not at a time of your choice"
        raise LeadReadyError(what, hint="leave out --as-of, or leave out --past")
    if out is not None and out.suffix.lower() != PARQUET:
        what = "features are written as Parquet, which keeps types and all digits"
        raise LeadReadyError(what, where=str(out), hint=f"end the name in {PARQUET}")
    forced = ("max_age",) if past else ()
    scorer = load_scorer(folder, as_of, model, forced=forced, progress=progress)
    moments = (scorer.snapshot if past else scorer.open_leads()).moments
    table = scorer.snapshot.at(moments, served_features(scorer.loaded)).features
    if not past:
        table.insert(2, WITH_SALES, table["lead_id"].isin(scorer.with_sales))
    if out is not None:
        write_table(table, out)
    return table


def served_features(loaded: LoadedModel) -> list[Feature]:
    """List the features that a version reads when it scores: those of card and definition."""
    card, definition = (
        Scorecard.from_dict(loaded.scorecard),
        Definition.from_dict(loaded.definition),
    )
    known = {feature["name"]: Feature(**feature) for feature in loaded.catalogue}
    used = dict.fromkeys([*card.features, *definition.features])
    return [known[name] for name in used if name in known]
