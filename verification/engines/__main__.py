"""The features of raw tables on DuckDB, PostgreSQL and Spark, equal to Python's to the digit.

Simulates leads and events with what engines treat differently: ties, missing values, times at the
edge of a window and around the change to daylight saving time, microseconds, ids and kinds in many
scripts. Python builds the features of all open leads; each engine runs the statement of
``leadready export sql --raw`` up to the features over the same tables.

    python -m verification.engines --events 5000000

PostgreSQL is taken from ``initdb`` and ``pg_ctl``, Spark from the Python that ``LEADREADY_SPARK``
names. An engine that is not here is named and left out.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from features.families.feature import Feature
from verification.engines.features import differences, features_statement, python_features
from verification.engines.run import in_duckdb, in_postgres, in_spark, spark_python
from verification.engines.tables import write_tables


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare the engines; return 1 if one differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--leads", type=int, default=200_000)
    parser.add_argument("--postgres", help="address of a server")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_tables(folder, options.leads, options.events)
        begin = time.perf_counter()
        expected, features = python_features(folder)
        shown = f"{len(expected):,} open leads, {options.events:,} events, {len(features)} features"
        print(f"{shown}: Python {time.perf_counter() - begin:.0f} s", flush=True)
        engines: dict[str, Callable[[str], pd.DataFrame]] = {
            "duckdb": lambda sql: in_duckdb(folder, sql)
        }
        if options.postgres:
            engines["postgres"] = lambda sql: in_postgres(options.postgres, folder, sql)
        if python := spark_python():
            engines["spark"] = lambda sql: in_spark(python, folder, sql)
        failed = [
            name for name, run in engines.items() if _differs(name, run, folder, expected, features)
        ]
        missing = {"postgres", "spark"} - set(engines)
        for name in sorted(missing):
            print(f"{name:<10} not run: it is not here")
    return 1 if failed else 0


def _differs(
    name: str,
    run: Callable[[str], pd.DataFrame],
    folder: Path,
    expected: pd.DataFrame,
    features: Sequence[Feature],
) -> bool:
    begin = time.perf_counter()
    found = run(features_statement(folder, features, name))
    different = differences(found, expected)
    text = ", ".join(f"{feature} {count:,}" for feature, count in different.items()) or "equal"
    print(f"{name:<10} {time.perf_counter() - begin:6.0f} s  {text}", flush=True)
    return bool(different)


if __name__ == "__main__":
    sys.exit(main())
