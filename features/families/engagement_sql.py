"""The SQL query that sums up the events before each moment.

It is built with ``sqlglot`` from a portable subset (``SUM(CASE …)``, ``COUNT(DISTINCT CASE …)``,
explicit ``GROUP BY``, a running sum, whole seconds, doubles) and can be written for any engine. It
reads two tables: ``moments`` (``row_id, person_id, account_id, as_of, created_at``) and ``events``
(``person_id, account_id, at, kind, asset, campaign, value, by_sales, machine_at``), with all times
in UTC; ``by_sales`` is 1 or 0. An event does not count where it was known before the moment to be a
machine's.

Events are first summed by moment and kind, and only these sums are spread into columns. The work
grows with the number of events, not with events times columns. Each sum belongs to one row of
``moments``, so a person may have several moments.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp, parse_one

from features.families.feature import Feature

DIALECT = "duckdb"
OF_KIND = "events: "  # begins the source of a feature of one kind of event
DAY, HOUR = "CAST(86400 AS DOUBLE)", "CAST(3600 AS DOUBLE)"

# A window is [moment − w, moment): its first instant counts, the moment itself does not.
_SEEN = """
SELECT m.row_id, e.kind, e.by_sales, e.asset, e.campaign, e.value, e.at, m.created_at,
  CASE WHEN e.account_id = m.account_id THEN 1 ELSE 0 END AS same_account,
  CASE WHEN e.at >= m.as_of - INTERVAL '7' DAY THEN 1 ELSE 0 END AS in_7,
  CASE WHEN e.at >= m.as_of - INTERVAL '30' DAY THEN 1 ELSE 0 END AS in_30,
  CASE WHEN e.at >= m.as_of - INTERVAL '60' DAY THEN 1 ELSE 0 END AS in_60,
  CASE WHEN e.at >= m.as_of - INTERVAL '90' DAY THEN 1 ELSE 0 END AS in_90,
  DATE_DIFF('second', e.at, m.as_of) AS age
FROM moments AS m JOIN events AS e ON e.person_id = m.person_id AND e.at < m.as_of
  AND (e.machine_at IS NULL OR e.machine_at >= m.as_of)
"""

_SUMS = """
SELECT row_id, kind, by_sales,
  SUM(in_7) AS n_7,
  SUM(in_30) AS n_30,
  SUM(in_60) AS n_60,
  SUM(in_90) AS n_90,
  COUNT(*) AS n,
  SUM(CASE WHEN in_7 = 1 THEN value END) AS value_7,
  SUM(CASE WHEN in_30 = 1 THEN value END) AS value_30,
  SUM(CASE WHEN in_90 = 1 THEN value END) AS value_90,
  SUM(value) AS value_ever,
  MAX(value) AS value_max,
  MIN(age) AS last_age,
  MAX(age) AS first_age,
  SUM(in_30 * same_account) AS account_30,
  MIN(CASE WHEN at >= created_at THEN DATE_DIFF('second', created_at, at) END) AS waited
FROM seen GROUP BY row_id, kind, by_sales
"""

# Events before and after the windows of all moments of an account count in none of them.
_NEAR = """
SELECT e.account_id, e.at, e.machine_at
FROM events AS e JOIN (
  SELECT account_id, MIN(as_of) - INTERVAL '30' DAY AS earliest, MAX(as_of) AS latest
  FROM moments WHERE NOT account_id IS NULL GROUP BY account_id
) AS judged ON e.account_id = judged.account_id AND e.at < judged.latest
  AND e.at >= judged.earliest
WHERE e.by_sales = 0
"""

# Other people of the account: all its events minus the person's own. A running sum over events and
# moments in order of time counts them, so an account with very many leads costs only the sorting.
# At the end of the window a machine's event counts until it is known, and at most for the window's
# length; so at the start it never does.
_ACCOUNT = """
SELECT row_id, SUM(CASE WHEN is_end = 1 THEN so_far ELSE -by_people END) AS account_30
FROM (
  SELECT row_id, is_end, is_event,
    SUM(counts) OVER (
      PARTITION BY account_id ORDER BY at, is_event ROWS UNBOUNDED PRECEDING
    ) AS so_far,
    SUM(of_people) OVER (
      PARTITION BY account_id ORDER BY at, is_event ROWS UNBOUNDED PRECEDING
    ) AS by_people
  FROM (
    SELECT -1 AS row_id, account_id, at, 1 AS is_event, 0 AS is_end, 1 AS counts,
      CASE WHEN machine_at IS NULL THEN 1 ELSE 0 END AS of_people
    FROM near
    UNION ALL
    SELECT -1 AS row_id, account_id,
      CASE WHEN machine_at < at + INTERVAL '30' DAY THEN machine_at ELSE at + INTERVAL '30' DAY END
        AS at,
      1 AS is_event, 0 AS is_end, -1 AS counts, 0 AS of_people
    FROM near WHERE NOT machine_at IS NULL
    UNION ALL
    SELECT row_id, account_id, as_of AS at, 0 AS is_event, 1 AS is_end, 0 AS counts, 0 AS of_people
    FROM moments WHERE NOT account_id IS NULL
    UNION ALL
    SELECT row_id, account_id, as_of - INTERVAL '30' DAY AS at, 0 AS is_event, 0 AS is_end,
      0 AS counts, 0 AS of_people
    FROM moments WHERE NOT account_id IS NULL
  ) AS in_order
) AS counted
WHERE is_event = 0 GROUP BY row_id
"""

_OF_ONE_KIND = {
    "7d": "SUM(CASE WHEN {kind} THEN n_7 ELSE 0 END)",
    "30d": "SUM(CASE WHEN {kind} THEN n_30 ELSE 0 END)",
    "90d": "SUM(CASE WHEN {kind} THEN n_90 ELSE 0 END)",
    "ever": "SUM(CASE WHEN {kind} THEN n ELSE 0 END)",
    "days_since": f"MIN(CASE WHEN {{kind}} THEN last_age END) / {DAY}",
    "value_7d": "SUM(CASE WHEN {kind} THEN value_7 END)",
    "value_30d": "SUM(CASE WHEN {kind} THEN value_30 END)",
    "value_90d": "SUM(CASE WHEN {kind} THEN value_90 END)",
    "value_ever": "SUM(CASE WHEN {kind} THEN value_ever END)",
    "value_max": "MAX(CASE WHEN {kind} THEN value_max END)",
}

_OF_ALL_KINDS = {
    "activity_7d": "SUM(CASE WHEN by_sales = 0 THEN n_7 ELSE 0 END)",
    "activity_30d": "SUM(CASE WHEN by_sales = 0 THEN n_30 ELSE 0 END)",
    "activity_90d": "SUM(CASE WHEN by_sales = 0 THEN n_90 ELSE 0 END)",
    "activity_ever": "SUM(CASE WHEN by_sales = 0 THEN n ELSE 0 END)",
    "activity_trend": "SUM(CASE WHEN by_sales = 0 THEN 2 * n_30 - n_60 ELSE 0 END)",
    "days_since_last_activity": f"MIN(CASE WHEN by_sales = 0 THEN last_age END) / {DAY}",
    "days_since_first_activity": f"MAX(CASE WHEN by_sales = 0 THEN first_age END) / {DAY}",
    "sales_attempts_7d": "SUM(CASE WHEN by_sales = 1 THEN n_7 ELSE 0 END)",
    "sales_attempts_30d": "SUM(CASE WHEN by_sales = 1 THEN n_30 ELSE 0 END)",
    "sales_attempts_ever": "SUM(CASE WHEN by_sales = 1 THEN n ELSE 0 END)",
    "days_since_last_attempt": f"MIN(CASE WHEN by_sales = 1 THEN last_age END) / {DAY}",
    "first_response_hours": f"MIN(CASE WHEN by_sales = 1 THEN waited END) / {HOUR}",
}

_VARIETY = {
    "active_days_30d": "CASE WHEN in_30 = 1 THEN CAST(at AS DATE) END",
    "active_days_ever": "CAST(at AS DATE)",
    "assets_ever": "asset",
    "campaigns_ever": "campaign",
}

_OTHERS = "account_others_30d"


def engagement_query(features: Sequence[Feature]) -> exp.Select:
    """Build the query with the columns ``row_id`` and these features, one row for each moment.

    Sums are NULL where a moment has no events at all.

    Examples
    --------
    >>> from features.families.engagement import kind_features
    >>> sql = engagement_query(kind_features("call")).sql(dialect="postgres")
    >>> "call_30d" in sql, "account_30d" in sql
    (True, False)
    """
    names = {feature.name for feature in features}
    variety = {name: expression for name, expression in _VARIETY.items() if name in names}
    query = exp.select("moments.row_id").from_("moments")
    query = _with(_with(query, "seen", _parsed(_SEEN)), "sums", _parsed(_SUMS))
    query = _with_columns(query, "spread", _spread(features))
    if variety:
        query = _with_columns(query, "variety", _count_distinct(variety))
    if _OTHERS in names:
        query = _with(_with(query, "near", _parsed(_NEAR)), "account", _parsed(_ACCOUNT))
        query = _left_join(query, "account")
        own = "COALESCE(spread.own_account_30, 0)"
        query = query.select(f"account.account_30 - {own} AS {_OTHERS}", copy=False)
    return query


def _spread(features: Sequence[Feature]) -> exp.Select:
    """Turn one row for each moment and kind into one row for each moment."""
    columns = ["row_id"]
    for feature in features:
        if feature.source.startswith(OF_KIND):
            columns.append(_aliased(_kind_expression(feature), feature.name))
        elif feature.name in _OF_ALL_KINDS:
            columns.append(_aliased(_OF_ALL_KINDS[feature.name], feature.name))
        elif feature.name == _OTHERS:
            own = "SUM(CASE WHEN by_sales = 0 THEN account_30 ELSE 0 END)"
            columns.append(_aliased(own, "own_account_30"))
    query = exp.select(*columns, dialect=DIALECT)
    return query.from_("sums", copy=False).group_by("row_id", copy=False)


def _kind_expression(feature: Feature) -> str:
    kind = feature.source.removeprefix(OF_KIND)
    is_kind = f"kind = {exp.Literal.string(kind).sql(dialect=DIALECT)}"
    return _OF_ONE_KIND[feature.name.removeprefix(f"{kind}_")].format(kind=is_kind)


def _count_distinct(columns: dict[str, str]) -> exp.Select:
    """Count distinct days, assets and campaigns among the lead's own events."""
    counts = [
        _aliased(f"COUNT(DISTINCT {expression})", name) for name, expression in columns.items()
    ]
    query = exp.select("row_id", *counts, dialect=DIALECT).from_("seen", copy=False)
    return query.where("by_sales = 0", copy=False).group_by("row_id", copy=False)


# Copying is what building a query would spend most of its time on, hence copy=False.


def _with_columns(query: exp.Select, name: str, part: exp.Select) -> exp.Select:
    """Join a part by moment and select its columns."""
    names = [column for column in part.named_selects if column not in ("row_id", "own_account_30")]
    columns = (exp.column(column, table=name, quoted=True) for column in names)
    return _left_join(_with(query, name, part), name).select(*columns, copy=False)


def _with(query: exp.Select, name: str, part: exp.Expr) -> exp.Select:
    return query.with_(name, as_=part, copy=False)


def _left_join(query: exp.Select, name: str) -> exp.Select:
    same_row = f"{name}.row_id = moments.row_id"
    return query.join(name, on=same_row, join_type="left", copy=False)


def _aliased(sql: str, name: str) -> str:
    return f"{sql} AS {exp.to_identifier(name, quoted=True).sql(dialect=DIALECT)}"


def _parsed(sql: str) -> exp.Expr:
    return parse_one(sql, dialect=DIALECT)
