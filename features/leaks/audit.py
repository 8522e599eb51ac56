"""What could not have been known at the moment: evidence against each raw column, in words.

A CRM export shows every lead as it is today. Columns that sales fills while a deal is closing, or
that keep the latest of something, tell the outcome because they were written after it. The audit
looks for what such writing leaves behind: dates after the moment, fields filled for the won or
for the closed only, values met with one outcome only, strength that nothing known early has. What
a column is called is never enough: each finding has points, ten make a suspect, and names give no
more than half of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.labels.outcomes import column_or_last_stage
from features.leaks.checks import (
    DIRECT,
    ONE_SIDED,
    TELLS,
    Finding,
    Setting,
    by_itself,
    by_outcome,
    by_words,
    filled_together,
    set_by,
    tied_to,
)
from features.leaks.statistics import Coded, code, order_in_bands
from features.tables.field_history import last_changes

if TYPE_CHECKING:
    from features.tables.read import Tables
    from features.workspace.read import Workspace

SUSPECT = 10.0  # points from which a column is suspected
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Suspect:
    """A column that probably tells what was only known later.

    Attributes
    ----------
    column : str
        The column's name in the company's file.
    evidence : tuple of str
        What speaks against it, with figures: causes first, then what supports them.
    strength : float
        Points of all evidence together; 10 is the least that makes a suspect.
    answer : str
        The lines of ``leadready.yaml`` that settle it, one way or the other.
    """

    column: str
    evidence: tuple[str, ...]
    strength: float
    answer: str


def audit_columns(
    raw: pd.DataFrame,
    outcome: pd.Series,
    *,
    as_of: pd.Series | None = None,
    closed_at: pd.Series | None = None,
    stage: pd.Series | None = None,
    order: pd.Series | None = None,
    changed: Mapping[str, pd.Series] | None = None,
    answers: Mapping[str, str] | None = None,
    skip: Collection[str] = (),
    seed: int = 0,
    progress: Progress | None = None,
) -> list[Suspect]:
    """Find the columns that tell what could not have been known at the moment.

    Parameters
    ----------
    raw : DataFrame
        The company's columns as text; missing values are None.
    outcome : Series
        ``won``, ``not won`` or ``unknown``, one for each row of ``raw``. Unknown ones are taken as
        open: what is filled for closed leads only, is filled by closing them.
    as_of, closed_at : Series of datetime64, optional
        When each lead is judged, and when it was closed.
    stage : Series, optional
        The raw column that the outcome is read from.
    order : Series, optional
        Orders leads in time where ``as_of`` is absent; otherwise the order of the rows counts.
    changed : mapping of str to Series of datetime64, optional
        When each lead's value of a column was last changed, where the CRM keeps such a history.
    answers : mapping, optional
        Columns that the team has answered for (``leak`` or ``known``); they are not suspected.
    skip : collection of str
        Columns that are never features anyway, such as ids.
    seed : int
        For the shuffles.
    progress : callable, optional
        Told in words what is being looked at.

    Returns
    -------
    list of Suspect
        Strongest first; empty when nothing is suspected.

    Examples
    --------
    >>> raw = pd.DataFrame({"paid": ["100"] * 60 + [None] * 140, "size": ["small", "big"] * 100})
    >>> found = audit_columns(raw, pd.Series(["won"] * 60 + ["not won"] * 140))
    >>> [one.column for one in found], found[0].evidence[1]
    (['paid'], 'filled for 100 % of won leads but 0 % of those not won')
    """
    raw = raw.reset_index(drop=True)  # rows belong together by their place
    names = [one for one in raw.columns if one not in set(skip) | set(answers or ())]
    leads = _setting(raw, outcome, as_of, closed_at, stage, order, changed)
    coded = _code_all(raw, names, progress)
    if not coded or raw.empty:
        return []
    findings = {one: by_itself(raw[one], coded[one], leads) for one in names}
    if 0 < leads.won[leads.decided].sum() < leads.decided.sum():
        _say(progress, "leak audit: comparing the columns with each other")
        for one, more in by_outcome(coded, leads, seed).items():
            findings[one] += more
    for one, more in filled_together(coded, findings).items():
        findings[one] += more
    for one in names:
        findings[one] += by_words(one, coded[one])
    suspects = [one for one in (_judge(name, findings[name]) for name in names) if one]
    suspects += _dragged_in(coded, findings, suspects)
    return sorted(suspects, key=lambda one: -one.strength)


def _dragged_in(
    coded: Mapping[str, Coded], findings: dict[str, list[Finding]], suspects: list[Suspect]
) -> list[Suspect]:
    """Columns that fall short by themselves and are tied to a strong suspect."""
    strong = [
        one.column
        for one in suspects
        if one.strength >= 2 * SUSPECT
        and coded[one.column].size <= 42
        and not coded[one.column].is_number
    ]
    known = {one.column for one in suspects}
    found = []
    for name in [one for one in coded if one not in known]:
        filled = coded[name].filled
        more = [one for stage in strong for one in set_by(coded[stage], stage, filled)][:1]
        if not any(one.trace == ONE_SIDED for one in findings[name]):  # the same trace counts once
            more += tied_to(coded, strong, name)
        found.append(_judge(name, findings[name] + more) if more else None)
    return [one for one in found if one]


def _setting(
    raw: pd.DataFrame,
    outcome: pd.Series,
    as_of: pd.Series | None,
    closed_at: pd.Series | None,
    stage: pd.Series | None,
    order: pd.Series | None,
    changed: Mapping[str, pd.Series] | None,
) -> Setting:
    said = outcome.to_numpy(object)
    decided = (said == "won") | (said == "not won")
    is_open = ~decided if closed_at is None else ~decided & closed_at.isna().to_numpy()
    known = as_of is not None and as_of.notna().any()
    age = order_in_bands(as_of if known else order, len(raw))
    status = pd.Series(np.select([is_open, decided], ["open", "closed"], "unknown"), dtype=object)
    coded = code(status if stage is None else stage)
    moment = as_of.reset_index(drop=True) if known and as_of is not None else None
    return Setting(decided, said == "won", is_open, age, moment, coded, changed or {})


def _code_all(raw: pd.DataFrame, names: list[str], progress: Progress | None) -> dict[str, Coded]:
    coded = {}
    for place, one in enumerate(names):
        if place % 10 == 0:
            _say(progress, f"leak audit: column {place + 1} of {len(names)}")
        coded[one] = code(raw[one])
    return coded


def _say(progress: Progress | None, words: str) -> None:
    if progress is not None:
        progress(words)


def _judge(column: str, findings: list[Finding]) -> Suspect | None:
    if not any(one.trace == TELLS for one in findings):  # it tells nothing, so it can leak little
        findings = [one for one in findings if one.trace in DIRECT]
    ordered = sorted(findings, key=lambda one: (one.supports, -one.points))
    causes = sum(one.points for one in ordered if not one.supports)
    support = min(sum(one.points for one in ordered if one.supports), SUSPECT / 2)
    if causes + support < SUSPECT or causes == 0:
        return None
    name = f'"{column}"' if re.search(r"[:#{}\[\],&*!|>'%@`]", column) else column
    answer = f"{name}: {{…, known_at_moment: true}}  or  {name}: {{leak: true}}"
    said = dict.fromkeys(one.words for one in ordered if one.trace != TELLS)
    return Suspect(column, tuple(said), causes + support, answer)


def audit_tables(
    ws: Workspace, tables: Tables, *, seed: int = 0, progress: Progress | None = None
) -> list[Suspect]:
    """Audit a workspace's leads; ``check`` and ``train`` both ask here, so they agree.

    Columns that the mapping uses otherwise (ids, dates, the outcome), ignores, or has answered for
    are left out. Columns that the mapping does not mention are looked at too.

    Returns
    -------
    list of Suspect
        All unanswered suspects; :func:`blocking` picks those that would be features.
    """
    raw = raw_columns(tables.leads)
    answered = {
        one.name: "known" if one.known_at_moment else "leak"
        for one in ws.leads.columns
        if one.leak or one.known_at_moment
    }
    column = ws.outcome.column
    return audit_columns(
        raw,
        status_at_extract(ws, tables),
        as_of=tables.leads["moment_base_at"] + pd.Timedelta(days=ws.moment.plus_days or 0),
        closed_at=tables.leads["closed_at"],
        stage=raw[column] if column in raw.columns else None,
        order=tables.leads["order"],
        changed=last_changes(tables.field_history, tables.leads["lead_id"]),
        answers=answered,
        skip=mapped_otherwise(ws) | {one.name for one in ws.leads.columns if one.ignore},
        seed=seed,
        progress=progress,
    )


def raw_columns(leads: pd.DataFrame) -> pd.DataFrame:
    """The company's own columns, under their own names.

    Examples
    --------
    >>> raw_columns(pd.DataFrame({"lead_id": ["1"], "raw:City": ["Rome"]})).columns.tolist()
    ['City']
    """
    names = [one for one in leads.columns if str(one).startswith("raw:")]
    return leads[names].rename(columns=lambda one: one.removeprefix("raw:"))


def mapped_otherwise(ws: Workspace) -> set[str]:
    """Columns of the leads that the mapping uses for something other than a feature."""
    used = {
        ws.leads.id,
        ws.leads.account,
        ws.leads.contact,
        ws.leads.created,
        ws.moment.column,
        ws.moment.closed,
        ws.outcome.column,
        ws.outcome.won_at,
        ws.outcome.amount,
        ws.outcome.reason,
        ws.evaluation.order_by,
    }
    return {one for one in used if one}


def blocking_suspects(suspects: list[Suspect], ws: Workspace) -> list[Suspect]:
    """The suspects that the mapping would make features: they need an answer."""
    features = {one.name for one in ws.leads.columns if one.feature}
    return [one for one in suspects if one.column in features]


def status_at_extract(ws: Workspace, tables: Tables) -> pd.Series:
    """``won``, ``not won`` or ``unknown`` as the export shows it, whatever the horizon.

    Late writing follows a lead's final fate, so the audit asks for that and not for the outcome
    within a horizon.
    """
    leads = tables.leads
    if ws.outcome.column:
        won = leads[f"raw:{ws.outcome.column}"].isin(ws.outcome.won)
        unknown = leads[f"raw:{ws.outcome.column}"].isna()
    else:
        wins = tables.stages.loc[tables.stages["stage"].isin(ws.outcome.won), "lead_id"]
        won = leads["lead_id"].isin(wins)
        seen = leads["lead_id"].isin(tables.stages["lead_id"])
        unknown = ~seen & leads["closed_at"].isna()
    for columns in (ws.outcome.unknown_when or {}).values():
        for name, values in columns.items():
            unknown = unknown | column_or_last_stage(tables, name).isin(values)
    said = pd.Series("not won", index=leads.index, dtype=object)
    return said.mask(unknown, "unknown").mask(won, "won")
