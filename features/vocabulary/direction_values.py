"""What the values of a direction column say about who began an event, in twelve languages."""

from __future__ import annotations

from functools import cache

from features.vocabulary.phrase_book import PhraseBook, listed_words
from features.vocabulary.plain_text import plain_words

BY_SALES, BY_LEAD = "by_sales", "by_lead"


@cache
def who_acted(value: str) -> str | None:
    """Tell who began an event with this direction; None if its words do not say, or say both.

    Examples
    --------
    >>> [who_acted(value) for value in ("Outbound", "eingehend", "Исходящий", "Email")]
    ['by_sales', 'by_lead', 'by_sales', None]
    """
    meanings = frozenset().union(*_direction_book().meanings(plain_words(value)))
    return next(iter(meanings)) if len(meanings) == 1 else None


@cache
def _direction_book() -> PhraseBook:
    return PhraseBook.of(listed_words("direction.yaml"))
