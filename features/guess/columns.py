"""Guesses what each raw column is, from its values first and its name second.

``leadready init`` writes these guesses with their reasons for people to correct; nothing else
relies on them. They never look at the outcome: whether a column gives it away is for
:mod:`features.leaks.audit` to say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from features.dates.formats import ISO
from features.dates.questions import find_date_formats
from features.dates.read import read_dates
from features.guess.choices import Choices, guess_choices
from features.guess.column_names import PERSONAL_WORDS, Topic, name_words, topic_of
from features.text import count, day, join, percent
from features.values.currencies import currency_of, distinct_currencies
from features.values.numbers import parse_numbers

_NUMBER = (
    r"[<>~]?\s*[€$£]?\s*-?\d[\d.,' ]*\s*[kKmMbB]?(\s*(-|–|to)\s*[€$£]?\s*\d[\d.,' ]*\s*[kKmMbB]?)?"
    r"\s*(\+|%|€|\$|£)?"
)
_FLAGS = {"yes", "no", "true", "false", "0", "1", "y", "n", "t", "f", "ja", "nein", "oui", "non"}
PLACEHOLDERS = (
    "select",
    "-",
    "--",
    "n/a",
    "na",
    "#n/a",
    "#ref!",
    "null",
    "none",
    "nan",
    "?",
    "(none)",
)
_PHONE = r"\+?[\d][\d\s().\-/]{6,18}\d"
_PHONE_WORDS = {"phone", "mobile", "tel", "telephone", "fax", "whatsapp", "dialled"}
_IP_ADDRESS = r"\d{1,3}(\.\d{1,3}){3}"
_OWNER_WORDS = {"owner", "agent", "rep", "salesperson"}
_ACCOUNT_WORDS = {"account", "company", "organisation", "organization", "firm"}
_NOT_ACCOUNT_WORDS = {"size", "type", "age", "industry", "revenue"}
_CONTACT_WORDS = {"contact", "person", "customer", "prospect", "user"}
_SAMPLE = 5000


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
    raw: pd.DataFrame, date_formats: Sequence[str] = (), where: str = ""
) -> list[ColumnGuess]:
    """Guess what each column is.

    Parameters
    ----------
    raw : DataFrame
        Columns of text, missing values as None.
    date_formats, where
        As for ``find_date_formats``.

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
    formats = find_date_formats(raw, date_formats, where)
    guesses, taken = [], set[str]()
    for name in raw.columns:
        guess = _guess_column(str(name), raw[name], formats.get(str(name), ()))
        if guess.role == "feature":
            guess = replace(guess, feature=_unused_name(guess.feature, taken))
            taken.add(guess.feature)
        guesses.append(guess)
    return guesses


def _guess_column(name: str, column: pd.Series, formats: tuple[str, ...]) -> ColumnGuess:
    filled = column.dropna().astype(str)
    counts = filled.value_counts()
    if len(counts) <= 1 and len(filled) in (0, len(column)):
        reason = f"always {counts.index[0]!r}" if len(counts) else "always empty"
        return ColumnGuess(name, "constant", _shorten_value(reason))
    values = pd.Series(counts.index.astype(str)).head(_SAMPLE)
    if personal := _personal_reason(name, values):
        return ColumnGuess(name, "personal", personal)
    if formats:
        return _guess_date(name, filled, formats)
    return _guess_text(name, counts, values)


def _guess_date(name: str, filled: pd.Series, formats: tuple[str, ...]) -> ColumnGuess:
    dates = read_dates(filled, formats)
    dates = dates[dates.dt.year.between(1900, 2100)]
    shown = "ISO 8601" if formats == (ISO,) else " or ".join(formats)
    reason = f"dates ({shown}) from {day(dates.min())} to {day(dates.max())}"
    return ColumnGuess(name, "date", reason, date_formats=formats)


def _guess_text(name: str, counts: pd.Series, values: pd.Series) -> ColumnGuess:
    words = name_words(name)
    if role := _link_role(words, counts, values):
        reason = f"{count(len(counts), 'different value')} in {count(int(counts.sum()), 'lead')}"
        return ColumnGuess(name, role, reason)
    topic = topic_of(words)
    if (topic is None or topic.types != ("title",)) and (choices := guess_choices(counts)):
        return _guess_multiple_choice(name, choices, topic)
    if len(values) > 30 and (length := values.str.len().median()) > 60:
        return ColumnGuess(name, "text", f"free text, typically {length:.0f} characters long")
    if _OWNER_WORDS & words or ("manager" in words and not topic):
        reason = "the owner today, who may not have been the owner at the moment"
        return ColumnGuess(name, "owner", reason)
    return _guess_feature(name, counts, values, topic)


def _guess_multiple_choice(name: str, choices: Choices, topic: Topic | None) -> ColumnGuess:
    shown = join((_shorten_value(choice, 24) for choice in choices.names), most=3)
    return ColumnGuess(
        name,
        "feature",
        f"multiple choice: {count(len(choices.names), 'frequent choice')} such as {shown}",
        family=topic.family if topic else "origin",
        type="choices",
        feature=slug(name),
        label=" ".join(name.split()),
        choices=choices,
    )


def _guess_feature(
    name: str, counts: pd.Series, values: pd.Series, topic: Topic | None
) -> ColumnGuess:
    kind, type_reason = _guess_type(counts, values, topic)
    if kind == "category" and len(counts) > 0.9 * counts.sum() and len(counts) > 100 and not topic:
        reason = f"almost every lead has its own value ({len(counts):,})"
        return ColumnGuess(name, "identifier", reason)
    fallback = {"number": "engagement", "flag": "engagement"}.get(kind, "origin")
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
        family=topic.family if topic else fallback,
        type=kind,
        feature=fitting.feature if fitting and fitting.feature else slug(name),
        label=fitting.label if fitting and fitting.label else slug(name).replace("_", " "),
        unit=_unit(counts, fitting) if kind == "number" else "",
    )


def _unit(counts: pd.Series, topic: Topic | None) -> str:
    """What a number counts: as the topic says, or the only currency of the amounts."""
    if topic and topic.unit:
        return topic.unit
    values = counts.index[:_SAMPLE].astype(str)
    written = {currency for currency in map(currency_of, values) if currency}
    return distinct_currencies(written)[0] if len(distinct_currencies(written)) == 1 else ""


def _guess_type(counts: pd.Series, values: pd.Series, topic: Topic | None) -> tuple[str, str]:
    if topic and topic.types == ("title",):
        return "title", count(len(counts), "different text")
    if set(values.str.lower()) <= _FLAGS and len(counts) <= 3:
        return "flag", "yes or no (" + ", ".join(counts.index[:3].astype(str)) + ")"
    share = _number_share(counts)
    if share >= 0.95 and topic and topic.types == ("year",):
        return "year", "a year"
    if share >= 0.95:
        shown = "all values are numbers" if share == 1 else f"{percent(share)} are numbers"
        return "number", shown
    examples = ", ".join(_shorten_value(str(value), 24) for value in counts.index[:3])
    return "category", f"{count(len(counts), 'value')} such as {examples}"


def _number_share(counts: pd.Series) -> float:
    """The share of the rows with a number; the most frequent values stand for the others."""
    frequent = counts.head(_SAMPLE)
    values = pd.Series(frequent.index.astype(str), dtype=object)
    if not values.head(100).str.contains(r"\d").mean() >= 0.5:
        return 0.0
    numbers = parse_numbers(values)
    return float(frequent[numbers.notna().to_numpy()].sum() / frequent.sum())


def _link_role(words: set[str], counts: pd.Series, values: pd.Series) -> str | None:
    """The role of a column that identifies a lead, an account, a contact or something else."""
    distinct, share_distinct = len(counts), len(counts) / max(int(counts.sum()), 1)
    looks_like_ids = float(values.str.fullmatch(r"\d{9,}|[0-9a-fA-F-]{32,}").mean()) > 0.9
    ids = "id" in words or looks_like_ids
    if share_distinct > 0.99 and distinct > 1 and (ids or "number" in words or "uuid" in words):
        return "id"
    if distinct <= 20:
        return None
    if words & _ACCOUNT_WORDS and not words & _NOT_ACCOUNT_WORDS:
        return "account"
    if ids and words & _CONTACT_WORDS:
        return "contact"
    many = distinct > 200 or ("id" in words and "owner" not in words)
    return "identifier" if ids and many else None


def _personal_reason(name: str, values: pd.Series) -> str | None:
    mails = float(values.str.contains(r".@.+\.", regex=True).mean())
    if mails > 0.5:
        return f"looks like e-mail addresses ({percent(mails)} contain @)"
    words = name_words(name)
    phones = float(values.str.fullmatch(_PHONE).mean())
    if phones > 0.8 and words & _PHONE_WORDS:
        return f"looks like telephone numbers ({percent(phones)})"
    if float(values.str.fullmatch(_IP_ADDRESS).mean()) > 0.8:
        return "looks like network addresses"
    personal = next((name for name in PERSONAL_WORDS if name <= words), None)
    if personal and len(values) > 20 and not values.str.fullmatch(_NUMBER).mean() > 0.5:
        reason = f"the name says {' '.join(sorted(personal))}"
        return f"{reason}, and almost all values differ" if len(values) > 200 else reason
    return None


def placeholders(raw: pd.DataFrame) -> list[str]:
    """Find values that probably mean *missing*, such as the ``Select`` of an untouched list.

    Examples
    --------
    >>> placeholders(pd.DataFrame({"City": ["Select", "Rome", "Select", "Oslo"]}))
    ['Select']
    """
    totals: dict[str, int] = {}
    for name in raw.columns:
        counts = raw[name].value_counts()
        for value in counts.index[counts.index.astype(str).str.lower().isin(PLACEHOLDERS)]:
            totals[str(value)] = totals.get(str(value), 0) + int(counts[value])
    return sorted(totals, key=lambda value: -totals[value])


def slug(name: str) -> str:
    """Turn a column's name into a feature's name.

    Examples
    --------
    >>> slug("Total Time Spent on Website")
    'total_time_spent_on_website'
    """
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    clean = re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")
    return clean if clean[:1].isalpha() else f"column_{clean}".rstrip("_")


def _unused_name(name: str, taken: set[str]) -> str:
    number, unused = 2, name
    while unused in taken:
        unused, number = f"{name}_{number}", number + 1
    return unused


def _shorten_value(text: str, length: int = 40) -> str:
    clean = " ".join(text.split())
    return clean if len(clean) <= length else clean[: length - 1] + "…"
