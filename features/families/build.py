"""The features of leads at their moments, built by one code path for training and for scoring.

A table comes out with a row for each moment, in the same order, and a column for each feature of
the catalogue. Numbers are float64 with NaN where nothing is known, categories are text or None.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

import pandas as pd

from features.errors import LeadReadyError
from features.families import engagement, firmographic, origin, role
from features.families.feature import ENGAGEMENT, FAMILIES, FIRMOGRAPHIC, ORIGIN, ROLE, Feature
from features.tables.read import Tables
from features.workspace.read import Workspace

MODULES: dict[str, ModuleType] = {
    FIRMOGRAPHIC: firmographic,
    ROLE: role,
    ORIGIN: origin,
    ENGAGEMENT: engagement,
}


def feature_catalogue(ws: Workspace, tables: Tables) -> list[Feature]:
    """List every feature that these tables can give, family by family.

    Raises
    ------
    LeadReadyError
        When two features would have the same name.
    """
    found = [one for family in FAMILIES for one in MODULES[family].catalogue(ws, tables)]
    _check_names(found)
    return found


def _check_names(features: list[Feature]) -> None:
    seen: dict[str, Feature] = {}
    for one in features:
        if one.name in seen:
            raise LeadReadyError(
                f"two features are named {one.name!r}: from {seen[one.name].source}"
                f" and from {one.source}",
                where="leadready.yaml",
                hint="give one of the columns another name by `feature:`",
            )
        seen[one.name] = one


def build_features(
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
    catalogue = list(wanted) if wanted is not None else feature_catalogue(ws, tables)
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
