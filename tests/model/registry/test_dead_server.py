"""A server that is gone is reported at once, with its address and without its password."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from features.errors import LeadReadyError
from model.registry.registry import Registry
from model.registry.store import LIMITS, _silence_mlflow


def test_a_dead_server_is_named_without_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://ann:secret@127.0.0.1:{port}")
    with pytest.raises(LeadReadyError, match="no MLflow server answers") as caught:
        Registry.for_workspace(tmp_path).load("champion")
    assert caught.value.where == f"http://127.0.0.1:{port}"
    assert "MLFLOW_TRACKING_URI" in str(caught.value.hint)


def test_mlflow_waits_a_minute_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in LIMITS:
        monkeypatch.delenv(name, raising=False)
    _silence_mlflow()
    seconds, retries = (float(os.environ[name]) for name in LIMITS)
    assert seconds * (retries + 1) <= 60
