"""Formats of dates: names such as ``ISO8601`` and ``unix_ms``, and ``strptime`` formats.

A ``strptime`` format is turned into a regular expression with a group for each directive. It is a
little more tolerant than Python's: months and weekdays may be written in any of the languages of
:mod:`features.dates.words`, in full or shortened; ordinals (``5th``) are read; leading zeros and
the number of blanks do not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from features.dates.words import DAY_PERIOD
from features.errors import LeadReadyError

ISO = "ISO8601"
EXCEL = "excel"
UNIX_DIGITS = {"unix_s": (9, 10), "unix_ms": (12, 13), "unix_us": (15, 16)}  # from 1973 on
NAMED_FORMATS = (ISO, *UNIX_DIGITS, EXCEL)
BLANK = r"[\s\p{Z}]"
_WORD = r"[\p{L}\p{M}]+\.?"
_ORDINAL = r"(?:(?:st|nd|rd|th|er|re|o)\b|º|ª|°)?"
_DIRECTIVES = {
    "d": r"\d{1,2}",
    "m": r"\d{1,2}",
    "Y": r"\d{4}",
    "y": r"\d{2}",
    "b": _WORD,
    "a": r"[\p{L}\p{M}]+(?:-feira)?\.?",
    "H": r"\d{1,2}",
    "I": r"\d{1,2}",
    "M": r"\d{1,2}",
    "S": r"\d{1,2}",
    "f": r"\d{1,9}",
    "p": DAY_PERIOD,
    "z": rf"Z|(?:UTC|GMT)?{BLANK}?[+-]\d{{1,2}}(?::?\d{{2}})?",
    "Z": r"\p{L}+(?:[/_-]\p{L}+)*",
}
_SAME = {"B": "b", "A": "a", "e": "d", "k": "H", "l": "I"}
_SHORTHANDS = {"%T": "%H:%M:%S", "%R": "%H:%M", "%F": "%Y-%m-%d", "%D": "%m/%d/%y", "%h": "%b"}
_NUMBERS = frozenset("dmYyHIMSf")
_LOOSER = {BLANK: r"\s", r"[\p{L}\p{M}]": r"\D", r"\p{L}": r"\D", r"\b": ""}
_IN_ASCII = {BLANK: r"\s", r"[\p{L}\p{M}]": "[A-Za-z]", r"\p{L}": "[A-Za-z]"}
_COMMENT = rf"(?:{BLANK}*\([^()]*\))?"  # as in  GMT+0100 (Central European Standard Time)


@dataclass(frozen=True)
class DatePattern:
    """A ``strptime`` format as a regular expression.

    Attributes
    ----------
    expression : str
        With a group named after each directive.
    directives : tuple of str
        The directives, such as ``d``, ``m`` and ``Y``.
    """

    expression: str
    directives: tuple[str, ...]


def check_date_format(date_format: str) -> None:
    """Refuse what is no format of dates.

    Examples
    --------
    >>> check_date_format("ISO8601")
    >>> check_date_format("unix")
    Traceback (most recent call last):
    features.errors.LeadReadyError: the date format 'unix' has no year
    """
    if date_format not in NAMED_FORMATS:
        date_pattern(date_format)


@cache
def date_pattern(date_format: str) -> DatePattern:
    """Turn a ``strptime`` format into a regular expression.

    Parameters
    ----------
    date_format : str
        Such as ``%d.%m.%Y %H:%M``.

    Raises
    ------
    LeadReadyError
        If it has an unknown directive, or no day, month or year.

    Examples
    --------
    >>> date_pattern("%d.%m.%Y").directives
    ('d', 'm', 'Y')
    >>> date_pattern("%d.%n.%Y")
    Traceback (most recent call last):
    features.errors.LeadReadyError: the date format '%d.%n.%Y' has an unknown part: %n
    """
    tokens = _tokens(date_format)
    directives = tuple(_SAME.get(token[1], token[1]) for token in tokens if _is_directive(token))
    _check_directives(date_format, directives)
    parts = [
        _part_expression(tokens, position, "b" in directives) for position in range(len(tokens))
    ]
    comment = _COMMENT if "z" in directives else ""
    return DatePattern(f"^(?i:{''.join(parts)}){comment}$", directives)


def might_fit(texts: Iterable[str], date_format: str) -> bool:
    """Whether any of a few texts may be in a format; False is certain, and quickly said.

    To start Arrow's search for a format takes longer than to look at a few texts.

    Examples
    --------
    >>> might_fit(["never", "1.2.2024"], "%d.%m.%Y"), might_fit(["2024-02-01"], "%d.%m.%Y")
    (True, False)
    """
    return date_format in NAMED_FORMATS or any(map(_loose_pattern(date_format).match, texts))


@cache
def expression_of(date_format: str, in_ascii: bool) -> str:
    """The regular expression of a format; a plainer one, which starts sooner, for ASCII texts.

    Examples
    --------
    >>> expression_of("%b %Y", in_ascii=True)
    '^(?i:(?P<b>[A-Za-z]+\\\\.?)\\\\s+(?P<Y>\\\\d{4}))$'
    """
    expression = date_pattern(date_format).expression
    for exact, plainer in _IN_ASCII.items() if in_ascii else ():
        expression = expression.replace(exact, plainer)
    return expression


@cache
def _loose_pattern(date_format: str) -> re.Pattern[str]:
    """All that the expression finds, and a little more: Python has no classes of letters."""
    expression = date_pattern(date_format).expression
    for exact, loose in _LOOSER.items():
        expression = expression.replace(exact, loose)
    return re.compile(expression)


def _tokens(date_format: str) -> list[str]:
    text = date_format.strip()
    for shorthand, meaning in _SHORTHANDS.items():
        text = text.replace(shorthand, meaning)
    return re.findall(r"%-?.|\s+|[^%\s]|%", text.replace("%-", "%"))


def _is_directive(token: str) -> bool:
    return len(token) == 2 and token[0] == "%" and token != "%%"


def _check_directives(date_format: str, directives: tuple[str, ...]) -> None:
    unknown = [directive for directive in directives if directive not in _DIRECTIVES]
    repeated = len(set(directives)) < len(directives)
    if not unknown and not repeated and {"Y", "y"} & set(directives):
        return
    what = f"the date format {date_format!r} "
    if unknown:
        what += f"has an unknown part: %{unknown[0]}"
    else:
        what += "has the same part twice" if repeated else "has no year"
    names = ", ".join(NAMED_FORMATS)
    raise LeadReadyError(
        what,
        hint=f"write it with day, month and year, such as '%d.%m.%Y %H:%M', or as one of {names}",
    )


def _part_expression(tokens: list[str], position: int, named_month: bool) -> str:
    token = tokens[position]
    if token.isspace():
        after = tokens[position + 1 : position + 2]
        return f"{BLANK}*" if after in (["%p"], ["%z"], ["%Z"]) else f"{BLANK}+"
    if not _is_directive(token):
        return re.escape(token[-1])
    directive = _SAME.get(token[1], token[1])
    ordinal = _ORDINAL if directive == "d" and named_month else ""
    return f"(?P<{directive}>{_expression(tokens, position, directive)}){ordinal}"


def _expression(tokens: list[str], position: int, directive: str) -> str:
    """Numbers that follow each other without a separator have two digits."""
    beside = [tokens[place] for place in (position - 1, position + 1) if 0 <= place < len(tokens)]
    packed = any(_is_directive(token) and token[1] in _NUMBERS for token in beside)
    if packed and directive in "dmHIMS":
        return r"\d{2}"
    return _DIRECTIVES[directive]
