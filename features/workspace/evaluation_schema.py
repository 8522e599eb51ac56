"""The sections ``evaluation`` and ``old_score``: how a model is tested, and beside what."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

Texts = tuple[str, ...]


@dataclass(frozen=True)
class Evaluation:
    """How a model is tested: on which later leads, and learning from which outcomes.

    ``allowed_by`` names who allowed to promote a model that was tested on a random split.
    """

    order_by: str | None = None
    test_from: pd.Timestamp | None = None
    test_until: pd.Timestamp | None = None
    test_share: float = 0.25
    outcomes: str = "known_at_the_time"
    allowed_by: str | None = None


@dataclass(frozen=True)
class OldScore:
    """A score that the company already has; it is compared with the model and never a feature.

    Attributes
    ----------
    column : str
        The leads' column.
    best : str
        Of numbers: ``high`` or ``low``.
    best_first : tuple of str
        Of grades and bands: all values, the best one first.
    probability : bool
        Whether it is the chance of a win, as 0–1 or as a percentage.
    known_at_moment : bool
        The team's word that it was not changed after the moment.
    """

    column: str
    best: str = "high"
    best_first: Texts = ()
    probability: bool = False
    known_at_moment: bool = False
