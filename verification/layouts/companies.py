"""The raw files that walk the road: layouts, systems not written for, and real exports."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pipelines.simulator.company import Company
from pipelines.simulator.export import write_company
from pipelines.simulator.layouts.choose import LAYOUTS, write_layout
from pipelines.simulator.layouts.files import Layout, write_raw_files
from pipelines.simulator.layouts.records import company_records
from verification.layouts.other_systems import OTHER_SYSTEMS

PLAIN = "plain"  # its mapping is written by hand; what the others are compared with
DRAFTED = "plain, drafted"
DATA = Path(os.environ.get("LEADREADY_DATA", "../shared/data"))


class RawExport(NamedTuple):
    """A real export, and what has to become of it.

    Attributes
    ----------
    folder : str
        Below the folder of the real data.
    leads : str
        Its file of leads.
    events : tuple of str
        Its files of events.
    refused : tuple of str
        Words of which the verdict has one at least; empty where the model may be promoted.
    """

    folder: str
    leads: str
    events: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


REAL = (
    RawExport("x_education", "Leads.csv"),
    RawExport("itschool_crm", "raw_deals.xlsx", ("clean_calls.parquet",)),
    RawExport("marketstar", "Leads.csv", refused=("better than chance",)),
    RawExport("maven_crm", "sales_pipeline.csv", refused=("better than chance",)),
    RawExport("bank_marketing", "leads.parquet"),
)


def write_files(company: Company, name: str, folder: Path) -> list[object]:
    """Write the raw files of a layout; give the arguments of ``leadready init`` for them."""
    if name in (PLAIN, DRAFTED):
        write_company(company, folder)
        return [folder / "crm"]
    if name in LAYOUTS:
        files = write_layout(company, name, folder / "files")
        paths = [path for option in files.values() for path in option]
    else:
        paths = write_raw_files(_other_system(name), company_records(company), folder / "files")
    return [*paths[1:], "--leads", paths[0]]


def _other_system(name: str) -> Layout:
    return next(layout for layout in OTHER_SYSTEMS if layout.name == name)


def layout_names() -> list[str]:
    """All layouts, those of systems that no code was written for last."""
    return [PLAIN, DRAFTED, *LAYOUTS, *(layout.name for layout in OTHER_SYSTEMS)]


def real_exports() -> Iterator[tuple[RawExport, list[object]]]:
    """The real exports that are here, with the arguments of ``leadready init``."""
    for export in REAL:
        folder = DATA / export.folder
        if folder.is_dir():
            events = [part for name in export.events for part in ("--events", folder / name)]
            yield export, ["--leads", folder / export.leads, *events]
