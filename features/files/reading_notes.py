"""What a person should know about how a file was read: rows left out, names changed, encodings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReadingNote:
    """One thing about how a file was read.

    Attributes
    ----------
    kind : str
        ``rows left out``, ``repeated heading``, ``lists left out``, ``encoding``, ``sheet`` …
    text : str
        What was done, without anything that a row says.
    value : str
        The encoding or the sheet that was chosen, to be written to ``leadready.yaml``.
    """

    kind: str
    text: str
    value: str = ""


Notes = list[ReadingNote]
