"""What a reason for closing a lead says, in the languages other than English."""

from __future__ import annotations

from functools import cache

from features.vocabulary.phrase_book import PhraseBook, listed_words
from features.vocabulary.plain_text import plain_words


@cache
def reason_meaning(reason: str) -> str | None:
    """Tell the disposition that a reason names first; None if its words do not say.

    Examples
    --------
    >>> [reason_meaning(value) for value in ("Nicht bearbeitet", "Sem interesse", "予算なし", "A7")]
    ['never worked', 'not interested', 'no budget', None]
    """
    meanings = _reason_book().meanings(plain_words(reason.replace("_", " ")))
    return next((min(meaning) for meaning in meanings), None)


@cache
def _reason_book() -> PhraseBook:
    return PhraseBook.of(listed_words("reasons.yaml"))
