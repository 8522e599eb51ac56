"""The features of leads at their moments: one code path for training and for scoring.

The table has one row for each moment, in the same order, and one column for each feature of the
catalogue. Numbers are float64 with NaN for missing values; categories are text or None. Training
keeps the catalogue that a model learned from, and scoring builds exactly those features again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import pandas as pd

from features.at_once import at_once
from features.errors import LeadReadyError
from features.families.engagement import engagement_features, engagement_values
from features.families.feature import ENGAGEMENT, FIRMOGRAPHIC, ORIGIN, OTHER, ROLE, Feature
from features.families.from_columns import column_features, column_values
from features.families.origin import origin_features, origin_values
from features.families.role import role_features, role_values
from features.tables.read import Tables
from features.workspace.read import Workspace


class Family(NamedTuple):
    """How the features of one family are listed and computed."""

    list_features: Callable[[Workspace, Tables], list[Feature]]
    compute: Callable[[Workspace, Tables, pd.DataFrame, Sequence[Feature]], pd.DataFrame]


FAMILY: dict[str, Family] = {  # in the order of the catalogue
    FIRMOGRAPHIC: Family(
        lambda ws, tables: column_features(ws, tables, FIRMOGRAPHIC), column_values
    ),
    ROLE: Family(role_features, role_values),
    ORIGIN: Family(origin_features, origin_values),
    ENGAGEMENT: Family(engagement_features, engagement_values),
    OTHER: Family(lambda ws, tables: column_features(ws, tables, OTHER), column_values),
}


def feature_catalogue(ws: Workspace, tables: Tables) -> list[Feature]:
    """List every feature that these tables can give, family by family.

    Raises
    ------
    LeadReadyError
        When two features would have the same name.
    """
    catalogue: dict[str, Feature] = {}
    for feature in (
        feature for family in FAMILY.values() for feature in family.list_features(ws, tables)
    ):
        if feature.name in catalogue:
            raise LeadReadyError(
                f"two features are named {feature.name!r}: from {catalogue[feature.name].source}"
                f" and from {feature.source}",
                where="leadready.yaml",
                hint="give one of the columns another name with `feature:`",
            )
        catalogue[feature.name] = feature
    return list(catalogue.values())


def build_features(
    ws: Workspace,
    tables: Tables,
    moments: pd.DataFrame,
    catalogue: Sequence[Feature] | None = None,
) -> tuple[pd.DataFrame, list[Feature]]:
    """Build what was known about each lead at its moment.

    Parameters
    ----------
    moments : DataFrame
        ``lead_id, person_id, account_id, as_of``, one row for each lead judged.
    catalogue : sequence of Feature, optional
        The catalogue of a trained model: exactly these features are built, and a kind of event
        that no longer occurs counts 0. Default: every feature that the tables can give.

    Returns
    -------
    (DataFrame, list of Feature)
        ``lead_id, as_of`` and the features in the order of the catalogue; the catalogue.

    Raises
    ------
    LeadReadyError
        When a feature of the catalogue cannot be built from this workspace.
    """
    catalogue = list(catalogue) if catalogue is not None else feature_catalogue(ws, tables)
    wanted = {name: [each for each in catalogue if each.family == name] for name in FAMILY}
    parts = at_once(
        *(
            partial(FAMILY[name].compute, ws, tables, moments, features)
            for name, features in sorted(wanted.items(), key=_takes_long, reverse=True)
            if features
        )
    )
    table = pd.concat([moments[["lead_id", "as_of"]].reset_index(drop=True), *parts], axis=1)
    for feature in catalogue:
        if feature.name not in table.columns:
            raise LeadReadyError(
                f"feature {feature.name!r} cannot be built here: no {feature.source}",
                where="leadready.yaml",
                hint="map the column as it was when the model was trained, or train again",
            )
    return table[["lead_id", "as_of", *(feature.name for feature in catalogue)]], catalogue


def _takes_long(family: tuple[str, list[Feature]]) -> bool:
    """Whether the features of a family take as long as all others, so that they come first."""
    return family[0] == ENGAGEMENT
