"""Where the model and the rules disagree: which leads those are, and how they ended.

Leads with the same verdict of the rules but a different verdict of the model are compared: what
distinguishes them is what the model saw. The criteria that they fail are what the rules saw. Their
win rates show who was right, as far as the data can tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.families.feature import Feature
from model.simulation.by_slice import ANY_OTHER, NOT_KNOWN, value_bands
from model.simulation.clustered_rates import one_sided_p, value_shares
from model.simulation.false_discoveries import discoveries
from model.simulation.history import History, Mask
from model.simulation.win_rates import RateDifference, WinRate, rate_difference, win_rate
from model.training.intervals import Z95

Array = npt.NDArray[Any]
LEAST_LEADS = 20  # in each group, before the groups are compared
LEAST_SHARE = 0.1  # of the group, before a trait is mentioned
MOST_TRAITS = 5
CHANCE_RATE = 0.05  # the share of the traits that may be chance
MODEL_ONLY, RULES_ONLY = "model only", "rules only"
BOTH, NEITHER, NOT_JUDGED = "both ready", "neither ready", "rules cannot judge"
GROUPS = (BOTH, MODEL_ONLY, RULES_ONLY, NEITHER, NOT_JUDGED)
MODEL, RULES, UNDECIDED = "model", "rules", "undecided"


@dataclass(frozen=True)
class Trait:
    """A value that is more frequent in one group of leads than in another.

    Attributes
    ----------
    feature, words, label : str
        The feature, its name for people, and the value or band of values.
    share, other_share : float
        How frequent it is in the group and in the other one.
    lift : float
        ``share`` divided by ``other_share``, with its 95 % interval ``low`` to ``high``.
    z, p : float
        Standard errors above no difference, and the one-sided p-value.
    """

    feature: str
    words: str
    label: str
    share: float
    other_share: float
    lift: float
    z: float
    p: float
    low: float
    high: float


@dataclass(frozen=True)
class BlockingCriterion:
    """How many leads fail a criterion that keeps them from being ready."""

    criterion: str
    leads: int
    share: float


@dataclass(frozen=True)
class VerdictGroup:
    """The leads with one combination of verdicts.

    Attributes
    ----------
    win_rate : WinRate
        How they ended.
    compared_with : str or None
        The group with the same verdict of the rules; only where model and rules disagree.
    traits : list of Trait
        What is more frequent here than there.
    failed : list of BlockingCriterion
        What the rules hold against them, the most frequent first.
    """

    win_rate: WinRate
    compared_with: str | None = None
    traits: list[Trait] = field(default_factory=list)
    failed: list[BlockingCriterion] = field(default_factory=list)


@dataclass(frozen=True)
class Disagreement:
    """Where the model and the rules disagree.

    Attributes
    ----------
    leads, judgements : int
        Different in a panel.
    share : float
        Share of the judgements on which they disagree.
    groups : dict of str to VerdictGroup
        By name, in the order of `GROUPS`.
    difference : RateDifference or None
        Win rate of *model only*, less that of *rules only*; None with too few leads.
    right : str
        ``model``, ``rules`` or ``undecided``.
    """

    leads: int
    judgements: int
    share: float
    groups: dict[str, VerdictGroup]
    difference: RateDifference | None
    right: str


def disagreement(history: History, scored: pd.DataFrame) -> Disagreement:
    """Sort leads by who calls them ready, and compare the groups.

    Parameters
    ----------
    history : History
        Leads that the model did not learn from.
    scored : DataFrame, shape (n, …)
        The same rows: ``rules_verdict, model_verdict, failed_criteria``.
    """
    group_of = verdict_groups(scored)
    groups = {name: VerdictGroup(win_rate(history, group_of == name)) for name in GROUPS}
    for name, other in ((MODEL_ONLY, NEITHER), (RULES_ONLY, BOTH)):
        groups[name] = VerdictGroup(
            groups[name].win_rate,
            other,
            distinguishing_traits(history, group_of == name, group_of == other),
            _criteria_in_the_way(scored["failed_criteria"], group_of == name),
        )
    apart = np.isin(group_of, (MODEL_ONLY, RULES_ONLY))
    difference = _difference_if_enough(history, group_of == MODEL_ONLY, group_of == RULES_ONLY)
    return Disagreement(
        leads=history.leads,
        judgements=len(scored),
        share=float(apart.mean()) if len(group_of) else 0.0,
        groups=groups,
        difference=difference,
        right=_who_was_right(difference),
    )


def verdict_groups(scored: pd.DataFrame) -> Array:
    """Name the group of each lead; a lead that the rules exclude is not ready to them.

    Examples
    --------
    >>> scored = pd.DataFrame({"rules_verdict": ["ready", "never", "unknown"],
    ...                        "model_verdict": ["not ready", "ready", "ready"]})
    >>> verdict_groups(scored).tolist()
    ['rules only', 'model only', 'rules cannot judge']
    """
    rules = (scored["rules_verdict"] == "ready").to_numpy()
    model = (scored["model_verdict"] == "ready").to_numpy()
    unknown = (scored["rules_verdict"] == "unknown").to_numpy()
    return np.select(
        [unknown, rules & model, model, rules], [NOT_JUDGED, BOTH, MODEL_ONLY, RULES_ONLY], NEITHER
    ).astype(object)


def _difference_if_enough(
    history: History, model_only: Mask, rules_only: Mask
) -> RateDifference | None:
    labelled = history.labelled
    if min((model_only & labelled).sum(), (rules_only & labelled).sum()) < LEAST_LEADS:
        return None
    return rate_difference(history, model_only, rules_only)


def _who_was_right(difference: RateDifference | None) -> str:
    match difference:
        case RateDifference(low=float(low)) if low > 0:
            return MODEL
        case RateDifference(high=float(high)) if high < 0:
            return RULES
        case _:
            return UNDECIDED


def _criteria_in_the_way(failed: pd.Series[Any], which: Mask) -> list[BlockingCriterion]:
    criteria = failed[which].fillna("").str.split(", ").explode()
    counts = criteria[criteria != ""].value_counts()
    return [
        BlockingCriterion(str(name), int(leads), int(leads) / max(int(which.sum()), 1))
        for name, leads in counts.items()
    ]


# -- what distinguishes two groups ----------------------------------------------------------------


class Candidate(NamedTuple):
    """A trait, and the column or kind of event that its feature is made from."""

    trait: Trait
    source: str


def distinguishing_traits(history: History, here: Mask, other: Mask) -> list[Trait]:
    """Find values that are more frequent in one group of leads than in another.

    Returns
    -------
    list of Trait
        At most five, one for each source of features, the surest first. Only those beyond chance
        (Benjamini and Hochberg over every value tested) and frequent enough to matter.
    """
    if min(here.sum(), other.sum()) < LEAST_LEADS:
        return []
    sides = tuple(
        (leads, np.unique(history.accounts[leads], return_inverse=True)[1])
        for leads in (here, other)
    )
    tested = [
        candidate
        for feature in history.features
        for candidate in _candidates(history, feature, sides)
    ]
    beyond_chance = discoveries([candidate.trait.p for candidate in tested], CHANCE_RATE)
    kept = [tested[place] for place in beyond_chance]
    best: dict[str, Trait] = {}
    for trait, source in sorted(kept, key=lambda candidate: -candidate.trait.z):
        if trait.share >= LEAST_SHARE and trait.lift > 1:
            best.setdefault(source, trait)
    return list(best.values())[:MOST_TRAITS]


def _candidates(
    history: History, feature: Feature, sides: tuple[tuple[Mask, Array], ...]
) -> Iterator[Candidate]:
    """Compare how frequent each value of a feature is on the two sides."""
    band, names = value_bands(history.X[feature.name], feature)
    leads = tuple(int(side.sum()) for side, _ in sides)
    shares = [value_shares(band[side], len(names), accounts) for side, accounts in sides]
    for place in np.unique(band):
        if names[place] not in (ANY_OTHER, NOT_KNOWN):
            (here, other) = ((float(rate[place]), float(error[place])) for rate, error in shares)
            yield Candidate(
                _trait(feature, names[place], here, other, leads), feature.source or feature.name
            )


def _trait(
    feature: Feature,
    label: str,
    here: tuple[float, float],
    other: tuple[float, float],
    leads: tuple[int, ...],
) -> Trait:
    """Compare two shares with their errors; the interval of the ratio is that of its logarithm."""
    (share, error), (other_share, other_error) = here, other
    of_here, of_other = (0.5 / size for size in leads)  # as if half a lead had it, where none has
    z = float((share - other_share) / np.hypot(error, other_error))
    lift = share / max(other_share, of_other)
    relative = np.hypot(error / max(share, of_here), other_error / max(other_share, of_other))
    width = Z95 * relative
    return Trait(
        feature.name,
        feature.words,
        label,
        share,
        other_share,
        lift,
        z,
        one_sided_p(z),
        low=float(lift * np.exp(-width)),
        high=float(lift * np.exp(width)),
    )
