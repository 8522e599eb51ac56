"""The notation of figures, tables and texts that people read: one place for the whole project.

Percentages read ``61%``, intervals ``0.79 (0.75–0.82)``, counts ``1,200 leads``, dates
``2026-10-01``; an unknown figure is ``–``. It stands beside `features.errors`, at the bottom of
the house, so that every room can use it.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from datetime import date
from typing import Any

from features.locale import day_pattern, marked

NOTHING = "–"  # in place of a figure that nobody knows
WIDEST = 100  # longer lines are hard to read, however wide the terminal
WIDTH: ContextVar[int] = ContextVar("WIDTH")  # set for pages, which break lines themselves
YAML_CONTROL = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_EMAIL = re.compile(r"([^@\s<>\"']?)[^@\s<>\"']*@([^@\s.])[^@\s]*\.(\w+)")
CONTROL = re.compile(  # escapes, and marks that reverse or hide what follows them
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)
PLAIN_SCALAR = re.compile(r"[^\W\d_][\w .()/+-]*[\w)+]|[^\W\d_]")


def count(number: float, noun: str, plural: str | None = None) -> str:
    """Write how many there are.

    Examples
    --------
    >>> count(1, "lead"), count(1200, "lead"), count(2, "company", "companies")
    ('1 lead', '1,200 leads', '2 companies')
    """
    return f"{marked(f'{number:,}')} {noun if number == 1 else plural or noun + 's'}"


def number(value: float | None, digits: int = 2) -> str:
    """Write a figure with so many decimals.

    Examples
    --------
    >>> number(0.7912), number(1234.5, 1), number(None)
    ('0.79', '1,234.5', '–')
    """
    return NOTHING if _unknown(value) else marked(f"{value:,.{digits}f}")


def percent(share: float | None, digits: int = 0) -> str:
    """Write a share between 0 and 1 as a percentage.

    Examples
    --------
    >>> percent(0.614), percent(0.0614, 1), percent(None)
    ('61%', '6.1%', '–')
    """
    return NOTHING if _unknown(share) else marked(f"{share:,.{digits}%}")


def masked(text: str) -> str:
    """Hide the e-mail addresses in a text but for their first letters.

    Examples
    --------
    >>> masked("Ann.Smith@acme.com called"), masked("CRM-12")
    ('A…@a….com called', 'CRM-12')
    """
    return _EMAIL.sub(r"\1…@\2….\3", text) if "@" in text else text


def quoted(value: object) -> str:
    """Quote a value from the data in a message: short, without control characters or addresses.

    Examples
    --------
    >>> quoted("ann@acme.com"), quoted("x" * 99)[-4:]
    ("'a…@a….com'", "xxx'")
    """
    return repr(masked(str(value))[:60])


def signed(points: float, digits: int | None = None) -> str:
    """Write points with their sign; zero has none.

    By default an int is written without decimals, and a float with one.

    Examples
    --------
    >>> signed(9), signed(6.21), signed(-3.0), signed(-0.04), signed(0)
    ('+9', '+6.2', '-3.0', '0.0', '0')
    """
    written = f"{points:+,.{_decimals(points) if digits is None else digits}f}"
    return marked(written if written.strip("+-0.") else written[1:])


def unsigned(points: float) -> str:
    """Write a score: an int without and a float with one decimal.

    Examples
    --------
    >>> unsigned(41), unsigned(47.25)
    ('41', '47.2')
    """
    return marked(f"{points:,.{_decimals(points)}f}")


def _decimals(points: float) -> int:
    return 0 if isinstance(points, int) else 1


def signed_range(least: float, most: float, digits: int | None = None) -> str:
    """Write the fewest and the most points that something gives.

    Examples
    --------
    >>> signed_range(-12, 9), signed_range(2.0, 2.0)
    ('-12 to +9', '+2.0')
    """
    ends = dict.fromkeys(signed(points, digits) for points in (least, most))
    return " to ".join(ends)


def interval(value: float | None, low: float | None, high: float | None, digits: int = 2) -> str:
    """Write a figure with the ends of its interval.

    Examples
    --------
    >>> interval(0.789, 0.751, 0.824)
    '0.79 (0.75–0.82)'
    >>> interval(0.5, None, None)
    '0.50'
    >>> interval(-9.0, -22.1, 7.6, digits=1)
    '-9.0 (-22.1 to 7.6)'
    """
    return _with_ends(*(number(part, digits) for part in (value, low, high)))


def signed_interval(
    points: float | None, low: float | None, high: float | None, digits: int = 1
) -> str:
    """Write points with their sign, and the ends of their interval.

    Examples
    --------
    >>> signed_interval(0.031, 0.01, 0.052, digits=3), signed_interval(None, None, None)
    ('+0.031 (+0.010 to +0.052)', '–')
    """
    parts = [
        NOTHING if part is None or math.isnan(part) else signed(part, digits)
        for part in (points, low, high)
    ]
    return parts[0] if NOTHING in parts else f"{parts[0]} ({parts[1]} to {parts[2]})"


def percent_interval(
    share: float | None, low: float | None, high: float | None, digits: int = 0
) -> str:
    """Write a share with the ends of its interval, as percentages.

    Examples
    --------
    >>> percent_interval(0.614, 0.55, 0.67)
    '61% (55–67%)'
    """
    return _with_ends(*(percent(part, digits) for part in (share, low, high)))


def _with_ends(value: str, low: str, high: str) -> str:
    if value == NOTHING or NOTHING in (low, high):
        return value
    if low.startswith("-") or high.startswith("-"):
        return f"{value} ({low} to {high})"
    return f"{value} ({without_percent_sign(low)}–{high})"


def without_percent_sign(percentage: str) -> str:
    """Drop the sign of the first of two percentages, as in ``55–67%``.

    Examples
    --------
    >>> without_percent_sign("55%")
    '55'
    """
    return percentage.removesuffix("%").rstrip()


def _unknown(value: float | None) -> bool:
    return value is None or math.isnan(value)


def day(time: date | None) -> str:
    """Write the day of a date or timestamp.

    Examples
    --------
    >>> day(date(2026, 10, 1)), day(None)
    ('2026-10-01', '–')
    """
    if time is None or time != time:  # NaT
        return NOTHING
    return time.strftime(day_pattern())


def join(texts: Iterable[str], last: str = "and", most: int | None = None) -> str:
    """Join texts into one phrase; those beyond ``most`` are counted.

    Examples
    --------
    >>> join(["a"]), join(["a", "b"]), join(["a", "b", "c"], last="or")
    ('a', 'a and b', 'a, b or c')
    >>> join(["a", "b", "c", "d"], most=2)
    'a, b and 2 more'
    """
    parts = list(texts)
    if most is not None and len(parts) > most:
        parts = [*parts[:most], f"{len(parts) - most:,} more"]
    return f" {last} ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def printable(text: str) -> str:
    r"""Write characters that would command the terminal as their codes; line ends stay.

    Examples
    --------
    >>> printable("Rome\x1b[31m"), printable("abc\u202ecba")
    ('Rome\\x1b[31m', 'abc\\u202ecba')
    """
    return CONTROL.sub(lambda match: repr(match[0])[1:-1], text)


def width() -> int:
    """Columns to write in: the terminal's, 80 where that is unknown, 100 at the most."""
    return WIDTH.get(min(shutil.get_terminal_size((80, 24)).columns, WIDEST))


def wrap(text: str, indent: str = "", hanging: str | None = None) -> list[str]:
    """Break a text into lines that fit the terminal.

    Parameters
    ----------
    indent : str
        Stands before the first line.
    hanging : str, optional
        Stands before the others (default: the same).

    Examples
    --------
    >>> wrap("short enough", indent="  ")
    ['  short enough']
    """
    return textwrap.wrap(
        text,
        width(),
        initial_indent=indent,
        subsequent_indent=indent if hanging is None else hanging,
        break_on_hyphens=False,
        break_long_words=False,
    )


def table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> list[str]:
    """Write rows as the lines of a table that fits the terminal.

    Parameters
    ----------
    rows : sequence of mapping
        The cells by key.
    columns : mapping
        The heading of each key; ``> `` before a heading sets its column to the right. Where the
        table is wider than the terminal, the widest column of texts is shortened.

    Examples
    --------
    >>> print(*table([{"id": "size", "n": "12"}], {"id": "criterion", "n": "> leads"}), sep="\\n")
    criterion  leads
    size          12
    """
    headings = {key: heading.removeprefix("> ") for key, heading in columns.items()}
    right = {key for key, heading in columns.items() if heading.startswith("> ")}
    cells = [headings, *({key: str(row[key]) for key in columns} for row in rows)]
    widths = {key: max(len(line[key]) for line in cells) for key in columns}
    texts = [key for key in columns if key not in right]
    too_wide = sum(widths.values()) + 2 * (len(widths) - 1) - width()
    if too_wide > 0 and texts:
        widest = max(texts, key=lambda key: widths[key])
        widths[widest] = max(widths[widest] - too_wide, len(headings[widest]), 8)
    return [
        "  ".join(_cell(line[key], widths[key], key in right) for key in columns).rstrip()
        for line in cells
    ]


def _cell(text: str, wide: int, right: bool) -> str:
    shown = text if len(text) <= wide else text[: wide - 1].rstrip() + "…"
    return f"{shown:>{wide}}" if right else f"{shown:<{wide}}"


def yaml_inline(value: object) -> str:
    """Write a value as YAML within a line; texts are quoted only where they need it.

    Examples
    --------
    >>> yaml_inline("Lead Source"), yaml_inline("on"), yaml_inline("a: b"), yaml_inline("1")
    ('Lead Source', '"on"', '"a: b"', '"1"')
    >>> yaml_inline({"id": "a", "one_of": ["vp", "no", "a, b"], "at_least": 50.0})
    '{id: a, one_of: [vp, "no", "a, b"], at_least: 50}'
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {yaml_inline(part)}" for key, part in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(yaml_inline, value)) + "]"
    if isinstance(value, float):  # to YAML, 1e-07 is text
        whole = value.is_integer()
        return str(int(value)) if whole else re.sub(r"^(-?\d+)e", r"\1.0e", json.dumps(value))
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False, default=str)
    from yaml import CSafeLoader, load  # here, so that --help does not load it

    plain = PLAIN_SCALAR.fullmatch(value) and load(value, CSafeLoader) == value
    return value if plain else _yaml_quoted(value)


def _yaml_quoted(text: str) -> str:
    """Write a text in double quotes; YAML refuses some control characters as they are."""
    return YAML_CONTROL.sub(lambda at: f"\\u{ord(at[0]):04x}", json.dumps(text, ensure_ascii=False))


LONGEST_COMMENT = 160


def one_line_comment(text: str) -> str:
    """Make text safe in a comment: one line, without control characters, and not too long.

    Examples
    --------
    >>> one_line_comment("a  value\tof three words")
    'a value of three words'
    """
    printable = "".join(char if char.isprintable() else " " for char in text)
    clean = " ".join(printable.split())
    return clean if len(clean) <= LONGEST_COMMENT else clean[: LONGEST_COMMENT - 1] + "…"
