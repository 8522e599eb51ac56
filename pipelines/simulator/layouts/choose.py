"""All layouts but the plain one, by name."""

from __future__ import annotations

from pipelines.simulator.layouts.dynamics import DYNAMICS
from pipelines.simulator.layouts.files import Layout
from pipelines.simulator.layouts.german_erp import GERMAN_ERP
from pipelines.simulator.layouts.hubspot import HUBSPOT
from pipelines.simulator.layouts.odoo import ODOO
from pipelines.simulator.layouts.pipedrive import PIPEDRIVE
from pipelines.simulator.layouts.salesforce import SALESFORCE
from pipelines.simulator.layouts.zoho import ZOHO

LAYOUTS: dict[str, Layout] = {
    layout.name: layout
    for layout in (SALESFORCE, HUBSPOT, PIPEDRIVE, DYNAMICS, ZOHO, ODOO, GERMAN_ERP)
}
