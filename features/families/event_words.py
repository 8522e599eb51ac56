"""Kinds of events in words: ``webinar_attended`` is counted in *webinars attended*.

A company names its own kinds, so the words are made from the name by a small English grammar: the
noun takes the plural, and what follows it (a participle, a preposition, *missed*) stays.
"""

from __future__ import annotations

SETS_OFF = frozenset(
    {
        "from",
        "to",
        "by",
        "with",
        "without",
        "in",
        "on",
        "for",
        "at",
        "of",
        "about",
        "during",
        "after",
        "before",
        "not",
        "no",
        "via",
        "held",
        "sent",
        "made",
        "done",
        "seen",
        "met",
        "left",
        "won",
        "lost",
        "read",
        "run",
        "begun",
        "taken",
        "given",
        "shown",
        "kept",
    }
)


def singular_words(kind: str) -> str:
    """Say one event of a kind.

    Examples
    --------
    >>> singular_words("demo_request")
    'demo request'
    """
    return kind.replace("_", " ").strip()


def plural_words(kind: str) -> str:
    """Say several events of a kind.

    Examples
    --------
    >>> [plural_words(kind) for kind in ("webinar_attended", "demo_request", "call_from_lead")]
    ['webinars attended', 'demo requests', 'calls from lead']
    """
    words = singular_words(kind).split()
    if not words:
        return "events"
    noun = next((i for i, word in enumerate(words[1:]) if _sets_off(word)), len(words) - 1)
    words[noun] = _plural(words[noun])
    return " ".join(words)


def _sets_off(word: str) -> bool:
    return word in SETS_OFF or (word.endswith("ed") and len(word) > 4)


def _plural(noun: str) -> str:
    if noun.endswith("s") and not noun.endswith("ss"):
        return noun
    if noun.endswith(("ch", "sh", "x", "z", "ss")):
        return noun + "es"
    if noun.endswith("y") and noun[-2:-1] not in tuple("aeiou"):
        return noun[:-1] + "ies"
    return noun + "s"
