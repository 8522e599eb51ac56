"""``leadready init``: write a first workspace from a CRM export, each guess with its reason.

Nothing is written until both files are known to be readable, and existing files are only
overwritten if asked. Columns that the leak audit suspects are written as leaks, with the evidence:
they stay out of every model until a person says that they were known in time.
"""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from features.errors import LeadReadyError
from features.progress import Progress, no_progress
from features.whole_file import write_whole
from features.workspace.conditions import column_conditions
from features.workspace.read import read_workspace
from pipelines.init.company_files import CompanyFiles
from pipelines.init.draft import Draft, make_draft
from pipelines.init.file_reading import FileReading
from pipelines.init.horizon import HorizonGuess
from pipelines.init.questions import Answers, ask_questions
from pipelines.init.texts.definition_text import draft_definition_text
from pipelines.init.texts.workspace_text import draft_workspace_text
from pipelines.init.warehouse.tables import Warehouse


class InitResult(NamedTuple):
    """The files that were written, and what they were made from."""

    files: tuple[Path, ...]
    draft: Draft


WORKSPACE, DEFINITION = "leadready.yaml", "definition.yaml"


def init(
    folder: str | Path,
    leads_file: str | Path | None = None,
    events_files: Sequence[str | Path] = (),
    outcome: str | None = None,
    lost: Sequence[str] = (),
    id: str | None = None,
    created: str | None = None,
    null_values: Sequence[str] = (),
    date_formats: Sequence[str] = (),
    sheets: Sequence[str] = (),
    accounts_files: Sequence[str | Path] = (),
    contacts_files: Sequence[str | Path] = (),
    stages_files: Sequence[str | Path] = (),
    changes_files: Sequence[str | Path] = (),
    other_files: Sequence[str | Path] = (),
    warehouse: Warehouse | None = None,
    force: bool = False,
    progress: Progress = no_progress,
    warn: Callable[[str], None] = no_progress,
    ask: Callable[[str], str] | None = None,
) -> InitResult:
    """Write ``leadready.yaml`` and ``definition.yaml`` for a CRM export.

    Parameters
    ----------
    folder : path
        The workspace; created if necessary.
    leads_file : path, optional
        CSV, XLSX, Parquet or JSON; found among ``other_files`` by default.
    events_files : sequence of path
        What the leads did. A file that turns out to be a stage history is used as one.
    outcome : str, optional
        ``COLUMN=VALUE`` that means won, or a column of dates that only won leads have; guessed by
        default.
    lost : sequence of str
        Values of that column that mean lost, or ``all`` for every value that does not mean won;
        guessed by default. Leads with any other value are still open.
    id, created : str, optional
        Columns of the leads; guessed by default.
    null_values : sequence of str
        Values that mean missing; placeholders such as ``Select`` are detected by default.
    date_formats : sequence of str
        ``FORMAT`` or ``COLUMN=FORMAT``, for dates that can be read in several ways.
    accounts_files, contacts_files : sequence of path
        Files with a row for each company or person.
    stages_files, changes_files : sequence of path
        The stage history, and the history of fields.
    other_files : sequence of path
        Files, or folders of files, whose role is found out.
    warehouse : Warehouse, optional
        The tables of a CRM in a database, in place of files.
    force : bool
        Overwrite existing files.
    sheets : sequence of str
        The sheets of workbooks, in the order of the files; by default the only one that looks like
        a table.
    progress : callable, optional
        Called with a message for each step.
    warn : callable, optional
        Called with what somebody should look at: rows left out, an encoding that was guessed.

    ask : callable, optional
        Shows a question to a person and returns the answer; the most important questions are then
        asked before anything is written.

    Returns
    -------
    InitResult
        The files written, and what was understood.

    Raises
    ------
    LeadReadyError
        If the files cannot be understood, or would overwrite others. Nothing is written then.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> rows = ["Id,Stage,City", "1,Won,Rome", "2,Lost,Bonn"]
    >>> _ = (folder / "leads.csv").write_text("\\n".join(rows))
    >>> [file.name for file in init(folder / "acme", folder / "leads.csv").files]
    ['leadready.yaml', 'definition.yaml']
    """
    home = Path(folder)
    _refuse_file(home, other_files)
    if not force:
        _refuse_to_overwrite(home)
    files = CompanyFiles(
        None if leads_file is None else Path(leads_file),
        accounts=tuple(map(Path, accounts_files)),
        contacts=tuple(map(Path, contacts_files)),
        stages=tuple(map(Path, stages_files)),
        changes=tuple(map(Path, changes_files)),
        events=tuple(map(Path, events_files)),
        others=tuple(map(Path, other_files)),
    )
    reading = FileReading(sheets, warn)
    if warehouse is not None:
        files, id = warehouse.files, id or warehouse.id
        reading = FileReading(warn=warn, sources=warehouse.yaml_lines(home))
    draft_with = partial(
        make_draft,
        files,
        id=id,
        null_values=null_values,
        date_formats=date_formats,
        reading=reading,
        progress=progress,
    )
    draft = draft_with(outcome=outcome, lost=lost, created=created)
    if ask is not None:
        answers = ask_questions(draft, ask)
        if answers.outcome or answers.lost or answers.created:
            draft = draft_with(
                outcome=answers.outcome or outcome,
                lost=_all_lost(draft, answers) or lost,
                created=answers.created or created,
            )
        if answers.horizon_days is not None:
            draft = replace(draft, horizon=HorizonGuess(answers.horizon_days))
        draft = replace(draft, known=answers.known)
    texts = {WORKSPACE: draft_workspace_text(draft, home), DEFINITION: draft_definition_text(draft)}
    _check_readable_again(texts)
    home.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        write_whole(home / name, text)
    return InitResult(tuple(home / name for name in texts), draft)


def _all_lost(draft: Draft, answers: Answers) -> tuple[str, ...]:
    """The values that mean lost: those that say so, and those that a person added."""
    if not answers.lost or draft.outcome is None or answers.outcome:
        return answers.lost
    states = draft.states
    known = [
        value
        for part in column_conditions(states.lost)
        if part.column == states.column and part.operator == "one_of"
        for value in part.operand
    ]
    return (*known, *answers.lost)


def _refuse_file(home: Path, others: Sequence[Path | str]) -> None:
    """A file in the place of the folder is the export of somebody who named no folder."""
    if home.is_file():
        files = shlex.join(map(str, [home, *others]))
        raise LeadReadyError(
            f"{home} is a file; the workspace, a folder, is named before it",
            hint=f"name the folder first: leadready init acme {files}",
        )


def _refuse_to_overwrite(home: Path) -> None:
    for name in (WORKSPACE, DEFINITION):
        if (home / name).exists():
            raise LeadReadyError(
                f"{home / name} already exists",
                hint="choose another folder, or overwrite it with --force",
            )


def _check_readable_again(texts: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            write_whole(Path(folder, name), text)
        read_workspace(folder)
