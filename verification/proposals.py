"""Verify that proposals are honest: planted truth is found, and luck is not.

Small companies with a known right threshold, a criterion that does nothing, and one that is
missing (``verification.planted_rules``). Over 50 of them the first two must be proposed in at least
80 %, and the third as well. Over 200 whose outcomes are handed out at random, lead by lead, and 200
account by account, nothing may be proposed in at least 90 %. Over 50 more sales chooses whom to
work: what is found, and what is wrong, is told with and without weighing, and where the score that
it chose by is not in the data. Run by ``make verify``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import partial
from typing import Any

import numpy as np

from model.definition.edit_yaml import Edit, at, criteria_paths
from model.proposals.search import search
from model.simulation.history import History
from verification.planted_rules import (
    BY_ACCOUNTS,
    BY_LEADS,
    FORGOTTEN,
    LEADS,
    RECENT,
    RIGHT,
    USELESS,
    company,
    definition,
)

SEEDS, AT_RANDOM = 50, 200
FOUND, NOTHING = 0.8, 0.9  # of the seeds, at least
WRONG = 0.1  # of the seeds, at most
NEAR = 1.5  # a threshold within this factor of the right one is found
NO_EFFECT = ("company_age", "region", "source", "page_view_30d", "email_open_30d")
PLANTED = "planted"
CHOSEN, PLAIN, UNSEEN = (
    "sales chooses, weighed",
    "sales chooses, not weighed",
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


def found(history: History, agreed: dict[str, Any], *, weighed: bool = True) -> dict[str, bool]:
    """Say which of the planted truths are proposed, whether anything is, and anything wrong."""
    found = search(history, agreed, weighed=weighed)
    edits = [proposal.tried.edit for proposal in found.proposals]
    told = [edit for edit in edits if edit is not None]
    threshold = any(_is_near(edit, "right-size", "to", RIGHT) for edit in told)
    useless = any(edit["change"] == "remove" and edit["criterion"] == USELESS for edit in told)
    return {
        "threshold": threshold,
        "useless": useless,
        "both": threshold and useless,
        "missing": any(_asks(edit, FORGOTTEN, "at_most", RECENT) for edit in told),
        "wrong": any(_is_wrong(edit, agreed) for edit in told),
        "anything": bool(told),
    }


def _is_near(edit: Edit, criterion: str, key: str, right: float) -> bool:
    mine = edit["change"] == "set" and edit["criterion"] == criterion
    return bool(mine and right / NEAR <= float(edit[key]) <= right * NEAR)


def _asks(edit: Edit, feature: str, operator: str, right: float) -> bool:
    rule = edit["criterion"] if edit["change"] == "add" else {}
    mine = rule.get("feature") == feature and operator in rule
    return bool(mine and right / NEAR <= float(rule[operator]) <= right * NEAR)


def _is_wrong(edit: Edit, agreed: Mapping[str, Any]) -> bool:
    """Whether a change is against the truth that was planted."""
    if edit["change"] == "remove":
        return bool(edit["criterion"] != USELESS)
    if edit["change"] == "add":
        return edit["criterion"]["feature"] in NO_EFFECT
    if edit["criterion"] == USELESS:
        return bool(edit["to"] > edit["from"])  # asks for more of what does nothing
    if edit["criterion"] != "right-size":
        return True
    today = at(agreed, criteria_paths(agreed)["right-size"])["at_least"]
    return bool(abs(np.log(edit["to"] / RIGHT)) >= abs(np.log(today / RIGHT)))


def agreed_in(seed: int) -> dict[str, Any]:
    """The definition of a company: too strict, or too lax."""
    return definition(150 if seed % 2 else 15)


def one_company(seed: int, how: str, leads: int) -> dict[str, bool]:
    """Make one company and say what is found there."""
    given = {**WAYS[how]}
    weighed = given.pop("weighed", True)
    agreed = agreed_in(seed)
    chosen_by = agreed if given.pop("chosen", False) else None
    return found(company(seed, chosen_by=chosen_by, leads=leads, **given), agreed, weighed=weighed)


def shares(how: str, seeds: int, leads: int = LEADS, pool: Executor | None = None) -> Shares:
    """Give the share of companies in which each truth, anything, or anything wrong was proposed."""
    check = partial(one_company, how=how, leads=leads)
    told = list(pool.map(check, range(seeds)) if pool else map(check, range(seeds)))
    return {key: float(np.mean([company[key] for company in told])) for key in told[0]}


def verify(seeds: int = SEEDS, at_random: int = AT_RANDOM, leads: int = LEADS) -> dict[str, Shares]:
    """Give the shares for every way in which companies are made."""
    with ProcessPoolExecutor(CORES) as pool:
        return {
            how: shares(how, at_random if how in (BY_LEADS, BY_ACCOUNTS) else seeds, leads, pool)
            for how in WAYS
        }


def main() -> int:
    """Print the shares; 0 when they are as they must be."""
    told = verify()
    planted = told[PLANTED]
    silent = {how: 1 - told[how]["anything"] for how in (BY_LEADS, BY_ACCOUNTS)}
    good = min(planted["both"], planted["missing"]) >= FOUND and min(silent.values()) >= NOTHING
    good &= max(told[how]["wrong"] for how in (PLANTED, CHOSEN)) <= WRONG
    print(f"proposals over {SEEDS} simulated companies of {LEADS:,} leads")
    print(
        f"  right threshold found: {planted['threshold']:.0%}, "
        f"useless criterion: {planted['useless']:.0%}, "
        f"both: {planted['both']:.0%} (wanted: {FOUND:.0%})"
    )
    print(f"  missing criterion found: {planted['missing']:.0%} (wanted: {FOUND:.0%})")
    print(f"  anything wrong proposed: {planted['wrong']:.0%} (wanted: at most {WRONG:.0%})")
    for how, share in silent.items():
        print(
            f"  outcomes at random, {how}, nothing proposed: {share:.1%} "
            f"of {AT_RANDOM} (wanted: {NOTHING:.0%})"
        )
    for how in (CHOSEN, PLAIN, UNSEEN):
        print(
            f"  {how}: both found {told[how]['both']:.0%}, missing criterion "
            f"{told[how]['missing']:.0%}, anything wrong {told[how]['wrong']:.0%}"
        )
    print("yes" if good else "NO: proposals are not to be trusted")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
