"""The templates: which tables of a warehouse hold which part of a CRM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("templates.yaml")
Names = tuple[str, ...]  # of one table, or queries; the first that a warehouse has is used


@dataclass(frozen=True)
class Template:
    """The tables of a CRM, by what they hold.

    Attributes
    ----------
    leads, id : tuple of str
        Names of the table with a row for each lead, and of its id.
    accounts, stages, changes, events : tuple of tuple of str
        The names of each further table, or queries in their place.
    deleted : tuple of str
        Columns that are true in deleted rows.
    prefix : str
        Begins the names of columns, and is left out.
    computed : mapping of str to str
        Expressions in the place of columns.
    """

    leads: Names
    id: Names
    accounts: tuple[Names, ...]
    stages: tuple[Names, ...]
    changes: tuple[Names, ...]
    events: tuple[Names, ...]
    deleted: Names
    prefix: str = ""
    computed: Mapping[str, str] = field(default_factory=dict)


@cache
def crm_templates() -> dict[str, Template]:
    """Read the templates by the name of their CRM.

    Examples
    --------
    >>> list(crm_templates())
    ['salesforce', 'hubspot', 'marketo']
    """
    found = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {
        crm: Template(
            leads=tuple(tables["leads"]),
            id=tuple(tables["id"]),
            accounts=tuple(map(tuple, tables.get("accounts", ()))),
            stages=tuple(map(tuple, tables.get("stages", ()))),
            changes=tuple(map(tuple, tables.get("changes", ()))),
            events=tuple(map(tuple, tables.get("events", ()))),
            deleted=tuple(tables["deleted"]),
            prefix=tables.get("prefix", ""),
            computed=tables.get("computed", {}),
        )
        for crm, tables in found.items()
    }
