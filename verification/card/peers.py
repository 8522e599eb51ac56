"""Compare the card with models as their libraries come, on the same features and the same leads.

    python -m verification.card.peers [WORKSPACE ...]

Each workspace is split as its own evaluation says. Beside the card, histogram gradient boosting and
logistic regression of scikit-learn learn from the same leads, and LightGBM and CatBoost where they
are installed (they are not among the dependencies). Without workspaces, these are the examples, a
bank's calls (``LEADREADY_DATA`` names the folder of the data), and tables without dates with
planted wins (``--flat``: these alone). The card has to be near the best of its peers. On the real
sets, whose later leads differ from the earlier ones, a bar is set for the card alone.

A card has few lines and rows, so that people can read it. Where it is worse than its peers, they
learn once more from what fits on such a page: many features with few values, or fewer with more. If
the card is as good as they are then, its limits explain the difference, and the row says so:
``limit``.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy.typing as npt
import pandas as pd
from sklearn.metrics import roc_auc_score

from features.text import number
from model.card.card import CardLimits
from pipelines.snapshot import Snapshot, read_snapshot
from pipelines.train.fit import fit
from verification.card.company import CARD
from verification.card.flat_sets import write_flat_sets
from verification.card.learners import Leads, installed_peers, leads_of, on_a_page
from verification.estimates import Check, checks_text
from verification.level import INPUTS, write_bank_workspace

Array = npt.NDArray[Any]
EXAMPLES = {"itschool_crm": 0.782, "marketstar": None, "x_education": 0.880}  # bars of the AUC
PAGES = 1, 2, 4  # the lines of a card divided by these
DIGITS = 3  # of an AUC, and of the bars
NEAR = 0.005  # AUC that the card may lose to the best of the peers
INDICES = ("emp.var.rate", "cons.price.idx", "cons.conf.idx", "euribor3m", "nr.employed")
BUT_DURATION = {
    "number": (*INPUTS["number"], "pdays", *INDICES),
    "category": (*INPUTS["category"], "month"),
}


BANKS = {"bank, 12 inputs": (INPUTS, None), "bank, no duration": (BUT_DURATION, 0.715)}


class Bar(NamedTuple):
    """The AUC that a card has to reach, whatever its peers do; None: it is only shown."""

    auc: float | None


class Aucs(NamedTuple):
    """AUCs on the test leads, by name.

    Attributes
    ----------
    every : dict of str to float
        Of the card, and of its peers with all features.
    limited : dict of str to float
        Of the peers with what fits on the page of a card; empty where the card is near without it.
    lines, rows : int
        The limits of the card.
    """

    every: dict[str, float]
    limited: dict[str, float]
    lines: int
    rows: int


class Compared(NamedTuple):
    """A workspace to compare on.

    Attributes
    ----------
    name : str
    snapshot : Snapshot
    X, y : DataFrame, array of shape (n,)
        Other leads to test on than those of its evaluation.
    bar : Bar, optional
        Without one, the card has to be near the best of its peers.
    """

    name: str
    snapshot: Snapshot
    X: pd.DataFrame | None = None
    y: Array | None = None
    bar: Bar | None = None


def peer_aucs(compared: Compared) -> Aucs:
    """Train the card and its peers, and give the AUC of each on the test leads."""
    snapshot = compared.snapshot
    trained = fit(snapshot, snapshot.definition())
    X, y, split = snapshot.labelled.X, trained.data.y.astype(int), trained.split
    test_X = trained.test_X if compared.X is None else compared.X
    test_y = y[split.test] if compared.y is None else compared.y
    learned = X[split.train]
    varying = [feature for feature in trained.data.features if learned[feature.name].nunique() > 1]
    train, test = leads_of(learned, y[split.train], varying), leads_of(test_X, test_y, varying)
    every = {CARD: float(roc_auc_score(test_y, trained.card.log_odds(test_X)))}
    every |= _aucs_of_peers(train, test)
    limits = trained.data.limits
    limited = {} if compared.bar or is_near(every) else _aucs_on_pages(train, test, limits)
    return Aucs(every, limited, limits.lines, limits.rows)


def _aucs_on_pages(train: Leads, test: Leads, limits: CardLimits) -> dict[str, float]:
    """The best AUC of each peer over pages with many lines of few rows, or fewer of more."""
    pages = [
        _aucs_of_peers(*on_a_page(train, test, lines, limits.rows))
        for lines in {max(limits.lines // share, 1) for share in PAGES}
    ]
    return {peer: max(page[peer] for page in pages) for peer in pages[0]}


def _aucs_of_peers(train: Leads, test: Leads) -> dict[str, float]:
    odds = {name: learner(train, test) for name, learner in installed_peers().items()}
    return {name: float(roc_auc_score(test.y, found)) for name, found in odds.items()}


def is_near(aucs: Mapping[str, float]) -> bool:
    """Whether the card is near the best of the peers."""
    return aucs[CARD] >= _least(aucs)


def _least(aucs: Mapping[str, float]) -> float:
    return max(auc for peer, auc in aucs.items() if peer != CARD) - NEAR


def peers_check(name: str, aucs: Aucs, bar: Bar | None = None) -> Check:
    """Compare the card with its bar or the best of its peers, if need be under the same limits.

    Examples
    --------
    >>> check = peers_check("acme", Aucs({CARD: 0.76, "CatBoost": 0.77}, {}, 12, 60))
    >>> check.required, check.passed
    ('at least 0.765', False)
    >>> aucs = Aucs({CARD: 0.76, "CatBoost": 0.77}, {"CatBoost": 0.763}, 12, 60)
    >>> check = peers_check("acme", aucs)
    >>> check.required, check.mark
    ('at least 0.765; on a page 0.758', 'limit')
    >>> [peers_check("acme", aucs, Bar(bar)).passed for bar in (0.78, 0.76, None)]
    [False, True, True]
    """
    if bar:
        least = "" if bar.auc is None else f"at least {bar.auc}"
        passed = round(aucs.every[CARD], DIGITS) >= (bar.auc or 0)
        return Check(name, _aucs_text(aucs.every), least, passed)
    result, least = _aucs_text(aucs.every), f"at least {number(_least(aucs.every), 3)}"
    if is_near(aucs.every) or not aucs.limited:
        return Check(name, result, least, is_near(aucs.every))
    limited = {CARD: aucs.every[CARD]} | aucs.limited
    return Check(
        name,
        f"{result}; with {aucs.lines} features in {aucs.rows} rows: {_aucs_text(aucs.limited)}",
        f"{least}; on a page {number(_least(limited), 3)}",
        is_near(limited),
        by_limit=True,
    )


def _aucs_text(aucs: Mapping[str, float]) -> str:
    return ", ".join(f"{peer} {number(auc, 3)}" for peer, auc in aucs.items())


def flat_sets(folder: Path) -> Iterator[Compared]:
    """Read the tables without dates."""
    for name, workspace, X, y in write_flat_sets(folder):
        yield Compared(name, read_snapshot(workspace), X, y)


def usual_sets(folder: Path) -> Iterator[Compared]:
    """Read the examples and the bank's calls where their data is, and the tables without dates."""
    if data := os.environ.get("LEADREADY_DATA"):
        for name, bar in EXAMPLES.items():
            yield Compared(name, read_snapshot(Path("examples") / name), bar=Bar(bar))
        for name, (inputs, bar) in BANKS.items():
            bank = folder / name
            bank.mkdir()
            workspace = write_bank_workspace(Path(data), bank, inputs)
            yield Compared(name, read_snapshot(workspace), bar=Bar(bar))
    else:
        print("left out: real sets; set LEADREADY_DATA to their folder", file=sys.stderr)
    yield from flat_sets(folder)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 1 if a card is worse than it has to be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspaces", nargs="*", type=Path, metavar="WORKSPACE")
    parser.add_argument("--flat", action="store_true", help="only the tables without dates")
    options = parser.parse_args(arguments)
    checks = []
    with tempfile.TemporaryDirectory(prefix="leadready-") as made:
        folder = Path(made)
        usual = flat_sets(folder) if options.flat else usual_sets(folder)
        given = (Compared(str(path), read_snapshot(path)) for path in options.workspaces)
        for compared in given if options.workspaces else usual:
            print(compared.name, file=sys.stderr, flush=True)
            checks.append(peers_check(compared.name, peer_aucs(compared), compared.bar))
    print(checks_text(checks))
    return 0 if all(check.passed for check in checks) else 1


if __name__ == "__main__":
    sys.exit(main())
