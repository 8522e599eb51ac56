"""The verbs that hand a model to other programs: its features, and what ``export`` writes."""

from __future__ import annotations

from pathlib import Path

import click

from features.errors import LeadReadyError
from features.progress import Progress
from features.text import printable
from pipelines.cli.command import SUCCESS, Verbs, verb
from pipelines.cli.options import (
    FILE,
    as_of_option,
    dialect_option,
    in_workspace,
    model_option,
    out_option,
)
from pipelines.cli.terminal import say
from pipelines.output import print_or_write


@verb(
    "features",
    "leadready features -w acme --out features.parquet",
    "leadready features -w acme --past --out past.parquet",
)
@in_workspace
@click.option(
    "--out",
    type=FILE,
    required=True,
    metavar="FILE",
    help="Parquet file to write.",
)
@click.option("--past", is_flag=True, help="Take past leads, each at its own moment.")
@as_of_option
@model_option
def features_command(
    workspace: Path, progress: Progress, out: Path, past: bool, as_of: str | None, model: str
) -> int:
    """Write what a model needs to know about each open lead."""
    from features.text import count
    from pipelines.export.feature_table import features

    table = features(workspace, past=past, as_of=as_of, model=model, out=out, progress=progress)
    say(f"features of {count(len(table), 'past lead' if past else 'open lead')} written to {out}")
    return SUCCESS


@click.group("export", cls=Verbs, examples=("leadready export sql -w acme --out scores.sql",))
def export() -> None:
    """Write a model for other programs, with the same scores."""


@verb(
    "sql",
    "leadready export sql -w acme --dialect postgres --out scores.sql",
    "leadready export sql -w acme --raw --dialect spark --out scores.sql",
)
@in_workspace
@dialect_option
@click.option("--table", metavar="NAME", help="Table with the leads' features (default: features).")
@click.option("--raw", is_flag=True, help="Read the raw tables, and build the features as well.")
@as_of_option
@model_option
@out_option("File to write (default: stdout).")
def export_sql_command(
    workspace: Path,
    progress: Progress,
    dialect: str,
    table: str | None,
    raw: bool,
    as_of: str | None,
    model: str,
    out: Path | None,
) -> int:
    """Write a model as one SELECT over features or raw tables."""
    if raw and table is None:
        from pipelines.export.raw.statement import export_raw_sql

        sql = export_raw_sql(
            workspace, dialect=dialect, model=model, as_of=as_of, progress=progress, warn=say
        )
    elif raw or as_of is not None:
        raise LeadReadyError(
            "--table names a table of features, which --raw does not read"
            if raw
            else "--as-of belongs to --raw: a table of features has the time of its own",
            hint="leave out one of them",
        )
    else:
        from pipelines.export.statement import export_sql

        sql = export_sql(workspace, dialect=dialect, table=table or "features", model=model)
    print_or_write(sql, out)
    if out:
        say(f"SQL written to {out}")
    return SUCCESS


@verb("excel", "leadready export excel -w acme --out card.xlsx")
@in_workspace
@model_option
@click.option("--out", type=FILE, required=True, metavar="FILE", help="Excel file to write.")
def export_excel_command(workspace: Path, progress: Progress, model: str, out: Path) -> int:
    """Write a sheet where people pick facts of a lead and see its score."""
    from pipelines.export.excel import export_excel

    export_excel(workspace, out, model=model)
    say(f"sheet written to {out}")
    return SUCCESS


@verb("dbt", "leadready export dbt -w acme --dialect snowflake --out leadready_scores")
@in_workspace
@dialect_option
@model_option
@click.option("--out", type=FILE, required=True, metavar="DIR", help="Folder of the package.")
def export_dbt_command(
    workspace: Path, progress: Progress, dialect: str, model: str, out: Path
) -> int:
    """Write a model as a dbt package with tests and a data contract."""
    from pipelines.export.dbt import export_dbt

    for path in export_dbt(workspace, out, dialect=dialect, model=model):
        print(printable(str(path)))
    return SUCCESS


for command in (export_sql_command, export_excel_command, export_dbt_command):
    export.add_command(command)


@verb("serve", "leadready serve -w acme --port 5001")
@in_workspace
@model_option
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Default: a free one."
)
def serve_command(workspace: Path, progress: Progress, model: str, port: int) -> int:
    """Answer with scores over HTTP, on this machine only."""
    from pipelines.export.server import serve

    serve(workspace, model=model, port=port, ready=_say_where)
    return SUCCESS


def _say_where(address: str) -> None:
    print(printable(address), flush=True)
    say("scores what is posted to this address; Ctrl+C ends it")


EXPORT_VERBS = (features_command, export, serve_command)
