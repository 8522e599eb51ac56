"""Leads that came before: of the same person, and lately of the same account.

Only that they came is used, never what became of them since: their stage today was not known at the
moment.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from features.families.feature import ENGAGEMENT, Feature
from features.tables.lead_rows import lead_rows
from features.tables.read import Tables

OF_PERSON = Feature(
    "earlier_leads", "earlier leads of the same person", ENGAGEMENT, "number", "leads", "leads"
)
OF_ACCOUNT = Feature(
    "account_leads_90d",
    "other leads of the account in the last 90 days",
    ENGAGEMENT,
    "number",
    "leads",
    "leads",
    90,
)
OWNERS = {OF_PERSON.name: "person_id", OF_ACCOUNT.name: "account_id"}


def earlier(tables: Tables) -> list[Feature]:
    """List what these leads can say: nothing where nobody comes twice or dates are missing."""
    if tables.leads["created_at"].isna().all():
        return []
    return [
        one
        for one in (OF_PERSON, OF_ACCOUNT)
        if tables.leads[OWNERS[one.name]].dropna().duplicated().any()
    ]


def earlier_values(
    tables: Tables, moments: pd.DataFrame, features: Sequence[Feature]
) -> pd.DataFrame:
    """Count the other leads of the same owner that were created before each moment."""
    found = {}
    for one in features:
        if one.source == "leads" and one.name in OWNERS:
            found[one.name] = _others_before(
                tables.leads, moments, OWNERS[one.name], one.window_days
            )
    return pd.DataFrame(found, index=pd.RangeIndex(len(moments)))


def _others_before(
    leads: pd.DataFrame, moments: pd.DataFrame, owner: str, days: int | None
) -> np.ndarray:
    own = leads.iloc[lead_rows(leads, moments["lead_id"])]
    as_of, created = _microseconds(moments["as_of"]), _microseconds(own["created_at"])
    start = np.full(len(as_of), np.iinfo("int64").min + 1)
    if days is not None:
        start = as_of - days * 86_400_000_000
    count = _before(leads, own[owner], owner, as_of) - _before(leads, own[owner], owner, start)
    itself = own["created_at"].notna().to_numpy() & (created >= start) & (created < as_of)
    count = np.where(own[owner].notna().to_numpy(), count - itself, 0)
    return np.where(moments["as_of"].notna().to_numpy(), count, np.nan).astype("float64")


def _before(leads: pd.DataFrame, owners: pd.Series, owner: str, at: np.ndarray) -> np.ndarray:
    """Count, for each owner, the leads created before a time: two binary searches in one list."""
    dated = leads[leads["created_at"].notna() & leads[owner].notna()]
    names, created = dated[owner].astype(object), _microseconds(dated["created_at"])
    codes, known = pd.factorize(names)
    times = np.unique(created)
    listed = np.sort(codes.astype("int64") * (len(times) + 1) + np.searchsorted(times, created))
    code = pd.Index(known).get_indexer(pd.Index(owners.astype(object))).astype("int64")
    first = code * (len(times) + 1)
    until = first + np.searchsorted(times, at)
    count: np.ndarray = np.searchsorted(listed, until) - np.searchsorted(listed, first)
    return count


def _microseconds(times: pd.Series) -> np.ndarray:
    found: np.ndarray = times.to_numpy().astype("datetime64[us]").astype("int64")
    return found
