"""Splitting a value into numbers, words and separators, each with its kind."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from features.dates.words import month_of, plain_word, weekday_numbers, zone_of

_DAY_PERIODS = re.compile(
    r"(?<![^\W\d_])[ap]\.?\s?m\b\.?|午前|午後|上午|下午|오전|오후|\bö[ös]\b|\b[дп]п\b|\b[πμ]\.?μ\b\.?",
    re.IGNORECASE,
)
_TOKENS = re.compile(
    r"\x00|[0-9]+|[^\W\d_]+-feira|[月火水木金土日]曜日?|(?:星期|周)[一二三四五六日天]|[월화수목금토일]요일"
    r"|[年月日号號時时分秒点點년월일시분초]|[^\W\d_]+|\s+|[\W_]"
)
_COMMENT = re.compile(r"\s*\([^()]{4,}\)$")
_ORDINALS = {"st", "nd", "rd", "th", "er", "re", "º", "ª", "o"}


@dataclass(frozen=True)
class Token:
    """A number, a word or a separator of a value.

    Attributes
    ----------
    text : str
        As it is written.
    kind : str
        ``N``, ``Y``, ``M``, the number of digits of a longer number, ``W`` a weekday, ``P`` a half
        of the day, ``Z`` a zone, ``word``, or the separator itself.
    format : str
        Its part of the format, once it is known.
    """

    text: str
    kind: str
    format: str = ""


def split_value(text: str) -> list[Token]:
    """Split a value into tokens.

    Examples
    --------
    >>> "".join(token.kind for token in split_value("Fri, 5th Jan. 2024"))
    'W, N M Y'
    """
    periods = iter(_DAY_PERIODS.findall(text))
    marked = _DAY_PERIODS.sub("\x00", _COMMENT.sub("", text))
    tokens = [
        Token(next(periods, ""), "P") if part == "\x00" else Token(part, _kind(part))
        for part in _TOKENS.findall(marked)
    ]
    return _without_decoration(_japanese_weekday(tokens))


def _kind(part: str) -> str:
    if part[0].isdigit() and part.isascii():
        return {1: "N", 2: "N", 4: "Y"}.get(len(part), str(len(part)))
    if not part[0].isalpha():
        return " " if part.isspace() else part
    if month_of(part):
        return "M"
    if len(part) > 1 and plain_word(part) in weekday_numbers():
        return "W"
    return "Z" if zone_of(part) is not None else "word"


def _japanese_weekday(tokens: list[Token]) -> list[Token]:
    return [
        replace(token, kind="W")
        if token.text in "月火水木金土日" and position and tokens[position - 1].text in "(（"
        else token
        for position, token in enumerate(tokens)
    ]


def _without_decoration(tokens: list[Token]) -> list[Token]:
    """Without ordinals (5th), which the reading allows, and the dot of a shortened month."""
    kept: list[Token] = []
    named = any(token.kind == "M" for token in tokens)
    for position, token in enumerate(tokens):
        before = kept[-1].kind if kept else ""
        after = tokens[position + 1].kind if position + 1 < len(tokens) else " "
        ordinal = named and before == "N" and token.text.casefold() in _ORDINALS
        dot = token.kind == "." and before in ("M", "W") and after in (" ", ",", ")")
        if not ordinal and not dot:
            kept.append(token)
    return kept
