"""How fast a definition is evaluated: a million leads, twenty criteria, missing values.

It is compared with the same rules written by hand in numpy, which need no file, know no third value
and cannot say what failed. The limit is two seconds for a million leads.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.timing import shortest_time
from model.serving import Definition

ROWS = int(os.environ.get("LEADREADY_BENCH_LEADS", "1_000_000"))
LIMIT = 2.0  # seconds for a million leads
NUMBERS, CATEGORIES = 14, 6  # criteria of each kind
TITLES = ("student", "manager", "director", "vp", "c_level")
Array = npt.NDArray[Any]


def twenty_criteria() -> dict[str, Any]:
    """Write rules of twenty criteria: fourteen, one of a group of five, and a never-rule."""
    ready: list[dict[str, Any]] = [
        {"id": f"n{number}", "feature": f"n{number}", "at_least": 5} for number in range(NUMBERS)
    ]
    bosses = [
        {"id": f"c{number}", "feature": f"c{number}", "one_of": ["director", "vp"]}
        for number in range(CATEGORIES - 1)
    ]
    student = {"id": "student", "feature": f"c{CATEGORIES - 1}", "equals": "student"}
    return {"ready_when": {"all": [*ready, {"any": bosses}]}, "never_when": [student]}


def leads_with_missing_cells(rows: int = ROWS) -> pd.DataFrame:
    """Make a table with a tenth of all cells missing, and text as feature building returns it."""
    rng = np.random.default_rng(0)
    columns: dict[str, Any] = {}
    for number in range(NUMBERS):
        values = rng.poisson(12, rows).astype("float64")
        columns[f"n{number}"] = np.where(rng.random(rows) < 0.1, np.nan, values)
    titles = np.array([*TITLES, None], dtype="object")
    for number in range(CATEGORIES):
        columns[f"c{number}"] = titles[rng.choice(6, rows, p=[0.1, 0.3, 0.2, 0.2, 0.1, 0.1])]
    return pd.DataFrame(columns)


def verdicts_by_hand(X: pd.DataFrame) -> Array:
    """Evaluate the same rules in plain numpy, two-valued: a missing value fails."""
    ready = np.ones(len(X), bool)
    for number in range(NUMBERS):
        ready &= X[f"n{number}"].to_numpy() >= 5
    boss = np.zeros(len(X), bool)
    for number in range(CATEGORIES - 1):
        values = X[f"c{number}"].to_numpy("object")
        boss |= (values == "director") | (values == "vp")
    last = X[f"c{CATEGORIES - 1}"]
    allowed = (last.to_numpy("object") != "student") & last.notna().to_numpy()
    return np.asarray(ready & boss & allowed)


def main() -> int:
    """Measure both and print the times; return 1 if the limit is exceeded or verdicts differ."""
    X, agreed = leads_with_missing_cells(), Definition.from_dict(twenty_criteria())
    same = (agreed.evaluate(X).code == 2) == verdicts_by_hand(X)
    rules, plain = (
        shortest_time(lambda: agreed.evaluate(X)),
        shortest_time(lambda: verdicts_by_hand(X)),
    )
    per_million = rules * 1e6 / len(X)
    print(f"{len(X):,} leads, {len(agreed.criteria)} criteria, same verdicts: {same.all()}")
    print(f"the definition            {rules:>8.2f} s, with failed and missing criteria")
    print(f"plain numpy, two-valued   {plain:>8.2f} s")
    print(f"ratio                     {rules / plain:>8.2f}")
    print(f"for a million leads       {per_million:>8.2f} s (limit: {LIMIT:g})")
    return 0 if per_million <= LIMIT and same.all() else 1


if __name__ == "__main__":
    sys.exit(main())
