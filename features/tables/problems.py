"""Problems found while reading the data: counted and reported, never silently corrected.

A problem says how many rows it affects, what was done with them, and what a person can do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from features.errors import did_you_mean_text
from features.files.reading_notes import ReadingNote
from features.text import masked, yaml_inline

_ONE_OR_MANY = re.compile(r"\{([^{}|]+)\|([^{}|]+)\}")
STATED = ("encoding", "sheet")  # notes that leadready.yaml has a key for


@dataclass(frozen=True)
class Problem:
    """Something in the data that a person should know about.

    Attributes
    ----------
    table : str
        leads, events, stages or field_history.
    kind : str
        A short fixed name: ``duplicate ids``.
    count : int
        The rows affected.
    message : str
        What was found and what was done about it.
    hint : str or None
        How to fix it.
    examples : tuple of str
        A few of the values, shortened and without e-mail addresses.
    blocks : bool
        Whether nothing is trained until somebody has answered.
    lead_rows : tuple of int
        The rows of the leads that it is about, where that is known.

    Examples
    --------
    >>> Problem("leads", "duplicate ids", 3, "3 rows repeat the id of another lead").count
    3
    """

    table: str
    kind: str
    count: int
    message: str
    hint: str | None = None
    examples: tuple[str, ...] = ()
    blocks: bool = False
    lead_rows: tuple[int, ...] = field(default=(), repr=False)


class Problems:
    """Collects problems while the tables are read.

    Attributes
    ----------
    found : list of Problem
        The problems so far.

    Examples
    --------
    >>> problems = Problems()
    >>> message = "{count} {row has|rows have} no id"
    >>> problems.add("leads", "without id", 0, message)
    >>> problems.add("leads", "without id", 1, message)
    >>> problems.add("leads", "without id", 1200, message, examples=["Rome"])
    >>> [(problem.message, problem.examples) for problem in problems.found]
    [('1 row has no id', ()), ('1,200 rows have no id', ('Rome',))]
    """

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(
        self,
        table: str,
        kind: str,
        count: int,
        message: str,
        hint: str | None = None,
        examples: Iterable[object] = (),
        blocks: bool = False,
        lead_rows: Iterable[int] = (),
    ) -> None:
        """Record a problem if it affects any rows.

        In the message, ``{count}`` is filled in, and ``{row has|rows have}`` follows it.
        """
        if count:
            shortened = tuple(dict.fromkeys(masked(str(value))[:60] for value in examples))[:3]
            filled = _ONE_OR_MANY.sub(r"\1" if count == 1 else r"\2", message)
            filled = filled.replace("{count}", f"{int(count):,}")
            self.found.append(
                Problem(table, kind, int(count), filled, hint, shortened, blocks, tuple(lead_rows))
            )


def nearest_text(names: Iterable[str], seen: Sequence[str]) -> str | None:
    """What the data has in place of names that it does not have: the nearest, else the first few.

    Examples
    --------
    >>> nearest_text(["webinar_atended"], ["call", "webinar_attended"])
    "did you mean 'webinar_attended'?"
    >>> nearest_text(["meeting"], ["call", "mail"])
    'seen: call, mail'
    """
    nearest = [text for name in names if (text := did_you_mean_text(name, seen))]
    if nearest:
        return " ".join(dict.fromkeys(nearest))
    return f"seen: {', '.join(seen[:8])}" if 0 < len(seen) <= 40 else None


def report_reading(
    problems: Problems, table: str, file: str, notes: list[ReadingNote], section: str
) -> None:
    """Report each note on a file; a guess comes with the line that states it.

    Parameters
    ----------
    table, file : str
        The table and the file's name.
    section : str
        Of ``leadready.yaml``: ``leads``.

    Examples
    --------
    >>> problems = Problems()
    >>> note = ReadingNote("encoding", "the text is not UTF-8 and was read as cp1251", "cp1251")
    >>> report_reading(problems, "leads", "leads.csv", [note], "leads")
    >>> problems.found[0].hint
    'if that is right, write  encoding: cp1251  under leads'
    """
    for note in notes:
        line = f"{note.kind}: {yaml_inline(note.value)}"
        stated = f"if that is right, write  {line}  under {section}"
        hint = stated if note.kind in STATED else None
        problems.add(table, "how it was read", 1, f"{file}: {note.text}", hint)
