"""``leadready definition adopt FILE``: put a changed definition in force, without training again.

The champion's points stay as they are. With the new definition they go through the part of the gate
that is about agreement (never-rules, directions, examples, agreement overall and by criterion, the
same scores when served), on the leads judged since the champion's test began. If all of it holds,
points and definition are registered together as a new version, which becomes champion; so scores,
the registered model, the list of versions and going back all know the pair.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.errors import LeadReadyError
from features.families.feature import Feature
from features.labels.outcomes import UNKNOWN, WON
from features.progress import Progress
from model import gate_rules
from model.definition.diff import definition_changes
from model.definition.evaluate import criteria_counts
from model.definition.read import read_definition
from model.definition.signatures import missing_signatures, signature_statuses
from model.definition.words import rule_text
from model.gate import Gate
from model.registry.registry import Contents, LoadedModel, Registry
from model.serving import Definition, Scorecard, digest, score_leads
from pipelines.definition.data import counted
from pipelines.definition.review import refuse_mistakes
from pipelines.report import plots
from pipelines.score.active_definition import HINT
from pipelines.snapshot import Snapshot, read_snapshot
from pipelines.train.evaluation import agreement_table
from pipelines.train.fit import ready_share
from pipelines.train.judge import served_gate

OF_RULES = ("definition", "points")  # figures of the rules that were, in the evaluation


@dataclass(frozen=True)
class Pair:
    """The champion's points and a definition, with the later leads that they are held against.

    Attributes
    ----------
    champion : LoadedModel
        As registered.
    card : mapping
        Its scorecard; what counts as ready follows the capacity that was agreed.
    definition : mapping
        The new one.
    X, judged, scored : DataFrame
        The leads judged since the champion's test began: features, moments, scores.
    """

    champion: LoadedModel
    card: dict[str, Any]
    definition: dict[str, Any]
    X: pd.DataFrame
    judged: pd.DataFrame
    scored: pd.DataFrame


def adopt(
    folder: Path, path: Path, *, unsigned: bool = False, progress: Progress
) -> dict[str, Any]:
    """Put a definition in force for the champion, if they agree as far as the definition asks.

    Raises
    ------
    LeadReadyError
        If the definition is not valid or not signed, is in force already, or there is no champion.
    """
    snapshot = read_snapshot(folder, progress)
    workspace = snapshot.workspace  # the model first: it is the quickest to be missing
    registry = Registry.for_workspace(workspace.folder, workspace.model)
    champion = registry.load("champion")
    read_definition(path)
    definition = dict(snapshot.definition(path).content)
    refuse_mistakes(definition, snapshot, path)
    new, old = Definition.from_dict(definition), Definition.from_dict(champion.definition)
    wanting = missing_signatures(new, signature_statuses(new, path, [old], snapshot.words))
    if wanting and not unsigned:
        what = f"the definition is not signed: {'; '.join(wanting)}"
        raise LeadReadyError(what, where=path.name, hint=HINT)
    _refuse_the_same(definition, champion, path)
    pair = _pair(snapshot, champion, definition)
    gates = agreed(pair)
    answer: dict[str, Any] = {
        "definition_version": Definition.from_dict(definition).version_label,
        "instead_of": champion.version,
        "changes": definition_changes(old, new, snapshot.words),
        "leads": len(pair.scored),
        "file": str(path),
        "in_use": path.resolve() == snapshot.definition_file.resolve(),
        "ready_at": {"before": champion.scorecard["ready_at"], "after": pair.card["ready_at"]},
    }
    version = None
    if all(one.passed for one in gates):
        progress("registering the pair")
        version = registry.log(_contents(snapshot, pair))
        card, rules = Scorecard.from_dict(pair.card), Definition.from_dict(pair.definition)
        gates.append(served_gate(registry, version, card, rules, pair.X))
        adopted = registry.settle(version, gates, instead_of=champion.version)
    else:
        adopted = False
    told = {"model_version": version, "adopted": adopted, "gate": [one._asdict() for one in gates]}
    return {**answer, **told}


def _refuse_the_same(definition: Mapping[str, Any], champion: LoadedModel, path: Path) -> None:
    before, after = (Definition.from_dict(one) for one in (champion.definition, definition))
    if before.digest == after.digest and set(after.signed_by) <= set(before.signed_by):
        what = f"this definition is in force already, with version {champion.version}"
        raise LeadReadyError(what, where=path.name, hint="there is nothing to adopt")


def _pair(snapshot: Snapshot, champion: LoadedModel, definition: dict[str, Any]) -> Pair:
    """Score the leads judged since the champion's test began, by its points and the definition."""
    wanted = [Feature(**one) for one in champion.catalogue]
    known = {one.name for one in wanted}
    new = [one for one in snapshot.catalogue if one.name not in known]
    X = snapshot.at(snapshot.moments, [*wanted, *new]).features
    split = champion.evaluation.get("split") or {}
    later = np.ones(len(X), bool)
    if split.get("test_from"):
        later = (snapshot.moments["as_of"] >= pd.Timestamp(split["test_from"])).to_numpy()
    card = _with_capacity(champion, definition, snapshot, X, ~later)
    judged, X = snapshot.moments[later].reset_index(drop=True), X[later].reset_index(drop=True)
    scored = score_leads(X, Scorecard.from_dict(card), Definition.from_dict(definition))
    return Pair(champion, card, definition, X, judged, scored)


def _with_capacity(
    champion: LoadedModel,
    definition: Mapping[str, Any],
    snapshot: Snapshot,
    X: pd.DataFrame,
    earlier: Any,
) -> dict[str, Any]:
    """Move the score from which the model says ready, if the capacity that was agreed has moved."""
    learnt = X[earlier] if earlier.any() else X
    was, now = (
        ready_share(snapshot.moments, Definition.from_dict(content), learnt)
        for content in (champion.definition, definition)
    )
    if was == now or now is None:
        return champion.scorecard
    score = Scorecard.from_dict(champion.scorecard).score(learnt)
    return {**champion.scorecard, "ready_at": float(np.quantile(score, 1 - now))}


def agreed(pair: Pair) -> list[Gate]:
    """Run the checks that are about model and definition together."""
    card, rules = Scorecard.from_dict(pair.card), Definition.from_dict(pair.definition)
    return [
        gate_rules.never_rules_hold(pair.scored),
        gate_rules.directions_hold(card, rules.directions),
        gate_rules.examples_hold(rules),
        gate_rules.agrees_with_rules(pair.scored, rules.tolerance),
        gate_rules.agrees_on_criteria(pair.scored, pair.X, rules),
    ]


def _contents(snapshot: Snapshot, pair: Pair) -> Contents:
    """Everything of the champion, with the new definition and what follows from it."""
    champion, agreed = pair.champion, Definition.from_dict(pair.definition)
    needed = {*Scorecard.from_dict(pair.card).features, *agreed.features}
    known = {one["name"]: one for one in champion.catalogue}
    new = [asdict(one) for one in snapshot.catalogue if one.name not in known]
    tags, evaluation = champion.record.tags, _evaluation(snapshot, pair)
    window = (tags["training_from"], tags["training_until"]) if "training_from" in tags else None
    curves = evaluation["curves"]
    return Contents(
        pair.card,
        pair.definition,
        [one for one in [*champion.catalogue, *new] if one["name"] in needed],
        evaluation,
        tags.get("data_sha256", ""),
        window,
        {"scorecard_of": evaluation["adopted"]["scorecard_of"]},
        {
            "lift.svg": plots.gains(curves["lift"]),
            "calibration.svg": plots.calibration(curves["calibration"]),
            "scores.svg": plots.scores(curves["scores"]),
            "importance.svg": plots.importances(evaluation["importance"]),
        },
    )


def _evaluation(snapshot: Snapshot, pair: Pair) -> dict[str, Any]:
    """The champion's evaluation; what is about the rules is of the new ones, or left out."""
    before = pair.champion.evaluation
    kept = {key: value for key, value in before.items() if key not in OF_RULES}
    lift = before["curves"]["lift"]
    captured = {key: one for key, one in lift["captured"].items() if key not in OF_RULES}
    became = snapshot.at(pair.judged).outcomes["outcome"]
    told = (became != UNKNOWN).to_numpy()
    won = (became[told] == WON).to_numpy(dtype="float64")
    counts = criteria_counts(Definition.from_dict(pair.definition), pair.X)
    criteria = Definition.from_dict(pair.definition).criteria
    first = (before.get("adopted") or {}).get("scorecard_of", pair.champion.version)
    return {
        **kept,
        "curves": {**before["curves"], "lift": {**lift, "captured": captured}},
        "agreement": agreement_table(pair.scored[told].reset_index(drop=True), won),
        "criteria": [
            {
                "id": one.id,
                "words": rule_text(one, snapshot.words),
                "passes": int(row["pass"]),
                "fails": int(row["fail"]),
                "unknown": int(row["unknown"]),
            }
            for one, (_, row) in zip(criteria, counts.iterrows(), strict=True)
        ],
        "adopted": {"scorecard_of": first, "definition_digest": digest(pair.definition)},
    }


def render(answer: Mapping[str, Any]) -> str:
    """Say whether it is in force now, and why not."""
    lines = []
    if answer["adopted"]:
        lines.append(
            f"Definition {answer['definition_version']} is in force, with the points of version "
            f"{answer['instead_of']}: together they are version {answer['model_version']}."
        )
    else:
        lines.append(
            f"Definition {answer['definition_version']} is not adopted: version "
            f"{answer['instead_of']} stays as it is."
        )
    lines += [f"  {one}" for one in answer["changes"]]
    before, after = answer["ready_at"]["before"], answer["ready_at"]["after"]
    if before != after:
        lines.append(f"  the model says ready from a score of {after:.1f} (was {before:.1f})")
    lines += ["", f"Held against {counted(answer['leads'], 'later lead')}:"]
    for one in answer["gate"]:
        lines.append(f"{'yes' if one['passed'] else 'NO ':4} {one['name']}: {one['observed']}")
        if not one["passed"]:
            lines += [f"       required: {one['required']}", f"       hint: {one['hint']}"]
    if answer["adopted"] and not answer["in_use"]:
        lines += [
            "",
            f"next: put {answer['file']} in place of the workspace's definition, so that "
            "the next training uses it too",
        ]
    return "\n".join(lines)
