"""Train: learn from past leads, test on later ones, register the version, promote or refuse it.

read → split → learn → compile → test → learn from all outcomes → register → promote or refuse. The
test on later leads judges the recipe; the version that scores leads has learned by the same recipe
from all known outcomes, and the gate says how far its scores moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import pandas as pd

from features.progress import Progress, no_progress
from model import gate
from model.definition.signatures import missing_signatures, signature_statuses
from model.registry.registry import (
    JUDGED,
    NO_CHAMPION,
    Contents,
    LoadedModel,
    Registry,
    table_digest,
)
from model.registry.seen_values import seen_in_training
from model.serving import Definition
from model.training.splits import time_order
from pipelines.card.hand_set import RELEARNED, relearned_text, set_by_hand
from pipelines.old_score.trial import old_score_checks, try_old_scores
from pipelines.report.plots import version_plots
from pipelines.score.dates.usual_dates import USUAL, usual_dates
from pipelines.score.guards import EXPORT, ExportCounts
from pipelines.score.unseen import SEEN
from pipelines.snapshot import Snapshot, read_snapshot
from pipelines.train.evaluation import evaluate, evaluation_json
from pipelines.train.fit import Trained, fit, fit_full, with_all_known, with_rejections
from pipelines.train.judge import judge, load_champion, served_gate
from pipelines.train.learnable import check_learnable
from pipelines.train.training_card import card_limits
from pipelines.train.training_json import (
    DataJson,
    KnownAtTheTimeJson,
    TrainingJson,
    VersionJson,
)


def train(
    folder: Path | str,
    *,
    features: int | None = None,
    use: Sequence[str] = (),
    without: Sequence[str] = (),
    confirmed_by: str = "",
    promote: bool = True,
    seed: int = 0,
    progress: Progress = no_progress,
) -> TrainingJson:
    """Train a version, register it, and promote it if it passes every check of the gate.

    Parameters
    ----------
    folder : path
        The workspace.
    features : int, optional
        The most features of the card; by default as the workspace says.
    use, without : sequence of str
        Features that must be on the card, and features that must not.
    confirmed_by : str
        Who answers by name for the checks that cannot tell; empty if nobody does.
    promote : bool
        Whether a version that passes becomes champion; without, it is kept as challenger.
    seed : int
        For folds and resamples.
    progress : callable, optional
        Receives a message before each long step.

    Returns
    -------
    dict
        What ``leadready train --json`` prints.

    Raises
    ------
    LeadReadyError
        When there is nothing to learn from, or the workspace or its definition cannot be read.
        Nothing is registered then.

    Examples
    --------
    >>> answer = train("acme")  # doctest: +SKIP
    >>> answer["promoted"], answer["metrics"]["auc"]["value"]  # doctest: +SKIP
    (True, 0.82)
    >>> train("nowhere")
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    snapshot = read_snapshot(folder, progress)
    snapshot.check_definitions(None)
    check_learnable(snapshot)
    definition = snapshot.definition()
    registry = Registry.for_workspace(snapshot.workspace.folder, snapshot.workspace.model)
    champion = load_champion(registry)
    limits = card_limits(snapshot, features, use, without)
    trained = fit(snapshot, definition, limits, seed=seed, progress=progress)
    progress("testing the model on later leads")
    evaluation = evaluate(trained, fit_full(trained), seed=seed)
    old_scores = try_old_scores(trained, evaluation, seed=seed)
    trained, rejections = with_rejections(trained, seed)
    progress("learning from all known outcomes")
    trained = with_all_known(trained, seed=seed)
    gates = gate.confirmed(
        [*judge(trained, evaluation, champion, seed=seed), *old_score_checks(old_scores)],
        confirmed_by,
    )
    figures: dict[str, Any] = {
        **evaluation_json(trained, evaluation),
        **({"old_scores": old_scores} if old_scores else {}),
        "rejections": rejections._asdict(),
        "seed": seed,
        **_data_json(snapshot),
    }
    if champion is not None:
        lost = set_by_hand(champion.scorecard, champion.version)
        figures["warnings"] = [*figures["warnings"], *map(relearned_text, lost)]
        figures[RELEARNED] = [row._asdict() for row in lost]
    version_json = cast(VersionJson, figures)
    if snapshot.workspace.evaluation.outcomes == "at_extract":
        progress("training again, on outcomes known at the time")
        version_json["known_at_the_time"] = _known_at_the_time(snapshot, definition, seed)
    progress("registering the version")
    version = registry.log(_version_contents(trained, version_json, seed))
    gates.append(served_gate(registry, version, trained.served_card, definition, trained.test_X))
    promoted = False
    if promote:
        instead_of = champion.version if champion else NO_CHAMPION
        promoted = registry.settle(version, gates, instead_of=instead_of)
    else:
        registry.set_challenger(version, gates)
    answer: dict[str, Any] = {
        "model_version": version,
        "promoted": promoted,
        "verdict": gate.verdict_text(gates),
        **version_json,
        "gate": [check._asdict() for check in gates],
        "unsigned_because": _missing_signatures(snapshot, definition, champion),
    }
    return cast(TrainingJson, answer)


def _known_at_the_time(snapshot: Snapshot, definition: Definition, seed: int) -> KnownAtTheTimeJson:
    """Train again on outcomes known at the time; only the figures are kept."""
    trained = fit(snapshot.known_at_the_time(), definition, seed=seed)
    figures = evaluation_json(trained, evaluate(trained, seed=seed))
    return {
        "candidate": figures["candidate"],
        "n_train": figures["n_train"],
        "n_test": figures["n_test"],
        "base_rate": figures["base_rate"],
        "metrics": figures["metrics"],
        "yardstick": figures["yardstick"],
        "excluded": figures["excluded"],
    }


def _missing_signatures(
    snapshot: Snapshot, definition: Definition, champion: LoadedModel | None
) -> list[str]:
    """List what the definition lacks to be signed: until then, nothing is scored by it.

    A draft lacks nothing: nobody is asked to sign it before it was corrected.
    """
    if definition.draft:
        return []
    others = [Definition.from_dict(champion.definition)] if champion else []
    statuses = signature_statuses(definition, snapshot.definition_file, others, snapshot.words)
    return missing_signatures(definition, statuses)


def _data_json(snapshot: Snapshot) -> DataJson:
    curve, horizon = snapshot.time_to_win, snapshot.workspace.outcome.horizon_days
    return {
        "time_to_win": None if curve is None else curve.to_json(horizon),
        "data": {
            "leads": len(snapshot.tables.leads),
            "events": len(snapshot.tables.kept_events),
            "stages": len(snapshot.tables.stages),
            "judged": len(snapshot.moments),
            "leads judged": snapshot.moments["lead_id"].nunique(),
            "features": len(snapshot.learnable),
        },
        "suspects": [
            {
                "column": suspect.column,
                "evidence": list(suspect.evidence),
                "answer": suspect.answer,
            }
            for suspect in [*snapshot.leak_suspects, *snapshot.event_suspects]
        ],
    }


def _training_window(rows: pd.DataFrame) -> tuple[Any, Any] | None:
    """Give the first and last moment that was learned from; without dates, the places in order."""
    times = rows["as_of" if rows["as_of"].notna().any() else "order"].dropna()
    return (times.min(), times.max()) if len(times) else None


def _version_contents(trained: Trained, version: VersionJson, seed: int) -> Contents:
    """Collect what the registry keeps of the version."""
    snapshot, definition, labelled = trained.snapshot, trained.definition, trained.labelled
    used = {*trained.card.features, *trained.served_card.features, *definition.features}
    export = ExportCounts.of(snapshot.tables, snapshot.extract_at)
    order = time_order(labelled.rows)
    compared = {
        JUDGED: trained.scorecard,
        SEEN: seen_in_training(labelled.X, snapshot.catalogue, used, order),
        EXPORT: export.to_json(),
        USUAL: usual_dates(snapshot.workspace, snapshot.tables, snapshot.extract_at),
    }
    return Contents(
        trained.served_scorecard,
        dict(definition.content),
        [asdict(feature) for feature in snapshot.catalogue if feature.name in used],
        {**version, **compared},
        table_digest(labelled.X.assign(won=labelled.y)),
        _training_window(labelled.rows),
        {"seed": seed, "horizon_days": snapshot.workspace.outcome.horizon_days},
        version_plots(version),
    )
