"""Earlier leads of the same person, and recent leads of the same account.

Only their arrival counts, never how they turned out: their stage today was not known at the moment.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from features.families.feature import ENGAGEMENT, Feature
from features.tables.lead_rows import lead_rows
from features.tables.read import Tables
from features.workspace.schema import Workspace

FROM_LINK = "link: "  # begins the source of a feature that counts the leads with the same id
OF_PERSON = Feature(
    "earlier_leads",
    "earlier leads of the same person",
    ENGAGEMENT,
    "number",
    "leads",
    FROM_LINK + "contact",
)
OF_ACCOUNT = Feature(
    "account_leads_90d",
    "other leads of the account in the last 90 days",
    ENGAGEMENT,
    "number",
    "leads",
    FROM_LINK + "account",
    90,
)
OWNERS = {OF_PERSON.name: "person_id", OF_ACCOUNT.name: "account_id"}


def related_lead_features(ws: Workspace, tables: Tables) -> list[Feature]:
    """List the features; none where dates are missing or no person or account has two leads.

    A link that is a leak, because it is filled in when a lead is closed, gives none.
    """
    if tables.leads["created_at"].isna().all():
        return []
    leaks = {FROM_LINK + link for link in ws.leads.leaking_links}
    return [
        feature
        for feature in (OF_PERSON, OF_ACCOUNT)
        if feature.source not in leaks
        and tables.leads[OWNERS[feature.name]].dropna().duplicated().any()
    ]


def related_lead_values(
    tables: Tables, moments: pd.DataFrame, features: Sequence[Feature]
) -> pd.DataFrame:
    """Count the other leads of the same person or account created before each moment."""
    values = {
        feature.name: _count_others(
            tables.leads, moments, OWNERS[feature.name], feature.window_days
        )
        for feature in features
        if feature.name in OWNERS
    }
    return pd.DataFrame(values, index=pd.RangeIndex(len(moments)))


def _count_others(
    leads: pd.DataFrame, moments: pd.DataFrame, owner: str, days: int | None
) -> np.ndarray:
    rows, owners = lead_rows(leads, moments["lead_id"]), pd.factorize(leads[owner])[0]
    as_of, created = _microseconds(moments["as_of"]), _microseconds(leads["created_at"])
    dated = leads["created_at"].notna().to_numpy()
    of_each = _Created(owners[dated & (owners >= 0)], created[dated & (owners >= 0)])
    own, itself = owners[rows], dated[rows] & (created[rows] < as_of)
    count = of_each.count_before(own, as_of)
    if days is not None:
        start = as_of - days * 86_400_000_000
        count -= of_each.count_before(own, start)
        itself &= created[rows] >= start
    count = np.where(own >= 0, count - itself, 0)
    return np.where(moments["as_of"].notna().to_numpy(), count, np.nan).astype("float64")


class _Created:
    """When the leads of each owner were created.

    Owner and time are packed into one integer, so that one sorted list serves all owners.
    """

    def __init__(self, owners: np.ndarray, created: np.ndarray) -> None:
        self.instants = np.unique(created)
        places = np.searchsorted(self.instants, created)
        self.packed = np.sort(self._first(owners) + places)

    def _first(self, owners: np.ndarray) -> np.ndarray:
        first: np.ndarray = owners.astype("int64") * (len(self.instants) + 1)
        return first

    def count_before(self, owners: np.ndarray, times: np.ndarray) -> np.ndarray:
        """Count the leads of each owner created before a time, by two binary searches."""
        first = self._first(owners)
        until = first + np.searchsorted(self.instants, times)
        found: np.ndarray = np.searchsorted(self.packed, until)
        return found - np.searchsorted(self.packed, first)


def _microseconds(times: pd.Series) -> np.ndarray:
    integers: np.ndarray = times.to_numpy().astype("datetime64[us]").astype("int64")
    return integers
