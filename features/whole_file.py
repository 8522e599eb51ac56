"""Files that appear whole or not at all.

A reader of the file sees the old content or the new, never a part of it, and a process that is
killed leaves the old one. What it left beside it is removed by the next process that writes the
file.
"""

from __future__ import annotations

import glob
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from features.errors import LeadReadyError
from features.file_lock import try_lock

LOCKS = sys.platform != "win32"  # there, a file that is open cannot take another's place
MADE = "[a-z0-9_]" * 8  # what mkstemp adds to a name
NEW_SECONDS = 5  # a file so new may not be locked yet


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path`` that takes its place if the block succeeds.

    Raises
    ------
    LeadReadyError
        When the folder does not exist.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> with whole_file(folder / "scores.csv") as temporary:
    ...     _ = temporary.write_text("lead_id,score")
    >>> [path.name for path in folder.iterdir()]
    ['scores.csv']
    """
    refuse_missing_folder(path)
    _remove_leftovers(path)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    temporary = Path(name)
    with os.fdopen(handle, "ab") if LOCKS else nullcontext() as file:
        if file is None:
            os.close(handle)
        else:
            try_lock(file)  # says that this process lives
        try:
            yield temporary
            temporary.chmod(_rights(path))
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


def _remove_leftovers(path: Path) -> None:
    """Remove what processes that were killed left beside a file: nobody holds its lock."""
    if not LOCKS:
        return
    for leftover in path.parent.glob(f".{glob.escape(path.name)}-{MADE}*"):
        with suppress(OSError), leftover.open("ab") as file:
            old = time.time() - leftover.stat().st_mtime > NEW_SECONDS
            if old and try_lock(file):
                leftover.unlink()


def refuse_missing_folder(path: Path, option: str = "--out") -> None:
    """Say how to make the folder of a file that is to be written, if there is none."""
    if not path.parent.is_dir():
        raise LeadReadyError(
            f"there is no folder {path.parent} to write {path.name} into",
            where=option,
            hint=f"mkdir -p '{path.parent}'  creates it, or name another file",
        )


def write_whole(path: Path, text: str) -> None:
    """Write a text file whole or not at all, in UTF-8 with ``\\n`` at the end of lines."""
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def _rights(path: Path) -> int:
    """The rights of the old file, or those that a new one would get."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
