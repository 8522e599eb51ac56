"""Servers of this machine: a port that is taken is named."""

from __future__ import annotations

import socket

import pytest

from features.errors import LeadReadyError
from pipelines.loopback import listening_at


def test_a_port_that_another_program_has_is_named() -> None:
    with listening_at(0) as first:
        first.listen()
        port = first.getsockname()[1]
        with pytest.raises(LeadReadyError, match=f"port {port} of this machine cannot be used"):
            listening_at(port)


def test_answers_do_not_wait_for_each_other_to_be_acknowledged() -> None:
    with listening_at(0) as listening:
        listening.listen()
        with socket.create_connection(listening.getsockname()):
            connection, _ = listening.accept()
            with connection:
                assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
