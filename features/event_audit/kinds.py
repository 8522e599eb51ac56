"""Kinds of event that tell the outcome: converted, declined, contract sent, invoice.

Each kind is compared with the outcome by the events before the moment, as features count them. A
kind is suspect if it is nearly one-sided far beyond what early activity reaches, or if it is
one-sided and comes with the closing of the lead, is called after it, or hardly any open lead has
it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from features.event_audit.lead_events import LeadEvents
from features.leaks.finding import exact_share
from features.leaks.statistics import fill_by_group
from features.vocabulary.headings import heading_words
from features.vocabulary.stage_values import LOST, WON, stage_meaning

LEAST_LEADS, LEAST_SHARE = 30, 0.005
SURPRISE = 6.0  # standard deviations from what chance would give
SURPRISE_LATE = 4.0  # where open leads lack the kind
EXPECTED_OPEN, SEEN_OPEN = 8.0, 0.2  # open leads with it if it came early; share of them seen
ONE_SIDED, DECISIVE = 10.0, 40.0  # odds ratios: unusual, and hardly possible for early activity
CERTAIN = 0.8  # of the leads with the kind are won
AT_CLOSING = 0.6  # of the leads with the kind have it within a day of closing
ENOUGH_CLOSED = 20
_AFTER_THE_FACT = {
    "contract",
    "invoice",
    "invoiced",
    "onboarding",
    "onboarded",
    "paid",
    "payment",
    "purchase",
    "purchased",
    "signed",
    "subscription",
    "churn",
    "churned",
    "declined",
    "refused",
    "denied",
    "accepted",
    "approved",
    "cancelled",
    "canceled",
    "enrolled",
    "activated",
    "deposit",
    "installation",
    "delivered",
    "shipped",
    "ordered",
    "renewal",
}


class KindFinding(NamedTuple):
    """A kind of event that tells the outcome, and why it is thought so."""

    kind: str
    evidence: tuple[str, ...]
    strength: float


def kind_findings(found: LeadEvents) -> list[KindFinding]:
    """Find the kinds that tell the outcome, strongest first."""
    findings = [
        finding
        for code, kind in enumerate(found.kinds)
        if (finding := _look_at(found, code, kind)) is not None
    ]
    return sorted(findings, key=lambda finding: -finding.strength)


def _look_at(found: LeadEvents, code: int, kind: str) -> KindFinding | None:
    of_kind = found.kind == code
    has = found.count(of_kind & found.before) > 0
    late = _late_text(found, has)
    points, text = _one_sided(found, has, SURPRISE_LATE if late else SURPRISE)
    if not points:
        return None
    evidence, strength = [text], points
    if late:
        evidence.append(late)
        strength += 5
    share, closed = _at_closing(found, of_kind)
    if closed >= ENOUGH_CLOSED and share >= AT_CLOSING:
        evidence.append(
            f"{exact_share(share)} of the leads with it have it within a day of closing"
        )
        strength += 6
    if told_after(kind):
        evidence.append("its name suggests a step after the outcome is known")
        strength += 5
    return KindFinding(kind, tuple(evidence), strength) if strength >= 10 else None


def _late_text(found: LeadEvents, has: np.ndarray) -> str:
    """Say that hardly any open lead has a kind that closed ones of the same age have."""
    used = found.decided | found.open
    closed, still_open = fill_by_group(has[used], found.decided[used], found.age[used])
    expected, seen = closed * found.open.sum(), still_open * found.open.sum()
    if not (expected >= EXPECTED_OPEN and seen <= SEEN_OPEN * expected):  # NaN if none is open
        return ""
    return f"of open leads, {seen:,.0f} have it, where {expected:,.0f} of closed ones would"


def _one_sided(found: LeadEvents, has: np.ndarray, surprising: float) -> tuple[float, str]:
    decided, won = found.decided, found.won[found.decided]
    have = has[decided]
    rows, wins, total = int(have.sum()), int(won[have].sum()), len(won)
    if rows < max(LEAST_LEADS, LEAST_SHARE * total) or rows == total or not won.any():
        return 0.0, ""
    base = float(won.mean())
    rest = (won.sum() - wins + base) / (total - rows + 1)
    own = (wins + base) / (rows + 1)
    ratio = abs(np.log(own / (1 - own)) - np.log(rest / (1 - rest)))
    surprise = abs(wins - rows * base) / np.sqrt(max(rows * base * (1 - base), 1e-9))
    if surprise < surprising or ratio < np.log(ONE_SIDED):
        return 0.0, ""
    text = f"{wins:,} of {rows:,} leads with it before the moment were won, "
    text += f"{exact_share(float(rest))} of all others"
    decisive = ratio >= np.log(DECISIVE) and (own >= CERTAIN or own < base)
    return (10.0 if decisive else 5.0), text


def _at_closing(found: LeadEvents, of_kind: np.ndarray) -> tuple[float, int]:
    """The share of the leads with a kind that have it within a day of closing; their number."""
    dated = of_kind & np.isfinite(found.to_closing)
    near = dated & (np.abs(found.to_closing) <= 1)
    leads = found.count(dated) > 0
    return float((found.count(near) > 0)[leads].mean()) if leads.any() else 0.0, int(leads.sum())


def told_after(kind: str) -> bool:
    """Whether the name of a kind suggests a step after the outcome is known.

    Examples
    --------
    >>> [told_after(kind) for kind in ("converted", "invoice_sent", "webinar_attended")]
    [True, True, False]
    """
    text = kind.replace("_", " ")
    words = set(heading_words(text))
    return stage_meaning(text) in (WON, LOST) or bool(words & _AFTER_THE_FACT)
