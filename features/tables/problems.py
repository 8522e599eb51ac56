"""What was found wrong with the data on reading it: counted, said in words, never silently mended.

A problem says how many rows it is about, what was done with them, and what a person can do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """Something in the data that a person should know of.

    Attributes
    ----------
    table : str
        leads, events or stages.
    kind : str
        What it is, in a few words, always the same: ``duplicate ids``.
    count : int
        How many rows.
    words : str
        What was found and what was done about it.
    hint : str or None
        What mends it.
    examples : tuple of str
        A few values, shortened.

    Examples
    --------
    >>> Problem("leads", "duplicate ids", 3, "3 rows repeat the id of another lead").count
    3
    """

    table: str
    kind: str
    count: int
    words: str
    hint: str | None = None
    examples: tuple[str, ...] = ()


class Problems:
    """Collects problems while a table is read; what happened to no row is none."""

    def __init__(self) -> None:  # noqa: D107
        self.found: list[Problem] = []

    def add(
        self,
        table: str,
        kind: str,
        count: int,
        words: str,
        hint: str | None = None,
        examples: Iterable[object] = (),
    ) -> None:
        """Note down a problem; ``{count}`` in the words is filled in."""
        if count:
            shown = tuple(dict.fromkeys(str(one)[:60] for one in examples))[:3]
            said = words.replace("{count}", f"{int(count):,}")
            self.found.append(Problem(table, kind, int(count), said, hint, shown))
