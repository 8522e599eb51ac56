"""How long training takes: all of ``leadready train``, from the files to the registered version.

A flat export of leads with columns of every kind, a stage history that says which leads sales
worked, and reasons of rejection: so the time includes weighting, the leak audit, folds, both cards,
the models to compare with, and why sales turns leads down. ``--leads 300000`` is a large company;
its limits are five minutes on two cores and 4 GB, and smaller ones get their share of the time.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

LEADS, COLUMNS = 30_000, 80
LARGE = 300_000  # leads of the company for which the limits are agreed
SECONDS, SECONDS_ALWAYS, GIGABYTES = 240.0, 60.0, 4.0  # for the leads, for any company, at most
WORDS = 12  # values of a category
REASONS = ("Wrong size", "Not interested", "Bad data")
DAYS = 730
DEFINITION = """\
name: sales-ready lead
version: 1
ready_when:
  - {id: large, feature: number_0, at_least: 20}
"""


class Measured(NamedTuple):
    """What a training took.

    Attributes
    ----------
    seconds, gigabytes : float
        Time, and the most memory of the process and its children together.
    auc : float
        Of the card, to see that it learned something.
    """

    seconds: float
    gigabytes: float
    auc: float


def random_columns(leads: int, columns: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw amounts, counts and categories in turn; a tenth of the amounts are missing."""
    drawn = {}
    words = np.array([f"word {number}" for number in range(WORDS)], dtype=object)
    for place in range(columns):
        if place % 4 == 3:
            drawn[f"word_{place}"] = rng.choice(words, leads)
        elif place % 2:
            drawn[f"count_{place}"] = rng.poisson(0.5 + place / 40, leads)
        else:
            amounts = rng.lognormal(3, 1, leads).round(2)
            drawn[f"number_{place}"] = np.where(rng.random(leads) < 0.1, np.nan, amounts)
    return pd.DataFrame(drawn)


def random_outcomes(X: pd.DataFrame, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Draw who wins, by a few of the columns."""
    odds = -3 + 0.8 * (X["number_0"].fillna(0) > 20) + 0.5 * np.minimum(X["count_1"], 3)
    odds += 0.7 * (X["word_3"] == "word 1") + 0.4 * (X["number_4"].fillna(0) > 30)
    return np.asarray(rng.random(len(X)) < 1 / (1 + np.exp(-odds)))


def write_training_workspace(folder: Path, leads: int, columns: int) -> Path:
    """Write the export of a company that works more of the large leads than of the others."""
    rng = np.random.default_rng(0)
    X = random_columns(leads, columns, rng)
    worked = rng.random(leads) < np.where(X["number_0"].fillna(0) > 20, 0.8, 0.4)
    won = random_outcomes(X, rng) & worked
    created = pd.Timestamp("2023-01-01") + pd.to_timedelta(np.arange(leads) * DAYS / leads, "D")
    ids = pd.Series([f"L{number:07}" for number in range(leads)])
    accounts = [f"A{number // 3:07}" for number in range(leads)]
    known = pd.DataFrame({"Lead": ids, "Account": accounts, "Created": created.floor("s")})
    pd.concat([known, X], axis=1).to_csv(folder / "leads.csv", index=False)
    closed = pd.DataFrame(
        {
            "Lead": ids,
            "Stage": np.where(won, "Won", "Rejected"),
            "Changed": (created + pd.Timedelta(days=20)).floor("s"),
            "Reason": np.where(won, "", rng.choice(REASONS, leads)),
        }
    )
    closed[worked].to_csv(folder / "stages.csv", index=False)
    (folder / "leadready.yaml").write_text(_settings(X), encoding="utf-8")
    (folder / "definition.yaml").write_text(DEFINITION, encoding="utf-8")
    return folder


def _settings(X: pd.DataFrame) -> str:
    kinds = {"n": "number", "c": "number", "w": "category"}
    columns = "".join(
        f"    {name}: {{feature: {name}, family: firmographic, type: {kinds[str(name)[0]]}}}\n"
        for name in X
    )
    return (
        "name: large\ndefinition: definition.yaml\n"
        "leads:\n  file: leads.csv\n  id: Lead\n  account: Account\n  created: Created\n"
        f"  columns:\n{columns}"
        "stages:\n  file: stages.csv\n  lead: Lead\n  stage: Stage\n  time: Changed\n"
        "  reason: Reason\n"
        "outcome:\n  won_when: {Stage: [Won]}\n  lost_when: {Stage: [Rejected]}\n"
        "  open_when: {Stage: {is_missing: true}}\n"
        "  horizon_days: 60\n  worked: {stages: [Won, Rejected]}\n"
    )


def measured_training(folder: Path) -> Measured:
    """Train in a process of its own, and watch its memory."""
    program = [sys.executable, "-m", "leadready", "train", "--json", "-q", "-w", str(folder)]
    begin = time.perf_counter()
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as training:
        watch = _Memory(training.pid)
        output, _ = training.communicate()
        taken = time.perf_counter() - begin
    answer = json.loads(output)
    return Measured(taken, watch.gigabytes, float(answer["metrics"]["auc"]["value"]))


class _Memory(threading.Thread):
    """Look twice a second how much memory a process and its children take (Linux)."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.process, self.gigabytes = process, 0.0
        self.start()

    def run(self) -> None:
        while taken := sum(map(_own_memory, _family(self.process))):
            self.gigabytes = max(self.gigabytes, taken)
            time.sleep(0.5)


def _family(process: int) -> list[int]:
    """List a process and all that it started."""
    found = [process]
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            found += [pid for child in children.read_text().split() for pid in _family(int(child))]
        except OSError:
            continue  # it has ended meanwhile
    return found


def _own_memory(process: int) -> float:
    """Read the memory of a process in gigabytes; what it shares with others counts in part."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1e6


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what the training took; return 1 if it took too long or too much memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=LEADS)
    parser.add_argument("--columns", type=int, default=COLUMNS)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="leadready-") as folder:
        write_training_workspace(Path(folder), options.leads, options.columns)
        measured = measured_training(Path(folder))
    limit = SECONDS_ALWAYS + SECONDS * options.leads / LARGE
    print(f"{options.leads:,} leads, {options.columns} columns each")
    print(f"trained in                {measured.seconds:>8.1f} s (limit: {limit:.0f})")
    print(f"memory                    {measured.gigabytes:>8.2f} GB (limit: {GIGABYTES:g})")
    print(f"AUC on later leads        {measured.auc:>8.3f}")
    return 0 if measured.seconds <= limit and measured.gigabytes <= GIGABYTES else 1


if __name__ == "__main__":
    sys.exit(main())
