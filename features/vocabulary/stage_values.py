"""What the values of stages, statuses and yes/no columns say, in twelve languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from features.vocabulary.phrase_book import ListedWord, PhraseBook, listed_words
from features.vocabulary.plain_text import camel_case_split, fold, plain_words

WON, LOST, OPEN, NOT = "won", "lost", "open", "not"
WITH_SALES = "with sales"
_CODES = {  # of leads and opportunities in Dynamics, which exports the numbers of its choices
    "statecode": {"0": OPEN, "1": WON, "2": LOST},
    "statuscode": {
        **dict.fromkeys(("1", "2"), OPEN),
        "3": WON,
        **dict.fromkeys(("4", "5", "6", "7"), LOST),
    },
}


@cache
def stage_meaning(value: str) -> str | None:
    """Tell whether a stage means won, lost or still open; None if its words do not say.

    Examples
    --------
    >>> [stage_meaning(value) for value in ("Closed Won", "Verloren", "В работе", "未成交", "A7")]
    ['won', 'lost', 'open', 'lost', None]
    >>> stage_meaning("Not sold"), stage_meaning("not yet sold"), stage_meaning("unsold")
    ('lost', 'open', None)
    """
    words = plain_words(camel_case_split(value.replace("_", " ")))
    meanings = frozenset().union(*_stage_book().meanings(words))
    if LOST in meanings:
        return LOST
    if WON in meanings and NOT not in meanings:
        return WON
    if meanings & {OPEN, WITH_SALES}:
        return OPEN
    return LOST if WON in meanings else None


@cache
def coded_meaning(column: str, value: str) -> str | None:
    """Tell what the number of a state means; None if the column holds no known numbers.

    Examples
    --------
    >>> [coded_meaning("statecode", value) for value in ("0", "1", "2", "Open")]
    ['open', 'won', 'lost', None]
    >>> coded_meaning("State Code", "1.0"), coded_meaning("Stage", "1")
    ('won', None)
    """
    codes = _CODES.get("".join(plain_words(column)), {})
    return codes.get(value.strip().removesuffix(".0"))


@cache
def is_with_sales(value: str) -> bool:
    """Tell whether a stage is one that only leads reach which sales already has.

    Examples
    --------
    >>> [is_with_sales(value) for value in ("SQL", "In Verhandlung", "New", "Quote rejected")]
    [True, True, False, False]
    """
    words = plain_words(camel_case_split(value.replace("_", " ")))
    meanings = frozenset().union(*_stage_book().meanings(words))
    return WITH_SALES in meanings and not meanings & {WON, LOST, NOT}


@cache
def yes_no(value: str) -> str | None:
    """Read ``yes`` or ``no`` in any of the languages; also 1 and 0, and ticks.

    Examples
    --------
    >>> [yes_no(value) for value in ("Evet", "нет", "TRUE", "0.0", "maybe")]
    ['yes', 'no', 'yes', 'no', None]
    """
    return _yes_no_words().get(fold(value.strip()))


@cache
def _stage_book() -> PhraseBook:
    return PhraseBook.of(form for word in listed_words("stages.yaml") for form in _forms(word))


_ENDINGS = {  # of participles and adjectives, each with the others that it stands for
    **dict.fromkeys(("es", "pt"), (re.compile(r"(?<=\w{3})o\b"), ("o", "a", "os", "as"))),
    "it": (re.compile(r"(?<=\w{3})o\b"), ("o", "a", "i", "e")),
    "fr": (re.compile(r"(?<=\w{2}[éu])\b|(?<=\w{3}i[ts])\b"), ("", "e", "s", "es")),
    "pl": (re.compile(r"(?<=\w{3}[nt])[yaeo]\b"), ("y", "a", "e", "o")),
}


def _forms(word: ListedWord) -> Iterator[ListedWord]:
    """The word in each gender and number, which agree with what is won: a deal or an offer."""
    pattern, endings = _ENDINGS.get(word.language, (None, ()))
    yield word
    if pattern is not None and pattern.search(word.text):
        yield from (word._replace(text=pattern.sub(ending, word.text)) for ending in endings)


@cache
def _yes_no_words() -> dict[str, str]:
    words = {fold(word.text): word.meaning for word in listed_words("yes_no.yaml")}
    return words | {"1": "yes", "1.0": "yes", "0": "no", "0.0": "no"}
