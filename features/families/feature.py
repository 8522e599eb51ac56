"""A feature: its name, its meaning in words that a sales rep understands, and its origin.

Each family declares its features as a list; the catalogue is these lists one after another. The
words stand in sentences such as *+6.2 webinars attended in the last 30 days: 2 or more*, so they
name what is counted, without a verb in front.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from features.workspace import vocabulary

FAMILIES = vocabulary.FAMILIES
FIRMOGRAPHIC, ROLE, ORIGIN, ENGAGEMENT, OTHER = FAMILIES
THE_DAY = "_on"  # ends the name of a date's second feature: the day itself

Kind = Literal["number", "category", "date"]


@dataclass(frozen=True)
class Feature:
    """One thing that was known about a lead at its moment.

    Attributes
    ----------
    name : str
        Column name, such as ``webinars_attended_30d``.
    words : str
        The meaning in the words of the business.
    family : str
        ``firmographic``, ``role``, ``origin``, ``engagement`` or ``other``.
    kind : str
        ``number`` (float64, NaN is missing), ``category`` (text, None is missing) or ``date`` (text
        such as 2026-10-01, None is missing). Only definitions use dates. Models do not learn from
        them, since a day that has passed never comes again.
    unit : str or None
        What is counted: people, days, times.
    source : str
        The column or the kind of event that it is made from.
    window_days : int or None
        Length of the window before the moment in which events count; None without a window.
    missing : str
        What a missing value means, in words.
    bands : tuple of (float, str)
        For a number that the company gives in bands: the number that each band is read as, and the
        band in the company's own words, the lowest first.

    Examples
    --------
    >>> Feature("employees", "employees", "firmographic", "number", "people").missing
    'unknown'
    """

    name: str
    words: str
    family: str
    kind: Kind
    unit: str | None = None
    source: str = ""
    window_days: int | None = None
    missing: str = "unknown"
    bands: tuple[tuple[float, str], ...] = ()

    def __post_init__(self) -> None:
        """Make tuples of what was read from JSON."""
        bands = tuple((float(number), str(label)) for number, label in self.bands)
        object.__setattr__(self, "bands", bands)
