"""The black box that the candidates are measured against: what would more freedom add?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.families.feature import Feature
from model.training.bins import Axis, base_odds, frequent, learnable, that_count

Array = npt.NDArray[Any]
LARGEST = 1e300  # number that the black box, which halves sums, can take for infinite


class BlackBox:
    """Gradient boosting (scikit-learn): what would a model add that nobody can read?

    It is trained and measured beside the candidates and never served.
    """

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
        """Learn by histogram gradient boosting of small trees, which do best on earlier folds."""
        from sklearn.ensemble import HistGradientBoostingClassifier

        X, y, sample_weight, _ = that_count(X, y, sample_weight, groups)
        kept, self.left_out = learnable(X, features)
        self._axes = [
            Axis(one.name, categories=frequent(X[one.name])[:250])
            if one.kind == "category"
            else Axis(one.name, cuts=np.zeros(0))
            for one in kept
        ]
        self._base = base_odds(y, sample_weight)
        if not kept:
            return self
        self.estimator = HistGradientBoostingClassifier(
            learning_rate=0.03,
            max_iter=200,
            max_leaf_nodes=4,
            min_samples_leaf=30,
            l2_regularization=5.0,
            categorical_features=[one.kind == "category" for one in kept],
            random_state=seed,
        )
        self.estimator.fit(self._encode(X), y, sample_weight=sample_weight)
        return self

    def log_odds(self, X: pd.DataFrame) -> Array:
        """Log-odds of a win, one for each lead."""
        if not self._axes:
            return np.full(len(X), self._base)
        found: Array = self.estimator.decision_function(self._encode(X))
        return found

    def _encode(self, X: pd.DataFrame) -> Array:
        columns = []
        for axis in self._axes:
            if axis.categories is None:
                numbers = X[axis.feature].to_numpy(np.float64, na_value=np.nan)
                columns.append(np.clip(numbers, -LARGEST, LARGEST))
            else:
                place = axis.bins(X).astype(float) - 2
                columns.append(np.where(place < 0, np.nan, place))
        return np.column_stack(columns)
