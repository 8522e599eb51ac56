"""Runs a statement over the tables in DuckDB, PostgreSQL or Spark."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.csv
import pyarrow.parquet as pq

SPARK = """
import sys
from pathlib import Path
from pyspark.sql import SparkSession
folder, statement, out = sys.argv[1:]
settings = {"spark.sql.session.timeZone": "UTC", "spark.ui.enabled": "false",
            "spark.sql.shuffle.partitions": "4", "spark.driver.memory": "3g"}
spark = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
for file in Path(folder).glob("*.parquet"):
    spark.read.parquet(str(file)).createOrReplaceTempView(file.stem)
spark.sql(Path(statement).read_text(encoding="utf-8")).write.parquet(out)
"""


def in_duckdb(folder: Path, sql: str) -> pd.DataFrame:
    """Run a statement in DuckDB over the Parquet files."""
    import duckdb

    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        for file in folder.glob("*.parquet"):
            engine.execute(f"CREATE VIEW {file.stem} AS SELECT * FROM read_parquet('{file}')")
        found: pd.DataFrame = engine.sql(sql).df()
        return found


def in_postgres(url: str, folder: Path, sql: str) -> pd.DataFrame:
    """Run a statement on a PostgreSQL server, in a schema of its own."""
    import psycopg

    types = {"int64": "bigint", "double": "double precision"}
    types |= dict.fromkeys(("string", "large_string"), "text")
    options = "-c timezone=UTC -c search_path=engines"
    with psycopg.connect(url, options=options) as connection:
        connection.execute("CREATE SCHEMA engines")
        for file in folder.glob("*.parquet"):
            table = pq.read_table(file)
            columns = ", ".join(
                f'"{field.name}" {types.get(str(field.type), "timestamptz")}'
                for field in table.schema
            )
            connection.execute(f"CREATE TABLE {file.stem} ({columns})")
            with connection.cursor().copy(f"COPY {file.stem} FROM STDIN (FORMAT csv)") as copy:
                options = pyarrow.csv.WriteOptions(include_header=False)
                pyarrow.csv.write_csv(table, _Sink(copy), options)
        connection.execute("ANALYZE")
        rows = connection.execute(sql)
        names = [column.name for column in rows.description or ()]
        found = pd.DataFrame(rows.fetchall(), columns=names)
        connection.rollback()
    return found


class _Sink:
    """Passes what is written to ``COPY``."""

    closed = False

    def __init__(self, copy: Any) -> None:
        self.copy = copy

    def write(self, data: Any) -> int:
        """Pass a piece on."""
        self.copy.write(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: each piece is passed on at once."""


def in_spark(python: str, folder: Path, sql: str) -> pd.DataFrame:
    """Run a statement in a Spark of this machine."""
    with tempfile.TemporaryDirectory() as place:
        statement, out = Path(place, "features.sql"), Path(place, "features")
        statement.write_text(sql, encoding="utf-8")
        command = [python, "-c", SPARK, str(folder), str(statement), str(out)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr[-3000:])
        return pd.read_parquet(out)


def spark_python() -> str | None:
    """The Python that has pyspark; None if there is none."""
    return shutil.which(os.environ.get("LEADREADY_SPARK", "python-with-pyspark"))
