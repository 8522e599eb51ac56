"""The verb ``leadready init``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from features.errors import LeadReadyError
from features.progress import Progress
from features.text import printable
from pipelines.cli.command import SUCCESS, verb
from pipelines.cli.options import FILE, quiet_option
from pipelines.cli.terminal import ask_on_terminal, refuse_without_terminal, say

if TYPE_CHECKING:
    from pipelines.init.warehouse.tables import Warehouse


@verb(
    "init",
    "leadready init acme leads.csv accounts.csv stages.csv calls.csv",
    "leadready init acme --from salesforce --source duckdb:warehouse.duckdb",
)
@click.argument("folder", type=FILE, metavar="DIR")
@click.argument("files", type=FILE, nargs=-1, metavar="[FILE]...")
@click.option("--leads", type=FILE, metavar="FILE", help="The leads: CSV, XLSX, Parquet or JSON.")
@click.option(
    "--accounts", type=FILE, multiple=True, metavar="FILE", help="One row for each company."
)
@click.option(
    "--contacts", type=FILE, multiple=True, metavar="FILE", help="One row for each person."
)
@click.option("--stages", type=FILE, multiple=True, metavar="FILE", help="The stage history.")
@click.option(
    "--changes", type=FILE, multiple=True, metavar="FILE", help="The history of other fields."
)
@click.option(
    "--events",
    type=FILE,
    multiple=True,
    metavar="FILE",
    help="What the leads did. Can be repeated.",
)
@click.option(
    "--outcome",
    metavar="COLUMN=VALUE",
    help="Column and value that mean a win; or a column of dates that only won leads have.",
)
@click.option(
    "--lost",
    multiple=True,
    metavar="VALUE",
    help="Value of that column that means lost; all: every other value. Can be repeated.",
)
@click.option("--id", metavar="COLUMN", help="Column that identifies a lead.")
@click.option("--created", metavar="COLUMN", help="Column with the date a lead was created.")
@click.option(
    "--null",
    "nulls",
    multiple=True,
    metavar="VALUE",
    help="Value that means missing, such as Select. Can be repeated.",
)
@click.option(
    "--date-format",
    "date_formats",
    multiple=True,
    metavar="[COLUMN=]FORMAT",
    help="How dates are written, such as %d/%m/%Y. Can be repeated.",
)
@click.option(
    "--sheet",
    "sheets",
    multiple=True,
    metavar="NAME",
    help="Sheet of a workbook, if several have tables. Can be repeated, in the order of the files.",
)
@click.option(
    "--from",
    "crm",
    type=click.Choice(("salesforce", "hubspot", "marketo")),
    help="The CRM whose tables Fivetran or dlt keep in --source.",
)
@click.option("--source", metavar="ADDRESS", help="duckdb:FILE or postgresql://…, for --from.")
@click.option("--schema", metavar="NAME", help="Schema of those tables, if several have leads.")
@click.option(
    "--interactive", is_flag=True, help="Ask the most important questions before writing."
)
@click.option("--force", is_flag=True, help="Overwrite existing files.")
@quiet_option
def init_command(
    folder: Path,
    files: tuple[Path, ...],
    leads: Path | None,
    accounts: tuple[Path, ...],
    contacts: tuple[Path, ...],
    stages: tuple[Path, ...],
    changes: tuple[Path, ...],
    events: tuple[Path, ...],
    outcome: str | None,
    lost: tuple[str, ...],
    id: str | None,
    created: str | None,
    nulls: tuple[str, ...],
    date_formats: tuple[str, ...],
    sheets: tuple[str, ...],
    crm: str | None,
    source: str | None,
    schema: str | None,
    interactive: bool,
    force: bool,
    progress: Progress,
) -> int:
    """Create the workspace DIR from a CRM export.

    What each FILE holds is found out, unless an option says so; a folder stands for its files.
    """
    from pipelines.init.init import init
    from pipelines.init.texts.summary_text import init_summary_text

    if interactive:
        refuse_without_terminal("--interactive", "leave it out: the questions are printed")
    written = init(
        folder,
        leads,
        events_files=events,
        outcome=outcome,
        lost=lost,
        id=id,
        created=created,
        null_values=nulls,
        accounts_files=accounts,
        contacts_files=contacts,
        stages_files=stages,
        changes_files=changes,
        other_files=files,
        date_formats=date_formats,
        sheets=sheets,
        warehouse=_warehouse(crm, source, schema, files or leads),
        force=force,
        progress=progress,
        warn=say,
        ask=ask_on_terminal if interactive else None,
    )
    for path in written.files:
        print(printable(str(path)))
    print(printable(init_summary_text(written.draft)))
    say(f"next: leadready check -w {folder}")
    return SUCCESS


def _warehouse(
    crm: str | None, source: str | None, schema: str | None, files: object
) -> Warehouse | None:
    """Fetch the tables that ``--from`` and ``--source`` name."""
    from pipelines.init.warehouse.tables import fetch_warehouse

    if crm is None and source is None and schema is None:
        return None
    if crm is None or source is None or files:
        raise LeadReadyError(
            "--from and --source belong together, and no file is named beside them",
            hint="leadready init DIR --from salesforce --source duckdb:warehouse.duckdb",
        )
    return fetch_warehouse(crm, source, schema)
