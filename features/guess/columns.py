"""Guesses what each raw column is, from its values first and its name second.

``leadready init`` writes these guesses with their reasons for people to correct; nothing else
relies on them. They never look at the outcome: whether a column gives it away is for
:mod:`features.leaks.audit` to say.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.dates.columns import read_date_columns
from features.dates.formats import ISO
from features.dates.no_date import are_usual
from features.dates.questions import find_date_formats
from features.dates.read import Times
from features.guess.choices import Choices, guess_choices
from features.guess.column_names import Topic, topic_of_column
from features.guess.personal import personal_reason
from features.text import count, day, join, percent
from features.values.currencies import currency_of, distinct_currencies
from features.values.few_values import Counted, column_values, count_columns
from features.values.number_notation import are_plain_numbers
from features.values.numbers import parse_number, parse_numbers
from features.vocabulary.feature_names import feature_name, heading_text
from features.vocabulary.headings import heading_concepts
from features.vocabulary.stage_values import yes_no
from features.workspace.vocabulary import OTHER

_ACCOUNT_PARTS = frozenset({"account", "name", "id", "number", "customer", "opportunity", "lead"})
_CONTACT = frozenset({"contact", "contact_person", "person", "customer", "lead"})
_NAME = frozenset(["name"])
_KEYS = frozenset(["row_check", "postcode", "identity_number"])  # codes, whatever their values
MOST_CATEGORIES = 200  # different values of a column whose heading says nothing
MOST_ID_CATEGORIES = 20  # different codes that may still group the leads
_NUMBERED = _ACCOUNT_PARTS | _CONTACT | {"row_number"}  # numbers of something, not amounts
_MEASURES = {"employees", "revenue", "amount", "count", "visits", "duration", "income"}
_PERSONAL_DATES = {"birth", "phone", "identity_number"}
_SAMPLE = 5000
_LONG_ID = re.compile(r"\d{9,}|0\d{3,}|[0-9a-fA-F-]{32,}")
_DIGITS_OF_NUMBER = 4  # at least, where a heading may mean how many of something there are
_DIGIT = re.compile(r"\d")
_NOT_A_BARE_NUMBER = re.compile(r"[^\d.,\s-]")
_FEW_FIRST, _FIRST = 10, 40  # values that show whether it is worth looking at more


@dataclass(frozen=True)
class ColumnGuess:
    """What a column probably is, and why.

    Attributes
    ----------
    column : str
        Its name in the company's file.
    role : str
        ``id``, ``account``, ``contact``, ``date``, ``personal``, ``constant``, ``identifier``,
        ``owner``, ``text`` or ``feature``.
    reason : str
        Why, with figures.
    family, type, feature, label, unit : str
        For features: as in ``leadready.yaml``; empty otherwise.
    date_formats : tuple of str
        For dates; ``ISO8601`` is the default of ``leadready.yaml``.
    choices : Choices or None
        For multiple choice.
    """

    column: str
    role: str
    reason: str
    family: str = ""
    type: str = ""
    feature: str = ""
    label: str = ""
    unit: str = ""
    date_formats: tuple[str, ...] = ()
    choices: Choices | None = None


def guess_columns(
    raw: pd.DataFrame,
    date_formats: Sequence[str] = (),
    where: str = "",
    features: Iterable[str] = (),
    counted: Counted | None = None,
) -> list[ColumnGuess]:
    """Guess what each column is.

    Parameters
    ----------
    raw : DataFrame
        Columns of text, missing values as None.
    date_formats, where
        As for ``find_date_formats``.
    features : iterable of str
        Names of features that are taken.
    counted : mapping of str to Counter, optional
        The rows of each value of each column, if they were counted before.

    Returns
    -------
    list of ColumnGuess
        One for each column, in order; feature names are unique.

    Raises
    ------
    LeadReadyError
        If the dates of a column can be read in several ways.

    Examples
    --------
    >>> raw = pd.DataFrame({"Mail": ["a@b.com", "c@d.org"] * 9, "Company size": ["50", "900"] * 9})
    >>> [(guess.role, guess.feature, guess.reason) for guess in guess_columns(raw)]
    [('personal', '', 'looks like e-mail addresses (100% contain @)'),
     ('feature', 'employees', 'all values are numbers; the name suggests company size')]
    """
    counted = count_columns(raw) if counted is None else counted
    formats = find_date_formats(raw, date_formats, where, counted)
    read = read_date_columns(raw, formats).items()
    dated = {name: _guess_date(name, dates, formats[name]) for name, dates in read}
    guesses, taken = [], set(features)
    of_people = any("first_name" in heading_concepts(str(name)) for name in raw.columns)
    for name, column in column_values(raw):
        guess = _guess_column(name, column, counted[name], dated.get(name))
        if of_people and guess.role == "feature" and heading_concepts(name) == _NAME:
            guess = ColumnGuess(name, "personal", "a name beside first names")
        if guess.role == "feature":
            guess = replace(guess, feature=_unused_name(guess.feature, taken))
            taken.add(guess.feature)
        guesses.append(guess)
    return guesses


def _guess_column(
    name: str, column: npt.NDArray[np.object_], counted: Counter[str], dated: ColumnGuess | None
) -> ColumnGuess:
    if len(counted) <= 1 and counted.total() in (0, len(column)):
        reason = f"always {next(iter(counted))!r}" if counted else "always empty"
        return ColumnGuess(name, "constant", _shorten_value(reason))
    if dated is not None and not heading_concepts(name) & _PERSONAL_DATES:
        return dated  # 01/03/2024 is written as a telephone number is
    counts = dict(counted.most_common())
    values = [*islice(counts, _SAMPLE)]
    personal = personal_reason(name, values)
    if personal is not None:
        return ColumnGuess(name, "personal", personal)
    numbered = _numbers_the_rows(column, counts)
    if numbered is not None:
        return ColumnGuess(name, "identifier", numbered)
    return _guess_text(name, counts, values)


def _guess_date(name: str, times: Times, formats: tuple[str, ...]) -> ColumnGuess:
    known = pd.DatetimeIndex(times[are_usual(times)])
    shown = "ISO 8601" if formats == (ISO,) else " or ".join(formats)
    reason = f"dates ({shown}) from {day(known.min())} to {day(known.max())}"
    return ColumnGuess(name, "date", reason, date_formats=formats)


def _guess_text(name: str, counts: Mapping[str, int], values: Sequence[str]) -> ColumnGuess:
    concepts = heading_concepts(name)
    if role := _link_role(concepts, counts, values):
        reason = f"{count(len(counts), 'different value')} in {count(sum(counts.values()), 'lead')}"
        return ColumnGuess(name, role, reason)
    topic = topic_of_column(concepts, counts)
    if (topic is None or topic.types != ("title",)) and (choices := guess_choices(counts)):
        return _guess_multiple_choice(name, choices, topic)
    if len(values) > 30 and (length := np.median(list(map(len, values)))) > 60:
        return ColumnGuess(name, "text", f"free text, typically {length:.0f} characters long")
    named_so = "owner" in concepts and not concepts & {"activity", "count", "visits", "title"}
    if named_so and not all(map(yes_no, values)):
        reason = "the owner today, who may not have been the owner at the moment"
        return ColumnGuess(name, "owner", reason)
    return _guess_feature(name, counts, values, topic)


def _guess_multiple_choice(name: str, choices: Choices, topic: Topic | None) -> ColumnGuess:
    shown = join((_shorten_value(choice, 24) for choice in choices.names), most=3)
    return ColumnGuess(
        name,
        "feature",
        f"multiple choice: {count(len(choices.names), 'frequent choice')} such as {shown}",
        family=topic.family if topic else OTHER,
        type="choices",
        feature=feature_name(name),
        label=heading_text(name),
        choices=choices,
    )


def _guess_feature(
    name: str, counts: Mapping[str, int], values: Sequence[str], topic: Topic | None
) -> ColumnGuess:
    kind, type_reason = _guess_type(counts, values, topic, heading_concepts(name))
    if kind == "category" and (reason := _too_many_values(counts, topic)):
        return ColumnGuess(name, "identifier", reason)
    name_reason = (
        f"the name suggests {topic.description}"
        if topic
        else "the name does not show the family: please check"
    )
    fitting = topic if topic and (kind in topic.types or not topic.types) else None
    return ColumnGuess(
        name,
        "feature",
        f"{type_reason}; {name_reason}",
        family=topic.family if topic else OTHER,
        type=kind,
        feature=fitting.feature if fitting and fitting.feature else feature_name(name),
        label=heading_text(name),
        unit=_unit(values, fitting) if kind == "number" else "",
    )


def _too_many_values(counts: Mapping[str, int], topic: Topic | None) -> str | None:
    """Why a column of texts groups too few leads to be a category; None if it may be one."""
    distinct, share = len(counts), len(counts) / max(sum(counts.values()), 1)
    if share > 0.9 and distinct > 100:
        return f"almost every lead has its own value ({distinct:,})"
    if distinct > MOST_CATEGORIES and (topic is None or share > 0.5):
        return f"too many different values for a category ({distinct:,})"
    return None


def _numbers_the_rows(column: npt.NDArray[np.object_], counts: Mapping[str, int]) -> str | None:
    """Whether a column counts the rows: whole numbers that rise by the same step."""
    if len(counts) != len(column) or len(counts) < 20:
        return None
    try:
        step = float(column[1]) - float(column[0])
    except ValueError:
        return None
    if step not in (1, -1):
        return None
    numbers = pd.to_numeric(pd.Series(column), errors="coerce")
    steps = numbers.diff().dropna()
    if numbers.notna().all() and len(steps) and steps.nunique() == 1 and steps.iloc[0] in (1, -1):
        return "the numbers of the rows"
    return None


def _unit(values: Sequence[str], topic: Topic | None) -> str:
    """What a number counts: as the topic says, or the only currency of the amounts."""
    if topic and topic.unit:
        return topic.unit
    marked = filter(_NOT_A_BARE_NUMBER.search, values)
    written = {currency for currency in map(currency_of, marked) if currency}
    return distinct_currencies(written)[0] if len(distinct_currencies(written)) == 1 else ""


def _guess_type(
    counts: Mapping[str, int],
    values: Sequence[str],
    topic: Topic | None,
    concepts: frozenset[str],
) -> tuple[str, str]:
    if topic and topic.types == ("title",):
        return "title", count(len(counts), "different text")
    if len(counts) <= 3 and all(map(yes_no, values)):
        return "flag", "yes or no (" + ", ".join(map(str, values[:3])) + ")"
    if concepts & {"id", "code"} and not (topic and "number" in topic.types):
        return "category", count(len(counts), "code")
    share = _number_share(counts)
    if share >= 0.95 and topic and topic.types == ("year",):
        return "year", "a year"
    if share >= 0.95:
        shown = "all values are numbers" if share == 1 else f"{percent(share)} are numbers"
        return "number", shown
    examples = ", ".join(_shorten_value(str(value), 24) for value in values[:3])
    return "category", f"{count(len(counts), 'value')} such as {examples}"


def _number_share(counts: Mapping[str, int]) -> float:
    """The share of the rows with a number; the most frequent values stand for the others."""
    values = np.array([*islice(counts, _SAMPLE)], dtype=object)
    rows = np.array([*islice(counts.values(), _SAMPLE)])
    if are_plain_numbers(values):
        return 1.0
    first = values[:_FIRST].tolist()
    if not _mostly_numbers(first[:_FEW_FIRST]):
        return 0.0
    if sum(map(bool, map(_DIGIT.search, first))) < 0.5 * len(first):
        return 0.0
    if (numbers := parse_numbers(pd.Series(first, dtype=object))).notna().mean() < 0.5:
        return 0.0
    numbers = parse_numbers(pd.Series(values)) if len(values) > _FIRST else numbers
    return float(rows[numbers.notna().to_numpy()].sum() / rows.sum())


def _mostly_numbers(texts: Sequence[str]) -> bool:
    """Whether at least half of a few texts are numbers, each read on its own."""
    return sum(not math.isnan(parse_number(text)) for text in texts) >= 0.5 * len(texts)


def _link_role(
    concepts: frozenset[str], counts: Mapping[str, int], values: Sequence[str]
) -> str | None:
    """The role of a column that identifies a lead, an account, a contact or something else."""
    distinct, share_distinct = len(counts), len(counts) / max(sum(counts.values()), 1)
    if concepts & _KEYS:
        return "identifier"
    written_as_ids = sum(map(bool, map(_LONG_ID.fullmatch, values))) > 0.9 * len(values)
    looks_like_ids = written_as_ids and not concepts & _MEASURES
    named = bool(concepts & {"id", "code"})
    counted = bool(concepts & {"row_number", "number"}) and concepts <= _NUMBERED
    ids = named or looks_like_ids
    if share_distinct > 0.99 and distinct > 1 and (ids or counted):
        return "id"
    if distinct <= MOST_ID_CATEGORIES:
        return None
    if "opportunity" in concepts and concepts & {"title", "name"}:
        return "identifier"
    if ("account" in concepts or concepts == {"customer"}) and concepts <= _ACCOUNT_PARTS:
        return "account"
    if ids and concepts & _CONTACT:
        return "contact"
    if counted and len(concepts) > 1 and _have_same_length(values):
        return "identifier"
    return "identifier" if ids or (counted and share_distinct > 0.5) else None


def _have_same_length(values: Sequence[str]) -> bool:
    """Whether nearly all values have the same number of digits, four or more, as amounts do not."""
    lengths = Counter(len(value) if value.isdecimal() else 0 for value in values)
    ((length, most),) = lengths.most_common(1)
    return length >= _DIGITS_OF_NUMBER and most > 0.9 * len(values)


def _unused_name(name: str, taken: set[str]) -> str:
    number, unused = 2, name
    while unused in taken:
        unused, number = f"{name}_{number}", number + 1
    return unused


def _shorten_value(text: str, length: int = 40) -> str:
    clean = " ".join(text.split())
    return clean if len(clean) <= length else clean[: length - 1] + "…"
