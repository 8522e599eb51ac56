"""``leadready export sql --raw``: one SELECT from raw tables to scores and decisions.

The tables of the features are written before the card, in one statement. Before it is handed out,
it has run here over the workspace's own rows, and gave the features that Python gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from sqlglot import exp

from features.engine import open_engine
from features.errors import LeadReadyError
from features.families.feature import Feature
from features.progress import Progress, no_progress
from features.text import count, quoted
from model.dialects import Sql, check_dialect, column_sql, dialect_text, now_sql
from model.scoring_sql import scoring_select
from pipelines.export.feature_table import WITH_SALES, served_features
from pipelines.export.raw.columns import literal_sql, not_in_sql
from pipelines.export.raw.open_leads import FEATURES, UNREAD, feature_tables, features_query
from pipelines.export.raw.tables import RawTable, raw_tables
from pipelines.score.score import Scorer, load_scorer

UNREAD_REASON = "a value that the statement does not know: export it again"
CLOSE = 1e-9  # two numbers that differ by less are the same
RUN_PLACE = "0001-01-01 00:00:00"  # in the place of the present, until the dialect is known


def export_raw_sql(
    folder: Path | str,
    *,
    dialect: str = "duckdb",
    model: str = "champion",
    as_of: str | None = None,
    progress: Progress = no_progress,
    warn: Callable[[str], None] = no_progress,
) -> str:
    """Write a registered version as one SELECT over the raw tables.

    Parameters
    ----------
    folder : path
        The workspace. Its tables have the names that ``leadready.yaml`` gives, files the name of
        the file without its ending.
    dialect : str
        One of ``model.dialects.DIALECTS``.
    model : str
        An alias or a version of the registered model.
    as_of : str, optional
        Judge the leads at this time (default: whenever the statement runs).
    progress : callable, optional
        Receives a message before each long step.
    warn : callable, optional
        Receives what somebody should look at: events of programs.

    Raises
    ------
    LeadReadyError
        When there is no such version or dialect, or SQL over these tables does not give the
        features that Python gives.

    Examples
    --------
    >>> export_raw_sql("nowhere")
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    check_dialect(dialect)
    scorer = load_scorer(folder, as_of, model, forced=("max_age",), progress=progress)
    features = served_features(scorer.loaded)
    progress("comparing the features of SQL with those of Python")
    _compare(scorer, features)
    ws, read = scorer.snapshot.workspace, scorer.snapshot.tables
    if machines := sum(each.count for each in read.problems if each.kind == "by machines"):
        warn(
            f"{count(machines, 'event')} of programs, such as link scanners, are in the data: the "
            "statement counts them, so leave them out of the tables"
        )
    raw = raw_tables(ws)
    moment = run_sql(scorer.as_of if as_of else None, scorer.snapshot.extract_at)
    tables = feature_tables(ws, read, raw, features, moment)
    statement = _statement(scorer, tables, dialect)
    text = dialect_text(statement, dialect).replace(_time_sql_in(dialect), now_sql(dialect))
    return "\n".join([*_comments(raw.all), text])


def run_sql(as_of: pd.Timestamp | None, extract: pd.Timestamp | None = None) -> str:
    """Select the moment at which leads are judged, and the latest day that dates can have.

    Parameters
    ----------
    as_of : Timestamp or None
        None stands for whenever the statement runs.
    extract : Timestamp, optional
        When the tables were exported.

    Examples
    --------
    >>> run_sql(pd.Timestamp("2026-10-01"))[:63]
    "SELECT CAST('2026-10-01 00:00:00.000000' AS TIMESTAMP) AS as_of"
    """
    if as_of is None:
        as_of_sql = latest_sql = _time_sql(RUN_PLACE)
    else:
        latest = pd.Series([as_of, extract]).max()
        as_of_sql, latest_sql = (
            _time_sql(f"{time:%Y-%m-%d %H:%M:%S.%f}") for time in (as_of, latest)
        )
    return f"SELECT {as_of_sql} AS as_of, {latest_sql} AS latest"


def _time_sql(shown: str) -> str:
    return f"CAST({literal_sql(shown)} AS TIMESTAMP)"


def _time_sql_in(dialect: str) -> str:
    time = exp.cast(exp.Literal.string(RUN_PLACE), "timestamp")
    return str(exp.cast(time.this, exp.DataType.build("TIMESTAMP", dialect="duckdb")).sql(dialect))


def _statement(scorer: Scorer, tables: Mapping[str, Sql], dialect: str) -> exp.Select:
    """Put the tables of the features before those of the card."""
    unread = {}
    if UNREAD in tables[FEATURES].named_selects:
        unread[UNREAD_REASON] = exp.EQ(this=column_sql(UNREAD), expression=exp.convert(1))
    select = scoring_select(
        scorer.card,
        scorer.definition,
        {feature.name: feature.kind for feature in served_features(scorer.loaded)},
        dialect=dialect,
        table=exp.table_(FEATURES),
        keep=("lead_id", "as_of"),
        with_sales=WITH_SALES,
        version=scorer.loaded.version,
        warnings=unread,
    )
    of_card = select.args["with_"].expressions
    before = [
        exp.CTE(this=table, alias=exp.TableAlias(this=exp.to_identifier(name)))
        for name, table in tables.items()
    ]
    select.args["with_"].set("expressions", [*before, *of_card])
    return select


def _comments(tables: Sequence[RawTable]) -> list[str]:
    """Say what the statement reads, and what it does not see."""
    lines = [f"-- reads {table.relation}" for table in tables if "\n" not in table.relation]
    return [
        *lines,
        "-- Times are in UTC: run it in a session whose time zone is UTC.",
        "-- Events of link scanners and other programs count: leave them out of the tables.",
    ]


# -- the same features ----------------------------------------------------------------------------


def _compare(scorer: Scorer, features: Sequence[Feature]) -> None:
    """Run the statement's tables over the workspace's rows, and compare with Python's features.

    Raises
    ------
    LeadReadyError
        With the first feature that differs.
    """
    import duckdb

    ws = scorer.snapshot.workspace
    raw = raw_tables(ws, by_alias=True)
    moment = run_sql(scorer.as_of, scorer.snapshot.extract_at)
    tables = feature_tables(ws, scorer.snapshot.tables, raw, features, moment)
    with open_engine() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        for source in raw.all:
            engine.register(source.alias, source.rows)
        try:
            found = engine.sql(features_query(tables).sql(dialect="duckdb")).df()
        except duckdb.Error as error:
            raise not_in_sql(
                f"a column is no number or time in SQL: {str(error).splitlines()[0]}",
                str(ws.folder / "leadready.yaml"),
                "give it its type in the warehouse, and map that table with  source:",
            ) from error
    _same_features(scorer, features, found)


def _same_features(scorer: Scorer, features: Sequence[Feature], found: pd.DataFrame) -> None:
    moments = scorer.open_leads().moments
    expected = scorer.snapshot.at(moments, features).features.set_index("lead_id")
    where = str(scorer.snapshot.workspace.folder / "leadready.yaml")
    found = found.set_index("lead_id")
    if sorted(found.index) != sorted(expected.index):
        other = sorted(set(found.index) ^ set(expected.index))
        shown = f", such as {quoted(other[0])}" if other else ""
        what = f"SQL finds {len(found):,} open leads here, Python {len(expected):,}{shown}"
        raise not_in_sql(what, where, "write ids and states alike in the warehouse")
    found = found.loc[expected.index]
    for feature in features:
        differs = _differs(found[feature.name], expected[feature.name], feature)
        if differs.any():
            raise _different(feature, found[differs], expected[differs], where)


def _differs(ours: pd.Series, theirs: pd.Series, feature: Feature) -> pd.Series:
    if feature.kind != "number":
        return ours.fillna("").ne(theirs.fillna(""))
    numbers, others = ours.to_numpy(float), theirs.to_numpy(float)
    same = np.isclose(numbers, others, rtol=CLOSE, atol=CLOSE, equal_nan=True)
    return pd.Series(~same, index=ours.index)


def _different(
    feature: Feature, found: pd.DataFrame, expected: pd.DataFrame, where: str
) -> LeadReadyError:
    ours, theirs = found[feature.name].iloc[0], expected[feature.name].iloc[0]
    what = (
        f"SQL reads the feature {feature.name!r} otherwise than Python for "
        f"{count(len(found), 'lead')}: {ours} and {theirs} for {quoted(found.index[0])}"
    )
    if feature.source.startswith("events"):
        hint = "leave the events of programs out of the tables, and write ids alike"
    else:
        hint = "give its column its type in the warehouse, and map that table with  source:"
    return not_in_sql(what, where, hint)
