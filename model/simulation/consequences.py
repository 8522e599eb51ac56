"""What a definition would have meant for past leads, and how two definitions compare.

In a panel, win rates and verdicts are of judgements; a lead that is handed over, missed or rejected
counts once (`model.simulation.once_per_lead`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.labels.rejection_reasons import NO_OUTCOME
from model.serving import READY, UNKNOWN, VERDICTS, Definition
from model.simulation.history import WEEK, Array, History, Mask, verdict_codes, weeks_between
from model.simulation.once_per_lead import all_judgements, first_judgements
from model.simulation.win_rates import RateDifference, WinRate, rate_difference, win_rate


@dataclass(frozen=True)
class Workload:
    """Leads that become ready per week, and what sales can take.

    Attributes
    ----------
    per_week : float or None
        None without dates.
    capacity : float or None
        Leads per week that sales can take, where the definition names it.
    weeks_above : float or None
        Share of weeks with more leads than that.
    """

    per_week: float | None
    capacity: float | None
    weeks_above: float | None


@dataclass(frozen=True)
class MissingData:
    """How many leads the rules cannot judge because one feature is missing."""

    feature: str
    words: str
    leads: int


@dataclass(frozen=True)
class LeadList:
    """Leads by their ids."""

    leads: int
    ids: list[str]


@dataclass(frozen=True)
class RejectedLeads:
    """Leads that sales rejected for one reason, and how many the rules would not have handed over.

    Attributes
    ----------
    reason : str
        In the terms of `features.labels.rejection_reasons`.
    leads : int
        All leads rejected for it.
    avoided : int
        Those that the rules would not have handed over, and their ``share``.
    unknown : int
        Those that the rules could not judge.
    """

    reason: str
    leads: int
    avoided: int
    share: float
    unknown: int


@dataclass(frozen=True)
class Consequences:
    """What a definition would have meant for past leads.

    Attributes
    ----------
    version : str
        Of the definition.
    leads, judgements : int
        Different in a panel.
    weeks : float or None
        From the first moment to the last.
    verdicts : dict of str to int
        Judgements by verdict.
    ready, not_ready, unknown : WinRate
        Win rates by verdict; ``not_ready`` includes leads that a never-rule excludes.
    workload : Workload
        Leads that become ready per week.
    missing : list of MissingData
        Why verdicts are unknown.
    missed_wins : LeadList
        Won leads that were never called ready, though the rules could judge them.
    unjudged_wins : LeadList
        Won leads that were never called ready and that the rules could not judge.
    rejections : list of RejectedLeads
        The most frequent reason first.
    """

    version: str
    leads: int
    judgements: int
    weeks: float | None
    verdicts: dict[str, int]
    ready: WinRate
    workload: Workload
    not_ready: WinRate
    unknown: WinRate
    missing: list[MissingData]
    missed_wins: LeadList
    unjudged_wins: LeadList
    rejections: list[RejectedLeads]


def consequences(history: History, definition: Definition) -> Consequences:
    """Work out what a definition would have meant for past leads."""
    verdicts = definition.evaluate(history.X)
    ready, unknown = verdicts.code == READY, verdicts.code == UNKNOWN
    not_handed_over = (history.won == 1) & ~all_judgements(history.rows, ready)
    unjudged = not_handed_over & all_judgements(history.rows, unknown)
    return Consequences(
        version=definition.version,
        leads=history.leads,
        judgements=len(history.won),
        weeks=history.weeks,
        verdicts={name: int((verdicts.code == code).sum()) for code, name in enumerate(VERDICTS)},
        ready=win_rate(history, ready),
        workload=workload(history, ready, definition),
        not_ready=win_rate(history, ~ready & ~unknown),
        unknown=win_rate(history, unknown),
        missing=_missing_data(verdicts.missing, history.words),
        missed_wins=_lead_list(history, not_handed_over & ~unjudged),
        unjudged_wins=_lead_list(history, unjudged),
        rejections=_rejections_by_reason(history, ready, unknown),
    )


def lead_ids(history: History, which: Mask) -> list[str]:
    """Give the ids of some leads, each once."""
    return [str(lead_id) for lead_id in history.rows["lead_id"][which].unique()]


def _lead_list(history: History, which: Mask) -> LeadList:
    ids = lead_ids(history, which)
    return LeadList(len(ids), ids)


def workload(
    history: History, ready: Mask, definition: Definition, period: Mask | None = None
) -> Workload:
    """Count the leads that become ready per week.

    Parameters
    ----------
    history : History
        All leads.
    ready : array of bool, shape (n,)
        Those called ready.
    definition : Definition
        May name the capacity of sales.
    period : array of bool, shape (n,), optional
        Count only judgements of this period; default: all.
    """
    moments = history.rows["as_of"] if period is None else history.rows["as_of"][period]
    capacity, weeks = definition.handoff.per_week, weeks_between(moments)
    if weeks is None:
        return Workload(None, capacity, None)
    new = first_judgements(history.rows, ready)
    new = new if period is None else new[period]
    week = ((moments - moments.min()) // WEEK).fillna(-1).to_numpy(dtype=int)
    per_week = np.bincount(week[new & (week >= 0)], minlength=int(np.ceil(weeks)))
    above = None if capacity is None else float((per_week > capacity).mean())
    return Workload(float(new.sum() / weeks), capacity, above)


def _missing_data(missing: Array, words: Mapping[str, str]) -> list[MissingData]:
    counts: Counter[str] = Counter()
    for names, leads in pd.Series(missing).value_counts().items():  # few leads lack the same
        counts.update(dict.fromkeys(filter(None, str(names).split(", ")), int(leads)))
    return [
        MissingData(feature, words.get(feature, feature), leads)
        for feature, leads in counts.most_common()
    ]


def _rejections_by_reason(history: History, ready: Mask, unknown: Mask) -> list[RejectedLeads]:
    reasons = pd.Series(history.rejection_reason, dtype=object)
    rejected = (reasons.notna() & ~reasons.isin(NO_OUTCOME)).to_numpy()
    once = first_judgements(history.rows, rejected)
    handed_over = all_judgements(history.rows, ready)
    unjudged = ~handed_over & all_judgements(history.rows, unknown)
    codes, names = pd.factorize(reasons)
    place_of = {name: place for place, name in enumerate(names)}
    found = []
    for reason, leads in reasons[once].value_counts().items():
        of_reason = once & (codes == place_of[reason])
        avoided = int((of_reason & ~handed_over & ~unjudged).sum())
        share, unknown_leads = avoided / int(leads), int((of_reason & unjudged).sum())
        found.append(RejectedLeads(str(reason), int(leads), avoided, share, unknown_leads))
    return found


# -- two definitions ------------------------------------------------------------------------------


@dataclass(frozen=True)
class MovedLeads:
    """Leads that become ready, or no longer are: their win rate, their ids, and those won."""

    win_rate: WinRate
    ids: list[str]
    won_ids: list[str]


@dataclass(frozen=True)
class Change:
    """What a new definition changes for past leads.

    Attributes
    ----------
    newly_ready, no_longer_ready : MovedLeads
        Leads that the new definition moves.
    difference : RateDifference
        Win rate of the ready leads under the new definition, less that under the old one.
    same : bool
        Whether the same leads are ready.
    """

    newly_ready: MovedLeads
    no_longer_ready: MovedLeads
    difference: RateDifference
    same: bool


def compare(history: History, old: Definition, new: Definition) -> Change:
    """Compare the ready leads of two definitions."""
    before, after = (verdict_codes(definition, history.X) == READY for definition in (old, new))
    return compare_ready(history, before, after)


def compare_ready(history: History, before: Mask, after: Mask) -> Change:
    """Compare the leads that were ready before and after a change."""
    return Change(
        newly_ready=_moved_leads(history, after & ~before),
        no_longer_ready=_moved_leads(history, before & ~after),
        difference=rate_difference(history, after, before),
        same=bool((before == after).all()),
    )


def _moved_leads(history: History, which: Mask) -> MovedLeads:
    return MovedLeads(
        win_rate(history, which),
        lead_ids(history, which),
        lead_ids(history, which & (history.won == 1)),
    )
