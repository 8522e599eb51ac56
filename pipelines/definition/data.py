"""What every action on the definition looks at: the leads that were judged, and the file itself.

The leads are all that the workspace's data holds at their moments, with every feature that a
definition can ask about; outcomes are not needed for most questions and not read here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from features.errors import LeadReadyError
from features.families.build import build_features
from features.families.feature import Feature
from features.labels.moments import build_moments
from features.tables.read import Tables, read_tables
from features.workspace.read import Workspace, read_workspace
from model.definition.read import read_definition
from model.registry.registry import Registry

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Leads:
    """The judged leads of a workspace, as they were at their moments.

    Attributes
    ----------
    workspace, tables
        What was read.
    judged, X : DataFrame
        Their moments, and what was known of each then; same rows.
    catalogue : list of Feature
        What a definition can ask about.
    """

    workspace: Workspace
    tables: Tables
    judged: pd.DataFrame
    X: pd.DataFrame
    catalogue: list[Feature]

    @property
    def words(self) -> dict[str, str]:
        """What each feature is called."""
        return {one.name: one.words for one in self.catalogue}

    @property
    def file(self) -> Path:
        """The definition in use."""
        return self.workspace.folder / self.workspace.definition

    def definition(self, path: Path | None = None) -> dict[str, Any]:
        """Read the definition in use, or another, against these features."""
        return dict(read_definition(path or self.file, known_features=self.catalogue).content)

    def registered(self) -> list[dict[str, Any]]:
        """The definition that the champion is held against, where there is one."""
        try:
            registry = Registry.for_workspace(self.workspace.folder, self.workspace.model)
            return [registry.load("champion").definition]
        except LeadReadyError:
            return []


def read_leads(folder: Path, progress: Progress, *definitions: Path | None) -> Leads:
    """Read a workspace, and build the features of every lead that was ever judged.

    A mistake in one of the definitions (None: the one in use) is told before the data is read.
    """
    workspace = read_workspace(folder)
    for one in definitions:
        read_definition(one or workspace.folder / workspace.definition)
    progress("reading the tables")
    tables = read_tables(workspace, progress)
    judged, _ = build_moments(workspace, tables)
    progress(f"building the features of {len(judged):,} leads")
    X, catalogue = build_features(workspace, tables, judged)
    return Leads(workspace, tables, judged, X, catalogue)


def counted(count: int, what: str) -> str:
    """Say how many.

    Examples
    --------
    >>> counted(1, "lead"), counted(1200, "lead")
    ('1 lead', '1,200 leads')
    """
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> list[str]:
    """Write rows as lines of a table: texts to the left, everything else to the right.

    Examples
    --------
    >>> print(*table([{"id": "size", "n": "12"}], {"id": "criterion", "n": "> leads"}), sep="\\n")
    criterion  leads
    size          12
    """
    heads = {key: head.removeprefix("> ") for key, head in columns.items()}
    wide = {key: max([len(heads[key]), *(len(str(one[key])) for one in rows)]) for key in columns}
    lines = []
    for one in [heads, *rows]:
        cells = [
            f"{one[key]!s:>{wide[key]}}" if head.startswith("> ") else f"{one[key]!s:<{wide[key]}}"
            for key, head in columns.items()
        ]
        lines.append("  ".join(cells).rstrip())
    return lines
