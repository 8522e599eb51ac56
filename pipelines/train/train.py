"""Train: learn from what became of past leads, judge the model on later ones, register it.

read → split → learn → compile → judge → register → promote or refuse. The version that was judged
is the one that is served: nothing is trained again after the gate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.families.feature import Feature
from model import gate, gate_rules
from model.definition.signatures import missing_signatures, signature_statuses
from model.gate import Gate
from model.registry.registry import Contents, LoadedModel, Registry, table_digest
from model.serving import Definition, Scorecard
from model.training.calibration import calibration_by_slice
from model.training.compile_scorecard import compile_scorecard
from model.training.expected_directions import unconstrained_curves
from model.training.learn import learn
from model.training.metrics import measure
from model.training.rejections import RejectionResult, learn_rejections
from model.training.splits import account_or_person, inner_folds, panel_clusters, split_leads
from pipelines.report import plots
from pipelines.snapshot import Progress, Snapshot, no_progress, per_week, read_snapshot
from pipelines.train.evidence import Evidence, Trained, as_json, gather, periods_of, unseen_by
from pipelines.train.learnable import check_learnable
from pipelines.train.served import served
from pipelines.train.weights import weighing


def train(folder: Path, *, seed: int = 0, progress: Progress) -> dict[str, Any]:
    """Train a version, register it, and promote it if every gate passes.

    Parameters
    ----------
    folder : path
        The workspace.
    seed : int
        For folds and resamples.
    progress : callable
        Told in words what is being done.

    Returns
    -------
    dict
        What ``leadready train --json`` prints.

    Raises
    ------
    LeadReadyError
        When there is nothing to learn from, or the workspace or its definition cannot be read. No
        version is registered then.
    """
    snapshot = read_snapshot(folder, progress)
    snapshot.check_definitions(None)
    check_learnable(snapshot)
    definition = snapshot.definition()
    registry = Registry.for_workspace(snapshot.workspace.folder, snapshot.workspace.model)
    champion = _champion(registry)
    trained = fit(snapshot, definition, seed=seed, progress=progress)
    progress("judging it on later leads")
    evidence = gather(trained, seed=seed)
    trained, rejections = _with_rejections(snapshot, trained, seed)
    gates = judge(snapshot, trained, evidence, champion, seed=seed)
    answer = {
        **as_json(trained, evidence),
        "rejections": rejections._asdict(),
        "seed": seed,
        **_about(snapshot),
    }
    if snapshot.workspace.evaluation.outcomes == "at_extract":
        answer["honest"] = _honest(snapshot, definition, seed, progress)
    progress("registering it")
    version = registry.log(_contents(snapshot, trained, answer, seed))
    agreed = Definition.from_dict(trained.definition)
    gates.append(served(registry, version, trained.card, agreed, trained.test_table))
    promoted = registry.settle(version, gates, instead_of=champion.version if champion else None)
    return {
        "model_version": version,
        "promoted": promoted,
        "verdict": gate.verdict_text(gates),
        **answer,
        "gate": [one._asdict() for one in gates],
        "unsigned_because": _unsigned(snapshot, definition, champion),
    }


def _unsigned(
    snapshot: Snapshot, definition: Mapping[str, Any], champion: LoadedModel | None
) -> list[str]:
    """Say what is wanting for the definition to be signed: scoring stops until it is."""
    others = [Definition.from_dict(champion.definition)] if champion else []
    agreed, path = Definition.from_dict(definition), snapshot.definition_file
    return missing_signatures(agreed, signature_statuses(agreed, path, others, snapshot.words))


def fit(
    snapshot: Snapshot, definition: dict[str, Any], *, seed: int, progress: Progress
) -> Trained:
    """Split, learn and compile."""
    labelled, asked = snapshot.labelled, snapshot.workspace.evaluation
    parts = split_leads(
        labelled.rows,
        test_from=asked.test_from,
        test_until=asked.test_until,
        test_share=asked.test_share,
        seed=seed,
    )
    inner = inner_folds(labelled.rows, parts, seed=seed)
    weighed = weighing(snapshot, parts, inner, seed=seed)
    parts = weighed.split
    learned = learn(
        labelled.X,
        labelled.y,
        snapshot.learnable,
        parts.train,
        weighed.folds,
        directions=Definition.from_dict(definition).directions,
        sample_weight=parts.weights,
        groups=panel_clusters(labelled.rows),
        seed=seed,
        progress=progress,
    )
    intercept, terms = learned.chosen.estimator.terms()
    X, y = labelled.X[parts.train].reset_index(drop=True), labelled.y[parts.train]
    base_rate = float(np.average(y, weights=parts.weights_of(parts.train)))
    scorecard = compile_scorecard(
        intercept,
        terms,
        snapshot.learnable,
        X,
        y,
        calibration=learned.chosen.calibration,
        base_rate=base_rate,
        candidate_name=learned.chosen.estimator.name,
        name=snapshot.workspace.model,
        ready_share=ready_share(snapshot.moments, definition, X),
    )
    scorecard["no_claim"] = weighed.served
    curves = unconstrained_curves(
        X,
        y,
        snapshot.learnable,
        Definition.from_dict(definition).directions,
        sample_weight=parts.weights_of(parts.train),
        groups=panel_clusters(labelled.rows[parts.train]),
        seed=seed,
    )
    return Trained(labelled, parts, learned, scorecard, definition, weighed, curves)


def _with_rejections(
    snapshot: Snapshot, trained: Trained, seed: int
) -> tuple[Trained, RejectionResult]:
    """Learn why sales turns leads down; the model goes with the scorecard if it is any good."""
    rows = trained.labelled.rows
    said = snapshot.outcomes.iloc[trained.labelled.places]
    rows = rows.assign(**{one: said[one].to_numpy() for one in ("disposition", "reason_at")})
    seen, model = learn_rejections(
        trained.scorecard,
        trained.labelled.X,
        rows,
        trained.labelled.y == 0,
        trained.split,
        seed=seed,
    )
    card = trained.scorecard if model is None else {**trained.scorecard, "rejections": model}
    return replace(trained, scorecard=card), seen


def judge(
    snapshot: Snapshot,
    trained: Trained,
    evidence: Evidence,
    champion: LoadedModel | None,
    *,
    seed: int = 0,
) -> list[Gate]:
    """Ask every gate but the last, which needs the registered model."""
    ids, y = trained.labelled.rows["lead_id"], trained.labelled.y
    won, not_won = (ids[trained.split.train & (y == one)].nunique() for one in (1, 0))
    tolerance = trained.definition.get("tolerance") or {}
    p = evidence.probabilities["model"]
    by_slice = calibration_by_slice(
        trained.card, trained.test_table, trained.test_outcomes, p, trained.design_factor
    )
    periods = len(periods_of(trained, p))
    return [
        gate.enough_leads(won, not_won),
        gate.no_leaks(snapshot.blocking_suspects),
        gate.known_in_time(snapshot.workspace.evaluation.outcomes == "at_extract"),
        gate.better_than_rules(evidence.figures),
        gate.calibrated(evidence.figures["model"], tolerance),
        gate.calibrated_over_periods(evidence.pooled, periods, tolerance),
        gate.calibrated_in_slices(by_slice, tolerance),
        gate_rules.never_rules_hold(evidence.scored),
        gate_rules.directions_hold(
            trained.card,
            Definition.from_dict(trained.definition).directions,
            trained.unconstrained_curves,
        ),
        gate_rules.examples_hold(trained.definition),
        gate_rules.agrees_with_rules(evidence.scored, trained.definition),
        gate_rules.agrees_on_criteria(evidence.scored, trained.test_table, trained.definition),
        _against_champion(snapshot, trained, champion, tolerance, seed),
    ]


def _champion(registry: Registry) -> LoadedModel | None:
    held = any("champion" in one.aliases for one in registry.versions())
    return registry.load("champion") if held else None


def _against_champion(
    snapshot: Snapshot,
    trained: Trained,
    champion: LoadedModel | None,
    tolerance: Mapping[str, float],
    seed: int,
) -> Gate:
    if champion is None:
        return gate.not_worse_than_champion(None, 0, tolerance, "")
    rows, y = trained.labelled.rows, trained.labelled.y
    both = unseen_by({**champion.evaluation}, trained.split, rows)
    if len(np.unique(y[both])) < 2:
        return gate.not_worse_than_champion(
            None, int(trained.split.test.sum()), tolerance, champion.version
        )
    wanted = [Feature(**one) for one in champion.catalogue]
    theirs = snapshot.at(rows[both].reset_index(drop=True), wanted).features
    p = {
        "model": trained.card.probability(trained.labelled.X[both]),
        "champion": Scorecard.from_dict(champion.scorecard).probability(theirs),
    }
    figures = measure(
        y[both],
        p,
        groups=account_or_person(rows[both]).to_numpy(),
        weights=trained.split.weights_of(both),
        seed=seed,
    )
    return gate.not_worse_than_champion(figures, int(both.sum()), tolerance, champion.version)


def ready_share(
    judged: pd.DataFrame, definition: Mapping[str, Any], X: pd.DataFrame
) -> float | None:
    """The share of leads that sales can take: by its capacity, else as many as the rules let in."""
    capacity = (definition.get("handoff") or {}).get("per_week")
    weekly = per_week(judged)
    if capacity and weekly:
        return float(min(capacity / weekly, 1.0))
    share = float((Definition.from_dict(definition).evaluate(X).verdict == "ready").mean())
    return share if 0 < share < 1 else None


def _honest(
    snapshot: Snapshot, definition: dict[str, Any], seed: int, progress: Progress
) -> dict[str, Any]:
    """Train again, now only on outcomes that were known at the time; nothing of it is kept."""
    progress("the same again, by outcomes known at the time")
    then = snapshot.known_at_the_time()
    trained = fit(then, definition, seed=seed, progress=no_progress)
    told = as_json(trained, gather(trained, seed=seed))
    kept = ("candidate", "n_train", "n_test", "base_rate", "metrics", "yardstick", "excluded")
    return {one: told[one] for one in kept}


def _about(snapshot: Snapshot) -> dict[str, Any]:
    curve = snapshot.time_to_win
    horizon = snapshot.workspace.outcome.horizon_days
    return {
        "time_to_win": None if curve is None else curve.to_json(horizon),
        "data": {
            "leads": len(snapshot.tables.leads),
            "events": len(snapshot.tables.events),
            "stages": len(snapshot.tables.stages),
            "judged": len(snapshot.moments),
            "leads judged": snapshot.moments["lead_id"].nunique(),
            "features": len(snapshot.learnable),
        },
        "suspects": [
            {"column": one.column, "evidence": list(one.evidence), "answer": one.answer}
            for one in snapshot.leak_suspects
        ],
    }


def _contents(snapshot: Snapshot, trained: Trained, answer: dict[str, Any], seed: int) -> Contents:
    needed = {*trained.card.features, *Definition.from_dict(trained.definition).features}
    rows, train = trained.labelled.rows, trained.split.train
    moments = rows["as_of"][train].dropna()
    digested = trained.labelled.X[train].assign(won=trained.labelled.y[train])
    curves = answer["curves"]
    return Contents(
        trained.scorecard,
        trained.definition,
        [asdict(one) for one in snapshot.catalogue if one.name in needed],
        answer,
        table_digest(digested),
        (moments.min(), moments.max()) if len(moments) else None,
        {"seed": seed, "horizon_days": snapshot.workspace.outcome.horizon_days},
        {
            "lift.svg": plots.gains(curves["lift"]),
            "calibration.svg": plots.calibration(curves["calibration"]),
            "scores.svg": plots.scores(curves["scores"]),
            "importance.svg": plots.importances(answer["importance"]),
            **_time_to_win_plot(answer),
            **({"overlap.svg": plots.overlap(answer["worked"])} if answer["worked"] else {}),
        },
    )


def _time_to_win_plot(answer: Mapping[str, Any]) -> dict[str, str]:
    curve = answer["time_to_win"]
    return {"time_to_win.svg": plots.time_to_win(curve, curve["horizon"])} if curve else {}


def render(answer: Mapping[str, Any]) -> str:
    """Say what came of the training, for people."""
    kinds = {
        "model": "metrics",
        "black box": "yardstick",
        "rules alone": "definition",
        "points by hand": "points",
    }
    shown = {
        "AUC": ("auc", "{:.3f}"),
        "lift at 10 %": ("lift_10", "{:.2f}"),
        "wins caught at 20 %": ("captured_20", "{:.0%}"),
        "predicted / real wins": ("expected_wins_ratio", "{:.2f}"),
    }
    lines = [f"version {answer['model_version']}: {answer['verdict']}", ""]
    lines.append(
        f"learnt from {answer['n_train']:,} leads ({answer['won_train']:,} won), tested on "
        f"{answer['n_test']:,} later ones ({answer['won_test']:,} won), {answer['candidate']}"
    )
    if answer["data"]["leads judged"] < answer["data"]["judged"]:
        lines.append(
            "as a panel: leads are judged again and again while they are open; learnt from "
            f"{answer['leads_train']:,} different ones, tested on {answer['leads_test']:,} others"
        )
    lines += [f"warning: {one}" for one in answer["warnings"]]
    lines += ["", f"{'':24}" + "".join(f"{one:>24}" for one in kinds if kinds[one] in answer)]
    for words, (key, form) in shown.items():
        cells = [_cell(answer[one][key], form) for one in kinds.values() if one in answer]
        lines.append(f"{words:24}" + "".join(f"{one:>24}" for one in cells))
    if "honest" in answer:
        auc = _cell(answer["honest"]["metrics"]["auc"], "{:.3f}")
        lines.append(f"\nby outcomes known at the time: AUC {auc}")
    lines += ["", f"rejections: {answer['rejections']['why']}"]
    lines += ["", "left out: " + _left_out(answer["excluded"]), ""]
    for one in answer["gate"]:
        lines.append(f"{'yes' if one['passed'] else 'NO ':4} {one['name']}: {one['observed']}")
        if not one["passed"]:
            lines += [f"       required: {one['required']}", f"       hint: {one['hint']}"]
    if answer["unsigned_because"]:
        why = "; ".join(answer["unsigned_because"])
        lines += [
            "",
            f"note: leadready score stops until the definition is signed: {why}",
            "next: leadready definition sign --team TEAM --name NAME",
        ]
    return "\n".join(lines)


def _left_out(excluded: Mapping[str, int]) -> str:
    return ", ".join(f"{n:,} {why}" for why, n in excluded.items() if n) or "no lead"


def _cell(figure: Mapping[str, float | None], form: str) -> str:
    if figure["value"] is None:
        return "–"
    ends = [figure["low"], figure["high"]]
    between = "–".join(form.format(one) for one in ends) if None not in ends else ""
    return form.format(figure["value"]) + (f" ({between})" if between else "")
