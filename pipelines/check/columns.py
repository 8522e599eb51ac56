"""What each column of the company's files is used for, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

import pandas as pd

from features.guess.columns import ColumnGuess
from features.leaks.audit import Suspect
from features.text import percent
from features.workspace.schema import BySales, Column, EventsSource, StagesSource, Workspace
from pipelines.check.result import LEAK_SUSPECT, CheckedColumn

AFTER = "known only when the lead is closed, so never a feature"
AS_IT_WAS = "read as it was at the moment, from the field history"


class Role(NamedTuple):
    """The role of a column, and the reasons for it."""

    name: str
    reasons: tuple[str, ...]


def lead_columns(
    ws: Workspace,
    raw: pd.DataFrame,
    guesses: Mapping[str, ColumnGuess],
    suspects: Iterable[Suspect],
    with_history: Collection[str] = (),
) -> list[CheckedColumn]:
    """List every column of the leads with its role.

    Parameters
    ----------
    raw : DataFrame
        The company's own columns of the leads.
    guesses : mapping
        What each column looks like, by name.
    with_history : collection of str
        The columns that are used as they were at the moment.
    """
    mapped = {column.name: column for column in ws.leads.columns}
    suspected = {suspect.column: suspect for suspect in suspects}
    fixed = _fixed_roles(ws)
    checked = []
    for name, share in zip(map(str, raw.columns), raw.count() / len(raw), strict=True):
        column, guess = mapped.get(name), guesses[name]
        if name in suspected:
            role = Role(LEAK_SUSPECT, suspected[name].evidence)
        elif name in fixed and name in ws.leads.links.values():
            role = _link_role(fixed[name], column)
        elif column is not None:
            role = _mapped_role(column, guess)
        else:
            role = fixed.get(name) or _unmapped_role(guess)
        family = column.family if column and column.feature else None
        filled = f"filled for {percent(share)} of the leads"
        reasons = (*role.reasons, AS_IT_WAS) if name in with_history else role.reasons
        checked.append(CheckedColumn(name, "leads", role.name, family, (*reasons, filled)))
    return checked


def _fixed_roles(ws: Workspace) -> dict[str, Role]:
    """Columns that the mapping uses for something other than a feature; the first use counts."""
    uses = [
        (ws.leads.id, "id", "identifies the lead"),
        (ws.leads.account, "id", "identifies the account"),
        (ws.leads.contact, "id", "identifies the contact"),
        *((name, "outcome", "says which leads are won") for name in ws.outcome.won_columns),
        *((name, "outcome", "says which leads are lost") for name in ws.outcome.lost_columns),
        (ws.leads.created, "date", "when the lead came in"),
        (ws.moment.column, "date", "when the lead is judged"),
        (ws.moment.closed, "date", f"when the lead was closed: {AFTER}"),
        (ws.outcome.won_at, "date", f"when the lead was won: {AFTER}"),
        (ws.outcome.reason, "outcome", f"why sales closed the lead: {AFTER}"),
        (ws.outcome.amount, "outcome", f"what the win was worth: {AFTER}"),
        (ws.evaluation.order_by, "date", "the order of the leads in time"),
        *(
            (old.column, "ignored", "an old score, compared with the model")
            for old in ws.old_scores
        ),
    ]
    roles: dict[str, Role] = {}
    for name, role, use in uses:
        if name:
            roles.setdefault(name, Role(role, (f"mapped: {use}",)))
    return roles


def _link_role(role: Role, column: Column | None) -> Role:
    """Add the team's answer to the role of a column that names an account or contact."""
    if column is None or not (column.leak or column.known_at_moment):
        return role
    answer = "a leak, so no feature counts what is linked by it"
    if column.known_at_moment:
        answer = "known at the moment"
    return Role(role.name, (*role.reasons, f"the team's answer: {answer}"))


def _mapped_role(column: Column, guess: ColumnGuess) -> Role:
    if column.leak:
        return Role("ignored", ("the team's answer: a leak, so left out",))
    if column.ignore:
        role = column.ignore if column.ignore in ("personal", "constant", "outcome") else "ignored"
        return Role(role, (f"mapped: ignore {column.ignore}",))
    reason = f"mapped: {column.type} {column.feature}"
    if column.known_at_moment:
        reason += "; the team's answer: known at the moment"
    return Role("feature", (reason, guess.reason) if guess.role != "feature" else (reason,))


def _unmapped_role(guess: ColumnGuess) -> Role:
    role = guess.role if guess.role in ("personal", "constant") else "ignored"
    return Role(role, (f"not mapped; looks like {guess.family or guess.role}", guess.reason))


def other_columns(ws: Workspace) -> list[CheckedColumn]:
    """List the mapped columns of events and stages with their roles; the first use counts."""
    uses = [use for source in ws.events for use in _event_uses(source)]
    uses += _stage_uses(ws.stages) if ws.stages is not None else []
    checked: dict[tuple[str, str], CheckedColumn] = {}
    for column in uses:
        checked.setdefault((column.table, column.name), column)
    return list(checked.values())


def _event_uses(source: EventsSource) -> Iterator[CheckedColumn]:
    sales = source.by_sales.column if isinstance(source.by_sales, BySales) else None
    for names, role, use in (
        ((source.lead, source.contact, source.account), "id", "whose event it is"),
        ((source.time,), "date", "when it happened"),
        (source.kind, "feature", "the kind of event"),
        ((source.asset, source.campaign, source.value), "feature", "counted by kind of event"),
        ((sales,), "feature", "whether sales or the lead acted"),
    ):
        family = "engagement" if role == "feature" else None
        for name in names:
            if name:
                yield CheckedColumn(name, "events", role, family, (use,))


def _stage_uses(stages: StagesSource) -> list[CheckedColumn]:
    later = "how the lead turned out: never a feature"
    uses = [
        (stages.lead, "id", "whose stage it is"),
        (stages.time, "date", "when the lead reached the stage"),
        (stages.stage, "outcome", later),
        (stages.reason, "outcome", later),
        (stages.amount, "outcome", later),
    ]
    return [CheckedColumn(name, "stages", role, None, (use,)) for name, role, use in uses if name]
