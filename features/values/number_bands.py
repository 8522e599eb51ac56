"""Numbers that a company gives in bands: the bands in order, in the company's own words."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from features.values.dated_bands import dated_band
from features.values.few_values import few_values
from features.values.number_notation import whole_numbers
from features.values.numbers import is_band, parse_numbers

Bands = tuple[tuple[float, str], ...]
MOST_BANDS = 40  # different ones of a column


def ordered_bands(
    column: pd.Series,
    read: Callable[[pd.Series], pd.Series] = parse_numbers,
    *,
    dated: bool = False,
) -> Bands:
    """List the bands of a column with the number that each is read as, the lowest first.

    Parameters
    ----------
    column : Series of str
    read : callable
        How the column is read.
    dated : bool
        Whether dates are bands that Excel changed.

    Returns
    -------
    tuple of (float, str)
        Single numbers beside the bands are listed too. Empty if less than half of the values are
        bands, or if there are many.

    Examples
    --------
    >>> ordered_bands(pd.Series(["11-50", "Oct-01", "11-50", "51+"]), dated=True)
    ((5.5, '1-10'), (30.5, '11-50'), (51.0, '51+'))
    >>> ordered_bands(pd.Series(["12", "40"]))
    ()
    """
    values = None if whole_numbers(column) is not None else few_values(column, MOST_BANDS)
    if not values:
        return ()
    numbers = read(pd.Series(values, dtype=object))
    labels = pd.Series([(dated and dated_band(value)) or value for value in values], dtype=object)
    known = numbers.notna()
    are_bands = labels[known].map(is_band)
    if are_bands.sum() < 2 or are_bands.mean() < 0.5:
        return ()
    frequent_last = zip(numbers[known][::-1].tolist(), labels[known][::-1], strict=True)
    return tuple(sorted(dict(frequent_last).items()))  # of two spellings, the more frequent one
