"""Report: one offline HTML page about a version, for the people who have to trust it.

The page shows what was measured when the version was tested; nothing is computed again. It loads
nothing from anywhere, and every value from the data is escaped.
"""

from __future__ import annotations

from pathlib import Path

from features.errors import LeadReadyError
from features.whole_file import write_whole
from model.registry.registry import Registry
from pipelines.pages.shell import environment
from pipelines.report.page import page_content
from pipelines.score.active_definition import find_active_definition
from pipelines.snapshot import read_snapshot


def report(folder: Path | str, *, out: Path | str | None = None, model: str | None = None) -> Path:
    """Write the report on a registered version.

    Parameters
    ----------
    folder : path
        The workspace.
    out : path, optional
        The file to write (default: ``report.html`` in the workspace).
    model : str, optional
        An alias or version (default: the newest version).

    Returns
    -------
    path
        The file that was written.

    Raises
    ------
    LeadReadyError
        When there is no such version, or no folder to write into.

    Examples
    --------
    >>> report("nowhere")
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    workspace = read_snapshot(folder).workspace
    registry = Registry.for_workspace(workspace.folder, workspace.model)
    versions = registry.versions()
    if model is None and not versions:
        raise LeadReadyError(
            "no version is registered yet", where=str(folder), hint=f"leadready train -w {folder}"
        )
    loaded = registry.load(model or versions[-1].label)
    active = find_active_definition(workspace, loaded)
    content = page_content(loaded, registry.gates(loaded.version), workspace.name, active)
    path = Path(out or Path(folder) / "report.html")
    write_whole(path, environment().get_template("report.html").render(content))
    return path
