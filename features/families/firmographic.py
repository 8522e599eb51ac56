"""What the company is: size, revenue, industry, region, age, as far as the data has them.

All of it is on the lead's own record (accounts are joined on when the tables are read), numeric
or banded as the company keeps it.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from features.families.feature import FIRMOGRAPHIC, Feature
from features.families.from_columns import declared, declared_values
from features.tables.read import Tables
from features.workspace.read import Workspace


def catalogue(ws: Workspace, tables: Tables) -> list[Feature]:
    """List the firmographic features of a workspace."""
    return declared(ws, FIRMOGRAPHIC)


def values(
    ws: Workspace, tables: Tables, moments: pd.DataFrame, features: Sequence[Feature]
) -> pd.DataFrame:
    """Work out firmographic features, a row for each moment."""
    return declared_values(ws, tables, moments, features)
