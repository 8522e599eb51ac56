"""``leadready export sql``: a registered version as one SELECT, to score where the data lives."""

from __future__ import annotations

from pathlib import Path

from model.registry.registry import LoadedModel, Registry
from model.scoring_sql import scoring_sql
from model.serving import Definition, Scorecard
from pipelines.export.feature_table import WITH_SALES
from pipelines.snapshot import read_snapshot


def export_sql(
    folder: Path | str,
    *,
    dialect: str = "duckdb",
    table: str = "features",
    model: str = "champion",
) -> str:
    """Write a registered version as a SELECT that scores a table of features.

    Parameters
    ----------
    folder : path
        The workspace.
    dialect : str
        One of ``model.dialects.DIALECTS``.
    table : str
        The table of features, such as ``leadready features`` writes.
    model : str
        An alias or a version of the registered model.

    Raises
    ------
    LeadReadyError
        When there is no such version or dialect, or the points are not whole numbers.

    Examples
    --------
    >>> export_sql("nowhere")
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    workspace = read_snapshot(folder).workspace
    loaded = Registry.for_workspace(workspace.folder, workspace.model).load(model)
    with_sales = None if workspace.outcome.with_sales_when is None else WITH_SALES
    return statement_of(loaded, dialect=dialect, table=table, with_sales=with_sales)


def statement_of(loaded: LoadedModel, *, dialect: str, table: str, with_sales: str | None) -> str:
    """Write a loaded version as a SELECT."""
    return scoring_sql(
        Scorecard.from_dict(loaded.scorecard),
        Definition.from_dict(loaded.definition),
        {feature["name"]: feature["kind"] for feature in loaded.catalogue},
        dialect=dialect,
        table=table,
        with_sales=with_sales,
        version=loaded.version,
    )
