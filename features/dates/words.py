"""The words in dates: months, weekdays, halves of the day and time zones.

Months and weekdays come from the Unicode locale data (the library Babel), in full and shortened. No
month's name means another month in another of these languages, so the language is never asked.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from zoneinfo import ZoneInfo

import pandas as pd

LANGUAGES = (
    *("en", "de", "fr", "es", "pt", "it", "nl", "pl", "ru", "tr", "uk", "cs", "sk", "sv", "da"),
    *("nb", "fi", "hu", "ro", "bg", "el", "ca", "ja", "zh", "ko"),
)
DAY_PERIODS = {  # whether the word means the second half of the day
    **dict.fromkeys(("am", "午前", "上午", "오전", "öö", "дп", "vorm", "πμ"), False),
    **dict.fromkeys(("pm", "午後", "下午", "오후", "ös", "пп", "nachm", "μμ"), True),
}
DAY_PERIOD = r"[ap]\.?[\s\p{Z}]?m\b\.?|午前|午後|上午|下午|오전|오후|ö[ös]\b|[дп]п\b|[πμ]\.?μ\b\.?"
JAPANESE_WEEKDAYS = "月火水木金土日"
_ZONE_HOURS = {  # as RFC 2822 and the zones' own countries use them
    **dict.fromkeys(("utc", "gmt", "z", "ut", "wet"), 0.0),
    **dict.fromkeys(("cet", "mez", "bst", "west"), 1.0),
    **dict.fromkeys(("cest", "mesz", "eet", "sast"), 2.0),
    **dict.fromkeys(("eest", "msk"), 3.0),
    **{"est": -5.0, "edt": -4.0, "cst": -6.0, "cdt": -5.0, "mst": -7.0, "mdt": -6.0},
    **{"pst": -8.0, "pdt": -7.0, "akst": -9.0, "akdt": -8.0, "hst": -10.0, "brt": -3.0},
    **{"ist": 5.5, "sgt": 8.0, "hkt": 8.0, "jst": 9.0, "kst": 9.0},
    **{"awst": 8.0, "acst": 9.5, "aest": 10.0, "aedt": 11.0, "nzst": 12.0, "nzdt": 13.0},
}
_FURTHER_MONTHS = {"sept": 9, "mrz": 3, "jänner": 1, "jän": 1, "feber": 2}


def plain_word(text: str) -> str:
    """Fold a word for comparison: small letters, no accents, no dots.

    Examples
    --------
    >>> plain_word("Févr."), plain_word("a. m.")
    ('fevr', 'am')
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = (char for char in decomposed if not (unicodedata.combining(char) or char.isspace()))
    return unicodedata.normalize("NFC", "".join(kept).replace(".", ""))


@cache
def month_numbers() -> Mapping[str, int]:
    """Give the number of each month's name.

    Examples
    --------
    >>> [month_numbers()[name] for name in ("april", "janv", "marca", "августа", "eylul")]
    [4, 1, 3, 8, 9]
    """
    known = dict(_only(_single_meanings(_month_names())))
    known |= {plain_word(word): number for word, number in _FURTHER_MONTHS.items()}
    cut = ((word[:length], number) for word, number in known.items() for length in (3, 4))
    return dict(_only(_single_meanings(cut))) | known


@cache
def weekday_numbers() -> Mapping[str, frozenset[int]]:
    """Give the days (Monday is 0) that each weekday's name means in some language.

    Examples
    --------
    >>> weekday_numbers()["freitag"], weekday_numbers()["so"]
    (frozenset({4}), frozenset({5, 6}))
    """
    from babel import Locale

    meanings: dict[str, set[int]] = {}
    for language in LANGUAGES:
        for widths in Locale.parse(language).days.values():
            for width in ("wide", "abbreviated", "short"):
                for number, name in widths.get(width, {}).items():
                    meanings.setdefault(plain_word(name), set()).add(number)
    meanings |= {word: {number} for number, word in enumerate(JAPANESE_WEEKDAYS)}
    return {word: frozenset(numbers) for word, numbers in meanings.items()}


def month_of(word: str) -> int | None:
    """Give the number of a month's name, None if it is no month."""
    return month_numbers().get(plain_word(word))


def zone_of(name: str) -> pd.Timedelta | ZoneInfo | None:
    """Give the offset of a zone's abbreviation or the zone of a name such as ``Europe/Berlin``.

    Examples
    --------
    >>> zone_of("UTC"), zone_of("Europe/Berlin"), zone_of("Web")
    (Timedelta('0 days 00:00:00'), zoneinfo.ZoneInfo(key='Europe/Berlin'), None)
    """
    hours = _ZONE_HOURS.get(name.casefold())
    if hours is not None:
        return pd.Timedelta(hours=hours)
    try:
        return ZoneInfo(name) if "/" in name else None
    except (ValueError, OSError, LookupError):
        return None


def _month_names() -> Iterator[tuple[str, int]]:
    from babel import Locale

    for language in LANGUAGES:
        for widths in Locale.parse(language).months.values():
            for width in ("wide", "abbreviated"):
                for number, name in widths.get(width, {}).items():
                    yield plain_word(name), number


def _single_meanings(words: Iterable[tuple[str, int]]) -> list[tuple[str, set[int]]]:
    meanings: dict[str, set[int]] = {}
    for word, number in words:
        meanings.setdefault(word, set()).add(number)
    return [(word, numbers) for word, numbers in meanings.items() if len(numbers) == 1]


def _only(meanings: Iterable[tuple[str, set[int]]]) -> Iterator[tuple[str, int]]:
    return ((word, number) for word, (number,) in meanings)
