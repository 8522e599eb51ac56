"""Cards of nearly the same quality that use other features, so that people can choose.

Training looks for them and keeps them with the version; here they are only shown, each with the
command that trains it.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from features import text
from pipelines.card.card import load_shown

MOST = 5  # more are not read


class Alternative(NamedTuple):
    """A card without one feature, and with another in its place where ``use`` names one.

    ``auc_change`` is its AUC less that of the card, on training leads that the lines did not learn
    from, with a 95% interval.
    """

    without: str
    without_words: str
    use: str | None
    use_words: str | None
    auc_change: float
    low: float | None
    high: float | None
    command: str


@dataclass(frozen=True)
class Alternatives:
    """The alternatives to the card of a version; None where its training looked for none."""

    version: str
    note: str
    alternatives: list[Alternative] | None

    def to_json(self) -> dict[str, Any]:
        """Give them as plain data."""
        found = self.alternatives
        rows = None if found is None else [alternative._asdict() for alternative in found]
        return {"version": self.version, "note": self.note, "alternatives": rows}


def alternatives(folder: Path | str, model: str | int | None = None) -> Alternatives:
    """Give up to five alternatives to the card of a version.

    Parameters
    ----------
    folder, model
        As for `pipelines.card.card.card`.

    Raises
    ------
    LeadReadyError
        When there is no such version, or its files are missing or were changed.

    Examples
    --------
    >>> alternatives("nowhere")
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    _, loaded, note = load_shown(folder, model)
    rows = loaded.evaluation.get("alternatives")
    found = None if rows is None else [_read_alternative(row, folder) for row in rows[:MOST]]
    return Alternatives(loaded.version, note, found)


def _read_alternative(row: Mapping[str, Any], folder: Path | str) -> Alternative:
    fields = (row.get(field) for field in Alternative._fields[:-1])
    return Alternative._make([*fields, _train_command(row, folder)])


def _train_command(row: Mapping[str, Any], folder: Path | str) -> str:
    """Write the command that trains the alternative.

    Examples
    --------
    >>> _train_command({"without": "webinars", "use": "Lead Source"}, "acme")
    "leadready train -w acme --without webinars --use 'Lead Source'"
    """
    where = [] if str(folder) == "." else ["-w", str(folder)]
    use = ["--use", row["use"]] if row.get("use") else []
    return shlex.join(["leadready", "train", *where, "--without", row["without"], *use])


def alternatives_text(found: Alternatives) -> str:
    """Write the alternatives for people."""
    version = f"version {found.version}{f' ({found.note})' if found.note else ''}"
    if found.alternatives is None:
        return f"The training of {version} looked for no other cards.\nnext: leadready train"
    if not found.alternatives:
        return f"No card of nearly the same quality as {version} uses other features."
    lines = text.wrap(
        f"Cards of nearly the same quality as {version} that use other features. The change of "
        "the AUC is measured on held-out training leads, with a 95% interval."
    )
    for number, alternative in enumerate(found.alternatives, start=1):
        lines += ["", *_alternative_lines(number, alternative)]
    return "\n".join(lines)


def _alternative_lines(number: int, alternative: Alternative) -> list[str]:
    instead = f", with {alternative.use_words or alternative.use}" if alternative.use else ""
    words = f"without {alternative.without_words or alternative.without}{instead}"
    change = text.signed_interval(alternative.auc_change, alternative.low, alternative.high, 3)
    return [
        *text.wrap(words, f"{number}. ", "   "),
        f"   AUC {change}",
        f"   {alternative.command}",
    ]
