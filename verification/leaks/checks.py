"""Are planted leaks found? Each kind of column leak, planted alone in simulated companies.

The columns of a company are honest but for one that somebody wrote later. What counts is the share
of planted leaks that the audit suspects, and how many honest columns it suspects beside them.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from features.leaks.audit import audit_columns
from features.text import percent
from verification.estimates import Check, checks_text
from verification.leaks.planted import LEAKS, NOBODY_OPEN, PLANTED, Array, LeakCompany, leak_company

COMPANIES = 20
FOUND = 0.9  # of the planted leaks
ALARMS = 2  # honest columns suspected in a company


def audits_of(kind: str, companies: int) -> list[tuple[bool, int]]:
    """Plant a kind of leak; say for each company whether it was found, and count false alarms."""
    audits = []
    for seed in range(companies):
        first = 1000 * list(LEAKS).index(kind)
        company = leak_company(first + seed, any_open=kind != NOBODY_OPEN)
        planted = LEAKS[kind](company)
        suspects = _suspected(company, planted)
        audits.append((PLANTED in suspects, len(suspects - set(planted))))
    return audits


def leak_checks(companies: int) -> list[Check]:
    """Plant each kind of leak in so many companies, and check what the audit suspects."""
    audits = {kind: audits_of(kind, companies) for kind in LEAKS}
    checks = []
    for kind, found_and_alarms in audits.items():
        share = float(np.mean([found for found, _ in found_and_alarms]))
        result = f"found in {percent(share)} of {companies:,} companies"
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
        company.raw.assign(**columns), pd.Series(status, dtype=object), as_of=company.as_of
    )
    return {suspect.column for suspect in suspects}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 1 if a check fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=COMPANIES)
    checks = leak_checks(parser.parse_args(arguments).companies)
    print(checks_text(checks))
    return 0 if all(check.passed for check in checks) else 1
