"""The leak audit: evidence that a raw column could not have been known at the moment.

A CRM export shows every lead as it is today. Columns that sales fills while a deal is closing, or
that keep the latest of something, reveal the outcome because they were written after it. The audit
looks for the traces of such writing: dates after the moment, fields filled only for won or closed
leads, values seen with one outcome only, columns stronger than anything known early. Each finding
has points, and ten points make a suspect. A name is never enough: names give at most half of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from features.dates.columns import read_date_columns
from features.dates.detect import dates_or_none
from features.dates.no_date import usual_times
from features.dates.read import Times
from features.leaks.column_checks import (
    column_findings,
    filled_together,
    set_by_stage,
    wording_findings,
)
from features.leaks.finding import DIRECT, ONE_SIDED, SEPARATES, Finding, Followed, LeadStatus
from features.leaks.marked_values import marked_values
from features.leaks.outcome_checks import outcome_findings, tied_to_suspects
from features.leaks.siblings import is_original, siblings
from features.leaks.statistics import (
    Coded,
    bands_of_open,
    code,
    order_in_bands,
)
from features.leaks.still_open import days_until_extract, not_yet_written, open_as_long
from features.leaks.until_export import trends_by_outcome
from features.leaks.views import findings_of_views
from features.leaks.what_followed import (
    days_to_closing,
    tells_what_followed,
    told_apart,
    until_closing,
)
from features.progress import Progress, Step
from features.text import yaml_inline
from features.values.different import Different, different
from features.values.few_values import column_values

SUSPECT = 10.0  # points that make a column a suspect
PLANNED = 0.05  # of the open leads without a closing date, or it is the planned date


@dataclass(frozen=True)
class Suspect:
    """A column that was probably written after the moment.

    Attributes
    ----------
    column : str
        The column's name in the company's file.
    evidence : tuple of str
        The evidence against it, with figures: causes first, then what supports them.
    strength : float
        Points of all evidence together; at least 10.
    is_link : bool
        Whether it names an account or contact; its features count what is linked by it.
    """

    column: str
    evidence: tuple[str, ...]
    strength: float
    is_link: bool = False

    @property
    def summary(self) -> str:
        """What is suspected, in a few words."""
        return self.column

    @property
    def answers(self) -> tuple[str, str]:
        """The two lines of ``leadready.yaml`` that settle it, one way or the other."""
        name = yaml_inline(self.column)
        others = "" if self.is_link else "…, "
        return f"{name}: {{{others}known_at_moment: true}}", f"{name}: {{leak: true}}"

    @property
    def answer(self) -> str:
        """Both lines in one."""
        return "  or  ".join(self.answers)


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
    date_formats: Sequence[str] = (),
    dates: Mapping[str, Sequence[str]] | None = None,
    open_loses: bool = False,
    followed: Sequence[Followed] = (),
    seed: int = 0,
    progress: Progress | None = None,
) -> list[Suspect]:
    """Find the columns that could not have been known at the moment.

    Parameters
    ----------
    raw : DataFrame
        The company's columns as text; missing values are None.
    outcome : Series
        ``won``, ``not won`` or ``unknown``, one for each row of ``raw``. Unknown leads are taken
        as open: a column that is filled for closed leads only was filled by closing them. Any other
        text leaves a lead out.
    as_of, closed_at : Series of datetime64, optional
        When each lead is judged, and when it was closed.
    stage : Series, optional
        The raw column that the outcome is read from.
    order : Series, optional
        Order of the leads in time, if there is no ``as_of`` (default: the order of the rows).
    changed : mapping of str to Series of datetime64, optional
        When each lead's value of a column was last changed, if the CRM keeps such a history.
    answers : mapping, optional
        Columns that the team has answered for (``leak`` or ``known``); they are not suspected.
    skip : collection of str
        Columns that are never features, such as ids.
    date_formats : sequence of str
        Formats that dates are known to have; others are detected.
    dates : mapping of str to sequence of str, optional
        The formats of each column of dates, if they are known; by default, dates are detected.
    open_loses : bool
        Whether leads that stay open count as not won, once the horizon has passed.
    followed : sequence of Followed
        Amounts that became known after the moment, beside the days to closing.
    seed : int
        For the shuffles.
    progress : callable, optional
        Receives a message for each step.

    Returns
    -------
    list of Suspect
        Strongest first; empty when nothing is suspected.

    Examples
    --------
    >>> raw = pd.DataFrame({"paid": ["100"] * 60 + [None] * 140, "size": ["small", "big"] * 100})
    >>> suspects = audit_columns(raw, pd.Series(["won"] * 60 + ["not won"] * 140))
    >>> [suspect.column for suspect in suspects], suspects[0].evidence[1]
    (['paid'], 'filled for 100% of won leads but 0% of the others')
    """
    raw = raw.reset_index(drop=True)  # rows are matched by position
    names = [name for name in raw.columns if name not in set(skip) | set(answers or ())]
    leads = replace(
        _status_of_leads(raw, outcome, as_of, closed_at, stage, order, changed, followed),
        date_formats=date_formats,
        dates=None if dates is None else _read_known_dates(raw, dates, names),
        open_loses=open_loses,
    )
    coded, findings = _look_at_columns(raw, names, leads, progress)
    if not coded or raw.empty:
        return []
    if 0 < leads.won[leads.decided].sum() < leads.decided.sum():
        _report(progress, "leak audit: comparing the columns with each other")
        for name, more in outcome_findings(coded, leads, seed).items():
            findings[name] += more
    for name, more in filled_together(coded, findings).items():
        findings[name] += more
    for name in names:
        findings[name] += wording_findings(name, coded[name])
    suspects = [suspect for name in names if (suspect := _weigh(name, findings[name]))]
    suspects += _tied_suspects(coded, findings, suspects)
    suspected = {suspect.column: findings[suspect.column] for suspect in suspects}
    for name, finding in siblings(coded, suspected).items():
        if (sibling := _weigh(name, [*findings[name], finding])) is not None:
            suspects.append(sibling)
    return sorted(suspects, key=lambda suspect: -suspect.strength)


def _findings_of_column(
    raw: pd.DataFrame, name: str, of: Different, coded: Coded, leads: LeadStatus
) -> list[Finding]:
    """What a column shows without the others."""
    return [
        *column_findings(name, _dates_of(raw, name, leads), coded, leads),
        *marked_values(of, coded, leads),
        *findings_of_views(of, coded, leads),
        *tells_what_followed(coded, leads),
        *not_yet_written(coded, leads),
        *trends_by_outcome(coded, leads),
    ]


def _dates_of(raw: pd.DataFrame, name: str, leads: LeadStatus) -> Times | None:
    """The dates of a column; None if it holds none, or no moment is known to compare them with."""
    if leads.as_of is None:
        return None
    if leads.dates is None:
        dates = dates_or_none(raw[name], leads.date_formats)
        return None if dates is None else dates.to_numpy()
    return leads.dates.get(name)


def _read_known_dates(
    raw: pd.DataFrame, formats: Mapping[str, Sequence[str]], names: Collection[str]
) -> dict[str, Times]:
    """The columns of dates among those that are checked."""
    checked = {*names} & {*formats}
    read = read_date_columns(raw, {name: own for name, own in formats.items() if name in checked})
    return {name: usual_times(times) for name, times in read.items()}


def _tied_suspects(
    coded: Mapping[str, Coded], findings: dict[str, list[Finding]], suspects: list[Suspect]
) -> list[Suspect]:
    """Columns that become suspects only because they are tied to a strong suspect."""
    strong = [
        suspect.column
        for suspect in suspects
        if suspect.strength >= 2 * SUSPECT
        and coded[suspect.column].size <= 42
        and not coded[suspect.column].is_number
    ]
    suspected = {suspect.column for suspect in suspects}
    tied = []
    for name in [name for name in coded if name not in suspected]:
        filled = coded[name].filled
        others = [stage for stage in strong if not is_original(coded[name], coded[stage])]
        more = [
            finding for stage in others for finding in set_by_stage(coded[stage], stage, filled)
        ][:1]
        if not any(finding.trace == ONE_SIDED for finding in findings[name]):  # counts once
            more += tied_to_suspects(coded, others, name)
        tied.append(_weigh(name, findings[name] + more))
    return [suspect for suspect in tied if suspect]


def _status_of_leads(
    raw: pd.DataFrame,
    outcome: pd.Series,
    as_of: pd.Series | None,
    closed_at: pd.Series | None,
    stage: pd.Series | None,
    order: pd.Series | None,
    changed: Mapping[str, pd.Series] | None,
    followed: Sequence[Followed] = (),
) -> LeadStatus:
    status = outcome.to_numpy(object)
    decided = (status == "won") | (status == "not won")
    is_open = status == "unknown"
    if closed_at is not None and closed_at[is_open].isna().mean() > PLANNED:
        is_open = is_open & closed_at.isna().to_numpy()
    dated = as_of is not None and as_of.notna().any()
    times = as_of if dated else order
    age = order_in_bands(times, len(raw))
    open_or_closed = np.select([is_open, decided], ["open", "closed"], "unknown")
    coded_stage = code(pd.Series(open_or_closed, dtype=object) if stage is None else stage)
    moment = as_of.reset_index(drop=True) if dated and as_of is not None else None
    days = None if moment is None or closed_at is None else days_to_closing(moment, closed_at)
    amounts = [*followed] if days is None else [until_closing(days, age), *followed]
    told = (told_apart(amount, decided, status == "won") for amount in amounts)
    return LeadStatus(
        decided,
        status == "won",
        is_open,
        age,
        moment,
        coded_stage,
        changed or {},
        finer_age=age * 100 + bands_of_open(times, is_open),
        told=[each for each in told if each is not None],
        open_as_long=None
        if days is None or moment is None
        else open_as_long(days_until_extract(moment), days, is_open, decided),
    )


def _look_at_columns(
    raw: pd.DataFrame, names: list[str], leads: LeadStatus, progress: Progress | None
) -> tuple[dict[str, Coded], dict[str, list[Finding]]]:
    """Code each column, and find what it shows without the others."""
    coded, findings = {}, {}
    for place, (name, values) in enumerate(column_values(raw, names)):
        if place % 10 == 0:
            _report(progress, Step("leak audit, columns", place, len(names)))
        of = different(values)
        coded[name] = code(of)
        findings[name] = _findings_of_column(raw, name, of, coded[name], leads) if len(raw) else []
    _report(progress, Step("leak audit, columns", len(names), len(names)))
    return coded, findings


def _report(progress: Progress | None, message: str) -> None:
    if progress is not None:
        progress(message)


def _weigh(column: str, findings: list[Finding]) -> Suspect | None:
    """Add up the findings; None if they do not make a suspect."""
    if not any(finding.trace == SEPARATES for finding in findings):
        # what has nothing to do with the outcome can hardly leak it
        findings = [finding for finding in findings if finding.trace in DIRECT]
    ordered = sorted(findings, key=lambda finding: (finding.supports, -finding.points))
    causes = sum(finding.points for finding in ordered if not finding.supports)
    support = min(sum(finding.points for finding in ordered if finding.supports), SUSPECT / 2)
    if causes + support < SUSPECT:
        return None
    evidence = dict.fromkeys(finding.sentence for finding in ordered if finding.trace != SEPARATES)
    return Suspect(column, tuple(evidence), causes + support)
