"""The files that a company gives to ``leadready init``: which of them has the leads.

A person may say what each file holds. Files without a role are read, and the leads are those with
an outcome and an id that other files name.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path

import pandas as pd

from features.errors import LeadReadyError
from features.files.file_kind import ENDINGS, JSON_ENDINGS
from features.guess.columns import guess_columns
from features.guess.ids import id_candidates
from features.guess.outcome import guess_outcome
from features.links.linked import LEAST_MATCHED
from features.links.pairs import best_match, id_column
from features.text import join
from features.vocabulary.headings import heading_concepts, heading_words
from features.workspace.vocabulary import ROW_NUMBER
from pipelines.init.file_reading import FileReading

ROWS_TO_COMPARE = 20_000
PERHAPS_TABLES = (".txt", ".dat", ".html", ".htm", ".xml", *JSON_ENDINGS)  # or something else
SAME_HEADINGS = 0.8  # of all headings of two files, and they are parts of one table
_LEADS = {"lead", "opportunity"}
_OTHERS = {
    "account",
    "customer",
    "contact",
    "contact_person",
    "person",
    "owner",
    "campaign",
    "product",
}


@dataclass(frozen=True)
class CompanyFiles:
    """The files by what they hold.

    Attributes
    ----------
    leads : Path or None
        The leads; None to find them among the others.
    accounts, contacts : tuple of Path
        Files with a row for each company or person.
    stages, changes, events : tuple of Path
        Stage histories, histories of fields, and events.
    others : tuple of Path
        Files and folders whose role is to be found out.
    optional : frozenset of Path
        Files with a role that are left out if they do not belong to the leads.
    """

    leads: Path | None = None
    accounts: tuple[Path, ...] = ()
    contacts: tuple[Path, ...] = ()
    stages: tuple[Path, ...] = ()
    changes: tuple[Path, ...] = ()
    events: tuple[Path, ...] = ()
    others: tuple[Path, ...] = ()
    optional: frozenset[Path] = frozenset()


def with_leads(files: CompanyFiles, outcome: str | None, reading: FileReading) -> CompanyFiles:
    """Open folders, and find the file of the leads if nobody named it.

    Raises
    ------
    LeadReadyError
        If no file, or more than one, could be the leads.
    """
    others = tuple(_files_in(files.others, reading))
    if files.leads is not None:
        return replace(files, others=tuple(file for file in others if file != files.leads))
    if len(others) == 1:
        return replace(files, leads=others[0], others=())
    leads = _find_leads(others, outcome, reading)
    return replace(files, leads=leads, others=tuple(file for file in others if file != leads))


def refuse_parts_of_leads(
    files: CompanyFiles, leads: pd.DataFrame, id: str, reading: FileReading
) -> None:
    """Refuse further files of the leads, which a shell makes of a pattern without quotes.

    Raises
    ------
    LeadReadyError
        If another file has the columns of the leads, and other leads or each of them once.
    """
    if files.leads is None or reading.sheets:
        return
    parts = [file for file in files.others if _is_part(reading.read_once(file), leads, id)]
    if not parts:
        return
    whole = [files.leads, *parts]
    pattern = files.leads.parent / _pattern(whole)
    if set(pattern.parent.glob(pattern.name)) == set(whole):
        hint = f"name them together, in quotes: --leads {shlex.quote(str(pattern))}"
    else:
        hint = "rename them to leads-1.csv, leads-2.csv, …, and write  --leads 'leads-*.csv'"
    raise LeadReadyError(
        f"{join(file.name for file in parts)} and {files.leads.name} have the same columns: "
        "they are parts of one table",
        hint=f"{hint}; or leave {parts[0].name} out",
    )


def _is_part(table: pd.DataFrame, leads: pd.DataFrame, id: str) -> bool:
    ours, theirs = set(map(str, leads.columns)), set(map(str, table.columns))
    if len(ours & theirs) < SAME_HEADINGS * len(ours | theirs):
        return False
    if id not in table:
        return id == ROW_NUMBER
    ids = table[id].dropna()
    return bool(ids.is_unique or ids.isin(leads[id]).mean() < LEAST_MATCHED)


def _pattern(files: Sequence[Path]) -> str:
    """The pattern of the names: what they begin and end with.

    Examples
    --------
    >>> _pattern([Path("leads-2024-01.csv"), Path("leads-2024-12.csv")])
    'leads-2024-*.csv'
    """
    names = [file.name for file in files]
    start = _common_start(names).rstrip("0123456789")
    end = _common_start([name[len(start) :][::-1] for name in names])[::-1]
    return f"{start}*{end.lstrip('0123456789')}"


def _common_start(names: Sequence[str]) -> str:
    places = zip(*names, strict=False)
    return "".join(letters[0] for letters in takewhile(lambda each: len(set(each)) == 1, places))


def _files_in(paths: Iterable[Path], reading: FileReading) -> list[Path]:
    """Open folders; a readme or the settings of a program beside the tables are left out."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            known = (file for file in path.iterdir() if file.suffix.lower() in ENDINGS)
            files += _tables(sorted(file for file in known if file.suffix), reading)
        else:
            files.append(path)
    return files


def _tables(files: Sequence[Path], reading: FileReading) -> list[Path]:
    others: dict[Path, LeadReadyError] = {}
    for file in files:
        if file.suffix.lower() in PERHAPS_TABLES:
            try:
                if reading.read_once(file).empty:
                    others[file] = LeadReadyError("it has no rows", where=str(file))
            except LeadReadyError as error:
                others[file] = error
    if others and len(others) == len(files):
        raise others[files[0]]
    for file, why in others.items():
        reading.warn(f"{file.name} is not used: {why.what}")
    return [file for file in files if file not in others]


@dataclass(frozen=True)
class _Candidate:
    """A file with an id for each row, which could be the leads."""

    file: Path
    table: pd.DataFrame
    ids: tuple[str, ...]
    has_outcome: bool

    @property
    def named_as_leads(self) -> bool:
        """Whether the file is called leads, deals or the like."""
        return bool(heading_concepts(self.file.stem) & _LEADS)

    @property
    def is_called_leads(self) -> bool:
        """Whether the file is called leads, where another one is called deals."""
        return "lead" in heading_concepts(self.file.stem)


def _find_leads(files: Sequence[Path], outcome: str | None, reading: FileReading) -> Path:
    if not files:
        raise LeadReadyError(
            "no file was given",
            hint="name it: leadready init DIR --leads FILE, or a folder with all files of the "
            "export: leadready init DIR FOLDER",
        )
    candidates = [
        found for file in files if (found := _candidate(file, outcome, reading)) is not None
    ]
    leads = [
        candidate
        for candidate in candidates
        if not any(_is_about(candidate, other) for other in candidates if other is not candidate)
    ]
    with_outcome = [candidate for candidate in leads if candidate.has_outcome]
    named = [candidate for candidate in with_outcome or leads if candidate.named_as_leads]
    leads_first = [candidate for candidate in named if candidate.is_called_leads]
    for choice in (with_outcome, named, leads_first, leads):
        if len(choice) == 1:
            return choice[0].file
    names = join((candidate.file.name for candidate in with_outcome), last="or", most=6)
    raise LeadReadyError(
        f"nothing tells which file has the leads: {names}"
        if with_outcome
        else f"no file has an outcome for each lead: {join(file.name for file in files)}",
        hint="name it with --leads FILE, and its outcome with --outcome COLUMN=VALUE",
    )


def _candidate(file: Path, outcome: str | None, reading: FileReading) -> _Candidate | None:
    table = reading.read_once(file)
    if table.empty:
        return None
    ids = tuple(candidate.column for candidate in id_candidates(table, guess_columns(table)))
    has_outcome = True
    try:
        guess_outcome(table, outcome)
    except LeadReadyError:
        has_outcome = False
    return _Candidate(file, table, ids, has_outcome) if ids or has_outcome else None


def _is_about(history: _Candidate, other: _Candidate) -> bool:
    """Whether a file names the ids of another one again and again, as histories and events do.

    Leads name their customers, too, but have ids of their own.
    """
    if any(map(_is_id_of_leads, history.ids)):
        return False
    for own in other.ids:
        ids = id_column(own, other.table[own])
        for name in map(str, history.table.columns):
            column = history.table[name].dropna().head(ROWS_TO_COMPARE)
            named = _names_a_lead(name) or heading_words(name) == heading_words(own)
            if name in history.ids or not named or column.is_unique:
                continue
            if best_match(ids, id_column(name, column), own_ids=True).share >= LEAST_MATCHED:
                return True
    return False


def _is_id_of_leads(name: str) -> bool:
    """Whether a heading says no more than that it is the id of a lead or deal.

    Examples
    --------
    >>> [_is_id_of_leads(name) for name in ("Angebots-Nr.", "Lead ID", "Lead History ID", "Id")]
    [True, True, False, False]
    """
    concepts = heading_concepts(name)
    is_id = bool(concepts & _LEADS) and bool(concepts & {"id", "number", "code"})
    return is_id and len(heading_words(name)) == 2


def _names_a_lead(name: str) -> bool:
    """Whether a heading is about the id of a lead: not every field of a deal is.

    Examples
    --------
    >>> [_names_a_lead(name) for name in ("Deal ID", "Lead", "Number", "Deal - Title", "Owner ID")]
    [True, True, True, False, False]
    """
    concepts = heading_concepts(name)
    if concepts & {"id", "number"}:
        return bool(concepts & _LEADS) or not concepts & _OTHERS
    return bool(concepts & _LEADS) and len(heading_words(name)) == 1
