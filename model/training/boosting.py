"""Boosting: explainable boosting, a candidate, and the black box that it is compared with.

Explainable boosting fits one table for each feature, in turns and bin by bin. The black box may
combine features freely; it shows what more freedom would add, and is never served.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.families.feature import Feature
from model.training.bins import (
    Binning,
    Term,
    base_log_odds,
    binomial_errors,
    direction_of,
    drop_weightless,
    feature_cuts,
    frequent_categories,
    learnable_features,
    merge_equal_bins,
    monotone,
    total_log_odds,
)
from model.training.intervals import design_factor

Array = npt.NDArray[Any]
RARE = "\0other"  # stands for all rare categories in training
SHARES, SLACK = tuple(np.arange(1, 32) / 32), 0.4 / 32  # shares of the leads below the cuts
BAGS = 8
LEARNING_RATE = 0.005
MAX_ROUNDS = 50_000  # of each bag; early stopping ends most of them long before
TREES = 200  # of the black box
HELD_OUT = 0.15  # of the groups, for early stopping
LARGEST = 1e300  # the black box halves sums, and takes larger numbers for infinite


class ExplainableBoosting:
    """Boosted one-feature tables (interpret-core), without interactions.

    Parameters
    ----------
    bags : int, optional
        Number of models that are averaged, ``BAGS`` by default. Their spread is not
        used as a standard error: intervals made from it cover the truth in only 2 of 3 cases.
    n_jobs : int
        Number of processes to train them in.

    Examples
    --------
    >>> X = pd.DataFrame({"visits": np.arange(400.0) % 8})
    >>> visits = Feature("visits", "visits", "engagement", "number")
    >>> fitted = ExplainableBoosting(bags=2).fit(X, X["visits"] > 3, features=[visits])
    >>> odds = fitted.log_odds(pd.DataFrame({"visits": [1, 6]}))
    >>> bool(odds[0] < 0 < odds[1])
    True
    """

    name: ClassVar[str] = "explainable boosting"

    def __init__(self, *, bags: int | None = None, n_jobs: int = 1) -> None:
        self.bags = BAGS if bags is None else bags
        self.n_jobs = n_jobs

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
        """Fit, then read the tables off the estimator."""
        X, y, sample_weight, groups = drop_weightless(X, y, sample_weight, groups)
        self.features_, self.left_out = learnable_features(X, features)
        self.categories_ = {
            feature.name: frequent_categories(X[feature.name])
            for feature in self.features_
            if feature.kind == "category"
        }
        self.intercept_, self.terms_ = base_log_odds(y, sample_weight), list[Term]()
        if not self.features_:
            return self
        signs = [direction_of(feature, directions) for feature in self.features_]
        self.estimator = self._new_estimator(X, signs, seed)
        bags = _grouped_bags(groups, self.bags, seed)
        with warnings.catch_warnings():  # that its own plots cannot show missing values
            warnings.filterwarnings("ignore", "Missing values detected")
            self.estimator.fit(
                self._encode(X, rare=RARE), y, sample_weight=sample_weight, bags=bags
            )
        self.intercept_ = float(self.estimator.intercept_[0])
        self.terms_ = [
            self._read_term(place, feature, sign)
            for place, (feature, sign) in enumerate(zip(self.features_, signs, strict=True))
        ]
        p = 1 / (1 + np.exp(-total_log_odds(self.intercept_, self.terms_, X)))
        factor = design_factor(groups)
        self.terms_ = [
            replace(term, errors=binomial_errors(term, X, p, sample_weight) * factor)
            for term in self.terms_
        ]
        return self

    def _new_estimator(self, X: pd.DataFrame, signs: Sequence[int], seed: int) -> Any:
        from interpret.glassbox import ExplainableBoostingClassifier

        return ExplainableBoostingClassifier(
            feature_names=[feature.name for feature in self.features_],
            feature_types=[
                feature_cuts(feature, X, SHARES, SLACK).tolist()
                if feature.kind == "number"
                else "nominal"
                for feature in self.features_
            ],
            monotone_constraints=list(signs),
            learning_rate=LEARNING_RATE,
            max_rounds=MAX_ROUNDS,
            interactions=0,
            outer_bags=self.bags,
            n_jobs=self.n_jobs,
            random_state=seed,
        )

    def log_odds(self, X: pd.DataFrame) -> Array:
        """Log-odds of a win, by the estimator itself."""
        if not self.features_:
            return np.full(len(X), self.intercept_)
        unknown = f"{RARE} or unknown"  # to the estimator, a category that it never met
        return np.asarray(self.estimator.decision_function(self._encode(X, rare=unknown)))

    def terms(self) -> tuple[float, list[Term]]:
        """Return the intercept and the table of each feature."""
        return self.intercept_, [merge_equal_bins(term) for term in self.terms_]

    def _encode(self, X: pd.DataFrame, *, rare: str) -> pd.DataFrame:
        """Leave numbers as they are, and replace categories that are not frequent."""
        columns = {}
        for feature in self.features_:
            if feature.kind == "number":
                columns[feature.name] = X[feature.name].to_numpy(np.float64, na_value=np.nan)
            else:
                text = X[feature.name].astype(object)
                text = text.where(text.isin(self.categories_[feature.name]) | text.isna(), rare)
                columns[feature.name] = text.where(text.notna(), None).to_numpy(object)
        return pd.DataFrame(columns)

    def _read_term(self, place: int, feature: Feature, sign: int) -> Term:
        """Read a table off the estimator; the agreed direction is written back into it."""
        scores = self.estimator.term_scores_[place]
        bins = self.estimator.bins_[place][0]
        if feature.kind == "category":
            categories = self.categories_[feature.name]
            order = [0, -1, *(bins[name] for name in categories)]
            binning = Binning(feature.name, categories=categories)
            return Term(binning, np.array([scores[place] for place in order]))
        if sign:
            weights = self.estimator.bin_weights_[place]
            scores[:-1] = monotone(scores[:-1], weights[:-1], sign)
        return Term(Binning(feature.name, cuts=np.asarray(bins)), scores[:-1])


def _grouped_bags(groups: Array | None, bags: int, seed: int) -> Array | None:
    """Draw, for each bag, the groups to train on (1) and to stop by (-1).

    Without groups the estimator draws rows itself. With groups that would hold out rows of a lead
    that it also trains on.
    """
    if groups is None:
        return None
    codes, names = pd.factorize(groups)
    rng = np.random.default_rng(seed)
    ranks = np.array([rng.permutation(len(names)) for _ in range(bags)])
    return np.where(ranks < HELD_OUT * len(names), -1, 1)[:, codes].T.astype(np.int8)


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
