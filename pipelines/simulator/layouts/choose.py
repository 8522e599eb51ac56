"""All layouts but the plain one, by name, and the files of one in a workspace."""

from __future__ import annotations

from pathlib import Path

from features.errors import LeadReadyError
from pipelines.simulator.company import Company
from pipelines.simulator.export import write_truth
from pipelines.simulator.layouts.conversions import KEPT, convert_events
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


def check_conversion(name: str, conversion: str) -> None:
    """Refuse what a system does not do with the events of won leads.

    Examples
    --------
    >>> check_conversion("salesforce", "merged")
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    offered = LAYOUTS[name].conversions if name in LAYOUTS else ()
    if conversion != KEPT and conversion not in offered:
        having = [layout.name for layout in LAYOUTS.values() if conversion in layout.conversions]
        raise LeadReadyError(
            f"the layout {name} has no conversion {conversion!r}",
            hint=f"write  --layout {' or '.join(having)}",
        )


def write_layout(
    company: Company, name: str, folder: Path, conversion: str = KEPT
) -> dict[str, list[Path]]:
    """Write the raw files of a layout into ``folder/crm``, and the truth beside them.

    Parameters
    ----------
    conversion : str
        What the system does with the events of leads that are won.

    Returns
    -------
    dict of str to list of Path
        The files by what ``leadready init`` calls them: ``leads``, ``events`` and so on.
    """
    if name not in LAYOUTS:
        raise LeadReadyError.unknown(name, list(LAYOUTS), what="layout")
    check_conversion(name, conversion)
    layout = LAYOUTS[name]
    records = convert_events(company_records(company), conversion)
    paths = write_raw_files(layout, records, folder / "crm")
    write_truth(company, folder / "truth")
    options: dict[str, list[Path]] = {}
    for path, file in zip(paths, layout.files, strict=True):
        options.setdefault(file.option, []).append(path)
    return options
