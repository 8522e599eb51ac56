"""Reads ``leadready.yaml``, the one file in which a company says what its data means.

An unknown key, a value of the wrong type or a contradiction is an error with file, line and column,
what was expected and the most similar valid name. The result is the records of ``schema``. Whether
the columns exist is checked when the data is read (``features.tables.read``).
"""

from __future__ import annotations

from pathlib import Path

from features.errors import LeadReadyError
from features.workspace.evaluation_sections import (
    read_evaluation_section,
    read_old_score_sections,
)
from features.workspace.file_sections import (
    read_events_sections,
    read_field_history_section,
    read_leads_section,
    read_stages_section,
)
from features.workspace.outcome_sections import (
    read_card_section,
    read_export_section,
    read_guards_section,
    read_ledger_section,
    read_moment_section,
    read_outcome_section,
)
from features.workspace.schema import Column, Workspace
from features.workspace.section import Section
from features.workspace.yaml_with_lines import read_places

__all__ = ["Column", "Workspace", "read_workspace"]

FILE = "leadready.yaml"
OLD_SCORE = "an old score"


def read_workspace(folder: str | Path) -> Workspace:
    """Read the ``leadready.yaml`` of a folder.

    Parameters
    ----------
    folder : path
        The workspace.

    Returns
    -------
    Workspace
        What the file says. No data is read yet.

    Raises
    ------
    LeadReadyError
        With file, line and column, what was expected, and the most similar valid name.

    Examples
    --------
    >>> read_workspace("nowhere")
    Traceback (most recent call last):
    features.errors.LeadReadyError: nowhere/leadready.yaml: there is no workspace file
    """
    home = Path(folder)
    content = read_places(
        home / FILE,
        what="workspace file",
        missing="create one with  leadready init DIR --leads FILE, or name its folder with  -w DIR",
        keys="leads: …",
    )
    top = Section("", content, {})
    ws = _workspace(top, home)
    _check_features(ws, top)
    _check_panel(ws, top)
    return ws


def _workspace(top: Section, home: Path) -> Workspace:
    return Workspace(
        definition=top.optional_text("definition") or Workspace.definition,
        model=top.optional_text("model") or Workspace.model,
        leads=read_leads_section(top),
        events=read_events_sections(top),
        stages=read_stages_section(top),
        field_history=read_field_history_section(top),
        extract_at=top.keys["extract_at"].time() if "extract_at" in top.keys else None,
        moment=read_moment_section(top),
        outcome=read_outcome_section(top),
        evaluation=read_evaluation_section(top),
        old_scores=read_old_score_sections(top),
        card=read_card_section(top),
        guards=read_guards_section(top),
        ledger=read_ledger_section(top),
        export=read_export_section(top),
        name=top.optional_text("name") or home.resolve().name,
        folder=home,
        places=top.places,
    )


def _check_features(ws: Workspace, top: Section) -> None:
    """Refuse features that are only written when a lead ends, and old scores."""
    ends: dict[str | None, str] = {
        **{old.column: OLD_SCORE for old in ws.old_scores},
        **dict.fromkeys(ws.outcome.lost_columns, "part of the outcome"),
        **dict.fromkeys(ws.outcome.won_columns, "the outcome"),
        ws.outcome.won_at: "the date of the win",
        ws.moment.closed: "the date on which the lead was closed",
        ws.outcome.amount: "the amount that was won",
        ws.outcome.reason: "the reason that sales gave",
    }
    for column in ws.leads.columns:
        only_known = column.known_at_moment and not (column.feature or column.ignore)
        if only_known and column.name not in ws.leads.links.values():
            raise LeadReadyError(
                f"known_at_moment alone does not say what {column.name!r} is",
                where=top.places[f"leads.columns.{column.name}"],
                hint="write  {feature: …, family: …, type: …, known_at_moment: true}",
            )
        if column.name in ends and column.feature and not column.leak:
            where = top.places[f"leads.columns.{column.name}"]
            what = f"{column.name!r} is {ends[column.name]}, so it cannot be a feature"
            reason = "other" if ends[column.name] == OLD_SCORE else "outcome"
            raise LeadReadyError(what, where=where, hint=f"write  ignore: {reason}")


def _check_panel(ws: Workspace, top: Section) -> None:
    """Refuse to judge open leads repeatedly unless it is known when each began and ended."""
    if ws.moment.every_days is None:
        return
    in_history = ws.stages is not None and ws.stages.stage in ws.outcome.won_columns
    undated_wins = not in_history and ws.outcome.won_at is None
    requirements = {
        "a start date: leads.created or moment.column": ws.moment.column or ws.leads.created,
        "a closing date: moment.closed": ws.moment.closed is not None,
        "a date of each win: outcome.won_at": not undated_wins,
        "a horizon: outcome.horizon_days": ws.outcome.horizon_days is not None,
        "outcomes known at the time, not  evaluation: {outcomes: at_extract}": (
            ws.evaluation.outcomes != "at_extract"
        ),
        "mature outcomes only, not  outcome: {immature: weight}": ws.outcome.immature != "weight",
    }
    for requirement, met in requirements.items():
        if not met:
            place = top.section("moment").keys["every_days"]
            what = f"judging open leads repeatedly requires {requirement}"
            raise place.wrong(what, "correct that, or judge each lead once: remove every_days")
