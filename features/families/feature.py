"""What a feature is: its name, its meaning in words a sales rep understands, its origin.

Every family declares its features as a list of these; the catalogue is nothing but those lists
one after the other. The words stand in sentences such as *+6.2 webinars attended in the last 30
days: 2 or more*, so they name the thing that is counted, without a verb in front.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from features.workspace import vocabulary

FAMILIES = vocabulary.FAMILIES
FIRMOGRAPHIC, ROLE, ORIGIN, ENGAGEMENT = FAMILIES
THE_DAY = "_on"  # how the name of a date's second feature ends: the day itself

Kind = Literal["number", "category", "date"]


@dataclass(frozen=True)
class Feature:
    """One thing that is known about a lead at a moment.

    Attributes
    ----------
    name : str
        Column name, such as ``webinars_attended_30d``.
    words : str
        The meaning in words of the business.
    family : str
        ``firmographic``, ``role``, ``origin`` or ``engagement``.
    kind : str
        ``number`` (float64, NaN is missing), ``category`` (text, None is missing) or ``date`` (text
        such as 2026-10-01, None is missing). A date can be asked for by a definition; nothing is
        learnt from it, since a day that is past never comes again.
    unit : str or None
        What one of it is: people, days, times.
    source : str
        The column or the kind of event that it is made from.
    window_days : int or None
        Events of the last so many days before the moment; None where no window applies.
    missing : str
        What a missing value means, in words.

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
