"""The features of leads at their moments, built by one code path for training and for scoring.

A table comes out with a row for each moment, in the same order, and a column for each feature of
the catalogue. Numbers are float64 with NaN where nothing is known, categories are text or None.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from features.errors import LeadReadyError
from features.families.catalog import FAMILIES, MODULES, Feature, catalog
from features.tables.read import Tables
from features.workspace.read import Workspace


def features(
    ws: Workspace,
    tables: Tables,
    moments: pd.DataFrame,
    wanted: Sequence[Feature] | None = None,
) -> tuple[pd.DataFrame, list[Feature]]:
    """Build what was known about each lead at its moment.

    Parameters
    ----------
    ws, tables
        What was read.
    moments : DataFrame
        ``lead_id, person_id, account_id, as_of``, a row for each lead judged.
    wanted : sequence of Feature, optional
        The catalogue of a model that was trained before: exactly these are built (a kind of event
        that no longer happens counts 0). Without it, all that the tables can give.

    Returns
    -------
    (DataFrame, list of Feature)
        ``lead_id, as_of`` and the features in catalogue order; the catalogue.

    Raises
    ------
    LeadReadyError
        When a wanted feature cannot be made from this workspace.
    """
    catalogue = list(wanted) if wanted is not None else catalog(ws, tables)
    parts = [moments[["lead_id", "as_of"]].reset_index(drop=True)]
    for family in FAMILIES:
        asked = [one for one in catalogue if one.family == family]
        if asked:
            parts.append(MODULES[family].values(ws, tables, moments, asked))
    table = pd.concat(parts, axis=1)
    _check_found(table, catalogue)
    return table[["lead_id", "as_of", *(one.name for one in catalogue)]], catalogue


def _check_found(table: pd.DataFrame, catalogue: list[Feature]) -> None:
    for one in catalogue:
        if one.name not in table.columns:
            raise LeadReadyError(
                f"feature {one.name!r} cannot be made here: no {one.source}",
                where="leadready.yaml",
                hint="map the column as it was when the model was trained, or train again",
            )
