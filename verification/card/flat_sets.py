"""Tables of leads without dates, whose wins are planted in different ways.

Each is what a certain kind of learner is good at: straight lines, curves, many weak columns,
columns that only tell something next to others, many categories. Further leads of the same kind,
many more than a company would have, say how good a model is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[Any]
Planted = tuple[pd.DataFrame, Array]
WINS = 0.12  # share of the leads
FURTHER = 30_000  # leads to test on
STEPS = 60  # to find the level with that share
DEFINITION = """\
name: planted
version: 1
ready_when:
  - {id: high, feature: n0, at_least: 0}
"""


def straight_lines(rng: np.random.Generator, leads: int) -> Planted:
    """A few numbers count, each in proportion; wins are few."""
    numbers = rng.normal(size=(leads, 10))
    return _table(numbers), numbers @ np.r_[0.8, 0.5, 0.3, 0.2, np.zeros(6)]


def curves(rng: np.random.Generator, leads: int) -> Planted:
    """Numbers that level off, turn, or count from a point on; what is missing tells something."""
    numbers = rng.normal(size=(leads, 8))
    odds = 1.5 * np.tanh(1.5 * numbers[:, 0]) + 0.8 * np.abs(numbers[:, 1])
    odds += 0.7 * np.maximum(numbers[:, 2], 0) + 0.3 * numbers[:, 3]
    missing = rng.random(leads) < 0.3
    X = _table(numbers)
    X.loc[missing, "n4"] = np.nan
    return X, odds - 0.8 * missing


def many_weak(rng: np.random.Generator, leads: int) -> Planted:
    """Forty numbers that all count a little: more than a card has lines."""
    numbers = rng.normal(size=(leads, 40))
    return _table(numbers), numbers @ rng.normal(0, 0.25, 40)


def one_next_to_another(rng: np.random.Generator, leads: int) -> Planted:
    """A price says nothing alone; next to the size of what it buys, a high one loses."""
    size, noise = rng.normal(size=leads), rng.normal(size=(leads, 5))
    price = size + 0.5 * rng.normal(size=leads)
    numbers = np.column_stack([price, size, noise])
    return _table(numbers), 1.5 * size - 1.5 * price + 0.4 * noise[:, 0]


def common_causes(rng: np.random.Generator, leads: int) -> Planted:
    """Twenty noisy measurements of three things."""
    causes = rng.normal(size=(leads, 3))
    noise = 1.5 * rng.normal(size=(leads, 20))
    return _table(causes @ rng.normal(size=(3, 20)) + noise), causes @ [1.0, 0.7, 0.4]


def many_categories(rng: np.random.Generator, leads: int) -> Planted:
    """Four hundred cities, most of them rare, and a number."""
    shares = rng.dirichlet(np.full(400, 0.7))
    cities, number = rng.choice(400, leads, p=shares), rng.normal(size=leads)
    X = _table(number[:, None]).assign(city=[f"city {place}" for place in cities])
    return X, rng.normal(0, 0.9, 400)[cities] + 0.4 * number


def counts(rng: np.random.Generator, leads: int) -> Planted:
    """Counts of which half are zero and some are huge."""
    numbers = np.exp(1.5 * rng.normal(size=(leads, 8))).round(1)
    numbers[rng.random(numbers.shape) < 0.5] = 0
    return _table(numbers), np.log1p(numbers) @ np.r_[0.7, 0.5, 0.3, 0.2, 0.1, np.zeros(3)]


def together(rng: np.random.Generator, leads: int) -> Planted:
    """Two numbers count only together, which no card can say; others count alone."""
    numbers = rng.normal(size=(leads, 8))
    odds = 0.5 * numbers[:, 0] * numbers[:, 1] + 0.8 * numbers[:, 2] + 0.5 * numbers[:, 3]
    return _table(numbers), odds


FLAT_SETS: Mapping[str, tuple[Callable[[np.random.Generator, int], Planted], int]] = {
    "straight lines": (straight_lines, 2_000),
    "curves": (curves, 5_000),
    "many weak": (many_weak, 6_000),
    "one next to another": (one_next_to_another, 4_000),
    "common causes": (common_causes, 5_000),
    "many categories": (many_categories, 9_000),
    "counts": (counts, 8_000),
    "together": (together, 6_000),
}


def _table(numbers: Array) -> pd.DataFrame:
    return pd.DataFrame(numbers, columns=[f"n{place}" for place in range(numbers.shape[1])])


def drawn_wins(odds: Array, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Draw the outcomes of planted log-odds, at the level at which an eighth are won.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> round(float(drawn_wins(rng.normal(size=20_000), rng).mean()), 2)
    0.12
    """
    low, high = -20.0, 20.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        share = float((1 / (1 + np.exp(-odds - middle))).mean())
        low, high = (middle, high) if share < WINS else (low, middle)
    return np.asarray(rng.random(len(odds)) < 1 / (1 + np.exp(-odds - low)))


class FlatSet(NamedTuple):
    """A table without dates.

    Attributes
    ----------
    name : str
    workspace : Path
        Of the leads that a company would have.
    X, y : DataFrame, array of shape (n,)
        Further leads to test on, and their outcomes (1 for won).
    """

    name: str
    workspace: Path
    X: pd.DataFrame
    y: Array


def write_flat_sets(folder: Path, seed: int = 0) -> Iterator[FlatSet]:
    """Write each table as a workspace, one after the other."""
    for place, (name, (draw, leads)) in enumerate(FLAT_SETS.items()):
        rng = np.random.default_rng([seed, place])
        X, odds = draw(rng, leads + FURTHER)
        won = drawn_wins(odds, rng)
        workspace = folder / f"flat {place}"
        _write_workspace(workspace, X[:leads], won[:leads])
        further = X[leads:].reset_index(drop=True)
        yield FlatSet(name, workspace, further, won[leads:].astype(int))


def _write_workspace(workspace: Path, X: pd.DataFrame, won: Array) -> None:
    workspace.mkdir()
    ids = [f"L{number}" for number in range(len(X))]
    X.assign(id=ids, stage=np.where(won, "Won", "Lost")).to_csv(
        workspace / "leads.csv", index=False
    )
    columns = "".join(f"    {column}: {_meaning(X, column)}\n" for column in X)
    (workspace / "leadready.yaml").write_text(
        "name: planted\ndefinition: definition.yaml\n"
        f"leads:\n  file: leads.csv\n  id: id\n  columns:\n{columns}"
        "outcome:\n  won_when: {stage: [Won]}\n  lost_when: {stage: [Lost]}\n",
        encoding="utf-8",
    )
    (workspace / "definition.yaml").write_text(DEFINITION, encoding="utf-8")


def _meaning(X: pd.DataFrame, column: Any) -> str:
    kind = "number" if X[column].dtype.kind == "f" else "category"
    return f"{{feature: {column}, family: firmographic, type: {kind}, known_at_moment: true}}"
