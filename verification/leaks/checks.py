"""Are planted leaks found? Each kind of column leak, planted alone in simulated companies.

The columns of a company are honest but for one that somebody wrote later. What counts is the share
of planted leaks that the audit suspects, and how many honest columns it suspects beside them.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from features.leaks.audit import audit_columns
from features.text import percent
from verification.estimates import Check, checks_text
from verification.leaks.busy_company import busy_company
from verification.leaks.fresh import FOUND_FRESH, FOUND_FRESH_WITHOUT_OPEN, FRESH, FRESH_AGAIN
from verification.leaks.further import FURTHER
from verification.leaks.later_jobs import FOUND_LATER, FOUND_WITHOUT_OPEN, LATER_JOBS
from verification.leaks.own_kinds import OWN_KINDS
from verification.leaks.planted import LEAKS, NOBODY_OPEN, PLANTED, Array, LeakCompany, leak_company
from verification.leaks.slow_company import slow_company

Audits = Sequence[tuple[bool, int]]  # whether a leak was found, and the false alarms beside it

SLOW = {
    **LATER_JOBS,
    **FRESH,
    **FRESH_AGAIN,
    **OWN_KINDS,
}  # planted in companies that take weeks to close
FOUND_OPEN = FOUND_LATER | FOUND_FRESH
FOUND_CLOSED = FOUND_WITHOUT_OPEN | FOUND_FRESH_WITHOUT_OPEN
COMPANIES = 20
FOUND = 0.9  # of the planted leaks
ALARMS = 2  # honest columns suspected in a company


def audits_of(kind: str, companies: int) -> Audits:
    """Plant a kind of leak; say for each company whether it was found, and count false alarms."""
    audits = []
    for seed in range(companies):
        first = 1000 * list(LEAKS).index(kind)
        company = leak_company(first + seed, any_open=kind != NOBODY_OPEN)
        planted = LEAKS[kind](company)
        suspects = _suspected(company, planted)
        audits.append((PLANTED in suspects, len(suspects - set(planted))))
    return audits


def further_audits_of(kind: str, companies: int, *, any_open: bool = True) -> Audits:
    """Plant a further kind of leak in busy companies, or what a later job writes in slow ones."""
    later = kind in SLOW
    kinds, company_of = (SLOW, slow_company) if later else (FURTHER, busy_company)
    first = (200_000 if later else 100_000) + 1000 * list(kinds).index(kind)
    audits = []
    for seed in range(first, first + companies):
        company = company_of(seed, any_open=any_open)
        suspects = _suspected(company, {PLANTED: kinds[kind](company)})
        audits.append((PLANTED in suspects, len(suspects - {PLANTED})))
    return audits


def leak_checks(companies: int) -> list[Check]:
    """Plant each kind of leak in so many companies, and check what the audit suspects."""
    return _checks({kind: audits_of(kind, companies) for kind in LEAKS})


def further_checks(companies: int) -> list[Check]:
    """Plant each further kind; where no lead is open, some leave no trace: all count together."""
    checks = _checks({kind: further_audits_of(kind, companies) for kind in FURTHER})
    closed = [further_audits_of(kind, max(companies // 4, 1), any_open=False) for kind in FURTHER]
    found = [found for audits in closed for found, _ in audits]
    share = float(np.mean(found))
    result = f"found in {percent(share)} of {len(found):,} companies"
    required = f"at least {percent(FOUND)}"
    return [*checks, Check("all of these; no lead is open", result, required, share >= FOUND)]


def later_checks(companies: int) -> list[Check]:
    """Plant what later jobs write, with open leads and without; what cannot be known is shown."""
    checks = []
    for any_open in (True, False):
        named = "" if any_open else "; no lead is open"
        audits = {kind: further_audits_of(kind, companies, any_open=any_open) for kind in SLOW}
        *found, honest = _checks(audits)
        known = FOUND_OPEN if any_open else FOUND_CLOSED
        checks += [
            replace(
                check,
                name=check.name + named,
                required=check.required if check.name in known else "",
                passed=check.passed or check.name not in known,
            )
            for check in found
        ]
        checks.append(replace(honest, name=honest.name + named))
    return checks


def _checks(audits: Mapping[str, Audits]) -> list[Check]:
    checks = []
    for kind, found_and_alarms in audits.items():
        share = float(np.mean([found for found, _ in found_and_alarms]))
        result = f"found in {percent(share)} of {len(found_and_alarms):,} companies"
        checks.append(Check(kind, result, f"at least {percent(FOUND)}", share >= FOUND))
    alarms = [number for rows in audits.values() for _, number in rows]
    result = f"{np.mean(alarms):.2f} on average, at most {max(alarms)}"
    required = f"at most {ALARMS} a company"
    return [*checks, Check("honest columns suspected", result, required, max(alarms) <= ALARMS)]


def _suspected(company: LeakCompany, planted: Mapping[str, Array]) -> set[str]:
    """Audit a company with what was planted in it."""
    columns = {name: pd.Series(values, dtype=object) for name, values in planted.items()}
    status = np.select([company.is_open, company.won], ["unknown", "won"], "not won")
    suspects = audit_columns(
        company.raw.assign(**columns),
        pd.Series(status, dtype=object),
        as_of=company.as_of,
        closed_at=company.closed_at,
    )
    return {suspect.column for suspect in suspects}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 1 if a check fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=COMPANIES)
    companies = parser.parse_args(arguments).companies
    checks = [
        *leak_checks(companies),
        *further_checks(companies),
        *later_checks(max(companies // 2, 1)),
    ]
    print(checks_text(checks))
    return 0 if all(check.passed for check in checks) else 1
