"""What could not have been known at the moment: evidence against each raw column, in words.

A CRM export shows every lead as it is today. Columns that sales fills while a deal is closing, or
that keep the latest of something, tell the outcome because they were written after it. The audit
looks for what such writing leaves behind: dates after the moment, fields filled for the won or
for the closed only, values met with one outcome only, strength that nothing known early has. What
a column is called is never enough. Each finding has points; ten make a suspect, and names and
the tone of values can give no more than half of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.leak_measures import (
    MISSING,
    Coded,
    Codes,
    Mask,
    Numbers,
    auc,
    code,
    fill_by_group,
    information_value,
    information_within,
    log_odds_by_code,
    losses_without,
    order_in_bands,
    permutation_z,
    rates,
)
from features.profile import as_dates

if TYPE_CHECKING:
    pass

SUSPECT = 10.0  # points from which a column is suspected
SAMPLE = 20_000  # leads that shuffles and the joint model look at
FOLDS = 5
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Suspect:
    """A column that probably tells what was only known later.

    Attributes
    ----------
    column : str
        The column's name in the company's file.
    evidence : tuple of str
        What speaks against it, strongest first, with figures.
    strength : float
        Points of all evidence together; 10 is the least that makes a suspect.
    answer : str
        The lines of ``leadready.yaml`` that settle it, one way or the other.
    """

    column: str
    evidence: tuple[str, ...]
    strength: float
    answer: str


@dataclass(frozen=True)
class Finding:
    """One piece of evidence and its points; supporting evidence cannot make a suspect alone."""

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
    stage: Coded | None


def audit(
    raw: pd.DataFrame,
    outcome: pd.Series,
    *,
    as_of: pd.Series | None = None,
    closed_at: pd.Series | None = None,
    stage: pd.Series | None = None,
    order: pd.Series | None = None,
    answers: Mapping[str, str] | None = None,
    skip: Collection[str] = (),
    seed: int = 0,
    progress: Progress | None = None,
) -> list[Suspect]:
    """Find the columns that tell what could not have been known at the moment.

    Parameters
    ----------
    raw : DataFrame
        The company's columns as text; missing values are None.
    outcome : Series
        ``won``, ``not won`` or ``unknown``, one for each row of ``raw``. Unknown ones are taken as
        open: what is filled for closed leads only, is filled by closing them.
    as_of, closed_at : Series of datetime64, optional
        When each lead is judged, and when it was closed.
    stage : Series, optional
        The raw column that the outcome is read from.
    order : Series, optional
        Orders leads in time where ``as_of`` is absent; otherwise the order of the rows counts.
    answers : mapping, optional
        Columns that the team has answered for (``leak`` or ``known``); they are not suspected.
    skip : collection of str
        Columns that are never features anyway, such as ids.
    seed : int
        For the shuffles.
    progress : callable, optional
        Told in words what is being looked at.

    Returns
    -------
    list of Suspect
        Strongest first; empty when nothing is suspected.

    Examples
    --------
    >>> raw = pd.DataFrame({"paid": ["100"] * 60 + [None] * 140, "size": ["small", "big"] * 100})
    >>> found = audit(raw, pd.Series(["won"] * 60 + ["not won"] * 140))
    >>> [one.column for one in found], found[0].evidence[1]
    (['paid'], 'filled for 100 % of won leads but 0 % of those not won')
    """
    names = [one for one in raw.columns if one not in set(skip) | set(answers or ())]
    leads = _setting(raw, outcome, as_of, closed_at, stage, order)
    coded = _code_all(raw, names, progress)
    if not coded:
        return []
    findings = {one: _by_itself(raw[one], coded[one], leads) for one in names}
    if 0 < leads.won[leads.decided].sum() < leads.decided.sum():
        _say(progress, "leak audit: comparing the columns with each other")
        for one, more in _by_outcome(coded, leads, seed).items():
            findings[one] += more
    for one, more in _filled_together(coded, findings).items():
        findings[one] += more
    for one in names:
        findings[one] += _by_words(one, coded[one])
    found = [_judge(one, findings[one]) for one in names]
    return sorted((one for one in found if one), key=lambda one: -one.strength)


def _setting(
    raw: pd.DataFrame,
    outcome: pd.Series,
    as_of: pd.Series | None,
    closed_at: pd.Series | None,
    stage: pd.Series | None,
    order: pd.Series | None,
) -> Setting:
    said = outcome.to_numpy(object)
    decided = (said == "won") | (said == "not won")
    is_open = ~decided if closed_at is None else ~decided & closed_at.isna().to_numpy()
    known = as_of is not None and as_of.notna().any()
    age = order_in_bands(as_of if known else order, len(raw))
    coded = None if stage is None else code(stage)
    return Setting(decided, said == "won", is_open, age, as_of if known else None, coded)


def _code_all(raw: pd.DataFrame, names: list[str], progress: Progress | None) -> dict[str, Coded]:
    coded = {}
    for place, one in enumerate(names):
        if place % 10 == 0:
            _say(progress, f"leak audit: column {place + 1} of {len(names)}")
        coded[one] = code(raw[one])
    return coded


def _say(progress: Progress | None, words: str) -> None:
    if progress is not None:
        progress(words)


def _judge(column: str, findings: list[Finding]) -> Suspect | None:
    ordered = sorted(findings, key=lambda one: -one.points)
    causes = sum(one.points for one in ordered if not one.supports)
    support = min(sum(one.points for one in ordered if one.supports), SUSPECT / 2)
    if causes + support < SUSPECT or causes == 0:
        return None
    name = f'"{column}"' if re.search(r"[:#{}\[\],&*!|>'%@`]", column) else column
    answer = f"{name}: {{…, known_at_moment: true}}  or  {name}: {{leak: true}}"
    return Suspect(column, tuple(one.words for one in ordered), causes + support, answer)


# -- what a column shows by itself ----------------------------------------------------------------


def _by_itself(column: pd.Series, coded: Coded, leads: Setting) -> list[Finding]:
    filled = coded.filled
    if not filled.any():
        return []
    return [
        *_later_dates(column, leads),
        *_set_by_stage(filled, leads),
        *_filled_when_closed(filled, leads),
        *_in_batches(filled, leads),
    ]


def _later_dates(column: pd.Series, leads: Setting) -> list[Finding]:
    if leads.as_of is None:
        return []
    dates = as_dates(column)
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
    return [Finding(12 if share > 0.2 else 8, words)]


def _set_by_stage(filled: Mask, leads: Setting) -> list[Finding]:
    if leads.stage is None or filled.all():
        return []
    have, rows = rates(leads.stage.codes, filled, leads.stage.size)
    enough = rows >= 20
    agreeing = float(np.maximum(have, rows - have)[enough].sum() / max(rows[enough].sum(), 1))
    never = [place for place in np.flatnonzero(enough) if have[place] <= 0.01 * rows[place]]
    always = [place for place in np.flatnonzero(enough) if have[place] >= 0.97 * rows[place]]
    if agreeing < 0.985 or not never or not always:
        return []
    side, verb = (never, "never") if len(never) <= len(always) else (always, "only")
    stages = ", ".join(_level(leads.stage, place) for place in side[:4])
    words = f"the stage decides whether it is filled ({verb} for {stages}): true of {_percent(agreeing)}"
    return [Finding(10, words)]


def _filled_when_closed(filled: Mask, leads: Setting) -> list[Finding]:
    if min(leads.open.sum(), leads.decided.sum()) < 30:
        return []
    used = leads.open | leads.decided
    closed, still_open = fill_by_group(filled[used], leads.decided[used], leads.age[used])
    if not closed - still_open >= 0.3:
        return []
    words = f"filled for {_percent(closed)} of closed leads but {_percent(still_open)} of open ones as old"
    return [Finding(4, words)]


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
    return [Finding(4, words)]


# -- what it shows of the outcome -----------------------------------------------------------------


def _by_outcome(coded: Mapping[str, Coded], leads: Setting, seed: int) -> dict[str, list[Finding]]:
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
    rest = _drops(odds, won, leads.age[rows])
    found: dict[str, list[Finding]] = {}
    for name, one in small.items():
        known = certain[name] >= 6
        found[name] = [
            *(_filled_when_won(name, small, won, alone) if known else []),
            *(_strong(alone, name, rest[name]) if known else []),
            *(_one_sided(one, won) if known else []),
            *([Finding(1, _tells(alone[name]), supports=True)] if known else []),
        ]
    return found


def _drops(odds: Mapping[str, Numbers], won: Mask, age: Codes) -> dict[str, float]:
    """Share of what all columns tell of later leads' outcomes that is lost without each one."""
    train = age <= np.quantile(age, 0.7)
    if min(won[train].sum(), (~won[train]).sum(), won[~train].sum(), (~won[~train]).sum()) < 10:
        return dict.fromkeys(odds, 0.0)
    whole, without = losses_without(odds, won, train)
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
            return [Finding(4, f"{words}; mostly explained by {other}")]
    return [Finding(10 if value < 1 else 14, words)]


def _strong(alone: Mapping[str, float], name: str, lost: float) -> list[Finding]:
    if alone[name] < 0.78:
        return []
    rank = 1 + sum(one > alone[name] for one in alone.values())
    place = "the strongest" if rank == 1 else f"number {rank}"
    words = f"{_tells(alone[name])}: {place} of {len(alone)} columns, too good for early knowledge"
    if lost > 0.05:
        words += f"; without it the other columns tell {_percent(min(lost, 1))} less of later leads"
    points = float(np.interp(alone[name], [0.78, 0.85, 0.95], [5, 10, 16]))
    return [Finding(points + (2 if lost > 0.2 else 0), words)]


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
    return [Finding(5, words)]


# -- what several columns, names and values show --------------------------------------------------


def _filled_together(
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
            batched = any(one.words.startswith("filled in batches") for one in findings[name])
            found[name] = [Finding(2 if batched else 1, words, supports=not batched)]
    return found


_STAGE_WORDS = [
    "won",
    "lost",
    "closed",
    "close",
    "closing",
    "converted",
    "conversion",
    "convert",
    "stage",
    "status",
    "disqualified",
    "qualified",
    "disqualification",
    "rejected",
    "rejection",
    "sql",
    "mql",
    "sal",
    "invoice",
    "paid",
    "payment",
    "churn",
    "outcome",
    "result",
    "disposition",
]
_LATEST_WORDS = ["last", "latest", "current", "modified", "updated", "final", "next"]
_JUDGED_WORDS = [
    "score",
    "scores",
    "index",
    "rating",
    "grade",
    "quality",
    "probability",
    "propensity",
    "rank",
]
_SUM_WORDS = ["total", "all", "lifetime"]
_HAPPENED = re.compile(
    r"\b(sent|opened|clicked|bounced|unsubscribed|resubscribed|modified|visited|submitted|called|"
    r"converted|replied|received|answered|spam|unreachable|conversation|ringing|attended|closed|"
    r"lost|won|no answer|voicemail|switched off|not interested|invalid|disqualified)\b",
    re.IGNORECASE,
)


def _by_words(name: str, coded: Coded) -> list[Finding]:
    words = set(re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower()))
    found = []
    for known, points, meaning in (
        (_STAGE_WORDS, 5, "names a step after the moment"),
        (_LATEST_WORDS, 5, "says that it keeps the latest"),
        (_JUDGED_WORDS, 4, "says that someone or something judged the lead"),
        (_SUM_WORDS, 2, "says that it sums up everything so far"),
    ):
        if said := [one for one in known if one in words]:
            found.append(Finding(points, f"its name ({said[0]}) {meaning}", supports=True))
    rows = np.bincount(coded.codes, minlength=coded.size)[2:]
    happened = np.array([bool(_HAPPENED.search(one)) for one in coded.levels], dtype=bool)
    share = float(rows[happened].sum() / max(rows.sum(), 1)) if len(rows) else 0.0
    if not coded.is_number and share >= 0.5:
        example = coded.levels[int(np.argmax(np.where(happened, rows, -1)))]
        text = f"{_percent(share)} of its values are things that happen to a lead, such as {example!r}: "
        found.append(Finding(6, text + "the latest one is kept"))
    return found


def _level(coded: Coded, place: int) -> str:
    return ("no value", "a rare value")[place] if place < 2 else repr(coded.levels[place - 2])


def _percent(share: float) -> str:
    """A share in words; nearly all is never printed as all."""
    if 0 < share < 0.005 or 0.995 < share < 1:
        return f"{100 * share:.1f} %"
    return f"{100 * share:.0f} %"
