"""The encoding of a text file that is not UTF-8, found from what its bytes would say.

``charset-normalizer`` measures how disorderly a text looks in each encoding. Encodings that it
cannot tell apart are ranked by letters: how many of them belong to one language, and, for East
Asian encodings, how many characters are common ones.
"""

from __future__ import annotations

import codecs
import mmap
import re
from itertools import pairwise
from pathlib import Path

UTF8 = "utf8"
LATIN = ("cp1252", "cp1250", "cp1254", "cp1257", "cp850", "mac_roman")  # the usual first
OTHERS = ("cp1251", "cp1253", "koi8_r", "cp866", "cp1255", "cp1256", "cp874")
EAST_ASIAN = {  # the lead bytes of common characters
    "cp932": ((0x81, 0x83), (0x88, 0x97)),
    "gb18030": ((0xA1, 0xA3), (0xB0, 0xD7)),
    "big5": ((0xA1, 0xA3), (0xA4, 0xC6)),
    "cp949": ((0xA1, 0xA3), (0xB0, 0xC8)),
}
_LETTERS = (  # beyond ASCII, by language
    "äöüßÄÖÜẞ",
    "éèêëàâæçîïôœùûüÿÉÈÊËÀÂÆÇÎÏÔŒÙÛÜ",
    "áéíóúüñÁÉÍÓÚÜÑ¿¡ºª",
    "áâãàçéêíóôõúüÁÂÃÀÇÉÊÍÓÔÕÚÜºª",
    "àèéìíîòóùúÀÈÉÌÒÙ",
    "æøåäöéÆØÅÄÖÉ",
    "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ",
    "áčďéěíňóřšťúůýžÁČĎÉĚÍŇÓŘŠŤÚŮÝŽäľĺôŕÄĽĹÔŔ",
    "áéíóöőúüűÁÉÍÓÖŐÚÜŰ",
    "ăâîșțşţĂÂÎȘȚŞŢ",
    "čćđšžČĆĐŠŽ",
    "çğıöşüâîÇĞİÖŞÜ",
    "āčēģīķļņšūžąęėįųĀČĒĢĪĶĻŅŠŪŽĄĘĖĮŲ",
)
_NEUTRAL = "–—„“”‚‘’«»€£°…·•©®™§\xa0"
_NOT_PORTUGUESE = re.compile(r"[õÕ](?![eE])|[ãÃ](?![oOeEsS]|\b)")  # ő and ă of cp1250
_SAMPLE = 1 << 16
RARE, ENOUGH_LETTERS = 0.5, 4  # encodings of old need that many different letters
_SELDOM = ("koi8_r", "cp866", "cp874")
WORST = 0.45  # disorder of a text that is still taken for one
_LONGEST = 4096  # bytes of a line to look at
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")


def broken_lines(path: Path) -> bytes:
    """The first lines that are not UTF-8."""
    lines, size, place = [], 0, 0
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        while size < _SAMPLE and (match := _HIGH_BYTE.search(content, place)):
            begin = max(content.rfind(b"\n", 0, match.start()), match.start() - _LONGEST) + 1
            end = content.find(b"\n", match.end())
            place = len(content) if end < 0 else end
            line = content[begin : min(place, match.end() + _LONGEST)]
            if not is_utf8(line):
                lines.append(line)
                size += len(line)
    return b"\n".join(lines)


def is_utf8(content: bytes) -> bool:
    """Whether bytes are UTF-8; the last character may be cut off.

    Examples
    --------
    >>> is_utf8("é".encode()), is_utf8("é".encode("cp1252") + b"e")
    (True, False)
    """
    try:
        codecs.getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError:
        return False
    return True


def guess_encoding(content: bytes) -> str | None:
    """Guess the encoding of a text that is not UTF-8; None if no encoding fits.

    Examples
    --------
    >>> guess_encoding("Имя;Город\\nИван;Москва".encode("cp1251"))
    'cp1251'
    >>> guess_encoding("Imię;Źródło\\nŁukasz;Łódź".encode("cp1250"))
    'cp1250'
    """
    from charset_normalizer import from_bytes  # only for files that are not UTF-8

    candidates = [*LATIN, *OTHERS, *EAST_ASIAN]
    matches = from_bytes(content, cp_isolation=candidates, threshold=0.6)
    disorder = {match.encoding: match.chaos for match in matches}
    for match in matches:  # encodings that say the same are listed once
        disorder |= dict.fromkeys(match.could_be_from_charset, match.chaos)
    scores = {
        encoding: disorder.get(encoding, 0.6) + _strangeness(content, encoding)
        for encoding in candidates
        if _can_decode(content, encoding)
    }
    best = min(scores, key=lambda encoding: scores[encoding], default=None)
    return None if best is None or scores[best] > WORST else best


def sample_text(content: bytes, encoding: str) -> str:
    """A few words with other than ASCII letters, as they were read.

    Examples
    --------
    >>> sample_text("Id;Größe;Straße".encode("cp1252"), "cp1252")
    'Größe, Straße'
    """
    text = content.decode(encoding, errors="replace")
    words = (word for word in re.findall(r"\w+", text) if not word.isascii())
    return ", ".join(list(dict.fromkeys(word[:24] for word in words))[:3])


def _can_decode(content: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(content)
    except UnicodeDecodeError:
        return False
    return True


def _strangeness(content: bytes, encoding: str) -> float:
    """The share of characters that no language, or no common text, has."""
    if encoding in EAST_ASIAN:
        return _uncommon_share(content, encoding)
    text = content.decode(encoding, errors="ignore")
    letters = [char for char in text if not char.isascii() and char not in _NEUTRAL]
    if not letters:
        return 0.0
    if encoding not in LATIN:
        mixed = len(re.findall(r"[a-zA-Z][^\W\d_a-zA-Z]|[^\W\d_a-zA-Z][a-zA-Z]", text))
        swapped = sum(first.islower() and second.isupper() for first, second in pairwise(text))
        other = sum(not char.isalpha() for char in letters)
        few = RARE if encoding in _SELDOM and len(set(letters)) < ENOUGH_LETTERS else 0.0
        return min(1.0, (2 * mixed + swapped + other) / len(letters) + few)
    known = max(sum(char in alphabet for char in letters) for alphabet in _LETTERS)
    known -= len(_NOT_PORTUGUESE.findall(text))
    return (1 - known / len(letters)) + 0.01 * LATIN.index(encoding)


def _uncommon_share(content: bytes, encoding: str) -> float:
    text = content.decode(encoding, errors="ignore")
    pairs = [char.encode(encoding) for char in text if not char.isascii()]
    common = sum(
        any(low <= pair[0] <= high for low, high in EAST_ASIAN[encoding])
        for pair in pairs
        if len(pair) == 2
    )
    return 1 - common / len(pairs) if pairs else 0.0
