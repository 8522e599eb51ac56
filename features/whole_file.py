"""Files that appear whole or not at all.

A reader of the file sees the old content or the new, never a part of it, and a process that is
killed leaves the old one.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from features.errors import LeadReadyError


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
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(_rights(path))
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


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
