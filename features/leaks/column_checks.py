"""What a column shows by itself, without its relation to the outcome.

Dates after the moment, fields that are filled when a lead is closed, fields filled in batches, and
names or values that describe what happens to a lead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from features.dates.read import Times
from features.leaks.finding import (
    AT_CLOSING,
    BATCHES,
    DIFFERS,
    EMPTIED,
    FILLED_LATE,
    LATER_DATES,
    REWRITTEN,
    Finding,
    LeadStatus,
    exact_share,
    value_name,
)
from features.leaks.statistics import Coded, Mask, auc, fill_by_group, log_odds_by_code, rates
from features.leaks.still_open import known_early
from features.leaks.until_export import counted_on
from features.text import join
from features.vocabulary.headings import heading_concepts

FOLDS = 5
TELLS_APART = 0.95  # AUC, or difference of shares: hardly any open lead looks like a closed one
DIFFERENT = (0.75, 0.85)  # AUC: columns known early hardly tell closed from open leads of their age
MOSTLY_LATE = 0.5  # of the leads have a value only since they were closed
MOSTLY_EMPTIED = 0.3  # more of the open leads have a value than of the closed ones
IN_PART, HARDLY_EVER = 0.2, 5  # of the closed leads at least; times as often as open ones
CHANGED = 0.05  # share of the leads; fewer changes are corrections


def column_findings(
    name: str, dates: Times | None, coded: Coded, leads: LeadStatus
) -> list[Finding]:
    """Check the dates of a column, if it has dates, and where and when it is filled."""
    filled = coded.filled
    if not filled.any():
        return []
    return [
        *_later_dates(dates, leads),
        *_changed_later(name, leads),
        *set_by_stage(leads.stage, "the stage", filled),
        *(_filled_when_closed(filled, leads) or differs_when_closed(coded, leads)),
        *_filled_in_batches(filled, leads),
        *counted_on(coded, leads),
    ]


def _later_dates(dates: Times | None, leads: LeadStatus) -> list[Finding]:
    if leads.days is None or dates is None:
        return []
    days = (dates - leads.days) / np.timedelta64(1, "D")
    days = days[np.isfinite(days)]
    share = float((days >= 1).mean()) if len(days) else 0.0
    if share < 0.02:
        return []
    median = np.median(days[days >= 1])
    sentence = (
        f"{exact_share(share)} of its dates are after the moment (median: {median:,.0f} days)"
    )
    return [Finding(LATER_DATES, 12 if share > 0.2 else 8, sentence)]


def _changed_later(name: str, leads: LeadStatus) -> list[Finding]:
    """Whether the CRM's own history shows that values were different at the moment."""
    if leads.as_of is None or name not in leads.changed:
        return []
    late = leads.changed[name] - leads.as_of
    days = late[late >= pd.Timedelta(0)].dt.total_seconds() / 86400
    share = len(days) / max(int(leads.as_of.notna().sum()), 1)
    if share < CHANGED:
        return []
    sentence = f"changed after the moment for {exact_share(share)} of the leads"
    sentence += f" (median of the last change: {days.median():,.0f} days)"
    return [Finding("changed later", 10 if share < 0.2 else 14, sentence)]


def set_by_stage(stage: Coded, name: str, filled: Mask) -> list[Finding]:
    """Check whether the values of a stage decide where a column is filled.

    Examples
    --------
    >>> from features.leaks.statistics import code
    >>> stage = code(pd.Series(["New", "Won", "Lost"] * 30))
    >>> set_by_stage(stage, "the stage", stage.codes != 2)[0].sentence
    "the stage decides whether it is filled (never for 'New'): true for 100% of the leads"
    """
    have, rows = rates(stage.codes, filled, stage.size)
    enough = rows >= 20
    agreeing = float(np.maximum(have, rows - have)[enough].sum() / max(rows[enough].sum(), 1))
    never = [place for place in np.flatnonzero(enough) if have[place] <= 0.01 * rows[place]]
    always = [place for place in np.flatnonzero(enough) if have[place] >= 0.97 * rows[place]]
    if agreeing < 0.985 or not never or not always:
        return []
    places, verb = (never, "never") if len(never) <= len(always) else (always, "only")
    stages = ", ".join(value_name(stage, int(place)) for place in places[:4])
    rule = f"{name} decides whether it is filled ({verb} for {stages})"
    sentence = f"{rule}: true for {exact_share(agreeing)} of the leads"
    return [Finding("set by stage", 10, sentence)]


def _filled_when_closed(filled: Mask, leads: LeadStatus) -> list[Finding]:
    if leads.fewer < 30:
        return []
    used = leads.open | leads.decided
    if leads.as_of is not None:
        used = used & leads.as_of.notna().to_numpy()  # others are never judged
    closed, still_open = fill_by_group(filled[used], leads.decided[used], leads.same_age[used])
    emptied = still_open - closed
    if emptied >= IN_PART and still_open > 3 * closed:
        points = 10 if emptied >= MOSTLY_EMPTIED or still_open > HARDLY_EVER * closed else 6
        sentence = f"filled for {exact_share(still_open)} of open leads"
        sentence += f" but {exact_share(closed)} of closed leads of the same age"
        return [Finding(EMPTIED, points, sentence)]
    difference, rarely = closed - still_open, closed > 3 * still_open
    if not (difference >= 0.3 or (difference >= 0.15 and rarely)):
        return []
    sentence = f"filled for {exact_share(closed)} of closed leads"
    sentence += f" but {exact_share(still_open)} of open leads of the same age"
    if difference >= TELLS_APART:
        return [Finding(REWRITTEN, 12, sentence)]
    if leads.open_loses and difference >= MOSTLY_LATE:
        return [Finding(FILLED_LATE, 10, f"{sentence}, which count as not won after the horizon")]
    if difference >= IN_PART and closed > HARDLY_EVER * still_open:
        return [Finding(AT_CLOSING, 10, sentence)]
    return [Finding("filled when closed", 6 if rarely else 4, sentence)]


def differs_when_closed(coded: Coded, leads: LeadStatus) -> list[Finding]:
    """Compare closed with open leads, which look as all leads did before they were closed."""
    weights = [same_age.weight for same_age in leads.each_age]
    if sum(weights) < 30:
        return []
    used = leads.open | leads.decided
    codes, closed = coded.codes[used], leads.decided[used]
    fold = (np.arange(len(codes)) % FOLDS).astype(np.int32)
    score = log_odds_by_code(codes, closed, coded.size, fold, FOLDS)
    strengths = [auc(score[same_age.rows], closed[same_age.rows]) for same_age in leads.each_age]
    strength = float(np.average(strengths, weights=weights))
    late = [] if coded.is_number else _values_of_closed_leads(coded, leads)
    if strength < DIFFERENT[0] or (late and strength < TELLS_APART):
        return late
    if strength < TELLS_APART and any(known_early(coded, told, leads) for told in leads.told):
        return []  # quick leads differ from slow ones, and the open ones are slow
    sentence = f"its values separate closed from open leads of the same age with AUC {strength:.2f}"
    trace = REWRITTEN if strength >= TELLS_APART else DIFFERS
    return [Finding(trace, float(np.interp(strength, DIFFERENT, [4, 10])), sentence)]


def _values_of_closed_leads(coded: Coded, leads: LeadStatus) -> list[Finding]:
    """Find values that many closed leads have and hardly any open ones of the same age.

    The values are chosen on one half of the leads and counted on the other.
    """
    used = np.flatnonzero(leads.open | leads.decided)
    chosen, counted = used[::2], used[1::2]
    late = []
    for value in range(1, coded.size):
        shares = fill_by_group(
            coded.codes[chosen] == value, leads.decided[chosen], leads.same_age[chosen]
        )
        if shares[0] >= 0.02 and shares[0] > HARDLY_EVER * shares[1]:
            late.append(value)
    if not late:
        return []
    having = np.isin(coded.codes[counted], late)
    closed, still_open = fill_by_group(having, leads.decided[counted], leads.same_age[counted])
    if closed - still_open < IN_PART or closed <= HARDLY_EVER * still_open:
        return []
    names = join([value_name(coded, value) for value in late], most=3)
    sentence = f"{exact_share(closed)} of closed leads have {names}"
    sentence += f", but {exact_share(still_open)} of open leads of the same age"
    return [Finding(AT_CLOSING, 10, sentence)]


def _filled_in_batches(filled: Mask, leads: LeadStatus) -> list[Finding]:
    rows = np.bincount(leads.age, minlength=10)
    if len(filled) < 500 or rows.min() < 20:
        return []
    share = np.bincount(leads.age, weights=filled, minlength=10) / rows
    inner = share[1:-1]
    falls_and_rises = min(share[0], share[-1]) - inner.min() > 0.6
    rises_and_falls = inner.max() - max(share[0], share[-1]) > 0.6
    if not (falls_and_rises or rises_and_falls):
        return []
    low, high = exact_share(share.min()), exact_share(share.max())
    sentence = (
        f"filled in batches over time ({low} to {high} by tenth of age), not as leads came in"
    )
    return [Finding(BATCHES, 4, sentence)]


def filled_together(
    coded: Mapping[str, Coded], findings: Mapping[str, list[Finding]]
) -> dict[str, list[Finding]]:
    """Find columns filled on the same leads; if that came in batches, one process wrote them."""
    groups: dict[bytes, list[str]] = {}
    for name, column in coded.items():
        if 0.05 <= column.filled.mean() <= 0.95:
            groups.setdefault(np.packbits(column.filled).tobytes(), []).append(name)
    together: dict[str, list[Finding]] = {name: [] for name in coded}
    for names in groups.values():
        for name in names if len(names) > 1 else []:
            others = join([other for other in names if other != name][:3])
            sentence = f"filled on exactly the same leads as {others}: one step wrote them together"
            batched = any(finding.trace == BATCHES for finding in findings[name])
            together[name] = [
                Finding("filled together", 2 if batched else 1, sentence, supports=not batched)
            ]
    return together


def _word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_STAGE_WORDS = _word_set(
    "won lost closed close closing converted conversion convert stage status disqualified "
    "qualified disqualification rejected rejection sql mql sal invoice paid payment "
    "churn outcome result disposition"
)
_LATEST_WORDS = _word_set("last latest current modified updated final next")
_RATING_WORDS = _word_set("score scores index rating grade quality probability propensity rank")
_SUM_WORDS = _word_set("total all lifetime")
_NAMES = (
    (_STAGE_WORDS, 5, "suggests a step after the moment"),
    (_LATEST_WORDS, 5, "suggests that it keeps the latest value"),
    (_RATING_WORDS, 4, "suggests a rating of the lead"),
    (_SUM_WORDS, 1, "suggests a running total"),
)
_HAPPENED = re.compile(
    r"\b(sent|opened|clicked|bounced|unsubscribed|resubscribed|modified|visited|submitted|called|"
    r"converted|replied|received|answered|spam|unreachable|conversation|ringing|attended|closed|"
    r"lost|won|no answer|voicemail|switched off|not interested|invalid|disqualified)\b",
    re.IGNORECASE,
)


def wording_findings(name: str, coded: Coded) -> list[Finding]:
    """Check what a column's name suggests, and whether its values are events of a lead.

    Examples
    --------
    >>> from features.leaks.statistics import code
    >>> values = pd.Series(["SMS Sent", "Email Opened"] * 30)
    >>> for finding in wording_findings("Last Activity", code(values)):
    ...     print(finding.sentence)
    its name (last) suggests that it keeps the latest value
    100% of its values are things that happen to a lead, such as 'SMS Sent': the latest is kept
    """
    words = set(re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower()))
    findings = []
    for group, points, meaning in _NAMES:
        if matching := sorted(group & words):
            sentence = f"its name ({matching[0]}) {meaning}"
            findings.append(Finding("name", points, sentence, supports=True))
    if "duration" in heading_concepts(name):
        sentence = "its name suggests how long something took, which is known when it is over"
        findings.append(Finding("name", 4, sentence, supports=True))
    rows = np.bincount(coded.codes, minlength=coded.size)[2:]
    happened = np.array([bool(_HAPPENED.search(level)) for level in coded.levels], dtype=bool)
    share = float(rows[happened].sum() / max(rows.sum(), 1))
    if share >= 0.5:
        example = coded.levels[int(np.argmax(np.where(happened, rows, -1)))]
        text = f"{exact_share(share)} of its values are things that happen to a lead, such as"
        findings.append(Finding("events", 6, f"{text} {example!r}: the latest is kept"))
    return findings
