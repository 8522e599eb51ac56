"""The options that verbs share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from features.progress import Progress
from pipelines.cli.terminal import QUIET, progress_on

Run = TypeVar("Run", bound=Callable[..., int])
FILE = click.Path(path_type=Path)


def in_workspace(run: Run) -> Run:
    """Add ``-w`` and ``-q``: the verb gets a ``workspace`` and a ``progress``."""
    workspace = click.option(
        "-w",
        "--workspace",
        type=FILE,
        default=".",
        metavar="DIR",
        help="Folder with leadready.yaml (default: the current one).",
    )
    return workspace(quiet_option(run))


def _note_quiet(context: click.Context, option: click.Parameter, quiet: bool) -> Progress:
    context.meta[QUIET] = quiet
    return progress_on(sys.stderr, quiet)


quiet_option = click.option(
    "-q",
    "--quiet",
    "progress",
    is_flag=True,
    help="Print results and errors only: no progress, no messages.",
    callback=_note_quiet,
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
model_option = click.option(
    "--model",
    default="champion",
    metavar="VERSION",
    help="Version or alias of the model (default: champion).",
)
as_of_option = click.option(
    "--as-of",
    metavar="TIME",
    help="Judge leads by what was known at this time (default: now).",
)
seed_option = click.option(
    "--seed", default=0, metavar="N", help="Seed of folds and resamples (default: 0)."
)


def out_option(text: str) -> Callable[[Run], Run]:
    """Add ``--out``, the file to write."""
    return click.option("--out", type=FILE, metavar="FILE", help=text)


dialect_option = click.option(
    "--dialect",
    default="duckdb",
    metavar="NAME",
    help="duckdb, postgres, spark, snowflake, bigquery, databricks, redshift or tsql "
    "(default: duckdb).",
)


def sql_options(run: Run) -> Run:
    """Add ``--dialect`` and ``--table``: how a query is written, and what it reads."""
    table = click.option(
        "--table",
        default="features",
        metavar="NAME",
        help="Table with the leads' features (default: features).",
    )
    return dialect_option(table(run))
