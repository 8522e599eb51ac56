"""The simulated company's files as different systems would export them, a module a system."""

LAYOUT_NAMES = (
    "plain",
    "salesforce",
    "hubspot",
    "pipedrive",
    "dynamics",
    "zoho",
    "odoo",
    "german-erp",
)
CONVERSION_NAMES = ("kept", "moved", "partly-moved", "cadence-left", "merged", "deleted")
