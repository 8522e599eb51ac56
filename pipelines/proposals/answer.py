"""What ``leadready definition propose`` answers, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from model.proposals.search import GroupRates
from model.proposals.time_split import WorkedLeads
from model.simulation.consequences import Change
from model.simulation.win_rates import WinRate

Figure = TypeVar("Figure")


@dataclass(frozen=True)
class HalfSummary:
    """The leads of one half; ``judgements`` only in a panel, days only with dates."""

    leads: int
    judgements: int | None
    won: int
    first_day: str | None
    last_day: str | None


@dataclass(frozen=True)
class NowAndChanged(Generic[Figure]):
    """A figure under the definition in use, and under a changed one."""

    now: Figure
    changed: Figure


@dataclass(frozen=True)
class Effect:
    """What a change would have meant for the later leads.

    Attributes
    ----------
    per_week : NowAndChanged of float or None
        Leads that become ready per week.
    capacity : float or None
        Leads per week that sales can take.
    ready : NowAndChanged of WinRate
        Of the ready leads.
    change : Change
        The leads that it moves.
    unknown : NowAndChanged of int
        Leads that the rules cannot judge.
    rejections_avoided : dict of str to int
        Further rejected leads that would not have been handed over, by reason; negative where more
        would have been.
    """

    per_week: NowAndChanged[float | None]
    capacity: float | None
    ready: NowAndChanged[WinRate]
    change: Change
    unknown: NowAndChanged[int]
    rejections_avoided: dict[str, int]


@dataclass(frozen=True)
class ProposedChange:
    """One proposal.

    Attributes
    ----------
    kind, about : str
        The question that it answers.
    words : str
        The change in words.
    edit : mapping
        The change as data.
    diff : str
        The change as a patch of the file.
    lets_in : bool
        Whether the leads that it moves become ready.
    rejected_for : str or None
        The rejection reason that it is about.
    rates : GroupRates
        The later leads that it moves, beside the others.
    reason, worth : str
        The same in a sentence; what the feature is worth in a scorecard of the earlier leads.
    p, adjusted_p : float
        From the later leads; allowing for all questions.
    interval_level : float
        Level of the intervals of ``rates``.
    effect : Effect
        What it would have meant for the later leads.
    also : list of str
        Other confirmed changes that move mostly the same leads.
    """

    kind: str
    about: str
    words: str
    edit: dict[str, Any]
    diff: str
    lets_in: bool
    rejected_for: str | None
    rates: GroupRates
    reason: str
    worth: str
    p: float
    adjusted_p: float
    interval_level: float
    effect: Effect
    also: list[str]


@dataclass(frozen=True)
class NotProposed:
    """A question without a proposal: what was tried, and why it is not proposed."""

    kind: str
    about: str
    p: float
    tried: str
    words: str | None
    tested_later: bool
    why: str


@dataclass(frozen=True)
class Proposals:
    """All proposals for a definition, and everything else that was tried.

    Attributes
    ----------
    file : str
        The definition.
    found_on, confirmed_on : HalfSummary
        The earlier and the later leads.
    how : str
        How they were split: ``forward in time``, ``in order`` or ``at random``.
    worked : WorkedLeads
        How far the later leads represent those that sales never worked.
    warnings : list of str
        About the split.
    questions : int
        How many things were tried.
    chance_rate : float
        The share of proposals that may be chance.
    proposals : list of ProposedChange
        The proposals.
    not_proposed : list of NotProposed
        Everything else.
    method : str
        Which leads the figures are about.
    text, diff : str or None
        The file with all proposals under the next version, unsigned; and as a patch.
    together : Effect or None
        Of all proposals.
    written : str or None
        The file that was written.
    """

    file: str
    found_on: HalfSummary
    confirmed_on: HalfSummary
    how: str
    worked: WorkedLeads
    warnings: list[str]
    questions: int
    chance_rate: float
    proposals: list[ProposedChange]
    not_proposed: list[NotProposed]
    method: str
    text: str | None = None
    diff: str | None = None
    together: Effect | None = None
    written: str | None = None
