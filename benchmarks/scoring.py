"""How fast leads are scored, compared with ``predict_proba`` of a boosted model alone.

An explainable boosting model of thirty features, more than a card has, is compiled to a scorecard
and served. Scoring includes all that a scoring job does: probability, points, grade, level, the
rules' verdict, decision and the top three reasons in words. Both score the same rows in the same
run. The ratio of their throughputs is printed, with the memory that scoring took. It was 0.68 when
all features were served, and may not fall clearly below.

Then the same leads are read from a Parquet file, scored, and written to another one, with reasons.
This is compared with scoring alone.
"""

from __future__ import annotations

import sys
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.timing import shortest_time
from features.families.feature import Feature, Kind
from model.estimators.boosting import FullBoosting
from model.serving import Definition, Scorecard, score_chunks
from model.training.compile_scorecard import compile_scorecard
from pipelines.table_files.write import write_chunks

LEAST_OF_SCORING = 0.4  # of the throughput of scoring alone, from Parquet to Parquet
LEAST = 0.5  # of the throughput of the estimator; on a busy machine the ratio varies by 0.1
NUMBERS, CATEGORIES = 20, 10
AGREED = {
    "version": 1,
    "ready_when": {
        "all": [
            {"id": "size", "feature": "number_0", "at_least": 0.5},
            {"id": "active", "feature": "number_1", "at_least": 1},
            {
                "any": [
                    {
                        "id": f"kind-{place}",
                        "feature": f"category_{place}",
                        "one_of": ["a", "b", "c"],
                    }
                    for place in range(4)
                ]
            },
        ]
    },
    "never_when": [{"id": "student", "feature": "category_5", "equals": "d"}],
    "handoff": {"decide_by": "review", "explore": 0.05},
}


def thirty_features() -> list[Feature]:
    """Declare thirty features: amounts, counts and categories, of all families in turn."""
    families = ("firmographic", "role", "origin", "engagement")

    def feature(name: str, place: int, kind: Kind) -> Feature:
        return Feature(name, name.replace("_", " "), families[place % 4], kind)

    return [
        *(feature(f"number_{place}", place, "number") for place in range(NUMBERS)),
        *(feature(f"category_{place}", NUMBERS + place, "category") for place in range(CATEGORIES)),
    ]


def random_leads(rows: int, seed: int) -> pd.DataFrame:
    """Draw leads at random; a tenth of every feature is missing."""
    random = np.random.default_rng(seed)
    columns: dict[str, Any] = {}
    for place in range(NUMBERS):
        counts = random.poisson(2, rows).astype(float)
        values = random.lognormal(0, 1, rows) if place % 2 == 0 else counts
        columns[f"number_{place}"] = np.where(random.random(rows) < 0.1, np.nan, values)
    for place in range(CATEGORIES):
        words = np.array([chr(ord("a") + number) for number in range(4 + 2 * place)], dtype=object)
        values = words[random.integers(0, len(words), rows)]
        values[random.random(rows) < 0.1] = None
        columns[f"category_{place}"] = values
    objects = {name: "object" for name in columns if name.startswith("category")}
    return pd.DataFrame(columns).astype(objects)


def random_outcomes(X: pd.DataFrame, seed: int) -> Any:
    """Draw outcomes that depend on some features."""
    drive = 0.6 * X["number_0"].fillna(1) - 0.4 * X["number_1"].fillna(2)
    drive += np.where(X["category_2"].isin(["a", "b"]), 0.8, 0) - 1.5
    chance = 1 / (1 + np.exp(-drive))
    return (np.random.default_rng(seed).random(len(X)) < chance).astype(int)


def trained_models(rows: int = 20_000, seed: int = 0) -> tuple[Any, Scorecard]:
    """Fit interpret's estimator, and a scorecard of the same kind of model."""
    from interpret.glassbox import ExplainableBoostingClassifier

    X, features = random_leads(rows, seed), thirty_features()
    y = random_outcomes(X, seed)
    full = FullBoosting().fit(X, y, features=features, directions={}, seed=seed)
    intercept, terms = full.terms()
    cuts = [term.binning.cuts for term in full.terms_]
    estimator = ExplainableBoostingClassifier(
        feature_types=["nominal" if edges is None else edges.tolist() for edges in cuts],
        interactions=0,
        outer_bags=1,
        n_jobs=1,
        random_state=seed,
    )
    content = compile_scorecard(
        intercept,
        terms,
        features,
        X,
        y,
        calibration=(1.0, 0.0),
        base_rate=float(y.mean()),
        candidate_name=full.name,
        wanted=[feature.name for feature in features],
    )
    return estimator.fit(X, y), Scorecard.from_dict(content)


def score_all(X: pd.DataFrame, card: Scorecard, agreed: Definition) -> int:
    """Score every lead, chunk by chunk, and return the count."""
    return sum(len(chunk) for chunk in score_chunks(X, card, agreed, model_version=1))


def score_file(leads: Path, scores: Path, card: Scorecard, agreed: Definition) -> None:
    """Score every lead of a Parquet file into another one."""
    X = pd.read_parquet(leads)
    write_chunks(score_chunks(X, card, agreed, model_version=1), scores, "parquet")


def file_ratio(X: pd.DataFrame, card: Scorecard, agreed: Definition, alone: float) -> float:
    """Print the throughput from Parquet to Parquet; return its ratio to that of scoring alone."""
    with tempfile.TemporaryDirectory() as folder:
        leads, scores = Path(folder, "leads.parquet"), Path(folder, "scores.parquet")
        X.to_parquet(leads, index=False)
        files = len(X) / shortest_time(lambda: score_file(leads, scores, card, agreed))
    print(f"from Parquet to Parquet   {files:>12,.0f} leads a second")
    print(f"ratio to scoring alone    {files / alone:>12.2f} (limit: at least {LEAST_OF_SCORING})")
    return files / alone


def peak_memory(work: Callable[[], Any]) -> float:
    """Return the peak memory of Python and numpy during the work, in megabytes."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def main(rows: int = 1_000_000) -> int:
    """Print both throughputs, their ratio and the memory; return 1 if scoring is too slow."""
    estimator, card = trained_models()
    agreed = Definition.from_dict(AGREED)
    X = random_leads(rows, seed=1)
    X["lead_id"] = [f"lead-{row}" for row in range(rows)]
    served = rows / shortest_time(lambda: score_all(X, card, agreed))
    features = X.drop(columns="lead_id")
    bare = rows / shortest_time(lambda: estimator.predict_proba(features))
    print(f"leads                     {rows:>12,} with {len(card.terms)} terms")
    print(f"predict_proba alone       {bare:>12,.0f} leads a second")
    print(f"scored, decided, reasons  {served:>12,.0f} leads a second")
    print(f"ratio                     {served / bare:>12.2f} (limit: at least {LEAST})")
    of_scoring = file_ratio(X, card, agreed, served)
    taken = peak_memory(lambda: score_all(X, card, agreed))
    print(f"memory for scoring        {taken:>12,.0f} MB, chunk by chunk")
    return 0 if served / bare >= LEAST and of_scoring >= LEAST_OF_SCORING else 1


if __name__ == "__main__":
    sys.exit(main())
