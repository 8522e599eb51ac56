"""What the headings of a company's files are about, in twelve languages.

``heading_concepts`` reads a heading in any of them: ``Erstelldatum``, ``Create Date`` and
``作成日時`` all tell of a time at which something was created. The words are in ``words/``.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import chain

from features.vocabulary.phrase_book import Meanings, PhraseBook, listed_words
from features.vocabulary.plain_text import camel_case_split, plain_words

HEADING_FILES = (
    "keys.yaml",
    "times.yaml",
    "outcome.yaml",
    "company.yaml",
    "person.yaml",
    "origin.yaml",
    "events.yaml",
)
_LOOKUP = re.compile(r"^_(?:parent)?(\w+)id_value$")  # a link in the Web API of Dynamics
_RUN_TOGETHER = re.compile(  # as HubSpot writes associatedcompanyid
    r"([a-z]{3,})(account|company|contact|customer|deal|lead|owner|person|product|team|user)(ids?)"
)
_SYMBOLS = (("#", " number "), ("№", " number "), ("n°", " number "), ("nº", " number "))


@cache
def heading_concepts(name: str) -> Meanings:
    """Tell what a heading is about; empty if it is not understood.

    Parameters
    ----------
    name : str
        A column's heading as the company writes it.

    Returns
    -------
    frozenset of str
        Concepts, named as in ``words/*.yaml``. A word with several meanings has them all.

    Examples
    --------
    >>> sorted(heading_concepts("Kundennummer")), sorted(heading_concepts("leadID"))
    (['customer', 'number'], ['id', 'lead'])
    >>> sorted(heading_concepts("_parentaccountid_value"))
    ['account', 'id']
    >>> [sorted(heading_concepts(name)) for name in ("Erstelldatum", "Дата создания", "作成日時")]
    [['created', 'date'], ['created', 'date'], ['created', 'time']]
    >>> heading_concepts("zebra")
    frozenset()
    """
    return frozenset().union(*_heading_book().meanings(heading_words(name)))


def heading_words(name: str) -> list[str]:
    """Split a heading into small-letter words without accents.

    Examples
    --------
    >>> heading_words("Übergeben am"), heading_words("LeadSource_2"), heading_words("Lead #")
    (['ubergeben', 'am'], ['lead', 'source', '2'], ['lead', 'number'])
    >>> heading_words("associatedcompanyid"), heading_words("overpaid")
    (['associated', 'company', 'id'], ['overpaid'])
    """
    spaced = camel_case_split(_LOOKUP.sub(r"\1 id", name))
    for symbol, word in _SYMBOLS:
        spaced = spaced.replace(symbol, word)
    split = (
        [*match.groups()] if (match := _RUN_TOGETHER.fullmatch(word)) else [word]
        for word in plain_words(spaced)
    )
    return list(chain.from_iterable(split))


def known_concepts() -> Meanings:
    """List all concepts.

    Examples
    --------
    >>> {"id", "created", "won"} <= known_concepts()
    True
    """
    return frozenset(word.meaning for word in listed_words(*HEADING_FILES))


@cache
def _heading_book() -> PhraseBook:
    return PhraseBook.of(listed_words(*HEADING_FILES))
