"""A definition held against history: what it would have handed over, and what became of those.

Win rates come with intervals that know that leads of one account are alike. A lead whose outcome
nobody knows is never counted as lost. Sales never worked some of the leads, and nobody can say what
they would have become, so a win rate has *bounds* as well: if all of those had been lost, and if
all of them had been won. In a panel, win rates are of judgements; whoever is handed over, missed or
spared is counted once (``model.simulation.once_per_lead``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.families.feature import Feature
from features.labels.rejection_reasons import NEVER_WORKED, NO_OUTCOME
from model.serving import READY, VERDICTS, Definition
from model.serving import UNKNOWN as OPEN
from model.simulation.clustered_rates import contrast
from model.simulation.once_per_lead import ever, first, judged_again
from model.training.intervals import win_rate_interval
from model.training.splits import account_or_person

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
WEEK = pd.Timedelta(days=7)
WIDE = 1.959963984540054  # standard errors to each end of a 95 % interval


@dataclass(frozen=True)
class History:
    """Leads that were judged, what was known of them then, and what became of them.

    Attributes
    ----------
    rows : DataFrame
        ``lead_id, person_id, account_id, as_of``; ``order, mature_at`` where leads are split.
    X : DataFrame
        Their features, same rows.
    won : array
        1 won, 0 not won, NaN where nobody knows.
    why : array of str or None
        Why nobody knows.
    reason : array of str or None
        Why sales turned the lead down, in the words of ``features.labels.rejection_reasons``.
    features : sequence of Feature
        What the columns of ``X`` mean, days apart.
    weights : array
        How many leads each speaks for, as far as its win rate is compared with others'.
    days : sequence of Feature
        What the columns that hold days mean: rules ask for them, leads are not compared by them.
    """

    rows: pd.DataFrame
    X: pd.DataFrame
    won: Array
    why: Array
    reason: Array
    features: Sequence[Feature]
    weights: Array = field(default_factory=lambda: np.ones(0))
    days: Sequence[Feature] = ()

    def __post_init__(self) -> None:
        """Every lead speaks for itself, unless told otherwise."""
        if not len(self.weights):
            object.__setattr__(self, "weights", np.ones(len(self.won)))

    @property
    def known(self) -> Mask:
        """Whose outcome is known."""
        return np.asarray(np.isfinite(self.won))

    @cached_property
    def accounts(self) -> Array:
        """A number for each account (or person, where there is none)."""
        return np.asarray(pd.factorize(account_or_person(self.rows))[0])

    @cached_property
    def judged_again(self) -> bool:
        """Whether some lead is judged more than once."""
        return judged_again(self.rows)

    @property
    def words(self) -> dict[str, str]:
        """What each feature is called."""
        return {one.name: one.words for one in (*self.features, *self.days)}

    @property
    def weeks(self) -> float | None:
        """From the first moment to the last, in weeks; None without dates."""
        dated = self.rows["as_of"].dropna()
        if dated.empty or dated.min() == dated.max():
            return None
        return float(max((dated.max() - dated.min()) / WEEK, 1.0))

    def part(self, which: Mask) -> History:
        """Keep some of the leads."""
        return replace(
            self,
            rows=self.rows[which].reset_index(drop=True),
            X=self.X[which].reset_index(drop=True),
            won=self.won[which],
            why=self.why[which],
            reason=self.reason[which],
            weights=self.weights[which],
        )


def verdicts(definition: Mapping[str, Any], X: pd.DataFrame) -> Array:
    """What the rules say of each lead, as places in ``VERDICTS``."""
    return np.asarray(Definition.from_dict(definition).evaluate(X).code)


# -- win rates ------------------------------------------------------------------------------------


def win_rate(history: History, which: Mask) -> dict[str, Any]:
    """Give the win rate of some leads, with its interval and its bounds.

    Returns
    -------
    dict
        ``leads, known, won, rate, low, high`` (95 %), ``never_worked``, and the bounds
        ``if_all_lost, if_all_won`` for those never worked. ``rate`` is None where no outcome is
        known.
    """
    known, ignored = which & history.known, which & (history.why == NEVER_WORKED)
    leads, won, never = int(known.sum()), float(history.won[known].sum()), int(ignored.sum())
    alike = _alike(history, known) if leads else 1.0
    worth = max(round(leads / alike), 1)
    low, high = win_rate_interval(won / max(leads, 1) * worth, worth)
    both = leads + never
    return {
        "leads": int(which.sum()),
        "known": leads,
        "won": int(won),
        "rate": won / leads if leads else None,
        "low": low if leads else None,
        "high": high if leads else None,
        "never_worked": never,
        "if_all_lost": won / both if both else None,
        "if_all_won": (won + never) / both if both else None,
    }


def _alike(history: History, known: Mask) -> float:
    """How many leads are worth one, since those of an account are alike: 1 or more."""
    rate = float(history.won[known].mean())
    clusters = np.bincount(history.accounts[known], history.won[known] - rate)
    alone = known.sum() * rate * (1 - rate)
    return max(float((clusters**2).sum() / alone), 1.0) if alone else 1.0


# -- one definition -------------------------------------------------------------------------------


def consequences(history: History, definition: Mapping[str, Any]) -> dict[str, Any]:
    """Say what a definition would have meant for these leads.

    Returns
    -------
    dict
        ``leads``, ``judged`` (more in a panel) and their ``verdicts``; ``ready`` (win rate, and
        leads that become ready per week, against the capacity that the definition names);
        ``not_ready``; ``missed`` wins and ``open`` wins (the rules could not judge them) with
        their leads; ``rejections`` by reason; ``unknown`` by what is missing.
    """
    told = Definition.from_dict(definition).evaluate(history.X)
    ready, unknown = told.code == READY, told.code == OPEN
    won = (history.won == 1) & ~ever(history.rows, ready)
    cannot = won & ever(history.rows, unknown)
    return {
        "version": str(definition.get("version", "")),
        "leads": int(history.rows["lead_id"].nunique()),
        "judged": len(history.won),
        "weeks": history.weeks,
        "verdicts": {name: int((told.code == code).sum()) for code, name in enumerate(VERDICTS)},
        "ready": win_rate(history, ready) | per_week(history, ready, definition),
        "not_ready": win_rate(history, ~ready & ~unknown),
        "unknown": win_rate(history, unknown) | {"missing": _missing(history, told.missing)},
        "missed": _leads(history, won & ~cannot),
        "open": _leads(history, cannot),
        "rejections": _rejections(history, ready, unknown),
    }


def _ids(history: History, which: Mask) -> list[str]:
    return [str(one) for one in history.rows["lead_id"][which].unique()]


def _leads(history: History, which: Mask) -> dict[str, Any]:
    ids = _ids(history, which)
    return {"leads": len(ids), "ids": ids}


def per_week(
    history: History, ready: Mask, definition: Mapping[str, Any], during: Mask | None = None
) -> dict[str, Any]:
    """How many leads become ready in a week, against what sales can take.

    Parameters
    ----------
    during : array of bool, optional
        Count only those judged then; default: all.
    """
    time = history if during is None else history.part(during)
    capacity = (definition.get("handoff") or {}).get("per_week")
    weeks = time.weeks
    if weeks is None:
        return {"per_week": None, "capacity": capacity, "weeks_above": None}
    new = first(history.rows, ready)
    new = new if during is None else new[during]
    moments = time.rows["as_of"]
    place = ((moments - moments.min()) // WEEK).fillna(-1).to_numpy(dtype=int)
    each = np.bincount(place[new & (place >= 0)], minlength=int(np.ceil(weeks)))
    above = None if capacity is None else float((each > capacity).mean())
    return {"per_week": float(new.sum() / weeks), "capacity": capacity, "weeks_above": above}


def _missing(history: History, missing: Any) -> list[dict[str, Any]]:
    """How many leads cannot be judged, by what is not known of them."""
    several = pd.Series(missing, dtype=object).str.split(", ").explode()
    counts = several[several.fillna("") != ""].value_counts()
    words = history.words
    named = [(str(one), int(n)) for one, n in counts.items()]
    return [{"feature": one, "words": words.get(one, one), "leads": n} for one, n in named]


def _rejections(history: History, ready: Mask, unknown: Mask) -> list[dict[str, Any]]:
    """Of the leads that sales turned down for each reason: how many would not have been sent."""
    reasons = pd.Series(history.reason, dtype=object)
    once = first(history.rows, (reasons.notna() & ~reasons.isin(NO_OUTCOME)).to_numpy())
    sent = ever(history.rows, ready)
    cannot = ~sent & ever(history.rows, unknown)
    told = []
    for reason, leads in reasons[once].value_counts().items():
        of = once & (reasons == reason).to_numpy()
        avoided = int((of & ~sent & ~cannot).sum())
        told.append(
            {
                "reason": str(reason),
                "leads": int(leads),
                "avoided": avoided,
                "share": avoided / int(leads),
                "unknown": int((of & cannot).sum()),
            }
        )
    return told


# -- two definitions ------------------------------------------------------------------------------


def compare(history: History, old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Hold two definitions against the same leads.

    Returns
    -------
    dict
        ``old`` and ``new`` (see `consequences`), ``let_in`` and ``left_out`` (win rate and leads),
        ``difference`` of the two win rates with its 95 % interval, ``same`` (nothing moves).
    """
    before, after = (verdicts(one, history.X) == READY for one in (old, new))
    return {
        "old": consequences(history, old),
        "new": consequences(history, new),
        "let_in": win_rate(history, after & ~before) | _wins(history, after & ~before),
        "left_out": win_rate(history, before & ~after) | _wins(history, before & ~after),
        "difference": _difference(history, before, after),
        "same": bool((before == after).all()),
    }


def _wins(history: History, which: Mask) -> dict[str, Any]:
    return {"ids": _ids(history, which), "won_ids": _ids(history, which & (history.won == 1))}


def _difference(history: History, before: Mask, after: Mask) -> dict[str, float | None]:
    """New win rate less the old one: mostly the same leads, so the error is that of the change."""
    old, new = before & history.known, after & history.known
    if not old.any() or not new.any():
        return {"value": None, "low": None, "high": None}
    value, error, _ = contrast(history.won, [(new, 1.0), (old, -1.0)], history.accounts)
    return {"value": value, "low": value - WIDE * error, "high": value + WIDE * error}
