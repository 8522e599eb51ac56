"""What the headings of a company's files are about, in twelve languages.

``heading_concepts`` reads a heading in any of them: ``Erstelldatum``, ``Create Date`` and
``作成日時`` all tell of a time at which something was created. The words are in ``words/*.yaml``.
A heading is split into words (``leadSource``, ``lead_source``, 客户编号); the longest known phrases
are taken from left to right; a compound is known if all its parts are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from features.vocabulary.plain_text import (
    CJK,
    camel_case_split,
    fold,
    plain_words,
    umlauts_spelt_out,
)

Concepts = frozenset[str]
NOTHING: Concepts = frozenset()
_SYMBOLS = (("#", " number "), ("№", " number "), ("n°", " number "), ("nº", " number "))
_LINKS = ("", "s", "n", "es", "en")  # between the parts of German and Dutch compounds
_SHORTEST_PART = 3  # letters of a part of a compound
_SHORT_ENDINGS = ("id", "nr", "no")  # the only shorter parts, as the last one
_CJK_RUN = re.compile(rf"[{CJK}]+")


@dataclass(frozen=True)
class HeadingWords:
    """The words of ``words/*.yaml``, indexed for lookup.

    Attributes
    ----------
    phrases : dict
        Concepts by the words of a phrase.
    whole : dict
        Concepts by the words of a whole heading.
    stems : dict
        Concepts by the start of a word.
    longest : int
        Words in the longest phrase.
    """

    phrases: dict[tuple[str, ...], Concepts]
    whole: dict[tuple[str, ...], Concepts]
    stems: dict[str, Concepts]
    longest: int

    def of_word(self, word: str) -> Concepts:
        """Look up one word; a plural also without its ending."""
        for form in _singular_forms(word):
            if found := self.phrases.get((form,)):
                return found
        starts = (word[:end] for end in range(len(word), 2, -1))
        return next((self.stems[start] for start in starts if start in self.stems), NOTHING)


@cache
def heading_concepts(name: str) -> Concepts:
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
    >>> [sorted(heading_concepts(name)) for name in ("Erstelldatum", "Дата создания", "作成日時")]
    [['created', 'date'], ['created', 'date'], ['created', 'time']]
    >>> heading_concepts("zebra")
    frozenset()
    """
    words = heading_words(name)
    known = _known_words()
    if whole := known.whole.get(tuple(words)):
        return whole | known.phrases.get(tuple(words), NOTHING)
    return frozenset(concept for part in _parts(words, known) for concept in part)


def heading_words(name: str) -> list[str]:
    """Split a heading into small-letter words without accents.

    Examples
    --------
    >>> heading_words("Übergeben am"), heading_words("LeadSource_2"), heading_words("Lead #")
    (['ubergeben', 'am'], ['lead', 'source', '2'], ['lead', 'number'])
    """
    spaced = camel_case_split(name)
    for symbol, word in _SYMBOLS:
        spaced = spaced.replace(symbol, word)
    return plain_words(spaced)


def known_concepts() -> frozenset[str]:
    """List all concepts.

    Examples
    --------
    >>> {"id", "created", "won"} <= known_concepts()
    True
    """
    return frozenset(concept for concept, _, _ in listed_words())


def _parts(words: Sequence[str], known: HeadingWords) -> Iterator[Concepts]:
    """Take the longest known phrases from left to right and give the concepts of each."""
    place = 0
    while place < len(words):
        length, concepts = _longest_phrase(words[place : place + known.longest], known)
        if length:
            yield concepts
        else:
            yield from _parts_of_word(words[place], known)
        place += length or 1


def _longest_phrase(words: Sequence[str], known: HeadingWords) -> tuple[int, Concepts]:
    for length in range(len(words), 1, -1):
        for last in _singular_forms(words[length - 1]):
            if found := known.phrases.get((*words[: length - 1], last)):
                return length, found
    return 0, NOTHING


def _parts_of_word(word: str, known: HeadingWords) -> Iterator[Concepts]:
    if _CJK_RUN.fullmatch(word):
        yield from _parts_of_run(word, known)
    elif concepts := known.of_word(word):
        yield concepts
    else:
        yield from _compound_parts(word, known) or ()


def _parts_of_run(run: str, known: HeadingWords) -> Iterator[Concepts]:
    """Read Chinese or Japanese from left to right; single characters only at either end."""
    place = 0
    while place < len(run):
        ends = range(len(run), place, -1)
        end = next((end for end in ends if (run[place:end],) in known.phrases), place)
        if end - place > 1 or (end > place and (place == 0 or end == len(run))):
            yield known.phrases[(run[place:end],)]
        place = max(end, place + 1)


def _compound_parts(word: str, known: HeadingWords) -> list[Concepts] | None:
    """Split a compound into known words, the longest first; None if that leaves a rest."""
    for end in range(len(word), 1, -1):
        first, rest = word[:end], word[end:]
        fits = len(first) >= _SHORTEST_PART or (not rest and first in _SHORT_ENDINGS)
        if not fits or (first,) not in known.phrases:
            continue
        if not rest:
            return [known.phrases[(first,)]]
        for link in _LINKS:
            if rest.startswith(link) and (parts := _compound_parts(rest[len(link) :], known)):
                return [known.phrases[(first,)], *parts]
    return None


def _singular_forms(word: str) -> Iterator[str]:
    yield word
    if len(word) > 4 and word.endswith("s"):
        yield word[:-1]
    if len(word) > 4 and word.endswith("ies"):
        yield word[:-3] + "y"


@cache
def _known_words() -> HeadingWords:
    """Index the words of ``words/*.yaml``."""
    phrases: dict[tuple[str, ...], Concepts] = {}
    whole: dict[tuple[str, ...], Concepts] = {}
    stems: dict[str, Concepts] = {}
    for concept, _, text in listed_words():
        for spelling in {text, umlauts_spelt_out(text)}:
            key = tuple(plain_words(spelling))
            if spelling.endswith("*"):
                stem = fold(spelling[:-1])
                stems[stem] = stems.get(stem, NOTHING) | {concept}
            else:
                index = whole if spelling.startswith("=") else phrases
                index[key] = index.get(key, NOTHING) | {concept}
    return HeadingWords(phrases, whole, stems, max(map(len, phrases)))


@cache
def listed_words() -> tuple[tuple[str, str, str], ...]:
    """Read the concept, language and spelling of each word of ``words/*.yaml``."""
    found = []
    folder = files("features.vocabulary").joinpath("words")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        concepts = yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
        for concept, by_language in concepts.items():
            for language, words in by_language.items():
                found += [(concept, language, word.strip()) for word in str(words).split(",")]
    return tuple(found)
