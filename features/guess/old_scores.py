"""Recognises scores that a company already has, by their heading and their values.

A score is what somebody or something concluded about a lead (HubSpot score, Einstein score, a grade
from A to D, hand-made points). It is compared with the model and never a feature, so only headings
that speak of nothing but a score of leads count: a credit score is a fact about a person.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.guess.columns import ColumnGuess
from features.leaks.statistics import auc
from features.values.numbers import parse_numbers
from features.vocabulary.headings import heading_concepts, heading_words

LEAST_VALUES = 3
MOST_BANDS = 12
LEAST_WON = 20  # wins that can tell which end of a score is best
LOW_IS_BEST = 0.45  # AUC below which low numbers are the best ones


def _folded_words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SCORES = _folded_words("score scores scoring points punkte grade grades")
_NOT_SCORES = _folded_words("priority priorität priorité prioridad prioridade temperature")
_CHANCES = _folded_words(
    "probability likelihood chance wahrscheinlichkeit probabilite probabilidad probabilidade "
    "probabilita waarschijnlijkheid prawdopodobienstwo olasilik вероятность 確度 概率"
)
_ABOUT_LEADS = _folded_words(  # beside it in the name of a score of leads, and names of products
    "lead leads contact deal opportunity prospect marketing sales crm hs hubspot einstein pardot "
    "marketo eloqua zoho zia salesforce dynamics mautic predictive model ai old current total "
    "hub spot number value of to the for win won convert conversion close closing fit profile "
    "engagement behavior behaviour behavioral demographic rule sum c x v"
)
_LONG = sorted((word for word in _SCORES | _ABOUT_LEADS if len(word) > 2), key=len, reverse=True)
_KNOWN_PART = re.compile("|".join(_LONG))
_WRITTEN_TOGETHER = re.compile(f"(?:{'|'.join(_LONG)})+")
_GRADE = re.compile(r"([A-F])([+-]?)")
_MARKS = {"+": 0, "": 1, "-": 2}
_BAND = re.compile(r"\D{0,2}(\d+(?:[.,]\d+)?)(?:\s*(?:-|–|to|bis)\s*\d+(?:[.,]\d+)?|\s*\+)?\D{0,2}")


@dataclass(frozen=True)
class OldScoreGuess:
    """A column that is probably a score, as ``old_score`` of ``leadready.yaml`` names it."""

    column: str
    reason: str
    best: str = "high"
    best_first: tuple[str, ...] = ()
    probability: bool = False


def guess_old_scores(
    raw: pd.DataFrame, guesses: Sequence[ColumnGuess], won: pd.Series | None
) -> tuple[OldScoreGuess, ...]:
    """Find the columns that are scores.

    Parameters
    ----------
    raw : DataFrame
        The leads as text.
    guesses : sequence of ColumnGuess
        The columns that are used for nothing else.
    won : Series of bool, optional
        Which leads were won, to tell which end of a score is best.

    Examples
    --------
    >>> from features.guess.columns import guess_columns
    >>> raw = pd.DataFrame({"Lead Score": list("123456789"), "Grade": list("ABCDABCDA")})
    >>> [(old.column, old.best_first) for old in guess_old_scores(raw, guess_columns(raw), None)]
    [('Lead Score', ()), ('Grade', ('A', 'B', 'C', 'D'))]
    """
    may_be = [guess for guess in guesses if guess.role in ("feature", "identifier")]
    named = [guess for guess in may_be if _names_a_score(guess.column)]
    found = [_guess_score(guess, raw[guess.column], won) for guess in named]
    return tuple(old for old in found if old is not None)


def _guess_score(
    guess: ColumnGuess, column: pd.Series, won: pd.Series | None
) -> OldScoreGuess | None:
    values = column.dropna().astype(str).str.strip()
    if values.nunique() < LEAST_VALUES:
        return None
    ordered = _best_first(sorted(values.unique()))
    if ordered:
        return OldScoreGuess(guess.column, "the name and the values of a grade", "high", ordered)
    if guess.type != "number":
        return None
    numbers = parse_numbers(column.astype(object)).to_numpy(np.float64)
    if _is_chance(guess.column, numbers):
        return OldScoreGuess(guess.column, "the name of a probability", probability=True)
    best, reason = _best_end(numbers, won)
    return OldScoreGuess(guess.column, reason, best)


def _names_a_score(name: str) -> bool:
    whole = [word for word in heading_words(name) if not word.isdigit()]
    words = [part for word in whole for part in _parts(word)]
    scores = [word for word in words if word in _SCORES or "rating" in heading_concepts(word)]
    others = set(words) - set(scores)
    return bool(scores) and not set(words) & _NOT_SCORES and others <= _ABOUT_LEADS


def _parts(word: str) -> list[str]:
    """Split a word that is written of several known ones, such as hubspotscore."""
    if _WRITTEN_TOGETHER.fullmatch(word):
        return _KNOWN_PART.findall(word)
    return [word]


def _best_first(values: Sequence[str]) -> tuple[str, ...]:
    """Order grades (A+ to F) and bands of numbers (80+, 40–79); empty if they are neither."""
    grades = [_GRADE.fullmatch(value.upper()) for value in values]
    if all(grades):
        keys = [(grade[1], _MARKS[grade[2]]) for grade in grades if grade]
        return tuple(value for _, value in sorted(zip(keys, values, strict=True)))
    bands = [_BAND.fullmatch(value) for value in values]
    plain = all(re.fullmatch(r"\d+(?:[.,]\d+)?\s*%?", value) for value in values)
    if all(bands) and not plain and len(values) <= MOST_BANDS:
        lows = [-float(band[1].replace(",", ".")) for band in bands if band]
        return tuple(value for _, value in sorted(zip(lows, values, strict=True)))
    return ()


def _is_chance(name: str, numbers: npt.NDArray[np.float64]) -> bool:
    known = numbers[np.isfinite(numbers)]
    named = bool(set(heading_words(name)) & _CHANCES)
    return named and bool(len(known)) and known.min() >= 0 and known.max() <= 100


def _best_end(numbers: npt.NDArray[np.float64], won: pd.Series | None) -> tuple[str, str]:
    """Which numbers are best, and why."""
    scored = np.isfinite(numbers)
    if won is None or won.to_numpy(bool)[scored].sum() < LEAST_WON:
        return "high", "the name of a score; high numbers are taken to be best"
    ranked = auc(numbers[scored], won.to_numpy(bool)[scored])
    if ranked < LOW_IS_BEST:
        return "low", "the name of a score; won leads have lower numbers"
    return "high", "the name of a score; won leads do not have lower numbers"
