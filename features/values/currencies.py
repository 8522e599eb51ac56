"""Which currency an amount is written in: ``R$ 5``, ``5 EUR``, ``CHF 5.-``, ``5 zł``.

A currency is named by its ISO 4217 code where the mark says it, and by the mark itself where
several countries use it (``$``, ``¥``, ``kr``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_CODES = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN "
    "BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD "
    "FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD "
    "JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT "
    "MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG "
    "QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SOS SRD SSP STN SYP SZL THB TJS TMT TND "
    "TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW "
)
ISO_CODES = frozenset(_CODES.split())
MARKS = {  # what people write instead of a code, in lower case
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "₽": "RUB",
    "₺": "TRY",
    "₩": "KRW",
    "₪": "ILS",
    "₫": "VND",
    "₴": "UAH",
    "₦": "NGN",
    "₱": "PHP",
    "₸": "KZT",
    "฿": "THB",
    "¥": "¥",
    "$": "$",
    "us$": "USD",
    "r$": "BRL",
    "a$": "AUD",
    "au$": "AUD",
    "c$": "CAD",
    "ca$": "CAD",
    "nz$": "NZD",
    "hk$": "HKD",
    "s$": "SGD",
    "mx$": "MXN",
    "nt$": "TWD",
    "s/": "PEN",
    "zł": "PLN",
    "kč": "CZK",
    "ft": "HUF",
    "kr": "kr",
    "rs": "INR",
    "tl": "TRY",
    "fr": "CHF",
    "sfr": "CHF",
    "rm": "MYR",
    "руб": "RUB",
    "грн": "UAH",
    "円": "JPY",
    "元": "CNY",
    "rmb": "CNY",
    "euro": "EUR",
    "euros": "EUR",
    "dollar": "$",
    "dollars": "$",
    "us": "USD",
    "pounds": "GBP",
    "reais": "BRL",
    "rubles": "RUB",
    "rupees": "INR",
    "yen": "JPY",
    "yuan": "CNY",
}
_SAME = {"$": {"USD"}, "kr": {"SEK", "NOK", "DKK", "ISK"}, "¥": {"JPY", "CNY"}}
_WITHOUT_SPACES = ("円", "元")
_LETTERS = "[^\\W\\d_]"
_WORDS = sorted(
    (mark for mark in (*MARKS, *map(str.lower, ISO_CODES))), key=lambda mark: (-len(mark), mark)
)


def _mark_pattern(mark: str) -> str:
    """A mark that begins with a letter only counts at the beginning of a word."""
    starts_word = mark[0].isalpha() and mark not in _WITHOUT_SPACES
    return (f"(?<!{_LETTERS})" if starts_word else "") + re.escape(mark)


_ONLY_DIGITS = re.compile(r"[\d\s.,'+-]*")
_OF_LETTERS = [mark for mark in _WORDS if mark.isalpha() and mark not in _WITHOUT_SPACES]
_WITH_SIGNS = [mark for mark in _WORDS if mark not in _OF_LETTERS]
# Marks of letters are words of their own, with or without a full stop. They come in one group:
# nearly every letter of a text stands inside a word, where none of them needs to be tried.
CURRENCY = re.compile(
    "|".join([*map(_mark_pattern, _WITH_SIGNS), ""])
    + rf"(?<!{_LETTERS})(?:{'|'.join(_OF_LETTERS)})(?!{_LETTERS})\.?"
)


def currency_of(text: str) -> str | None:
    """Name the first currency in a text; None if it has none.

    Examples
    --------
    >>> [currency_of(text) for text in ("R$ 1.200,50", "5 eur", "GBP 1 (USD 1.2)", "12 weeks")]
    ['BRL', 'EUR', 'GBP', None]
    """
    match = None if _ONLY_DIGITS.fullmatch(text) else CURRENCY.search(text.lower())
    if match is None:
        return None
    mark = match[0].rstrip(".")
    return MARKS.get(mark, mark.upper())


def same_currency(currency: str, other: str) -> bool:
    """Whether two names can mean one currency: ``$`` and USD, ``kr`` and SEK.

    Examples
    --------
    >>> same_currency("$", "USD"), same_currency("USD", "EUR")
    (True, False)
    """
    return currency == other or other in _SAME.get(currency, ()) or currency in _SAME.get(other, ())


def is_currency(unit: str | None) -> bool:
    """Whether the unit of a column is a currency.

    Examples
    --------
    >>> is_currency("EUR"), is_currency("people")
    (True, False)
    """
    return unit is not None and (unit in ISO_CODES or unit in MARKS.values())


def distinct_currencies(currencies: Iterable[str]) -> list[str]:
    """The currencies that differ, the first name of each.

    Examples
    --------
    >>> distinct_currencies(["USD", "$", "EUR"])
    ['USD', 'EUR']
    """
    distinct: list[str] = []
    for currency in currencies:
        if not any(same_currency(currency, other) for other in distinct):
            distinct.append(currency)
    return distinct
