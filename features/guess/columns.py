"""What each raw column probably is, guessed from its values first and its name second.

``leadready init`` writes these guesses down with their reasons, for people to correct; nothing
else relies on them. A guess never reads the outcome: whether a column tells too much is for
:mod:`features.leaks.audit` to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pandas as pd

from features.files.dates import ISO, read_as, read_dates
from features.guess.column_names import FAMILY_WORDS, PERSONAL_WORDS, Known, name_words

_DATE_SHAPES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"\d{4}-\d\d-\d\d([T ].*)?", (ISO,)),
    (r"(19|20)\d{6}", ("%Y%m%d",)),
    (r"\d{1,2}\.\d{1,2}\.\d{4}", ("%d.%m.%Y",)),
    (r"\d{1,2}\.\d{1,2}\.\d{4} \d{1,2}:\d\d", ("%d.%m.%Y %H:%M",)),
    (r"\d{1,2}\.\d{1,2}\.\d{4} \d{1,2}:\d\d:\d\d", ("%d.%m.%Y %H:%M:%S",)),
    (r"\d{1,2}/\d{1,2}/\d{4}", ("%m/%d/%Y", "%d/%m/%Y")),
    (r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d", ("%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M")),
    (r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d:\d\d", ("%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S")),
    (r"\d{1,2}-\d{1,2}-\d{4}", ("%d-%m-%Y", "%m-%d-%Y")),
    (r"\d{1,2} [A-Za-z]{3} \d{4}", ("%d %b %Y",)),
    (r"[A-Za-z]{3} \d{1,2}, \d{4}", ("%b %d, %Y",)),
    (r"\d{4}/\d{1,2}/\d{1,2}", ("%Y/%m/%d",)),
)
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
_SAMPLE = 5000


@dataclass(frozen=True)
class Guess:
    """What a column probably is, and why.

    Attributes
    ----------
    column : str
        Its name in the company's file.
    role : str
        ``id``, ``account``, ``contact``, ``date``, ``personal``, ``constant``, ``identifier``,
        ``owner``, ``text`` or ``feature``.
    why : str
        The reason, in words with figures.
    family, type, feature, label, unit : str
        For features: as in ``leadready.yaml``; empty otherwise.
    date_formats : tuple of str
        For dates; ``ISO8601`` needs no mention in ``leadready.yaml``.
    """

    column: str
    role: str
    why: str
    family: str = ""
    type: str = ""
    feature: str = ""
    label: str = ""
    unit: str = ""
    date_formats: tuple[str, ...] = ()


def profile(raw: pd.DataFrame) -> list[Guess]:
    """Guess what each column is.

    Parameters
    ----------
    raw : DataFrame
        Columns of text, missing values as None.

    Returns
    -------
    list of Guess
        One for each column, in their order; feature names are unique.

    Examples
    --------
    >>> raw = pd.DataFrame({"Mail": ["a@b.com", "c@d.org"] * 9, "Company size": ["50", "900"] * 9})
    >>> [(one.role, one.feature, one.why) for one in profile(raw)]
    [('personal', '', 'looks like e-mail addresses (100 % contain @)'),
     ('feature', 'employees', 'all values are numbers; the name says company size')]
    """
    guesses, taken = [], set[str]()
    for name in raw.columns:
        guess = _guess(str(name), raw[name])
        if guess.role == "feature":
            guess = replace(guess, feature=_free(guess.feature, taken))
            taken.add(guess.feature)
        guesses.append(guess)
    return guesses


def _guess(name: str, column: pd.Series) -> Guess:
    filled = column.dropna().astype(str)
    counts = filled.value_counts()
    if len(counts) <= 1 and len(filled) in (0, len(column)):
        held = f"always {counts.index[0]!r}" if len(counts) else "no value at all"
        return Guess(name, "constant", _short(held))
    values = pd.Series(counts.index.astype(str)).head(_SAMPLE)
    if why := _personal(name, values):
        return Guess(name, "personal", why)
    if formats := date_formats(filled):
        return _date(name, filled, formats)
    return _text(name, column, counts, values)


def _text(name: str, column: pd.Series, counts: pd.Series, values: pd.Series) -> Guess:
    words = name_words(name)
    distinct = len(counts) / max(int(counts.sum()), 1)
    if role := _link(words, distinct, len(counts), values):
        return Guess(name, role, f"{len(counts):,} different values in {int(counts.sum()):,} leads")
    known = _known(words)
    if len(values) > 30 and values.str.len().median() > 60:
        return Guess(name, "text", f"free text of {values.str.len().median():.0f} letters and more")
    if {"owner", "agent", "rep", "salesperson"} & words or ("manager" in words and not known):
        return Guess(
            name, "owner", "who owns it today, which may not be who owned it at the moment"
        )
    return _feature(name, counts, values, known)


def _feature(name: str, counts: pd.Series, values: pd.Series, known: Known | None) -> Guess:
    kind, why = _type(counts, values, known)
    if kind == "category" and len(counts) > 0.9 * counts.sum() and len(counts) > 100 and not known:
        return Guess(name, "identifier", f"nearly every lead has its own value ({len(counts):,})")
    fallback = {"number": "engagement", "flag": "engagement"}.get(kind, "origin")
    said = (
        f"the name says {known.says}"
        if known
        else "the name says nothing of its family: please look"
    )
    use = known if known and (kind in known.types or not known.types) else None
    return Guess(
        name,
        "feature",
        f"{why}; {said}",
        family=known.family if known else fallback,
        type=kind,
        feature=use.feature if use and use.feature else slug(name),
        label=use.label if use and use.label else " ".join(slug(name).split("_")),
        unit=use.unit if use and kind == "number" else "",
    )


def _type(counts: pd.Series, values: pd.Series, known: Known | None) -> tuple[str, str]:
    if known and known.types == ("title",):
        return "title", f"{len(counts):,} different texts"
    if set(values.str.lower()) <= _FLAGS and len(counts) <= 3:
        return "flag", "yes or no (" + ", ".join(counts.index[:3].astype(str)) + ")"
    share = float(counts[counts.index.astype(str).str.fullmatch(_NUMBER)].sum() / counts.sum())
    if share >= 0.95 and known and known.types == ("year",):
        return "year", "a year"
    if share >= 0.95:
        return (
            "number",
            "all values are numbers" if share == 1 else f"{100 * share:.0f} % are numbers",
        )
    examples = ", ".join(_short(str(one), 24) for one in counts.index[:3])
    return "category", f"{len(counts):,} values such as {examples}"


def _known(words: set[str]) -> Known | None:
    return next((one for one in FAMILY_WORDS if any(said <= words for said in one.names)), None)


def _link(words: set[str], distinct: float, many: int, values: pd.Series) -> str | None:
    ids = "id" in words or float(values.str.fullmatch(r"\d{9,}|[0-9a-fA-F-]{32,}").mean()) > 0.9
    if distinct > 0.99 and many > 1 and (ids or "number" in words or "uuid" in words):
        return "id"
    if many <= 20:
        return None
    if words & {"account", "company", "organisation", "organization", "firm"} and not words & {
        "size",
        "type",
        "age",
        "industry",
        "revenue",
    }:
        return "account"
    if ids and words & {"contact", "person", "customer", "prospect", "user"}:
        return "contact"
    return (
        "identifier" if ids and (many > 200 or ("id" in words and "owner" not in words)) else None
    )


def _personal(name: str, values: pd.Series) -> str | None:
    mails = float(values.str.contains(r".@.+\.", regex=True).mean())
    if mails > 0.5:
        return f"looks like e-mail addresses ({100 * mails:.0f} % contain @)"
    words = name_words(name)
    said = next((one for one in PERSONAL_WORDS if one <= words), None)
    phones = float(values.str.fullmatch(_PHONE).mean())
    if phones > 0.8 and words & {
        "phone",
        "mobile",
        "tel",
        "telephone",
        "fax",
        "whatsapp",
        "dialled",
    }:
        return f"looks like telephone numbers ({100 * phones:.0f} %)"
    if float(values.str.fullmatch(r"\d{1,3}(\.\d{1,3}){3}").mean()) > 0.8:
        return "looks like network addresses"
    if said and len(values) > 20 and not values.str.fullmatch(_NUMBER).mean() > 0.5:
        return (
            f"the name says {' '.join(sorted(said))}, and nearly all values differ"
            if (len(values) > 200)
            else f"the name says {' '.join(sorted(said))}"
        )
    return None


def _date(name: str, filled: pd.Series, formats: tuple[str, ...]) -> Guess:
    dates = read_dates(filled, formats).dropna()
    span = f"{dates.min():%Y-%m-%d} to {dates.max():%Y-%m-%d}"
    shown = "ISO 8601" if formats == (ISO,) else " or ".join(formats)
    return Guess(name, "date", f"dates ({shown}) from {span}", date_formats=formats)


def date_formats(column: pd.Series) -> tuple[str, ...] | None:
    """Which date formats a column of text is written in; None when it holds no dates.

    Where day and month could be either way round, the way that reads all values wins; where both
    do, the one tried first (month first with slashes, day first with dots and dashes).

    Examples
    --------
    >>> date_formats(pd.Series(["27.06.2023 11:28", "03.07.2023 11:31"]))
    ('%d.%m.%Y %H:%M',)
    >>> date_formats(pd.Series(["50", "150"])) is None
    True
    """
    values = pd.Series(column.dropna().astype(str).str.strip().unique(), dtype=object)
    if len(values) > 400:
        values = values.sample(400, random_state=0)
    found, read = [], 0
    for shape, formats in _DATE_SHAPES:
        alike = values[values.str.fullmatch(shape)]
        if len(alike) < max(0.005 * len(values), 1):
            continue
        right = [float(_readable(alike, one).mean()) for one in formats]
        best = max(range(len(formats)), key=lambda place: right[place])
        if right[best] > 0.9:
            found.append(formats[best])
            read += round(right[best] * len(alike))
    return tuple(found) if found and read >= 0.95 * len(values) else None


def _readable(values: pd.Series, form: str) -> pd.Series:
    dates = read_as(values, form)
    readable: pd.Series = dates.notna() & dates.dt.year.between(1900, 2100)
    return readable


def as_dates(column: pd.Series) -> pd.Series | None:
    """The column as dates, or None when it holds none."""
    formats = date_formats(column)
    return read_dates(column, formats) if formats else None


def placeholders(raw: pd.DataFrame) -> list[str]:
    """Values that probably mean *missing*, such as ``Select`` of an untouched list.

    Examples
    --------
    >>> placeholders(pd.DataFrame({"City": ["Select", "Rome", "Select", "Oslo"]}))
    ['Select']
    """
    found: dict[str, int] = {}
    for name in raw.columns:
        counts = raw[name].value_counts()
        for value in counts.index[counts.index.astype(str).str.lower().isin(PLACEHOLDERS)]:
            found[str(value)] = found.get(str(value), 0) + int(counts[value])
    return sorted(found, key=lambda one: -found[one])


def slug(name: str) -> str:
    """A column's name as a feature's name.

    Examples
    --------
    >>> slug("Total Time Spent on Website")
    'total_time_spent_on_website'
    """
    apart = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    clean = re.sub(r"[^a-z0-9]+", "_", apart.lower()).strip("_")
    return clean if clean[:1].isalpha() else f"column_{clean}".rstrip("_")


def _free(name: str, taken: set[str]) -> str:
    number = 2
    free = name
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free


def _short(text: str, length: int = 40) -> str:
    clean = " ".join(text.split())
    return clean if len(clean) <= length else clean[: length - 1] + "…"
