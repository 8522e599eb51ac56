"""The files beside the leads: what each of them holds, and how it belongs to the leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from features.errors import LeadReadyError
from features.guess.columns import ColumnGuess, guess_columns
from features.guess.outcome import won_values
from features.guess.states import StateGuess, guess_states, with_lost_values
from features.links.matching import comparable_column
from features.related.events import EventsGuess, guess_events
from features.related.field_changes import validity_columns, value_columns
from features.related.joins import JoinGuess, guess_join
from features.related.links import CONCEPTS, LinkGuess, guess_link
from features.related.stage_columns import lead_stages
from features.tables.lead_columns import join_columns
from features.values.number_notation import number_notation
from features.vocabulary.headings import heading_concepts
from features.workspace.conditions import ColumnCondition, any_condition
from features.workspace.schema import Join
from pipelines.init.company_files import CompanyFiles
from pipelines.init.file_reading import FileReading
from pipelines.init.reasons import distinct_reasons

Events = Sequence[tuple[Path, EventsGuess]]


class JoinedFile(NamedTuple):
    """A file with a row for each account or contact, and how the leads name it."""

    file: Path
    guess: JoinGuess


@dataclass(frozen=True)
class Leads:
    """The leads as far as they are known.

    Attributes
    ----------
    raw : DataFrame
        Their columns as text, and those of joined files.
    guesses : tuple of ColumnGuess
        What the columns are.
    links : mapping of str to str
        The columns by which other files name a ``lead``, a ``contact`` or an ``account``.
    """

    raw: pd.DataFrame
    guesses: tuple[ColumnGuess, ...]
    links: Mapping[str, str]


@dataclass(frozen=True)
class RelatedFiles:
    """What the files beside the leads hold.

    Attributes
    ----------
    leads : Leads
        With the columns of joined files.
    joins : tuple of JoinedFile
    events : sequence of (Path, EventsGuess)
        Files of events, stages and changes.
    unused : tuple of (Path, str)
        Files in a folder that do not belong to the leads, and why.
    """

    leads: Leads
    joins: tuple[JoinedFile, ...]
    events: Events
    unused: tuple[tuple[Path, str], ...]


@dataclass(frozen=True)
class _Reader:
    """Reads files as the leads are read."""

    null_values: tuple[str, ...]
    date_formats: Sequence[str]
    reading: FileReading

    def table(self, file: Path) -> tuple[pd.DataFrame, list[ColumnGuess]]:
        table = self.reading.read_once(file, self.null_values)
        if table.empty:
            raise LeadReadyError("the file has no rows", where=str(file), hint="leave it out")
        counted = self.reading.counted(file, self.null_values)
        return table, guess_columns(table, self.date_formats, str(file), counted=counted)

    def guesses(self, raw: pd.DataFrame, known: Sequence[ColumnGuess]) -> tuple[ColumnGuess, ...]:
        """What the columns are, those of a joined file after those that are known."""
        columns = [guess.column for guess in known]
        features = [guess.feature for guess in known if guess.feature]
        new = raw[[name for name in raw.columns if name not in columns]]
        return (*known, *guess_columns(new, self.date_formats, "the joined files", features))


def guess_related_files(
    files: CompanyFiles,
    leads: Leads,
    null_values: tuple[str, ...],
    date_formats: Sequence[str],
    reading: FileReading,
) -> RelatedFiles:
    """Find out what each file holds and how it belongs to the leads.

    Raises
    ------
    LeadReadyError
        If a file that a person named does not belong to the leads, or is not what they said.
    """
    reader = _Reader(null_values, date_formats, reading)
    told = {**dict.fromkeys(files.accounts, "account"), **dict.fromkeys(files.contacts, "contact")}
    leads, joins, waiting = _join_files({**told, **dict.fromkeys(files.others)}, leads, reader)
    roles = {
        **dict.fromkeys(files.stages, "stages"),
        **dict.fromkeys(files.changes, "changes"),
        **{file: "events" if file in files.optional else None for file in files.events},
    }
    events: list[tuple[Path, EventsGuess]] = []
    unused: list[tuple[Path, str]] = []
    for file, role in {**roles, **dict.fromkeys(waiting)}.items():
        try:
            guess = _guess_log(file, role, leads, reader)
        except LeadReadyError as error:
            if file not in {*waiting, *files.optional}:
                raise
            unused.append((file, error.what))
            continue
        events.append((file, guess))
        leads = replace(leads, links={**_links_of(guess.link), **leads.links})
    events, no_histories = _without_tables_of_deals(events, files.stages)
    unused += no_histories
    _refuse_second_history(events)
    return RelatedFiles(leads, tuple(joins), events, tuple(unused))


# -- accounts, contacts and other files with a row for each ---------------------------------------


def _join_files(
    files: Mapping[Path, str | None], leads: Leads, reader: _Reader
) -> tuple[Leads, list[JoinedFile], list[Path]]:
    """Join each file that the leads, or a file joined before, name; give those left over."""
    joins: list[JoinedFile] = []
    waiting = dict(files)
    while waiting:
        found = None
        for file, about in waiting.items():
            table, guesses = reader.table(file)
            guess = guess_join(table, guesses, leads.raw, leads.guesses, about or _about(file))
            if guess is not None and (about or not _is_log(table, guesses, guess, leads)):
                found = file, table, guess
                break
        if found is None:
            break
        file, table, guess = found
        about = waiting.pop(file)
        leads = _with_join(leads, file, table, guess, about, reader)
        joins.append(JoinedFile(file, guess))
    told = [file for file, about in waiting.items() if about]
    if told:
        raise LeadReadyError(
            f"no column of the leads names a row of {told[0].name}",
            where=str(told[0]),
            hint="export the leads with the id or name of their account or contact",
        )
    return leads, joins, list(waiting)


def _about(file: Path) -> str | None:
    """Whether a file is called after accounts or contacts."""
    concepts = heading_concepts(file.stem)
    return next((link for link in ("account", "contact") if concepts & CONCEPTS[link]), None)


def _is_log(
    table: pd.DataFrame, guesses: Sequence[ColumnGuess], guess: JoinGuess, leads: Leads
) -> bool:
    """Whether the file has times and names the leads themselves rather than what they name."""
    dated = any(each.role == "date" for each in guesses)
    kinds = any(heading_concepts(each.column) & {"kind", "event", "stage"} for each in guesses)
    kinds = kinds or "old" in value_columns(guesses, []) or bool(validity_columns(guesses))
    return dated and kinds and guess.on == leads.links.get("lead")


def _with_join(
    leads: Leads,
    file: Path,
    table: pd.DataFrame,
    guess: JoinGuess,
    about: str | None,
    reader: _Reader,
) -> Leads:
    join = Join(str(file), on=guess.on, key=guess.key, match=guess.match.rule, partial=True)
    raw = join_columns(leads.raw, table, join, file, str(file)).raw
    links = dict(leads.links)
    names_accounts = "account" in heading_concepts(guess.on)
    if (about or _about(file)) == "account" or (_about(file) is None and names_accounts):
        links.setdefault("account", guess.on)
    return Leads(raw, reader.guesses(raw, leads.guesses), links)


# -- events, stages and changes -------------------------------------------------------------------


def _guess_log(file: Path, role: str | None, leads: Leads, reader: _Reader) -> EventsGuess:
    """Guess what a file holds; a contact or account that it names becomes a link of the leads."""
    table, guesses = reader.table(file)
    link: LinkGuess = guess_link(table, guesses, leads.raw, leads.guesses, leads.links, str(file))
    guess = guess_events(
        table,
        guesses,
        link,
        str(file),
        role=role,
        stages=lead_stages(leads.raw, leads.guesses),
        lead_columns=[str(name) for name in leads.raw.columns],
    )
    return _with_values(guess, table)


def _links_of(link: LinkGuess) -> dict[str, str]:
    """The leads' columns that a file names, by whose ids they are."""
    return {link.link: link.on, **{key: on for key, (_, on) in link.further.items()}}


def _with_values(guess: EventsGuess, table: pd.DataFrame) -> EventsGuess:
    """Add how its numbers are written, its reasons and the stages that mean won."""
    number = guess.columns.get("value", guess.columns.get("amount"))
    if number is not None:
        notation = number_notation(table[number])
        written = notation.known and notation.matters
        guess = replace(guess, decimal=notation.decimal if written else "")
    if reason := guess.columns.get("reason"):
        guess = replace(guess, reasons=distinct_reasons(table[reason]))
    if stage := guess.columns.get("stage"):
        guess = replace(guess, won_stages=won_values(table[stage], stage))
    return guess


def stage_states(
    raw: pd.DataFrame, events: Events, won: tuple[str, ...], lost: Sequence[str]
) -> StateGuess:
    """What the stages of the history mean, if it has the outcome; leads without one are open.

    Parameters
    ----------
    raw : DataFrame
        The leads' columns, as text.
    won : tuple of str
        The stages that mean won; none if a column of the leads has the outcome.
    lost : sequence of str
        Stages that a person named as lost, beside those that say so.
    """
    history = next((guess for _, guess in events if guess.is_stages), None)
    if history is None or not won or history.stages is None or history.names is None:
        return StateGuess()
    column, rule = history.columns["stage"], history.link.match.rule
    table = history.stages.to_frame(column)
    states = guess_states(table, column, won)
    if lost:
        states = with_lost_values(table, column, won, states, lost)
    names = comparable_column(history.names, rule)
    last = _last_stages(history, names, won)
    states = replace(states, unclear=tuple(stage for stage in states.unclear if stage in last))
    if comparable_column(raw[history.link.on], rule).isin(names).all():
        return states
    unnamed = ColumnCondition(column, "is_missing", (True,))
    return replace(
        states, open=any_condition([unnamed] if states.open is None else [states.open, unnamed])
    )


def _last_stages(history: EventsGuess, names: pd.Series, won: tuple[str, ...]) -> set[str]:
    """The last stages of the leads that are not won."""
    rows = pd.DataFrame({"name": names, "at": history.times, "stage": history.stages})
    rows = rows[~rows["name"].isin(rows["name"][rows["stage"].isin(won)])]
    rows = rows.sort_values("at", kind="stable", na_position="first")
    return set(rows.drop_duplicates("name", keep="last")["stage"].dropna())


def _without_tables_of_deals(
    events: list[tuple[Path, EventsGuess]], told: Sequence[Path]
) -> tuple[list[tuple[Path, EventsGuess]], list[tuple[Path, str]]]:
    """Leave out files with one stage for each lead where another file has all of the stages."""
    once = [
        file
        for file, guess in events
        if guess.is_stages
        and file not in told
        and guess.names is not None
        and guess.names.dropna().is_unique
    ]
    histories = [file for file, guess in events if guess.is_stages and file not in once]
    if not histories:
        return events, []
    why = f"it has one stage for each lead; {histories[0].name} has all of them"
    kept = [(file, guess) for file, guess in events if file not in once]
    return kept, [(file, why) for file in once]


def _refuse_second_history(events: Events) -> None:
    for role, what in (("stages", "stage history"), ("changes", "history of fields")):
        files = [file.name for file, guess in events if guess.role == role]
        if len(files) > 1:
            raise LeadReadyError(
                f"{' and '.join(files[:2])} are both a {what}, but there can be one",
                hint="put their rows into one file, or leave one out",
            )
