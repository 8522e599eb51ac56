"""A text file as UTF-8, whatever encoding it has: as it is, or converted into a temporary file."""

from __future__ import annotations

import codecs
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from features.errors import LeadReadyError
from features.files.reading_notes import Notes, ReadingNote
from features.files.text.encodings import broken_lines, guess_encoding, is_utf8, sample_text

START = 64 * 1024  # bytes to look at
_CHUNK = 4 << 20
_BYTE_ORDER_MARKS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@contextmanager
def as_utf8(path: Path, encoding: str | None, notes: Notes, where: Path) -> Iterator[Path]:
    """Give a text file as UTF-8.

    Parameters
    ----------
    encoding : str, optional
        As somebody said; by default it is found, and noted if it is a guess.
    where : Path
        The file that errors name.

    Raises
    ------
    LeadReadyError
        If the file is empty, is not text, or does not have that encoding.
    """
    with path.open("rb") as file:
        start = file.read(START)
    if not start.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise LeadReadyError("the file is empty", where=str(where), hint="export it again")
    wide = _utf16(start)
    if wide is None and _is_binary(start):
        raise LeadReadyError(
            "this is not a text file",
            where=str(where),
            hint="give a CSV, XLSX, Parquet or JSON file",
        )
    if encoding is None and wide is None and _is_all_utf8(path):
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        converted = Path(folder, path.name)
        if encoding is not None or wide is not None:
            _convert(path, converted, encoding or str(wide), where)
        else:
            _convert_lines(path, converted, notes, where)
        yield converted


def _utf16(start: bytes) -> str | None:
    for mark, name in _BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return name
    if len(start) > 3 and not start[1:400:2].strip(b"\0"):
        return "utf-16-le"
    return "utf-16-be" if len(start) > 3 and not start[0:400:2].strip(b"\0") else None


def _is_binary(start: bytes) -> bool:
    text = start[:4000]
    control = sum(byte < 32 and byte not in b"\t\r\n\f\v\x1a\x1b" for byte in text)
    return b"\0" in text or control > 0.05 * len(text)


def _is_all_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _convert(path: Path, converted: Path, encoding: str, where: Path) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file, converted.open("wb") as out:
        try:
            while chunk := file.read(_CHUNK):
                out.write(decoder.decode(chunk).encode("utf-8", "replace"))
            out.write(decoder.decode(b"", final=True).encode("utf-8", "replace"))
        except UnicodeDecodeError as error:
            raise LeadReadyError(
                f"the text is not {encoding}",
                where=str(where),
                hint="correct  encoding:  in leadready.yaml, or save the file as UTF-8",
            ) from error


def _convert_lines(path: Path, converted: Path, notes: Notes, where: Path) -> None:
    """Convert the lines that are not UTF-8; some exports mix two encodings."""
    broken = broken_lines(path)
    encoding = guess_encoding(broken)
    if encoding is None:
        raise LeadReadyError(
            "the encoding of the text is not known",
            where=str(where),
            hint="save it as UTF-8 (in Excel: CSV UTF-8), or write its  encoding:",
        )
    rest = 0
    with path.open("rb") as file, converted.open("wb") as out:
        for line in file:
            if is_utf8(line):
                rest += not line.isascii()
                out.write(line)
            else:
                out.write(line.decode(encoding, errors="replace").encode("utf-8"))
    sample = sample_text(broken, encoding)
    what = "some lines are not UTF-8 and were" if rest else "the text is not UTF-8 and was"
    shown = f", which gives {sample}" if sample else ""
    notes.append(ReadingNote("encoding", f"{what} read as {encoding}{shown}", encoding))
