"""The rows and the key columns of the leads: what identifies and dates them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from features.dates.no_date import words_among_dates
from features.errors import LeadReadyError
from features.guess.columns import ColumnGuess, guess_columns
from features.guess.created_date import guess_created, guess_handoff
from features.guess.ids import IdGuess, guess_id
from features.guess.outcome import OutcomeGuess, guess_outcome
from features.values.few_values import NOT_COUNTED, Counted, without_values
from features.values.placeholders import placeholders
from features.vocabulary.headings import heading_concepts
from features.workspace.vocabulary import ROW_NUMBER
from pipelines.init.company_files import CompanyFiles, refuse_parts_of_leads, with_leads
from pipelines.init.file_reading import FileReading
from pipelines.init.related_files import Events, Leads, RelatedFiles, guess_related_files

LEAST_FILLED = 0.5  # of the leads have an account or contact, or it does not say who they are


class KeyColumns(NamedTuple):
    """The columns with a key of their own in ``leadready.yaml``."""

    id: str
    id_reason: str
    created: str | None
    handoff: str | None
    account: str | None
    contact: str | None

    @property
    def links(self) -> dict[str, str]:
        """The columns by which events name a lead, its account or its contact."""
        links = {"lead": self.id, "account": self.account, "contact": self.contact}
        return {link: column for link, column in links.items() if column}


def key_columns(
    raw: pd.DataFrame, guesses: Sequence[ColumnGuess], found_id: IdGuess, created: str | None
) -> KeyColumns:
    """Find the columns that identify and date a lead; ``created`` is the option, if given."""
    return KeyColumns(
        id=found_id.column,
        id_reason=found_id.reason,
        created=guess_created(raw, guesses, created),
        handoff=guess_handoff(guesses),
        account=_first_with_role(raw, guesses, "account", found_id.column),
        contact=_first_with_role(raw, guesses, "contact", found_id.column),
    )


class _CountedLeads(NamedTuple):
    """The leads as text, and the rows of each value of each column: counted once, used often."""

    raw: pd.DataFrame
    counted: Counted

    def without(self, missing: Collection[str]) -> _CountedLeads:
        """Leave out values that mean missing."""
        if not missing:
            return self
        raw = self.raw.mask(self.raw.isin(missing), None)
        return _CountedLeads(raw, without_values(self.counted, missing))


def _read_leads(
    file: Path, null_values: Sequence[str], use: str, reading: FileReading
) -> _CountedLeads:
    raw = reading.read_once(file, null_values, use)
    if raw.empty:
        raise LeadReadyError(
            "the file has a header but no leads",
            where=str(file),
            hint="export the leads again, with their rows",
        )
    return _CountedLeads(raw, reading.counted(file, null_values, use))


def one_row_per_lead(raw: pd.DataFrame, id_column: str) -> pd.DataFrame:
    """Keep the rows that the tables will have: the first of each lead.

    Examples
    --------
    >>> one_row_per_lead(pd.DataFrame({"Id": ["a", "b", "a"]}), "Id")["Id"].tolist()
    ['a', 'b']
    """
    if id_column == ROW_NUMBER and id_column not in raw:
        numbers = pd.Series(range(1, len(raw) + 1), raw.index).astype(str).astype(object)
        return raw.assign(**{ROW_NUMBER: numbers})
    ids = raw[id_column]
    return raw[ids.notna() & ~ids.duplicated()].reset_index(drop=True)


def _first_with_role(
    raw: pd.DataFrame, guesses: Sequence[ColumnGuess], link: str, id_column: str
) -> str | None:
    """The first column with ids of accounts or contacts; without any, with their names."""
    columns = [guess.column for guess in guesses if guess.role == link]
    early = [name for name in columns if name != id_column and not _came_later(raw[name])]
    return min(early, key=lambda name: not heading_concepts(name) & {"id", "number"}, default=None)


def _came_later(column: pd.Series) -> bool:
    """Whether only some leads have a value: the id of what a lead became, not of who it is."""
    is_named_so = "converted" in heading_concepts(str(column.name))
    return is_named_so or bool(column.notna().mean() < LEAST_FILLED)


class Company(NamedTuple):
    """The leads with the columns of joined files, their keys, and the related files.

    ``counted`` has the rows of each value of columns of their own file, if no row was left out.
    """

    leads_file: Path
    missing: tuple[str, ...]
    keys: KeyColumns
    related: RelatedFiles
    counted: Counted


def read_company(
    files: CompanyFiles,
    outcome: str | None,
    id: str | None,
    created: str | None,
    null_values: Sequence[str],
    date_formats: Sequence[str],
    reading: FileReading,
) -> Company:
    """Read the leads and find out how the other files are linked to them."""
    use = "leads" if files.leads else ""
    files = with_leads(files, outcome, reading)
    leads_file = files.leads or Path()
    leads = _read_leads(leads_file, tuple(null_values), use, reading)
    found = () if null_values else tuple(placeholders(leads.counted))
    leads = leads.without(found)
    guesses = guess_columns(leads.raw, date_formats, str(leads_file), counted=leads.counted)
    words = words_among_dates(leads.counted, (g.column for g in guesses if g.role == "date"))
    leads, missing = leads.without(words), (*(null_values or found), *words)
    found_id = guess_id(leads.raw, guesses, id, leads.counted)
    refuse_parts_of_leads(files, leads.raw, found_id.column, reading)
    raw = one_row_per_lead(leads.raw, found_id.column)
    keys = key_columns(raw, guesses, found_id, created)
    own = Leads(raw, tuple(guesses), keys.links)
    related = guess_related_files(files, own, missing, date_formats, reading)
    links = related.leads.links
    keys = keys._replace(account=links.get("account"), contact=links.get("contact"))
    counted = leads.counted if len(raw) == len(leads.raw) else NOT_COUNTED
    return Company(leads_file, missing, keys, related, counted)


def find_outcome(
    raw: pd.DataFrame, option: str | None, lost: Sequence[str], events: Events, counted: Counted
) -> tuple[tuple[str, ...], OutcomeGuess | None]:
    """Stages of the history if the option names its column, else a column of the leads.

    If nothing is given and no column of the leads has an outcome, the history has it.
    """
    column, _, value = (option or "").partition("=")
    column = column.strip()
    for _, guess in events:
        if guess.is_stages and column not in raw and column == guess.columns["stage"]:
            return (value.strip(),), None
    try:
        return (), guess_outcome(raw, option, lost, counted)
    except LeadReadyError:
        won = next((guess.won_stages for _, guess in events if guess.is_stages), ())
        if option is not None or not won:
            raise
        return won, None
