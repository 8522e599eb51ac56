"""The shape of a date in text, and the formats that a value of this shape may be in.

A value is split into numbers, words and separators. The time of day, the zone and the weekday are
recognised by their own signs; the sequence of what is left (``N`` a number of one or two digits,
``Y`` one of four, ``M`` a month's name) says which orders of day, month and year are possible.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from features.dates.formats import EXCEL, ISO, UNIX_DIGITS
from features.dates.tokens import Token, split_value
from features.dates.words import zone_of

MOST_CHARACTERS = 80
MOST_KEPT = 4096  # looks of values whose shape is kept
_DIGIT = re.compile("[0-9]")
_ISO = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d(:?\d\d)?)?)?", re.ASCII
)
_ORDERS = {  # the order of the parts, by the sequence of numbers (N, Y) and months (M)
    **{"YNN": ("Ymd", "Ydm"), "NNY": ("dmY", "mdY"), "NNN": ("dmy", "mdy", "ymd")},
    **{"NMY": ("dbY",), "NMN": ("dby", "ybd"), "MNY": ("bdY",), "MNN": ("bdy",), "YMN": ("Ybd",)},
    **{"MY": ("bY",), "NY": ("mY",), "YN": ("Ym",), "MN": ("by",), "YM": ("Yb",)},
    **{"8": ("Ymd", "dmY", "mdY"), "6": ("ymd", "dmy", "mdy"), "14": ("YmdHMS",)},
    **{"12": ("YmdHM",)},
}
_BETWEEN = re.compile(r"[\s./,\-_:'’()（）年月日号號년월일.]*")
_FILLERS = (  # words between the parts of a date
    "de del of the at um à às a las alle ore o os om uhr hrs hr h klo kl г года год в v r t den le "
    "il el on am der dem 年 月 日 号 號 時 时 分 秒 년 월 일 시 분 초 点 點"
)
_HOUR_WORDS = {"h", "時", "时", "시", "点", "點"}
_MINUTE_WORDS = {"分", "분", "m", "min"}


@dataclass(frozen=True)
class CandidateFormat:
    """A format that a value may be in.

    Attributes
    ----------
    format : str
    order : str
        ``dmy``, ``mdy``, ``ymd`` and so on where the same shape may be in several orders.
    separator : str
        Between the numbers.
    digits_only : bool
        Whether the values are plain numbers, which need further evidence.
    """

    format: str
    order: str = ""
    separator: str = ""
    digits_only: bool = False


@lru_cache(MOST_KEPT)
def shape_of(text: str) -> str:
    """Give the shape of a value; values of one shape are in the same format.

    Examples
    --------
    >>> shape_of("15 Apr, 2021 00:03:00") == shape_of("3 May, 2024 10:30:59")
    True
    """
    return "" if len(text) > MOST_CHARACTERS else _shape_of_look(_DIGIT.sub("0", text))


@lru_cache(MOST_KEPT)
def _shape_of_look(text: str) -> str:
    if not any(char.isdigit() for char in text):
        return ""
    if _ISO.fullmatch(text):
        return ISO
    return "".join(
        f"<{token.text.casefold()}>" if token.kind == "word" else token.kind
        for token in split_value(text)
    )


def candidate_formats(text: str) -> list[CandidateFormat]:
    """List the formats that a value may be in, the likeliest first; none if it is no date.

    Examples
    --------
    >>> [candidate.format for candidate in candidate_formats("1/5/24 10:00 AM")]
    ['%d/%m/%y %I:%M %p', '%m/%d/%y %I:%M %p', '%y/%m/%d %I:%M %p']
    >>> candidate_formats("Fri, 5 Jan 2024 10:00:00 +0100")[0].format
    '%a, %d %b %Y %H:%M:%S %z'
    >>> candidate_formats("Q1 2024"), candidate_formats("11-50")
    ([], [])
    """
    return [] if len(text) > MOST_CHARACTERS else list(_formats_of_look(_DIGIT.sub("0", text)))


@lru_cache(MOST_KEPT)
def _formats_of_look(text: str) -> tuple[CandidateFormat, ...]:
    """The formats of a value whose digits are all 0: which digits it has does not matter."""
    if not any(char.isdigit() for char in text):
        return ()
    if _ISO.fullmatch(text):
        return (CandidateFormat(ISO),)
    tokens = split_value(text)
    if len(tokens) == 1 or (len(tokens) == 3 and tokens[1].kind in ".,"):
        return tuple(_number_formats(tokens))
    return tuple(_date_formats(tokens))


# -- formats --------------------------------------------------------------------------------------


def _number_formats(tokens: list[Token]) -> list[CandidateFormat]:
    """Formats of a plain number, with or without decimals."""
    digits = len(tokens[0].text) if tokens[0].text.isdigit() else 0
    names = [name for name, lengths in UNIX_DIGITS.items() if digits in lengths]
    names += [EXCEL] if digits == 5 else []
    candidates = [CandidateFormat(name, digits_only=True) for name in names]
    orders = _ORDERS.get(str(digits), ()) if len(tokens) == 1 and digits > 5 else ()
    return candidates + [
        CandidateFormat("".join(f"%{part}" for part in order), order.lower(), "", digits_only=True)
        for order in orders
    ]


def _date_formats(tokens: list[Token]) -> list[CandidateFormat]:
    tokens = _mark_zone(_mark_time(tokens))
    parts = [token for token in tokens if not token.format and _is_part(token)]
    sequence = "".join(token.kind for token in parts)
    if sequence not in _ORDERS and len(sequence) > 3:
        tokens = _mark_dotted_time(tokens)
        parts = [token for token in tokens if not token.format and _is_part(token)]
        sequence = "".join(token.kind for token in parts)
    repeated = any(sum(token.kind == kind for token in tokens) > 1 for kind in "WPZ")
    if sequence not in _ORDERS or repeated or not _plausible_rest(tokens):
        return []
    return [_candidate(tokens, order, sequence) for order in _ORDERS[sequence]]


def _is_part(token: Token) -> bool:
    return token.kind in "NYM" or token.kind.isdigit()


def _plausible_rest(tokens: list[Token]) -> bool:
    return all(
        token.format
        or _is_part(token)
        or token.kind == "W"
        or (token.kind in ("word", "Z") and token.text.casefold() in _FILLERS.split())
        or (token.kind not in ("word", "Z", "P") and _BETWEEN.fullmatch(token.text) is not None)
        for token in tokens
    )


def _candidate(tokens: list[Token], order: str, sequence: str) -> CandidateFormat:
    wide = any(token.kind == "M" and len(token.text) > 4 for token in tokens)
    directives = iter(order)
    parts = []
    for token in tokens:
        if token.format:
            parts.append(token.format)
        elif token.kind.isdigit():
            parts.append("".join(f"%{directive}" for directive in order))
        elif _is_part(token):
            directive = next(directives)
            parts.append("%B" if directive == "b" and wide else f"%{directive}")
        elif token.kind == "W":
            parts.append("%A" if len(token.text) > 4 else "%a")
        else:
            parts.append(token.text.replace("%", "%%"))
    several = len(_ORDERS[sequence]) > 1
    return CandidateFormat(
        "".join(parts), order.lower() if several else "", _separator(tokens) if several else ""
    )


def _separator(tokens: list[Token]) -> str:
    first = next(
        place for place, token in enumerate(tokens) if not token.format and _is_part(token)
    )
    return tokens[first + 1].text if first + 1 < len(tokens) else ""


def _mark_time(tokens: list[Token]) -> list[Token]:
    """Mark ``10:30``, ``10:30:05.25``, ``10h30``, ``10時30分`` and ``10 AM`` with their formats."""
    period = next((token for token in tokens if token.kind == "P"), None)
    hour = "%I" if period else "%H"
    start = _start_of_time(tokens)
    if start is None:
        return tokens
    marked = list(tokens)
    marked[start] = replace(tokens[start], format=hour)
    place = start
    for directive in ("%M", "%S", "%f"):
        place = _next_number(tokens, place, directive)
        if place < 0:
            break
        marked[place] = replace(tokens[place], format=directive)
    return [replace(token, format="%p") if token.kind == "P" else token for token in marked]


def _start_of_time(tokens: list[Token]) -> int | None:
    numbers = [place for place, token in enumerate(tokens[:-1]) if token.kind == "N"]
    for place in numbers:
        minutes = tokens[place + 2 : place + 3]
        if tokens[place + 1].kind == ":" and minutes and len(minutes[0].text) == 2:
            return place
    for place in numbers:
        rest = [token for token in tokens[place + 1 : place + 3] if token.kind != " "]
        if rest and (rest[0].kind == "P" or rest[0].text.casefold() in _HOUR_WORDS):
            return place
    return None


def _next_number(tokens: list[Token], place: int, directive: str) -> int:
    """The place of the minutes, the seconds or the fraction after that of the part before."""
    signs = {"%M": {":", *_HOUR_WORDS}, "%S": {":", *_MINUTE_WORDS}, "%f": {".", ","}}[directive]
    following = [
        (position, token)
        for position, token in enumerate(tokens[place + 1 : place + 5], start=place + 1)
        if token.kind != " "
    ][:2]
    if len(following) < 2 or following[0][1].text.casefold() not in signs:
        return -1
    position, token = following[1]
    fits = token.text.isdigit() if directive == "%f" else token.kind == "N"
    return position if fits and len(token.text) > (directive != "%f") else -1


def _mark_dotted_time(tokens: list[Token]) -> list[Token]:
    """Mark the last two or three numbers as a time of day: ``5.1.2024 10.30``."""
    places = [place for place, token in enumerate(tokens) if not token.format and _is_part(token)]
    times = places[3:]
    if len(times) < 2:
        return tokens
    gap = tokens[places[2] + 1 : times[0]]
    apart = any(token.kind in (" ", "word", "_") for token in gap)
    apart |= tokens[places[0]].kind == "Y" and tokens[times[0] + 1].kind == "."
    if not apart or any(tokens[place].kind != "N" for place in times[:3]):
        return tokens
    hour = "%I" if any(token.kind == "P" for token in tokens) else "%H"
    marked = [replace(token, format="%p") if token.kind == "P" else token for token in tokens]
    for place, directive in zip(times, (hour, "%M", "%S", "%f"), strict=False):
        marked[place] = replace(tokens[place], format=directive)
    return marked


def _mark_zone(tokens: list[Token]) -> list[Token]:
    """Mark ``Z``, ``UTC``, ``CET``, ``Europe/Berlin``, ``+01:00`` and ``GMT+1`` after a time."""
    hours = [place for place, token in enumerate(tokens) if token.format in ("%H", "%I")]
    if not hours:
        return _mark_packed_time(tokens)
    names = [place for place, token in enumerate(tokens) if token.kind == "Z" and place > hours[0]]
    signs = [
        place
        for place, token in enumerate(tokens[:-1])
        if token.text in "+-" and place > hours[0] + 1 and _is_offset(tokens, place)
    ]
    if signs:
        first = names[0] if names and names[0] == signs[0] - 1 else signs[0]
        return _joined(tokens, first, _end_of_offset(tokens, signs[0]), "%z")
    if not names:
        return _mark_region(tokens)
    directive = "%z" if tokens[names[0]].text in "Zz" else "%Z"
    return _joined(tokens, names[0], names[0] + 1, directive)


def _is_offset(tokens: list[Token], sign: int) -> bool:
    return bool(tokens[sign - 1].format or tokens[sign - 1].kind in (" ", "Z", "P")) and tokens[
        sign + 1
    ].kind in ("N", "Y")


def _end_of_offset(tokens: list[Token], sign: int) -> int:
    following = [token.kind for token in tokens[sign + 1 : sign + 4]]
    return sign + 4 if following == ["N", ":", "N"] else sign + 2


def _mark_region(tokens: list[Token]) -> list[Token]:
    """Mark a zone such as ``America/New_York`` at the end."""
    text = "".join(token.text for token in tokens)
    match = re.search(r"[^\W\d_]+(?:[/_-][^\W\d_]+)+$", text)
    if match is None or zone_of(match.group()) is None:
        return tokens
    length, first = 0, 0
    while length < match.start():
        length, first = length + len(tokens[first].text), first + 1
    return _joined(tokens, first, len(tokens), "%Z")


def _joined(tokens: list[Token], first: int, end: int, directive: str) -> list[Token]:
    text = "".join(token.text for token in tokens[first:end])
    return [*tokens[:first], Token(text, "zone", directive), *tokens[end:]]


def _mark_packed_time(tokens: list[Token]) -> list[Token]:
    """Mark the time in ``20240105T101500Z`` and in ``2024-01-05 1015``."""
    kinds = [token.kind for token in tokens]
    packed = [place for place, kind in enumerate(kinds) if kind in ("6", "Y") and place >= 2]
    if not packed or kinds[0] not in ("8", "Y") or tokens[packed[-1] - 1].text not in "Tt _-":
        return tokens
    place = packed[-1]
    directive = "%H%M%S" if kinds[place] == "6" else "%H%M"
    marked = list(tokens)
    marked[place] = replace(tokens[place], format=directive)
    after = tokens[place + 1 : place + 2]
    if after and after[0].text in "Zz":
        marked[place + 1] = replace(after[0], format="%z")
    return marked
