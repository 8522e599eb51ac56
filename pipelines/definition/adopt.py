"""``leadready definition adopt FILE``: put a changed definition in force without training again.

The champion keeps its points, or takes those of a version that was changed by hand. With the new
definition they go through the gate's checks about
agreement (never-rules, directions, examples, agreement overall and by criterion, the same scores
when served), on the leads judged since the champion's test began. If all checks pass, points and
definition are registered together as a new version, which becomes champion: scores, the registered
model, the list of versions and the rollback all refer to this version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import pandas as pd

from features.errors import LeadReadyError
from features.families.feature import Feature
from features.labels.outcomes import UNKNOWN, WON
from features.progress import Progress, no_progress
from model import gate_rules
from model.definition.diff import definition_changes
from model.definition.read import read_definition
from model.definition.signatures import missing_signatures, signature_statuses
from model.gate import Gate
from model.registry.registry import Contents, LoadedModel, Registry
from model.serving import Definition, Scorecard, score_leads
from model.simulation.history import Mask
from model.simulation.ready_score import (
    ReadyAt,
    leads_to_choose_on,
    ready_score,
    share_ready,
)
from pipelines.definition.review import criterion_counts, refuse_mistakes
from pipelines.report.plots import version_plots
from pipelines.score.active_definition import HINT
from pipelines.snapshot import Snapshot, read_snapshot
from pipelines.train.evaluation import agreement_table
from pipelines.train.judge import served_gate
from pipelines.train.training_json import GateJson

OF_OLD_RULES = ("definition", "points")  # figures of the evaluation that no longer apply


@dataclass(frozen=True)
class Candidate:
    """The champion's points with a new definition, and the later leads to check them on.

    Attributes
    ----------
    champion : LoadedModel
        The version whose points they are, as registered.
    scorecard : mapping
        The champion's; its ready score follows the agreed capacity.
    definition : Definition
        The new one.
    X, moments, scored : DataFrame
        The leads judged since the champion's test began: features, moments and scores.
    """

    champion: LoadedModel
    scorecard: Mapping[str, Any]
    definition: Definition
    X: pd.DataFrame
    moments: pd.DataFrame
    scored: pd.DataFrame


@dataclass(frozen=True)
class Adoption:
    """Whether a definition was put in force, and why not.

    Attributes
    ----------
    definition_version : str
        The definition.
    instead_of : str
        The version of the champion so far.
    points_of : str
        The version whose points it has: the champion's, unless another was chosen.
    changes : list of str
        What differs from the champion's definition, in words.
    leads : int
        Later leads that the checks looked at.
    file : str
        The definition's file, and whether the workspace uses it (``in_use``).
    ready_at : ReadyAt
        The ready score.
    model_version : str or None
        The new version, if one was registered.
    adopted : bool
        Whether it is in force.
    gate : list of dict
        All checks.
    """

    definition_version: str
    instead_of: str
    points_of: str
    changes: list[str]
    leads: int
    file: str
    in_use: bool
    ready_at: ReadyAt
    model_version: str | None
    adopted: bool
    gate: list[GateJson]


def adopt(
    folder: Path,
    path: Path,
    *,
    model: str | None = None,
    unsigned: bool = False,
    progress: Progress = no_progress,
) -> Adoption:
    """Put a definition in force for the champion, if the two agree as far as it requires.

    Parameters
    ----------
    folder : path
        The workspace.
    path : path
        The definition.
    model : str, optional
        A version that passed the gate, such as one with points set by hand, whose points are used
        instead of the champion's.
    unsigned : bool
        Adopt it even if it is not signed.
    progress : callable, optional
        Receives a message before each long step.

    Raises
    ------
    LeadReadyError
        If the definition is not valid, not signed or in force already, there is no champion, or
        the version was refused.
    """
    snapshot = read_snapshot(folder, progress)
    read_definition(path)  # mistakes first: reading the tables takes long
    return adopt_on(snapshot, path, model=model, unsigned=unsigned)


def adopt_on(
    snapshot: Snapshot, path: Path, *, model: str | None = None, unsigned: bool = False
) -> Adoption:
    """Put a definition in force, in a workspace that has been read.

    Raises
    ------
    LeadReadyError
        As for ``adopt``.
    """
    progress = snapshot.progress
    registry = Registry.for_workspace(snapshot.workspace.folder, snapshot.workspace.model)
    champion = registry.load("champion")
    definition = snapshot.definition(path)
    refuse_mistakes(definition, snapshot, path)
    if not unsigned:
        _refuse_unsigned(definition, champion, snapshot, path)
    base = champion if model is None else _passed_version(registry, model)
    if base.version == champion.version:
        _refuse_the_same(definition, champion, path)
    candidate = _candidate(snapshot, base, definition)
    gates, version, adopted = agreement_checks(candidate), None, False
    if all(gate.passed for gate in gates):
        progress(f"registering the definition with the points of version {base.version}")
        version = registry.log(_contents(snapshot, candidate))
        card = Scorecard.from_dict(candidate.scorecard)
        gates.append(served_gate(registry, version, card, definition, candidate.X))
        adopted = registry.settle(version, gates, instead_of=champion.version)
    return Adoption(
        definition_version=definition.version_label,
        instead_of=champion.version,
        points_of=base.version,
        changes=definition_changes(
            Definition.from_dict(champion.definition), definition, snapshot.words
        ),
        leads=len(candidate.scored),
        file=str(path),
        in_use=path.resolve() == snapshot.definition_file.resolve(),
        ready_at=ReadyAt(champion.scorecard["ready_at"], candidate.scorecard["ready_at"]),
        model_version=version,
        adopted=adopted,
        gate=[cast(GateJson, gate._asdict()) for gate in gates],
    )


def _refuse_unsigned(
    definition: Definition, champion: LoadedModel, snapshot: Snapshot, path: Path
) -> None:
    registered = [Definition.from_dict(champion.definition)]
    statuses = signature_statuses(definition, path, registered, snapshot.words)
    missing = missing_signatures(definition, statuses)
    if missing:
        raise LeadReadyError(
            f"the definition is not signed: {'; '.join(missing)}", where=path.name, hint=HINT
        )


def _passed_version(registry: Registry, model: str) -> LoadedModel:
    """Load a version that no check stands against."""
    failed = [check.name for check in registry.gates(model) if not check.passed]
    if failed:
        raise LeadReadyError(
            f"the points of version {model} cannot be used: the gate refused it "
            f"({', '.join(failed)})",
            hint="choose a version that passed; leadready models lists them",
        )
    return registry.load(model)


def _refuse_the_same(definition: Definition, champion: LoadedModel, path: Path) -> None:
    before = Definition.from_dict(champion.definition)
    if before.digest == definition.digest and set(definition.signed_by) <= set(before.signed_by):
        raise LeadReadyError(
            f"this definition is in force already, with version {champion.version}",
            where=path.name,
            hint="there is nothing to adopt",
        )


def _candidate(snapshot: Snapshot, champion: LoadedModel, definition: Definition) -> Candidate:
    """Score the leads judged since the champion's test began."""
    of_champion = [Feature(**feature) for feature in champion.catalogue]
    names = {feature.name for feature in of_champion}
    new = [feature for feature in snapshot.catalogue if feature.name not in names]
    moments = snapshot.moments
    X = snapshot.at(moments, [*of_champion, *new]).features
    earlier = leads_to_choose_on(champion, moments)
    scorecard = _with_ready_score(champion, definition, moments, X, earlier)
    later = ~earlier if (~earlier).any() else earlier
    moments, X = moments[later].reset_index(drop=True), X[later].reset_index(drop=True)
    scored = score_leads(X, Scorecard.from_dict(scorecard), definition)
    return Candidate(champion, scorecard, definition, X, moments, scored)


def _with_ready_score(
    champion: LoadedModel,
    definition: Definition,
    moments: pd.DataFrame,
    X: pd.DataFrame,
    earlier: Mask,
) -> Mapping[str, Any]:
    """Move the ready score where the definition calls for it."""
    own = Definition.from_dict(champion.definition)
    before, after = (share_ready(each, moments, X, earlier) for each in (own, definition))
    scores = Scorecard.from_dict(champion.scorecard).score(X[earlier])
    return {**champion.scorecard, "ready_at": ready_score(champion, before, after, scores)}


def agreement_checks(candidate: Candidate) -> list[Gate]:
    """Run the gate's checks about the model and the definition together."""
    card, definition = Scorecard.from_dict(candidate.scorecard), candidate.definition
    return [
        gate_rules.never_rules_hold(candidate.scored),
        gate_rules.directions_hold(card, definition.directions),
        gate_rules.examples_hold(definition),
        gate_rules.agrees_with_rules(candidate.scored, definition.tolerance),
        gate_rules.agrees_on_criteria(candidate.scored, candidate.X, definition),
    ]


# -- what is registered ---------------------------------------------------------------------------


def _contents(snapshot: Snapshot, candidate: Candidate) -> Contents:
    """Everything of the champion, with the new definition and what follows from it."""
    champion, scorecard = candidate.champion, candidate.scorecard
    of_cards = {
        feature
        for card in (scorecard, champion.judged)
        for feature in Scorecard.from_dict(card).features
    }
    needed = {*of_cards, *candidate.definition.features}
    names = {feature["name"] for feature in champion.catalogue}
    new = [asdict(feature) for feature in snapshot.catalogue if feature.name not in names]
    tags, evaluation = champion.record.tags, _evaluation(snapshot, candidate)
    window = (tags["training_from"], tags["training_until"]) if "training_from" in tags else None
    return Contents(
        {key: value for key, value in scorecard.items() if key != "version"},  # it gets a number
        dict(candidate.definition.content),
        [feature for feature in [*champion.catalogue, *new] if feature["name"] in needed],
        evaluation,
        tags.get("data_sha256", ""),
        window,
        {"scorecard_of": evaluation["adopted"]["scorecard_of"]},
        version_plots(evaluation),
    )


def _evaluation(snapshot: Snapshot, candidate: Candidate) -> dict[str, Any]:
    """The champion's evaluation; figures of the old rules are replaced or left out."""
    before, definition = candidate.champion.evaluation, candidate.definition
    kept = {key: value for key, value in before.items() if key not in OF_OLD_RULES}
    lift = before["curves"]["lift"]
    captured = {key: share for key, share in lift["captured"].items() if key not in OF_OLD_RULES}
    outcome = snapshot.at(candidate.moments).outcomes["outcome"]
    labelled = (outcome != UNKNOWN).to_numpy()
    won = (outcome[labelled] == WON).to_numpy(dtype="float64")
    scored = candidate.scored[labelled].reset_index(drop=True)
    criteria = [
        {key: value for key, value in asdict(counts).items() if key != "asked_by"}
        for counts in criterion_counts(definition, candidate.X, snapshot.words)
    ]
    adopted_before = before.get("adopted") or {}
    return {
        **kept,
        "curves": {**before["curves"], "lift": {**lift, "captured": captured}},
        "agreement": agreement_table(scored, won),
        "criteria": criteria,
        "adopted": {
            "scorecard_of": adopted_before.get("scorecard_of", candidate.champion.version),
            "definition_digest": definition.digest,
        },
    }
