"""Check that proposals find what was planted, and nothing by chance.

The companies (`planted_rules`) have a known right threshold, a useless criterion and a missing one.
In at least 80% of 50 companies the first two must be proposed, and the third as well. With shuffled
outcomes, in 200 companies by lead and in 200 by account, nothing may be proposed in at least 90%.
In 50 more, sales chooses whom to work: results are shown with and without weights, and where the
score that sales chose by is not in the data. Run by ``make verify``.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import partial
from typing import Any

import numpy as np

from model.definition.edits import AddRequirement, Edit, RemoveCriterion, SetOperand
from model.proposals.search import Proposal, search
from model.serving import Criterion, Definition
from verification.proposals.planted_rules import (
    BY_ACCOUNTS,
    BY_LEADS,
    FORGOTTEN,
    LEADS,
    RECENT,
    RIGHT,
    USELESS,
    planted_definition,
    planted_history,
)

SEEDS, AT_RANDOM = 50, 200
FOUND, NOTHING = 0.8, 0.9  # least share of the companies
WRONG = 0.1  # largest share of the companies
NEAR = 1.5  # a threshold within this factor of the right one counts as found
NO_EFFECT = ("company_age", "region", "source", "page_view_30d", "email_open_30d")
PLANTED = "planted"
CHOSEN, PLAIN, UNSEEN = (
    "sales chooses, weighted",
    "sales chooses, unweighted",
    "sales chooses by a score that is not in the data",
)
WAYS: dict[str, dict[str, Any]] = {
    PLANTED: {},
    BY_LEADS: {"shuffled": BY_LEADS},
    BY_ACCOUNTS: {"shuffled": BY_ACCOUNTS},
    CHOSEN: {"chosen": True},
    PLAIN: {"chosen": True, "weighed": False},
    UNSEEN: {"chosen": True, "score_known": False},
}
CORES = 2
Shares = dict[str, float]


def truths_found(proposals: Sequence[Proposal], agreed: Definition) -> dict[str, bool]:
    """Check which planted truths are proposed, whether anything is, and whether that is wrong."""
    edits = [proposal.edit for proposal in proposals]
    threshold = any(_is_near(edit, "right-size", RIGHT) for edit in edits)
    useless = any(
        isinstance(edit, RemoveCriterion) and edit.criterion.id == USELESS for edit in edits
    )
    return {
        "threshold": threshold,
        "useless": useless,
        "both": threshold and useless,
        "missing": any(_asks_for(edit, FORGOTTEN, "at_most", RECENT) for edit in edits),
        "wrong": any(_is_wrong(edit, agreed) for edit in edits),
        "anything": bool(edits),
    }


def _is_near(edit: Edit, criterion: str, right: float) -> bool:
    match edit:
        case SetOperand(before, operand) if before.id == criterion:
            return bool(right / NEAR <= operand <= right * NEAR)
    return False


def _asks_for(edit: Edit, feature: str, operator: str, right: float) -> bool:
    match edit:
        case AddRequirement(Criterion(_, name, how, operand)) if (name, how) == (feature, operator):
            return bool(right / NEAR <= operand <= right * NEAR)
    return False


def _is_wrong(edit: Edit, agreed: Definition) -> bool:
    """Whether a change goes against the planted truth."""
    match edit:
        case RemoveCriterion(criterion):
            return criterion.id != USELESS
        case SetOperand(criterion, operand) if criterion.id == USELESS:
            return bool(operand > criterion.operand)  # stricter, though the criterion is useless
        case SetOperand(criterion, operand) if criterion.id == "right-size":
            today = next(rule.operand for rule in agreed.ready.criteria if rule.id == "right-size")
            return bool(abs(np.log(operand / RIGHT)) >= abs(np.log(today / RIGHT)))
        case SetOperand():
            return True
        case _:
            return edit.criterion.feature in NO_EFFECT


def definition_of_company(seed: int) -> Definition:
    """The company's definition: too strict or too lax."""
    return planted_definition(150 if seed % 2 else 15)


def check_company(seed: int, how: str, leads: int) -> dict[str, bool]:
    """Simulate one company and check its proposals."""
    given = {**WAYS[how]}
    weighed = given.pop("weighed", True)
    agreed = definition_of_company(seed)
    chosen_by = agreed if given.pop("chosen", False) else None
    history = planted_history(seed, chosen_by=chosen_by, leads=leads, **given)
    return truths_found(search(history, agreed, weighted=weighed).proposals, agreed)


def proposal_shares(
    how: str, seeds: int, leads: int = LEADS, pool: Executor | None = None
) -> Shares:
    """Return the share of companies with each truth, anything, or anything wrong proposed."""
    check = partial(check_company, how=how, leads=leads)
    companies = list(pool.map(check, range(seeds)) if pool else map(check, range(seeds)))
    return {key: float(np.mean([company[key] for company in companies])) for key in companies[0]}


def verify_proposals() -> dict[str, Shares]:
    """Return the shares for every kind of company."""
    with ProcessPoolExecutor(CORES) as pool:
        return {
            how: proposal_shares(how, AT_RANDOM if "shuffled" in options else SEEDS, pool=pool)
            for how, options in WAYS.items()
        }


def main() -> int:
    """Print the shares; return 1 if any is not as required."""
    shares = verify_proposals()
    planted = shares[PLANTED]
    silent = {how: 1 - shares[how]["anything"] for how in (BY_LEADS, BY_ACCOUNTS)}
    good = min(planted["both"], planted["missing"]) >= FOUND and min(silent.values()) >= NOTHING
    good &= max(shares[how]["wrong"] for how in (PLANTED, CHOSEN)) <= WRONG
    print(f"proposals over {SEEDS} simulated companies of {LEADS:,} leads")
    print(
        f"  right threshold found: {planted['threshold']:.0%}, "
        f"useless criterion: {planted['useless']:.0%}, "
        f"both: {planted['both']:.0%} (required: {FOUND:.0%})"
    )
    print(f"  missing criterion found: {planted['missing']:.0%} (required: {FOUND:.0%})")
    print(f"  anything wrong proposed: {planted['wrong']:.0%} (required: at most {WRONG:.0%})")
    for how, share in silent.items():
        print(
            f"  shuffled outcomes, {how}, nothing proposed: {share:.1%} "
            f"of {AT_RANDOM} (required: {NOTHING:.0%})"
        )
    for how in (CHOSEN, PLAIN, UNSEEN):
        print(
            f"  {how}: both found {shares[how]['both']:.0%}, missing criterion "
            f"{shares[how]['missing']:.0%}, anything wrong {shares[how]['wrong']:.0%}"
        )
    print("passed" if good else "FAILED: proposals cannot be trusted")
    return 0 if good else 1
