"""The content of ``leadready.yaml``: where the data is and what its columns mean.

Frozen records, one for each section of the file, with the file's keys as their fields. Lists are
tuples, dates are naive UTC timestamps, and a key that is not there is None or its default.
``features.workspace.read`` reads and checks the file; ``docs/data.md`` explains every key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from features.workspace.evaluation_schema import Evaluation, OldScore
from features.workspace.job_schema import Export, Guards, LedgerPlace
from features.workspace.outcome_schema import NO_OUTCOME, Outcome

Texts = tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """What one column of the leads is.

    Attributes
    ----------
    name : str
        The column's name in the company's file.
    feature, family, type, label, unit : str or None
        Of a feature: its name, its family (firmographic, role, origin, engagement, other), how it
        is read (number, year, category, flag, title, date, choices), what reports call it, and
        what it counts.
    decimal : str or None
        The decimal mark of a number, where it is not that of the other columns.
    choices : tuple of str
        Of multiple choice: the choices that become features, each yes or no.
    separator : str
        Stands between choices.
    ignore : str or None
        Why it is not a feature: personal, constant, identifier, outcome or other.
    leak, known_at_moment : bool
        The team's answer to the leak audit.
    """

    name: str
    feature: str | None = None
    family: str | None = None
    type: str | None = None
    label: str | None = None
    unit: str | None = None
    decimal: str | None = None
    choices: Texts = ()
    separator: str = ";"
    ignore: str | None = None
    leak: bool = False
    known_at_moment: bool = False


@dataclass(frozen=True)
class Join:
    """Another file with columns of the leads: ``on`` is the leads' column, ``key`` the file's.

    Attributes
    ----------
    match : str
        How the two are compared (``features.links.matching``).
    partial : bool
        Whether it is right that leads name rows that the file does not have.
    """

    file: str
    on: str
    key: str
    sheet: str | None = None
    encoding: str | None = None
    match: str = "exact"
    partial: bool = False


@dataclass(frozen=True)
class LeadsSource:
    """Where the leads are, and which columns identify and date them.

    Attributes
    ----------
    date_format : tuple of str
        The formats of all dates.
    column_date_formats : dict of str to tuple of str
        The formats of columns with formats of their own.
    decimal : str or None
        The decimal mark of the numbers; None if each column shows its own.
    """

    file: str
    id: str
    sheet: str | None = None
    encoding: str | None = None
    account: str | None = None
    contact: str | None = None
    created: str | None = None
    null_values: Texts = ()
    date_format: Texts = ()
    column_date_formats: dict[str, Texts] = field(default_factory=dict)
    decimal: str | None = None
    join: tuple[Join, ...] = ()
    columns: tuple[Column, ...] = ()

    @property
    def links(self) -> dict[str, str]:
        """The columns that name the account and the contact, by link."""
        links = {"account": self.account, "contact": self.contact}
        return {link: column for link, column in links.items() if column}

    @property
    def leaking_links(self) -> Texts:
        """The links that the team calls leaks: no feature counts what is linked by them."""
        leaks = {column.name for column in self.columns if column.leak}
        return tuple(link for link, column in self.links.items() if column in leaks)

    def date_formats_of(self, column: str) -> Texts:
        """Give the formats of a column of dates."""
        return self.column_date_formats.get(column, self.date_format)

    @property
    def date_format_options(self) -> Texts:
        """The formats as ``--date-format`` gives them; those of one column name it."""
        own = [
            f"{column}={date_format}"
            for column, formats in self.column_date_formats.items()
            for date_format in formats
        ]
        return (*self.date_format, *own)

    @property
    def all_date_formats(self) -> Texts:
        """All formats that occur."""
        own = [text for formats in self.column_date_formats.values() for text in formats]
        return tuple(dict.fromkeys([*self.date_format, *own]))


@dataclass(frozen=True)
class BySales:
    """The column that shows that sales caused an event, and its values that mean so."""

    column: str
    values: Texts


@dataclass(frozen=True)
class EventsSource:
    """A file of events: whose they are, when they happened and what they were.

    Attributes
    ----------
    lead, contact, account : str or None
        The columns with the id of the lead, contact or account; the first that is known counts.
    on : tuple of str
        The leads' columns with the same ids, if not only their key; cells may list several ids.
    match : str
        How the two are compared (``features.links.matching``).
    partial : bool
        Whether it is right that the file also names others.
    kind : tuple of str
        The columns whose values make the kind of event; empty if ``kind_is`` gives it for all.
    rename_kinds : mapping of str to str
        Kinds as the values give them, to the names that they should have.
    kinds, complete
        The team's answers to the audit: by kind, ``leak`` or ``known_at_moment``; and whether it
        is right that won leads have fewer events than others.
    by_sales : bool or BySales
        Whether sales caused the events, or the column that shows it.
    """

    file: str
    time: str
    lead: str | None = None
    contact: str | None = None
    account: str | None = None
    on: Texts = ()
    match: str = "exact"
    partial: bool = False
    kind: Texts = ()
    kind_is: str | None = None
    rename_kinds: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    complete: bool = False
    asset: str | None = None
    campaign: str | None = None
    value: str | None = None
    by_sales: bool | BySales = False
    sheet: str | None = None
    encoding: str | None = None
    date_format: Texts = ()
    null_values: Texts = ()
    decimal: str | None = None


@dataclass(frozen=True)
class StagesSource:
    """The stage history: which lead reached which stage, when, and why.

    ``on``, ``match`` and ``partial`` say how its leads are found, as for events.
    """

    file: str
    lead: str
    stage: str
    time: str
    reason: str | None = None
    amount: str | None = None
    on: Texts = ()
    match: str = "exact"
    partial: bool = False
    sheet: str | None = None
    encoding: str | None = None
    date_format: Texts = ()
    null_values: Texts = ()
    decimal: str | None = None


@dataclass(frozen=True)
class FieldHistorySource:
    """The history of the leads' columns: what was changed, when, and from what to what.

    Attributes
    ----------
    column : str or None
        The column with the names of the fields; None if each row is a version of a whole lead.
    old, new : str or None
        The columns with the values before and after a change.
    until : str or None
        Of versions: the column with the time at which they end.
    on, match, partial
        As for events.
    """

    file: str
    lead: str
    time: str
    column: str | None = None
    old: str | None = None
    new: str | None = None
    until: str | None = None
    on: Texts = ()
    match: str = "exact"
    partial: bool = False
    sheet: str | None = None
    encoding: str | None = None
    date_format: Texts = ()
    null_values: Texts = ()


@dataclass(frozen=True)
class Moment:
    """When a lead is judged: on a date of its record, or some days later.

    With ``every_days`` it is judged repeatedly from then on, as long as it is open.
    """

    column: str | None = None
    plus_days: int | None = None
    closed: str | None = None
    every_days: int | None = None


@dataclass(frozen=True)
class CardSize:
    """How large the card of points may be: the most features, each of which is a line."""

    features: int = 12


@dataclass(frozen=True)
class Workspace:
    """The content of ``leadready.yaml``.

    Attributes
    ----------
    folder : Path
        The file's folder; relative paths start here.
    definition : str
        The file of the lead definition.
    extract_at : Timestamp or None
        When the data was exported from the CRM; None to take the latest date in the data.
    places : mapping of str to str
        The line and column of each key, for errors: ``leads.created`` to ``…yaml:9:12``.

    Examples
    --------
    >>> leads = LeadsSource(file="leads.csv", id="Id")
    >>> Workspace("acme", Path("acme"), leads).where("leads.id")
    'acme/leadready.yaml'
    """

    name: str
    folder: Path
    leads: LeadsSource
    definition: str = "definition.yaml"
    model: str = "lead-readiness"
    extract_at: pd.Timestamp | None = None
    events: tuple[EventsSource, ...] = ()
    stages: StagesSource | None = None
    field_history: FieldHistorySource | None = None
    moment: Moment = Moment()
    outcome: Outcome = NO_OUTCOME
    evaluation: Evaluation = field(default_factory=Evaluation)
    old_scores: tuple[OldScore, ...] = ()
    card: CardSize = CardSize()
    guards: Guards = field(default_factory=Guards)
    ledger: LedgerPlace = field(default_factory=LedgerPlace)
    export: Export = field(default_factory=Export)
    places: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    def where(self, path: str) -> str:
        """Locate a key in the file: its line and column, else those of its section."""
        while path and path not in self.places:
            path = path.rpartition(".")[0]
        return self.places.get(path, str(self.folder / "leadready.yaml"))
