"""Servers that only this machine can reach: their address, port and settings."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import uvicorn

from features.errors import LeadReadyError

LOOPBACK = "127.0.0.1"


def listening_at(port: int) -> socket.socket:
    """Open a port of this machine; 0 takes a free one.

    Raises
    ------
    LeadReadyError
        When another program has it.

    Examples
    --------
    >>> with listening_at(0) as listening:
    ...     listening.getsockname()[0]
    '127.0.0.1'
    """
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Answers leave in one piece after another: waiting to be acknowledged takes 40 ms each time.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listening.bind((LOOPBACK, port))
    except OSError as error:
        listening.close()
        what = f"port {port} of this machine cannot be used: {error.strerror}"
        hint = "leave out --port, which takes a free one, or name another"
        raise LeadReadyError(what, where="--port", hint=hint) from error
    return listening


def server_of(app: Callable[..., Any]) -> uvicorn.Server:
    """Make the server of an application; it logs nothing, since addresses may hold a key."""
    settings = uvicorn.Config(app, log_level="error", access_log=False, server_header=False)
    return uvicorn.Server(settings)
