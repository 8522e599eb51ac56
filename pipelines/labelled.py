"""The judged leads whose outcome is known: what a training learns from and is tested on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.labels.outcomes import UNKNOWN, WON
from features.labels.recorded_history import CutOff


@dataclass(frozen=True, eq=False)
class Labelled:
    """The judged leads whose outcome is known: what a training learns from and is tested on.

    Attributes
    ----------
    rows : DataFrame
        ``lead_id, person_id, account_id, as_of, order, mature_at, known_at``.
    X : DataFrame
        Their features, same rows.
    y : array, shape (n,)
        1 for won, 0 for not won.
    places : array of int, shape (n,)
        Where these rows are among all rows of the snapshot.
    excluded : dict of str to int
        All other leads, by reason.
    """

    rows: pd.DataFrame
    X: pd.DataFrame
    y: npt.NDArray[Any]
    places: npt.NDArray[np.intp]
    excluded: dict[str, int]


def label_rows(
    moments: pd.DataFrame,
    features: pd.DataFrame,
    outcomes: pd.DataFrame,
    cut_off: CutOff,
    left_out: Mapping[str, int],
) -> Labelled:
    """Take the rows with a known outcome and a history that was recorded.

    Parameters
    ----------
    moments, features, outcomes : DataFrame
        Of the same rows.
    cut_off : CutOff
        Rows whose history was not recorded.
    left_out : mapping of str to int
        Leads without a moment, by reason.
    """
    label = outcomes["outcome"]
    places = np.flatnonzero((label != UNKNOWN) & ~cut_off.left_out)
    dates = {name: outcomes[name] for name in ("mature_at", "known_at")}
    reasons = outcomes["why_unknown"].value_counts()
    return Labelled(
        moments.assign(**dates).iloc[places].reset_index(drop=True),
        features.iloc[places].reset_index(drop=True),
        (label.iloc[places] == WON).to_numpy(dtype="float64"),
        places,
        {
            **left_out,
            **{str(reason): int(count) for reason, count in reasons.items()},
            **cut_off.excluded,
        },
    )
