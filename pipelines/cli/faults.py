"""What people read when something breaks that no command expected: what, and what to do about it.

The exit code is 2 and there is no traceback, unless ``--debug`` asks for one.
"""

from __future__ import annotations

import errno
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from features.errors import CheckFailed, LeadReadyError

SUCCESS, FAILED, ERROR = 0, 1, 2  # exit codes; 1: a check failed or the gate refused
DRIVERS = {  # module: its package
    "psycopg": "'leadready[postgres]'",
    "psycopg2": "psycopg2-binary",
    "MySQLdb": "mysqlclient",
}
HINTS = {
    errno.ENOSPC: "free some space on the disk, then repeat the command",
    errno.EDQUOT: "free some space on the disk, then repeat the command",
    errno.EFBIG: "allow larger files (ulimit -f), or write to another disk",
    errno.EROFS: "write to another folder, or make this one writable",
    errno.EACCES: "write to another folder, or make this one writable",
    errno.EPERM: "write to another folder, or make this one writable",
    errno.EISDIR: "name a file, not a folder",
    errno.EMFILE: "allow more open files (ulimit -n)",
}
TRY_AGAIN = "repeat the command with --debug, which shows where it happened"


class Debug:
    """Whether ``--debug`` was given, anywhere on the command line."""

    asked = False


def debug_option() -> click.Option:
    """Make the option ``--debug``, which every command takes."""

    def note(context: click.Context, option: click.Parameter, asked: bool) -> None:
        if asked and isinstance(context.obj, Debug):
            context.obj.asked = True

    return click.Option(
        ["--debug"],
        is_flag=True,
        expose_value=False,
        callback=note,
        help="Show a traceback if something breaks.",
    )


def exit_code(error: BaseException) -> int:
    """Give the exit code of a command that an error ended."""
    return FAILED if isinstance(error, CheckFailed) else ERROR


def reason_and_hint(error: BaseException) -> tuple[str, str | None]:
    """Say why a command ended, and what to do about it, if that is known.

    Examples
    --------
    >>> reason_and_hint(CheckFailed("the data is old", hint="export it again"))
    ('the data is old', 'export it again')
    """
    if isinstance(error, LeadReadyError):
        return str(error), error.hint
    if isinstance(error, (click.Abort, KeyboardInterrupt)):
        return "interrupted", None
    return fault_text(error)


def fault_text(error: BaseException) -> tuple[str, str]:
    """Say what broke, and what to do about it.

    Examples
    --------
    >>> fault_text(OSError(28, "No space left on device", "scores.csv"))
    ('scores.csv: no space left on device', 'free some space on the disk, then repeat the command')
    >>> fault_text(ModuleNotFoundError("No module named 'psycopg2'", name="psycopg2"))[1]
    'pip install psycopg2-binary'
    >>> fault_text(ZeroDivisionError("division by zero"))[0]
    'unexpected problem (ZeroDivisionError): division by zero'
    """
    if isinstance(error, ImportError) and error.name:
        package = error.name.partition(".")[0]
        what = f"the Python package {package} is not installed"
        return what, f"pip install {DRIVERS.get(package, package)}"
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        what = where + error.strerror[:1].lower() + error.strerror[1:]
        return what, HINTS.get(error.errno or 0, TRY_AGAIN)
    if isinstance(error, MemoryError):
        return "there is not enough memory", "end other programs, or use a larger machine"
    message = " ".join(str(error).split())[:300]
    return f"unexpected problem ({type(error).__name__}): {message}".rstrip(": "), TRY_AGAIN


@contextmanager
def ended_cleanly() -> Iterator[None]:
    """Let a scheduler's request to end (SIGTERM) interrupt the command as Ctrl-C does."""

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
