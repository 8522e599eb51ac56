"""Everything that ``leadready init`` finds out about a company's files, ready to be written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pandas as pd

from features.dates.detect import known_dates
from features.guess.closed_date import settle_open_states
from features.guess.columns import ColumnGuess
from features.guess.ids import running_number
from features.guess.old_scores import OldScoreGuess, guess_old_scores
from features.guess.outcome import OutcomeGuess
from features.guess.states import StateGuess
from features.leaks.audit import Suspect, audit_columns
from features.leaks.workspace_audit import where_linked
from features.links.matching import comparable_column
from features.progress import Progress
from features.related.past_values import with_past_values
from pipelines.init.company_files import CompanyFiles
from pipelines.init.draft_dates import (
    closed_long_after,
    dating_columns,
    day_after_latest,
    find_ends,
)
from pipelines.init.file_reading import FileReading
from pipelines.init.follow_ups import FollowUpGuess, events_by_sales, guess_follow_ups
from pipelines.init.horizon import HorizonGuess, guess_horizon
from pipelines.init.key_columns import KeyColumns, find_outcome, read_company
from pipelines.init.reasons import ColumnValue, find_reasons, guess_unknown_when
from pipelines.init.related_files import Events, JoinedFile, stage_states

DAYS_OF_FIRST_EVENTS = 7  # after a lead came in


@dataclass(frozen=True)
class Draft:
    """What was found out about a company's files.

    Attributes
    ----------
    leads_file : Path
        The file of the leads.
    raw : DataFrame
        Its columns and those of joined files as text, missing values as None.
    null_values : tuple of str
        Values that mean missing.
    null_values_guessed : bool
        Whether those were found in the data rather than given.
    guesses : tuple of ColumnGuess
        What each column of the leads is.
    id, created, handoff, account, contact : str or None
        The columns that identify and date a lead.
    id_reason : str
        Why that column identifies a lead.
    outcome : OutcomeGuess or None
        The column with the outcome; None if the stage history has it.
    won_stages : tuple of str
        The stages of the history that mean won, if it has the outcome.
    stage_states : StateGuess
        What the other stages of the history mean then.
    unknown_when : dict of str to ColumnValue
        A value that makes the outcome unknown, by reason.
    suspects : dict of str to Suspect
        Columns that the leak audit suspects.
    joins : tuple of JoinedFile
        Files with a row for each account or contact.
    events : sequence of (Path, EventsGuess)
        The files of events, stages and changes.
    unused : tuple of (Path, str)
        Files that do not belong to the leads, and why.
    extract_at : Timestamp or None
        The day after the latest date in the data.
    closed_after_leads : bool
        Whether sales closed leads long after the last one came in.
    closed, won_at : str or None
        The columns that say when sales closed a lead, and when a lead was won.
    order_by : str or None
        A column that numbers the leads, if nothing dates them.
    reason_column : str or None
        The leads' column with the reason for which sales closed them.
    reasons : tuple of str
        Those reasons, or the ones in the stage history.
    reading : FileReading
        How the files were read.
    horizon : HorizonGuess or None
        Days within which a win counts, if the wins have dates or somebody said so.
    worked : FollowUpGuess or None
        The events that show that sales worked a lead, if the data tells.
    old_scores : tuple of OldScoreGuess
        Columns that are scores; they are compared with the model and never features.
    known : mapping of str to bool
        Whether suspected columns were known at the moment, as far as somebody said so.
    """

    leads_file: Path
    raw: pd.DataFrame
    null_values: tuple[str, ...]
    null_values_guessed: bool
    guesses: tuple[ColumnGuess, ...]
    id: str
    id_reason: str
    created: str | None
    handoff: str | None
    account: str | None
    contact: str | None
    outcome: OutcomeGuess | None
    unknown_when: dict[str, ColumnValue]
    suspects: dict[str, Suspect]
    joins: tuple[JoinedFile, ...]
    events: Events
    unused: tuple[tuple[Path, str], ...]
    extract_at: pd.Timestamp | None
    closed_after_leads: bool
    won_stages: tuple[str, ...]
    stage_states: StateGuess
    closed: str | None
    won_at: str | None
    order_by: str | None
    reason_column: str | None
    reasons: tuple[str, ...]
    reading: FileReading
    horizon: HorizonGuess | None = None
    worked: FollowUpGuess | None = None
    old_scores: tuple[OldScoreGuess, ...] = ()
    known: Mapping[str, bool] = field(default_factory=dict)

    @property
    def states(self) -> StateGuess:
        """What means lost, open and with sales."""
        return self.outcome.states if self.outcome else self.stage_states

    @property
    def moment(self) -> str | None:
        """The column with the date at which a lead is judged, before ``plus_days`` are added."""
        return self.handoff or self.created

    @property
    def plus_days(self) -> int:
        """Days after that date, so that the first events of a lead have happened."""
        return DAYS_OF_FIRST_EVENTS if self.events and not self.handoff else 0

    @property
    def moments(self) -> pd.Series | None:
        """When each lead is judged; None if no column says so."""
        if self.moment is None:
            return None
        formats = next((g.date_formats for g in self.guesses if g.column == self.moment), ())
        dates = known_dates(self.raw[self.moment], formats)
        return None if dates is None else dates + pd.Timedelta(days=self.plus_days)

    @property
    def further_columns(self) -> list[ColumnGuess]:
        """The columns without a key of their own in ``leadready.yaml``."""
        used = {self.id, self.account, self.contact, self.created, self.handoff, self.reason_column}
        used |= {self.closed, self.won_at, *(old.column for old in self.old_scores)}
        if self.outcome:
            used |= set(self.outcome.columns)
        return [guess for guess in self.guesses if guess.column not in used]

    @property
    def suspected_columns(self) -> list[str]:
        """The suspects that somebody has to answer for, strongest first."""
        used = {guess.column for guess in self.further_columns} | {self.account, self.contact}
        return [column for column in self.suspects if column in used]

    @property
    def feature_columns(self) -> list[ColumnGuess]:
        """The columns that become features: those that nothing is suspected of."""
        return [
            guess
            for guess in self.further_columns
            if guess.family and guess.column not in self.suspects
        ]


def make_draft(
    files: CompanyFiles,
    *,
    outcome: str | None = None,
    lost: Sequence[str] = (),
    id: str | None = None,
    created: str | None = None,
    null_values: Sequence[str] = (),
    date_formats: Sequence[str] = (),
    reading: FileReading | None = None,
    progress: Progress | None = None,
) -> Draft:
    """Find out what the files hold; nothing is written.

    Parameters
    ----------
    files : CompanyFiles
        The company's files.
    outcome, lost, id, created, null_values, date_formats, progress
        As for ``pipelines.init.init.init``.
    reading : FileReading, optional
        Reads the files.

    Raises
    ------
    LeadReadyError
        If the files cannot be understood.
    """
    reading = reading or FileReading()
    company = read_company(files, outcome, id, created, null_values, date_formats, reading)
    keys, related = company.keys, company.related
    raw, guesses, events = related.leads.raw, related.leads.guesses, related.events
    won_stages, outcome_guess = find_outcome(raw, outcome, lost, events, company.counted)
    used = _used_columns(keys, outcome_guess)
    unknown_when = guess_unknown_when(raw, used, company.counted) if outcome_guess else {}
    of_stages = next((guess.reasons for _, guess in events if guess.is_stages), ())
    reason_column, reasons = find_reasons(raw, outcome_guess, used, of_stages, company.counted)
    dated = keys.created or keys.handoff
    if outcome_guess is not None:
        outcome_guess = settle_open_states(raw, guesses, outcome_guess, used)
    closed, won_at = find_ends(raw, guesses, outcome_guess, keys, used)
    used |= {column for column in (closed, won_at) if column}
    order_by = None if dated else running_number(raw, guesses, keys.id)
    formats = {guess.column: guess.date_formats for guess in guesses if guess.date_formats}
    latest = partial(day_after_latest, raw, dating_columns(keys, guesses), formats, events)
    draft = Draft(
        leads_file=company.leads_file,
        raw=raw,
        null_values=company.missing,
        null_values_guessed=not null_values,
        guesses=guesses,
        **keys._asdict(),
        outcome=outcome_guess,
        unknown_when=unknown_when,
        suspects={},
        joins=related.joins,
        events=events,
        unused=related.unused,
        extract_at=latest((closed, won_at)),
        closed_after_leads=closed_long_after(latest((closed, won_at)), latest(())),
        won_stages=won_stages,
        stage_states=stage_states(raw, events, won_stages, lost),
        closed=closed,
        won_at=won_at,
        order_by=order_by,
        reason_column=reason_column,
        reasons=reasons,
        reading=reading,
    )
    draft = _with_times_of_sales(draft, formats)
    draft = replace(draft, old_scores=_find_old_scores(draft))
    used |= {old.column for old in draft.old_scores}
    return replace(draft, suspects=_find_suspects(draft, formats, used, progress))


def _used_columns(keys: KeyColumns, outcome: OutcomeGuess | None) -> set[str]:
    """The columns that identify or date a lead, or say what became of it."""
    used = {*keys.links.values(), *([keys.created] if keys.created else [])}
    return used | set(outcome.columns if outcome else ())


def _find_old_scores(draft: Draft) -> tuple[OldScoreGuess, ...]:
    """The columns that are scores which the company has already."""
    won = None
    if draft.outcome is not None:
        won = draft.outcome.results(draft.raw).eq("won")
    return guess_old_scores(draft.raw, draft.further_columns, won)


def _raw_at_moment(draft: Draft) -> pd.DataFrame:
    """The columns of the leads, those with a history as they were at the moment."""
    moments, raw = draft.moments, draft.raw
    if moments is None:
        return raw
    for file, guess in draft.events:
        if guess.role == "changes":
            table = draft.reading.read_once(file, draft.null_values)
            raw = with_past_values(raw, moments, guess, table)
    return raw


def _find_suspects(
    draft: Draft,
    formats: Mapping[str, tuple[str, ...]],
    used: set[str],
    progress: Progress | None,
) -> dict[str, Suspect]:
    """Audit the columns that may become features."""
    raw, outcome, created, order_by = draft.raw, draft.outcome, draft.created, draft.order_by
    if outcome is None:
        return {}
    labels = outcome.results(raw)
    for column, value in draft.unknown_when.values():
        labels = labels.mask((raw[column] == value) & (labels != "won"), "unknown")
    never = {guess.column for guess in draft.guesses if guess.role in ("constant", "personal")}
    links = {name for name in (draft.account, draft.contact) if name} - {draft.id}
    suspects = audit_columns(
        where_linked(_raw_at_moment(draft), links),
        labels,
        as_of=known_dates(raw[created], formats.get(created, ())) if created else None,
        stage=raw[outcome.column],
        order=None if order_by is None else pd.to_numeric(raw[order_by], errors="coerce"),
        skip=(used | never | ({draft.handoff} if draft.handoff else set())) - links,
        dates=formats,
        open_loses=draft.horizon is not None,
        progress=progress,
    )
    return {
        suspect.column: replace(suspect, is_link=suspect.column in links) for suspect in suspects
    }


def _with_times_of_sales(draft: Draft, formats: Mapping[str, tuple[str, ...]]) -> Draft:
    """The horizon that the dates of the wins suggest, and what shows that sales worked a lead."""
    moments, extract_at = draft.moments, draft.extract_at
    if moments is None or extract_at is None:
        return draft
    won_at = _won_at(draft, formats)
    if draft.outcome is not None:
        won = draft.outcome.results(draft.raw).eq("won")
    elif won_at is not None:
        won = won_at.notna()
    else:
        return draft
    by_sales = events_by_sales(draft.raw, draft.events, draft.reading)
    horizon = None if won_at is None else guess_horizon(moments, won, won_at, extract_at)
    return replace(
        draft, horizon=horizon, worked=guess_follow_ups(moments, won, by_sales, extract_at)
    )


def _won_at(draft: Draft, formats: Mapping[str, tuple[str, ...]]) -> pd.Series | None:
    """When each lead was won, from its own date or from the stage history."""
    if draft.outcome is not None:
        column = draft.won_at
        return known_dates(draft.raw[column], formats.get(column, ())) if column else None
    for _, guess in draft.events:
        if guess.stages is not None and guess.names is not None and guess.times is not None:
            rows = guess.stages.isin(draft.won_stages)
            rule = guess.link.match.rule
            names = comparable_column(guess.names[rows], rule)
            first = guess.times[rows].groupby(names).min()
            return comparable_column(draft.raw[guess.link.on], rule).map(first)
    return None
