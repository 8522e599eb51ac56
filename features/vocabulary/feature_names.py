"""Names of features and words for people, made from the headings of a company's columns."""

from __future__ import annotations

import re
import unicodedata

from features.vocabulary.plain_text import camel_case_split, umlauts_spelt_out

_LATIN = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "ı": "i", "đ": "d"})


def feature_name(heading: str) -> str:
    """Turn a heading into a feature's name: small letters, digits and ``_``.

    Latin letters lose their accents, and umlauts are spelt out. Letters of other scripts stay, so
    that a definition can name the feature as the company does.

    Examples
    --------
    >>> feature_name("Total Time Spent on Website"), feature_name("Übergeben am")
    ('total_time_spent_on_website', 'uebergeben_am')
    >>> feature_name("Стадия сделки"), feature_name("公司规模"), feature_name("2nd touch")
    ('стадия_сделки', '公司规模', 'column_2nd_touch')
    """
    spaced = camel_case_split(unicodedata.normalize("NFKC", umlauts_spelt_out(heading)))
    folded = _without_latin_accents(spaced.casefold().translate(_LATIN))
    clean = re.sub(r"[\W_]+", "_", folded).strip("_")
    return clean if clean[:1].isalpha() else f"column_{clean}".rstrip("_")


def heading_text(heading: str) -> str:
    """Write a heading as words for people: as the company does, without technical spelling.

    Examples
    --------
    >>> heading_text("Übergeben am"), heading_text("TotalVisits"), heading_text("lead_source")
    ('Übergeben am', 'Total Visits', 'lead source')
    """
    spaced = camel_case_split(heading) if " " not in heading.strip() else heading
    return " ".join(spaced.replace("_", " ").split())


def _without_latin_accents(text: str) -> str:
    kept: list[str] = []
    base = ""
    for letter in unicodedata.normalize("NFD", text):
        if unicodedata.combining(letter) and (base.isascii() or not base):
            continue
        kept.append(letter)
        base = base if unicodedata.combining(letter) else letter
    return unicodedata.normalize("NFC", "".join(kept))
