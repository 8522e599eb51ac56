"""Whether the intervals on a card hold what its rows are worth.

A card is a sum of lines, and what it leaves out dilutes the others. So the worth of a row is what
the same rows would show in a sample without chance: a logistic regression on the planted
probabilities of the leads says it, compared with the average lead.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.card.lines import POINTS
from model.serving import Scorecard
from verification.outcomes import weighted_logistic

Array = npt.NDArray[Any]
ROUNDED = 0.005  # the ends of an interval are written with two decimals


def rows_covered(card: Scorecard, X: pd.DataFrame, probability: Array) -> dict[str, list[bool]]:
    """Say for each row with leads whether its interval holds its worth, by kind of line.

    Parameters
    ----------
    card : Scorecard
    X, probability : DataFrame, array of shape (n,)
        The leads that it learned from, and their planted probabilities.

    Returns
    -------
    dict
        ``number`` and ``category``, a list each.
    """
    covered: dict[str, list[bool]] = {"number": [], "category": []}
    for line, (rows, worth) in zip(card.lines, row_worth(card, X, probability), strict=True):
        low, high = (np.array(line[end])[rows] for end in ("low", "high"))
        holds = (low - ROUNDED <= worth) & (worth <= high + ROUNDED)
        covered[line["kind"]] += holds.tolist()
    return covered


def row_worth(card: Scorecard, X: pd.DataFrame, probability: Array) -> list[tuple[Array, Array]]:
    """Give the rows of each line that have leads, and their points in a sample without chance."""
    filled = [
        np.unique(card.axes[line["name"]].bins(X), return_inverse=True) for line in card.lines
    ]
    columns = [np.eye(len(rows))[of_leads] for rows, of_leads in filled]
    design = pd.DataFrame(np.column_stack([column[:, 1:] for column in columns]))
    effects = weighted_logistic(design, probability, np.ones(len(X)))[0]
    starts = np.cumsum([0, *(column.shape[1] - 1 for column in columns)])
    worth = []
    for (rows, _), column, start in zip(filled, columns, starts, strict=False):
        points = POINTS * np.r_[0.0, effects[start : start + column.shape[1] - 1]]
        worth.append((rows, points - column.mean(axis=0) @ points))
    return worth
