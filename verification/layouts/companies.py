"""The raw files of the demo's company: layouts, and systems that no code was written for."""

from __future__ import annotations

from pathlib import Path

from pipelines.simulator.company import Company
from pipelines.simulator.export import write_company
from pipelines.simulator.layouts.choose import LAYOUTS, write_layout
from pipelines.simulator.layouts.files import Layout, write_raw_files
from pipelines.simulator.layouts.records import company_records
from verification.layouts.other_systems import OTHER_SYSTEMS

PLAIN = "plain"  # its mapping is written by hand; what the others are compared with
DRAFTED = "plain, drafted"


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
