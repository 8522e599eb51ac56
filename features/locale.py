"""The language in which figures and days are written: English marks, or German ones.

It holds for a block of code (``with figures_in("de")``) and for nothing else, in threads as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date

LOCALES = ("en", "de")
_locale: ContextVar[str] = ContextVar("locale of figures", default="en")
_OTHER_MARKS = str.maketrans(",.", ".,")
_FIGURE = re.compile(
    r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w,]|\.\d)|(?<![\w.,])\d+\.\d+(?![\w,.])"
)


@contextmanager
def figures_in(locale: str) -> Iterator[None]:
    """Write figures and days as a language does, until the block ends.

    Parameters
    ----------
    locale : str
        ``en`` or ``de``.

    Examples
    --------
    >>> with figures_in("de"):
    ...     marked("1,234.5"), day_pattern()
    ('1.234,5', '%d.%m.%Y')
    """
    token = _locale.set(locale)
    try:
        yield
    finally:
        _locale.reset(token)


def localised(written: str) -> str:
    """Write the figures within a text that was made with English marks in the chosen language.

    Examples
    --------
    >>> with figures_in("de"):
    ...     localised("1,000 to 2,499"), localised("0.5 or more")
    ('1.000 to 2.499', '0,5 or more')
    """
    if _locale.get() == "en":
        return written
    return _FIGURE.sub(lambda match: match[0].translate(_OTHER_MARKS), written)


def marked(figure: str) -> str:
    """Give one figure, made with English marks, the marks of the chosen language.

    Examples
    --------
    >>> with figures_in("de"):
    ...     marked("1,234.5"), marked("61%")
    ('1.234,5', '61\xa0%')
    """
    if _locale.get() == "en":
        return figure
    return figure.translate(_OTHER_MARKS).replace("%", "\N{NO-BREAK SPACE}%")


def day_pattern() -> str:
    """Give the pattern of days.

    Examples
    --------
    >>> day_pattern()
    '%Y-%m-%d'
    """
    return "%d.%m.%Y" if _locale.get() == "de" else "%Y-%m-%d"


def iso_day(written: str) -> str:
    """Write a day that is stored as ``2026-10-01``, with or without a time, in the chosen language.

    Examples
    --------
    >>> with figures_in("de"):
    ...     iso_day("2026-10-01T08:00:00"), iso_day("part 3"), iso_day("")
    ('01.10.2026', 'part 3', '')
    """
    try:
        return date.fromisoformat(written[:10]).strftime(day_pattern())
    except ValueError:
        return written
