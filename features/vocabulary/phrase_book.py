"""Words and phrases with their meanings, as listed in the files of ``words/``.

Each file has, by meaning and language, words separated by commas. A text is split into words; the
longest known phrases are taken from left to right; a compound is known if all its parts are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import yaml

from features.vocabulary.plain_text import CJK, plain_words, umlauts_spelt_out

Meanings = frozenset[str]
NOTHING: Meanings = frozenset()
_LINKS = ("", "s", "n", "es", "en")  # between the parts of German and Dutch compounds
_SHORTEST_PART = 3  # letters of a part of a compound
_SHORT_ENDINGS = ("id", "nr", "no")  # the only shorter parts, as the last one
_CJK_RUN = re.compile(rf"[{CJK}]+")


class ListedWord(NamedTuple):
    """A word or phrase of a file: ``created*`` is the start of words, ``=from`` a whole text."""

    meaning: str
    language: str
    text: str


@cache
def listed_words(*names: str) -> tuple[ListedWord, ...]:
    """Read the words of one or more files of ``words/``.

    Examples
    --------
    >>> ListedWord("yes", "de", "ja") in listed_words("yes_no.yaml")
    True
    """
    found = []
    for name in names:
        text = files("features.vocabulary").joinpath("words", name).read_text("utf-8")
        for meaning, by_language in yaml.load(text, Loader=yaml.CBaseLoader).items():
            for language, words in by_language.items():
                found += [
                    ListedWord(meaning, language, word.strip()) for word in str(words).split(",")
                ]
    return tuple(found)


@dataclass(frozen=True)
class PhraseBook:
    """Words with their meanings, indexed for lookup.

    Attributes
    ----------
    phrases : dict
        Meanings by the words of a phrase.
    whole : dict
        Meanings by the words of a whole text.
    stems : dict
        Meanings by the words of a phrase, the last of which may go on.
    longest : int
        Words in the longest phrase.

    Examples
    --------
    >>> book = PhraseBook.of([ListedWord("customer", "de", "kunde"),
    ...                       ListedWord("number", "de", "nummer")])
    >>> [sorted(meanings) for meanings in book.meanings(["kundennummer"])]
    [['customer'], ['number']]
    """

    phrases: dict[tuple[str, ...], Meanings]
    whole: dict[tuple[str, ...], Meanings]
    stems: dict[tuple[str, ...], Meanings]
    longest: int

    @classmethod
    def of(cls, words: Iterable[ListedWord]) -> PhraseBook:
        """Index words; a word listed under several meanings has them all."""
        phrases: dict[tuple[str, ...], Meanings] = {}
        whole: dict[tuple[str, ...], Meanings] = {}
        stems: dict[tuple[str, ...], Meanings] = {}
        for meaning, _, text in words:
            for spelling in {text, umlauts_spelt_out(text)}:
                key = tuple(plain_words(spelling))
                index = stems if spelling.endswith("*") else phrases
                index = whole if spelling.startswith("=") else index
                index[key] = index.get(key, NOTHING) | {meaning}
        return cls(phrases, whole, stems, max(map(len, (*phrases, *stems))))

    def meanings(self, words: Sequence[str]) -> list[Meanings]:
        """List the meanings of each known phrase, from left to right."""
        if whole := self.whole.get(tuple(words)):
            return [whole | self.phrases.get(tuple(words), NOTHING)]
        return list(self._parts(words))

    def _parts(self, words: Sequence[str]) -> Iterator[Meanings]:
        place = 0
        while place < len(words):
            length, meanings = self._longest_phrase(words[place : place + self.longest])
            if length:
                yield meanings
            else:
                yield from self._parts_of_word(words[place])
            place += length or 1

    def _longest_phrase(self, words: Sequence[str]) -> tuple[int, Meanings]:
        for length in range(len(words), 1, -1):
            if found := self._phrase(tuple(words[: length - 1]), words[length - 1]):
                return length, found
        return 0, NOTHING

    def _phrase(self, before: tuple[str, ...], last: str) -> Meanings:
        for form in _singular_forms(last):
            if found := self.phrases.get((*before, form)):
                return found
        starts = ((*before, last[:end]) for end in range(len(last), 2, -1))
        return next((self.stems[start] for start in starts if start in self.stems), NOTHING)

    def _parts_of_word(self, word: str) -> Iterator[Meanings]:
        if _CJK_RUN.fullmatch(word):
            yield from self._parts_of_run(word)
        elif meanings := self._phrase((), word):
            yield meanings
        else:
            yield from self._compound_parts(word) or ()

    def _parts_of_run(self, run: str) -> Iterator[Meanings]:
        """Read Chinese or Japanese from left to right; single characters only at either end."""
        place = 0
        while place < len(run):
            ends = range(len(run), place, -1)
            end = next((end for end in ends if (run[place:end],) in self.phrases), place)
            if end - place > 1 or (end > place and (place == 0 or end == len(run))):
                yield self.phrases[(run[place:end],)]
            place = max(end, place + 1)

    def _compound_parts(self, word: str) -> list[Meanings] | None:
        """Split a compound into known words, the longest first; None if that leaves a rest."""
        for end in range(len(word), 1, -1):
            first, rest = word[:end], word[end:]
            fits = len(first) >= _SHORTEST_PART or (not rest and first in _SHORT_ENDINGS)
            if not fits or (first,) not in self.phrases:
                continue
            if not rest:
                return [self.phrases[(first,)]]
            for link in _LINKS:
                if rest.startswith(link) and (parts := self._compound_parts(rest[len(link) :])):
                    return [self.phrases[(first,)], *parts]
        return None


def _singular_forms(word: str) -> Iterator[str]:
    yield word
    if len(word) > 4 and word.endswith("s"):
        yield word[:-1]
    if len(word) > 4 and word.endswith("ies"):
        yield word[:-3] + "y"
