"""What a column shows when it is looked at in another way: by its writing, length or running on.

Free text and numbers that count up have hardly two values alike, so nothing can be counted by
value. But what sales adds to a comment makes it longer. A form offers *Germany* and 200 employees;
billing writes *DE*, enrichment 237. The number or quarter that a lead gets when it is closed is
ahead of its moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pandas as pd

from features.leaks.column_checks import FOLDS, differs_when_closed
from features.leaks.finding import WRITTEN, Finding, LeadStatus, exact_share, value_name
from features.leaks.marked_values import MOST_DISTINCT, marked_values
from features.leaks.outcome_checks import had_early, strong_by_itself
from features.leaks.statistics import (
    OTHER,
    Coded,
    Numbers,
    auc,
    code,
    information_value,
    log_odds_by_code,
    numbers_of,
    ranks,
)
from features.leaks.still_open import not_yet_written
from features.leaks.what_followed import TELLS, tells_what_followed

ALIKE = 0.5  # share of the leads whose values are counted by themselves, or it is free text
LEAST_LEADS = 200  # with a value that runs on with time
RUNS_ON = 0.8  # correlation of a value with the moment, by ranks
TELLS_WON = 0.3  # information value of a way of writing
LEAST_WRITTEN = 30  # written in another way than most
MOST_WAYS = 12  # more of them are free text
RUNNING = (0.58, 0.62)  # AUC: what runs on with time hardly tells slow leads from quick ones
WAYS = "the ways in which values are written"
AHEAD = "how far its values are ahead of the moment"
_RUNS = (
    (re.compile(r"[a-zà-ÿ]+"), "a"),
    (re.compile(r"[A-ZÀ-Þ]+"), "A"),
)
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_LAST_NUMBER = re.compile(r"(\d{1,15})\D*$")


def findings_of_views(column: pd.Series, coded: Coded, leads: LeadStatus) -> list[Finding]:
    """Check a column by its way of writing, its length and how far it is ahead of the moment.

    Parameters
    ----------
    column : Series of str
        The column as it stands.
    """
    found = []
    for words, view in _views(column, coded, leads):
        as_codes = code(view)
        findings = [
            *differs_when_closed(as_codes, leads),
            *marked_values(view, as_codes, leads),
            *tells_what_followed(as_codes, leads, RUNNING if words == AHEAD else TELLS),
            *not_yet_written(as_codes, leads),
            *_strong(as_codes, leads),
            *(
                written_when_won(as_codes, leads)
                if words == WAYS and (coded.is_number or _are_rare(coded))
                else []
            ),
        ]
        found += [
            replace(finding, sentence=f"of {words}: {finding.sentence}") for finding in findings
        ]
    return found


def _views(column: pd.Series, coded: Coded, leads: LeadStatus) -> Iterator[tuple[str, pd.Series]]:
    for words, view in (
        (WAYS, ways_of_writing(column, coded)),
        ("the lengths of its texts", text_lengths(column, coded)),
        (AHEAD, ahead_of_moment(column, coded, leads.order)),
    ):
        if view is not None:
            yield words, view


def ways_of_writing(column: pd.Series, coded: Coded) -> pd.Series | None:
    """Write for each lead how its value is written; None if that says no more than the values.

    Parameters
    ----------
    column : Series of str
        The column as it stands.

    Examples
    --------
    >>> from features.leaks.statistics import code
    >>> column = pd.Series([f"{number}.5" if number % 2 else f"{number}0" for number in range(99)])
    >>> ways_of_writing(column, code(column))[:3].tolist()
    ['a number', 'a number with decimals', 'a round number']
    """
    places, values = pd.factorize(column.to_numpy(object))
    seen = not coded.is_number and len(coded.levels) == len(values)  # each value by itself
    if seen or not 1 < len(values) <= MOST_DISTINCT:
        return None
    of_value, ways = pd.factorize(np.array([*map(way_of_writing, map(str, values))], dtype=object))
    rows = np.bincount(of_value[places[places >= 0]])
    if not 1 < (rows >= LEAST_WRITTEN).sum() <= MOST_WAYS:
        return None
    ways_or_none = np.array([*ways, None], dtype=object)
    return pd.Series(ways_or_none[np.append(of_value, -1)[places]], name=column.name)


def way_of_writing(value: str) -> str:
    """Describe how a value is written: its letters and digits, or how round a number is.

    Examples
    --------
    >>> [way_of_writing(value) for value in ("Germany", "DE", "+49 30 1234", "200", "237", "2.50")]
    ['Aa', 'A', '+9 9 9', 'a round number', 'a number', 'a number with decimals']
    """
    text = value.strip()
    if _NUMBER.fullmatch(text):
        whole, _, decimals = text.replace(",", ".").partition(".")
        if decimals.strip("0"):
            return "a number with decimals"
        return "a round number" if whole.endswith("0") and whole.strip("-0") else "a number"
    return _letters_written(_DIGITS.sub("9", text))[:12]


@lru_cache(MOST_DISTINCT)
def _letters_written(text: str) -> str:
    """A text with one letter for each run; texts that differ in digits only are many."""
    for pattern, sign in _RUNS:
        text = pattern.sub(sign, text)
    return text


def text_lengths(column: pd.Series, coded: Coded) -> pd.Series | None:
    """Count the characters of free text; None if values are alike, or numbers.

    Examples
    --------
    >>> column = pd.Series(["call " * number for number in range(1, 400)])
    >>> text_lengths(column, code(column))[:3].tolist()
    ['5', '10', '15']
    """
    if coded.is_number or not _are_rare(coded):
        return None
    values = column.to_numpy(object)
    lengths = [
        None if missing else str(len(str(value)))
        for value, missing in zip(values, pd.isna(values), strict=True)
    ]
    return pd.Series(lengths, dtype=object)


def _are_rare(coded: Coded) -> bool:
    """Whether most values are rare; the ways of writing a few texts are the texts."""
    rare = (coded.codes == OTHER).sum()
    return bool(0 < rare >= ALIKE * coded.filled.sum())


def ahead_of_moment(column: pd.Series, coded: Coded, moment: Numbers | None) -> pd.Series | None:
    """Say how far each value is ahead of its lead, where values run on with time.

    Numbers are compared by rank, other values by the moments of all leads that have them.

    Parameters
    ----------
    column : Series of str
        The column as it stands.
    moment : array of float, optional
        The ranks of the moments.

    Examples
    --------
    >>> from features.leaks.statistics import ranks_of_times
    >>> days = pd.Series(pd.date_range("2024-01-01", periods=400))
    >>> numbers = pd.Series([str(number) for number in [*range(399), 900]])
    >>> ahead_of_moment(numbers, code(numbers), ranks_of_times(days))[397:].tolist()
    ['0.000', '0.000', '0.000']
    """
    if moment is None:
        return None
    if coded.is_number:
        runs = ranks(numbers_of(column.to_numpy(object)))
    elif coded.levels:
        runs = _mean_by_code(moment, np.where(coded.codes > OTHER, coded.codes, -1))
    else:
        runs = ranks(_last_numbers(column))
    used = np.isfinite(runs) & np.isfinite(moment)
    if used.sum() < LEAST_LEADS or abs(_correlation(runs[used], moment[used])) < RUNS_ON:
        return None
    ahead = np.round(np.where(used, runs - moment, np.nan), 3) + 0.0  # no -0
    return pd.Series([f"{each:.3f}" if each == each else None for each in ahead], dtype=object)


def _correlation(values: Numbers, others: Numbers) -> float:
    """Pearson's correlation; 0 where one of them is always the same."""
    if np.ptp(values) == 0 or np.ptp(others) == 0:
        return 0.0
    values, others = values - values.mean(), others - others.mean()
    return float(values @ others / np.sqrt((values @ values) * (others @ others)))


def _last_numbers(column: pd.Series) -> Numbers:
    """The number at the end of each text, NaN where there is none."""
    found = (_LAST_NUMBER.search(str(value)) for value in column.to_numpy(object))
    return np.array([float(match[1]) if match else np.nan for match in found])


def _mean_by_code(values: Numbers, codes: Numbers) -> Numbers:
    """The mean of all values with the same code; NaN for code -1."""
    used = (codes >= 0) & np.isfinite(values)
    size = int(codes.max(initial=0)) + 1
    rows = np.bincount(codes[used], minlength=size)
    sums = np.bincount(codes[used], values[used], minlength=size)
    means = np.full(size + 1, np.nan)
    means[:size][rows > 0] = sums[rows > 0] / rows[rows > 0]
    found: Numbers = means[codes]
    return found


def _strong(coded: Coded, leads: LeadStatus) -> list[Finding]:
    """Say if it tells won leads from lost ones as hardly anything known early does."""
    codes, won = coded.codes[leads.decided], leads.won[leads.decided]
    fold = (np.arange(len(codes)) % FOLDS).astype(np.int32)
    return strong_by_itself(auc(log_odds_by_code(codes, won, coded.size, fold, FOLDS), won))


def written_when_won(coded: Coded, leads: LeadStatus) -> list[Finding]:
    """Find a way of writing that far more won leads have than others, and open ones have not.

    Examples
    --------
    >>> from features.leaks.audit import audit_columns
    >>> rows = np.arange(900)
    >>> numbers = pd.Series([f"{10_000 + row}" for row in rows])
    >>> raw = pd.DataFrame({"Phone": numbers.mask(rows % 6 == 0, "+49 " + numbers)})
    >>> outcome = pd.Series(np.where((rows % 3 == 0) | (rows % 42 == 6), "won", "not won"))
    >>> [each.column for each in audit_columns(raw, outcome)]
    ['Phone']
    """
    won, lost = leads.decided & leads.won, leads.decided & ~leads.won
    if min(won.sum(), lost.sum()) < LEAST_WRITTEN:
        return []
    for place in range(2, coded.size):
        having = coded.codes == place
        wins, others = float(having[won].mean()), float(having[lost].mean())
        if information_value(wins, others) >= TELLS_WON and not had_early(having, leads):
            sentence = f"{value_name(coded, place)} for {exact_share(wins)} of won leads, "
            return [Finding(WRITTEN, 10, sentence + f"{exact_share(others)} of the others")]
    return []
