"""Read the lead definition that sales and marketing sign, checking every line.

What the rules mean is in ``model.serving``, which travels with the model. A line that is wrong
raises an error with its place, what was expected and the nearest right name; so does a definition
whose moment or horizon differs from the workspace's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from features.errors import LeadReadyError
from features.workspace.yaml_with_lines import read_places
from model.definition.validate import FeatureKinds, validate
from model.serving import Definition, ServingError

if TYPE_CHECKING:
    from features.families.feature import Feature
    from features.workspace.read import Workspace


def read_definition(
    path: str | Path, known_features: Iterable[str | Feature] | None = None
) -> Definition:
    """Read a definition file and check every line of it.

    Parameters
    ----------
    path : path
        The YAML file.
    known_features : iterable of str or Feature, optional
        The features that rules can use; without them, names are not checked. With features rather
        than names, the kind of each is checked against the operators.

    Raises
    ------
    LeadReadyError
        With file, line and column, what was expected, and the nearest right name.
    """
    place = read_places(
        Path(path),
        what="definition",
        missing="leadready init writes a draft; leadready.yaml names the file under definition:",
        keys="ready_when: …",
    )
    validate(place, _feature_kinds(known_features))
    try:
        return Definition.from_dict(place.value)
    except ServingError as error:
        raise place.wrong(error.what, error.hint) from error


def _feature_kinds(features: Iterable[str | Feature] | None) -> FeatureKinds:
    if features is None:
        return FeatureKinds(None)
    kinds = {
        feature if isinstance(feature, str) else feature.name: (
            None if isinstance(feature, str) else feature.kind
        )
        for feature in features
    }
    return FeatureKinds(kinds)


def check_same_terms(definition: Definition, workspace: Workspace, file: str | None = None) -> None:
    """Refuse a definition whose moment or horizon differs from the workspace's.

    Parameters
    ----------
    file : str, optional
        Where the definition is from (default: the workspace's definition).

    Raises
    ------
    LeadReadyError
        With both values and where to change them.
    """
    where = f"{file or workspace.definition} and leadready.yaml"
    agreed, used = definition.horizon_days, workspace.outcome.horizon_days
    if agreed is not None and agreed != used:
        counts = f"within {used} days" if used else "at any time"
        raise LeadReadyError(
            f"the definition counts wins within {agreed} days, the workspace {counts}",
            where=where,
            hint=f"write  horizon_days: {agreed}  under  outcome:",
        )
    if definition.moment is not None:
        _check_same_moment(definition.moment, workspace, where)


def _check_same_moment(moment: str, workspace: Workspace, where: str) -> None:
    """Compare ``column``, ``created`` or ``column + N days`` with the workspace's moment."""
    parts = re.fullmatch(r"(.*?)(?:\s*\+\s*(\d+) days?)?", moment.strip())
    column, days = parts.groups() if parts else (moment, None)
    created, plus_days = workspace.leads.created, workspace.moment.plus_days or 0
    used = workspace.moment.column or created or "created"
    names = {used, "created"} if used == created else {used}
    if column not in names or (days is not None and int(days) != plus_days):
        used_text = f"{used} + {plus_days} days" if plus_days else used
        raise LeadReadyError(
            f"the definition judges leads at {moment}, the workspace at {used_text}",
            where=where,
            hint=f"write  moment: {used_text}  or change the workspace",
        )
