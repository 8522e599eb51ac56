"""Every feature, once: its name, what it means in words, unit, window and family.

The four families declare their own lists; the catalogue is those lists one after the other, in the
order of ``FAMILIES``. Training keeps the catalogue that a model learnt from, and scoring builds
exactly those features again.
"""

from __future__ import annotations

from types import ModuleType

from features.errors import LeadReadyError
from features.families import engagement, firmographic, origin, role
from features.families.feature import ENGAGEMENT, FAMILIES, FIRMOGRAPHIC, ORIGIN, ROLE, Feature
from features.tables.read import Tables
from features.workspace.read import Workspace

__all__ = ["FAMILIES", "MODULES", "Feature", "catalog"]

MODULES: dict[str, ModuleType] = {
    FIRMOGRAPHIC: firmographic,
    ROLE: role,
    ORIGIN: origin,
    ENGAGEMENT: engagement,
}


def catalog(ws: Workspace, tables: Tables) -> list[Feature]:
    """List every feature that these tables can give, family by family.

    Raises
    ------
    LeadReadyError
        When two features would have the same name.
    """
    found = [one for family in FAMILIES for one in MODULES[family].catalogue(ws, tables)]
    _check_names(found)
    return found


def _check_names(features: list[Feature]) -> None:
    seen: dict[str, Feature] = {}
    for one in features:
        if one.name in seen:
            raise LeadReadyError(
                f"two features are named {one.name!r}: from {seen[one.name].source}"
                f" and from {one.source}",
                where="leadready.yaml",
                hint="give one of the columns another name by `feature:`",
            )
        seen[one.name] = one
