"""What leads did before the moment, and what sales did with them.

Declares the engagement features. For each kind of event: how often, how recently and how much. Over
all of a lead's own activity: how many days, assets and campaigns, and whether it is growing. How
soon and how often sales got in touch. What other people of the account did. Columns of the lead's
own record that are mapped to this family come first; without a table of events there are only
those, and the leads of the same person or account.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from features.engine import open_engine
from features.event_audit.audit import without_leaks
from features.families.engagement_inputs import engagement_inputs
from features.families.engagement_sql import OF_KIND, engagement_query
from features.families.event_words import plural_words, singular_words
from features.families.feature import ENGAGEMENT, Feature
from features.families.from_columns import column_features, column_values
from features.families.related_leads import related_lead_features, related_lead_values
from features.tables.read import Tables
from features.workspace.read import Workspace

WINDOWS = (7, 30, 90)
MOST_KINDS = 60  # the most frequent kinds get features of their own; all count in the totals


def _total(
    name: str, words: str, unit: str, window: int | None = None, missing: str = "unknown"
) -> Feature:
    return Feature(name, words, ENGAGEMENT, "number", unit, "events", window, missing)


ACTIVITY = [
    _total("activity_7d", "activities in the last 7 days", "times", 7),
    _total("activity_30d", "activities in the last 30 days", "times", 30),
    _total("activity_90d", "activities in the last 90 days", "times", 90),
    _total("activity_ever", "activities so far", "times"),
    _total(
        "activity_trend",
        "activities in the last 30 days minus those in the 30 days before",
        "times",
        60,
    ),
    _total("active_days_30d", "active days in the last 30 days", "days", 30),
    _total("active_days_ever", "active days so far", "days"),
    _total("days_since_last_activity", "days since the last activity", "days", None, "never"),
    _total("days_since_first_activity", "days since the first activity", "days", None, "never"),
]
_ASSETS = _total("assets_ever", "different assets viewed so far", "assets")
_CAMPAIGNS = _total("campaigns_ever", "different campaigns responded to so far", "campaigns")
OF_COLLEAGUES = _total(
    "account_others_30d", "activities of colleagues in the last 30 days", "times", 30
)
_ATTEMPTS = [
    _total("sales_attempts_7d", "attempts by sales in the last 7 days", "times", 7),
    _total("sales_attempts_30d", "attempts by sales in the last 30 days", "times", 30),
    _total("sales_attempts_ever", "attempts by sales so far", "times"),
    _total(
        "days_since_last_attempt", "days since the last attempt by sales", "days", None, "never"
    ),
]
_RESPONSE = _total(
    "first_response_hours", "hours until sales first responded", "hours", None, "not yet"
)


def engagement_features(ws: Workspace, tables: Tables) -> list[Feature]:
    """List the engagement features that these tables can give."""
    features = column_features(ws, tables, ENGAGEMENT)
    tables = without_leaks(ws, tables)
    if len(tables.kept_events):
        value_words = _value_words(ws)
        valued = set(tables.events["kind"][tables.events["value"].notna()].unique())
        for kind in _frequent_kinds(tables):
            features += kind_features(kind, value_words if kind in valued else None)
        features += total_features(tables, ws.leads.leaking_links)
    return features + related_lead_features(ws, tables)


def kind_features(kind: str, value_words: str | None = None) -> list[Feature]:
    """Declare the features of one kind of event.

    Parameters
    ----------
    kind : str
        The kind, such as ``webinar_attended``.
    value_words : str, optional
        What the values of its events are; without it, the kind has no value features.

    Examples
    --------
    >>> [feature.words for feature in kind_features("webinar_attended")][1:3]
    ['webinars attended in the last 30 days', 'webinars attended in the last 90 days']
    """
    plural, source = plural_words(kind), OF_KIND + kind

    def declare(
        suffix: str, words: str, unit: str | None = None, window: int | None = None
    ) -> Feature:
        missing = "never" if suffix in ("days_since", "value_max") else "unknown"
        name = f"{kind}_{suffix}"
        return Feature(name, words, ENGAGEMENT, "number", unit, source, window, missing)

    features = [
        declare(f"{days}d", f"{plural} in the last {days} days", "times", days) for days in WINDOWS
    ]
    features.append(declare("ever", f"{plural} so far", "times"))
    features.append(declare("days_since", f"days since the last {singular_words(kind)}", "days"))
    if value_words:
        values = f"{value_words} of {plural}"
        features += [
            declare(f"value_{days}d", f"{values} in the last {days} days", None, days)
            for days in WINDOWS
        ]
        features.append(declare("value_ever", f"{values} so far"))
        features.append(declare("value_max", f"largest {values}"))
    return features


def total_features(tables: Tables, leaking_links: Collection[str] = ()) -> list[Feature]:
    """Declare the features over all kinds of event, as far as the tables can fill them."""
    events = tables.events
    features: list[Feature] = []
    own = ~events["by_sales"].to_numpy(dtype=bool)
    if own.any():
        features += ACTIVITY
        features += [_ASSETS] if (own & events["asset"].notna()).any() else []
        features += [_CAMPAIGNS] if (own & events["campaign"].notna()).any() else []
        if "account" not in leaking_links and tables.leads["account_id"].notna().any():
            features.append(OF_COLLEAGUES)
    if not own.all():
        features += _ATTEMPTS
        features += [_RESPONSE] if tables.leads["created_at"].notna().any() else []
    return features


def engagement_values(
    ws: Workspace, tables: Tables, moments: pd.DataFrame, features: Sequence[Feature]
) -> pd.DataFrame:
    """Compute engagement features, one row for each moment.

    Parameters
    ----------
    features : sequence of Feature
        Those to compute; a kind of event that the tables do not have counts 0 for every lead.
    """
    of_events = [feature for feature in features if feature.source.startswith("events")]
    tables = without_leaks(ws, tables)
    return pd.concat(
        [
            column_values(ws, tables, moments, features),
            event_values(tables, moments, of_events),
            related_lead_values(tables, moments, features),
        ],
        axis=1,
    )


def event_values(
    tables: Tables, moments: pd.DataFrame, features: Sequence[Feature]
) -> pd.DataFrame:
    """Run the query over the events, part by part; one row for each moment."""
    if not features:
        return pd.DataFrame(index=pd.RangeIndex(len(moments)))
    columns = {feature.name: np.empty(len(moments)) for feature in features}
    query = engagement_query(features).sql(dialect="duckdb")
    with open_engine() as engine:
        for part in engagement_inputs(tables, moments):
            engine.register("moments", part.moments)
            engine.register("events", part.events)
            result = engine.sql(query).to_arrow_table()
            rows = part.rows[result.column("row_id").to_numpy()]
            for feature in features:
                columns[feature.name][rows] = _float_values(result.column(feature.name), feature)
    return pd.DataFrame(columns)


def _float_values(column: pa.ChunkedArray, feature: Feature) -> np.ndarray:
    """Floats. A count without events is 0; the age or largest value of no event is NaN."""
    numbers = np.asarray(column.cast(pa.float64()).to_numpy())
    return np.nan_to_num(numbers) if feature.missing == "unknown" else numbers


def _frequent_kinds(tables: Tables) -> list[str]:
    """The most frequent kinds of event, by name."""
    return sorted(tables.kept_events.kind_counts.index[:MOST_KINDS])


def _value_words(ws: Workspace) -> str:
    """What the values of events are called, if all sources that have values agree."""
    names = {source.value for source in ws.events if source.value}
    return names.pop().replace("_", " ").lower() if len(names) == 1 else "value"
