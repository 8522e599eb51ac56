"""Date columns that ``leadready.yaml`` maps: bad dates become missing and are counted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from features.dates.no_date import NEVER_YEARS, means_no_date
from features.dates.parse import parse_dates
from features.errors import UnusableData
from features.tables.problems import Problems
from features.workspace.schema import Workspace

FIRST_YEAR = 1970  # no CRM is older
FIRST_DAY = pd.Timestamp(FIRST_YEAR, 1, 1)
BLOCK = 1_000_000  # times
YEARS_AHEAD = 20  # after the extract; later dates mean "never", or are mistyped


def read_mapped_dates(
    column: pd.Series,
    formats: Sequence[str],
    table: str,
    where: str,
    problems: Problems,
    ws: Workspace,
) -> pd.Series:
    """Read a mapped column of dates; unreadable and impossible ones are missing and counted.

    Parameters
    ----------
    column : Series
        Dates as text, or as timestamps.
    formats : sequence of str
        As for ``parse_dates``.
    table, where : str
        For reports and errors: the table, and the line of the mapping that names the column.

    Returns
    -------
    Series of datetime64[us]
        Naive UTC, same index.

    Raises
    ------
    LeadReadyError
        If more than 5% of the values cannot be read.
    """
    try:
        dates = parse_dates(column, formats)
    except UnusableData as error:
        what = f"column {column.name!r}: {error.what}"
        raise UnusableData(what, where=where, hint=error.hint) from None
    latest, times = _latest(ws), dates.to_numpy()
    impossible = (times < FIRST_DAY.to_datetime64()) | (times > latest.to_datetime64())
    if not impossible.any() and not (np.isnat(times) & column.notna().to_numpy()).any():
        return dates  # as most columns are
    _count_unreadable(column, dates, table, problems)
    never = dates.dt.year.isin(NEVER_YEARS) | _zeros(column, dates)
    problems.add(
        table,
        "dates that mean never",
        int(never.sum()),
        f"{{count}} {{value|values}} of {column.name} "
        "{is not a date but means|are not dates but mean} "
        "never, such as "
        f"{column[never].iloc[0] if never.any() else ''}; {{it counts|they count}} as missing",
        None,
        column[never].head(50),
    )
    wrong = impossible & ~never
    problems.add(
        table,
        "impossible dates",
        int(wrong.sum()),
        f"{{count}} {{date|dates}} of {column.name} {{is|are}} before {FIRST_YEAR} or "
        f"after {latest.year} and "
        "{counts|count} as missing",
        "correct them in the CRM",
        dates[wrong].head(50),
    )
    return dates.mask(impossible) if impossible.any() else dates


def odd_times(times: np.ndarray, ws: Workspace) -> np.ndarray:
    """Find the times of which `read_mapped_dates` would say something: the rows.

    Parameters
    ----------
    times : array of datetime64[us]
        A mapped column, as the file has it.
    """
    first, latest = FIRST_DAY.to_datetime64(), _latest(ws).to_datetime64()
    rows = [
        np.flatnonzero((block < first) | (block > latest)) + start
        for start in range(0, len(times), BLOCK)
        for block in [times[start : start + BLOCK]]
    ]
    return np.concatenate([np.zeros(0, dtype="int64"), *rows])


def _latest(ws: Workspace) -> pd.Timestamp:
    """The latest date that may be meant."""
    now = ws.extract_at if ws.extract_at is not None else pd.Timestamp.now()
    return pd.Timestamp(now + pd.DateOffset(years=YEARS_AHEAD))


def _count_unreadable(column: pd.Series, dates: pd.Series, table: str, problems: Problems) -> None:
    unread = column.notna() & dates.isna() & ~_zeros(column, dates)
    problems.add(
        table,
        "unreadable dates",
        int(unread.sum()),
        f"{{count}} {{value|values}} of {column.name} cannot be read as "
        "{a date and counts|dates and count} as missing",
        "add their format to  date_format:  or correct them",
        column[unread].head(50),
    )


def _zeros(column: pd.Series, dates: pd.Series) -> pd.Series:
    """Which values are dates of zeros, such as ``0000-00-00``."""
    zeros = column.notna() & dates.isna()
    if zeros.any():
        zeros[zeros] = means_no_date(column[zeros])
    return zeros
