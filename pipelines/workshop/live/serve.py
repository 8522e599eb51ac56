"""``leadready workshop --live``: serve the page of a live session on this machine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn

from features.errors import LeadReadyError
from features.progress import Progress, no_progress
from pipelines.workshop.live.app import LiveApp
from pipelines.workshop.live.room import open_room

LOOPBACK = "127.0.0.1"


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
    with bound_socket(port) as listening:
        app = LiveApp(room, listening.getsockname()[1], locale)
        threading.Thread(target=room.search, daemon=True).start()
        ready(app.address)
        server_of(app).run(sockets=[listening])


def bound_socket(port: int) -> socket.socket:
    """Take a port of this machine alone; 0 takes a free one.

    Raises
    ------
    LeadReadyError
        When another program has it.
    """
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
    except OSError as error:
        listening.close()
        hint = "leave --port out to take a free one"
        raise LeadReadyError(f"port {port} is in use", where="--port", hint=hint) from error
    return listening


def server_of(app: Callable[..., Any]) -> uvicorn.Server:
    """Make the server of an application; it logs nothing, since addresses may hold a key."""
    settings = uvicorn.Config(app, log_level="error", access_log=False, server_header=False)
    return uvicorn.Server(settings)
