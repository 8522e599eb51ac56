"""The gate's checks that nothing is too good to be true.

What outweighs everything else is a leak more often than a discovery, also where the leak audit saw
nothing. So the gate asks for it by name. A strong column that was known at the moment passes once
the workspace says so; an AUC that no honest data reaches is confirmed by a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from features import text
from model.gate import CANNOT_TELL, CONFIRM, Gate, gate_result
from model.serving import Scorecard
from model.training.intervals import Interval

Array = npt.NDArray[Any]
MOST_POINTS = 30  # of a row of the card; 30 points are eight times the odds
MOST_AUC = 0.95
MOST_SHARE = 0.5  # of what the model's AUC exceeds 0.5 by


class ColumnWeight(NamedTuple):
    """What a column, or another source of features, weighs in a model.

    Attributes
    ----------
    source : str
        As in the catalogue of features, such as ``column: Industry``.
    words : str
        The words of its line with the most points.
    row, points : str, float
        The row with the most points of either sign.
    auc : float
        Of the points of all its lines together, on the test leads; NaN where that is unknown.
    """

    source: str
    words: str
    row: str
    points: float
    auc: float

    def findings(self, model: Interval) -> list[str]:
        """Say what is out of proportion, given the AUC of the model."""
        found = []
        if abs(self.points) > MOST_POINTS:
            row, points = text.quoted(self.row), text.signed(self.points)
            found.append(f"{self.words}: {row} has {points} points")
        # where the model may be no better than chance, shares of its AUC say nothing
        if model.value is not None and model.low is not None and model.low > 0.5:
            share = (self.auc - 0.5) / (model.value - 0.5)
            if share > MOST_SHARE:
                found.append(
                    f"AUC {text.number(self.auc)} alone, {text.percent(share)} of what the model's "
                    "has above 0.5"
                )
        return found


class Answer(NamedTuple):
    """How the workspace answers for a source of features.

    Attributes
    ----------
    name : str
        The column, or the events.
    given : bool
        Whether the workspace says that it was known at the moment.
    lines : str
        The lines of ``leadready.yaml`` that answer.
    """

    name: str
    given: bool
    lines: str


def column_weights(
    judged: Scorecard,
    served: Scorecard,
    sources: Mapping[str, str],
    X: pd.DataFrame,
    y: Array,
    weights: Array | None = None,
) -> list[ColumnWeight]:
    """Weigh each source of features: points as served, AUC as judged on the test leads.

    Parameters
    ----------
    judged, served : Scorecard
    sources : mapping
        Feature to its source.
    X, y, weights : DataFrame, array, array or None
        The test leads.
    """
    points, lines = judged.points(X), np.array([sources[line["name"]] for line in judged.lines])
    alone = {
        source: _auc(y, points[:, lines == source].sum(axis=1), weights) for source in set(lines)
    }
    largest: dict[str, ColumnWeight] = {}
    for line in served.lines:
        seen = np.array(line["counts"]) > 0
        row = int(np.argmax(np.abs(line["points"]) * seen))
        size, source = line["points"][row], sources[line["name"]]
        if source not in largest or abs(size) > abs(largest[source].points):
            auc = alone.get(source, float("nan"))
            words, label = line["words"], line["labels"][row]
            largest[source] = ColumnWeight(source, words, label, size, auc)
    return list(largest.values())


def _auc(y: Array, score: Array, weights: Array | None) -> float:
    from sklearn.metrics import roc_auc_score

    if len(np.unique(y)) < 2:
        return float("nan")
    return float(roc_auc_score(y, score, sample_weight=weights))


def columns_in_proportion(
    columns: Sequence[ColumnWeight], model: Interval, answers: Mapping[str, Answer]
) -> Gate:
    """Require an answer for every column that outweighs the others.

    Sources that the workspace has no line for, such as the activities of all kinds together, are
    confirmed by a person.

    Parameters
    ----------
    columns : sequence of ColumnWeight
    model : Interval
        The AUC of the model.
    answers : mapping
        Source to the workspace's answer.

    Examples
    --------
    >>> stage = ColumnWeight("column: Stage", "stage", "signed", 48, 0.58)
    >>> answer = Answer("Stage", False, "Stage: {…, known_at_moment: true}")
    >>> check = columns_in_proportion([stage], Interval(0.8, 0.7, 0.9), {"column: Stage": answer})
    >>> check.state, check.observed
    ('refused', "Stage (stage: 'signed' has +48 points)")
    """
    asked, unnamed, answered, lines = [], [], [], []
    for column in columns:
        if not (findings := column.findings(model)):
            continue
        answer = answers.get(column.source)
        said = f"{answer.name if answer else column.words} ({'; '.join(findings)})"
        if answer is None:
            unnamed.append(said)
        elif answer.given:
            answered.append(said)
        else:
            asked.append(said)
            lines.append(answer.lines)
    name = "no column too good to be true"
    required = (
        f"an answer for each row beyond {MOST_POINTS} points, and for each column with more than "
        f"{text.percent(MOST_SHARE)} of what the model's AUC has above 0.5"
    )
    if asked:
        hint = (
            f"was it known when the lead was judged? Answer in leadready.yaml: {'; '.join(lines)}"
        )
        return gate_result(name, False, "; ".join([*asked, *unnamed]), required, hint)
    if unnamed:
        hint = f"if it was known when the lead was judged: {CONFIRM}"
        return Gate(name, False, "; ".join(unnamed), required, hint, CANNOT_TELL)
    known = f"known at the moment: {'; '.join(answered)}"
    return gate_result(name, True, known if answered else "none outweighs the others", required)


def auc_in_proportion(model: Interval) -> Gate:
    """Ask a person to confirm an AUC above 0.95.

    Examples
    --------
    >>> auc_in_proportion(Interval(0.97, 0.95, 0.99)).state
    'cannot tell'
    """
    name = "AUC not too good to be true"
    observed, required = f"AUC {text.interval(*model, digits=3)}", f"at most {MOST_AUC:g}"
    if model.value is None or model.value <= MOST_AUC:
        return gate_result(name, True, observed, required)
    hint = (
        "look for features that were written after the lead was judged; if there are none: "
        f"{CONFIRM}"
    )
    return Gate(name, False, observed, required, hint, CANNOT_TELL)
