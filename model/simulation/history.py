"""Past leads: their features when they were judged, and their outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.families.feature import Feature
from model.serving import Definition
from model.simulation.once_per_lead import is_panel
from model.training.splits import account_or_person

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
WEEK = pd.Timedelta(days=7)


def _empty() -> Array:
    return np.empty(0, dtype=object)


@dataclass(frozen=True)
class History:
    """Past leads with what was known when they were judged, and their outcomes.

    Attributes
    ----------
    rows : DataFrame, shape (n, …)
        ``lead_id, person_id, account_id, as_of``; ``order, mature_at`` where leads are split.
    X : DataFrame, shape (n, …)
        Their features.
    won : array, shape (n,)
        1 won, 0 not won, NaN where the outcome is unknown.
    features : sequence of Feature
        What the columns of ``X`` mean, except those of days.
    why_unknown : array of str or None, shape (n,)
        Why the outcome is unknown; default: not recorded.
    rejection_reason : array of str or None, shape (n,)
        Why sales rejected the lead, in the terms of `features.labels.rejection_reasons`; default:
        not recorded.
    weights : array, shape (n,)
        How many leads each represents when win rates are compared; default: 1.
    day_features : sequence of Feature
        What the columns of days mean: rules can ask for them, but leads are not compared by them.
    """

    rows: pd.DataFrame
    X: pd.DataFrame
    won: Array
    features: Sequence[Feature]
    why_unknown: Array = field(default_factory=_empty)
    rejection_reason: Array = field(default_factory=_empty)
    weights: Array = field(default_factory=_empty)
    day_features: Sequence[Feature] = ()

    def __post_init__(self) -> None:
        """Fill in what was not recorded, and a weight of 1 for every lead."""
        unrecorded = np.full(len(self.won), None, dtype=object)
        for name, default in (
            ("why_unknown", unrecorded),
            ("rejection_reason", unrecorded),
            ("weights", np.ones(len(self.won))),
        ):
            if not len(getattr(self, name)):
                object.__setattr__(self, name, default)

    @property
    def labelled(self) -> Mask:
        """Which outcomes are known."""
        return np.asarray(np.isfinite(self.won))

    @cached_property
    def accounts(self) -> Array:
        """A number for the account of each lead (or for the person, without an account)."""
        return np.asarray(pd.factorize(account_or_person(self.rows))[0])

    @cached_property
    def is_panel(self) -> bool:
        """Whether some lead is judged more than once."""
        return is_panel(self.rows)

    @property
    def leads(self) -> int:
        """The number of leads; smaller than the number of rows in a panel."""
        return int(self.rows["lead_id"].nunique())

    @property
    def words(self) -> dict[str, str]:
        """The name of each feature for people."""
        return {feature.name: feature.words for feature in (*self.features, *self.day_features)}

    @property
    def weeks(self) -> float | None:
        """Weeks from the first moment to the last, at least 1; None without dates."""
        return weeks_between(self.rows["as_of"])

    def subset(self, which: Mask) -> History:
        """Keep some of the leads."""
        return replace(
            self,
            rows=self.rows[which].reset_index(drop=True),
            X=self.X[which].reset_index(drop=True),
            won=self.won[which],
            why_unknown=self.why_unknown[which],
            rejection_reason=self.rejection_reason[which],
            weights=self.weights[which],
        )


def weeks_between(moments: pd.Series[Any]) -> float | None:
    """Weeks from the first moment to the last, at least 1; None without dates.

    Examples
    --------
    >>> weeks_between(pd.Series(pd.to_datetime(["2024-01-15", "2024-01-01", None])))
    2.0
    """
    first, last = moments.min(), moments.max()
    return None if pd.isna(first) or first == last else float(max((last - first) / WEEK, 1.0))


def verdict_codes(definition: Definition, X: pd.DataFrame) -> Array:
    """Give the verdict of the rules on each lead, as a position in ``VERDICTS``."""
    return np.asarray(definition.codes(X))
