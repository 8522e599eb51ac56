"""The verbs that work on the ledger: history, changes and forget."""

from __future__ import annotations

from pathlib import Path

import click

from features.progress import Progress
from features.text import printable
from pipelines.cli.command import SUCCESS, verb
from pipelines.cli.options import in_workspace, json_option
from pipelines.output import print_answer

FORGOTTEN = """\
Score files that were written before still have the lead, until the next run replaces them.
Delete the lead in the CRM as well, or the next run scores it again."""


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
    print(printable(f"{ledger.file}: {count(ledger.forget(lead), 'score')} removed"))
    print(FORGOTTEN)
    return SUCCESS


LEDGER_VERBS = (history_command, changes_command, forget_command)
