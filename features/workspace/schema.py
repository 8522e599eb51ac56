"""What ``leadready.yaml`` says, once it is read: where the data is and what its columns mean.

Plain frozen records, one for each part of the file, with the file's own keys as their fields. Lists
are tuples, dates are naive UTC timestamps, what the file does not say is None or the default. How
the file is read and checked is in ``features.workspace.read``; ``docs/data.md`` explains every key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

Formats = tuple[str, ...]
Texts = tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """What one column of the leads is.

    Attributes
    ----------
    name : str
        The column's name in the company's file.
    feature, family, type, label, unit : str or None
        Of a feature: its name, its family (firmographic, role, origin, engagement), how it is read
        (number, year, category, flag, title, date), what it means and what one of it is.
    ignore : str or None
        Why it is no feature: personal, constant, identifier, outcome or other.
    leak, known_at_moment : bool
        The team's answer to the leak audit.
    """

    name: str
    feature: str | None = None
    family: str | None = None
    type: str | None = None
    label: str | None = None
    unit: str | None = None
    ignore: str | None = None
    leak: bool = False
    known_at_moment: bool = False


@dataclass(frozen=True)
class Join:
    """A further file with columns of the leads: ``on`` is the leads' column, ``key`` the file's."""

    file: str
    on: str
    key: str
    sheet: str | None = None


@dataclass(frozen=True)
class LeadsSource:
    """Where the leads are, and which columns identify and date them."""

    file: str
    id: str
    sheet: str | None = None
    account: str | None = None
    contact: str | None = None
    created: str | None = None
    null_values: Texts = ()
    date_format: Formats | None = None
    join: tuple[Join, ...] = ()
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True)
class EventsSource:
    """A file of events: whose they are, when they were, what they were.

    Attributes
    ----------
    lead, contact, account : str or None
        Exactly one of them: the column that holds the leads' id, contact or account.
    kind : tuple of str
        The columns whose values make the kind; empty where ``kind_is`` says it for all.
    rename_kinds : mapping of str to str
        Kinds as they come out of the values, to kinds as they are to be called.
    by_sales : bool or mapping
        Whether sales did it rather than the lead; ``{"column": …, "values": (…)}`` where a column
        tells.
    """

    file: str
    time: str
    lead: str | None = None
    contact: str | None = None
    account: str | None = None
    kind: Texts = ()
    kind_is: str | None = None
    rename_kinds: Mapping[str, str] = field(default_factory=dict)
    asset: str | None = None
    campaign: str | None = None
    value: str | None = None
    by_sales: bool | Mapping[str, str | Texts] = False
    sheet: str | None = None
    date_format: Formats | None = None
    null_values: Texts = ()


@dataclass(frozen=True)
class StagesSource:
    """The history of stages: which lead came to which stage when, and why."""

    file: str
    lead: str
    stage: str
    time: str
    reason: str | None = None
    amount: str | None = None
    sheet: str | None = None
    date_format: Formats | None = None
    null_values: Texts = ()


@dataclass(frozen=True)
class FieldHistorySource:
    """The history of the leads' columns: which of them was changed for which lead when."""

    file: str
    lead: str
    column: str
    time: str
    sheet: str | None = None
    date_format: Formats | None = None
    null_values: Texts = ()


@dataclass(frozen=True)
class Moment:
    """When a lead is judged: at a date of its record, or some days after it.

    With ``every_days`` it is judged again and again from then on, as long as it is open.
    """

    column: str | None = None
    plus_days: int | None = None
    closed: str | None = None
    every_days: int | None = None


@dataclass(frozen=True)
class Worked:
    """How one sees that sales followed up: by stages, or by kinds of event after the moment."""

    stages: Texts = ()
    events: Texts = ()
    within_days: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What counts as won, within which horizon, and when nobody knows.

    Attributes
    ----------
    column : str or None
        The leads' column that is read; None where ``won`` are stages of the history.
    reason : str or None
        The leads' column with the reason that sales gave; None where the history has it.
    reasons : mapping
        Names of the taxonomy (``features.labels.rejection_reasons``) to the company's own reasons.
    unknown_when : mapping
        Reason to ``{column: values}``; any of them makes the outcome unknown. The stage column of
        the history stands for the last stage that a lead came to.
    immature : str
        ``leave_out``, or ``weight``: wins that came early count at once, each for those that still
        may come.
    unworked : str
        ``weight``: the leads that sales worked are weighted to represent those that it did not;
        ``leave_out``: they are not.
    """

    column: str | None = None
    won: Texts = ()
    won_at: str | None = None
    amount: str | None = None
    horizon_days: int | None = None
    reason: str | None = None
    reasons: Mapping[str, Texts] = field(default_factory=dict)
    unknown_when: Mapping[str, Mapping[str, Texts]] = field(default_factory=dict)
    worked: Worked | None = None
    immature: str = "leave_out"
    unworked: str = "weight"


@dataclass(frozen=True)
class Evaluation:
    """How a model is tested: on which later leads, learning from which outcomes."""

    order_by: str | None = None
    test_from: pd.Timestamp | None = None
    test_until: pd.Timestamp | None = None
    test_share: float = 0.25
    outcomes: str = "known_at_the_time"


@dataclass(frozen=True)
class Workspace:
    """Everything that ``leadready.yaml`` says.

    Attributes
    ----------
    folder : Path
        Where the file is; relative names of files start here.
    definition : str
        The definition's file.
    extract_at : Timestamp or None
        When the data was taken out of the CRM; None where only the data can tell.
    places : mapping of str to str
        Where each thing stands in the file, for errors: ``leads.created`` to ``…yaml:9:12``.

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
    outcome: Outcome = Outcome()
    evaluation: Evaluation = Evaluation()
    places: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    def where(self, path: str) -> str:
        """Say where a thing stands in the file: its line, or that of the part it belongs to."""
        while path and path not in self.places:
            path = path.rpartition(".")[0]
        return self.places.get(path, str(self.folder / "leadready.yaml"))
