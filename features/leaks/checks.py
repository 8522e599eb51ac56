"""The checks of the leak audit: what a column shows, turned into findings with points and words.

Each check looks for one trace that late writing leaves behind, and says it in a sentence with
figures. A finding that only *supports* others (a name, a mere association) can never make a
suspect by itself; :mod:`features.leaks.audit` adds them up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.files.date_formats import dates_or_none
from features.leaks.statistics import (
    MISSING,
    Coded,
    Codes,
    Mask,
    Numbers,
    auc,
    fill_by_group,
    information_value,
    information_within,
    log_odds_by_code,
    losses_without,
    permutation_z,
    rates,
)

BATCHES, ONE_SIDED, TELLS = "filled in batches", "one-sided", "tells"
DIRECT = ("later dates", "set by stage")  # traces that need no association with the outcome
SAMPLE = 20_000  # leads that shuffles and the joint model look at
FOLDS = 5
CHANGED = 0.05  # of the leads: below it, changes are corrections
STRONG = 0.78  # AUC that hardly any single thing known early reaches


@dataclass(frozen=True)
class Finding:
    """One piece of evidence: the trace it is of, its points, and the sentence that says it.

    Supporting evidence cannot make a suspect alone.
    """

    trace: str
    points: float
    words: str
    supports: bool = False


@dataclass(frozen=True)
class Setting:
    """What every check of a column needs to know about the leads."""

    decided: Mask
    won: Mask  # of all leads; meaningful where decided
    open: Mask
    age: Codes  # tenths of the leads by age, oldest first
    as_of: pd.Series | None
    stage: Coded  # the stage; open or closed where no stage is known
    changed: Mapping[str, pd.Series]  # when each lead's value of a column was last written over


# -- what a column shows by itself ----------------------------------------------------------------


def by_itself(column: pd.Series, coded: Coded, leads: Setting) -> list[Finding]:
    """What shows without asking who was won: dates, and where and when the column is filled."""
    filled = coded.filled
    if not filled.any():
        return []
    return [
        *_later_dates(column, leads),
        *_changed_later(column, leads),
        *set_by(leads.stage, "the stage", filled),
        *(_filled_when_closed(filled, leads) or _differs_when_closed(coded, leads)),
        *_in_batches(filled, leads),
    ]


def _later_dates(column: pd.Series, leads: Setting) -> list[Finding]:
    if leads.as_of is None:
        return []
    dates = dates_or_none(column)
    if dates is None:
        return []
    days = (dates - leads.as_of.dt.floor("D")).dt.total_seconds().to_numpy() / 86400
    days = days[np.isfinite(days)]
    share = float((days >= 1).mean()) if len(days) else 0.0
    if share < 0.02:
        return []
    middle = np.median(days[days >= 1])
    words = (
        f"{_percent(share)} of its dates lie after the moment, by {middle:,.0f} days in the middle"
    )
    return [Finding("later dates", 12 if share > 0.2 else 8, words)]


def _changed_later(column: pd.Series, leads: Setting) -> list[Finding]:
    """What the CRM's own history says: the value was another one at the moment."""
    if leads.as_of is None or column.name not in leads.changed:
        return []
    late = leads.changed[str(column.name)] - leads.as_of
    days = late[late >= pd.Timedelta(0)].dt.total_seconds() / 86400
    share = len(days) / max(int(leads.as_of.notna().sum()), 1)
    if share < CHANGED:
        return []
    words = f"changed after the moment for {_percent(share)} of the leads"
    words += f", last {days.median():,.0f} days after it in the middle"
    return [Finding("changed later", 10 if share < 0.2 else 14, words)]


def set_by(stage: Coded, name: str, filled: Mask) -> list[Finding]:
    """Whether the values of a stage decide where a column is filled.

    Examples
    --------
    >>> from features.leaks.statistics import code
    >>> stage = code(pd.Series(["New", "Won", "Lost"] * 30))
    >>> set_by(stage, "the stage", stage.codes != 2)[0].words
    "the stage decides whether it is filled (never for 'New'): true of 100 %"
    """
    if filled.all():
        return []
    have, rows = rates(stage.codes, filled, stage.size)
    enough = rows >= 20
    agreeing = float(np.maximum(have, rows - have)[enough].sum() / max(rows[enough].sum(), 1))
    never = [place for place in np.flatnonzero(enough) if have[place] <= 0.01 * rows[place]]
    always = [place for place in np.flatnonzero(enough) if have[place] >= 0.97 * rows[place]]
    if agreeing < 0.985 or not never or not always:
        return []
    side, verb = (never, "never") if len(never) <= len(always) else (always, "only")
    stages = ", ".join(_level(stage, int(place)) for place in side[:4])
    told = f"({verb} for {stages}): true of {_percent(agreeing)}"
    words = f"{name} decides whether it is filled {told}"
    return [Finding("set by stage", 10, words)]


def _filled_when_closed(filled: Mask, leads: Setting) -> list[Finding]:
    if min(leads.open.sum(), leads.decided.sum()) < 30:
        return []
    used = leads.open | leads.decided
    closed, still_open = fill_by_group(filled[used], leads.decided[used], leads.age[used])
    if not closed - still_open >= 0.3:
        return []
    words = f"filled for {_percent(closed)} of closed leads"
    words += f" but {_percent(still_open)} of open ones as old"
    return [Finding("filled when closed", 4, words)]


def _differs_when_closed(coded: Coded, leads: Setting) -> list[Finding]:
    """What open leads look like is what all leads looked like before they were closed."""
    used = leads.open | leads.decided
    if min(leads.open.sum(), leads.decided.sum()) < 30:
        return []
    codes, closed, age = coded.codes[used], leads.decided[used], leads.age[used]
    fold = (np.arange(len(codes)) % FOLDS).astype(np.int32)
    score = log_odds_by_code(codes, closed, coded.size, fold, FOLDS)
    apart, weight = [], []
    for band in np.unique(age):
        here = age == band
        apart.append(auc(score[here], closed[here]))
        weight.append(min(closed[here].sum(), (~closed[here]).sum()))
    if sum(weight) < 30 or (strength := float(np.average(apart, weights=weight))) < 0.8:
        return []
    words = f"its values tell closed leads from open ones as old with AUC {strength:.2f}"
    return [Finding("differs when closed", 4, words)]


def _in_batches(filled: Mask, leads: Setting) -> list[Finding]:
    rows = np.bincount(leads.age, minlength=10)
    if len(filled) < 500 or rows.min() < 20:
        return []
    share = np.bincount(leads.age, weights=filled, minlength=10) / rows
    inner = share[1:-1]
    falls_and_rises = min(share[0], share[-1]) - inner.min() > 0.6
    rises_and_falls = inner.max() - max(share[0], share[-1]) > 0.6
    if not (falls_and_rises or rises_and_falls):
        return []
    low, high = _percent(share.min()), _percent(share.max())
    words = f"filled in batches over time ({low} to {high} by tenth of age), not as leads came in"
    return [Finding(BATCHES, 4, words)]


# -- what it shows of the outcome -----------------------------------------------------------------


def by_outcome(coded: Mapping[str, Coded], leads: Setting, seed: int) -> dict[str, list[Finding]]:
    """What each column tells of the outcome, where it tells more than of shuffled outcomes."""
    rows = np.flatnonzero(leads.decided)
    if len(rows) > SAMPLE:
        rows = np.sort(np.random.default_rng(seed).choice(rows, SAMPLE, replace=False))
    won = leads.won[rows]
    fold = np.random.default_rng(seed).integers(0, FOLDS, len(rows)).astype(np.int32)
    small = {name: Coded(one.codes[rows], one.levels, one.is_number) for name, one in coded.items()}
    odds = {n: log_odds_by_code(c.codes, won, c.size, fold, FOLDS) for n, c in small.items()}
    alone = {name: auc(one, won) for name, one in odds.items()}
    sure = permutation_z(list(small.values()), won, np.arange(len(rows)), seed)
    certain = dict(zip(small, sure, strict=True))
    asked = [name for name, one in alone.items() if one >= STRONG]
    rest = _drops(odds, won, leads.age[rows], asked)
    found: dict[str, list[Finding]] = {}
    for name, one in small.items():
        known = certain[name] >= 6
        found[name] = [
            *(_filled_when_won(name, small, won, alone) if known else []),
            *(_strong(alone, name, rest[name]) if known and name in rest else []),
            *(_one_sided(one, won) if known else []),
            *([Finding(TELLS, 1, _tells(alone[name]), supports=True)] if known else []),
        ]
    return found


def _drops(
    odds: Mapping[str, Numbers], won: Mask, age: Codes, asked: list[str]
) -> dict[str, float]:
    """Share of what all columns tell of later leads' outcomes that is lost without each one."""
    train = age <= np.quantile(age, 0.7)
    if min(won[train].sum(), (~won[train]).sum(), won[~train].sum(), (~won[~train]).sum()) < 10:
        return dict.fromkeys(asked, 0.0)
    whole, without = losses_without(odds, won, train, asked)
    base = won[train].mean()
    chance = -np.mean(np.where(won[~train], np.log(base), np.log1p(-base)))
    told = max(float(chance) - whole, 1e-3)
    return {name: (loss - whole) / told for name, loss in without.items()}


def _filled_when_won(
    name: str, coded: Mapping[str, Coded], won: Mask, alone: Mapping[str, float]
) -> list[Finding]:
    filled = coded[name].filled
    if filled.all() or not filled.any():
        return []
    wins, lost = float(filled[won].mean()), float(filled[~won].mean())
    value = information_value(wins, lost)
    if value < 0.2 or abs(wins - lost) < 0.1:
        return []
    words = f"filled for {_percent(wins)} of won leads but {_percent(lost)} of those not won"
    for other, one in coded.items():
        early = other != name and one.filled.mean() > 0.98 and one.size <= 32 and alone[other] < 0.8
        if early and information_within(filled, won, one) < 0.1:
            return [Finding("filled when won", 4, f"{words}; mostly explained by {other}")]
    return [Finding("filled when won", float(np.interp(value, [0.2, 0.35, 1], [6, 10, 14])), words)]


def _strong(alone: Mapping[str, float], name: str, lost: float) -> list[Finding]:
    rank = 1 + sum(one > alone[name] for one in alone.values())
    place = "the strongest" if rank == 1 else f"number {rank}"
    words = f"{_tells(alone[name])}: {place} of {len(alone)} columns, too good for early knowledge"
    if lost > 0.05:
        words += f"; without it the other columns tell {_percent(min(lost, 1))} less of later leads"
    points = float(np.interp(alone[name], [STRONG, 0.84, 0.95], [5, 10, 16]))
    return [Finding("strong alone", points + (2 if lost > 0.25 else 0), words)]


def _tells(strength: float) -> str:
    return f"alone it tells won from not won with AUC {strength:.2f} (chance is 0.50)"


def _one_sided(one: Coded, won: Mask) -> list[Finding]:
    wins, rows = rates(one.codes, won, one.size)
    base, total = float(won.mean()), len(won)
    rest = (won.sum() - wins + base) / (total - rows + 1)
    own = (wins + base) / (rows + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(own / (1 - own)) - np.log(rest / (1 - rest))
        surprise = np.abs(wins - rows * base) / np.sqrt(np.maximum(rows * base * (1 - base), 1e-9))
    telling = (rows >= max(30, 0.005 * total)) & (np.abs(ratio) >= np.log(10)) & (surprise >= 6)
    telling[MISSING] = False
    if one.is_number or not telling.any():
        return []
    best = int(np.argmax(np.where(telling, surprise, 0)))
    words = (
        f"{_level(one, best)} was won in {wins[best]:,.0f} of {rows[best]:,.0f} leads, "
        f"all others in {_percent(float(rest[best]))}"
    )
    return [Finding(ONE_SIDED, 5, words)]


def tied_to(coded: Mapping[str, Coded], suspects: list[str], name: str) -> list[Finding]:
    """A value that is met almost only with one value of a column that is strongly suspected."""
    one = coded[name]
    if one.is_number:
        return []
    for other in suspects:
        both = np.bincount(
            one.codes.astype(np.int64) * coded[other].size + coded[other].codes,
            minlength=one.size * coded[other].size,
        ).reshape(one.size, -1)
        rows = both.sum(1)
        share = both / np.maximum(rows, 1)[:, None]
        usual = both.sum(0) / max(rows.sum(), 1)
        tied = (share > 0.95) & (usual < 0.6) & (rows >= max(30, 0.005 * rows.sum()))[:, None]
        tied[:2], tied[:, :2] = False, False
        if tied.any():
            own, its = np.unravel_index(int(np.argmax(np.where(tied, both, -1))), both.shape)
            value, theirs = _level(one, int(own)), _level(coded[other], int(its))
            words = (
                f"{value} is met with {other} = {theirs} in "
                f"{both[own, its]:,} of {rows[own]:,} leads, and {other} is suspected itself"
            )
            return [Finding(ONE_SIDED, 5, words)]
    return []


# -- what several columns, names and values show --------------------------------------------------


def filled_together(
    coded: Mapping[str, Coded], findings: Mapping[str, list[Finding]]
) -> dict[str, list[Finding]]:
    """Columns filled on the same leads; where that came in batches, one process wrote them."""
    groups: dict[bytes, list[str]] = {}
    for name, one in coded.items():
        if 0.05 <= one.filled.mean() <= 0.95:
            groups.setdefault(np.packbits(one.filled).tobytes(), []).append(name)
    found: dict[str, list[Finding]] = {name: [] for name in coded}
    for names in groups.values():
        for name in names if len(names) > 1 else []:
            others = ", ".join([one for one in names if one != name][:3])
            words = f"filled on exactly the same leads as {others}: one step wrote them together"
            batched = any(one.trace == BATCHES for one in findings[name])
            found[name] = [
                Finding("filled together", 2 if batched else 1, words, supports=not batched)
            ]
    return found


def _words(names: str) -> frozenset[str]:
    return frozenset(names.split())


_STAGE_WORDS = _words(
    "won lost closed close closing converted conversion convert stage status disqualified "
    "qualified disqualification rejected rejection sql mql sal invoice paid payment "
    "churn outcome result disposition"
)
_LATEST_WORDS = _words("last latest current modified updated final next")
_JUDGED_WORDS = _words("score scores index rating grade quality probability propensity rank")
_SUM_WORDS = _words("total all lifetime")
_NAMES = (
    (_STAGE_WORDS, 5, "names a step after the moment"),
    (_LATEST_WORDS, 5, "says that it keeps the latest"),
    (_JUDGED_WORDS, 4, "says that someone or something judged the lead"),
    (_SUM_WORDS, 1, "says that it sums up everything so far"),
)
_HAPPENED = re.compile(
    r"\b(sent|opened|clicked|bounced|unsubscribed|resubscribed|modified|visited|submitted|called|"
    r"converted|replied|received|answered|spam|unreachable|conversation|ringing|attended|closed|"
    r"lost|won|no answer|voicemail|switched off|not interested|invalid|disqualified)\b",
    re.IGNORECASE,
)


def by_words(name: str, coded: Coded) -> list[Finding]:
    """What a column's name says, and whether its values are things that happen to a lead.

    Examples
    --------
    >>> from features.leaks.statistics import code
    >>> values = pd.Series(["SMS Sent", "Email Opened"] * 30)
    >>> [one.words for one in by_words("Last Activity", code(values))]
    ['its name (last) says that it keeps the latest',
     "100 % of its values are things that happen to a lead, such as 'SMS Sent': the latest is kept"]
    """
    words = set(re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower()))
    found = []
    for known, points, meaning in _NAMES:
        if said := sorted(known & words):
            found.append(Finding("name", points, f"its name ({said[0]}) {meaning}", supports=True))
    rows = np.bincount(coded.codes, minlength=coded.size)[2:]
    happened = np.array([bool(_HAPPENED.search(one)) for one in coded.levels], dtype=bool)
    share = float(rows[happened].sum() / max(rows.sum(), 1)) if len(rows) else 0.0
    if not coded.is_number and share >= 0.5:
        example = coded.levels[int(np.argmax(np.where(happened, rows, -1)))]
        text = f"{_percent(share)} of its values are things that happen to a lead, such as"
        found.append(Finding("tone", 6, f"{text} {example!r}: the latest is kept"))
    return found


def _level(coded: Coded, place: int) -> str:
    return ("no value", "a rare value")[place] if place < 2 else repr(coded.levels[place - 2])


def _percent(share: float) -> str:
    """A share in words; nearly all is never printed as all."""
    if 0 < share < 0.005 or 0.995 < share < 1:
        return f"{100 * share:.1f} %"
    return f"{100 * share:.0f} %"
