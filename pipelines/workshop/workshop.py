"""``leadready workshop``: one offline page for sales and marketing to look, argue and decide."""

from __future__ import annotations

from pathlib import Path

from features.locale import figures_in
from features.progress import Progress, no_progress
from features.whole_file import write_whole
from pipelines.snapshot import read_snapshot
from pipelines.workshop.facts.gather import workshop_facts
from pipelines.workshop.page import DrawnScreen, drawn_screens, workshop_page


def workshop(
    folder: Path | str,
    *,
    out: Path | str | None = None,
    model: str | None = None,
    locale: str = "en",
    progress: Progress = no_progress,
) -> Path:
    """Write the workshop's page.

    Parameters
    ----------
    folder : path
        The workspace.
    out : path, optional
        The file to write (default: ``workshop.html`` in the workspace).
    model : str, optional
        An alias or version (default: the champion, or the latest version without one).
    locale : str
        ``en`` or ``de``: how figures and days are written.
    progress : callable, optional
        Receives a message before each long step.

    Returns
    -------
    path
        The file that was written.

    Raises
    ------
    LeadReadyError
        When the workspace or its definition cannot be read, or there is no such version.

    Examples
    --------
    >>> workshop("nowhere")
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    with figures_in(locale):  # facts hold sentences of other rooms
        facts = workshop_facts(read_snapshot(folder, progress), model, progress)
    path = Path(out or Path(folder) / "workshop.html")
    write_whole(path, workshop_page(facts, locale))
    return path


def screens(
    folder: Path | str, *, model: str | None = None, progress: Progress = no_progress
) -> list[DrawnScreen]:
    """Give the screens of the workshop one by one, as a notebook shows them.

    Parameters
    ----------
    folder : path
        The workspace.
    model : str, optional
        An alias or version (default: the champion, or the latest version without one).
    progress : callable, optional
        Receives a message before each long step.

    Raises
    ------
    LeadReadyError
        As for ``workshop``.

    Examples
    --------
    >>> [screen.title for screen in screens("acme")][:2]  # doctest: +SKIP
    ['Where we are', 'What we agreed']
    >>> screens("nowhere")
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    return drawn_screens(workshop_facts(read_snapshot(folder, progress), model, progress))
