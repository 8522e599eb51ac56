"""Whatever breaks: exit code 2 and a hint; a traceback only where ``--debug`` asks for one."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from features.errors import CheckFailed, LeadReadyError
from pipelines.cli.command import ERROR, FAILED
from pipelines.cli.faults import HINTS

Run = Callable[..., Any]
FAULTS = [
    OSError(errno.ENOSPC, "No space left on device", "scores.csv"),
    PermissionError(errno.EACCES, "Permission denied", "scores.csv"),
    OSError(errno.EROFS, "Read-only file system", "scores.csv"),
    IsADirectoryError(errno.EISDIR, "Is a directory", "scores.csv"),
    ModuleNotFoundError("No module named 'psycopg2'", name="psycopg2"),
    MemoryError(),
    RecursionError("maximum recursion depth exceeded"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    KeyError("lead_id"),
]


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Let ``leadready models`` raise an error."""

    def broken(error: BaseException) -> None:
        def raises(*_: Any) -> None:
            raise error

        monkeypatch.setattr("pipelines.models.list_models", raises)

    return broken


@pytest.mark.parametrize("error", FAULTS, ids=lambda error: type(error).__name__)
def test_a_fault_is_2_with_a_hint_and_no_traceback(run: Run, broken: Any, error: Any) -> None:
    broken(error)
    answer = run("models")
    assert (answer.code, answer.data) == (ERROR, "")
    assert answer.talk.startswith("error: ")
    assert "\nhint: " in answer.talk
    assert "Traceback" not in answer.talk
    if getattr(error, "filename", None):
        assert "scores.csv: " in answer.talk
        assert HINTS[error.errno] in answer.talk


@pytest.mark.parametrize("line", [("--debug", "models"), ("models", "--debug")])
@pytest.mark.parametrize("error", [KeyError("x"), LeadReadyError("wrong")])
def test_debug_shows_where(run: Run, broken: Any, line: tuple[str, ...], error: Any) -> None:
    broken(error)
    answer = run(*line)
    assert answer.code == ERROR
    assert "Traceback" in answer.talk
    assert "error: " in answer.talk


def test_a_failed_check_is_1(run: Run, broken: Any) -> None:
    broken(CheckFailed("the data is old", hint="export it again"))
    answer = run("models")
    assert (answer.code, answer.talk) == (FAILED, "error: the data is old\nhint: export it again\n")


def test_a_scheduler_can_end_a_command(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr("pipelines.models.list_models", lambda _: os.kill(os.getpid(), 15))
    answer = run("models")
    assert (answer.code, answer.talk.strip()) == (ERROR, "error: interrupted")
    assert signal.getsignal(signal.SIGTERM) == before
