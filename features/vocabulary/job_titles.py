"""What a job title says about a person: seniority and job function.

People write titles in many languages, abbreviated, mistyped, with several roles in one. The known
words are in ``words/titles.yaml``; each distinct title is read once. A title becomes plain words,
and the longest known phrases are taken from left to right. An unknown word is tried as a compound,
then with one wrong letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import pandas as pd
import yaml

from features.vocabulary.plain_text import CJK, plain_words

NO_FUNCTION = "no_function"
ADMINISTRATION = "administration"  # the function of assistants whose title names no other
LONGEST_TITLE = 200  # letters; anything after them is ignored
SHORTEST_MISTYPED = 6  # letters; in a shorter word one wrong letter makes another word


@dataclass(frozen=True, eq=False)
class Lexicon:
    """Phrases and their meanings, indexed for lookup.

    Attributes
    ----------
    phrases : dict
        Meaning by the words of a phrase.
    stems : tuple
        Patterns of parts of compounds, with their meanings.
    mistyped : dict
        The intended word, by the word without any one letter.
    longest : dict
        Words in the longest phrase that begins with a word.
    known : frozenset of str
        Words that are spelt correctly, in whichever lexicon they belong.
    """

    phrases: dict[tuple[str, ...], str]
    stems: tuple[tuple[re.Pattern[str], str], ...]
    mistyped: dict[str, str]
    longest: dict[str, int]
    known: frozenset[str]

    def meanings(self, words: Sequence[str]) -> Iterator[str]:
        """Take the longest known phrases from left to right and give their meanings."""
        place = 0
        while place < len(words):
            length = self._longest_from(words, place)
            if length:
                yield self.phrases[tuple(words[place : place + length])]
            else:
                yield from _guess(self, words[place])
            place += length or 1

    def _longest_from(self, words: Sequence[str], place: int) -> int:
        longest = self.longest.get(words[place], 0)
        if not longest:
            return 0
        for length in range(min(longest, len(words) - place), 0, -1):
            if tuple(words[place : place + length]) in self.phrases:
                return length
        return 0

    def is_near(self, near: str, word: str) -> bool:
        """Whether a known word was meant; a longer word, such as directory, is another word."""
        return near in self.mistyped and not word.startswith(self.mistyped[near])

    def parts_of_run(self, run: str) -> Iterator[str]:
        """Take the longest known parts of a Chinese or Japanese title from left to right."""
        place = 0
        while place < len(run):
            ends = (end for end in range(len(run), place, -1) if (run[place:end],) in self.phrases)
            end = next(ends, place)
            if end > place:
                yield self.phrases[(run[place:end],)]
            place = max(end, place + 1)


@lru_cache(maxsize=100_000)  # the same words come again in other titles
def _guess(lexicon: Lexicon, word: str) -> tuple[str, ...]:
    """Read an unknown word as a compound, or as a known word with one wrong letter."""
    if re.fullmatch(f"[{CJK}]+", word):
        return tuple(lexicon.parts_of_run(word))
    of_stems = tuple(meaning for stem, meaning in lexicon.stems if stem.fullmatch(word))
    if of_stems or word in lexicon.known or len(word) < SHORTEST_MISTYPED:
        return of_stems
    intended = next(
        (lexicon.mistyped[near] for near in _near_words(word) if lexicon.is_near(near, word)), ""
    )
    return (lexicon.phrases[(intended,)],) if intended[:1] == word[0] else ()


@dataclass(frozen=True)
class TitleWords:
    """The contents of ``words/titles.yaml``, indexed for lookup.

    Attributes
    ----------
    seniority, job_function, general : Lexicon
        ``general`` gives a function where ``job_function`` does not.
    ranks : mapping
        Rank by seniority; 0 wins.
    empty : frozenset of str
        Whole titles without a meaning.
    assistants, last_assistants : frozenset of str
        Words that say assistant, whoever they help; the second only at the end.
    students : frozenset of str
        English words for students, who may also be the ones that are taught or managed.
    """

    seniority: Lexicon
    job_function: Lexicon
    general: Lexicon
    ranks: Mapping[str, int]
    empty: frozenset[str]
    assistants: frozenset[str]
    last_assistants: frozenset[str]
    students: frozenset[str]


_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}")  # C.E.O.
_POSSESSIVE = re.compile(r"^.*\w['’]s\s+(?=\w)", re.IGNORECASE)
_OFFICE_OF = re.compile(r"\boffice of (the )?[^-–—,/|:]+", re.IGNORECASE)
_TO_SOMEBODY = re.compile(r"(?<=\w)\s+to\s+", re.IGNORECASE)


def read_titles(titles: pd.Series) -> pd.DataFrame:
    """Read seniority and job function from titles.

    Parameters
    ----------
    titles : Series of str or None

    Returns
    -------
    DataFrame
        ``seniority, job_function``, text or None, same index.

    Examples
    --------
    >>> read_titles(pd.Series(["VP of Marketing", "Vertriebsleiterin", "Sr. Enginer", "n/a"]))
      seniority job_function
    0        vp    marketing
    1   manager        sales
    2    senior  engineering
    3      None         None
    """
    codes, distinct = pd.factorize(titles.astype(object))
    parts = [read_title(str(title)) for title in distinct] + [(None, None)]  # code -1: no title
    columns = dict(zip(("seniority", "job_function"), zip(*parts, strict=True), strict=True))
    return pd.DataFrame(
        {name: pd.Series(part, dtype=object).to_numpy()[codes] for name, part in columns.items()},
        index=titles.index,
        dtype=object,
    )


@lru_cache(maxsize=100_000)  # the same titles come again in every table that is read
def read_title(title: str) -> tuple[str | None, str | None]:
    """Read a title: its highest seniority, and the function that it names first.

    Examples
    --------
    >>> read_title("Founder, CEO"), read_title("HR Manger"), read_title("Assistant to the CEO")
    (('c_level', 'general_management'), ('manager', 'hr'), ('entry', 'administration'))
    """
    lexicons = title_words()
    words = plain_words(own_part(title[:LONGEST_TITLE]))
    if " ".join(words) in lexicons.empty:
        return None, None
    words = _without_students(words, lexicons)
    function = next(lexicons.job_function.meanings(words), None)
    if helper := _helper(words, lexicons):
        return next(lexicons.seniority.meanings(helper), None), function or ADMINISTRATION
    ranks = lexicons.ranks
    seniority = min(lexicons.seniority.meanings(words), key=ranks.__getitem__, default=None)
    general = next(lexicons.general.meanings(words), NO_FUNCTION)
    return seniority, function or (None if general == NO_FUNCTION else general)


def own_part(title: str) -> str:
    """The part of a title that is about the person, not about somebody else.

    Examples
    --------
    >>> own_part("C.E.O."), own_part("CEO's PA"), own_part("Assistant to the CEO")
    ('CEO', 'PA', 'Assistant')
    >>> own_part("Office of the CEO - Program Coordinator")
    '- Program Coordinator'
    """
    joined = _DOTTED.sub(lambda match: match.group().replace(".", ""), title)
    own = _OFFICE_OF.sub("", _POSSESSIVE.sub("", joined))
    return _TO_SOMEBODY.split(own)[0]


def _helper(words: list[str], lexicons: TitleWords) -> list[str]:
    """The assistant in *assistant of somebody*: all other words are about the person helped."""
    for place, word in enumerate(words):
        last = place == len(words) - 1
        if word in lexicons.assistants or (word in lexicons.last_assistants and last and place):
            return [word]
    return []


def _without_students(words: list[str], lexicons: TitleWords) -> list[str]:
    """Leave out students who are taught or managed: *dean of students*, *internship manager*."""
    students = lexicons.students
    kept = [
        word
        for place, word in enumerate(words)
        if not (word in students and place and words[place - 1] in ("of", "for"))
    ]
    if kept and kept[-1] not in students and set(kept[:-1]) & students:
        last = next(lexicons.seniority.meanings(kept[-1:]), None)
        program = bool(set(kept) & {"program", "programme", "programs"})
        modifiers = students if program else students - {"trainee", "apprentice"}
        if last not in (None, "student"):
            return [word for word in kept if word not in modifiers]
    return kept


def _near_words(word: str) -> list[str]:
    """The word, and the word without any one letter; two similar words share one of these."""
    return [word, *(word[:place] + word[place + 1 :] for place in range(len(word)))]


@cache
def title_words() -> TitleWords:
    """Read ``words/titles.yaml``."""
    text = files("features.vocabulary").joinpath("words", "titles.yaml").read_text("utf-8")
    file = yaml.safe_load(text)
    parts = ("seniority", "job_function", "general")
    known = {
        word for part in parts for phrases in file[part].values() for word in plain_words(phrases)
    }
    seniority, job_function, general = (build_lexicon(file[part], known) for part in parts)
    ranks = {name: rank for rank, name in enumerate(file["seniority"])}
    empty = frozenset({"", *(" ".join(plain_words(title)) for title in file["empty"].split(","))})
    lists = ("assistants", "last_assistants", "students")
    words = (frozenset(plain_words(file[name])) for name in lists)
    return TitleWords(seniority, job_function, general, ranks, empty, *words)


def build_lexicon(phrases_by_meaning: Mapping[str, str], known: Iterable[str] = ()) -> Lexicon:
    """Index phrases by their words; a phrase under two meanings belongs to the first.

    Examples
    --------
    >>> lexicon = build_lexicon({"vp": "vice president", "c_level": "president, *vorstand*"})
    >>> list(lexicon.meanings(["vice", "president"])), list(lexicon.meanings(["finanzvorstand"]))
    (['vp'], ['c_level'])
    """
    phrases: dict[tuple[str, ...], str] = {}
    stems: dict[str, str] = {}
    for meaning, text in phrases_by_meaning.items():
        for phrase in text.split(","):
            if "*" in phrase:
                stems.setdefault(phrase.strip(), meaning)
            else:
                phrases.setdefault(tuple(plain_words(phrase)), meaning)
    single = [key[0] for key in phrases if len(key) == 1 and len(key[0]) >= SHORTEST_MISTYPED]
    mistyped = {near: word for word in reversed(single) for near in _near_words(word)}
    patterns = tuple((_stem_pattern(stem), meaning) for stem, meaning in stems.items())
    longest: dict[str, int] = {}
    for key in phrases:
        longest[key[0]] = max(longest.get(key[0], 0), len(key))
    return Lexicon(phrases, patterns, mistyped, longest, frozenset(known))


def _stem_pattern(stem: str) -> re.Pattern[str]:
    return re.compile(r"\w*".join("".join(plain_words(part)) for part in stem.split("*")))
