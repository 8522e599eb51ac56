"""What a free-text title says about a person: seniority and job function.

Titles come as people write them: in many languages, abbreviated, mistyped, with several roles in
one. The words are in ``titles.yaml``; here each distinct title is read once. A title becomes plain
words; the longest known phrases are taken from left to right; a word that is not known is tried
as a compound, then with one letter wrong.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd
import yaml

from features.families.feature import ROLE, Feature
from features.families.from_columns import declared, declared_values, mapped, text_of
from features.tables.lead_rows import lead_rows
from features.tables.read import Tables
from features.workspace.read import Workspace

FROM_TITLE = "title: "
NOBODY = "nobody"
LONGEST_TITLE = 200  # letters; what comes after is no title
SHORTEST_MISTYPED = 6  # letters; in shorter words one wrong letter makes another word
_PLAIN = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "ı": "i", "đ": "d"})


@dataclass(frozen=True)
class Lexicon:
    """Phrases and what they mean, ready to look up.

    Attributes
    ----------
    phrases : dict
        Words of a phrase -> meaning.
    stems : tuple
        Patterns of parts of compounds, and their meanings.
    mistyped : dict
        A word less any one letter -> the word that was meant.
    longest : int
        Words in the longest phrase.
    known : frozenset of str
        Words that are no mistakes, wherever else they belong.
    """

    phrases: dict[tuple[str, ...], str]
    stems: tuple[tuple[re.Pattern[str], str], ...]
    mistyped: dict[str, str]
    longest: int
    known: frozenset[str]

    def meanings(self, plain: Sequence[str]) -> Iterator[str]:
        """Take the longest known phrases from left to right and say what they mean."""
        at = 0
        while at < len(plain):
            length = self._longest_from(plain, at)
            if length:
                yield self.phrases[tuple(plain[at : at + length])]
            else:
                yield from self._guessed(plain[at])
            at += length or 1

    def _longest_from(self, plain: Sequence[str], at: int) -> int:
        lengths = range(min(self.longest, len(plain) - at), 0, -1)
        return next((one for one in lengths if tuple(plain[at : at + one]) in self.phrases), 0)

    def _guessed(self, word: str) -> Iterator[str]:
        """Read an unknown word as a compound, or as a known word with one letter wrong."""
        of_stems = [meaning for stem, meaning in self.stems if stem.fullmatch(word)]
        if of_stems or word in self.known or len(word) < SHORTEST_MISTYPED:
            yield from of_stems
            return
        meant = [self.mistyped[one] for one in _less_one(word) if one in self.mistyped]
        yield from (self.phrases[(one,)] for one in meant[:1] if one[0] == word[0])


def catalogue(ws: Workspace, tables: Tables) -> list[Feature]:
    """List the role features; a column of titles gives seniority and job function."""
    found = declared(ws, ROLE)
    titles = [one for one in mapped(ws, ROLE) if one.type == "title"]
    for place, column in enumerate(titles):
        before = "" if place == 0 else f"{column.feature}_"
        source = FROM_TITLE + column.name
        found += [
            Feature(f"{before}seniority", "seniority", ROLE, "category", None, source),
            Feature(f"{before}job_function", "job function", ROLE, "category", None, source),
        ]
    return found


def values(
    ws: Workspace, tables: Tables, moments: pd.DataFrame, features: Sequence[Feature]
) -> pd.DataFrame:
    """Work out role features, a row for each moment."""
    found = declared_values(ws, tables, moments, features)
    titles = {FROM_TITLE + one.name: one.name for one in mapped(ws, ROLE) if one.type == "title"}
    for source, column in titles.items():
        asked = [one for one in features if one.source == source]
        if asked:
            rows = lead_rows(tables.leads, moments["lead_id"])
            read = read_titles(text_of(tables, rows, column))
            for one in asked:
                part = "seniority" if one.name.endswith("seniority") else "job_function"
                found[one.name] = read[part]
    return found


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
    read = [read_title(str(one)) for one in distinct] + [(None, None)]  # -1: no title
    seniority = pd.Series([one[0] for one in read], dtype=object).to_numpy()[codes]
    function = pd.Series([one[1] for one in read], dtype=object).to_numpy()[codes]
    found = {"seniority": seniority, "job_function": function}
    return pd.DataFrame(found, index=titles.index, dtype=object)


def read_title(title: str) -> tuple[str | None, str | None]:
    """Read one title: its highest seniority, and the function that it names first.

    Examples
    --------
    >>> read_title("Founder, CEO"), read_title("HR Manger"), read_title("Assistant to the CEO")
    (('c_level', 'general_management'), ('manager', 'hr'), ('entry', 'administration'))
    """
    words = known_words()
    plain = plain_words(title[:LONGEST_TITLE])
    if " ".join(plain) in words["nothing"]:
        return None, None
    if "to" in plain[1:]:  # whom somebody assists says nothing about who they are
        plain = plain[: plain.index("to", 1)]
    ranks = words["ranks"]
    seniority = min(words["seniority"].meanings(plain), key=ranks.__getitem__, default=None)
    function = next(words["job_function"].meanings(plain), None)
    general = next(words["general"].meanings(plain), NOBODY)
    return seniority, function or (None if general == NOBODY else general)


def plain_words(text: str) -> list[str]:
    """Lower-case words without accents and punctuation.

    Examples
    --------
    >>> plain_words("Co-Founder & Geschäftsführer")
    ['co', 'founder', 'geschaftsfuhrer']
    """
    folded = text.casefold().translate(_PLAIN)
    letters = unicodedata.normalize("NFKD", folded)
    letters = "".join(one for one in letters if not unicodedata.combining(one))
    return re.findall(r"[^\W_]+", letters)


def _less_one(word: str) -> list[str]:
    """Give the word itself and the word less any one letter: near words share one of these."""
    return [word, *(word[:i] + word[i + 1 :] for i in range(len(word)))]


@cache
def known_words() -> dict[str, Any]:
    """Read ``titles.yaml`` into lexicons to look up."""
    text = files("features.families").joinpath("titles.yaml").read_text("utf-8")
    file: dict[str, Any] = yaml.safe_load(text)
    parts = ("seniority", "job_function", "general")
    known = {word for part in parts for text in file[part].values() for word in plain_words(text)}
    return {
        "ranks": {name: rank for rank, name in enumerate(file["seniority"])},
        "nothing": {" ".join(plain_words(one)) for one in file["nothing"].split(",")} | {""},
        **{part: lexicon(file[part], known) for part in parts},
    }


def lexicon(meanings: dict[str, str], known: Iterable[str] = ()) -> Lexicon:
    """Index phrases by their words; a phrase under two meanings belongs to the first.

    Examples
    --------
    >>> known = lexicon({"vp": "vice president", "c_level": "president, *vorstand*"})
    >>> list(known.meanings(["vice", "president"])), list(known.meanings(["finanzvorstand"]))
    (['vp'], ['c_level'])
    """
    phrases: dict[tuple[str, ...], str] = {}
    stems: dict[str, str] = {}
    for meaning, text in meanings.items():
        for phrase in text.split(","):
            if "*" in phrase:
                stems.setdefault(phrase.strip(), meaning)
            else:
                phrases.setdefault(tuple(plain_words(phrase)), meaning)
    single = [key[0] for key in phrases if len(key) == 1 and len(key[0]) >= SHORTEST_MISTYPED]
    mistyped = {near: word for word in reversed(single) for near in _less_one(word)}
    patterns = tuple((_pattern(stem), meaning) for stem, meaning in stems.items())
    return Lexicon(phrases, patterns, mistyped, max(map(len, phrases)), frozenset(known))


def _pattern(stem: str) -> re.Pattern[str]:
    return re.compile(r"\w*".join("".join(plain_words(part)) for part in stem.split("*")))
