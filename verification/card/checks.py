"""Check in simulated companies that a card of one page tells as much as models without limits.

In 20 companies sales chooses whom to work in three ways: by columns that everybody sees, by an
interest that no column shows, and by combinations. Every model learns from the leads with a known
outcome, as in training, and is held against the planted probabilities of all later leads and of
those that sales never worked. ``make verify`` runs it.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed

import numpy as np

from features import text
from features.text import percent
from verification.card.company import (
    ALL,
    BLACK_BOX,
    CARD,
    FULL,
    LOGISTIC,
    NEVER,
    OPEN,
    SERVED,
    WEIGHTED,
    CardFigures,
    measure_company,
)
from verification.card.selections import SELECTIONS
from verification.card.told import Told
from verification.estimates import Check, checks_text, coverage_check

COMPANIES, CORES = 20, 2
LEAST_OF_BEST = 0.95  # of what the best of the models without limits tells
MOST_NULLS = 0.05  # share of the companies with a planted null feature on the card
LEVELS = {"own_level": "level of the model", "best_level": "best level"}
UNLIMITED = (FULL, LOGISTIC, BLACK_BOX)


def measure_companies(
    companies: int = COMPANIES, progress: Callable[[str], None] = lambda message: None
) -> list[CardFigures]:
    """Measure the companies, two at a time."""
    with ProcessPoolExecutor(CORES, initializer=_use_one_core) as pool:
        running = [pool.submit(measure_company, number) for number in range(companies)]
        for done, _ in enumerate(as_completed(running), start=1):
            progress(f"{done} of {companies} companies")
        return [company.result() for company in running]


def _use_one_core() -> None:
    os.environ |= {"LOKY_MAX_CPU_COUNT": "1", "OMP_NUM_THREADS": "1"}


def card_checks(companies: Sequence[CardFigures]) -> list[Check]:
    """Compare the card with what is required, and list what else was measured."""
    rows = [best_check(companies, leads, level) for level in Told._fields for leads in (ALL, NEVER)]
    for selection in SELECTIONS:
        chosen = [company for company in companies if company.selection == selection]
        if chosen:
            rows += [_by_selection(chosen, selection, leads) for leads in (ALL, NEVER)]
    return [
        *rows,
        nulls_check("the judged card", [company.nulls[CARD] for company in companies]),
        nulls_check("the served card", [company.nulls[SERVED] for company in companies]),
        *(
            coverage_check(f"rows of {what}", _covered(companies, kind))
            for kind, what in (("number", "numbers"), ("category", "categories"))
        ),
        *(_against_judged(companies, leads, WEIGHTED) for leads in (ALL, NEVER)),
        _against_judged(companies, OPEN, SERVED),
        _contest(companies),
    ]


def mean_told(companies: Sequence[CardFigures], leads: str, model: str, level: str) -> float:
    """Average over the companies what a model tells."""
    found = [getattr(company.told[leads][model], level) for company in companies]
    return float(np.mean(found))


def best_check(companies: Sequence[CardFigures], leads: str, level: str) -> Check:
    """Compare the card with the best of the models without limits."""
    means = {model: mean_told(companies, leads, model, level) for model in (CARD, *UNLIMITED)}
    best = max(UNLIMITED, key=lambda model: means[model])
    share = means[CARD] / means[best]
    return Check(
        f"{leads}, at the {LEVELS[level]}",
        f"{percent(share, 1)} of the best: {_told_text(means)}",
        f"at least {percent(LEAST_OF_BEST)}",
        share >= LEAST_OF_BEST,
    )


def nulls_check(card: str, nulls: Sequence[Sequence[str]]) -> Check:
    """Check in how many companies a feature without effect is on the card."""
    found = [names for names in nulls if names]
    share = len(found) / len(nulls)
    named = text.join(sorted({name for names in found for name in names}))
    return Check(
        f"a planted null feature is on {card}",
        f"in {len(found)} of {len(nulls)} companies" + (f": {named}" if named else ""),
        f"at most {percent(MOST_NULLS)}",
        share <= MOST_NULLS,
    )


def _by_selection(companies: Sequence[CardFigures], selection: str, leads: str) -> Check:
    means = {
        model: mean_told(companies, leads, model, "best_level") for model in (CARD, *UNLIMITED)
    }
    size = text.count(len(companies), "company", "companies")
    what = f"sales chooses by {selection}, {size}: {leads}"
    return Check(what, _told_text(means), "", True)


def _against_judged(companies: Sequence[CardFigures], leads: str, other: str) -> Check:
    """Compare another card with the judged one, company by company."""
    differences = [
        company.told[leads][other].best_level - company.told[leads][CARD].best_level
        for company in companies
    ]
    means = [mean_told(companies, leads, model, "best_level") for model in (other, CARD)]
    better = sum(difference > 0 for difference in differences)
    result = "{:.2f} against {:.2f}".format(*means)
    return Check(
        f"{leads}: {other}, against the judged card",
        f"{result}; better in {better} of {len(companies)}",
        "",
        True,
    )


def _contest(companies: Sequence[CardFigures]) -> Check:
    right, lost = 0, []
    for company in companies:
        chosen, *others = company.candidates.values()
        right += chosen >= max(others)
        lost.append(max(max(others) - chosen, 0))
    return Check(
        "the folds chose the better candidate",
        f"in {right} of {len(companies)} companies; told on average {np.mean(lost):.3f} less "
        "than by the better one",
        "",
        True,
    )


def _covered(companies: Sequence[CardFigures], kind: str) -> list[bool]:
    return [holds for company in companies for holds in company.covered[kind]]


def _told_text(means: Mapping[str, float]) -> str:
    return ", ".join(f"{model} {share:.2f}" for model, share in means.items())


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 1 if a check fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=COMPANIES)
    options = parser.parse_args(arguments)
    companies = measure_companies(
        options.companies, lambda message: print(message, file=sys.stderr, flush=True)
    )
    checks = card_checks(companies)
    print(checks_text(checks))
    return 0 if all(check.passed for check in checks) else 1


if __name__ == "__main__":
    sys.exit(main())
