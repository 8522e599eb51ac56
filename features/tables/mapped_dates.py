"""Date columns that ``leadready.yaml`` maps: bad dates become missing and are counted."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from features.errors import LeadReadyError
from features.files.dates import parse_dates
from features.tables.problems import Problems
from features.workspace.schema import Workspace

FIRST_YEAR = 1970  # no CRM is older
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
    except LeadReadyError as error:
        what = f"column {column.name!r}: {error.what}"
        raise LeadReadyError(what, where=where, hint=error.hint) from None
    unread = column.notna().to_numpy() & dates.isna().to_numpy()
    problems.add(
        table,
        "unreadable dates",
        int(unread.sum()),
        f"{{count}} values of {column.name} cannot be read as dates and count as missing",
        "add their format to  date_format:  or correct them",
        column[unread].head(50),
    )
    now = ws.extract_at if ws.extract_at is not None else pd.Timestamp.now()
    latest = now + pd.DateOffset(years=YEARS_AHEAD)
    impossible = (dates < pd.Timestamp(FIRST_YEAR, 1, 1)) | (dates > latest)
    problems.add(
        table,
        "impossible dates",
        int(impossible.sum()),
        f"{{count}} dates of {column.name} are before {FIRST_YEAR} or after {latest.year} and "
        "count as missing",
        "correct them in the CRM",
        dates[impossible].head(50),
    )
    return dates.mask(impossible) if impossible.any() else dates
