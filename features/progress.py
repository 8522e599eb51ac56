"""How rooms report what they are doing, without knowing who listens.

A long step whose length is known reports a `Step`. A plain function such as ``print`` can listen;
the command line shows the share and the rate as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

Progress = Callable[[str], None]


def no_progress(message: str) -> None:
    """Ignore what is reported."""


class Step(str):
    """A message that says how far a step is.

    Attributes
    ----------
    what : str
        What is being done.
    done, total : int
        How many of how many parts are finished.

    Examples
    --------
    >>> print(Step("scoring leads", 50_000, 120_000))
    scoring leads: 50,000 of 120,000
    """

    what: str
    done: int
    total: int

    def __new__(cls, what: str, done: int, total: int) -> Self:
        """Write the message; the parts are attributes, so that listeners can show a share."""
        step = super().__new__(cls, f"{what}: {done:,} of {total:,}")
        step.what, step.done, step.total = what, done, total
        return step
