"""What a column, or another source of features, weighs in a model, for the gate to ask about.

A row of many points may be honest: students hardly ever buy. Or somebody wrote the value when the
lead was lost or won. Leads that sales never worked tell the two apart, since sales wrote nothing
there: if they have the value as often as the others, it was there before the outcome.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from features import text
from model.serving import Scorecard
from model.training.intervals import Interval, win_rate_interval

Array = npt.NDArray[Any]
MOST_POINTS = 30  # of a row of the card; 30 points are eight times the odds
LATE_POINTS = 10  # of a row may have been written late without making it too good to be true
STRONG_AUC = 0.7  # of a column alone; a weaker one is not too good, however weak the model
MOST_SHARE = 0.5  # of what the model tells apart


class CardRow(NamedTuple):
    """A row of the card, and how far it may have been written after the outcome.

    Attributes
    ----------
    words, label : str
        Of its line, and its own.
    points : float
    late : float
        The most of these points that writing at the closing may explain; infinite where no lead
        tells.
    """

    words: str
    label: str
    points: float
    late: float = float("inf")

    @property
    def is_large(self) -> bool:
        """Whether it has more points than an honest row mostly has."""
        return abs(self.points) > MOST_POINTS

    @property
    def is_suspect(self) -> bool:
        """Whether it is large, and a good part of it may have been written late."""
        return self.is_large and self.late > LATE_POINTS

    def __str__(self) -> str:
        return f"{self.words}: {text.quoted(self.label)} has {text.signed(self.points)} points"


class ColumnWeight(NamedTuple):
    """What a column, or another source of features, weighs in a model.

    Attributes
    ----------
    source : str
        As in the catalogue of features, such as ``column: Industry``.
    row : CardRow
        Its suspect row with the most points of either sign; if none is, its row with the most.
    auc : float
        Of the points of all its lines together, on the test leads; NaN where that is unknown.
    """

    source: str
    row: CardRow
    auc: float

    def findings(self, model: Interval) -> list[str]:
        """Say what is out of proportion, given the AUC of the model."""
        found = [str(self.row)] if self.row.is_suspect else []
        # where the model may be no better than chance, shares of it say nothing
        if model.value is None or model.low is None or model.low <= 0.5 or self.auc < STRONG_AUC:
            return found
        share = share_told(self.auc, model.value)
        if share > 1:
            found.append(
                f"AUC {text.number(self.auc)} alone, the model has {text.number(model.value)}"
            )
        elif share > MOST_SHARE:
            found.append(
                f"AUC {text.number(self.auc)} alone, {text.percent(share)} of what the model "
                "tells apart"
            )
        return found

    def untouched_text(self) -> str:
        """Say of a large row why it is no suspect; empty if there is none."""
        if not self.row.is_large or self.row.is_suspect:
            return ""
        return f"{self.row}, and leads that sales never worked have it as often"


def share_told(auc: float, model: float) -> float:
    """Give the share of what a model tells apart that one column does alone.

    What is told apart is the squared distance between the scores of won and other leads, in
    standard deviations, as for two normal distributions with this AUC [1]_. The distances of
    independent columns add up, so that each of n equally strong columns has the share 1/n.

    References
    ----------
    .. [1] D. Green, J. Swets, "Signal detection theory and psychophysics", 1966.

    Examples
    --------
    >>> round(share_told(0.68, 0.81), 2), round(share_told(0.82, 0.86), 2)
    (0.28, 0.72)
    """
    from scipy.stats import norm

    return float((norm.ppf(max(auc, 0.5)) / norm.ppf(model)) ** 2)


def late_points(points: float, share: float, untouched: tuple[int, int], base_rate: float) -> float:
    """Give the most points of a row that writing its value at the closing may explain.

    Parameters
    ----------
    points : float
        Of the row: negative if the value goes with losses.
    share : float
        Of the leads with an outcome that have the value.
    untouched : (int, int)
        How many leads that sales never worked have the value, of how many.
    base_rate : float
        Of the leads with an outcome, the share that was won.

    Returns
    -------
    float
        At the lower end of the 95% interval of the share of untouched leads; infinite without any.

    Examples
    --------
    >>> round(late_points(-34, 0.05, (150, 2600), 0.1), 1)  # as often where sales wrote nothing
    0.2
    >>> round(late_points(-34, 0.05, (10, 2600), 0.1))  # hardly ever there
    46
    """
    if not untouched[1] or not share:
        return float("inf")
    there = min(win_rate_interval(*untouched)[0] / share, 1.0)
    if there < 1e-9:
        return float("inf")
    factor = 1 / there if points < 0 else (there * base_rate + 1 - there) / base_rate
    return float(10 * np.log2(factor))


def column_weights(
    judged: Scorecard,
    served: Scorecard,
    sources: Mapping[str, str],
    X: pd.DataFrame,
    y: Array,
    weights: Array | None = None,
    untouched: pd.DataFrame | None = None,
) -> list[ColumnWeight]:
    """Weigh each source of features: points as served, AUC as judged on the test leads.

    Parameters
    ----------
    judged, served : Scorecard
    sources : mapping
        Feature to its source.
    X, y, weights : DataFrame, array, array or None
        The test leads.
    untouched : DataFrame, optional
        The features of leads that sales never worked.
    """
    points, lines = judged.points(X), np.array([sources[line["name"]] for line in judged.lines])
    alone = {
        source: _auc(y, points[:, lines == source].sum(axis=1), weights) for source in set(lines)
    }
    rows: dict[str, list[CardRow]] = {}
    for line in served.lines:
        rows.setdefault(sources[line["name"]], []).extend(_card_rows(line, served, untouched))
    return [
        ColumnWeight(source, _heaviest(found), alone.get(source, float("nan")))
        for source, found in rows.items()
    ]


def _heaviest(rows: Iterable[CardRow]) -> CardRow:
    return max(rows, key=lambda row: (row.is_suspect, abs(row.points)))


def _card_rows(
    line: Mapping[str, Any], card: Scorecard, untouched: pd.DataFrame | None
) -> list[CardRow]:
    """The rows of a line; one without leads has no points that count."""
    counts, labels = np.array(line["counts"]), line["labels"]
    there = np.zeros(len(labels), dtype=int)
    if untouched is not None:
        there = np.bincount(card.axes[line["name"]].bins(untouched), minlength=len(labels))
    rows = []
    for label, points, count, same in zip(labels, line["points"], counts, there, strict=True):
        share = count / max(counts.sum(), 1)
        late = late_points(points, share, (int(same), int(there.sum())), card.base_rate)
        rows.append(CardRow(line["words"], label, points if count else 0, late))
    return rows


def _auc(y: Array, score: Array, weights: Array | None) -> float:
    from sklearn.metrics import roc_auc_score

    if len(np.unique(y)) < 2:
        return float("nan")
    return float(roc_auc_score(y, score, sample_weight=weights))
