"""A share of leads, with its interval."""

from __future__ import annotations

from typing import NamedTuple

from features import text
from model.training.intervals import Interval, win_rate_interval
from pipelines.pages.pieces import Bar, Tone, share_text


class Share(NamedTuple):
    """How many leads of how many have something in common."""

    label: str
    part: int
    whole: int

    @property
    def interval(self) -> Interval:
        """The share with its 95% interval (Wilson).

        Examples
        --------
        >>> Share("fairs", 5, 50).interval.value, Share("none", 0, 0).interval.value
        (0.1, None)
        """
        if not self.whole:
            return Interval(None, None, None)
        return Interval(self.part / self.whole, *win_rate_interval(self.part, self.whole))

    @property
    def words(self) -> str:
        """The share in words.

        Examples
        --------
        >>> Share("fairs", 5, 50).words
        '10% (4–21%)'
        """
        return share_text(*self.interval)


def share_bar(share: Share, tone: Tone = "main") -> Bar:
    """Give the bar of a share."""
    value, low, high = share.interval
    behind = f"{text.number(share.part, 0)} of {text.count(share.whole, 'lead')}"
    return Bar(share.label, value, share.words, behind, low, high, tone)
