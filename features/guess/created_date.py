"""Guesses which date says when a lead was created: the earliest one that every lead has.

Headings only rank. Birthdays, founding dates, dates in the future and dates that come later in a
lead's life are never taken. Where two columns fit equally well, the error names both. A date of
the hand-off to sales is told by its heading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.dates.columns import read_date_columns
from features.dates.no_date import usual_times
from features.errors import LeadReadyError
from features.guess.column_names import check_name
from features.guess.columns import ColumnGuess
from features.text import join, percent
from features.vocabulary.headings import heading_concepts

NEARLY_ALL = 0.95  # of the leads that have any date have this one, and it is not after another
MOST_LEADS = 0.8  # have any date: open ones may have none yet
MOST_NAMED = 6  # columns in a question
MOST = 0.5  # of the leads, if the heading says that it is the date
NO_CRM_BEFORE = pd.Timestamp(1995, 1, 1)
_LATER = "closed modified converted expected next last end won lost handed_off result"
_OTHER = "birth founded age"
_NOT_OF_THE_LEAD = "account contact opportunity customer company_fact event activity"

Dates = Mapping[str, pd.Series]


def guess_created(
    raw: pd.DataFrame, guesses: Sequence[ColumnGuess], option: str | None
) -> str | None:
    """Choose the date column that says when a lead came in; None if there is no such date.

    Parameters
    ----------
    raw : DataFrame
        The leads' columns, as text.
    guesses : sequence of ColumnGuess
        What each column is.
    option : str, optional
        The value of ``--created``.

    Raises
    ------
    LeadReadyError
        If the given column does not exist or holds no dates, or if several columns fit.

    Examples
    --------
    >>> from features.guess.columns import guess_columns
    >>> raw = pd.DataFrame({"trial_start": ["2024-01-03", "2024-01-08"] * 9, "paid": [None] * 18})
    >>> raw["paid"] = ["2024-02-05", None] * 9
    >>> guess_created(raw, guess_columns(raw), None)
    'trial_start'
    """
    dates = _dates_of(raw, guesses)
    if option is not None:
        return _given_created(raw, dates, option)
    concepts = {column: heading_concepts(column) for column in dates}
    earlier = {name: column for name, column in dates.items() if not _is_other(column)}
    fitting = {
        name: column
        for name, column in earlier.items()
        if not concepts[name] & {*_LATER.split(), *_OTHER.split()} and not _is_future(column)
    }
    named = [name for name in fitting if "created" in concepts[name]]
    of_the_lead = [name for name in named if not concepts[name] & set(_NOT_OF_THE_LEAD.split())]
    named = [name for name in of_the_lead or named if fitting[name].notna().mean() >= MOST]
    others = _dating_nearly_all(fitting, earlier)
    return _choose_first(named, earlier) or _choose_first(
        [name for name in others if not _comes_last(earlier[name], earlier)], earlier
    )


def _dates_of(raw: pd.DataFrame, guesses: Iterable[ColumnGuess]) -> dict[str, pd.Series]:
    """The days of each column of dates."""
    formats = {guess.column: guess.date_formats for guess in guesses if guess.role == "date"}
    read = read_date_columns(raw, formats)
    days = {name: usual_times(times).astype("datetime64[D]") for name, times in read.items()}
    return {
        name: pd.Series(each.astype("datetime64[us]"), raw.index, name=name)
        for name, each in days.items()
    }


def _given_created(raw: pd.DataFrame, dates: Dates, option: str) -> str:
    check_name(option, [str(name) for name in raw.columns], "--created")
    if option not in dates and raw[option].notna().any():
        example = str(raw[option].dropna().iloc[0])[:40]
        raise LeadReadyError(
            f"{option!r} does not hold dates in a known format, such as {example!r}",
            where="--created",
            hint=f"name another column, or say how its dates are written: --date-format "
            f"'{option}=%d/%m/%Y'",
        )
    return option


def _is_other(column: pd.Series) -> bool:
    """Whether dates are those of births or foundings: many are older than any CRM."""
    known = _known_times(column)
    return not len(known) or bool((known < NO_CRM_BEFORE.to_datetime64()).mean() > 1 - NEARLY_ALL)


def _is_future(column: pd.Series) -> bool:
    known = _known_times(column)
    now = pd.Timestamp.now().to_datetime64()
    return bool(len(known) and (known > now).mean() > 1 - NEARLY_ALL)


def _known_times(column: pd.Series) -> npt.NDArray[np.datetime64]:
    times = column.to_numpy()
    known: npt.NDArray[np.datetime64] = times[~np.isnat(times)]
    return known


def _dating_nearly_all(fitting: Dates, dates: Dates) -> list[str]:
    """The columns with a date for nearly every lead that has any."""
    if not fitting:
        return []
    filled = {name: ~np.isnat(column.to_numpy()) for name, column in dates.items()}
    dated = np.logical_or.reduce([*filled.values()])
    if not dated.any() or dated.mean() < MOST_LEADS:
        return []
    return [name for name in fitting if filled[name][dated].mean() >= NEARLY_ALL]


def _choose_first(names: Sequence[str], dates: Dates) -> str | None:
    """The column that is before every other date; an error if that is not the only one."""
    if not names:
        return None
    first = [name for name in names if _is_first(name, names, dates)]
    if first and all(dates[name].equals(dates[first[0]]) for name in first):
        return first[0]
    raise _question(first or names, dates)


def _is_first(name: str, rivals: Sequence[str], dates: Dates) -> bool:
    return all(_share_not_after(dates[name], dates[other]) >= NEARLY_ALL for other in rivals)


def _comes_last(column: pd.Series, dates: Dates) -> bool:
    """Whether most dates of another column are before it, so that it dates a later step."""
    return any(_share_not_after(column, other) < MOST for other in dates.values())


def _share_not_after(column: pd.Series, other: pd.Series) -> float:
    both = column.notna() & other.notna()
    return float((column[both] <= other[both]).mean()) if both.any() else 1.0


def _question(names: Sequence[str], dates: Dates) -> LeadReadyError:
    table = pd.concat({name: dates[name] for name in names}, axis=1)
    first = table.min(axis=1)
    shares = table.eq(first, axis=0)[first.notna()].mean().sort_values(ascending=False)
    shown = [
        f"{name!r} is the earliest for {percent(share)}"
        for name, share in shares.head(MOST_NAMED).items()
    ]
    options = [f"--created {name!r}" for name in shares.index[:MOST_NAMED]]
    return LeadReadyError(
        f"{len(names)} columns could say when a lead was created: {join(shown)}",
        hint=f"say which: {join(options, 'or')}",
    )


def guess_handoff(guesses: Sequence[ColumnGuess]) -> str | None:
    """Choose the date column that says when marketing handed a lead to sales, if there is one."""
    for guess in guesses:
        if guess.role == "date" and "handed_off" in heading_concepts(guess.column):
            return guess.column
    return None
