"""All layouts but the plain one, by name, and the files of one in a workspace."""

from __future__ import annotations

from pathlib import Path

from features.errors import LeadReadyError
from pipelines.simulator.company import Company
from pipelines.simulator.export import write_truth
from pipelines.simulator.layouts.dynamics import DYNAMICS
from pipelines.simulator.layouts.files import Layout, write_raw_files
from pipelines.simulator.layouts.german_erp import GERMAN_ERP
from pipelines.simulator.layouts.hubspot import HUBSPOT
from pipelines.simulator.layouts.odoo import ODOO
from pipelines.simulator.layouts.pipedrive import PIPEDRIVE
from pipelines.simulator.layouts.records import company_records
from pipelines.simulator.layouts.salesforce import SALESFORCE
from pipelines.simulator.layouts.zoho import ZOHO

LAYOUTS: dict[str, Layout] = {
    layout.name: layout
    for layout in (SALESFORCE, HUBSPOT, PIPEDRIVE, DYNAMICS, ZOHO, ODOO, GERMAN_ERP)
}


def write_layout(company: Company, name: str, folder: Path) -> dict[str, list[Path]]:
    """Write the raw files of a layout into ``folder/crm``, and the truth beside them.

    Returns
    -------
    dict of str to list of Path
        The files by what ``leadready init`` calls them: ``leads``, ``events`` and so on.
    """
    if name not in LAYOUTS:
        raise LeadReadyError.unknown(name, list(LAYOUTS), what="layout")
    layout = LAYOUTS[name]
    paths = write_raw_files(layout, company_records(company), folder / "crm")
    write_truth(company, folder / "truth")
    options: dict[str, list[Path]] = {}
    for path, file in zip(paths, layout.files, strict=True):
        options.setdefault(file.option, []).append(path)
    return options
