"""Are leaks of events found? Each kind, planted alone in companies whose events are honest.

Two things count: the share of companies in which the leak is found, and how many honest kinds of
event are suspected beside it. For machines the shares are of events.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np

from features.event_audit.audit import audit_events
from features.text import percent
from verification.estimates import Check, checks_text
from verification.event_leaks.company import company_tables, event_company, mapping
from verification.event_leaks.machines import MACHINE_KINDS, found_and_alarms
from verification.event_leaks.planted import LEAKS, Planted

COMPANIES = 20
FOUND = 0.9  # of what is planted
STRANGERS = 5_000  # events of people who are no leads, in every other company
ALARMS = 2  # honest kinds of event suspected in a company
PEOPLE_ALARMS = 0.01  # of the events of people


def audit_of(planted: Planted, *, dated: bool = True) -> tuple[bool, int]:
    """Say whether a planted leak was found, and count the other suspects."""
    tables = company_tables(planted.company, planted.unlinked, dated=dated, copies=planted.copies)
    kinds = [suspect.kind for suspect in audit_events(mapping(), tables)]
    return planted.kind in kinds, len([kind for kind in kinds if kind != planted.kind])


def audits_of(name: str, companies: int) -> list[tuple[bool, int]]:
    """Plant a leak in companies; in every other one, nobody knows when leads were closed."""
    first = 1000 * (1 + list(LEAKS).index(name))
    planted = [LEAKS[name](event_company(first + seed)) for seed in range(companies)]
    return [audit_of(leak, dated=leak.dated or seed % 2 == 0) for seed, leak in enumerate(planted)]


def event_checks(companies: int) -> list[Check]:
    """Plant each leak in so many companies, and check what is found."""
    checks, alarms = [], []
    for seed in range(companies):
        strangers = STRANGERS * (seed % 2)
        _, suspects = audit_of(Planted(event_company(seed), "nothing is planted", strangers))
        alarms.append(suspects)
    for name in LEAKS:
        audits = audits_of(name, companies)
        share = float(np.mean([found for found, _ in audits]))
        alarms += [number for _, number in audits]
        result = f"found in {percent(share)} of {companies:,} companies"
        checks.append(Check(name, result, f"at least {percent(FOUND)}", share >= FOUND))
    result = f"{np.mean(alarms):.2f} on average, at most {max(alarms)}"
    honest = Check(
        "honest kinds suspected", result, f"at most {ALARMS} a company", max(alarms) <= ALARMS
    )
    return [*checks, honest, *machine_checks(companies)]


def machine_checks(companies: int) -> list[Check]:
    """Let machines of each kind act among the people of so many companies."""
    checks, alarms = [], []
    for place, name in enumerate(MACHINE_KINDS):
        shares = [found_and_alarms(name, 1000 * place + seed) for seed in range(companies)]
        found = float(np.mean([share for share, _ in shares]))
        alarms += [share for _, share in shares]
        result = f"{percent(found)} of their events found"
        checks.append(Check(name, result, f"at least {percent(FOUND)}", found >= FOUND))
    result = f"{percent(float(np.mean(alarms)), 2)}, at most {percent(max(alarms), 2)}"
    required = f"at most {percent(PEOPLE_ALARMS)}"
    people = Check(
        "events of people taken for a machine's", result, required, max(alarms) <= PEOPLE_ALARMS
    )
    return [*checks, people]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 1 if a check fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=COMPANIES)
    checks = event_checks(parser.parse_args(arguments).companies)
    print(checks_text(checks))
    return 0 if all(check.passed for check in checks) else 1
