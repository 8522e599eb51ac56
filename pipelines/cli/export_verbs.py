"""The verbs that hand a model to other programs: its features, and what ``export`` writes."""

from __future__ import annotations

from pathlib import Path

import click

from features.progress import Progress
from pipelines.cli.command import SUCCESS, verb
from pipelines.cli.options import as_of_option, in_workspace, model_option
from pipelines.cli.terminal import say


@verb(
    "features",
    "leadready features -w acme --out features.parquet",
    "leadready features -w acme --past --out past.parquet",
)
@in_workspace
@click.option(
    "--out",
    type=click.Path(path_type=Path),
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


EXPORT_VERBS = (features_command,)
