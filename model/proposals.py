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
import pandas as pd
from scipy.special import ndtri

from model.definition_edits import Edit
from model.definition_history import Array, History, Mask
from model.definition_moves import Look, Move
from model.definition_slots import slots
from model.slot import REJECTIONS, REMOVE, Slot
from model.slots_added import TWICE, fewer_won, times
from model.splits import Split, split
from model.strong_points import Card, learnt

RATE = 0.05  # the share of proposals that may be luck
PROMISING = 0.5  # standard errors on the earlier leads, before later ones are asked
ALIKE = 0.5  # two changes that share so many of all leads that they move say the same


@dataclass(frozen=True, eq=False)
class Tried:
    """One thing tried: the best change of its kind, and what later leads say of it."""

    slot: Slot
    edit: Edit | None
    move: Move | None
    p: float
    why_not: str = ""

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
    split: Split
    earlier: History
    later: History
    card: Card


def search(
    history: History,
    definition: Mapping[str, Any],
    *,
    rate: float = RATE,
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

    Raises
    ------
    LeadReadyError
        When there are not leads enough for two halves.
    """
    known = history.part(history.known)
    parts = split(_all_mature(known.rows), test_share=0.5, seed=seed)
    earlier, later = (Look(known.part(one), definition) for one in (parts.train, parts.test))
    say, card = progress or (lambda words: None), learnt(earlier.history, seed)
    all_slots = slots(earlier, card)
    tried = []
    for place, slot in enumerate(all_slots, start=1):
        say(f"trying {place} of {len(all_slots)}: {slot.kind}, {slot.about}")
        tried.append(_try(slot, earlier, later))
    weighted = weigh([one.p for one in tried], [one.weight for one in tried])
    kept = discoveries(weighted, rate)
    found = _distinct([tried[place] for place in kept], later.history)
    adjusted = adjust(weighted)
    level = 1 - rate * max(len(kept), 1) / max(sum(one.weight for one in tried), 1)
    proposals = [Proposal(one, float(adjusted[tried.index(one)]), level, tuple(same))
                 for one, same in found]  # fmt: skip
    return Found(proposals, tried, parts, earlier.history, later.history, card)


def _all_mature(rows: pd.DataFrame) -> pd.DataFrame:
    """Let the earlier half reach up to the later one.

    A model may only learn from outcomes that were known when its test began; here, all that
    matters is that no later lead, nor its account, had a say in what is tried on it.
    """
    return rows.assign(mature_at=rows["as_of"])


def _try(slot: Slot, earlier: Look, later: Look) -> Tried:
    edit = slot.best(earlier)
    if edit is None:
        return Tried(slot, None, None, 1.0, "earlier leads speak for no change")
    first = slot.judge(earlier, edit)
    if not first.enough or first.z < PROMISING:
        return Tried(slot, edit, None, 1.0, "earlier leads do not speak for it")
    move = slot.judge(later, edit)
    if not move.enough:
        return Tried(slot, edit, move, 1.0, "too few later leads to tell")
    if not _sensible(slot, edit, (earlier, first), (later, move)):
        return Tried(slot, edit, move, 1.0, "what it moves is not of one kind")
    return Tried(slot, edit, move, move.p)


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


def _distinct(borne_out: list[Tried], history: History) -> list[tuple[Tried, list[Tried]]]:
    """Keep one of the changes to the same criterion, or that move mostly the same leads.

    What became of leads counts for more than what was said of them, then the smaller p-value.
    """
    borne_out = sorted(borne_out, key=lambda one: one.slot.kind == REJECTIONS)
    found: list[tuple[Tried, list[Tried]]] = []
    for one in borne_out:
        same = next((kept for kept in found if _alike(one, kept[0])), None)
        if same is None:
            found.append((one, []))
        else:
            same[1].append(one)
    return found


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
