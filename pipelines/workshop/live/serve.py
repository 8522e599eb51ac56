"""``leadready workshop --live``: serve the page of a live session on this machine."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from features.progress import Progress, no_progress
from pipelines.loopback import listening_at, server_of
from pipelines.workshop.live.app import LiveApp
from pipelines.workshop.live.room import open_room


def serve_live(
    folder: Path | str,
    *,
    model: str | None = None,
    locale: str = "en",
    port: int = 0,
    ready: Callable[[str], None] = print,
    progress: Progress = no_progress,
) -> None:
    """Serve a session until it is interrupted.

    Parameters
    ----------
    folder : path
        The workspace.
    model : str, optional
        An alias or version (default: the champion, or the latest version without one).
    locale : str
        ``en`` or ``de``: how figures and days are written.
    port : int
        Where to listen; 0 takes a free one.
    ready : callable
        Receives the address once people can open it.
    progress : callable, optional
        Receives a message before each long step.

    Raises
    ------
    LeadReadyError
        When the workspace or its definition cannot be read, or there is no such version.
    """
    room = open_room(folder, model=model, progress=progress)
    with listening_at(port) as listening:
        app = LiveApp(room, listening.getsockname()[1], locale)
        threading.Thread(target=room.search, daemon=True).start()
        ready(app.address)
        server_of(app).run(sockets=[listening])
