"""What a column shows of the outcome.

A column counts only where it separates won leads from the others more than it separates shuffled
outcomes. It is suspect if it is filled for the won, if hardly any early information is that strong,
or if some value goes with one outcome only.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from features.leaks.column_checks import FOLDS
from features.leaks.finding import (
    ONE_SIDED,
    SEPARATES,
    Finding,
    LeadStatus,
    exact_share,
    value_name,
)
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

SAMPLE = 20_000  # leads that the shuffles and the joint model use
ALWAYS, MOST_USUAL = 0.95, 0.2  # win rates: with a value that all but always wins, and without
UNEXPLAINED = (
    0.13  # difference of the shares filled that neither early columns nor open leads explain
)
LEAST_OPEN, AS_OFTEN = (
    100,
    0.8,
)  # open leads that show it; their share filled, of that of closed ones
STRONG = 0.77  # AUC that hardly any single column known early reaches


def outcome_findings(
    coded: Mapping[str, Coded], leads: LeadStatus, seed: int
) -> dict[str, list[Finding]]:
    """Check what each column shows of the outcome, beyond what it shows of shuffled outcomes."""
    rows = np.flatnonzero(leads.decided)
    if len(rows) > SAMPLE:
        rows = np.sort(np.random.default_rng(seed).choice(rows, SAMPLE, replace=False))
    won = leads.won[rows]
    fold = np.random.default_rng(seed).integers(0, FOLDS, len(rows)).astype(np.int32)
    sample = {
        name: Coded(column.codes[rows], column.levels, column.is_number)
        for name, column in coded.items()
    }
    log_odds = {
        name: log_odds_by_code(column.codes, won, column.size, fold, FOLDS)
        for name, column in sample.items()
    }
    strength = {name: auc(odds, won) for name, odds in log_odds.items()}
    deviations = permutation_z(list(sample.values()), won, np.arange(len(rows)), seed)
    telling = [name for name, deviation in zip(sample, deviations, strict=True) if deviation >= 6]
    strong = [name for name in telling if strength[name] >= STRONG]
    lost_without = _lost_without(log_odds, won, leads.age[rows], strong)
    findings: dict[str, list[Finding]] = {name: [] for name in sample}
    for name in telling:
        early = had_early(coded[name].filled, leads)
        findings[name] += _filled_when_won(name, sample, won, strength, early)
        if name in lost_without:
            findings[name] += _strong_alone(strength, name, lost_without[name])
        findings[name] += _one_sided(sample[name], won)
        findings[name].append(Finding(SEPARATES, 1, _separates_text(strength[name]), supports=True))
    return findings


def _lost_without(
    log_odds: Mapping[str, Numbers], won: Mask, age: Codes, strong: list[str]
) -> dict[str, float]:
    """Share of what all columns explain of later outcomes that is lost without each strong one."""
    if not strong:
        return {}
    train = age <= np.quantile(age, 0.7)
    if min(won[train].sum(), (~won[train]).sum(), won[~train].sum(), (~won[~train]).sum()) < 10:
        return dict.fromkeys(strong, 0.0)
    with_all, without = losses_without(log_odds, won, train, strong)
    base = won[train].mean()
    chance = -np.mean(np.where(won[~train], np.log(base), np.log1p(-base)))
    explained = max(float(chance) - with_all, 1e-3)
    return {name: (loss - with_all) / explained for name, loss in without.items()}


def had_early(filled: Mask, leads: LeadStatus) -> bool:
    """Whether open leads, which look as all leads did, have it nearly as often as closed ones."""
    if leads.fewer < LEAST_OPEN:
        return False
    used = leads.open | leads.decided
    closed, still_open = fill_by_group(filled[used], leads.decided[used], leads.same_age[used])
    return still_open >= AS_OFTEN * closed


def _filled_when_won(
    name: str,
    coded: Mapping[str, Coded],
    won: Mask,
    strength: Mapping[str, float],
    early: bool = False,
) -> list[Finding]:
    filled = coded[name].filled
    wins, lost = float(filled[won].mean()), float(filled[~won].mean())
    value = information_value(wins, lost)
    if value < 0.05 or abs(wins - lost) < 0.1:
        return []
    sentence = f"filled for {exact_share(wins)} of won leads but {exact_share(lost)} of the others"
    for other, column in coded.items():
        known_early = column.filled.mean() > 0.98 and column.size <= 32 and strength[other] < 0.8
        explained = min(0.1, value / 2)
        if other != name and known_early and information_within(filled, won, column) < explained:
            sentence += f"; mostly explained by {other}"
            return [Finding("filled when won", 4, sentence)] if value >= 0.2 else []
    points = float(np.interp(value, [0.2, 0.35, 1], [6, 10, 14])) if value >= 0.2 else 4.0
    if not early and abs(wins - lost) >= UNEXPLAINED:
        points = max(points, 10.0)
    return [Finding("filled when won", points, sentence)]


def _strong_alone(strength: Mapping[str, float], name: str, lost: float) -> list[Finding]:
    rank = 1 + sum(other > strength[name] for other in strength.values())
    place = "the strongest" if rank == 1 else f"number {rank}"
    sentence = f"{_separates_text(strength[name])}: {place} of {len(strength)} columns, "
    sentence += "too strong for early information"
    if lost > 0.05:
        loss = exact_share(min(lost, 1))
        sentence += f"; without it the other columns explain {loss} less of later outcomes"
    points = _points_of(strength[name])
    return [Finding("strong alone", points + (2 if lost > 0.25 else 0), sentence)]


def strong_by_itself(strength: float) -> list[Finding]:
    """Find what alone is too strong for early information.

    Examples
    --------
    >>> [finding.trace for finding in strong_by_itself(0.9)], strong_by_itself(0.7)
    (['strong alone', 'separates'], [])
    """
    if strength < STRONG:
        return []
    text = _separates_text(strength)
    strong = Finding("strong alone", _points_of(strength), f"{text}: too strong to be known early")
    return [strong, Finding(SEPARATES, 1, text, supports=True)]


def _points_of(strength: float) -> float:
    return float(np.interp(strength, [STRONG, 0.81, 0.95], [6, 10, 16]))


def _separates_text(strength: float) -> str:
    return f"alone it separates won leads from the others with AUC {strength:.2f} (chance is 0.50)"


def _one_sided(column: Coded, won: Mask) -> list[Finding]:
    wins, rows = rates(column.codes, won, column.size)
    base, total = float(won.mean()), len(won)
    rest = (won.sum() - wins + base) / (total - rows + 1)
    own = (wins + base) / (rows + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(own / (1 - own)) - np.log(rest / (1 - rest))
        surprise = np.abs(wins - rows * base) / np.sqrt(np.maximum(rows * base * (1 - base), 1e-9))
    decisive = (rows >= max(30, 0.005 * total)) & (np.abs(ratio) >= np.log(10)) & (surprise >= 6)
    decisive[MISSING] = False
    always = decisive & (own >= ALWAYS) & (rest <= MOST_USUAL)
    if not (always if column.is_number else decisive).any():
        return []
    best = int(np.argmax(np.where(always if always.any() else decisive, surprise, 0)))
    sentence = (
        f"{wins[best]:,.0f} of {rows[best]:,.0f} leads with {value_name(column, best)} were won, "
        f"{exact_share(float(rest[best]))} of all others"
    )
    return [Finding(ONE_SIDED, 10 if always.any() else 5, sentence)]


def tied_to_suspects(coded: Mapping[str, Coded], suspects: list[str], name: str) -> list[Finding]:
    """Find a value that almost always goes with one value of a strongly suspected column."""
    column = coded[name]
    if column.is_number:
        return []
    for suspect in suspects:
        other = coded[suspect]
        both = np.bincount(
            column.codes.astype(np.int64) * other.size + other.codes,
            minlength=column.size * other.size,
        ).reshape(column.size, -1)
        rows = both.sum(1)
        share = both / np.maximum(rows, 1)[:, None]
        usual = both.sum(0) / max(rows.sum(), 1)
        tied = (share > 0.95) & (usual < 0.6) & (rows >= max(30, 0.005 * rows.sum()))[:, None]
        tied[:2], tied[:, :2] = False, False
        if tied.any():
            own, its = np.unravel_index(int(np.argmax(np.where(tied, both, -1))), both.shape)
            sentence = (
                f"{both[own, its]:,} of {rows[own]:,} leads with {value_name(column, int(own))} "
                f"have {suspect} = {value_name(other, int(its))}, and {suspect} is itself suspected"
            )
            return [Finding(ONE_SIDED, 5, sentence)]
    return []
