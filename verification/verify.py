"""Verify: is what this software prints true? Asked of companies in which the truth is known.

Hundreds of small simulated companies whose sales team chooses whom to work, whose wins take their
time, whose youngest leads are not mature and whose accounts come back. Reported 95 % intervals must
hold the truth in 90 to 98 of 100; what is estimated must be right on average; whom sales never
worked must be refused a claim. ``make verify`` runs all of it, tests run a short version.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from model.training.intervals import win_rate_interval
from verification.companies import METRICS, Scorer, figures_of, truth_of
from verification.outcomes import outcomes_of

Array = npt.NDArray[Any]
REPLICATIONS = 200
LOWEST, HIGHEST = 0.90, 0.98  # of the intervals that are called 95 %
RIGHT = 4.0  # standard errors that a mean over the replications may be off
Row = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One thing that was verified: what was seen, what was wanted, and whether it is so."""

    name: str
    saw: str
    wanted: str
    passed: bool


def coverage(name: str, holds: Sequence[bool] | Array) -> Line:
    """Judge how often intervals held the truth.

    With fewer than all replications the share itself is not known well: it passes if it may be
    within the bounds.

    Examples
    --------
    >>> coverage("AUC", [True] * 189 + [False] * 11).saw
    '94.5% of 200 intervals hold the truth'
    >>> coverage("AUC", [True] * 150 + [False] * 50).passed
    False
    """
    n, covered = len(holds), int(np.sum(holds))
    low = high = covered / max(n, 1)
    if n < REPLICATIONS:
        low, high = win_rate_interval(covered, n)
    return Line(
        f"interval of {name}",
        f"{covered / max(n, 1):.1%} of {n:,} intervals hold the truth",
        f"{LOWEST:.0%} to {HIGHEST:.0%}",
        bool(high >= LOWEST and low <= HIGHEST),
    )


def recovery(name: str, off: Sequence[float] | Array, *, wrong: bool = False) -> Line:
    """Judge whether estimates are right on average, or seen to be wrong where they must be.

    Parameters
    ----------
    off : array
        Estimate less truth, a figure for each replication.
    wrong : bool
        It must be seen to be wrong: else nothing would be shown by being right.

    Examples
    --------
    >>> recovery("the win rate", [0.01, -0.01, 0.02, -0.02]).passed
    True
    >>> recovery("the win rate", [0.11, 0.09, 0.12, 0.08]).passed
    False
    """
    values = np.asarray(off, dtype=np.float64)
    mean, error = float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))
    far = abs(mean) / error if error else np.inf * abs(mean)
    return Line(
        name,
        f"off by {mean:+.4f} on average ({far:.1f} standard errors)",
        f"{'more' if wrong else 'less'} than {RIGHT:g} standard errors",
        bool(far > RIGHT) if wrong else bool(far < RIGHT),
    )


def share(name: str, holds: Sequence[bool], least: float) -> Line:
    """Judge in how many of the companies something is so."""
    seen = float(np.mean(holds))
    return Line(
        name, f"in {seen:.1%} of {len(holds):,} companies", f"at least {least:.0%}", seen >= least
    )


def verify(
    replications: int = REPLICATIONS, progress: Callable[[str], None] = lambda words: None
) -> list[Line]:
    """Run everything.

    Parameters
    ----------
    replications : int
        How many companies.
    progress : callable
        Told in words how far it is.

    Returns
    -------
    list of Line
    """
    from joblib import Parallel, delayed

    progress("learning a scorer from one large company")
    scorer = Scorer.learnt()
    jobs = [delayed(figures_of)(scorer, seed) for seed in range(replications)]
    jobs += [delayed(outcomes_of)(seed) for seed in range(replications)]
    done = []
    for number, company in enumerate(Parallel(n_jobs=-1, return_as="generator")(jobs), start=1):
        done.append(company)
        if number % 20 == 0:
            progress(f"{number} of {len(jobs)} companies")
    return [*_figures(done[:replications]), *_outcomes(done[replications:])]


def _figures(done: Sequence[Row]) -> list[Line]:
    """Intervals of a model's figures, on the leads that sales worked, for all leads."""
    true = truth_of(done)
    lines = []
    for key, words in METRICS.items():
        ends = [company["intervals"][key] for company in done]
        lines.append(coverage(words, [end["low"] <= true[key] <= end["high"] for end in ends]))
    off = [company["intervals"]["auc"]["value"] - true["auc"] for company in done]
    return [*lines, recovery("AUC of all leads, from those that were worked", off)]


def _outcomes(done: Sequence[Row]) -> list[Line]:
    """Effects, delays, censoring, selective working and refusals."""

    def all_of(key: str) -> Array:
        return np.array([company[key] for company in done])

    def held(key: str) -> Array:
        return np.concatenate([company[key] for company in done])

    def points(kind: str) -> Array:
        return np.concatenate(
            [company["points_held"][kind] for company in done if kind in company["points_held"]]
        )

    rate = float(all_of("true_rate").mean())
    late = {time: float(all_of(f"true_{time}").mean()) for time in ("half", "horizon")}
    return [
        coverage("planted effects, where sales chooses", held("effects_held")),
        coverage("the points, logistic regression on bins", points("logistic")),
        coverage("the points, explainable boosting", points("boosting")),
        recovery("planted effects", all_of("effects_off")),
        recovery("effects, ignored leads counted as lost", all_of("naive_off"), wrong=True),
        recovery("win rate of all leads, from those that were worked", all_of("weighted_off")),
        recovery("… ignored leads counted as lost", all_of("ignored_off"), wrong=True),
        recovery("… worked leads as they are", all_of("as_worked_off"), wrong=True),
        recovery("win rate, immature leads weighed", all_of("immature_weighed_off")),
        recovery("win rate, immature leads left out", all_of("left_out_off")),
        recovery("… every known outcome as it is", all_of("early_wins_off"), wrong=True),
        *(
            coverage(
                f"the share won by {words}",
                (all_of(f"low_{time}") <= late[time]) & (late[time] <= all_of(f"high_{time}")),
            )
            for time, words in (("half", "half the horizon"), ("horizon", "the horizon"))
        ),
        share("a region that was never worked is refused a claim", list(all_of("refused")), 1.0),
        share("nothing else is refused", list(all_of("nothing_else")), 0.95),
        Line("the true win rate, for comparison", f"{rate:.4f}", "", True),
    ]


def render(lines: Sequence[Line]) -> str:
    """Write the table, in Markdown.

    Examples
    --------
    >>> print(render([Line("a", "b", "c", True)]))
    | | what | seen | wanted |
    |---|---|---|---|
    | yes | a | b | c |
    """
    head = ["| | what | seen | wanted |", "|---|---|---|---|"]
    marks = {True: "yes", False: "**NO**"}
    rows = [
        f"| {marks[line.passed]} | {line.name} | {line.saw} | {line.wanted} |" for line in lines
    ]
    return "\n".join([*head, *rows])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 where anything is not as it should be."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--replications", type=int, default=REPLICATIONS)
    asked = given.parse_args(arguments)
    lines = verify(asked.replications, lambda words: print(words, file=sys.stderr, flush=True))
    print(render(lines))
    return 0 if all(line.passed for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
