"""Kinds of event in words: ``webinar_attended`` is counted in *webinars attended*.

Each company names its own kinds, so the words are made from the name by a little English grammar:
the noun takes the plural, and what follows it (a participle, a preposition, *missed*) stays.
"""

from __future__ import annotations

from functools import cache

from features.vocabulary.phrase_book import listed_words

# Words that end the noun: what stands before them takes the plural.
AFTER_NOUN = (
    "from to by with without in on for at of about during after before not no via held sent made "
    "done seen met left won lost read run begun taken given shown kept"
)


def singular_words(kind: str) -> str:
    """Write one event of a kind in words.

    Examples
    --------
    >>> singular_words("demo_request")
    'demo request'
    """
    return kind.replace("_", " ").strip()


def plural_words(kind: str) -> str:
    """Write several events of a kind in words.

    Examples
    --------
    >>> [plural_words(kind) for kind in ("webinar_attended", "demo_request", "call_from_lead")]
    ['webinars attended', 'demo requests', 'calls from lead']
    >>> plural_words("anruf"), plural_words("встреча")  # other languages stay as they are
    ('anruf', 'встреча')
    """
    words = singular_words(kind).split()
    if not words:
        return "events"
    noun = next((i for i, word in enumerate(words[1:]) if _ends_noun(word)), len(words) - 1)
    words[noun] = _plural(words[noun])
    return " ".join(words)


def _ends_noun(word: str) -> bool:
    return word in AFTER_NOUN.split() or (word.endswith("ed") and len(word) > 4)


def _plural(noun: str) -> str:
    if not noun.isascii() or noun in _foreign_words():
        return noun
    if noun.endswith("s") and not noun.endswith("ss"):
        return noun
    if noun.endswith(("ch", "sh", "x", "z", "ss")):
        return noun + "es"
    if noun.endswith("y") and noun[-2:-1] not in tuple("aeiou"):
        return noun[:-1] + "ies"
    return noun + "s"


@cache
def _foreign_words() -> frozenset[str]:
    """Words for events in other languages that are no English words as well."""
    words = listed_words("events.yaml")
    english = {word.text for word in words if word.language == "en"}
    return frozenset(word.text for word in words) - english
