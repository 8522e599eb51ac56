"""The later leads of a test, as they would have been predicted if the level had been kept up.

A company moves the level between trainings with ``leadready level``. Here it is moved through the
test in order of time, each time with the outcomes that were mature by then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.training.level import LaterOutcomes, keep_level
from model.training.metrics import TINY
from model.training.splits import Split, account_or_person
from pipelines.labelled import Labelled

Array = npt.NDArray[Any]


class KeptLevel(NamedTuple):
    """Predictions for the test leads with the level kept up.

    Attributes
    ----------
    probability : array, shape (n_test,)
    moves : int
        How often the level was moved.
    """

    probability: Array
    moves: int


def with_level_kept(
    labelled: Labelled, parts: Split, probability: Callable[[pd.DataFrame], Array]
) -> KeptLevel:
    """Predict the test leads of a split as if the level had been kept up.

    Parameters
    ----------
    labelled : Labelled
        All leads with a known outcome.
    parts : Split
        The leads that the model learned from, and those that it is tested on, with weights.
    probability : callable
        The model: features to probabilities.

    Returns
    -------
    KeptLevel
        As predicted by the model where leads have neither dates nor an order, or outcomes never
        mature.
    """
    times = _times_of(labelled, parts)
    if times is None:
        return KeptLevel(probability(labelled.X[parts.test].reset_index(drop=True)), 0)
    judged_at, known_at = times
    between = judged_at > judged_at[parts.train].max()
    between &= (judged_at < judged_at[parts.test].min()) & ~parts.train & ~np.isnan(known_at)
    places = np.flatnonzero(parts.test | between)
    places = places[np.argsort(judged_at[places], kind="stable")]
    p = np.clip(probability(labelled.X.iloc[places].reset_index(drop=True)), TINY, 1 - TINY)
    log_odds = np.log(p / (1 - p))
    shifts = keep_level(
        LaterOutcomes(
            log_odds,
            labelled.y[places],
            None if parts.weights is None else parts.weights[places],
            account_or_person(labelled.rows.iloc[places]).to_numpy(),
        ),
        judged_at[places],
        known_at[places],
        first=int(between.sum()),
    )
    kept = np.zeros(len(labelled.y))
    kept[places] = 1 / (1 + np.exp(-(log_odds + shifts)))
    return KeptLevel(kept[parts.test], int((np.diff(shifts, prepend=0.0) != 0).sum()))


def _times_of(labelled: Labelled, parts: Split) -> tuple[Array, Array] | None:
    """Give when each lead was judged and its outcome known; in order, outcomes are known at once.

    Times are in seconds, NaN where unknown.
    """
    rows = labelled.rows
    if parts.how == "in order":
        order = rows["order"].to_numpy(dtype="float64")
        return order, order
    if parts.test_from is None or rows["mature_at"][parts.test].isna().any():
        return None
    epoch = pd.Timestamp(0)
    judged_at, known_at = (
        ((rows[name] - epoch) / pd.Timedelta(seconds=1)).to_numpy(dtype="float64")
        for name in ("as_of", "mature_at")
    )
    return judged_at, known_at
