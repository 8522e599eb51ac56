"""The verbs ``leadready card`` and ``leadready workshop``: pages for people who decide."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from features.errors import LeadReadyError
from features.locale import LOCALES
from features.progress import Progress
from features.text import printable
from pipelines.cli.command import SUCCESS, verb
from pipelines.cli.options import in_workspace, out_option
from pipelines.cli.terminal import say
from pipelines.output import json_text, print_or_write
from pipelines.table_files.write import print_chunks, write_chunks

if TYPE_CHECKING:
    from pipelines.card.alternatives import Alternatives
    from pipelines.card.card import Card

FORMATS = ("json", "csv", "html")  # besides text


@verb("card", "leadready card -w acme", "leadready card -w acme --html --out card.html")
@in_workspace
@click.option("--json", "form", flag_value="json", help="Write the card as JSON.")
@click.option("--csv", "form", flag_value="csv", help="Write one line for each row of the card.")
@click.option("--html", "form", flag_value="html", help="Write a page that prints on A4.")
@out_option("File to write (default: stdout); .json, .csv or .html chooses the format.")
@click.option(
    "--model",
    metavar="VERSION",
    help="Version or alias of the model (default: champion, or the latest if there is none).",
)
@click.option(
    "--alternatives", "others", is_flag=True, help="List cards of nearly the same quality."
)
def card_command(
    workspace: Path,
    progress: Progress,
    form: str | None,
    out: Path | None,
    model: str | None,
    others: bool,
) -> int:
    """Show the points of a model on one page."""
    from pipelines.card.alternatives import alternatives
    from pipelines.card.card import card

    form = form or _format_of(out)
    if others and form in ("csv", "html"):
        what = f"the alternatives cannot be written as {form.upper()}"
        raise LeadReadyError(what, hint="leadready card --alternatives, or with --json")
    shown = alternatives(workspace, model) if others else card(workspace, model)
    _write(shown, form, out)
    if out:
        what = "alternatives to" if others else "card of"
        say(f"{what} version {shown.version} written to {out}")
    return SUCCESS


def _format_of(out: Path | None) -> str:
    ending = out.suffix.lower().removeprefix(".") if out else ""
    return ending if ending in FORMATS else "text"


def _write(shown: Card | Alternatives, form: str, out: Path | None) -> None:
    from pipelines.card.alternatives import Alternatives, alternatives_text
    from pipelines.card.card_page import card_page
    from pipelines.card.card_text import card_text

    if form == "json":
        written = json_text(shown.to_json())
    elif isinstance(shown, Alternatives):
        written = alternatives_text(shown)
    elif form == "csv":
        table = [shown.table()]
        return write_chunks(table, out, "csv") if out else print_chunks(table)
    else:
        written = card_page(shown) if form == "html" else card_text(shown)
    return print_or_write(written, out)


@verb(
    "workshop",
    "leadready workshop -w acme --locale de --out w.html",
    "leadready workshop -w acme --live",
)
@in_workspace
@out_option("File to write (default: workshop.html in the workspace).")
@click.option(
    "--model",
    metavar="VERSION",
    help="Version or alias of the model (default: the champion, or the newest without one).",
)
@click.option(
    "--locale",
    type=click.Choice(LOCALES),
    default="en",
    help="How figures and days are written (default: en).",
)
@click.option("--live", is_flag=True, help="Serve a page on which people change rules and points.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    metavar="N",
    help="Of --live (default: free).",
)
def workshop_command(
    workspace: Path,
    progress: Progress,
    out: Path | None,
    model: str | None,
    locale: str,
    live: bool,
    port: int,
) -> int:
    """Write the page for a workshop, or serve it live."""
    if live:
        from pipelines.workshop.live.serve import serve_live

        serve_live(
            workspace, model=model, locale=locale, port=port, ready=_say_address, progress=progress
        )
        return SUCCESS
    from pipelines.workshop.workshop import workshop

    path = workshop(workspace, out=out, model=model, locale=locale, progress=progress)
    print(printable(str(path)))
    return SUCCESS


def _say_address(address: str) -> None:
    print(printable(address), flush=True)
    say("open this address in a browser of this machine; Ctrl+C ends the session")
