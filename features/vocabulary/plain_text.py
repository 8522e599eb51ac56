"""Texts without capitals, accents and punctuation, so that spellings of one word are the same."""

from __future__ import annotations

import re
import unicodedata

_PLAIN = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "ı": "i", "đ": "d"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_KANA_MARKS = "\u3099\u309a"  # with them a kana is another letter, not the same with an accent
CJK = r"\u3040-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u3005"  # kana and Chinese characters
_WORD = re.compile(rf"[{CJK}]+|(?:(?![{CJK}\d_])\w)+|\d+")


def fold(text: str) -> str:
    """Write a text in small letters without accents.

    Examples
    --------
    >>> fold("Geschäftsführer"), fold("ŁÓDŹ"), fold("İSİM")
    ('geschaftsfuhrer', 'lodz', 'isim')
    """
    if text.isascii():  # which has neither accents nor other forms of a letter
        return text.lower()
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_PLAIN)
    letters = unicodedata.normalize("NFKD", folded)
    kept = (x for x in letters if x in _KANA_MARKS or not unicodedata.combining(x))
    return unicodedata.normalize("NFC", "".join(kept))


def umlauts_spelt_out(text: str) -> str:
    """Write umlauts as two letters, the other common spelling.

    Examples
    --------
    >>> umlauts_spelt_out("geändert")
    'geaendert'
    """
    return unicodedata.normalize("NFC", text).translate(_UMLAUTS)


def plain_words(text: str) -> list[str]:
    """Split a text into folded words; digits and Chinese or Japanese runs are words of their own.

    Examples
    --------
    >>> plain_words("Co-Founder & Geschäftsführer"), plain_words("Eメール2")
    (['co', 'founder', 'geschaftsfuhrer'], ['e', 'メール', '2'])
    """
    return _WORD.findall(fold(text))


def camel_case_split(name: str) -> str:
    """Put spaces between the words of ``camelCase`` and after ``ID`` in ``IDNumber``.

    Examples
    --------
    >>> camel_case_split("LeadSource"), camel_case_split("HTTPStatus"), camel_case_split("IDs")
    ('Lead Source', 'HTTP Status', 'IDs')
    """
    following = zip(name, name[1:] + " ", name[2:] + "  ", strict=False)
    return "".join(
        letter + " " * (_ends_word(letter, second, third) and second.isalpha())
        for letter, second, third in following
    )


def _ends_word(letter: str, second: str, third: str) -> bool:
    if letter.islower():
        return second.isupper()
    return letter.isupper() and second.isupper() and third.islower() and third != "s"
