"""The verbs of ``leadready definition``: work on the agreed definition without programming."""

from __future__ import annotations

from pathlib import Path

import click

from features.progress import Progress
from pipelines.cli.command import FAILED, SUCCESS, Verbs, verb
from pipelines.cli.options import (
    FILE,
    in_workspace,
    json_option,
    model_option,
    out_option,
    sql_options,
)
from pipelines.output import print_answer

file_argument = click.argument("file", type=FILE, required=False)


@verb("check", "leadready definition check -w acme")
@file_argument
@in_workspace
@json_option
def definition_check_command(
    file: Path | None, workspace: Path, progress: Progress, as_json: bool
) -> int:
    """Check that it is valid, what each criterion does and who signed."""
    from pipelines.definition.review import review
    from pipelines.definition.review_text import review_text

    answer = review(workspace, file, progress=progress)
    print_answer(answer, review_text, as_json)
    return SUCCESS if answer.ok else FAILED


@verb("sign", 'leadready definition sign -w acme --team sales --name "Ann Keller"')
@file_argument
@in_workspace
@json_option
@click.option("--team", required=True, metavar="TEAM", help="Such as sales or marketing.")
@click.option("--name", required=True, metavar="NAME", help="Who signs for the team.")
@click.option("--on", metavar="DATE", help="Such as 2026-10-01 (default: today).")
def definition_sign_command(
    file: Path | None,
    workspace: Path,
    progress: Progress,
    as_json: bool,
    team: str,
    name: str,
    on: str | None,
) -> int:
    """Sign the definition, as it is now, for a team."""
    from pipelines.definition.sign import sign_definition, signing_text

    answer = sign_definition(workspace, team=team, name=name, on=on, path=file, progress=progress)
    print_answer(answer, signing_text, as_json)
    return SUCCESS


@verb("diff", "leadready definition diff old.yaml new.yaml --data -w acme")
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@in_workspace
@json_option
@click.option("--data", is_flag=True, help="Show what the changes mean for past leads.")
def definition_diff_command(
    old: Path, new: Path, workspace: Path, progress: Progress, as_json: bool, data: bool
) -> int:
    """Describe in words how two definitions differ."""
    from pipelines.definition.diff import diff, diff_text

    answer = diff(old, new, folder=workspace if data else None, progress=progress)
    print_answer(answer, diff_text, as_json)
    return SUCCESS


@verb("points", "leadready definition points -w acme")
@in_workspace
@json_option
@model_option
def definition_points_command(
    workspace: Path, progress: Progress, as_json: bool, model: str
) -> int:
    """Compare points set by hand with points learned from the data."""
    from pipelines.definition.points import points, points_text

    print_answer(points(workspace, model=model, progress=progress), points_text, as_json)
    return SUCCESS


@verb("sql", "leadready definition sql -w acme", "leadready definition sql --dialect postgres")
@file_argument
@in_workspace
@json_option
@sql_options
def definition_sql_command(
    file: Path | None,
    workspace: Path,
    progress: Progress,
    as_json: bool,
    dialect: str,
    table: str,
) -> int:
    """Write the rules as a SQL query that gives verdicts."""
    from pipelines.definition.sql import sql

    query = sql(workspace, file, dialect=dialect, table=table, progress=progress)
    print_answer({"sql": query}, lambda answer: answer["sql"], as_json)
    return SUCCESS


@verb("adopt", "leadready definition adopt new.yaml -w acme")
@click.argument("file", type=FILE)
@in_workspace
@json_option
@click.option(
    "--model", metavar="VERSION", help="Use the points of this version (default: the champion's)."
)
@click.option("--unsigned", is_flag=True, help="Adopt it even if it is not signed.")
def definition_adopt_command(
    file: Path,
    workspace: Path,
    progress: Progress,
    as_json: bool,
    model: str | None,
    unsigned: bool,
) -> int:
    """Use a changed definition without retraining the model."""
    from pipelines.definition.adopt import adopt
    from pipelines.definition.adoption_text import adoption_text

    answer = adopt(workspace, file, model=model, unsigned=unsigned, progress=progress)
    print_answer(answer, adoption_text, as_json)
    return SUCCESS if answer.adopted else FAILED


@verb(
    "simulate",
    "leadready definition simulate -w acme",
    "leadready definition simulate new.yaml -w acme",
)
@click.argument("new", type=FILE, required=False)
@in_workspace
@json_option
def definition_simulate_command(
    new: Path | None, workspace: Path, progress: Progress, as_json: bool
) -> int:
    """Apply the definition, or a changed one, to past leads."""
    from pipelines.definition.simulate import simulate, simulation_text

    print_answer(simulate(workspace, new, progress=progress), simulation_text, as_json)
    return SUCCESS


@verb("propose", "leadready definition propose -w acme --out proposed.yaml")
@in_workspace
@json_option
@out_option("Write the definition with all proposals to this file.")
def definition_propose_command(
    workspace: Path, progress: Progress, as_json: bool, out: Path | None
) -> int:
    """Propose changes that past outcomes support."""
    from pipelines.proposals.propose import propose
    from pipelines.proposals.propose_text import proposals_text

    print_answer(propose(workspace, out=out, progress=progress), proposals_text, as_json)
    return SUCCESS


@click.group(
    cls=Verbs,
    examples=("leadready definition check -w acme", "leadready definition propose -w acme"),
)
def definition() -> None:
    """Review, sign, compare and change the lead definition.

    FILE is a definition file; the workspace's own is used where none is given.
    """


for action in (
    definition_check_command,
    definition_sign_command,
    definition_diff_command,
    definition_points_command,
    definition_sql_command,
    definition_adopt_command,
    definition_simulate_command,
    definition_propose_command,
):
    definition.add_command(action)
