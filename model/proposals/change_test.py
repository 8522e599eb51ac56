"""What a change to the definition moves, and whether outcomes bear the move out.

Every change lets some leads in, or leaves some out. The one question asked of all of them: are the
leads that it moves won as often as those that stay ready, or as seldom as those that stay out? A
lead belongs where its win rate is nearer. Leads of one account are alike, few leads prove little,
and leads may be weighed: all of that is in the standard errors, and so in the p-value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtr

from model.definition.edit_yaml import Edit, Path, applied, at, criteria_paths
from model.serving import NEVER, READY, Criterion, holds
from model.simulation.clustered_rates import Contrast, contrast, effective
from model.simulation.history import Array, History, Mask, verdicts

LEAST_LEADS, LEAST_WINS = 20, 5  # in the group that moves; wins as many as are expected of it
ALWAYS = "always"  # a column that makes a criterion hold, or fail, for every lead
HOLDS = {True: {"at_least": 0}, False: {"at_least": 2}}


@dataclass(frozen=True, eq=False)
class Move:
    """Leads that a change moves, and those that it is to be judged by.

    Attributes
    ----------
    edit : mapping
        The change.
    moved, stay, out : array of bool
        Leads moved; leads that are ready before and after; leads that are neither.
    let_in : bool
        Whether those moved become ready (else they no longer are).
    target : array
        What is compared: 1 for won; for rejections, 1 for turned down for the reason.
    history : History
        The leads, with their accounts and weights.
    """

    edit: Edit
    moved: Mask
    stay: Mask
    out: Mask
    let_in: bool
    target: Array
    history: History

    @property
    def enough_leads(self) -> bool:
        """Whether each group has enough leads to say anything."""
        return min(int(one.sum()) for one in (self.moved, self.stay, self.out)) >= LEAST_LEADS

    @property
    def enough(self) -> bool:
        """Whether enough wins are to be expected, too."""
        return self.enough_leads and bool(self.between * self._leads >= LEAST_WINS)

    def rate(self, which: Mask) -> float:
        """Share of some leads for which the target holds; 0 where there are none."""
        weights = self.history.weights[which]
        return float(weights @ self.target[which]) / max(float(weights.sum()), 1e-9)

    def against(self, parts: Sequence[tuple[Mask, float]]) -> Contrast:
        """Set groups of these leads against each other."""
        return contrast(self.target, parts, self.history.accounts, self.history.weights)

    @cached_property
    def z(self) -> float:
        """How many standard errors the moved leads are on the right side of half way.

        Both of these have to hold, so the smaller one counts: leads let in are nearer to the ready
        and above those left out; leads left out are nearer to those out and below the ready.
        """
        return min(z for z, _ in self._tests)

    @cached_property
    def p(self) -> float:
        """How likely chance alone would be to show as much: the larger one of the two."""
        return max(p_value(z, freedom) for z, freedom in self._tests)

    @cached_property
    def _tests(self) -> list[tuple[float, float]]:
        sign = 1.0 if self.let_in else -1.0
        near = [(self.moved, sign), (self.stay, -sign / 2), (self.out, -sign / 2)]
        beside = self.out if self.let_in else self.stay
        found = []
        for parts in (near, [(self.moved, sign), (beside, -sign)]):
            value, error, freedom = self.against(parts)
            found.append((value / max(error, self._least_error, 1e-9), freedom))
        return found

    @cached_property
    def between(self) -> float:
        """The rate half way between those that stay ready and those that stay out."""
        return (self.rate(self.stay) + self.rate(self.out)) / 2

    @cached_property
    def _leads(self) -> float:
        """How many leads were moved, in effect."""
        return effective(self.history.weights[self.moved])

    @cached_property
    def _least_error(self) -> float:
        """The moved leads' standard error, were their rate half way: none won may be luck."""
        return float(np.sqrt(self.between * (1 - self.between) / max(self._leads, 1)))


def p_value(z: float, freedom: float = np.inf) -> float:
    """One-sided: how likely chance alone would be to show as much, by Student's t.

    Examples
    --------
    >>> round(p_value(1.645), 3), round(p_value(1.645, 10), 3)
    (0.05, 0.065)
    """
    return float(stdtr(min(freedom, 1e9), -z))


@dataclass
class Look:
    """One half of history under a definition: makes moves of changes, without repeating work."""

    history: History
    definition: Mapping[str, Any]
    _pivots: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def code(self) -> Array:
        """What the rules say of each lead."""
        return verdicts(self.definition, self.history.X)

    @cached_property
    def ready(self) -> Mask:
        """Who is ready now."""
        return np.asarray(self.code == READY)

    def decided(self, criterion: str) -> tuple[Mask, bool]:
        """Find the leads that one criterion decides, all else being as it is.

        Returns
        -------
        (array of bool, bool)
            For whom it decides; whether they are ready where it *fails* (under ``none``).
        """
        if criterion not in self._pivots:
            given = [
                self._forced(criteria_paths(self.definition)[criterion], one)
                for one in (True, False)
            ]
            upside_down = bool((given[1] & ~given[0]).any())
            self._pivots[criterion] = given[0] != given[1], upside_down
        found: tuple[Mask, bool] = self._pivots[criterion]
        return found

    def _forced(self, path: Path, holds_always: bool) -> Mask:
        changed = applied(self.definition, [])
        where = at(changed, path[:-1])
        where[path[-1]] = {"id": ALWAYS, "feature": ALWAYS, **HOLDS[holds_always]}
        return np.asarray(verdicts(changed, self.history.X.assign(**{ALWAYS: 1.0})) == READY)

    def of(self, edit: Edit) -> Move:
        """Make the move of a change."""
        if edit["change"] == "set":
            return self._set(edit)
        if edit["change"] == "add" and "any" not in edit["to"][1:]:
            return self._asked_too(edit)
        after = verdicts(applied(self.definition, [edit]), self.history.X) == READY
        return self._moved(edit, after, self.code != NEVER)

    def _set(self, edit: Edit) -> Move:
        """Judge a moved threshold among the leads that it decides."""
        decided, upside_down = self.decided(edit["criterion"])
        old = at(self.definition, criteria_paths(self.definition)[edit["criterion"]])
        new = holds(Criterion.from_dict({**old, edit["operator"]: edit["to"]}), self.history.X)
        passes = (new < 0) if upside_down else (new > 0)
        after = np.where(decided, passes, self.ready)
        return self._moved(edit, after, decided & (new != 0))

    def _asked_too(self, edit: Edit) -> Move:
        """Judge a new condition; leads of which it is not known are in no group."""
        value = holds(Criterion.from_dict(edit["criterion"]), self.history.X)
        after = self.ready & (value > 0)
        return self._moved(edit, after, (self.code != NEVER) & ~(self.ready & (value == 0)))

    def _moved(self, edit: Edit, after: Mask, among: Mask) -> Move:
        """Sort the leads whose outcome is known into those that move, and those that stay."""
        among = among & self.history.known
        into, from_ = among & after & ~self.ready, among & self.ready & ~after
        let_in = bool(into.sum() >= from_.sum())
        return Move(
            edit,
            into if let_in else from_,
            among & self.ready & after,
            among & ~self.ready & ~after,
            let_in,
            self.history.won,
            self.history,
        )


def turned_down(look: Look, edit: Edit, reason: str) -> Move:
    """Judge a stricter rule by a reason that sales gave: do those it leaves out draw it more often?

    They are compared with the other ready leads, and with all of them. A change that lets leads in
    leaves out nobody.
    """
    move = look.of(edit)
    target = np.asarray(pd.Series(look.history.reason, dtype=object) == reason, dtype=float)
    left_out = np.zeros_like(move.moved) if move.let_in else move.moved
    ready = move.stay | left_out
    return Move(edit, left_out, move.stay, ready, True, target, look.history)
