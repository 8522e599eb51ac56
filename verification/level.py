"""Check the level between trainings: on real calls of a bank, and where its way is known.

    python -m verification.level

The bank's win rate rises from 5% to over 30%. By a published protocol (12 inputs known before the
call; the last 8,239 calls in their order are the test), predicted wins must be within 15% of the
actual number if the level is kept up. In simulated companies the level wanders as planted: its
intervals must cover it, and a level that stays must not be moved.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from features.text import number, percent
from model.training.level import MEMORIES, SPREADS, LaterOutcomes, keep_level, level_move
from model.training.metrics import measure
from pipelines.level.kept_level import with_level_kept
from pipelines.snapshot import read_snapshot
from pipelines.train.fit import fit
from verification.estimates import REPLICATIONS, Check, coverage_check

Array = npt.NDArray[Any]
TEST = 8_239  # calls, as published
CALLS = 41_188
LEADS = 3_000  # of a simulated company, judged after its training
LOWEST_AUC, FROM, UNTIL = 0.70, 0.85, 1.15
MOST_MOVED = 0.05  # of the companies whose level stays
INPUTS = {
    "number": ("age", "campaign", "previous"),
    "category": (
        *("job", "marital", "education", "default", "housing", "loan", "contact", "day_of_week"),
        "poutcome",
    ),
}
EARLIER_CALLS = ("campaign", "previous", "poutcome")
LEFT_OUT = (
    *("order", "month", "pdays", "emp.var.rate", "cons.price.idx", "cons.conf.idx", "euribor3m"),
    "nr.employed",
)
DEFINITION = """\
name: a call worth making
version: 1
ready_when:
  - {id: said-yes-before, feature: poutcome, one_of: [success]}
"""


class Figures(NamedTuple):
    """What was measured on the test calls, with the level of the training and with it kept up."""

    fixed: dict[str, float]
    kept: dict[str, float]
    moves: int


def write_bank_workspace(
    data: Path, folder: Path, inputs: Mapping[str, Sequence[str]] = INPUTS
) -> Path:
    """Write a workspace for the bank's calls, by default with the 12 inputs of the protocol."""
    columns = dict.fromkeys(LEFT_OUT, "{ignore: other}") | {"duration": "{leak: true}"}
    for kind, names in inputs.items():
        for name in names:
            family = "engagement" if name in EARLIER_CALLS else "firmographic"
            feature = name.replace(".", "_")
            columns[name] = (
                f"{{feature: {feature}, family: {family}, type: {kind}, known_at_moment: true}}"
            )
    lines = [
        "name: bank",
        "definition: definition.yaml",
        f"leads:\n  file: {data / 'bank_marketing' / 'leads.parquet'}\n  id: lead\n  columns:",
        *(f"    {name}: {meaning}" for name, meaning in columns.items()),
        'outcome:\n  won_when: {y: ["yes"]}\n  lost_when: {y: ["no"]}',
        f"evaluation:\n  order_by: order\n  test_share: {TEST / CALLS:.9f}",
    ]
    (folder / "leadready.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "definition.yaml").write_text(DEFINITION, encoding="utf-8")
    return folder


def bank_figures(data: Path) -> Figures:
    """Train on the earlier calls, and predict the last ones with and without moving the level."""
    with tempfile.TemporaryDirectory(prefix="leadready-") as folder:
        snapshot = read_snapshot(write_bank_workspace(data, Path(folder)))
        trained = fit(snapshot, snapshot.definition())
    fixed = trained.card.probability(trained.test_X)
    kept = with_level_kept(trained.labelled, trained.split, trained.card.probability)
    predictions = {"fixed": fixed, "kept": kept.probability}
    metrics = measure(trained.test_y, predictions, resamples=1)
    assert len(trained.test_y) == TEST
    values = {name: dict(scorer.values) for name, scorer in metrics.items()}
    return Figures(values["fixed"], values["kept"], kept.moves)


def bank_checks(figures: Figures) -> list[Check]:
    """Compare the figures on the bank's calls with what is required."""
    fixed, kept = figures.fixed, figures.kept
    ratio, auc = kept["expected_wins_ratio"], kept["auc"]
    within = f"{percent(FROM)} to {percent(UNTIL)}"
    return [
        Check(
            "bank: predicted wins, level of the training",
            percent(fixed["expected_wins_ratio"]),
            "",
            True,
        ),
        Check(
            "bank: predicted wins, level kept up",
            f"{percent(ratio)} ({figures.moves} moves)",
            within,
            FROM <= ratio <= UNTIL,
        ),
        Check("bank: AUC, level of the training", number(fixed["auc"], 3), "", True),
        Check(
            "bank: AUC, level kept up", number(auc, 3), f"at least {LOWEST_AUC}", auc >= LOWEST_AUC
        ),
        *(
            Check(
                f"bank: {words}, level kept up",
                f"{number(kept[name], 4)} (level of the training: {number(fixed[name], 4)})",
                "lower",
                kept[name] < fixed[name],
            )
            for name, words in (("log_loss", "log-loss"), ("brier", "Brier score"))
        ),
    ]


def simulated_level(seed: int, wanders: bool = True) -> tuple[LaterOutcomes, float]:
    """Simulate the outcomes of a company whose level wanders, and where it ends."""
    random = np.random.default_rng(seed)
    spread, memory = random.choice(SPREADS) if wanders else 0.0, random.choice(MEMORIES)
    left, shifts = np.exp(-1 / memory), np.empty(LEADS)
    shifts[0] = random.normal(0, spread)
    for lead, noise in enumerate(random.normal(0, spread, LEADS - 1), start=1):
        shifts[lead] = left * shifts[lead - 1] + np.sqrt(1 - left**2) * noise
    log_odds = random.uniform(-3, -1) + random.normal(size=LEADS)
    won = random.random(LEADS) < 1 / (1 + np.exp(-(log_odds + shifts)))
    return LaterOutcomes(log_odds, won.astype(float)), float(shifts[-1])


def simulated_checks(replications: int) -> list[Check]:
    """Check intervals of a level that wanders, and that one that stays is left alone."""
    covered, moved, when = [], [], np.arange(LEADS)
    for seed in range(replications):
        outcomes, level = simulated_level(seed)
        _, low, high = level_move(outcomes).shift
        covered.append(low is not None and high is not None and low <= level <= high)
        still, _ = simulated_level(seed, wanders=False)
        moved.append(keep_level(still, when, when).any())
    share = float(np.mean(moved))
    return [
        coverage_check("a level that wanders", covered),
        Check(
            "a level that stays is moved, looked at every 100 leads",
            f"in {percent(share, 1)} of {replications:,} companies",
            f"at most {percent(MOST_MOVED)}",
            share <= MOST_MOVED,
        ),
    ]


def level_checks_text(checks: Sequence[Check]) -> str:
    """Write the checks as a Markdown table."""
    rows = [
        f"| {check.name} | {check.result}{'' if check.passed else ' **NO**'} | {check.required} |"
        for check in checks
    ]
    return "\n".join(["| what | result | required |", "|---|---|---|", *rows])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 1 if a check fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=REPLICATIONS)
    options = parser.parse_args(arguments)
    checks = simulated_checks(options.replications)
    if data := os.environ.get("LEADREADY_DATA"):
        checks = [*bank_checks(bank_figures(Path(data))), *checks]
    else:
        print("left out: the bank's calls; set LEADREADY_DATA to their folder", file=sys.stderr)
    print(level_checks_text(checks))
    return 0 if all(check.passed for check in checks) else 1


if __name__ == "__main__":
    sys.exit(main())
