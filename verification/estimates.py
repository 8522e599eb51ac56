"""Check in companies whose truth is known that estimates are unbiased and intervals cover.

There are hundreds of small simulated companies. Sales chooses whom to work, wins take time, the
youngest leads are not mature, and accounts return. Reported 95% intervals must cover the truth in
90% to 98% of cases, estimates must be right on average, and leads of a kind that sales never worked
must get no prediction. ``make verify`` runs all of it; the tests run a short version.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from features.text import percent
from model.training.intervals import win_rate_interval
from verification.companies import METRICS, Scorer, measure_scorer, true_metrics
from verification.outcomes import estimate_outcomes

Array = npt.NDArray[Any]
REPLICATIONS = 200
LOWEST, HIGHEST = 0.90, 0.98  # coverage of the intervals that are called 95%
MOST_ERRORS = 4.0  # standard errors that the mean over the replications may be off
Company = dict[str, Any]


@dataclass(frozen=True)
class Check:
    """One check: what was estimated, the result, what is required, and whether it passed.

    With ``by_limit`` it passed under a limit that is stated.
    """

    name: str
    result: str
    required: str
    passed: bool
    by_limit: bool = False

    @property
    def mark(self) -> str:
        """How it stands in a table."""
        if not self.passed:
            return "**NO**"
        return "limit" if self.by_limit else "yes"


class Replications(NamedTuple):
    """A dict of figures for every company: the scorer's metrics, and all other estimates."""

    metrics: Sequence[Company]
    outcomes: Sequence[Company]


def coverage_check(name: str, covered: Sequence[bool] | Array) -> Check:
    """Check how often intervals cover the truth.

    With fewer than all replications the coverage itself is uncertain: the check passes if the
    coverage may be within the limits.

    Examples
    --------
    >>> coverage_check("AUC", [True] * 189 + [False] * 11).result
    '94.5% of 200 intervals cover the truth'
    >>> coverage_check("AUC", [True] * 150 + [False] * 50).passed
    False
    """
    n, hits = len(covered), int(np.sum(covered))
    low = high = hits / max(n, 1)
    if n < REPLICATIONS:
        low, high = win_rate_interval(hits, n)
    return Check(
        f"interval of {name}",
        f"{percent(hits / max(n, 1), 1)} of {n:,} intervals cover the truth",
        f"{percent(LOWEST)} to {percent(HIGHEST)}",
        bool(high >= LOWEST and low <= HIGHEST),
    )


def bias_check(name: str, errors: Sequence[float] | Array, *, biased: bool = False) -> Check:
    """Check that estimates are right on average, or that a biased method shows its bias.

    Parameters
    ----------
    errors : array
        Estimate less truth, one for each replication.
    biased : bool
        The method is known to be biased. If that did not show, a good result would prove nothing.

    Examples
    --------
    >>> bias_check("the win rate", [0.01, -0.01, 0.02, -0.02]).passed
    True
    >>> bias_check("the win rate", [0.11, 0.09, 0.12, 0.08]).passed
    False
    """
    values = np.asarray(errors, dtype=np.float64)
    mean, error = float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))
    far = abs(mean) / error if error else np.inf * abs(mean)
    return Check(
        name,
        f"off by {mean:+.4f} on average ({far:.1f} standard errors)",
        f"{'more' if biased else 'less'} than {MOST_ERRORS:g} standard errors",
        bool(far > MOST_ERRORS) if biased else bool(far < MOST_ERRORS),
    )


def share_check(name: str, holds: Sequence[bool], least: float) -> Check:
    """Check in which share of the companies something holds."""
    share = float(np.mean(holds))
    return Check(
        name,
        f"in {percent(share, 1)} of {len(holds):,} companies",
        f"at least {percent(least)}",
        share >= least,
    )


def replicate(
    replications: int = REPLICATIONS, progress: Callable[[str], None] = lambda message: None
) -> Replications:
    """Simulate the companies and make every estimate in each of them, in parallel.

    Parameters
    ----------
    replications : int
        Number of companies for the metrics, and of others for everything else.
    progress : callable
        Called with a message now and then.
    """
    from joblib import Parallel, delayed

    progress("training a scorer on one large company")
    scorer = Scorer.trained()
    jobs = [delayed(measure_scorer)(scorer, seed) for seed in range(replications)]
    jobs += [delayed(estimate_outcomes)(seed) for seed in range(replications)]
    companies = []
    for number, company in enumerate(Parallel(n_jobs=-1, return_as="generator")(jobs), start=1):
        companies.append(company)
        if number % 20 == 0:
            progress(f"{number} of {len(jobs)} companies")
    return Replications(companies[:replications], companies[replications:])


def checks_of(companies: Replications) -> list[Check]:
    """Compare every estimate with the truth."""
    return [*_metric_checks(companies.metrics), *_outcome_checks(companies.outcomes)]


def _metric_checks(companies: Sequence[Company]) -> list[Check]:
    """Intervals of a model's metrics, measured on worked leads, about all leads."""
    true = true_metrics(companies)
    checks = []
    for key, label in METRICS.items():
        ends = [company["intervals"][key] for company in companies]
        covered = [end["low"] <= true[key] <= end["high"] for end in ends]
        checks.append(coverage_check(label, covered))
    errors = [company["intervals"]["auc"]["value"] - true["auc"] for company in companies]
    return [*checks, bias_check("AUC of all leads, estimated from the worked ones", errors)]


def _outcome_checks(companies: Sequence[Company]) -> list[Check]:
    """Effects, points, win rates, time to win and refusals."""

    def figures(key: str) -> Array:
        return np.array([company[key] for company in companies])

    def covered(key: str) -> Array:
        return np.concatenate([company[key] for company in companies]).astype(bool)

    return [
        coverage_check("planted effects, where sales chooses", covered("effects_covered")),
        coverage_check("the points, logistic regression on bins", covered("points_covered")),
        bias_check("planted effects", figures("effects_off")),
        bias_check("effects if ignored leads count as lost", figures("naive_off"), biased=True),
        bias_check(
            "win rate of all leads, estimated from the worked ones", figures("weighted_off")
        ),
        bias_check("… if ignored leads count as lost", figures("ignored_off"), biased=True),
        bias_check("… without weights", figures("as_worked_off"), biased=True),
        bias_check("win rate, immature leads weighted", figures("immature_weighted_off")),
        bias_check("win rate, immature leads left out", figures("left_out_off")),
        bias_check("… all known outcomes, unweighted", figures("early_wins_off"), biased=True),
        _curve_check("half the horizon", *map(figures, ("true_half", "low_half", "high_half"))),
        _curve_check("the horizon", *map(figures, ("true_horizon", "low_horizon", "high_horizon"))),
        share_check("no prediction for a region never worked", list(figures("refused")), 1.0),
        share_check("a prediction for everyone else", list(figures("nothing_else")), 0.95),
        Check("for comparison: the true win rate", f"{figures('true_rate').mean():.4f}", "", True),
    ]


def _curve_check(by: str, true: Array, low: Array, high: Array) -> Check:
    """The Kaplan–Meier curve covers the true share of wins by a day."""
    share = float(true.mean())
    return coverage_check(f"the share won by {by}", (low <= share) & (share <= high))


def checks_text(checks: Sequence[Check]) -> str:
    """Write the checks as a Markdown table.

    Examples
    --------
    >>> print(checks_text([Check("a", "b", "c", True)]))
    | | what | result | required |
    |---|---|---|---|
    | yes | a | b | c |
    """
    head = ["| | what | result | required |", "|---|---|---|---|"]
    rows = [
        f"| {check.mark} | {check.name} | {check.result} | {check.required} |" for check in checks
    ]
    return "\n".join([*head, *rows])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 1 if a check fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=REPLICATIONS)
    options = parser.parse_args(arguments)
    companies = replicate(
        options.replications, lambda message: print(message, file=sys.stderr, flush=True)
    )
    checks = checks_of(companies)
    print(checks_text(checks))
    return 0 if all(check.passed for check in checks) else 1


if __name__ == "__main__":
    sys.exit(main())
