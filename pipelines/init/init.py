"""``leadready init``: look at a CRM export and write a first workspace, each guess with a reason.

Nothing is written until both files are known to be readable again, and nothing that is there
already is written over unless asked. Columns that the leak audit suspects are written down
unanswered: they stay out of every model until a person answers for them.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from features.errors import LeadReadyError
from features.guess.columns import Guess, as_dates, placeholders, profile
from features.guess.workspace import (
    EventsGuess,
    OutcomeGuess,
    look_at_events,
    pick_created,
    pick_handoff,
    pick_id,
    pick_outcome,
    unknown_when,
)
from features.leaks.audit import Suspect, audit_columns
from pipelines.init.draft_reasons import pick_reason, values_of

WORKSPACE, DEFINITION = "leadready.yaml", "definition.yaml"
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Draft:
    """Everything that was found out about the files, ready to be written down."""

    name: str
    leads_file: Path
    nulls: tuple[str, ...]
    nulls_found: bool
    raw: pd.DataFrame
    guesses: tuple[Guess, ...]
    id: str
    created: str | None
    handoff: str | None
    account: str | None
    contact: str | None
    outcome: OutcomeGuess | None
    unknown: dict[str, tuple[str, str]]
    suspects: dict[str, Suspect]
    events: tuple[tuple[Path, EventsGuess], ...] = ()
    extract_at: pd.Timestamp | None = None
    won_stage: str | None = None
    order_by: str | None = None
    reason: str | None = None
    reasons: tuple[str, ...] = ()


def init(
    folder: str | Path,
    leads_file: str | Path,
    events_files: Sequence[str | Path] = (),
    outcome: str | None = None,
    id: str | None = None,
    created: str | None = None,
    nulls: Sequence[str] = (),
    force: bool = False,
    progress: Progress | None = None,
) -> list[Path]:
    """Write ``leadready.yaml`` and ``definition.yaml`` for a CRM export.

    Parameters
    ----------
    folder : path
        The workspace; made if it is not there.
    leads_file, events_files : path
        CSV, XLSX or Parquet. An events file with a stage column is taken as the stage history.
    outcome : str, optional
        ``COLUMN=VALUE`` that means a win; guessed where it is not given.
    id, created : str, optional
        Columns of the leads; guessed where not given.
    nulls : sequence of str
        Values that mean missing; placeholders such as ``Select`` are found where none are given.
    force : bool
        Write over files that are there.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    LeadReadyError
        When the files cannot be understood, or would be written over. Then nothing is written.
    """
    from pipelines.init.draft_definition import definition_text
    from pipelines.init.draft_workspace import workspace_text

    home = Path(folder)
    if not force:
        _refuse_to_write_over(home)
    draft = look(
        Path(leads_file), [Path(one) for one in events_files], outcome, id, created, nulls, progress
    )
    texts = {WORKSPACE: workspace_text(draft, home), DEFINITION: definition_text(draft)}
    return _write_together(home, texts)


def look(
    leads_file: Path,
    events_files: Sequence[Path],
    outcome: str | None,
    id: str | None,
    created: str | None,
    nulls: Sequence[str],
    progress: Progress | None = None,
) -> Draft:
    """Find out what the files hold; the guesses are not written anywhere yet."""
    raw, missing = _read_leads(leads_file, nulls)
    names = [str(one) for one in raw.columns]
    guesses = profile(raw)
    key = pick_id(guesses, id, names)
    came = pick_created(guesses, created, names)
    links = {kind: _link(guesses, kind, {key}) for kind in ("account", "contact")}
    ids = {"lead": raw[key], **{kind: raw[one] for kind, one in links.items() if one}}
    events = tuple((one, _read_events(one, missing, ids)) for one in events_files)
    won_stage, became = _outcome(raw, outcome, events)
    used = {one for one in (key, came, became.column if became else None, *links.values()) if one}
    unknown = unknown_when(raw, used) if became else {}
    reason, reasons = _reasons(raw, became, used, events)
    handoff = pick_handoff(guesses)
    order_by = None if came or handoff else _numbered(raw, guesses)
    suspects = _suspects(
        raw,
        became,
        unknown,
        came,
        used | ({handoff} if handoff else set()),
        guesses,
        order_by,
        progress,
    )
    return Draft(
        leads_file.stem,
        leads_file,
        missing,
        not nulls,
        raw,
        tuple(guesses),
        key,
        came,
        handoff,
        links["account"],
        links["contact"],
        became,
        unknown,
        suspects,
        events,
        _latest(raw, [came, handoff], events),
        won_stage,
        order_by,
        reason,
        reasons,
    )


def _read_leads(file: Path, nulls: Sequence[str]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    from features.files.open_table import read_text_table

    raw = read_text_table(file, null_values=tuple(nulls))
    if raw.empty:
        raise LeadReadyError(
            "the file has a header but no leads",
            where=str(file),
            hint="export the leads again, with their rows",
        )
    missing = tuple(nulls) or tuple(placeholders(raw))
    blank = raw.isin(missing) if missing else raw.isna()
    return raw.astype(object).where(raw.notna() & ~blank, None), missing


def _read_events(file: Path, nulls: tuple[str, ...], ids: dict[str, pd.Series]) -> EventsGuess:
    from features.files.open_table import read_text_table

    table = read_text_table(file, null_values=nulls)
    if table.empty:
        raise LeadReadyError("the file has no events", where=str(file), hint="leave it out")
    found = look_at_events(table, profile(table), ids, str(file))
    reason = found.columns.get("reason")
    return replace(found, reasons=values_of(table[reason])) if reason else found


def _link(guesses: Sequence[Guess], kind: str, taken: set[str]) -> str | None:
    fits = [one.column for one in guesses if one.role == kind and one.column not in taken]
    return fits[0] if fits else None


def _outcome(
    raw: pd.DataFrame, asked: str | None, events: Sequence[tuple[Path, EventsGuess]]
) -> tuple[str | None, OutcomeGuess | None]:
    """The outcome as a column of the leads, or as a stage of the history where asked for so."""
    column, _, value = (asked or "").partition("=")
    for _, one in events:
        if one.is_stages and column.strip() not in raw and column.strip() == one.columns["stage"]:
            return value.strip(), None
    return None, pick_outcome(raw, asked)


def _reasons(
    raw: pd.DataFrame,
    became: OutcomeGuess | None,
    used: set[str],
    events: Sequence[tuple[Path, EventsGuess]],
) -> tuple[str | None, tuple[str, ...]]:
    """The leads' column of reasons and its values; without one, those of the stage history."""
    if became is not None:
        won = raw[became.column].isin(became.won)
        column = pick_reason(raw, won, used)
        if column is not None:
            return column, values_of(raw[column])
    return None, next((one.reasons for _, one in events if one.is_stages), ())


def _suspects(
    raw: pd.DataFrame,
    became: OutcomeGuess | None,
    unknown: dict[str, tuple[str, str]],
    created: str | None,
    used: set[str],
    guesses: Sequence[Guess],
    order_by: str | None,
    progress: Progress | None,
) -> dict[str, Suspect]:
    if became is None:
        return {}
    said = pd.Series("not won", index=raw.index, dtype=object)
    said = said.mask(
        raw[became.column].isna() | raw[became.column].isin(became.still_open), "unknown"
    )
    for column, value in unknown.values():
        said = said.mask(raw[column] == value, "unknown")
    said = said.mask(raw[became.column].isin(became.won), "won")
    skip = used | {one.column for one in guesses if one.role in ("constant", "personal")}
    found = audit_columns(
        raw,
        said,
        as_of=as_dates(raw[created]) if created else None,
        stage=raw[became.column],
        order=None if order_by is None else pd.to_numeric(raw[order_by], errors="coerce"),
        skip=skip,
        progress=progress,
    )
    return {one.column: one for one in found}


def _numbered(raw: pd.DataFrame, guesses: Sequence[Guess]) -> str | None:
    """A column that numbers the leads, probably as they came in."""
    for one in guesses:
        if one.role == "id":
            numbers = pd.to_numeric(raw[one.column], errors="coerce")
            if numbers.notna().all() and numbers.max() < 1e15:
                return one.column
    return None


def _latest(
    raw: pd.DataFrame,
    columns: Sequence[str | None],
    events: Sequence[tuple[Path, EventsGuess]],
) -> pd.Timestamp | None:
    dates = [as_dates(raw[one]) for one in columns if one]
    seen = [one.max() for one in dates if one is not None] + [one.last for _, one in events]
    known = [one for one in seen if one is not None and pd.notna(one)]
    return max(known).floor("D") + pd.Timedelta(days=1) if known else None


def _refuse_to_write_over(home: Path) -> None:
    for name in (WORKSPACE, DEFINITION):
        if (home / name).exists():
            raise LeadReadyError(
                f"{home / name} is there already",
                hint="choose another folder, or write over it with --force",
            )


def _write_together(home: Path, texts: dict[str, str]) -> list[Path]:
    """Write all files or none: first beside the workspace, read back there, then moved."""
    from features.workspace.read import read_workspace

    parent = home.resolve().parent
    parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{home.name}-", dir=parent))
    try:
        for name, text in texts.items():
            (temporary / name).write_text(text, encoding="utf-8")
        read_workspace(temporary)
        home.mkdir(exist_ok=True)
        for name in texts:
            os.replace(temporary / name, home / name)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return [home / name for name in texts]
