"""The black box: gradient boosting that may combine features freely.

It shows what more freedom would add to the card. It is trained and measured, and never served.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.families.feature import Feature
from model.estimators.bins import (
    Binning,
    base_log_odds,
    drop_weightless,
    frequent_categories,
    learnable_features,
)

Array = npt.NDArray[Any]
TREES = 200
LARGEST = 1e300  # the estimator halves sums, and takes larger numbers for infinite


class BlackBox:
    """Gradient boosting (scikit-learn), trained and measured beside the candidates."""

    name: ClassVar[str] = "black box"

    def fit(
        self,
        X: pd.DataFrame,
        y: Any,
        *,
        features: Sequence[Feature],
        directions: Mapping[str, int] | None = None,
        sample_weight: Array | None = None,
        groups: Array | None = None,
        seed: int = 0,
    ) -> Self:
        """Fit histogram gradient boosting of small trees; directions do not bind it."""
        from sklearn.ensemble import HistGradientBoostingClassifier

        X, y, sample_weight, _ = drop_weightless(X, y, sample_weight, groups)
        kept, self.left_out = learnable_features(X, features)
        self.binnings_ = [
            Binning(feature.name, categories=frequent_categories(X[feature.name])[:250])
            if feature.kind == "category"
            else Binning(feature.name, cuts=np.zeros(0))
            for feature in kept
        ]
        self.intercept_ = base_log_odds(y, sample_weight)
        if not kept:
            return self
        self.estimator = HistGradientBoostingClassifier(
            learning_rate=0.03,
            max_iter=TREES,
            max_leaf_nodes=4,
            min_samples_leaf=30,
            l2_regularization=5.0,
            categorical_features=[feature.kind == "category" for feature in kept],
            random_state=seed,
        )
        self.estimator.fit(self._encode(X), y, sample_weight=sample_weight)
        return self

    def log_odds(self, X: pd.DataFrame) -> Array:
        """Log-odds of a win, one for each lead."""
        if not self.binnings_:
            return np.full(len(X), self.intercept_)
        return np.asarray(self.estimator.decision_function(self._encode(X)))

    def _encode(self, X: pd.DataFrame) -> Array:
        """Number the frequent categories; all others are missing."""
        columns = []
        for binning in self.binnings_:
            if binning.categories is None:
                numbers = X[binning.feature].to_numpy(np.float64, na_value=np.nan)
                columns.append(np.clip(numbers, -LARGEST, LARGEST))
            else:
                place = binning.bins(X).astype(float) - 2
                columns.append(np.where(place < 0, np.nan, place))
        return np.column_stack(columns)
