"""What the changes of a session would have meant for past leads, beside the version in use.

The figures are those of ``leadready definition simulate``: the same functions compute them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from features import text
from features.text import day, masked
from model.definition.words import feature_text
from model.serving import READY, UNKNOWN
from model.simulation.consequences import Change, Consequences, compare_ready, consequences
from model.simulation.history import Array, Mask
from model.simulation.ready_score import ReadyAt
from pipelines.workshop.facts.shares import Share
from pipelines.workshop.live.leads import LiveCard, LiveLeads
from pipelines.workshop.live.session import Session

MOST_LISTED = 12  # leads that change sides, on either side
MOST_VALUES = 4  # features that are shown of each
WON, NOT_WON = "won", "went no further"
NOT_KNOWN = "not known yet"


@dataclass(frozen=True)
class SideChange:
    """A lead that changes sides, by its id in the CRM."""

    lead_id: str
    judged_on: str
    now_ready: bool
    outcome: str
    values: str


@dataclass(frozen=True)
class Outlook:
    """What the changes would have meant.

    Attributes
    ----------
    before, after : Consequences
        Of the version in use, and of the changed one.
    change : Change
        The leads that change sides.
    agreement_before, agreement_after : Share or None
        Leads on which model and rules agree, of those with a verdict; None without a model.
    ready_at : ReadyAt or None
        From which score the model calls a lead ready: it follows what sales can take.
    unseen : bool
        Whether the agreement is about leads that the model has not learned from.
    sides : tuple of SideChange
        Some of the leads that change sides, the latest first.
    """

    before: Consequences
    after: Consequences
    change: Change
    agreement_before: Share | None
    agreement_after: Share | None
    ready_at: ReadyAt | None
    unseen: bool
    sides: tuple[SideChange, ...]


def outlook(leads: LiveLeads, session: Session) -> Outlook:
    """Work out what the changes of a session would have meant.

    Parameters
    ----------
    leads : LiveLeads
    session : Session
    """
    changed = session.definition
    same = changed is session.signed
    after = leads.before if same else consequences(leads.history, changed)
    codes = leads.codes(changed)
    was = _beside(leads, Session(leads.signed), leads.codes_before)
    now = _beside(leads, session, codes)
    return Outlook(
        before=leads.before,
        after=after,
        change=compare_ready(leads.history, leads.codes_before == READY, codes == READY),
        agreement_before=was.agreement if was else None,
        agreement_after=now.agreement if now else None,
        ready_at=ReadyAt(was.ready_at, now.ready_at) if was and now else None,
        unseen=leads.card is not None and leads.card.unseen is not None,
        sides=() if same else _side_changes(leads, session, codes == READY),
    )


class ModelBeside(NamedTuple):
    """The leads on which model and rules agree, and from which score the model says ready."""

    agreement: Share
    ready_at: float


def _beside(leads: LiveLeads, session: Session, codes: Array) -> ModelBeside | None:
    """Hold the model against the rules of a session, on leads of which the rules have a verdict."""
    card = leads.chosen(session.state.card)
    if card is None:
        return None
    counted = (codes != UNKNOWN) & looked_at(card, len(codes))
    scores = card.scores(session.state.hand_set)
    ready_at = card.ready_at(scores, session.definition, leads.history)
    agree = (codes == READY) == (scores >= ready_at)
    return ModelBeside(Share("", int((agree & counted).sum()), int(counted.sum())), ready_at)


def looked_at(card: LiveCard, leads: int) -> Mask:
    """Tell which leads are compared: those that the model has not learned from, if any."""
    return np.ones(leads, dtype=bool) if card.unseen is None else card.unseen


def _side_changes(leads: LiveLeads, session: Session, ready: Mask) -> tuple[SideChange, ...]:
    """List the latest leads that become ready, and those that no longer are."""
    before = leads.codes_before == READY
    asked = list(dict.fromkeys(edit.criterion.feature for edit in session.state.edits))
    return tuple(
        _side_change(leads, int(place), now_ready, asked[:MOST_VALUES])
        for now_ready, moved in (
            (True, ready & ~before),
            (False, before & ~ready),
        )
        for place in _latest(leads, moved)
    )


def _latest(leads: LiveLeads, which: Mask) -> list[int]:
    places = np.flatnonzero(which)
    dates = leads.history.rows["as_of"].iloc[places].reset_index(drop=True)
    order = dates.sort_values(ascending=False, kind="stable").index[:MOST_LISTED]
    return [int(places[place]) for place in order]


def _side_change(leads: LiveLeads, place: int, now_ready: bool, asked: list[str]) -> SideChange:
    history = leads.history
    won = history.won[place]
    values = history.X[asked].iloc[place]
    return SideChange(
        lead_id=masked(str(history.rows["lead_id"].iloc[place])),
        judged_on=day(history.rows["as_of"].iloc[place]),
        now_ready=now_ready,
        outcome=NOT_KNOWN if np.isnan(won) else WON if won else NOT_WON,
        values="; ".join(
            f"{feature_text(name, history.words)}: {_value_text(values[name])}" for name in asked
        ),
    )


def _value_text(value: object) -> str:
    if value is None or value != value:
        return "unknown"
    return (
        text.number(value, 0 if value.is_integer() else 2)
        if isinstance(value, float)
        else masked(str(value))
    )
