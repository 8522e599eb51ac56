"""Files packed with gzip or zip, unpacked into a temporary file as long as they are read."""

from __future__ import annotations

import gzip
import shlex
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Protocol

from features.errors import LeadReadyError
from features.files.file_kind import DAMAGED_ARCHIVE, GZIP, ZIP, file_kind
from features.text import join

MOST_BYTES = 8 << 30  # of the unpacked file
MOST_TIMES = 500  # larger than packed, for files that unpack to more than SMALL
SMALL = 1 << 28
_CHUNK = 1 << 20
MOST_NAMED = 8  # files that an error lists


@contextmanager
def unpacked(path: Path) -> Iterator[tuple[Path, str]]:
    """Give the file to read and what it is; a packed file is unpacked meanwhile.

    Raises
    ------
    LeadReadyError
        If the archive is damaged, holds several files, or unpacks to too much.
    """
    kind = file_kind(path)
    if kind not in (GZIP, ZIP):
        yield path, kind
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            inner = _unpack(path, kind, Path(folder))
        except DAMAGED_ARCHIVE as error:
            raise LeadReadyError(
                "the packed file is damaged or needs a password",
                where=str(path),
                hint="unpack it, and give the file in it",
            ) from error
        yield inner, file_kind(inner)


def _unpack(path: Path, kind: str, folder: Path) -> Path:
    if kind == GZIP:
        inner = folder / path.name.removesuffix(".gz")
        with gzip.open(path) as packed:
            _copy(packed, inner, path)
        return inner
    with zipfile.ZipFile(path) as archive:
        names = [
            name
            for name in archive.namelist()
            if not name.endswith("/") and not name.startswith("__MACOSX")
        ]
        if len(names) != 1:
            raise _several_files(path, names)
        inner = folder / PurePosixPath(names[0]).name
        with archive.open(names[0]) as member:
            _copy(member, inner, path)
    return inner


def _several_files(path: Path, names: Sequence[str]) -> LeadReadyError:
    """Name the files of an archive, and the commands that read them."""
    if not names:
        return LeadReadyError("the archive has no file", where=str(path), hint="export it again")
    shown = join((PurePosixPath(name).name for name in names), most=MOST_NAMED)
    inside = {PurePosixPath(name).parent for name in names}
    unpacked_to = path.with_suffix("")
    where = unpacked_to / inside.pop() if len(inside) == 1 else unpacked_to
    return LeadReadyError(
        f"the archive has {len(names)} files, and only one can be read from it: {shown}",
        where=str(path),
        hint=f"unpack it with  unzip {shlex.quote(str(path))} -d {shlex.quote(str(unpacked_to))}  "
        f"and give the folder: leadready init DIR {shlex.quote(str(where))}",
    )


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def _copy(packed: _Readable, inner: Path, path: Path) -> None:
    size, most = 0, min(MOST_BYTES, max(SMALL, MOST_TIMES * path.stat().st_size))
    with inner.open("wb") as out:
        while chunk := packed.read(_CHUNK):
            size += len(chunk)
            if size > most:
                raise LeadReadyError(
                    f"the packed file unpacks to more than {most >> 20:,} MB",
                    where=str(path),
                    hint="unpack it, and look at what it holds",
                )
            out.write(chunk)
