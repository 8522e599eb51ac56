"""What the page of a live session shows: rules, card, consequences, what can be added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from features import text
from features.families.feature import Feature
from model.definition.edits import RemoveCriterion, Rules, any_groups, group_at
from model.definition.words import rule_text
from model.proposals.question import plain_number
from model.serving import Criterion
from model.simulation.consequences import Consequences
from model.simulation.win_rates import WinRate
from pipelines.pages.drawing import draw_bars, draw_table
from pipelines.pages.pieces import Bar, BarChart, Table, rate_bar, share_text, shortest_number
from pipelines.workshop.facts.shares import share_bar
from pipelines.workshop.live.forms import EVERY_LEAD, LISTS, NEVER, group_key
from pipelines.workshop.live.leads import LiveLeads
from pipelines.workshop.live.outlook import Outlook
from pipelines.workshop.live.session import Session

MOST_VALUES = 24  # of a category that are offered
STEPS = 100  # of a slider
IN_USE, CHANGED = "In use", "With your changes"


@dataclass(frozen=True)
class Slider:
    """The ends of a slider, and its step."""

    least: float
    most: float
    step: float


@dataclass(frozen=True)
class RuleRow:
    """A criterion on the page.

    Attributes
    ----------
    criterion : Criterion
        As changed, or as it was before it was taken out.
    words, signed_words : str
        In words; ``signed_words`` is empty for a new criterion.
    on, new, never : bool
        Whether it counts, is new, and rules leads out.
    slider : Slider or None
        Of a threshold.
    choices : list of (str, bool, str)
        The values of a list, whether they are chosen, and how many leads have them.
    note, note_by : str
        What was said about it.
    """

    criterion: Criterion
    words: str
    signed_words: str
    on: bool
    new: bool
    never: bool
    slider: Slider | None
    choices: list[tuple[str, bool, str]]
    note: str
    note_by: str

    @property
    def changed(self) -> bool:
        """Whether it differs from the version in use."""
        return self.new or not self.on or self.words != self.signed_words


def rule_rows(leads: LiveLeads, session: Session) -> list[RuleRow]:
    """List every criterion: those in use, those taken out and those that are new."""
    now = {criterion.id: criterion for criterion in session.definition.criteria}
    added = session.added
    rows = [*session.signed.criteria, *added.values()]
    rules = Rules(session.definition.ready, session.definition.never)
    signed = Rules(session.signed.ready, session.signed.never)
    return [
        _rule_row(
            leads,
            session,
            before,
            _as_changed(before, now, session),
            never=rules.excludes(before) or signed.excludes(before),
        )
        for before in rows
    ]


def _as_changed(before: Criterion, now: dict[str, Criterion], session: Session) -> Criterion:
    """Give a criterion as changed; one that was taken out keeps its threshold."""
    if before.id in now:
        return now[before.id]
    others = [edit for edit in session.state.edits if not isinstance(edit, RemoveCriterion)]
    return next(
        (getattr(edit, "changed", before) for edit in others if edit.criterion.id == before.id),
        before,
    )


def _rule_row(
    leads: LiveLeads, session: Session, before: Criterion, now: Criterion, *, never: bool
) -> RuleRow:
    new = before.id in session.added
    out = any(
        isinstance(edit, RemoveCriterion) and edit.criterion.id == before.id
        for edit in session.state.edits
    )
    note = next((note for note in session.state.notes if note.about == before.id), None)
    words = leads.history.words
    return RuleRow(
        criterion=now,
        words=rule_text(now, words),
        signed_words="" if new else rule_text(before, words),
        on=not out,
        new=new,
        never=never,
        slider=_slider(leads, (before, now)),
        choices=_choices(leads, now),
        note=note.words if note else "",
        note_by=note.by if note else "",
    )


def _slider(leads: LiveLeads, criteria: tuple[Criterion, ...]) -> Slider | None:
    """Choose the ends of a slider: nearly all leads lie between them, and both thresholds."""
    now = criteria[-1]
    if now.operator not in ("at_least", "at_most"):
        return None
    values = leads.history.X[now.feature].to_numpy(np.float64, na_value=np.nan)
    known = values[np.isfinite(values)]
    return slider_for(known, [float(criterion.operand) for criterion in criteria])


def slider_for(known: Any, thresholds: list[float]) -> Slider:
    """Choose the ends and the step of a slider.

    Examples
    --------
    >>> slider_for(np.arange(1.0, 501), [50])
    Slider(least=0, most=500, step=5)
    >>> slider_for(np.array([]), [2])
    Slider(least=0, most=4, step=1)
    """
    ends = [*thresholds, *(np.quantile(known, (0.01, 0.99)) if len(known) else (0, 4))]
    low, high = min(0.0, *map(float, ends)), max(4.0, 2 * max(thresholds), *map(float, ends))
    whole = bool((known == np.round(known)).all())
    rough = max((high - low) / STEPS, 1e-9)
    step = 10 ** np.floor(np.log10(rough))
    step *= next(factor for factor in (1, 2, 5, 10) if factor * step >= rough * 0.99)
    step = max(float(step), 1.0) if whole else float(step)
    least, most = np.floor(low / step) * step, np.ceil(high / step) * step
    ends_and_step = (round(float(part), 9) for part in (least, most, step))
    return Slider(*map(plain_number, ends_and_step))


def _choices(leads: LiveLeads, criterion: Criterion) -> list[tuple[str, bool, str]]:
    if criterion.operator not in LISTS:
        return []
    chosen = [str(value) for value in criterion.operands]
    counts = leads.values.get(criterion.feature)
    frequent = {} if counts is None else {str(v): int(n) for v, n in counts.items()}
    offered = [*chosen, *(value for value in frequent if value not in chosen)]
    return [
        (value, value in chosen, text.count(frequent.get(value, 0), "lead"))
        for value in offered[:MOST_VALUES]
    ]


# -- consequences ---------------------------------------------------------------------------------


def outlook_charts(seen: Outlook) -> list[Any]:
    """Draw what the changes mean, beside the version in use."""
    before, after = seen.before, seen.after
    capacity = after.workload.capacity
    charts = []
    if before.workload.per_week is not None:
        charts.append(
            BarChart(
                "Ready leads a week",
                [
                    _weekly(IN_USE, before, "muted"),
                    _weekly(CHANGED, after, "main"),
                ],
                limit=capacity,
                limit_words=""
                if capacity is None
                else f"sales can take {shortest_number(capacity)} a week",
            )
        )
    charts += [
        BarChart(
            "Win rate of ready leads, with 95% interval",
            [rate_bar(IN_USE, before.ready, "muted"), rate_bar(CHANGED, after.ready)],
        ),
        BarChart(
            "Wins missed: won, though not ready",
            [
                _missed(IN_USE, before.missed_wins.leads, before.ready.won, "muted"),
                _missed(CHANGED, after.missed_wins.leads, after.ready.won, "main"),
            ],
        ),
    ]
    if seen.agreement_before is not None and seen.agreement_after is not None:
        which = "that the model has not learned from" if seen.unseen else "of all past leads"
        charts.append(
            BarChart(
                "Model and rules agree",
                [
                    share_bar(seen.agreement_before._replace(label=IN_USE), "muted"),
                    share_bar(seen.agreement_after._replace(label=CHANGED)),
                ],
                note=f"Share of the leads {which} on which the rules have a verdict."
                f"{_ready_at_text(seen)}",
            )
        )
    return [draw_bars(chart) for chart in charts]


def _ready_at_text(seen: Outlook) -> str:
    """Say that the model calls more or fewer leads ready, as the agreed number of leads moves."""
    at = seen.ready_at
    if at is None or at.before == at.after:
        return ""
    return (
        f" With your changes the model calls a lead ready from {at.after:g} points, not "
        f"{at.before:g}."
    )


def _weekly(label: str, side: Consequences, tone: Any) -> Bar:
    weekly, above = side.workload.per_week, side.workload.weeks_above
    behind = f"over {text.number(side.weeks, 0)} weeks"
    if above is not None:
        share = f"in {text.percent(above)} of them" if above else "never"
        behind += f"; {share} more than sales can take"
    return Bar(label, weekly, f"{text.number(weekly, 1)} leads a week", behind, tone=tone)


def _missed(label: str, missed: int, won: int, tone: Any) -> Bar:
    behind = f"{text.count(won, 'win')} among ready leads"
    return Bar(label, missed, text.count(missed, "win"), behind, tone=tone)


def headline(seen: Outlook) -> str:
    """Say in a sentence what the changes mean."""
    joins, leaves = seen.change.newly_ready.win_rate, seen.change.no_longer_ready.win_rate
    if not joins.leads and not leaves.leads:
        return "The same past leads are ready as in the version in use."
    parts = [
        f"{text.count(group.leads, 'past lead')} {verb} ready{_won_text(group)}"
        for group, verb in ((joins, "become"), (leaves, "are no longer"))
        if group.leads
    ]
    return f"{'; '.join(parts)}."


def _won_text(group: WinRate) -> str:
    if group.rate is None:
        return ", no outcome of them known"
    return f", {share_text(group.rate, group.low, group.high)} of them won"


def sides_table(seen: Outlook) -> Any:
    """Draw the list of leads that change sides."""
    rows = [
        [
            side.lead_id,
            "becomes ready" if side.now_ready else "no longer ready",
            side.judged_on,
            side.outcome,
            side.values or text.NOTHING,
        ]
        for side in seen.sides
    ]
    columns = ["lead", "change", "judged on", "outcome", "what the changed rules ask for"]
    moved = seen.change.newly_ready.win_rate.leads + seen.change.no_longer_ready.win_rate.leads
    title = f"The latest {len(rows)} of {text.count(moved, 'lead')}, by their id in the CRM"
    return draw_table(Table(title if rows else "No lead changes sides", columns, rows))


# -- what can be changed -------------------------------------------------------------------------


def capacity_slider(seen: Outlook) -> Slider:
    """Choose the ends of the slider for what sales can take a week."""
    sides = (seen.before.workload, seen.after.workload)
    loads = [load for side in sides for load in (side.per_week, side.capacity)]
    most = max([10.0, *(load for load in loads if load is not None)])
    return Slider(1, 2 * int(np.ceil(most)), 1)


def places_in_rules(session: Session) -> list[tuple[str, str]]:
    """List where a new criterion can go, in words."""
    places = [(EVERY_LEAD, "every ready lead has to meet it")]
    places += [
        (group_key(position), f"enough instead of: {_group_text(position, session)}")
        for position in any_groups(session.signed.ready)
    ]
    return [*places, (NEVER, "leads that meet it are never handed over")]


def _group_text(position: tuple[int, ...], session: Session) -> str:
    group = group_at(session.signed.ready, position)
    return text.join((criterion.id for criterion in group.criteria), "or", most=4)


def feature_choices(leads: LiveLeads) -> list[tuple[str, str, str]]:
    """List the features that a criterion can ask for: name, words, kind."""
    features: list[Feature] = sorted(leads.features.values(), key=lambda feature: feature.words)
    return [(feature.name, feature.words, feature.kind) for feature in features]
