"""How long feature building takes, compared with a DuckDB query written by hand.

Both start from the same data frames (100,000 leads, 5 million events of eight kinds, accounts of a
few leads) and return a data frame with a row per lead. The ratio shows the cost of declared
features, type checks and generated SQL.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from features.families.build import build_features
from features.families.engagement import WINDOWS
from features.kept_events.events import Events
from features.tables.read import Tables
from features.workspace.read import Workspace, read_workspace

KINDS = (
    "call",
    "content_download",
    "demo_request",
    "email_clicked",
    "email_opened",
    "form_submitted",
    "page_view",
    "webinar_attended",
)
LIMIT = 1.5  # times the hand-written query

_YAML = """
name: bench
extract_at: 2025-01-01
leads: {file: leads.csv, id: lead_id, account: account_id, created: created_at, columns: {}}
events: [{file: events.csv, lead: lead_id, time: at, kind: kind, value: value}]
"""


def random_tables(leads: int, events: int, seed: int = 0) -> tuple[Tables, pd.DataFrame]:
    """Draw leads, events and moments at random."""
    random = np.random.default_rng(seed)
    ids = np.array([f"lead:{number:07d}" for number in range(leads)], dtype=object)
    numbers = random.integers(0, leads // 3, leads)
    accounts = np.array([f"account:{number:06d}" for number in numbers])
    start = np.datetime64("2024-01-01", "us")
    created = start + random.integers(0, 250 * 86_400, leads).astype("timedelta64[s]")
    who = random.integers(0, leads, events)
    people = pd.DataFrame(
        {"lead_id": ids, "account_id": accounts, "person_id": ids, "created_at": created}
    )
    undated = pd.Series(pd.NaT, index=people.index, dtype="datetime64[us]")
    kinds = random.choice(KINDS, events)
    happened = pd.DataFrame(
        {
            "person_id": pd.Series(ids[who], dtype="str"),
            "account_id": pd.Series(accounts[who], dtype="str"),
            "at": start + random.integers(0, 365 * 86_400, events).astype("timedelta64[s]"),
            "kind": pd.Series(kinds, dtype="str"),
            "asset": pd.Series(random.choice([f"asset-{n}" for n in range(50)], events)),
            "campaign": pd.Series(random.choice([f"campaign-{n}" for n in range(20)], events)),
            "value": random.integers(1, 600, events).astype("float64"),
            "by_sales": kinds == "call",
            "machine_at": np.datetime64("NaT", "us"),
        }
    )
    people = people.assign(moment_base_at=created, closed_at=undated, won_at=undated, order=np.nan)
    stages = pd.DataFrame({"lead_id": [], "stage": [], "at": [], "reason": [], "amount": []})
    moments = people[["lead_id", "person_id", "account_id"]].assign(
        as_of=created + np.timedelta64(90, "D")
    )
    return Tables(people, Events.of(happened), stages, []), moments


def features_by_hand(tables: Tables, moments: pd.DataFrame) -> pd.DataFrame:
    """Run the query that an SQL expert would write for this one table of events."""
    parts = []
    for kind in KINDS:
        for days in WINDOWS:
            near = f"kind = '{kind}' AND happened_at >= as_of - INTERVAL {days} DAY"
            parts.append(f"COUNT(*) FILTER ({near}) AS {kind}_{days}d")
            parts.append(f"SUM(value) FILTER ({near}) AS {kind}_value_{days}d")
        parts.append(f"COUNT(*) FILTER (kind = '{kind}') AS {kind}_ever")
        parts.append(f"SUM(value) FILTER (kind = '{kind}') AS {kind}_value_ever")
        parts.append(f"MAX(value) FILTER (kind = '{kind}') AS {kind}_value_max")
        parts.append(
            f"date_diff('second', MAX(happened_at) FILTER (kind = '{kind}'), as_of) / 86400.0"
            f" AS {kind}_days_since"
        )
    query = _BY_HAND.replace("{kinds}", ", ".join(parts))
    with duckdb.connect() as engine:
        people = tables.leads[["lead_id", "created_at"]]
        dated = moments.merge(people, on="lead_id")
        engine.register("dated", dated)
        engine.register("happened", tables.events)
        found: pd.DataFrame = engine.sql(query).df()
        return found


_BY_HAND = """
WITH joined AS (
  SELECT j.lead_id, j.as_of, j.created_at, e.kind, e."at" AS happened_at, e.asset, e.campaign,
    e.value, e.by_sales
  FROM dated j JOIN happened e ON e.person_id = j.person_id AND e."at" < j.as_of
), own AS (
  SELECT lead_id, {kinds},
    COUNT(*) FILTER (NOT by_sales AND happened_at >= as_of - INTERVAL 7 DAY) AS activity_7d,
    COUNT(*) FILTER (NOT by_sales AND happened_at >= as_of - INTERVAL 30 DAY) AS activity_30d,
    COUNT(*) FILTER (NOT by_sales AND happened_at >= as_of - INTERVAL 90 DAY) AS activity_90d,
    COUNT(*) FILTER (NOT by_sales) AS activity_ever,
    2 * COUNT(*) FILTER (NOT by_sales AND happened_at >= as_of - INTERVAL 30 DAY)
      - COUNT(*) FILTER (NOT by_sales AND happened_at >= as_of - INTERVAL 60 DAY) AS activity_trend,
    COUNT(DISTINCT CASE WHEN NOT by_sales AND happened_at >= as_of - INTERVAL 30 DAY
      THEN CAST(happened_at AS DATE) END) AS active_days_30d,
    COUNT(DISTINCT CASE WHEN NOT by_sales THEN CAST(happened_at AS DATE) END) AS active_days_ever,
    COUNT(DISTINCT CASE WHEN NOT by_sales THEN asset END) AS assets_ever,
    COUNT(DISTINCT CASE WHEN NOT by_sales THEN campaign END) AS campaigns_ever,
    date_diff('second', MAX(happened_at) FILTER (NOT by_sales), as_of) / 86400.0
      AS days_since_last_activity,
    date_diff('second', MIN(happened_at) FILTER (NOT by_sales), as_of) / 86400.0
      AS days_since_first_activity,
    COUNT(*) FILTER (by_sales AND happened_at >= as_of - INTERVAL 7 DAY) AS sales_attempts_7d,
    COUNT(*) FILTER (by_sales AND happened_at >= as_of - INTERVAL 30 DAY) AS sales_attempts_30d,
    COUNT(*) FILTER (by_sales) AS sales_attempts_ever,
    date_diff('second', MAX(happened_at) FILTER (by_sales), as_of) / 86400.0
      AS days_since_last_attempt,
    date_diff('second', created_at,
      MIN(happened_at) FILTER (by_sales AND happened_at >= created_at)) / 3600.0
      AS first_response_hours
  FROM joined GROUP BY lead_id, as_of, created_at
), others AS (
  SELECT j.lead_id, COUNT(*) AS account_others_30d
  FROM dated j JOIN happened e ON e.account_id = j.account_id AND e.person_id <> j.person_id
    AND e."at" < j.as_of AND e."at" >= j.as_of - INTERVAL 30 DAY AND NOT e.by_sales
  GROUP BY j.lead_id
)
SELECT j.lead_id, own.* EXCLUDE (lead_id), others.account_others_30d
FROM dated j LEFT JOIN own USING (lead_id) LEFT JOIN others USING (lead_id)
ORDER BY j.lead_id
"""


def main(leads: int = 100_000, events: int = 5_000_000) -> int:
    """Time both in one run, compare their results, and print the ratio."""
    tables, moments = random_tables(leads, events)
    ws = _workspace()
    hand, by_hand_seconds = _timed(lambda: features_by_hand(tables, moments))
    ours, our_seconds = _timed(lambda: build_features(ws, tables, moments)[0])
    same = _compared(hand, ours)
    ratio = our_seconds / by_hand_seconds
    print(f"leads {leads:,} · events {events:,} · features compared {same}")
    print(f"features: {our_seconds:.2f} s · hand-written: {by_hand_seconds:.2f} s")
    print(f"ratio: {ratio:.2f} (limit: {LIMIT})")
    return 0 if ratio <= LIMIT else 1


def _timed(run: Callable[[], pd.DataFrame]) -> tuple[pd.DataFrame, float]:
    start = time.perf_counter()
    table = run()
    return table, time.perf_counter() - start


def _compared(hand: pd.DataFrame, ours: pd.DataFrame) -> int:
    """Check that both agree on every lead; return the number of features compared."""
    ours = ours.sort_values("lead_id", ignore_index=True)
    names = [name for name in hand.columns if name != "lead_id"]
    for name in names:
        expected = hand[name].astype("float64").fillna(0).to_numpy()
        if not np.allclose(expected, ours[name].fillna(0).to_numpy()):
            raise AssertionError(f"{name} differs from the query written by hand")
    return len(names)


def _workspace() -> Workspace:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("leadready.yaml", _YAML), ("leads.csv", ""), ("events.csv", "")):
            Path(folder, name).write_text(text, encoding="utf-8")
        return read_workspace(Path(folder))


if __name__ == "__main__":
    sys.exit(main())
