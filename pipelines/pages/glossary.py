"""Words with their meaning: shown on hover, on touch and by keyboard, and listed once a page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

MEANINGS = {
    "win rate": "The share of leads that were won, among those whose outcome is known.",
    "known outcome": (
        "The lead was won, or sales worked it and it was not won in time. A lead that nobody "
        "followed up, or that is too young, has no known outcome."
    ),
    "95% interval": (
        "The figures in brackets. If the same thing were measured again and again, about 95 of "
        "100 such ranges would hold the true figure. A wide range means few leads."
    ),
    "median": "Half of the leads took less time than this, half took more.",
    "followed up": "Sales made at least one attempt to reach the lead after it was handed over.",
    "hand-off": "The time at which marketing gives a lead to sales.",
    "criterion": "One rule of the definition, such as a least number of employees.",
    "criteria": "The rules of the definition, such as a least number of employees.",
    "definition": "What sales and marketing agreed makes a lead ready for sales.",
    "ready": "Good enough to be handed to sales, by the rules or by the model.",
    "points": (
        "What a lead gets for a fact. The score is their sum; 10 more points double the odds of a "
        "win. 50 is an average lead."
    ),
    "score": "The sum of a lead's points. 50 is an average lead, every 10 points double the odds.",
    "AUC": (
        "Of all pairs of a won and another lead, the share in which the won one has the higher "
        "score: 0.5 is guessing, 1 is perfect."
    ),
    "odds": "Wins for each lead that is not won: 1 win to 9 others are odds of 1 to 9.",
    "the model": "The card of points, which was learned from what became of past leads.",
    "the rules": "The definition that people agreed on.",
    "champion": "The version of the model that scores leads today.",
    "challenger": "The newest version that has not become champion.",
    "the gate": "The checks that a version has to pass before it may score leads.",
    "association": (
        "Two things that are seen together. It does not say that one causes the other: who came "
        "to a webinar may have been keener before."
    ),
    "missed wins": "Leads that were won although the rules did not call them ready.",
    "capacity": "How many leads sales promised to follow up each week.",
    "percentage points": "The difference of two percentages: from 10% to 12% is 2 points.",
    "fit": "Who the lead is: the company, the person, and where they came from.",
    "engagement": "What the lead did: visits, downloads, webinars, calls.",
}
_TERMS = {term.casefold(): term for term in MEANINGS}
_RANGE = re.compile(r"(\d%?)–([+-]?\d)")  # an interval stays in one line
_WORDS = re.compile(
    rf"(?<![\w-])({'|'.join(sorted(map(re.escape, MEANINGS), key=len, reverse=True))})(?![\w-])",
    re.IGNORECASE,
)


def with_meanings(words: object, explained: set[str] | None = None) -> Markup:
    """Escape a text, and give each term its meaning where it first occurs.

    Parameters
    ----------
    words : str
        The text.
    explained : set of str, optional
        Terms that need no further mark; those that get one are added.

    Examples
    --------
    >>> print(with_meanings("3 < 4 missed wins"))
    3 &lt; 4 <dfn tabindex="0" data-meaning="Leads that were won although the rules did not call \
them ready.">missed wins</dfn>
    """
    from markupsafe import Markup, escape

    if isinstance(words, Markup):
        return words
    seen = set() if explained is None else explained

    def mark(match: re.Match[str]) -> str:
        term = match[0].casefold()
        if term in seen:
            return match[0]
        seen.add(term)
        return f'<dfn tabindex="0" data-meaning="{escape(MEANINGS[_TERMS[term]])}">{match[0]}</dfn>'

    escaped = _RANGE.sub("\\1\u2060–\u2060\\2", str(escape(words)))
    return Markup(_WORDS.sub(mark, escaped))


def terms_in(words: str) -> set[str]:
    """Find the terms that occur in a text.

    Examples
    --------
    >>> sorted(terms_in("the Win rate of ready leads"))
    ['ready', 'win rate']
    """
    return {_TERMS[match.casefold()] for match in _WORDS.findall(words)}


def glossary_rows(words: set[str]) -> list[tuple[str, str]]:
    """List terms with their meaning, in order of the alphabet.

    Examples
    --------
    >>> [term for term, meaning in glossary_rows({"ready", "fit"})]
    ['fit', 'ready']
    """
    return [(term, MEANINGS[term]) for term in sorted(words, key=str.casefold)]
