"""What a column shows when it is looked at in another way: by its writing, length or running on.

Free text and numbers that count up have hardly two values alike, so nothing can be counted by
value. But what sales adds to a comment makes it longer. A form offers *Germany* and 200 employees;
billing writes *DE*, enrichment 237. The number or quarter that a lead gets when it is closed is
ahead of its moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
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
    ranks,
)
from features.leaks.still_open import not_yet_written
from features.leaks.what_followed import TELLS, tells_what_followed
from features.values.different import Different

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
_NUMBERS = frozenset(["9", "-9", "9.9", "9,9", "-9.9", "-9,9"])  # their digits written as 9


def findings_of_views(of: Different, coded: Coded, leads: LeadStatus) -> list[Finding]:
    """Check a column by its way of writing, its length and how far it is ahead of the moment.

    Parameters
    ----------
    of : Different
        The values of the column as they stand.
    """
    found = []
    for words, view in _views(of, coded, leads):
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


def _views(of: Different, coded: Coded, leads: LeadStatus) -> Iterator[tuple[str, Different]]:
    for words, view in (
        (WAYS, ways_of_writing(of, coded)),
        ("the lengths of its texts", text_lengths(of, coded)),
        (AHEAD, ahead_of_moment(of, coded, leads.order)),
    ):
        if view is not None:
            yield words, view


def ways_of_writing(of: Different, coded: Coded) -> Different | None:
    """Say for each value how it is written; None if that says no more than the values.

    Parameters
    ----------
    of : Different
        The values of the column as they stand.

    Examples
    --------
    >>> from features.leaks.statistics import code
    >>> from features.values.different import different
    >>> column = pd.Series([f"{number}.5" if number % 2 else f"{number}0" for number in range(99)])
    >>> ways_of_writing(different(column), code(column)).values.tolist()
    ['a number', 'a number with decimals', 'a round number']
    """
    seen = not coded.is_number and len(coded.levels) == len(of.values)  # each value by itself
    if seen or not 1 < len(of.values) <= MOST_DISTINCT:
        return None
    view = of.seen_as(np.array(ways_of_values([*map(str, of.values)]), dtype=object))
    return view if 1 < (view.rows >= LEAST_WRITTEN).sum() <= MOST_WAYS else None


def ways_of_values(values: Sequence[str]) -> list[str]:
    """Describe how each value is written: its letters and digits, or how round a number is.

    Examples
    --------
    >>> ways_of_values(["Germany", "DE", "+49 30 1234", "200", "237", "2.50"])
    ['Aa', 'A', '+9 9 9', 'a round number', 'a number', 'a number with decimals']
    """
    texts = [value.strip() for value in values]
    without_digits = _in_each(_DIGITS, "9", texts)
    return [
        _way_of_number(text) if way in _NUMBERS else _letters_written(way)[:12]
        for text, way in zip(texts, without_digits, strict=True)
    ]


def _in_each(pattern: re.Pattern[str], sign: str, texts: list[str]) -> list[str]:
    """Replace a pattern in many short texts, at once where none of them has a line break."""
    replaced = pattern.sub(sign, "\n".join(texts)).split("\n")
    return replaced if len(replaced) == len(texts) else [pattern.sub(sign, text) for text in texts]


def _way_of_number(text: str) -> str:
    whole, _, decimals = text.replace(",", ".").partition(".")
    if decimals.strip("0"):
        return "a number with decimals"
    return "a round number" if whole.endswith("0") and whole.strip("-0") else "a number"


@lru_cache(MOST_DISTINCT)
def _letters_written(text: str) -> str:
    """A text with one letter for each run; texts that differ in digits only are many."""
    for pattern, sign in _RUNS:
        text = pattern.sub(sign, text)
    return text


def text_lengths(of: Different, coded: Coded) -> Different | None:
    """Count the characters of free text; None if values are alike, or numbers.

    Examples
    --------
    >>> from features.values.different import different
    >>> column = pd.Series(["call " * number for number in range(1, 400)])
    >>> text_lengths(different(column), code(column)).values[:3].tolist()
    ['5', '10', '15']
    """
    if coded.is_number or not _are_rare(coded):
        return None
    return of.seen_as(np.array([str(len(str(value))) for value in of.values], dtype=object))


def _are_rare(coded: Coded) -> bool:
    """Whether most values are rare; the ways of writing a few texts are the texts."""
    rare = (coded.codes == OTHER).sum()
    return bool(0 < rare >= ALIKE * coded.filled.sum())


def ahead_of_moment(of: Different, coded: Coded, moment: Numbers | None) -> Different | None:
    """Say how far each value is ahead of its lead, where values run on with time.

    Numbers are compared by rank, other values by the moments of all leads that have them.

    Parameters
    ----------
    of : Different
        The values of the column as they stand.
    moment : array of float, optional
        The ranks of the moments.

    Examples
    --------
    >>> from features.leaks.statistics import ranks_of_times
    >>> from features.values.different import different
    >>> days = pd.Series(pd.date_range("2024-01-01", periods=400))
    >>> numbers = pd.Series([str(number) for number in [*range(399), 900]])
    >>> ahead_of_moment(different(numbers), code(numbers), ranks_of_times(days)).values.tolist()
    ['0.000']
    """
    if moment is None:
        return None
    if coded.is_number:
        runs = ranks(_of_each_lead(of, of.numbers))
    elif coded.levels:
        runs = _mean_by_code(moment, np.where(coded.codes > OTHER, coded.codes, -1))
    else:
        runs = ranks(_of_each_lead(of, _last_numbers(of.values)))
    used = np.isfinite(runs) & np.isfinite(moment)
    if used.sum() < LEAST_LEADS or abs(_correlation(runs[used], moment[used])) < RUNS_ON:
        return None
    ahead = np.round(np.where(used, runs - moment, np.nan), 3) + 0.0  # no -0
    places, values = pd.factorize(ahead)  # NaN is missing
    return Different(places, values.astype(object)).seen_as(
        np.array([f"{each:.3f}" for each in values], dtype=object)
    )


def _of_each_lead(of: Different, numbers: Numbers) -> Numbers:
    """The number of each lead's value, NaN where it has none."""
    of_lead: Numbers = np.append(numbers, np.nan)[of.places]
    return of_lead


def _correlation(values: Numbers, others: Numbers) -> float:
    """Pearson's correlation; 0 where one of them is always the same."""
    if values.min() == values.max() or others.min() == others.max():
        return 0.0
    values, others = values - values.mean(), others - others.mean()
    return float(values @ others / np.sqrt((values @ values) * (others @ others)))


def _last_numbers(values: npt.NDArray[np.object_]) -> Numbers:
    """The number at the end of each text, its last fifteen digits; NaN where there is none."""
    return np.array([*map(_last_number, map(str, values))], dtype=float)


@lru_cache(MOST_DISTINCT)
def _last_number(text: str) -> float:
    """The number at its end; columns of dates have mostly the same days."""
    digits = _DIGITS.findall(text)
    return float(digits[-1][-15:]) if digits else np.nan


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
    codes, won = coded.codes[leads.decided], leads.won_of_decided
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
