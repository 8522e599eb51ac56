"""Everything that is tried on a definition, and how the best change of each kind is found.

One *thing tried* is a question such as "is the threshold of right-size at the right place?" or "is
something about webinars missing?". Within it, the best answer is picked on the earlier leads alone;
only that one is held against the later leads. How many things are tried is what the accounting for
luck has to know (``model.proposals``). Never-rules are not tried: those are not about winning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from features.dispositions import NO_OUTCOME
from features.feature import Feature
from model.definition_edits import Edit, Path, any_groups, applied, at, criteria_paths, emptied
from model.definition_history import Array, Mask, verdicts
from model.definition_moves import LEAST_LEADS, Look, Move, turned_down
from model.definition_slices import round_numbers
from model.serving import NEVER, READY, holds

THRESHOLD, REMOVE, VALUES = "threshold", "criterion", "values"
MISSING, ALTERNATIVE, REJECTIONS = "missing criterion", "missing alternative", "rejections"
CUTS = 24  # thresholds looked at for a criterion; half as many for a new one
KNOWN = 0.8  # a new criterion has to be known for so many of the ready leads
TWICE = 2.0  # a rejection reason has to be given so many times as often
WORST = 3  # categories ruled out, or let in, at once
NEW = "new"  # the id of a criterion until it is proposed


@dataclass(frozen=True)
class Slot:
    """One thing tried.

    Attributes
    ----------
    kind : str
        One of the kinds above.
    about : str
        The criterion, the source of the features, or the reason that it is about.
    best : callable
        Gives the best change on earlier leads, or None where none is better than what is there.
    judge : callable
        Makes the move of a change, on earlier or later leads.
    """

    kind: str
    about: str
    best: Callable[[Look], Edit | None]
    judge: Callable[[Look, Edit], Move]


def slots(look: Look) -> list[Slot]:
    """List all that is to be tried, given the earlier leads."""
    return [*_criteria(look.definition), *_missing(look), *_alternatives(look), *_reasons(look)]


def _of(look: Look, edit: Edit) -> Move:
    return look.of(edit)


# -- criteria that are there ----------------------------------------------------------------------


def _criteria(definition: Mapping[str, Any]) -> Iterator[Slot]:
    """Each criterion of ``ready_when``: its threshold, its values, and whether it is needed."""
    paths = criteria_paths(definition)
    for name, path in paths.items():
        one = at(definition, path)
        for operator in ("at_least", "at_most"):
            if operator in one:
                yield Slot(THRESHOLD, name, _threshold(one, operator, lambda to: to), _of)
        if "between" in one:
            low, high = one["between"]
            yield Slot(THRESHOLD, name, _threshold(one, "between", partial(_from, high)), _of)
            yield Slot(THRESHOLD, name, _threshold(one, "between", partial(_until, low)), _of)
        for operator in ("one_of", "none_of"):
            if operator in one:
                yield Slot(VALUES, name, _values(one, operator), _of)
        if len(paths) > 1:
            yield Slot(REMOVE, name, _removed(name), _of)


def _from(high: float, low: float) -> list[float]:
    return [low, high]


def _until(low: float, high: float) -> list[float]:
    return [low, high]


def _removed(name: str) -> Callable[[Look], Edit | None]:
    return lambda look: {"change": "remove", "criterion": name}


def _set(one: Mapping[str, Any], operator: str, to: Any) -> Edit:
    return {"change": "set", "criterion": one["id"], "operator": operator,
            "from": one[operator], "to": to}  # fmt: skip


def _threshold(
    one: Mapping[str, Any], operator: str, operand: Callable[[float], Any]
) -> Callable[[Look], Edit | None]:
    """Find the threshold that tells won leads best from others.

    All leads have a say in where the step is, those that the criterion decides with win rates of
    their own: they alone say, later, whether the step matters.
    """

    def best(look: Look) -> Edit | None:
        here = look.history.known & (look.code != NEVER)
        decided, part = look.decided(one["id"])[0][here], look.history.X[here]
        won, values = look.history.won[here], part[one["feature"]].to_numpy(float, na_value=np.nan)
        tried = [operand(plain(cut)) for cut in _cuts(values, CUTS, operator)]
        tried = [to for to in tried if operator != "between" or to[0] <= to[1]]
        likelihood = []
        for to in [one[operator], *tried]:
            passes = holds({**one, operator: to}, part)
            both = (decided, ~decided)
            likelihood.append(sum(step_likelihood(passes[some], won[some]) for some in both))
        place = int(np.argmax(likelihood))
        return _set(one, operator, tried[place - 1]) if place else None

    return best


def _cuts(values: Array, parts: int, operator: str = "at_least") -> Array:
    """Round thresholds; ``at_most`` is one less where values are whole."""
    known = values[np.isfinite(values)]
    cuts = round_numbers(known, parts) if len(known) else known
    whole = bool((known == np.round(known)).all())
    return cuts - 1 if operator == "at_most" and whole else cuts


def plain(number: float) -> float:
    """Give a number as people write it: 50, not 50.0.

    Examples
    --------
    >>> plain(50.0), plain(0.25)
    (50, 0.25)
    """
    return int(number) if float(number).is_integer() else float(number)


def step_likelihood(passes: Array, won: Array) -> float:
    """Log-likelihood of a step: one win rate for those that pass, another for those that fail.

    Examples
    --------
    >>> step_likelihood(np.array([1, 1, -1, -1]), np.array([1.0, 1, 0, 0]))
    0.0
    """
    total = 0.0
    for value in (1, -1):
        here = won[passes == value]
        rate = here.mean() if len(here) else 0.0
        if 0 < rate < 1:
            total += float(len(here) * (rate * np.log(rate) + (1 - rate) * np.log(1 - rate)))
    return total


def _values(one: Mapping[str, Any], operator: str) -> Callable[[Look], Edit | None]:
    """Find the one value that should be on the list, or should not."""

    def best(look: Look) -> Edit | None:
        there = [str(value) for value in one[operator]]
        decided = look.decided(one["id"])[0] & look.history.known
        counts = look.history.X[one["feature"]][decided].value_counts()
        often = [str(value) for value, n in counts.items() if n >= LEAST_LEADS]
        lists = [[*one[operator], value] for value in often if value not in there]
        if len(there) > 1:
            lists += [[kept for kept in one[operator] if str(kept) != value]
                      for value in often if value in there]  # fmt: skip
        return _strongest(look, [_set(one, operator, to) for to in lists], _of)

    return best


def _strongest(look: Look, edits: list[Edit], judge: Callable[[Look, Edit], Move]) -> Edit | None:
    """Pick the change that earlier outcomes speak for most."""
    accounts, found, best = look.history.accounts, None, 0.0
    for edit in edits:
        move = judge(look, edit)
        z = move.z(accounts) if move.enough else 0.0
        if z > best:
            found, best = edit, z
    return found


# -- criteria that are not there ------------------------------------------------------------------


def _sources(look: Look) -> dict[str, list[Feature]]:
    """The features that could be asked about, by what they are made from."""
    asked = {at(look.definition, path)["feature"]
             for path in criteria_paths(look.definition).values()}  # fmt: skip
    ready, found = look.ready, dict[str, list[Feature]]()
    for one in look.history.features:
        known = look.history.X[one.name].notna().to_numpy()
        if one.name not in asked and ready.any() and known[ready].mean() >= KNOWN:
            found.setdefault(one.source or one.name, []).append(one)
    return found


def _missing(look: Look) -> list[Slot]:
    """For each source of features: a condition that ready leads should meet as well."""

    def slot(about: str, some: list[Feature]) -> Slot:
        return Slot(
            MISSING, about, lambda here: _strongest(here, _conditions(here, some), _of), _of
        )

    return [slot(about, some) for about, some in _sources(look).items()]


def _reasons(look: Look) -> list[Slot]:
    """For each rejection reason: a condition that leads turned down for it fail."""
    given = pd.Series(look.history.reason[look.ready & look.history.known], dtype=object)
    counts = given[~given.isin(NO_OUTCOME)].value_counts()
    some = [one for ones in _sources(look).values() for one in ones]

    def slot(reason: str) -> Slot:
        def judge(here: Look, edit: Edit) -> Move:
            return turned_down(here, edit, reason)

        def best(here: Look) -> Edit | None:
            edits = [*_conditions(here, some), *_stricter(here)]
            return _strongest(here, [one for one in edits if _fits(here, one, reason)], judge)

        return Slot(REJECTIONS, reason, best, judge)

    return [slot(str(one)) for one, n in counts.items() if n >= LEAST_LEADS]


def _stricter(look: Look) -> Iterator[Edit]:
    """Stricter thresholds of the criteria that are there: a reason may speak for them, too."""
    ready = look.ready & look.history.known
    for path in criteria_paths(look.definition).values():
        one = at(look.definition, path)
        values = look.history.X[one["feature"]][ready]
        for operator, sign in (("at_least", 1), ("at_most", -1)):
            if operator in one:
                numbers = values.to_numpy(np.float64, na_value=np.nan)
                cuts = _cuts(numbers, CUTS // 2, operator)
                yield from (_set(one, operator, plain(cut)) for cut in cuts
                            if cut * sign > one[operator] * sign)  # fmt: skip


def _fits(look: Look, edit: Edit, reason: str) -> bool:
    """Whether the reason is given at least twice as often there, and fewer of them are won."""
    move = look.of(edit)
    return move.enough_leads and fewer_won(move) and times(turned_down(look, edit, reason)) >= TWICE


def times(move: Move) -> float:
    """How many times as often a reason is given for the leads moved as for those that stay."""
    stay = float(move.target[move.stay].mean()) if move.stay.any() else 0.0
    return float(move.target[move.moved].mean()) / max(stay, 1e-9) if move.moved.any() else 0.0


def fewer_won(move: Move) -> bool:
    """Whether the leads moved were won less often than those that stay ready."""
    return bool(move.target[move.moved].mean() < move.target[move.stay].mean())


def _conditions(look: Look, some: list[Feature]) -> list[Edit]:
    """Conditions that some ready leads fail, for each feature."""
    found: list[Edit] = []
    ready = look.ready & look.history.known
    for one in some:
        values = look.history.X[one.name][ready]
        rules = _number_rules(one, values) if one.kind == "number" else _without_worst(
            one, values, look.history.won[ready]
        )  # fmt: skip
        found += [{"change": "add", "to": ("ready_when",), "criterion": {"id": NEW, **rule}}
                  for rule in rules]  # fmt: skip
    return found


def _number_rules(one: Feature, values: pd.Series[Any]) -> Iterator[dict[str, Any]]:
    numbers = values.to_numpy(np.float64, na_value=np.nan)
    for operator in ("at_least", "at_most"):
        for cut in _cuts(numbers, CUTS // 2, operator):
            yield {"feature": one.name, operator: plain(cut)}


def _by_rate(values: pd.Series[Any], won: Array) -> list[str]:
    """Categories that enough leads have, the least often won first."""
    told = pd.DataFrame({"value": values.astype(object).to_numpy(), "won": won})
    each = told.groupby("value")["won"].agg(["size", "mean"])
    often = each[each["size"] >= LEAST_LEADS / 2].sort_values("mean", kind="stable")
    return [str(value) for value in often.index]


def _without_worst(one: Feature, values: pd.Series[Any], won: Array) -> Iterator[dict[str, Any]]:
    worst = _by_rate(values, won)
    for n in range(1, min(WORST, len(worst) - 1) + 1):
        yield {"feature": one.name, "none_of": sorted(worst[:n])}


def _alternatives(look: Look) -> list[Slot]:
    """For each ``any`` group: something else that would be enough as well."""
    return [
        Slot(ALTERNATIVE, " or ".join(_ids(at(look.definition, path))), _alternative(path), _of)
        for path in any_groups(look.definition)
    ]


def _ids(rules: list[Mapping[str, Any]]) -> list[str]:
    return [str(one["id"]) for one in rules if "id" in one]


def _alternative(path: Path) -> Callable[[Look], Edit | None]:
    def best(look: Look) -> Edit | None:
        waiting = _but_for(look, path)
        features = [one for one in look.history.features if look.history.X[one.name].notna().any()]
        values, won = look.history.X[waiting], look.history.won[waiting]
        edits: list[Edit] = []
        for one in features:
            rules = _number_rules(one, values[one.name]) if one.kind == "number" else _with_best(
                one, values[one.name], won
            )  # fmt: skip
            edits += [{"change": "add", "to": path, "criterion": {"id": NEW, **rule}}
                      for rule in rules]  # fmt: skip
        return _strongest(look, edits, lambda here, edit: _let_in(here, edit, waiting))

    return best


def _with_best(one: Feature, values: pd.Series[Any], won: Array) -> Iterator[dict[str, Any]]:
    best = _by_rate(values, won)[::-1]
    for n in range(1, min(WORST, len(best) - 1) + 1):
        yield {"feature": one.name, "one_of": sorted(best[:n])}


def _but_for(look: Look, path: Path) -> Mask:
    """Leads that would be ready were it not for one group, whose outcome is known."""
    changed = applied(look.definition, [])
    whole = emptied(changed, path) if len(path) > 2 else path
    if len(whole) <= 1:
        return np.asarray(~look.ready & (look.code != NEVER) & look.history.known)
    del at(changed, whole[:-1])[whole[-1]]
    after = verdicts(changed, look.history.X) == READY
    return np.asarray(after & ~look.ready & look.history.known)


def _let_in(look: Look, edit: Edit, waiting: Mask) -> Move:
    """The same move as ``Look.of`` makes, without judging all rules again."""
    moved = waiting & (holds(edit["criterion"], look.history.X) > 0)
    known = look.history.known & (look.code != NEVER)
    out = known & ~look.ready & ~moved
    return Move(edit, moved, known & look.ready, out, True, look.history.won)
