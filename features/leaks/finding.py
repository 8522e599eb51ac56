"""What the checks of the leak audit share: the leads that they look at, and the findings they make.

Each check looks for one trace that writing after the moment leaves behind, and states it in a
sentence with figures. A finding that only *supports* others (a name, a mere association) never
makes a suspect by itself; :mod:`features.leaks.audit` adds the findings up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.dates.read import Times
from features.leaks.statistics import Coded, Codes, Mask, Numbers, ranks_of_times
from features.text import percent

LATER_DATES, FILLED_LATE = "later dates", "filled late"
BATCHES, ONE_SIDED, SEPARATES = "filled in batches", "one-sided", "separates"
REWRITTEN, AT_CLOSING = "rewritten when closed", "hardly ever before closing"
DIFFERS, MARKED = "differs when closed", "marked when closed"
COUNTED_ON, EMPTIED = "counted on until the export", "emptied when closed"
NOT_YET = "open leads do not have it yet"
TELLS_LATER = "tells what followed"
TRENDS = "written on for one outcome"
WRITTEN = "written when won"
NEVER_WITHOUT = "never without what is filled when closed"
FILL_TRACES = ("set by stage", "filled when closed", "filled when won", FILLED_LATE, AT_CLOSING)
DIRECT = (
    LATER_DATES,
    "set by stage",
    REWRITTEN,
    FILLED_LATE,
    AT_CLOSING,
    DIFFERS,
    MARKED,
    COUNTED_ON,
    NEVER_WITHOUT,
    TELLS_LATER,
    NOT_YET,
    TRENDS,
    WRITTEN,
)  # they need no association with the outcome


@dataclass(frozen=True)
class Finding:
    """One piece of evidence against a column.

    Attributes
    ----------
    trace : str
        What was found, in a few fixed words.
    points : float
        How much it counts; ten points make a suspect.
    sentence : str
        The evidence with its figures.
    supports : bool
        Whether it only supports other evidence.
    """

    trace: str
    points: float
    sentence: str
    supports: bool = False


class Followed(NamedTuple):
    """An amount that nobody knew at the moment.

    Attributes
    ----------
    words : tuple of str
        What leads with more of it, and with less, are called.
    amount : array of float
        For each lead; NaN where it is unknown.
    alike : array of int
        Leads are compared with others of the same number only.
    """

    words: tuple[str, str]
    amount: Numbers
    alike: Codes


class Told(NamedTuple):
    """Leads that had more of an amount than others like them, and leads that had less.

    Attributes
    ----------
    words : tuple of str
        What both are called.
    more : array of bool
    told : array of bool
        Leads that had more or less.
    """

    words: tuple[str, str]
    more: Mask
    told: Mask


class SameAge(NamedTuple):
    """Open and closed leads of one age, as places among all open and closed leads.

    Attributes
    ----------
    rows : array of bool
    weight : int
        How many there are of those that are fewer.
    """

    rows: Mask
    weight: int


class OpenAsLong(NamedTuple):
    """Open leads, and earlier ones weighted by how many of the open ones they are compared with.

    Attributes
    ----------
    is_open : array of bool
    weight : array of float
        0 for leads that are not compared.
    block : array of int
        Fifths of the earlier leads by time.
    earlier : array of bool
        All earlier leads, whose outcomes are mostly known; the others were decided soon.
    soon : array of float
        Weights of leads that came when the open ones did, and are closed.
    as_soon : array of float
        Weights of earlier leads that were closed as soon as these.
    """

    is_open: Mask
    weight: Numbers
    block: Codes
    earlier: Mask
    soon: Numbers
    as_soon: Numbers


@dataclass(frozen=True)
class LeadStatus:
    """What the checks need to know about the leads, one value for each.

    Attributes
    ----------
    decided, won, open : array of bool
        ``won`` has a meaning only where ``decided`` is true.
    age : array of int
        Tenths of the leads by age, oldest first.
    as_of : Series or None
        The moment of each lead.
    stage : Coded
        The stage; open or closed where no stage is known.
    changed : mapping of str to Series
        When each lead's value of a column was last changed.
    date_formats : sequence of str
        Formats that dates are known to have.
    dates : mapping of str to ndarray of datetime64, or None
        Each column of dates, if it is known which columns are.
    open_loses : bool
        Whether leads that stay open count as not won, once the horizon has passed.
    finer_age : array of int, optional
        Finer bands of age, in which closed leads are compared with open ones.
    told : sequence of Told
        Closed leads by amounts that became known after the moment.
    open_as_long : OpenAsLong, optional
        Open leads, and earlier ones that were open as long.
    """

    decided: Mask
    won: Mask
    open: Mask
    age: Codes
    as_of: pd.Series | None
    stage: Coded
    changed: Mapping[str, pd.Series]
    date_formats: Sequence[str] = ()
    dates: Mapping[str, Times] | None = None
    open_loses: bool = False
    finer_age: Codes | None = None
    told: Sequence[Told] = ()
    open_as_long: OpenAsLong | None = None

    @cached_property
    def days(self) -> npt.NDArray[np.datetime64] | None:
        """The day on which each lead is judged."""
        return None if self.as_of is None else self.as_of.dt.floor("D").to_numpy()

    @cached_property
    def order(self) -> Numbers | None:
        """The moments in order, as shares of the leads."""
        return None if self.as_of is None else ranks_of_times(self.as_of)

    @cached_property
    def won_of_decided(self) -> Mask:
        """Which of the closed leads were won."""
        return self.won[self.decided]

    @cached_property
    def share_won(self) -> float:
        """Of the closed leads."""
        return float(self.won_of_decided.mean())

    @cached_property
    def fewer(self) -> int:
        """How many leads are open, or closed: whichever are fewer."""
        return int(min(self.open.sum(), self.decided.sum()))

    @cached_property
    def median_age(self) -> float:
        """The median age of the closed leads."""
        return float(np.median(self.age[self.decided]))

    @cached_property
    def each_age(self) -> list[SameAge]:
        """The open and closed leads of each age."""
        used = self.open | self.decided
        closed, age = self.decided[used], self.same_age[used]
        found = [age == band for band in np.unique(age)]
        return [
            SameAge(rows, int(min(closed[rows].sum(), (~closed[rows]).sum()))) for rows in found
        ]

    @property
    def same_age(self) -> Codes:
        """The bands in which closed leads are compared with open ones."""
        return self.age if self.finer_age is None else self.finer_age


def value_name(coded: Coded, code: int) -> str:
    """Name the value that a code stands for.

    Examples
    --------
    >>> from features.leaks.statistics import code
    >>> [value_name(code(pd.Series(["web"] * 50)), place) for place in range(3)]
    ['no value', 'a rare value', "'web'"]
    """
    return ("no value", "a rare value")[code] if code < 2 else repr(coded.levels[code - 2])


def exact_share(share: float) -> str:
    """Write a share; with a decimal near the ends, so that nearly all does not read as all.

    Examples
    --------
    >>> exact_share(0.5), exact_share(0.998), exact_share(1)
    ('50%', '99.8%', '100%')
    """
    return percent(share, 1 if 0 < share < 0.005 or 0.995 < share < 1 else 0)
