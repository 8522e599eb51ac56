"""Models as their libraries come, to compare the card with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from features.families.feature import Feature

Array = npt.NDArray[Any]
MISSING, RARE, MOST_CATEGORIES = "(missing)", 10, 250


class Leads(NamedTuple):
    """Leads to learn from or to test on, with missing categories by name."""

    numbers: pd.DataFrame
    categories: pd.DataFrame
    y: Array

    @property
    def table(self) -> pd.DataFrame:
        """Numbers and categories side by side."""
        return pd.concat([self.numbers, self.categories], axis=1)


Learner = Callable[[Leads, Leads], Array]


def leads_of(X: pd.DataFrame, y: Array, features: Sequence[Feature]) -> Leads:
    """Give the peers what the card sees, without numbers that are the same for all leads.

    Examples
    --------
    >>> features = [Feature("size", "size", "firmographic", "number"),
    ...             Feature("source", "source", "origin", "category")]
    >>> X = pd.DataFrame({"size": [10, None], "source": ["web", None]})
    >>> leads_of(X, np.array([0, 1]), features).table.to_numpy().tolist()
    [[10.0, 'web'], [nan, '(missing)']]
    """
    numbers = [feature.name for feature in features if feature.kind == "number"]
    names = [feature.name for feature in features if feature.kind == "category"]
    texts = X[names].astype(object)
    return Leads(X[numbers].astype("float64"), texts.where(texts.notna(), MISSING).astype(str), y)


def logistic_regression(train: Leads, test: Leads) -> Array:
    """Logistic regression on scaled numbers and a column for each category that is not rare."""
    return np.asarray(_regression(train).decision_function(test.table))


def _regression(train: Leads) -> Any:
    scaled = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    named = OneHotEncoder(handle_unknown="ignore", min_frequency=RARE)
    columns = make_column_transformer(
        (scaled, list(train.numbers)), (named, list(train.categories))
    )
    model = make_pipeline(columns, LogisticRegression(max_iter=2_000))
    return model.fit(train.table, train.y)


def strongest_features(leads: Leads, most: int) -> list[str]:
    """List the features that move the log-odds of logistic regression most.

    Examples
    --------
    >>> numbers = pd.DataFrame({"a": [0.0, 1, 0, 1] * 50, "b": [0.0, 0, 1, 1] * 50})
    >>> strongest_features(Leads(numbers, numbers[[]], np.array([0, 0, 1, 1] * 50)), 1)
    ['b']
    """
    model, table = _regression(leads), leads.table
    odds = model.decision_function(table)
    moved = {}
    for name in table:
        level = table.assign(**{str(name): [table[name].iloc[0]] * len(table)})
        moved[str(name)] = float(np.std(odds - model.decision_function(level)))
    return sorted(moved, key=lambda name: -moved[name])[:most]


def histogram_boosting(train: Leads, test: Leads) -> Array:
    """Histogram gradient boosting of scikit-learn."""
    learned, tested = _coded(train, test)
    names = list(train.categories)
    model = HistGradientBoostingClassifier(categorical_features=names, random_state=0)
    return np.asarray(model.fit(learned, train.y).decision_function(tested))


def light_gbm(train: Leads, test: Leads) -> Array:
    """LightGBM."""
    model = import_module("lightgbm").LGBMClassifier(verbose=-1, random_state=0, n_jobs=1)
    kinds = {str(name): "category" for name in train.categories}
    learned, tested = (table.astype(kinds) for table in _coded(train, test))
    return np.asarray(model.fit(learned, train.y).predict_proba(tested)[:, 1])


def cat_boost(train: Leads, test: Leads) -> Array:
    """CatBoost."""
    model = import_module("catboost").CatBoostClassifier(
        verbose=0,
        random_seed=0,
        thread_count=1,
        allow_writing_files=False,
        cat_features=list(train.categories),
    )
    return np.asarray(model.fit(train.table, train.y).predict_proba(test.table)[:, 1])


def installed_peers() -> dict[str, Learner]:
    """List the peers that are installed."""
    peers: dict[str, Learner] = {
        "logistic regression": logistic_regression,
        "histogram boosting": histogram_boosting,
    }
    optional: dict[str, tuple[str, Learner]] = {
        "LightGBM": ("lightgbm", light_gbm),
        "CatBoost": ("catboost", cat_boost),
    }
    found = {name: learner for name, (module, learner) in optional.items() if find_spec(module)}
    return peers | found


def _coded(train: Leads, test: Leads) -> list[pd.DataFrame]:
    """Number the categories, the most frequent ones where there are too many to number."""
    coder = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=MOST_CATEGORIES,
        max_categories=MOST_CATEGORIES,
    )
    coder = coder.fit(train.categories) if train.categories.shape[1] else None
    tables = []
    for leads in (train, test):
        table = leads.numbers.copy()
        if coder is not None:
            table[leads.categories.columns] = coder.transform(leads.categories)
        tables.append(table)
    return tables


def on_a_page(train: Leads, test: Leads, lines: int, rows: int) -> tuple[Leads, Leads]:
    """Leave as many features as a card has lines, and as many values of each as a line has rows.

    The strongest features stay. Numbers are cut at quantiles of the training leads, and a row has
    the mean of their values.

    Examples
    --------
    >>> numbers = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [1.0, 1, 1, 1]})
    >>> leads = Leads(numbers, numbers[[]], np.array([0, 0, 1, 1]))
    >>> on_a_page(leads, leads, lines=1, rows=2)[1].numbers["a"].tolist()
    [1.5, 1.5, 3.5, 3.5]
    """
    few = strongest_features(train, lines)
    shares = np.linspace(0, 1, rows // lines + 1)[1:-1]
    numbers: list[dict[str, Array]] = [{}, {}]
    for name in train.numbers.columns.intersection(few):
        learned = train.numbers[name]
        cuts = np.unique(learned.quantile(shares))
        means = learned.groupby(np.searchsorted(cuts, learned, side="right")).mean()
        for side, leads in zip(numbers, (train, test), strict=True):
            values = leads.numbers[name]
            rows_of = pd.Series(np.searchsorted(cuts, values, side="right"))
            side[str(name)] = rows_of.map(means).where(values.notna().to_numpy()).to_numpy()
    categories = list(train.categories.columns.intersection(few))
    pages = (
        Leads(pd.DataFrame(side, index=leads.table.index), leads.categories[categories], leads.y)
        for side, leads in zip(numbers, (train, test), strict=True)
    )
    return next(pages), next(pages)
