"""``leadready definition check``: is the definition valid, does every line count, who has signed?

Logic comes first (can any lead be ready, is there a criterion that can never matter), then the
example leads, then the data: how many leads pass, fail or lack each criterion, criteria that change
no lead's verdict, and values that no lead has. The check fails if something must be fixed or a
signature is void.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from features.errors import LeadReadyError
from features.progress import Progress, no_progress
from features.workspace.yaml_with_lines import read_places
from model.definition.checks.contradictions import (
    TooComplex,
    contradiction_text,
    find_contradictions,
)
from model.definition.checks.unseen_values import UnseenValue, unseen_values
from model.definition.checks.unused_criteria import unused_criteria, unused_text
from model.definition.evaluate import criteria_counts, example_mismatches, requirements
from model.definition.read import check_same_terms, read_definition
from model.definition.signatures import (
    SignatureStatus,
    missing_signatures,
    signature_statuses,
)
from model.definition.words import rule_text
from model.registry.registry import Registry
from model.serving import READY, VERDICTS, Definition, Rule, rule_codes
from pipelines.snapshot import Snapshot, read_snapshot


@dataclass(frozen=True)
class ReviewFinding:
    """Something to fix, or to discuss.

    Attributes
    ----------
    kind : str
        What kind of finding.
    words : str
        The finding in a sentence.
    blocks : bool
        Whether it must be fixed before the definition can be signed or adopted.
    criterion : str or None
        The criterion that it is about, and the others ``because_of`` which it holds.
    lead : mapping or str or None
        An example: the features of a possible lead, or the id of a real one.
    where : str or None
        Its place in the file, as ``file:line:column``.
    """

    kind: str
    words: str
    blocks: bool
    criterion: str | None = None
    because_of: tuple[str, ...] = ()
    lead: Mapping[str, Any] | str | None = None
    where: str | None = None


@dataclass(frozen=True)
class SignatureState:
    """A signature, whether it holds, and what has changed since if it does not."""

    team: str
    name: str
    on: str
    digest: str
    holds: bool
    changes: list[str] | None
    words: str

    @classmethod
    def of(cls, status: SignatureStatus) -> SignatureState:
        """Describe a signature."""
        return cls(**status.to_dict())


@dataclass(frozen=True)
class CriterionCount:
    """How many leads pass, fail and lack one criterion."""

    id: str
    words: str
    asked_by: str | None
    passes: int
    fails: int
    unknown: int


@dataclass(frozen=True)
class Review:
    """A definition from every side.

    Attributes
    ----------
    ok : bool
        Whether nothing must be fixed and no signature is void.
    file, version, digest : str
        What was checked.
    signed : bool
        Whether every team that has to sign has signed.
    signatures : list of SignatureState
        All signatures of the file.
    unsigned_because : list of str
        What is missing.
    findings : list of ReviewFinding
        What to fix and what to discuss.
    examples, leads : int
        How many example leads and past leads were judged.
    verdicts : dict of str to int
        Leads by verdict.
    criteria : list of CriterionCount
        In the order of the file.
    unseen : list of UnseenValue
        Values of the definition that no lead has.
    """

    ok: bool
    file: str
    version: str
    digest: str
    signed: bool
    signatures: list[SignatureState]
    unsigned_because: list[str]
    findings: list[ReviewFinding]
    examples: int
    leads: int
    verdicts: dict[str, int]
    criteria: list[CriterionCount]
    unseen: list[UnseenValue]


def review(folder: Path, path: Path | None = None, *, progress: Progress = no_progress) -> Review:
    """Check a definition from every side.

    Parameters
    ----------
    folder : path
        The workspace.
    path : path, optional
        Another definition than the one in use.
    progress : callable, optional
        Receives a message before each long step.

    Raises
    ------
    LeadReadyError
        Where the file is not a definition: the line, what was expected, the nearest right name.
    """
    snapshot = read_snapshot(folder, progress)
    path = path or snapshot.definition_file
    read_definition(path)  # mistakes first: reading the tables takes long
    definition = snapshot.definition(path)
    X, words, places = snapshot.features, snapshot.words, criterion_places(path)
    mistakes = find_mistakes(definition, snapshot)
    findings = [*mistakes, *_data_findings(definition, X, words, mistakes)]
    statuses = signature_statuses(definition, path, registered_definitions(snapshot), words)
    verdicts = pd.Series(definition.evaluate(X).verdict, dtype="str").value_counts()
    return Review(
        ok=_is_fine(findings, statuses),
        file=path.name,
        version=definition.version,
        digest=definition.digest,
        signed=definition.signed,
        signatures=[SignatureState.of(status) for status in statuses],
        unsigned_because=missing_signatures(definition, statuses),
        findings=[_placed(finding, places) for finding in findings],
        examples=len(definition.examples),
        leads=len(X),
        verdicts={name: int(verdicts.get(name, 0)) for name in VERDICTS},
        criteria=criterion_counts(definition, X, words),
        unseen=unseen_values(definition.criteria, X, places),
    )


def _is_fine(findings: Iterable[ReviewFinding], statuses: Iterable[SignatureStatus]) -> bool:
    blocked = any(finding.blocks for finding in findings)
    return not blocked and all(status.holds for status in statuses)


def registered_definitions(snapshot: Snapshot) -> list[Definition]:
    """Give the definition that the champion was trained with, where there is a champion."""
    try:
        registry = Registry.for_workspace(snapshot.workspace.folder, snapshot.workspace.model)
        return [Definition.from_dict(registry.load("champion").definition)]
    except LeadReadyError:
        return []


def criterion_counts(
    definition: Definition, X: pd.DataFrame, words: Mapping[str, str]
) -> list[CriterionCount]:
    """Count the leads that pass, fail and lack each criterion."""
    counts = criteria_counts(definition, X)
    return [
        CriterionCount(
            criterion.id,
            rule_text(criterion, words),
            criterion.asked_by,
            int(row["pass"]),
            int(row["fail"]),
            int(row["unknown"]),
        )
        for criterion, (_, row) in zip(definition.criteria, counts.iterrows(), strict=True)
    ]


def criterion_places(path: Path) -> dict[str, str]:
    """Give the ``file:line:column`` of each criterion, by its id."""
    places: dict[str, str] = {}

    def walk(node: Any) -> None:
        for child in node.value if isinstance(node.value, list) else []:
            if not isinstance(child, tuple):
                walk(child)
                continue
            key, value = child
            if key.value == "id" and isinstance(value.value, str):
                mark = value.start_mark
                places[value.value] = f"{path.name}:{mark.line + 1}:{mark.column + 1}"
            walk(value)

    walk(read_places(path).node)
    return places


def _placed(finding: ReviewFinding, places: Mapping[str, str]) -> ReviewFinding:
    """Add the place of the criterion, or of the first one that a finding rests on."""
    names = [finding.criterion or "", *finding.because_of]
    return replace(finding, where=next((places[name] for name in names if name in places), None))


# -- mistakes -------------------------------------------------------------------------------------


def find_mistakes(definition: Definition, snapshot: Snapshot) -> list[ReviewFinding]:
    """Find what logic, the examples and the workspace hold against a definition."""
    findings = _logic_findings(definition, snapshot.words)
    for different in example_mismatches(definition):
        findings.append(ReviewFinding("example differs", str(different), blocks=True))
    try:
        check_same_terms(definition, snapshot.workspace)
    except LeadReadyError as error:
        sentence = f"{error.what} ({error.hint})"
        findings.append(ReviewFinding("another moment or horizon", sentence, blocks=True))
    return findings


def _logic_findings(definition: Definition, words: Mapping[str, str]) -> list[ReviewFinding]:
    try:
        return [
            ReviewFinding(
                found.kind,
                contradiction_text(found, definition, words),
                found.blocks,
                found.criterion,
                tuple(found.others),
                dict(found.lead),
            )
            for found in find_contradictions(definition)
        ]
    except TooComplex:
        sentence = "the rules use the same features too often for a check of their logic"
        return [ReviewFinding("too complex", sentence, blocks=False)]


def refuse_mistakes(definition: Definition, snapshot: Snapshot, path: Path) -> None:
    """Refuse a definition in which something must be fixed first.

    Raises
    ------
    LeadReadyError
        With everything that must be fixed.
    """
    blocking = [mistake.words for mistake in find_mistakes(definition, snapshot) if mistake.blocks]
    if blocking:
        raise LeadReadyError(
            "; ".join(blocking),
            where=path.name,
            hint="fix this first; leadready definition check says more",
        )


# -- against the data -----------------------------------------------------------------------------


def _data_findings(
    definition: Definition,
    X: pd.DataFrame,
    words: Mapping[str, str],
    mistakes: Iterable[ReviewFinding],
) -> list[ReviewFinding]:
    """Find what the leads hold against the rules, beyond what logic has found."""
    by_logic = [mistake for mistake in mistakes if mistake.criterion is not None]
    if X.empty or any(mistake.blocks for mistake in by_logic):
        return []
    if not _some_lead_meets(definition.ready, X):
        unmet = [
            name for name, rule in requirements(definition.ready) if not _some_lead_meets(rule, X)
        ]
        sentence = f"none of these {len(X):,} leads meets {' and '.join(unmet) or 'all of it'}"
        return [ReviewFinding("no lead is ready", sentence, blocks=False)]
    ids = X["lead_id"].astype("str")
    named = [mistake.criterion or "" for mistake in by_logic]
    return [
        ReviewFinding(
            "decides nothing here",
            unused_text(found, definition, ids.iloc[found.row], words),
            False,
            found.id,
            found.others,
            ids.iloc[found.row],
        )
        for found in unused_criteria(definition, X, named)
    ]


def _some_lead_meets(rule: Rule, X: pd.DataFrame) -> bool:
    return bool((rule_codes(X, rule) == READY).any())
