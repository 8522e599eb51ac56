"""What the definition commands share: the registered definition, and tables of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from features.errors import LeadReadyError
from features.workspace.read import Workspace
from model.registry.registry import Registry


def registered_definitions(workspace: Workspace) -> list[dict[str, Any]]:
    """Give the definition that the champion is held against, where there is one."""
    try:
        return [
            Registry.for_workspace(workspace.folder, workspace.model).load("champion").definition
        ]
    except LeadReadyError:
        return []


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
