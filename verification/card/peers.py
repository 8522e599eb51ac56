"""Compare the card with models as their libraries come, on the same features and the same leads.

    python -m verification.card.peers [WORKSPACE ...]

Each workspace is split as its own evaluation says. Beside the card, histogram gradient boosting and
logistic regression of scikit-learn learn from the same leads, and LightGBM and CatBoost where they
are installed (they are not among the dependencies). Without workspaces, these are the examples, a
bank's calls (``LEADREADY_DATA`` names the folder of the data), simulated companies, and tables
without dates with planted wins (``--flat``: these alone).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from features.families.feature import Feature
from features.text import number
from pipelines.snapshot import Snapshot, read_snapshot
from pipelines.train.fit import fit
from verification.card.company import CARD
from verification.card.flat_sets import write_flat_workspaces
from verification.card.selections import company_settings, simulate_workspace
from verification.estimates import Check, checks_text
from verification.level import INPUTS, write_bank_workspace

Array = npt.NDArray[Any]
EXAMPLES = ("itschool_crm", "marketstar", "x_education")
COMPANIES = 6
NEAR = 0.005  # AUC that the card may lose to the best of the peers
MISSING, RARE, MOST_CATEGORIES = "(missing)", 10, 250
INDICES = ("emp.var.rate", "cons.price.idx", "cons.conf.idx", "euribor3m", "nr.employed")
BUT_DURATION = {
    "number": (*INPUTS["number"], "pdays", *INDICES),
    "category": (*INPUTS["category"], "month"),
}


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
    scaled = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    named = OneHotEncoder(handle_unknown="ignore", min_frequency=RARE)
    columns = make_column_transformer(
        (scaled, list(train.numbers)), (named, list(train.categories))
    )
    model = make_pipeline(columns, LogisticRegression(max_iter=2_000)).fit(train.table, train.y)
    return np.asarray(model.decision_function(test.table))


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


def peer_aucs(snapshot: Snapshot) -> dict[str, float]:
    """Train the card and its peers, and give the AUC of each on the test leads."""
    trained = fit(snapshot, snapshot.definition())
    X, y, split = snapshot.labelled.X, trained.data.y.astype(int), trained.split
    learned = X[split.train]
    varying = [feature for feature in trained.data.features if learned[feature.name].nunique() > 1]
    train, test = (leads_of(X[side], y[side], varying) for side in (split.train, split.test))
    odds = {name: learner(train, test) for name, learner in installed_peers().items()}
    odds = {CARD: trained.card.log_odds(trained.test_X)} | odds
    return {name: float(roc_auc_score(test.y, found)) for name, found in odds.items()}


def peers_check(name: str, aucs: Mapping[str, float]) -> Check:
    """Compare the card with the best of its peers.

    Examples
    --------
    >>> check = peers_check("acme", {CARD: 0.76, "CatBoost": 0.77})
    >>> check.required, check.passed
    ('at least 0.765', False)
    """
    least = max(auc for peer, auc in aucs.items() if peer != CARD) - NEAR
    result = ", ".join(f"{peer} {number(auc, 3)}" for peer, auc in aucs.items())
    return Check(name, result, f"at least {number(least, 3)}", aucs[CARD] >= least)


def flat_sets(folder: Path) -> Iterator[tuple[str, Snapshot]]:
    """Read the tables without dates."""
    for name, workspace in write_flat_workspaces(folder):
        yield name, read_snapshot(workspace)


def usual_sets(companies: int, folder: Path) -> Iterator[tuple[str, Snapshot]]:
    """Read the examples and the bank's calls where their data is, and simulate companies."""
    if data := os.environ.get("LEADREADY_DATA"):
        for name in EXAMPLES:
            yield name, read_snapshot(Path("examples") / name)
        for name, inputs in (("bank, 12 inputs", INPUTS), ("bank, no duration", BUT_DURATION)):
            bank = folder / name
            bank.mkdir()
            yield name, read_snapshot(write_bank_workspace(Path(data), bank, inputs))
    for place in range(companies):
        simulated = simulate_workspace(company_settings(place), folder / f"company {place}")
        yield f"simulated company {place}", simulated.snapshot
    yield from flat_sets(folder)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 1 if the card is worse somewhere than its peers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspaces", nargs="*", type=Path, metavar="WORKSPACE")
    parser.add_argument("--companies", type=int, default=COMPANIES)
    parser.add_argument("--flat", action="store_true", help="only the tables without dates")
    options = parser.parse_args(arguments)
    checks = []
    with tempfile.TemporaryDirectory(prefix="leadready-") as made:
        folder = Path(made)
        usual = flat_sets(folder) if options.flat else usual_sets(options.companies, folder)
        given = ((str(path), read_snapshot(path)) for path in options.workspaces)
        for name, snapshot in given if options.workspaces else usual:
            print(name, file=sys.stderr, flush=True)
            checks.append(peers_check(name, peer_aucs(snapshot)))
    print(checks_text(checks))
    return 0 if all(check.passed for check in checks) else 1


if __name__ == "__main__":
    sys.exit(main())
