"""Changes to a definition that the data speaks for, and how far luck is ruled out.

Found on the earlier half of the leads, confirmed on the later half, which had no say in what was
picked. Each thing tried has one p-value, from later leads alone. Benjamini and Hochberg's procedure
over *all* things tried keeps the expected share of proposals that are mere luck below a bound
(5 %), and where nothing can be learnt, proposes anything at all in at most 5 of 100 companies. It
is the weighted one: things for which earlier leads do not speak weigh nothing, the others share
their weight; weights may be anything that does not depend on the later leads. Intervals are widened
for having been selected.

References
----------
Y. Benjamini, Y. Hochberg, "Controlling the false discovery rate", JRSS B 1995 (valid for the
positive dependence that windows of one kind of event have: Benjamini and Yekutieli 2001).
C. Genovese, K. Roeder, L. Wasserman, "False discovery control with p-value weighting", Biometrika
2006. Y. Benjamini, D. Yekutieli, "False discovery rate–adjusted multiple confidence intervals for
selected parameters", JASA 2005.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from features.progress import Step
from model.definition.edit_yaml import Edit
from model.proposals.change_test import Look, Move
from model.proposals.from_scorecard import Card, learnt
from model.proposals.new_criteria import TWICE, fewer_won, times
from model.proposals.question import REJECTIONS, REMOVE, THRESHOLD, Slot
from model.proposals.questions import slots
from model.proposals.time_split import Halves, halves
from model.simulation.history import Array, History, Mask

RATE = 0.05  # the share of proposals that may be luck
PROMISING = 0.5  # standard errors on the earlier leads, before later ones are asked
NOT_SENSIBLE = {
    REMOVE: "those that it alone keeps out are won less often than the ready ones",
    REJECTIONS: "the reason is not given twice as often there in both halves, or as many are won",
}
ALIKE = 0.5  # two changes that share so many of all leads that they move say the same


@dataclass(frozen=True, eq=False)
class Tried:
    """One thing tried: the best change of its kind, and what later leads say of it.

    ``first`` is what it moves of the earlier leads.
    """

    slot: Slot
    edit: Edit | None
    move: Move | None
    p: float
    why_not: str = ""
    first: Move | None = None

    @property
    def weight(self) -> float:
        """0 where the earlier leads do not speak for it, so that later ones were not asked."""
        return float(self.move is not None)


@dataclass(frozen=True)
class Proposal:
    """A change that later leads bear out.

    Attributes
    ----------
    tried : Tried
        What it was.
    adjusted : float
        The smallest bound on the share of luck among proposals under which it is one.
    level : float
        Level of the intervals, having been selected among all that was tried.
    same : tuple of Tried
        Other changes that are borne out and move mostly the same leads.
    """

    tried: Tried
    adjusted: float
    level: float
    same: tuple[Tried, ...] = ()


@dataclass(frozen=True)
class Found:
    """What came of the search."""

    proposals: list[Proposal]
    tried: list[Tried]
    halves: Halves
    card: Card


def search(
    history: History,
    definition: Mapping[str, Any],
    *,
    rate: float = RATE,
    weighed: bool = True,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
) -> Found:
    """Look for changes on the earlier leads and confirm them on the later ones.

    Parameters
    ----------
    history : History
        With ``order`` and ``mature_at`` among its rows; leads whose outcome is not known are not
        learnt from.
    rate : float
        The share of proposals that may be luck.
    weighed : bool
        Whether the worked leads speak for those that sales never worked, too.

    Raises
    ------
    LeadReadyError
        When there are not leads enough for two halves.
    """
    say = progress or (lambda words: None)
    parts = halves(history, definition, weighed=weighed, seed=seed)
    earlier, later = Look(parts.earlier, definition), Look(parts.later, definition)
    card = learnt(parts.earlier, seed)
    all_slots = slots(earlier, card)
    tried = []
    for place, slot in enumerate(all_slots, start=1):
        tried.append(_try(slot, earlier, later))
        say(Step("testing changes", place, len(all_slots)))
    weights = weigh([one.p for one in tried], [one.weight for one in tried])
    kept = discoveries(weights, rate)
    found = _distinct([tried[place] for place in kept])
    adjusted = adjust(weights)
    level = 1 - rate * max(len(kept), 1) / max(sum(one.weight for one in tried), 1)
    proposals = [
        Proposal(one, float(adjusted[tried.index(one)]), level, tuple(same)) for one, same in found
    ]
    return Found(proposals, tried, parts, card)


def _try(slot: Slot, earlier: Look, later: Look) -> Tried:
    edit = slot.best(earlier)
    if edit is None:
        return Tried(slot, None, None, 1.0, "the earlier leads show nothing better")
    first = slot.judge(earlier, edit)
    if not first.enough or first.z < PROMISING:
        return Tried(slot, edit, None, 1.0, "the earlier leads do not speak for it")
    move = slot.judge(later, edit)
    if not move.enough:
        return Tried(slot, edit, move, 1.0, "too few later leads to tell")
    if not _sensible(slot, edit, (earlier, first), (later, move)):
        return Tried(slot, edit, move, 1.0, NOT_SENSIBLE[slot.kind])
    return Tried(slot, edit, move, move.p, first=first)


def _sensible(slot: Slot, edit: Edit, *halves: tuple[Look, Move]) -> bool:
    """What must hold besides, in both halves; it can only lower the number of proposals.

    A criterion is taken out only where those that it keeps out are not won less often, as far as
    can be told. A rejection reason counts only where it is given twice as often, and fewer are won.
    """
    if slot.kind == REJECTIONS:
        return all(times(move) >= TWICE and fewer_won(look.of(edit)) for look, move in halves)
    if slot.kind != REMOVE or not halves[0][1].let_in:
        return True
    for _, move in halves:
        better, error, _ = move.against([(move.stay, 1.0), (move.moved, -1.0)])
        if better > 1.96 * error:
            return False
    return True


# -- accounting for luck --------------------------------------------------------------------------


def weigh(p: Sequence[float], weights: Sequence[float]) -> Array:
    """Divide p-values by weights whose mean is made 1; 1 where nothing is weighed.

    Examples
    --------
    >>> weigh([0.01, 1.0, 0.3, 1.0], [1, 0, 1, 0])
    array([0.005, 1.   , 0.15 , 1.   ])
    """
    values, given = np.asarray(p, np.float64), np.asarray(weights, np.float64)
    shares = given * len(given) / max(float(given.sum()), 1e-9)
    return np.minimum(np.divide(values, shares, out=np.ones_like(values), where=shares > 0), 1.0)


def discoveries(p: Sequence[float] | Array, rate: float) -> list[int]:
    """Pick by Benjamini and Hochberg's procedure, the strongest first.

    Examples
    --------
    >>> discoveries([0.8, 0.001, 0.02, 0.5], 0.05)
    [1, 2]
    """
    order = np.argsort(p, kind="stable")
    below = [k for k, place in enumerate(order, start=1) if p[place] <= rate * k / len(p)]
    return [int(one) for one in order[: max(below, default=0)]]


def adjust(p: Sequence[float] | Array) -> Array:
    """Give each p-value's smallest rate at which it would be picked.

    Examples
    --------
    >>> adjust([0.8, 0.001, 0.02, 0.5]).round(3)
    array([0.8  , 0.004, 0.04 , 0.667])
    """
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    scaled = values[order] * len(values) / np.arange(1, len(values) + 1)
    found = np.empty(len(values))
    found[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return found


def _distinct(borne_out: list[Tried]) -> list[tuple[Tried, list[Tried]]]:
    """Keep one of the changes to the same criterion, or that move mostly the same leads.

    What became of leads counts for more than what was said of them, then the smaller p-value.
    """
    later = [one.slot.kind == REJECTIONS or _outdone(one, borne_out) for one in borne_out]
    order = sorted(range(len(borne_out)), key=lambda place: later[place])
    found: list[tuple[Tried, list[Tried]]] = []
    for one in (borne_out[place] for place in order):
        same = next((kept for kept in found if _alike(one, kept[0])), None)
        if same is None:
            found.append((one, []))
        else:
            same[1].append(one)
    return found


def _outdone(one: Tried, borne_out: list[Tried]) -> bool:
    """Whether a criterion is to be moved rather than taken out, or the other way round.

    Taken out where the leads that this alone lets in are nearer to the ready as well. The earlier
    leads say so: the later ones have confirmed both.
    """
    kinds = {REMOVE: THRESHOLD, THRESHOLD: REMOVE}
    rival = next(
        (
            other
            for other in borne_out
            if other.slot.kind == kinds.get(one.slot.kind) and other.slot.about == one.slot.about
        ),
        None,
    )
    if rival is None:
        return False
    out, moved = (one, rival) if one.slot.kind == REMOVE else (rival, one)
    assert out.first is not None
    assert moved.first is not None
    alone = out.first.moved & ~moved.first.moved
    take_out = not alone.any() or out.first.rate(alone) >= out.first.between
    return (one is moved) == take_out


def _alike(one: Tried, other: Tried) -> bool:
    assert one.edit is not None
    assert other.edit is not None
    mine, theirs = one.edit.get("criterion"), other.edit.get("criterion")
    if isinstance(mine, str) and mine == theirs:
        return True
    a, b = _moved(one), _moved(other)
    return bool((a & b).sum() > ALIKE * (a | b).sum())


def _moved(one: Tried) -> Mask:
    assert one.move is not None
    return one.move.moved


# -- what is said of a proposal -------------------------------------------------------------------


def groups(proposal: Proposal) -> dict[str, dict[str, Any]]:
    """The rates on later leads of those that move, stay ready, and stay out, with intervals.

    For a rejection reason the rate is the share that was turned down for it, else the win rate.
    """
    move = proposal.tried.move
    assert move is not None
    wide = float(ndtri(0.5 + proposal.level / 2))
    found = {}
    for name, which in (("moved", move.moved), ("ready", move.stay), ("not_ready", move.out)):
        value, error, _ = move.against([(which, 1.0)])
        found[name] = {
            "leads": int(which.sum()),
            "rate": value,
            "low": max(value - wide * error, 0.0),
            "high": min(value + wide * error, 1.0),
        }
    return found
