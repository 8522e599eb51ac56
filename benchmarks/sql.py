"""How fast DuckDB scores leads with the statement of ``leadready export sql``, on one core.

A card of twelve lines, a definition and a share of exploration, over a table of features; the
scores are written to another table and compared with those of Python. What counts is the time of
the processor, so that other programs do not disturb.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import duckdb
import numpy as np

from benchmarks.scoring import AGREED, random_leads
from model.scoring_sql import scoring_sql
from model.serving import Definition, Scorecard

ROWS = int(os.environ.get("LEADREADY_BENCH_LEADS", "1_000_000"))
LEAST = 1_000_000  # leads a second
NUMBERS, CATEGORIES, CUTS = 8, 4, (0.5, 1.0, 2.0, 4.0)  # lines of each kind; rows of a number


def card_of_twelve_lines() -> Scorecard:
    """Write a card with as many lines and rows as the largest that people are asked to read."""
    random = np.random.default_rng(0)
    lines = [_number_line(f"number_{place}", random) for place in range(NUMBERS)]
    lines += [_category_line(f"category_{place}", random) for place in range(CATEGORIES)]
    limits = {"grades": {"A": 6, "B": 0, "C": -5}, "levels": {"1": 8, "2": 1, "3": -4}}
    first = {"format": 2, "start": 50, "level": -2.2, "base_rate": 0.1, "ready_at": 55}
    return Scorecard.from_dict({**first, **limits, "lines": lines})


def _number_line(name: str, random: np.random.Generator) -> dict[str, object]:
    points = random.integers(-9, 10, len(CUTS) + 2).tolist()
    return _line(name, "engagement", points) | {"kind": "number", "cuts": [*CUTS]}


def _category_line(name: str, random: np.random.Generator) -> dict[str, object]:
    rows = [["a", "b"], ["c"]]
    points = random.integers(-9, 10, len(rows) + 2).tolist()
    return _line(name, "role", points) | {"kind": "category", "categories": rows}


def _line(name: str, family: str, points: list[int]) -> dict[str, object]:
    labels = [f"row {place}" for place in range(len(points))]
    return {"name": name, "family": family, "points": points, "labels": labels}


def _processor_time(engine: Any, sql: str) -> float:
    begin = time.process_time()
    engine.execute(sql)
    return time.process_time() - begin


def main() -> int:
    """Print the throughput; return 1 if it is too low or a score differs."""
    card, leads = card_of_twelve_lines(), random_leads(ROWS, seed=1)
    leads["lead_id"] = [f"lead-{row}" for row in range(ROWS)]
    sql = scoring_sql(card, Definition.from_dict(AGREED))
    with duckdb.connect(config={"threads": 1}) as engine:
        engine.register("given", leads)
        engine.execute("CREATE TABLE features AS SELECT * FROM given")
        scored = f"CREATE OR REPLACE TABLE scored AS {sql}"
        speed = ROWS / min(_processor_time(engine, scored) for _ in range(3))
        found = engine.execute("SELECT score FROM scored ORDER BY score").fetchnumpy()["score"]
    same = bool((found == np.sort(card.score(leads))).all())
    print(f"{ROWS:,} leads, {len(card.lines)} lines, same scores: {same}")
    print(f"DuckDB on one core        {speed:>12,.0f} leads a second (limit: {LEAST:,})")
    return 0 if same and speed >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
