"""The verbs that work on a workspace, in the order in which people need them."""

from __future__ import annotations

from pathlib import Path

import click

from features.progress import Progress
from features.text import printable
from pipelines.cli.command import FAILED, SUCCESS, verb
from pipelines.cli.demo_verb import demo_command
from pipelines.cli.export_verbs import EXPORT_VERBS
from pipelines.cli.init_verb import init_command
from pipelines.cli.job_verbs import LEDGER_VERBS, SCORING_VERBS
from pipelines.cli.options import (
    in_workspace,
    json_option,
    model_option,
    out_option,
    seed_option,
)
from pipelines.cli.page_verbs import card_command, workshop_command
from pipelines.cli.terminal import say
from pipelines.output import print_answer


@verb("check", "leadready check -w acme")
@in_workspace
@json_option
def check_command(workspace: Path, progress: Progress, as_json: bool) -> int:
    """Check the data, the mapping and the definition."""
    from pipelines.check.check import check
    from pipelines.check.check_text import check_text

    result = check(workspace, progress=progress)
    print_answer(result, check_text, as_json)
    return SUCCESS if result.ok else FAILED


@verb("outcomes", "leadready outcomes -w acme", "leadready outcomes -w acme --out outcomes.csv")
@in_workspace
@json_option
@out_option("Write the outcome of every lead: CSV, Parquet or JSON.")
def outcomes_command(workspace: Path, progress: Progress, as_json: bool, out: Path | None) -> int:
    """Count the outcomes of past leads by month."""
    from features.text import count
    from pipelines.check.outcomes import outcomes, outcomes_text
    from pipelines.table_files.write import write_table

    found = outcomes(workspace, progress=progress)
    if out:
        write_table(found.table, out)
        say(f"{count(len(found.table), 'lead')} written to {out}")
    print_answer(found, outcomes_text, as_json)
    return SUCCESS


@verb(
    "train",
    "leadready train -w acme",
    "leadready train -w acme --features 9 --use employees --without campaign",
)
@in_workspace
@json_option
@click.option(
    "--features",
    type=click.IntRange(min=1),
    metavar="N",
    help="Most features of the card (default: as leadready.yaml says, or 12).",
)
@click.option(
    "--use",
    multiple=True,
    metavar="FEATURE",
    help="Feature that must be on the card. Can be repeated.",
)
@click.option(
    "--without",
    multiple=True,
    metavar="FEATURE",
    help="Feature that must not be on the card. Can be repeated.",
)
@click.option(
    "--confirmed-by",
    default="",
    metavar="NAME",
    help="Promote the version even where a check cannot tell; NAME is kept with it.",
)
@seed_option
def train_command(
    workspace: Path,
    progress: Progress,
    as_json: bool,
    features: int | None,
    use: tuple[str, ...],
    without: tuple[str, ...],
    confirmed_by: str,
    seed: int,
) -> int:
    """Train a model, test it on later leads and register it."""
    from pipelines.train.train import train
    from pipelines.train.training_text import training_text

    answer = train(
        workspace,
        features=features,
        use=use,
        without=without,
        confirmed_by=confirmed_by.strip(),
        seed=seed,
        progress=progress,
    )
    print_answer(answer, training_text, as_json)
    return SUCCESS if answer["promoted"] else FAILED


def _read_days(context: click.Context, option: click.Parameter, text: str | None) -> list[int]:
    days = [] if text is None else [day.strip() for day in text.split(",")]
    if not all(day.isdecimal() for day in days):
        raise click.BadParameter(f"expected days such as 0,7,14, got {text!r}")
    return [int(day) for day in days]


@verb("backtest", "leadready backtest -w acme", "leadready backtest -w acme --days 0,7,14")
@in_workspace
@json_option
@click.option(
    "--days",
    callback=_read_days,
    metavar="DAYS",
    help="Days after the workspace's moment at which leads are judged, such as 0,7,14.",
)
@click.option(
    "--periods", default=3, metavar="N", help="How many trainings, 3 or more (default: 3)."
)
@seed_option
def backtest_command(
    workspace: Path,
    progress: Progress,
    as_json: bool,
    days: list[int],
    periods: int,
    seed: int,
) -> int:
    """Retrain at past dates and test on the leads that followed."""
    from pipelines.train.backtest import backtest
    from pipelines.train.backtest_text import backtest_text

    answer = backtest(workspace, days=days, periods=periods, seed=seed, progress=progress)
    print_answer(answer, backtest_text, as_json)
    return SUCCESS if all(day["gate"]["passed"] for day in answer["backtest"]) else FAILED


@verb("report", "leadready report -w acme", "leadready report -w acme --model 3 --out model-3.html")
@in_workspace
@out_option("File to write (default: report.html in the workspace).")
@click.option(
    "--model", metavar="VERSION", help="Version or alias of the model (default: the newest)."
)
def report_command(workspace: Path, progress: Progress, out: Path | None, model: str | None) -> int:
    """Write the report on a model as one offline HTML page."""
    from pipelines.report.report import report

    print(printable(str(report(workspace, out=out, model=model))))
    return SUCCESS


@verb("models", "leadready models -w acme", "leadready models -w acme --rollback")
@in_workspace
@json_option
@click.option(
    "--rollback",
    is_flag=False,
    flag_value="previous",
    metavar="[VERSION]",
    help="Make the previous champion, or this version, champion again.",
)
def models_command(workspace: Path, progress: Progress, as_json: bool, rollback: str | None) -> int:
    """List the registered versions of the model."""
    from pipelines.models import list_models, models_text, roll_back

    if rollback:
        say(f"version {roll_back(workspace, rollback)} is champion again")
    print_answer(list_models(workspace), models_text, as_json)
    return SUCCESS


@verb("level", "leadready level -w acme")
@in_workspace
@json_option
def level_command(workspace: Path, progress: Progress, as_json: bool) -> int:
    """Adjust the probabilities if the win rate has changed."""
    from pipelines.level.level import level
    from pipelines.level.level_text import level_text

    answer = level(workspace, progress=progress)
    print_answer(answer, level_text, as_json)
    return FAILED if answer.result == "refused" else SUCCESS


@verb("agreement", "leadready agreement -w acme")
@in_workspace
@json_option
@model_option
def agreement_command(workspace: Path, progress: Progress, as_json: bool, model: str) -> int:
    """Show where model and definition disagree, and which was right."""
    from pipelines.definition.disagreement import agreement, agreement_text

    print_answer(agreement(workspace, model=model, progress=progress), agreement_text, as_json)
    return SUCCESS


WORKSPACE_VERBS = (
    init_command,
    check_command,
    outcomes_command,
    train_command,
    backtest_command,
    *SCORING_VERBS,
    card_command,
    report_command,
    workshop_command,
    models_command,
    level_command,
    agreement_command,
    *LEDGER_VERBS,
    *EXPORT_VERBS,
    demo_command,
)
