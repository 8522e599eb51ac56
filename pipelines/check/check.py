"""``leadready check``: is the data what the mapping says, and may a model learn from it?

The check reads everything that training reads and learns nothing. It answers yes when no column
waits for an answer, nothing in the data stands in the way, and the definition's examples agree with
its rules. It is also the list of every column with what it is taken for, and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from features.errors import LeadReadyError
from features.guess.columns import ColumnGuess, guess_columns
from features.leaks.audit import Suspect
from features.leaks.workspace_audit import raw_columns
from features.progress import Progress, no_progress
from features.workspace.schema import BySales
from pipelines.check.check_features import features_text, listed
from pipelines.check.check_outcomes import unmapped_reasons_text
from pipelines.snapshot import Snapshot, read_snapshot

if TYPE_CHECKING:
    from features.families.feature import Feature
    from features.labels.time_to_win import HorizonSummary
    from features.tables.read import Tables
    from features.workspace.read import Column, Workspace

ENOUGH = 40  # won and not-won leads that a model needs at the least


@dataclass(frozen=True)
class CheckedColumn:
    """What one column of the company's files is taken for.

    Attributes
    ----------
    name, table : str
        The column, and the table (leads, events, stages) it belongs to.
    role : str
        id, date, outcome, feature, personal, constant, leak suspect or ignored.
    family : str or None
        Of features and suspects: firmographic, role, origin or engagement.
    evidence : tuple of str
        Why, in words.
    """

    name: str
    table: str
    role: str
    family: str | None
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """Something in the data or the definition that a person should know of."""

    table: str
    kind: str
    count: int
    words: str
    hint: str | None
    blocks: bool
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class CheckResult:
    """Everything that a check found.

    Attributes
    ----------
    name : str
        Of the workspace.
    columns : tuple of CheckedColumn
        Every column of the leads, and the mapped ones of events and stages.
    counts : mapping
        Rows by table, leads judged, outcomes, and the leads left out by reason.
    suspects : tuple of Suspect
        Unanswered leak suspects; ``waiting`` names those that are mapped to features.
    problems : tuple of Finding
        Those that block first.
    definition : mapping
        File, number of criteria, who has signed.
    horizon : HorizonSummary or None
        What share of the wins it catches, and which one would do (``features.labels.time_to_win``).
    features : tuple of mapping
        What the definition can ask about: ``name, words, family, kind, unit``.
    """

    name: str
    columns: tuple[CheckedColumn, ...]
    counts: Mapping[str, Any]
    suspects: tuple[Suspect, ...]
    waiting: tuple[str, ...]
    problems: tuple[Finding, ...]
    definition: Mapping[str, Any]
    horizon: HorizonSummary | None = None
    features: tuple[Mapping[str, Any], ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing stands in the way of training."""
        return not self.waiting and not any(one.blocks for one in self.problems)

    def to_json(self) -> dict[str, Any]:
        """The answer for programs."""
        return {
            "ok": self.ok,
            "workspace": self.name,
            "counts": dict(self.counts),
            "columns": [{**asdict(one), "evidence": list(one.evidence)} for one in self.columns],
            "suspects": [
                {
                    "column": one.column,
                    "strength": round(one.strength, 1),
                    "evidence": list(one.evidence),
                    "answer": one.answer,
                    "blocks": one.column in self.waiting,
                }
                for one in self.suspects
            ],
            "problems": [{**asdict(one), "examples": list(one.examples)} for one in self.problems],
            "definition": dict(self.definition),
            "horizon": None if self.horizon is None else asdict(self.horizon),
            "features": [dict(one) for one in self.features],
        }


def check(ws_folder: str | Path, progress: Progress = no_progress) -> CheckResult:
    """Look at the data, the mapping and the definition of a workspace.

    Parameters
    ----------
    ws_folder : path
        The folder with ``leadready.yaml``.
    progress : callable, optional
        Told in words what is being done.

    Raises
    ------
    LeadReadyError
        When the workspace, its data or its definition cannot be read.
    """
    snapshot = read_snapshot(ws_folder, progress)
    ws, tables, became = snapshot.workspace, snapshot.tables, snapshot.outcomes
    features = snapshot.catalogue
    try:
        definition, disagreeing = _definition(ws, features)
    except LeadReadyError as error:
        error.add_note(features_text(listed(features)))  # what a corrected definition may name
        raise
    suspects = snapshot.leak_suspects
    progress("looking at each column")
    guesses = {one.column: one for one in guess_columns(raw_columns(tables.leads))}
    problems = [
        *_from_tables(tables),
        *_too_few(became),
        *_personal_features(ws, guesses),
        *_unmapped_reasons(ws, tables),
        *disagreeing,
    ]
    curve = snapshot.time_to_win
    return CheckResult(
        ws.name,
        (*_lead_columns(ws, tables, guesses, suspects), *_other_columns(ws)),
        _counts(snapshot),
        tuple(suspects),
        tuple(one.column for one in snapshot.blocking_suspects),
        tuple(sorted(problems, key=lambda one: not one.blocks)),
        definition,
        None if curve is None else curve.summary(ws.outcome.horizon_days),
        listed(features),
    )


# -- columns --------------------------------------------------------------------------------------


def _lead_columns(
    ws: Workspace, tables: Tables, guesses: Mapping[str, ColumnGuess], suspects: list[Suspect]
) -> list[CheckedColumn]:
    raw = raw_columns(tables.leads)
    mapped = {one.name: one for one in ws.leads.columns}
    suspected = {one.column: one for one in suspects}
    fixed = _fixed_roles(ws)
    found = []
    for name in map(str, raw.columns):
        column, guess = mapped.get(name), guesses[name]
        if name in suspected:
            role, evidence = "leak suspect", suspected[name].evidence
        elif column is not None:
            role, evidence = _mapped_role(column, guess)
        elif name in fixed:
            role, evidence = fixed[name]
        else:
            role, evidence = _unmapped_role(guess)
        family = column.family if column and column.feature else None
        filled = f"filled for {100 * raw[name].notna().mean():.0f} % of leads"
        found.append(CheckedColumn(name, "leads", role, family, (*evidence, filled)))
    return found


def _fixed_roles(ws: Workspace) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Columns that the mapping uses for more than a feature; the first use counts."""
    after = "known only when the lead is closed, so never a feature"
    uses = [
        (ws.leads.id, "id", "identifies the lead"),
        (ws.leads.account, "id", "identifies the account"),
        (ws.leads.contact, "id", "identifies the contact"),
        (ws.outcome.column, "outcome", f"won when it is {' or '.join(map(str, ws.outcome.won))}"),
        (ws.leads.created, "date", "when the lead came in"),
        (ws.moment.column, "date", "when the lead is judged"),
        (ws.moment.closed, "date", f"when the lead was closed: {after}"),
        (ws.outcome.won_at, "date", f"when the lead was won: {after}"),
        (ws.outcome.reason, "outcome", f"why sales closed the lead: {after}"),
        (ws.outcome.amount, "outcome", f"what the win was worth: {after}"),
        (ws.evaluation.order_by, "date", "orders the leads in time"),
    ]
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for name, role, why in uses:
        if name:
            found.setdefault(name, (role, (f"mapped: {why}",)))
    return found


def _mapped_role(column: Column, guess: ColumnGuess) -> tuple[str, tuple[str, ...]]:
    if column.leak:
        return "ignored", ("the team's answer: a leak, left out",)
    if column.ignore:
        role = column.ignore if column.ignore in ("personal", "constant", "outcome") else "ignored"
        return role, (f"mapped: ignore {column.ignore}",)
    said = f"mapped: {column.type} {column.feature}"
    if column.known_at_moment:
        said += "; the team's answer: it was known at the moment"
    return "feature", (said, guess.reason) if guess.role != "feature" else (said,)


def _unmapped_role(guess: ColumnGuess) -> tuple[str, tuple[str, ...]]:
    role = guess.role if guess.role in ("personal", "constant") else "ignored"
    looks = guess.family or guess.role
    return role, (f"not in the mapping; looks like {looks}", guess.reason)


def _other_columns(ws: Workspace) -> list[CheckedColumn]:
    found: dict[tuple[str, str], CheckedColumn] = {}
    for source in ws.events or ():
        kinds = [source.kind] if isinstance(source.kind, str) else list(source.kind or ())
        sales = source.by_sales.column if isinstance(source.by_sales, BySales) else None
        for names, role, why in (
            ([source.lead, source.contact, source.account], "id", "says whose event it is"),
            ([source.time], "date", "when it happened"),
            (kinds, "feature", "makes the kind of event"),
            ([source.asset, source.campaign, source.value], "feature", "counted by kind of event"),
            ([sales], "feature", "says whether we did it or the lead"),
        ):
            _add(found, "events", names, role, why)
    if (stages := ws.stages) is not None:
        _add(found, "stages", [stages.lead], "id", "says whose stage it is")
        _add(found, "stages", [stages.time], "date", "when the lead came to the stage")
        _add(
            found,
            "stages",
            [stages.stage, stages.reason, stages.amount],
            "outcome",
            "what became of the lead: never a feature",
        )
    return list(found.values())


def _add(
    found: dict[tuple[str, str], CheckedColumn],
    table: str,
    names: list[Any],
    role: str,
    why: str,
) -> None:
    family = "engagement" if role == "feature" else None
    for name in names:
        if name:
            found.setdefault((table, name), CheckedColumn(name, table, role, family, (why,)))


# -- counts and problems --------------------------------------------------------------------------


def _counts(snapshot: Snapshot) -> dict[str, Any]:
    tables, judged, became = snapshot.tables, snapshot.moments, snapshot.outcomes
    why = became["why_unknown"].dropna().value_counts()
    said = became["outcome"].value_counts()
    return {
        "leads": len(tables.leads),
        "events": len(tables.events),
        "stages": len(tables.stages),
        "judged": len(judged),
        "leads judged": judged["lead_id"].nunique(),
        "won": int(said.get("won", 0)),
        "not won": int(said.get("not won", 0)),
        "unknown": int(said.get("unknown", 0)),
        "unknown because": {str(one): int(count) for one, count in why.items()},
        "not judged because": {str(one): int(count) for one, count in snapshot.left_out.items()},
    }


def _from_tables(tables: Tables) -> list[Finding]:
    return [
        Finding(one.table, one.kind, one.count, one.message, one.hint, False, tuple(one.examples))
        for one in tables.problems
    ]


def _too_few(became: pd.DataFrame) -> list[Finding]:
    counts = became["outcome"].value_counts()
    found = []
    for kind in ("won", "not won"):
        count = int(counts.get(kind, 0))
        if count < ENOUGH:
            words = f"only {count} leads are known to be {kind}; a model needs {ENOUGH} or more"
            hint = "export a longer time, or check outcome: won and horizon_days in leadready.yaml"
            found.append(Finding("leads", f"too few {kind}", count, words, hint, True))
    return found


def _personal_features(ws: Workspace, guesses: Mapping[str, ColumnGuess]) -> list[Finding]:
    found = []
    for one in ws.leads.columns:
        guess = guesses.get(one.name)
        if one.feature and not one.leak and guess is not None and guess.role == "personal":
            words = f"{one.name} is mapped to a feature but {guess.reason}"
            hint = f"write  {one.name}: {{ignore: personal}}"
            found.append(Finding("leads", "personal data as feature", 1, words, hint, True))
    return found


def _unmapped_reasons(ws: Workspace, tables: Tables) -> list[Finding]:
    from features.labels.outcomes import unmapped_reasons

    counts = unmapped_reasons(ws, tables)
    said = unmapped_reasons_text(counts)
    if said is None:
        return []
    table = "leads" if ws.outcome.reason else "stages"
    return [Finding(table, "unmapped reasons", sum(counts.values()), *said, False, tuple(counts))]


def _definition(ws: Workspace, features: list[Feature]) -> tuple[dict[str, Any], list[Finding]]:
    """What the definition is, and where it contradicts itself or the workspace."""
    from model.definition.evaluate import example_mismatches
    from model.definition.read import check_same_terms, read_definition
    from model.definition.signatures import signature_statuses

    agreed = read_definition(ws.folder / ws.definition, known_features=features)
    content = agreed.content
    change = f"change the rules or the example in {ws.definition}"
    problems = [
        Finding("definition", "example differs", 1, str(one), change, True)
        for one in example_mismatches(agreed)
    ]
    try:
        check_same_terms(agreed, ws)
    except LeadReadyError as error:
        problems.append(Finding("definition", "contradiction", 1, str(error), error.hint, True))
    about = {
        "file": str(ws.definition),
        "version": content.get("version"),
        "criteria": len(agreed.criteria),
        "signed": agreed.signed,
        "signed by": sorted(agreed.signed_by),
        "void": [
            str(status)
            for status in signature_statuses(agreed, ws.folder / ws.definition)
            if not status.holds
        ],
    }
    return about, problems
