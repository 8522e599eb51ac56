"""The card of a version: all its points, with the leads and wins behind each row.

It is read from the scorecard that was registered; nothing is computed from leads again. *Fit* (who
the lead is) and *engagement* (what it did) stand apart, and the lines that move scores most come
first.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.registry.lookup import CHAMPION
from model.registry.registry import LoadedModel, Registry
from model.serving import Scorecard
from pipelines.card.lines import CardLine, CardRow, Part, read_lines
from pipelines.snapshot import read_snapshot

if TYPE_CHECKING:
    import pandas as pd

AVERAGE = 50  # the score of an average lead
SCORES = (30, 40, AVERAGE, 60, 70, 80)  # whose probabilities the card lists


@dataclass(frozen=True)
class Card:
    """The points of a version, and what people need to read them.

    Attributes
    ----------
    company, model, version : str
        Name of the workspace and of the registered model, and number of the version.
    aliases : tuple of str
        Such as ``champion``.
    note : str
        What to know about the choice of this version; empty where it was asked for.
    trained_on, learned_until : str
        The day of the training, and of the last lead that it learned from; empty if unknown.
    leads, won : int or None
        How many leads it learned from, and how many of them were won.
    horizon_days : int or None
        Within which time a win counts.
    whole : bool
        Whether points are whole numbers; in format 1 of the scorecard they are not.
    start : float
        A lead's score is this plus the points of its row in each line.
    level : float
        Log-odds of a lead with 50 points.
    ready_at : float
        The score from which the model calls a lead ready.
    grades, levels : mapping of str to float
        The points from which a lead has each grade of fit and each level of engagement.
    lines : tuple of CardLine
        Those that move scores most come first.
    """

    company: str
    model: str
    version: str
    aliases: tuple[str, ...]
    note: str
    trained_on: str
    learned_until: str
    leads: int | None
    won: int | None
    horizon_days: int | None
    whole: bool
    start: float
    level: float
    ready_at: float
    grades: Mapping[str, float]
    levels: Mapping[str, float]
    lines: tuple[CardLine, ...]

    @property
    def digits(self) -> int:
        """Decimals of the points."""
        return 0 if self.whole else 1

    def part(self, part: Part) -> list[CardLine]:
        """Give the lines of fit, or those of engagement."""
        return [line for line in self.lines if line.part == part]

    def probability(self, score: float) -> float:
        """Probability that a lead with this score is won."""
        log_odds = self.level + (score - AVERAGE) / 10 * math.log(2)
        return 1 / (1 + math.exp(-log_odds))

    def table(self) -> pd.DataFrame:
        """Give the card as a table with one row for each of its rows."""
        import pandas as pd

        table = pd.DataFrame(_table_rows(self))
        return table.astype({"leads": "Int64", "won": "Int64"})

    def to_json(self) -> dict[str, Any]:
        """Give the card as plain data."""
        return {
            **{key: value for key, value in vars(self).items() if key != "lines"},
            "probabilities": {str(score): self.probability(score) for score in SCORES},
            "lines": [_line_json(line) for line in self.lines],
        }


def _table_rows(card: Card) -> Iterator[dict[str, Any]]:
    for line in card.lines:
        for row in line.rows:
            yield {
                "line": line.words,
                "feature": line.name,
                "part": line.part,
                "family": line.family,
                "row": row.label,
                **_figures(row),
            }


def _line_json(line: CardLine) -> dict[str, Any]:
    rows = [
        {"label": row.label, "categories": row.categories, **_figures(row)} for row in line.rows
    ]
    return {
        "name": line.name,
        "words": line.words,
        "part": line.part,
        "family": line.family,
        "least": line.least,
        "most": line.most,
        "moves": line.moves,
        "rows": rows,
    }


def _figures(row: CardRow) -> dict[str, float | bool | None]:
    rate = row.win_rate
    return {
        "missing": row.missing,
        "points": row.points,
        "low": row.low,
        "high": row.high,
        "leads": row.leads,
        "won": row.won,
        "win_rate": rate.value,
        "win_rate_low": rate.low,
        "win_rate_high": rate.high,
    }


def card(folder: Path | str, model: str | int | None = None) -> Card:
    """Give the card of a registered version.

    Parameters
    ----------
    folder : path
        The workspace.
    model : str or int, optional
        An alias or version (default: the champion, or the latest version if there is none).

    Raises
    ------
    LeadReadyError
        When there is no such version, or its files are missing or were changed.

    Examples
    --------
    >>> [line.words for line in card("acme").lines]  # doctest: +SKIP
    ['job function', 'days since the last demo request', 'source']
    >>> card("nowhere")
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    company, loaded, note = load_shown(folder, model)
    return card_of(loaded, company, note)


def load_shown(folder: Path | str, model: str | int | None) -> tuple[str, LoadedModel, str]:
    """Load the version to show; return the company's name, the version and a note on the choice."""
    workspace = read_snapshot(folder).workspace
    registry = Registry.for_workspace(workspace.folder, workspace.model)
    versions, note = registry.versions(), ""
    if model is None and versions and not any(CHAMPION in each.aliases for each in versions):
        model, note = versions[-1].label, "no version is champion yet; this is the latest one"
    return workspace.name, registry.load(CHAMPION if model is None else model), note


def card_of(loaded: LoadedModel, company: str, note: str = "") -> Card:
    """Give the card of a loaded version."""
    scorecard = Scorecard.from_dict(loaded.scorecard)
    learned_from = loaded.scorecard.get("provenance") or {}
    until = loaded.record.tags.get("training_until", "")
    return Card(
        company=company,
        model=loaded.scorecard.get("name", "lead-readiness"),
        version=loaded.version,
        aliases=loaded.record.aliases,
        note=note,
        trained_on=str(loaded.scorecard.get("trained_at", ""))[:10],
        learned_until=until[:10] if "T" in until else "",  # without dates, a place in the order
        leads=learned_from.get("leads"),
        won=learned_from.get("won"),
        horizon_days=loaded.definition.get("horizon_days"),
        whole=scorecard.whole,
        start=scorecard.start,
        level=scorecard.level,
        ready_at=scorecard.ready_at,
        grades=scorecard.grades,
        levels=scorecard.levels,
        lines=read_lines(scorecard),
    )
