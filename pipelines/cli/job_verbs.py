"""The verbs of the scoring job and its ledger."""

from __future__ import annotations

from pathlib import Path

import click

from features.progress import Progress
from features.text import printable
from features.workspace.job_schema import GUARDS
from pipelines.cli.command import SUCCESS, verb
from pipelines.cli.options import (
    FILE,
    as_of_option,
    in_workspace,
    json_option,
    model_option,
    out_option,
)
from pipelines.cli.terminal import say
from pipelines.output import print_answer
from pipelines.table_files.formats import TABLE_FORMATS, TableFormat

FORGOTTEN = """\
Score files that were written before still have the lead, until the next run replaces them.
Delete the lead in the CRM as well, or the next run scores it again."""


@verb("score", "leadready score -w acme --out scores.csv", "leadready score -w acme --level")
@in_workspace
@click.option(
    "--format",
    type=click.Choice(TABLE_FORMATS),
    help="How scores are written (default: by the ending of --out; CSV to stdout).",
)
@click.option("--json", "format", flag_value="json", help="The same as --format json.")
@out_option("File to write: CSV, Parquet, JSON or XLSX (default: stdout).")
@as_of_option
@model_option
@click.option("--unsigned", is_flag=True, help="Score even if the definition is not signed.")
@click.option(
    "--summary",
    type=FILE,
    metavar="FILE",
    help="Write how the run ended as one line of JSON, for schedulers.",
)
@click.option(
    "--log",
    type=FILE,
    metavar="FILE",
    help="Append messages to this file instead of printing them.",
)
@click.option("--level", "keep_level", is_flag=True, help="Run leadready level first.")
@click.option("--since-last", is_flag=True, help="Write only what changed since the last run.")
@click.option(
    "--force",
    "forced",
    type=click.Choice(GUARDS),
    multiple=True,
    metavar="GUARD",
    help="Score although the data is beyond this limit of guards:; repeatable.",
)
def score_command(
    workspace: Path,
    progress: Progress,
    format: TableFormat | None,
    out: Path | None,
    as_of: str | None,
    model: str,
    unsigned: bool,
    keep_level: bool,
    since_last: bool,
    forced: tuple[str, ...],
    summary: Path | None,
    log: Path | None,
) -> int:
    """Score the open leads."""
    from pipelines.score.run_record import recorded_run

    with recorded_run(summary, log, say) as record:
        from pipelines.score.job import write_scores

        progress = record.listening(progress)
        if keep_level:
            from pipelines.level.level import level
            from pipelines.level.level_text import level_text

            record.tell(level_text(level(workspace, progress=progress)))
        scored = write_scores(
            workspace,
            out=out,
            as_of=as_of,
            model=model,
            unsigned=unsigned,
            format=format,
            since_last=since_last,
            forced=forced,
            progress=progress,
        )
        record.finish(scored)
    return SUCCESS


@verb("explain", "leadready explain LEAD-42 -w acme", "leadready explain LEAD-42 -w acme --short")
@click.argument("lead")
@in_workspace
@click.option("--json", "form", flag_value="json", help="Print the brief as JSON.")
@click.option("--html", "form", flag_value="html", help="Print the brief as a page.")
@click.option(
    "--short", "form", flag_value="short", help="Print it in 255 characters, for a CRM field."
)
@as_of_option
@model_option
def explain_command(
    lead: str,
    workspace: Path,
    progress: Progress,
    form: str | None,
    as_of: str | None,
    model: str,
) -> int:
    """Print the hand-off brief of one LEAD, given by its id."""
    from pipelines.brief.brief_page import brief_page
    from pipelines.brief.brief_text import brief_text
    from pipelines.brief.explain import explain
    from pipelines.brief.short_text import short_text

    brief = explain(workspace, lead, as_of=as_of, model=model)
    texts = {"html": brief_page, "short": short_text, None: brief_text}
    print_answer(brief, texts.get(form, brief_text), form == "json")
    return SUCCESS


@verb("history", "leadready history LEAD-42 -w acme")
@click.argument("lead")
@in_workspace
@json_option
def history_command(lead: str, workspace: Path, progress: Progress, as_json: bool) -> int:
    """Show how the score of one LEAD changed, and why."""
    from pipelines.ledger.history import history, history_text

    print_answer(history(workspace, lead), history_text, as_json)
    return SUCCESS


@verb("changes", "leadready changes --since 2026-10-01 -w acme")
@in_workspace
@json_option
@click.option("--since", required=True, metavar="DATE", help="The day to compare with.")
def changes_command(workspace: Path, progress: Progress, as_json: bool, since: str) -> int:
    """Show whose decision changed since a day, and why."""
    from pipelines.ledger.changes import changes, changes_text

    print_answer(changes(workspace, since), changes_text, as_json)
    return SUCCESS


@verb("forget", "leadready forget LEAD-42 -w acme")
@click.argument("lead")
@in_workspace
def forget_command(lead: str, workspace: Path, progress: Progress) -> int:
    """Remove all kept scores of one LEAD."""
    from features.text import count
    from features.workspace.read import read_workspace
    from pipelines.ledger.ledger import Ledger

    ledger = Ledger.of(read_workspace(workspace))
    print(printable(f"{ledger.store.where}: {count(ledger.forget(lead), 'score')} removed"))
    print(FORGOTTEN)
    return SUCCESS


SCORING_VERBS = (score_command, explain_command)


@verb("uplift", "leadready uplift -w acme")
@in_workspace
@json_option
def uplift_command(workspace: Path, progress: Progress, as_json: bool) -> int:
    """Measure what the ranking is worth."""
    from pipelines.ledger.uplift import uplift, uplift_text

    print_answer(uplift(workspace), uplift_text, as_json)
    return SUCCESS


LEDGER_VERBS = (history_command, changes_command, uplift_command, forget_command)
