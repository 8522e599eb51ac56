"""``leadready check``: does the data match the mapping, and is the workspace ready to train?

The check reads everything that training reads and learns nothing. A workspace is ready to train if
no column needs an answer, no problem blocks, and the definition's examples agree with its rules.
The check also lists what every column is used for, and why.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from features.errors import LeadReadyError
from features.guess.columns import guess_columns
from features.labels.outcomes import NOT_WON, UNKNOWN, WON, unmapped_reasons
from features.labels.states import count_values, neither_won_nor_lost, state_column
from features.leaks.workspace_audit import raw_columns
from features.progress import Progress, no_progress
from model.definition.read import read_definition
from model.definition.signatures import signature_statuses
from pipelines.check.columns import lead_columns, other_columns
from pipelines.check.feature_list import feature_list_text
from pipelines.check.problems import (
    causes_first,
    definition_problems,
    personal_features,
    table_problems,
    too_few_outcomes,
    unmapped_reason_problems,
    without_features,
)
from pipelines.check.result import CheckProblem, CheckResult, DefinitionSummary, LeadCounts
from pipelines.snapshot import Snapshot, read_snapshot

if TYPE_CHECKING:
    from features.workspace.schema import Workspace
    from model.serving import Definition


def check(folder: str | Path, progress: Progress = no_progress) -> CheckResult:
    """Check the data, the mapping and the definition of a workspace.

    Parameters
    ----------
    folder : path
        The workspace: the folder with ``leadready.yaml``.
    progress : callable, optional
        Receives a message for each step.

    Raises
    ------
    LeadReadyError
        When the workspace, its data or its definition cannot be read.

    Examples
    --------
    >>> check("nowhere")
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    snapshot = read_snapshot(folder, progress)
    ws, tables = snapshot.workspace, snapshot.tables
    problems = table_problems(tables.problems)
    definition = _read_definition(snapshot, problems)
    suspects = snapshot.leak_suspects
    progress("looking at each column")
    raw = raw_columns(tables.leads)
    guesses = {guess.column: guess for guess in guess_columns(raw, ws.leads.date_format_options)}
    problems += personal_features(ws, guesses)
    leaks = sum(bool(column.leak) for column in ws.leads.columns)
    problems += without_features(snapshot.catalogue, leaks)
    problems += table_problems(snapshot.leads_without_state)
    problems += table_problems([*snapshot.open_with_closing_date, *snapshot.missing_past])
    problems += unmapped_reason_problems(ws, unmapped_reasons(ws, tables))
    problems += too_few_outcomes(snapshot.outcomes, problems)
    problems += definition_problems(definition, ws)
    curve = snapshot.time_to_win
    return CheckResult(
        ws.name,
        (
            *lead_columns(ws, raw, guesses, suspects, tables.value_histories),
            *other_columns(ws),
        ),
        _lead_counts(snapshot),
        (*suspects, *snapshot.event_suspects),
        tuple(suspect.column for suspect in snapshot.unanswered_suspects),
        tuple(causes_first(problems)),
        _definition_summary(definition, ws),
        None if curve is None else curve.summary(ws.outcome.horizon_days),
        tuple(snapshot.catalogue),
    )


def _read_definition(snapshot: Snapshot, problems: list[CheckProblem]) -> Definition:
    """Read the definition; if it fails, list the features and name a wrong mapping first."""
    ws, features = snapshot.workspace, snapshot.catalogue
    try:
        return read_definition(ws.folder / ws.definition, known_features=features or None)
    except LeadReadyError as error:
        error.add_note(feature_list_text(features))  # what a corrected definition can use
        cause = next((problem for problem in problems if problem.kind == "kind never seen"), None)
        if cause is None:
            raise
        message = f"{cause.message}; as a result, {error}"
        raise LeadReadyError(message, where="leadready.yaml", hint=cause.hint) from error


def _lead_counts(snapshot: Snapshot) -> LeadCounts:
    tables, moments, outcomes = snapshot.tables, snapshot.moments, snapshot.outcomes
    by_outcome = outcomes["outcome"].value_counts()
    reasons = outcomes["why_unknown"].dropna().value_counts()
    return LeadCounts(
        leads=len(tables.leads),
        events=len(tables.kept_events),
        stages=len(tables.stages),
        judged=len(moments),
        leads_judged=moments["lead_id"].nunique(),
        won=int(by_outcome.get(WON, 0)),
        not_won=int(by_outcome.get(NOT_WON, 0)),
        unknown=int(by_outcome.get(UNKNOWN, 0)),
        unknown_because={str(reason): int(count) for reason, count in reasons.items()},
        not_judged_because=snapshot.left_out,
        neither_won_nor_lost=_undecided(snapshot),
    )


def _undecided(snapshot: Snapshot) -> dict[str, int]:
    """Count the leads that are neither won nor lost, by the value that could mean lost."""
    ws, tables = snapshot.workspace, snapshot.tables
    undecided = neither_won_nor_lost(ws, tables, snapshot.results["won"]).to_numpy()
    return count_values(ws, tables, state_column(ws), undecided)


def _definition_summary(definition: Definition, ws: Workspace) -> DefinitionSummary:
    return DefinitionSummary(
        file=str(ws.definition),
        version=definition.content.get("version"),
        criteria=len(definition.criteria),
        signed=definition.signed,
        signed_by=tuple(sorted(definition.signed_by)),
        draft=definition.draft,
        void=tuple(
            str(status)
            for status in signature_statuses(definition, ws.folder / ws.definition)
            if not status.holds
        ),
    )
