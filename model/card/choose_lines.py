"""Which features become lines of the card: those that predict leads they did not learn from.

The training leads are halved at random, account by account, several times. On one half a quick
boosting learns the term of every feature; on the other half a logistic regression with an L1
penalty and no negative weights says which terms predict there, next to all others. The mean z of a
term over all halves is its evidence. A feature that has nothing to do with winning learns only
noise on one half, and noise predicts nothing on the other.

Of features that divide the leads in the same way, the first takes part, and of those that count the
same kind of event the best window. What chance alone explains is dropped, see `chance_lines`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.card.chance_lines import beyond_chance
from model.card.line_weights import Half, conditional_z, gains_alone, table_gain
from model.card.swaps import Swap, best_swaps, lines_needed
from model.estimators.bins import Binning, bin_codes
from model.estimators.boosting import boosted_terms
from model.estimators.parallel import in_processes

Array = npt.NDArray[Any]
SPLITS = 6  # into two halves, each used both ways
LARGEST_HALF = 20_000  # leads
RATE, BAGS = 0.02, 1  # of the quick boosting
LEAST_EVIDENCE = 0.4  # mean z of a line that is tested; most noise stays below
SAME = 0.95  # terms whose correlation is larger say the same
PLAINER = 0.05  # the plainer of two such features may gain less by this share
PRIOR = 5.0  # leads at the base rate, added to each bin
WINDOW = re.compile(r"(.+)_(?:\d+d|ever|days_since)")
LAST = "days_since_last_"
Parts = Sequence[tuple[Array, Array]]


class LineEvidence(NamedTuple):
    """How well a feature's term predicts leads it did not learn from.

    Attributes
    ----------
    feature : str
    z : float
        The mean over all halves; 0 where it adds nothing to the other lines.
    """

    feature: str
    z: float


class LineChoice(NamedTuple):
    """The lines of a card, and what other cards would do.

    Attributes
    ----------
    lines : list of LineEvidence
        The strongest first.
    swaps : list of Swap
        Cards of nearly the same quality that use another feature.
    needed : int or None
        The fewest lines that come within 0.01 AUC of all features; None where none do.
    """

    lines: list[LineEvidence]
    swaps: list[Swap]
    needed: int | None


def choose_lines(
    X: pd.DataFrame,
    y: Array,
    binnings: Sequence[Binning],
    signs: Mapping[str, int],
    *,
    most: int,
    must: Sequence[str] = (),
    splits: int | None = None,
    alternatives: bool = False,
    weights: Array | None = None,
    groups: Array | None = None,
    in_time: bool = False,
    seed: int = 0,
) -> LineChoice:
    """Choose the features that predict next to each other.

    Parameters
    ----------
    X, y : DataFrame, array of shape (n,)
        Training leads and outcomes (1 for won).
    binnings : sequence of Binning
        The fine bins of every feature that may become a line; of two that say the same, the one
        that comes first is the plainer.
    signs : mapping
        Feature to 1 or -1 where a direction was agreed on.
    most : int
        The most lines of a card.
    must : sequence of str
        Features that become lines whatever their evidence.
    splits : int
        How often the leads are halved, ``SPLITS`` by default.
    alternatives : bool
        Look for other cards too.
    weights, groups : array of shape (n,), optional
        How many leads each one represents; leads of a group stay in the same half.
    in_time : bool
        Later leads are predicted: no further lines, see `chance_lines`.
    """
    if not binnings:
        return LineChoice([], [], None)
    each = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
    y, codes = np.asarray(y, dtype=np.float64), bin_codes(binnings, X)
    different = without_copies(codes, [binning.feature in must for binning in binnings])
    binnings, codes = [binnings[place] for place in different], codes[:, different]
    parts = _halved(len(y), groups, SPLITS if splits is None else splits, seed)
    alone = np.sum([_bin_gains(codes, y, each, *part) for part in parts], axis=0)
    windows = best_windows([binning.feature for binning in binnings], alone, must)
    binnings = [binnings[place] for place in windows]
    halves = _boosted_halves(codes[:, windows], y, each, binnings, signs, groups, parts, seed)
    names = [binning.feature for binning in binnings]
    forced = [place for place, name in enumerate(names) if name in must]
    candidates = _plainest(halves, alone[windows], forced)
    z = conditional_z(halves, candidates, most, forced)
    ranked = sorted(candidates, key=lambda place: (place not in forced, -z[place]))
    likely = [place for place in ranked if z[place] >= LEAST_EVIDENCE or place in forced]
    chosen = beyond_chance(
        X,
        y,
        binnings,
        likely=likely or ranked[:1],
        most=most,
        weights=each,
        groups=groups,
        forced=must,
        tested=len(candidates),
        further=not in_time,
        seed=seed,
    )
    return LineChoice(
        [LineEvidence(names[place], float(z[place])) for place in chosen],
        best_swaps(halves, names, chosen, candidates) if alternatives else [],
        lines_needed(halves, ranked) if alternatives else None,
    )


def without_copies(codes: Array, wanted: Sequence[bool]) -> list[int]:
    """Of features that divide the leads in the same way, take the first; those wanted stay.

    Examples
    --------
    >>> codes = np.array([[1, 2, 1], [1, 2, 2], [2, 1, 1]])
    >>> without_copies(codes, [False, False, False]), without_copies(codes, [False, True, False])
    ([0, 2], [1, 2])
    """
    taken: set[bytes] = set()
    kept = []
    for place in sorted(range(codes.shape[1]), key=lambda place: not wanted[place]):
        division = pd.factorize(codes[:, place])[0].tobytes()
        if wanted[place] or division not in taken:
            kept.append(place)
        taken.add(division)
    return sorted(kept)


def _halved(n: int, groups: Array | None, splits: int, seed: int) -> Parts:
    """Halve the leads at random, group by group; each half is used to learn and to test."""
    units = np.arange(n) if groups is None else pd.factorize(groups)[0]
    rng = np.random.default_rng(seed)
    parts = []
    for _ in range(splits):
        draw = rng.random(units.max() + 1)[units]
        first = draw < np.median(draw)
        for side in (first, ~first):
            parts.append((_sample(rng, np.flatnonzero(side)), _sample(rng, np.flatnonzero(~side))))
    return parts


def _sample(rng: np.random.Generator, rows: Array) -> Array:
    return rows if len(rows) <= LARGEST_HALF else np.sort(rng.choice(rows, LARGEST_HALF, False))


def _bin_gains(codes: Array, y: Array, weights: Array, learn: Array, test: Array) -> Array:
    """The log-likelihood that the win rates of each feature's bins gain on other leads."""
    base = float(np.average(y[learn], weights=weights[learn]))
    gains = []
    for column in codes.T:
        size = int(column.max()) + 1
        leads = np.bincount(column[learn], weights[learn], size)
        won = np.bincount(column[learn], weights[learn] * y[learn], size)
        rate = (won + PRIOR * base) / (leads + PRIOR)
        gains.append(table_gain(np.log(rate / (1 - rate)), column[test], y[test], weights[test]))
    return np.array(gains)


def best_windows(names: Sequence[str], gains: Array, must: Sequence[str] = ()) -> list[int]:
    """Of the features of one kind of event, take the window that gains the most.

    Where people want windows of a kind, these are taken.

    Examples
    --------
    >>> names = ["click_7d", "click_30d", "size", "days_since_last_click"]
    >>> best_windows(names, np.array([1, 2, 3, 1.5]))
    [1, 2]
    >>> best_windows(names, np.array([1, 2, 3, 1.5]), must=["click_7d"])
    [0, 2]
    """
    wanted = [place for place, name in enumerate(names) if name in must]
    settled = {event_kind(names[place]) for place in wanted}
    best: dict[str, int] = {}
    for place in np.argsort(-gains, kind="stable").tolist():
        kind = event_kind(names[place])
        if kind not in settled:
            best.setdefault(kind, place)
    return sorted([*wanted, *best.values()])


def event_kind(feature: str) -> str:
    """Give the kind of event that a feature counts, or the feature itself.

    Examples
    --------
    >>> event_kind("webinar_attended_30d"), event_kind("days_since_last_activity")
    ('webinar_attended', 'activity')
    """
    match = WINDOW.fullmatch(feature)
    return match[1] if match else feature.removeprefix(LAST)


def _boosted_halves(
    codes: Array,
    y: Array,
    weights: Array,
    binnings: Sequence[Binning],
    signs: Mapping[str, int],
    groups: Array | None,
    parts: Parts,
    seed: int,
) -> list[Half]:
    from joblib import delayed

    def half(learn: Array, test: Array) -> Any:
        clusters = None if groups is None else groups[learn]
        return delayed(_applied)(
            (codes[learn], y[learn], weights[learn], clusters),
            Half(codes[test], [], y[test], weights[test]),
            binnings,
            signs,
            seed,
        )

    return list(in_processes()(half(learn, test) for learn, test in parts))


def _applied(
    learn: tuple[Array, Array, Array, Array | None],
    test: Half,
    binnings: Sequence[Binning],
    signs: Mapping[str, int],
    seed: int,
) -> Half:
    """Learn the terms of one half for use on the other."""
    codes, y, weights, groups = learn
    if len(np.unique(y)) < 2:
        return replace(test, tables=[np.zeros(binning.size) for binning in binnings])
    _, terms = boosted_terms(
        codes,
        y,
        binnings,
        signs,
        weights=weights,
        groups=groups,
        learning_rate=RATE,
        bags=BAGS,
        seed=seed,
    )
    return replace(test, tables=[term.log_odds for term in terms])


def _plainest(halves: Sequence[Half], alone: Array, forced: Sequence[int]) -> list[int]:
    """Drop the features that predict nothing alone, and of two that say the same the other one.

    Two such features are compared by what their bins gain alone: in boosting they share the effect,
    and chance says how.
    """
    gains = np.sum([gains_alone(half) for half in halves], axis=0)
    others = [place for place in np.flatnonzero(gains > 0).tolist() if place not in forced]
    correlation = np.mean([half.correlation for half in halves], axis=0)
    kept: list[int] = []
    for place in [*forced, *others]:
        twins = [other for other in kept if correlation[place, other] > SAME]
        if not twins:
            kept.append(place)
        elif not set(twins) & set(forced) and alone[place] * (1 - PLAINER) > alone[twins].max():
            kept = [other for other in kept if other not in twins] + [place]
    return sorted(kept)
