"""The share of spellings that are read right, asked about, or read wrong without a word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from features.text import percent

RIGHT, ASKED, WRONG = "right", "asked", "wrong"
BAR = 0.95  # of the spellings are read right; the others are asked about


@dataclass(frozen=True)
class Reading:
    """One spelling and what became of it.

    Attributes
    ----------
    spelling : str
        A value as a company writes it.
    result : str
        ``right``, ``asked`` or ``wrong``.
    """

    spelling: str
    result: str


def share_text(subject: str, readings: Sequence[Reading]) -> str:
    """Say how many spellings are read right, and name the others.

    Examples
    --------
    >>> print(share_text("money", [Reading("5 EUR", RIGHT), Reading("1.491", ASKED)]))
    money: 1 of 2 spellings read right (50%), 1 asked about, 0 wrong
      asked: 1.491
    """
    counts = {result: _spellings(readings, result) for result in (RIGHT, ASKED, WRONG)}
    right = len(counts[RIGHT])
    lines = [
        f"{subject}: {right} of {len(readings)} spellings read right "
        f"({percent(right / len(readings))}), {len(counts[ASKED])} asked about, "
        f"{len(counts[WRONG])} wrong"
    ]
    lines += [f"  {result}: {text}" for result in (ASKED, WRONG) for text in counts[result]]
    return "\n".join(lines)


def is_good(readings: Sequence[Reading]) -> bool:
    """Whether enough are read right and none is wrong.

    Examples
    --------
    >>> is_good([Reading("5 EUR", RIGHT)]), is_good([Reading("5 EUR", WRONG)])
    (True, False)
    """
    wrong, right = _spellings(readings, WRONG), _spellings(readings, RIGHT)
    return not wrong and len(right) >= BAR * len(readings)


def _spellings(readings: Iterable[Reading], result: str) -> list[str]:
    return [reading.spelling for reading in readings if reading.result == result]
