"""What leads did before the moment, and what sales did with them.

Declares the engagement features: for each kind of event how often, how lately and how much; over
all of a lead's own doings how many days, contents and campaigns, and whether it grows; how soon
and how often sales got in touch; what other people of the account did. What the lead's own record
says (columns mapped to this family) comes first. A table without events has only those.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from features.families.engagement_sql import OF_KIND, statement
from features.families.event_words import plural_words, singular_words
from features.families.feature import ENGAGEMENT, Feature
from features.families.from_columns import declared, declared_values
from features.families.related_leads import earlier, earlier_values
from features.tables.lead_rows import lead_rows
from features.tables.read import Tables
from features.workspace.read import Workspace

WINDOWS = (7, 30, 90)
MOST_KINDS = 60  # the commonest kinds get features of their own; all count in the totals


def _total(
    name: str, words: str, unit: str, window: int | None = None, missing: str = "unknown"
) -> Feature:
    return Feature(name, words, ENGAGEMENT, "number", unit, "events", window, missing)


_ACTIVITY = [
    _total("activity_7d", "activities in the last 7 days", "times", 7),
    _total("activity_30d", "activities in the last 30 days", "times", 30),
    _total("activity_90d", "activities in the last 90 days", "times", 90),
    _total("activity_ever", "activities so far", "times"),
    _total("activity_trend", "activities in the last 30 days beyond the 30 before", "times", 60),
    _total("active_days_30d", "active days in the last 30 days", "days", 30),
    _total("active_days_ever", "active days so far", "days"),
    _total("days_since_last_activity", "days since the last activity", "days", None, "never"),
    _total("days_since_first_activity", "days since the first activity", "days", None, "never"),
]
_ASSETS = _total("assets_ever", "different contents looked at so far", "contents")
_CAMPAIGNS = _total("campaigns_ever", "different campaigns answered so far", "campaigns")
_OTHERS = _total("account_others_30d", "activities of colleagues in the last 30 days", "times", 30)
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


def catalogue(ws: Workspace, tables: Tables) -> list[Feature]:
    """List the engagement features that these tables can have."""
    found = declared(ws, ENGAGEMENT)
    if len(tables.events):
        values = _value_words(ws)
        valued = set(tables.events["kind"][tables.events["value"].notna()].unique())
        for kind in _kinds(tables.events):
            found += kind_features(kind, values if kind in valued else None)
        found += over_all(tables)
    return found + earlier(tables)


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
    >>> [one.words for one in kind_features("webinar_attended")][1:3]
    ['webinars attended in the last 30 days', 'webinars attended in the last 90 days']
    """
    many, source = plural_words(kind), OF_KIND + kind

    def one(name: str, words: str, unit: str | None = None, window: int | None = None) -> Feature:
        missing = "never" if name in ("days_since", "value_max") else "unknown"
        name = f"{kind}_{name}"
        return Feature(name, words, ENGAGEMENT, "number", unit, source, window, missing)

    found = [one(f"{w}d", f"{many} in the last {w} days", "times", w) for w in WINDOWS]
    found.append(one("ever", f"{many} so far", "times"))
    found.append(one("days_since", f"days since the last {singular_words(kind)}", "days"))
    if value_words:
        of = f"{value_words} of {many}"
        found += [one(f"value_{w}d", f"{of} in the last {w} days", None, w) for w in WINDOWS]
        found.append(one("value_ever", f"{of} so far"))
        found.append(one("value_max", f"largest {of}"))
    return found


def over_all(tables: Tables) -> list[Feature]:
    """Declare the features over all kinds of event, as far as the tables can fill them."""
    events = tables.events
    found: list[Feature] = []
    own = events[~events["by_sales"].astype(bool)]
    if len(own):
        found += _ACTIVITY
        found += [_ASSETS] if own["asset"].notna().any() else []
        found += [_CAMPAIGNS] if own["campaign"].notna().any() else []
        found += [_OTHERS] if tables.leads["account_id"].notna().any() else []
    if len(own) < len(events):
        found += _ATTEMPTS
        found += [_RESPONSE] if tables.leads["created_at"].notna().any() else []
    return found


def values(
    ws: Workspace, tables: Tables, moments: pd.DataFrame, features: Sequence[Feature]
) -> pd.DataFrame:
    """Work out engagement features, a row for each moment.

    Parameters
    ----------
    features : sequence of Feature
        Which ones; a kind of event that the tables do not have has happened to nobody.
    """
    from_columns = declared_values(ws, tables, moments, features)
    from_leads = earlier_values(tables, moments, features)
    from_events = event_values(
        tables, moments, [f for f in features if f.source.startswith("events")]
    )
    return pd.concat([from_columns, from_events, from_leads], axis=1)


def event_values(
    tables: Tables, moments: pd.DataFrame, features: Sequence[Feature]
) -> pd.DataFrame:
    """Run the statement over the events, a row for each moment."""
    if not features:
        return pd.DataFrame(index=pd.RangeIndex(len(moments)))
    import duckdb  # only those who have events pay for it

    with duckdb.connect() as engine:
        engine.register("moments", _judged(tables, moments))
        engine.register("events", _happened(tables, moments))
        found = engine.sql(statement(features).sql(dialect="duckdb")).to_arrow_table()
    order = np.argsort(found.column("row_id").to_numpy())
    columns = {one.name: _numbers(found.column(one.name), one)[order] for one in features}
    return pd.DataFrame(columns)


def _numbers(column: pa.ChunkedArray, feature: Feature) -> np.ndarray:
    """Floats; a count of nothing is 0, but what never happened has no age and no largest value."""
    numbers = np.asarray(column.cast(pa.float64()).to_numpy())
    return np.nan_to_num(numbers) if feature.missing == "unknown" else numbers


def _judged(tables: Tables, moments: pd.DataFrame) -> pa.Table:
    """Moments as the statement wants them."""
    created = tables.leads["created_at"].iloc[lead_rows(tables.leads, moments["lead_id"])]
    return pa.table(
        {
            "row_id": np.arange(len(moments)),
            "person_id": _text(moments["person_id"]),
            "account_id": _text(moments["account_id"]),
            "as_of": _times(moments["as_of"]),
            "created_at": _times(created),
        }
    )


def _happened(tables: Tables, moments: pd.DataFrame) -> pa.Table:
    """Events of the persons and accounts judged, as the statement wants them.

    An event of a person belongs to the person's account.
    """
    events = tables.events
    account = events["account_id"]
    if account.isna().any() and tables.leads["account_id"].notna().any():
        of_person = tables.leads.dropna(subset=["account_id"]).drop_duplicates("person_id")
        account = account.fillna(
            events["person_id"].map(of_person.set_index("person_id")["account_id"])
        )
    of_account = account.isin(moments["account_id"].dropna().unique())
    counts = events["person_id"].isin(moments["person_id"].unique()) | of_account
    events, account = events[counts], account[counts]
    texts = {name: _text(events[name]) for name in ("person_id", "kind", "asset", "campaign")}
    return pa.table(
        {
            **texts,
            "account_id": _text(account),
            "at": _times(events["at"]),
            "value": pa.array(events["value"], pa.float64(), from_pandas=True),
            "by_sales": pa.array(events["by_sales"].astype(bool)),
        }
    )


def _text(column: pd.Series) -> pa.Array:
    return pa.array(column, pa.string(), from_pandas=True)


def _times(column: pd.Series) -> pa.Array:
    return pa.array(column.to_numpy().astype("datetime64[us]"), pa.timestamp("us"))


def _kinds(events: pd.DataFrame) -> list[str]:
    """Kinds of event, the commonest ones, by name."""
    return sorted(events["kind"].dropna().value_counts().index[:MOST_KINDS])


def _value_words(ws: Workspace) -> str:
    """What the values of events are, when all that have them say the same."""
    named = {one.value for one in ws.events if one.value}
    return named.pop().replace("_", " ").lower() if len(named) == 1 else "value"
