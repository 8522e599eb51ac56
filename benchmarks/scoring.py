"""How fast whole leads are scored, beside the bare probability of the estimator they came from.

An explainable boosting model is fitted, compiled to a scorecard and served. The served side does
all that a scoring job does: probability, points, grade, level, the rules' verdict, decision and the
top three reasons in words. The other side is ``predict_proba`` alone. Both see the same rows in the
same run, and the ratio of their throughputs is printed with the memory that scoring took.
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from features.families.feature import Feature
from model.serving import Definition, Scorecard, score_chunks
from model.training.boosting import ExplainableBoosting
from model.training.compile_scorecard import compile_scorecard

LEAST = 0.25  # of the estimator's own throughput
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


def declared() -> list[Feature]:
    """Thirty features: amounts, counts and categories, in turn of every family."""
    families = ("firmographic", "role", "origin", "engagement")
    numbers = [f"number_{place}" for place in range(NUMBERS)]
    named = [*numbers, *(f"category_{place}" for place in range(CATEGORIES))]
    kinds = ["number"] * NUMBERS + ["category"] * CATEGORIES
    return [
        Feature(name, name.replace("_", " "), families[place % 4], kind)  # type: ignore[arg-type]
        for place, (name, kind) in enumerate(zip(named, kinds, strict=True))
    ]


def leads(rows: int, seed: int) -> pd.DataFrame:
    """Make leads at random; a tenth of every feature is missing."""
    random = np.random.default_rng(seed)
    columns: dict[str, Any] = {}
    for place in range(NUMBERS):
        counts = random.poisson(2, rows).astype(float)
        values = random.lognormal(0, 1, rows) if place % 2 == 0 else counts
        columns[f"number_{place}"] = np.where(random.random(rows) < 0.1, np.nan, values)
    for place in range(CATEGORIES):
        words = np.array([chr(ord("a") + number) for number in range(4 + 2 * place)], dtype=object)
        told = words[random.integers(0, len(words), rows)]
        told[random.random(rows) < 0.1] = None
        columns[f"category_{place}"] = told
    objects = {name: "object" for name in columns if name.startswith("category")}
    return pd.DataFrame(columns).astype(objects)


def outcomes(X: pd.DataFrame, seed: int) -> Any:
    """Let some features drive who is won."""
    drive = 0.6 * X["number_0"].fillna(1) - 0.4 * X["number_1"].fillna(2)
    drive += np.where(X["category_2"].isin(["a", "b"]), 0.8, 0) - 1.5
    chance = 1 / (1 + np.exp(-drive))
    return (np.random.default_rng(seed).random(len(X)) < chance).astype(int)


def compiled(rows: int = 20_000, seed: int = 0) -> tuple[Any, Scorecard]:
    """Fit an explainable boosting model; give it bare, and compiled to a scorecard."""
    X, features = leads(rows, seed), declared()
    y = outcomes(X, seed)
    candidate = ExplainableBoosting().fit(X, y, features=features, directions={}, seed=seed)
    intercept, terms = candidate.terms()
    content = compile_scorecard(
        intercept,
        terms,
        features,
        X,
        y,
        calibration=(1.0, 0.0),
        base_rate=float(y.mean()),
        candidate_name=candidate.name,
    )
    bare = next(value for value in vars(candidate).values() if hasattr(value, "predict_proba"))
    return bare, Scorecard.from_dict(content)


def seconds(work: Callable[[], Any], times: int = 3) -> float:
    """Give the shortest of several runs: what the work takes when nothing else disturbs it."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def score(X: pd.DataFrame, card: Scorecard, agreed: Definition) -> int:
    """Score every lead, a chunk at a time, and keep only the count."""
    return sum(len(chunk) for chunk in score_chunks(X, card, agreed, model_version=1))


def memory(work: Callable[[], Any]) -> float:
    """Give the most memory that Python and numpy held at once for the work, in megabytes."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def main(rows: int = 1_000_000) -> int:
    """Print both throughputs, their ratio and the memory; 0 if the ratio is as wanted, else 1."""
    estimator, card = compiled()
    agreed = Definition.from_dict(AGREED)
    X = leads(rows, seed=1)
    X["lead_id"] = [f"lead-{row}" for row in range(rows)]
    served = rows / seconds(lambda: score(X, card, agreed))
    features = X.drop(columns="lead_id")
    bare = rows / seconds(lambda: estimator.predict_proba(features))
    print(f"leads                     {rows:>12,} with {len(card.terms)} terms")
    print(f"estimator, bare           {bare:>12,.0f} leads a second")
    print(f"scored, decided, reasons  {served:>12,.0f} leads a second")
    print(f"ratio                     {served / bare:>12.2f} (wanted: at least {LEAST})")
    taken = memory(lambda: score(X, card, agreed))
    print(f"memory for scoring        {taken:>12,.0f} MB, a chunk at a time")
    return 0 if served / bare >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
