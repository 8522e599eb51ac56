"""The verb ``leadready demo``."""

from __future__ import annotations

from pathlib import Path

import click

from features.progress import Progress
from pipelines.cli.command import FAILED, SUCCESS, verb
from pipelines.cli.options import FILE, quiet_option
from pipelines.simulator.layouts import CONVERSION_NAMES, LAYOUT_NAMES


@verb("demo", "leadready demo", "leadready demo --layout salesforce --folder my-demo")
@click.option("--folder", type=FILE, default="demo", metavar="DIR", help="Default: demo.")
@click.option(
    "--layout",
    type=click.Choice(LAYOUT_NAMES),
    default="plain",
    help="Whose export the files look like; init then finds out what they mean.",
)
@click.option(
    "--conversion",
    type=click.Choice(CONVERSION_NAMES),
    default="kept",
    help="What the system does with the events of leads that are won.",
)
@quiet_option
def demo_command(folder: Path, layout: str, conversion: str, progress: Progress) -> int:
    """Run every step on a simulated company."""
    from pipelines.simulator.demo import demo

    return SUCCESS if demo(folder, layout, conversion, progress=progress) else FAILED
