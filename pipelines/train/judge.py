"""Judge a trained version: run every check of the gate.

All checks but the last look at the evaluation. The last one needs the registered files: a fresh
process, without this project's packages, has to give the same scores.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.errors import LeadReadyError
from features.event_audit.audit import EventSuspect
from features.families.engagement_sql import OF_KIND
from features.families.feature import Feature
from features.families.from_columns import FROM_COLUMN
from features.families.related_leads import FROM_LINK
from features.families.role import FROM_TITLE
from features.labels.outcomes import STILL_OPEN
from features.labels.rejection_reasons import NEVER_WORKED
from features.leaks.audit import Suspect
from features.tables.events import kind_slug
from features.workspace.schema import Workspace
from model import gate, gate_calibration, gate_proportion, gate_rules, gate_weights
from model.gate import Gate
from model.gate_calibration import Circumstances
from model.gate_proportion import Answer
from model.registry.registry import LoadedModel, Registry
from model.serving import Definition, Scorecard, score_leads
from model.training.calibration import calibration_by_slice
from model.training.folds import time_features
from model.training.learn import BacktestPeriod
from model.training.metrics import measure
from model.training.moves import Move, expected_points, move_between, reference_rows
from model.training.splits import Split, account_or_person
from pipelines.snapshot import Snapshot
from pipelines.train.evaluation import Evaluation, tested_periods
from pipelines.train.fit import Trained

Array = npt.NDArray[Any]
SERVED = 500  # leads that the registered model scores again in a fresh process


def judge(
    trained: Trained, evaluation: Evaluation, champion: LoadedModel | None, *, seed: int = 0
) -> list[Gate]:
    """Run every check but the last, which needs the registered model."""
    snapshot, definition, y = trained.snapshot, trained.definition, trained.labelled.y
    lead_ids, tolerance = trained.labelled.rows["lead_id"], definition.tolerance
    won, not_won = (lead_ids[trained.split.train & (y == label)].nunique() for label in (1, 0))
    predictions = evaluation.predictions["model"]
    served = score_leads(trained.test_X, trained.served_card, definition)
    served["lead_id"] = trained.test_rows["lead_id"]
    slices = calibration_by_slice(
        trained.card, trained.test_X, trained.test_y, predictions, trained.design_factor
    )
    periods = tested_periods(trained, predictions)
    rules, how = snapshot.workspace.evaluation, trained.split.how
    horizon, test_wins = snapshot.workspace.outcome.horizon_days, float(trained.test_y.sum())
    pooled_wins = float(sum(y[period.rows].sum() for period in periods))
    return [
        gate.enough_leads(won, not_won, int(test_wins)),
        gate.no_leaks(snapshot.unanswered_suspects),
        gate.later_leads_tested(how, rules.allowed_by),
        gate.known_in_time(rules.outcomes == "at_extract", how, horizon),
        gate.better_than_rules(evaluation.metrics, draft=definition.draft),
        *_proportion_checks(trained, evaluation),
        gate_calibration.calibrated(
            evaluation.metrics["model"], tolerance, test_wins, _circumstances(trained, periods)
        ),
        gate_calibration.calibrated_over_periods(
            evaluation.pooled,
            len(periods),
            tolerance,
            pooled_wins,
            [(period.won, float(period.weights @ period.probability)) for period in periods],
        ),
        gate_calibration.calibrated_in_slices(slices, tolerance, _clocks(trained)),
        gate.scores_moved(*moved(trained)),
        *_rule_checks(trained, served),
        _champion_gate(trained, champion, seed),
    ]


def _clocks(trained: Trained) -> list[str]:
    """The features that mostly tell the time, in words."""
    names = time_features(trained.data, trained.split.train)
    return [feature.words for feature in trained.data.features if feature.name in names]


def _proportion_checks(trained: Trained, evaluation: Evaluation) -> list[Gate]:
    """Ask about what is too good to be true."""
    auc = evaluation.metrics["model"].intervals()["auc"]
    columns = gate_weights.column_weights(
        trained.card,
        trained.served_card,
        {feature.name: feature.source for feature in trained.snapshot.catalogue},
        trained.test_X,
        trained.test_y,
        trained.test_weights,
        _never_worked(trained.snapshot),
    )
    answers = answers_of_columns(trained.snapshot.workspace)
    answers |= answers_of_kinds(trained.snapshot.workspace, [column.source for column in columns])
    return [
        gate_proportion.columns_in_proportion(columns, auc, answers),
        gate_proportion.auc_in_proportion(auc),
    ]


def _never_worked(snapshot: Snapshot) -> pd.DataFrame:
    """The features of leads that sales never worked, as their columns are in the export."""
    return snapshot.features[snapshot.outcomes["why_unknown"].eq(NEVER_WORKED).to_numpy()]


def answers_of_columns(ws: Workspace) -> dict[str, Answer]:
    """Say for each column of the leads whether the workspace says that it was known in time."""
    answers = {
        prefix + column.name: Answer(
            column.name, column.known_at_moment, Suspect(column.name, (), 0.0).answer
        )
        for column in ws.leads.columns
        for prefix in (FROM_COLUMN, FROM_TITLE)
    }
    known = {column.name for column in ws.leads.columns if column.known_at_moment}
    for link, name in ws.leads.links.items():
        suspect = Suspect(name, (), 0.0, is_link=True)
        answers[FROM_LINK + link] = Answer(name, name in known, suspect.answer)
    return answers


def answers_of_kinds(ws: Workspace, sources: Iterable[str]) -> dict[str, Answer]:
    """Say for each kind of event whether the workspace says that it was known in time."""
    given = {kind_slug(kind) for file in ws.events for kind in file.kinds}
    answers = {}
    for source in sources:
        if source.startswith(OF_KIND):
            kind = source.removeprefix(OF_KIND)
            suspect = EventSuspect(f"events of kind {kind}", (), 0.0, kind=kind)
            answers[source] = Answer(suspect.column, kind in given, suspect.answer)
    return answers


def _circumstances(trained: Trained, periods: Sequence[BacktestPeriod]) -> Circumstances:
    """Collect what may explain that predicted and actual wins differ."""
    y, outcomes = trained.labelled.y, trained.snapshot.outcomes["why_unknown"]
    sums = [
        (float(period.weights @ y[period.rows]), float(period.weights @ period.probability))
        for period in periods
    ]
    still_open = float((outcomes == STILL_OPEN).mean())
    won = int(y[trained.split.train].sum())
    moved = [each.summary for each in trained.snapshot.event_suspects if not each.kind]
    return Circumstances(won, still_open, sums, trained.design_factor, "".join(moved[:1]))


def _rule_checks(trained: Trained, served: pd.DataFrame) -> list[Gate]:
    """Hold the model against the definition; a draft is only reported."""
    definition = trained.definition
    curves = trained.unconstrained_curves
    checks = [
        gate_rules.never_rules_hold(served),
        gate_rules.directions_hold(trained.served_card, definition.directions, curves),
        gate_rules.examples_hold(definition),
        gate_rules.agrees_with_rules(served, definition.tolerance),
        gate_rules.agrees_on_criteria(served, trained.test_X, definition),
    ]
    return list(map(gate_rules.not_asked_of_a_draft, checks)) if definition.draft else checks


def moved(trained: Trained) -> tuple[Move, float | None]:
    """Say how far scores moved from the judged to the served model, and how far is expected."""
    known = np.ones(len(trained.labelled.rows), dtype=bool)
    X = trained.labelled.X.iloc[reference_rows(known)]
    won = (card.content["provenance"]["won"] for card in (trained.card, trained.served_card))
    before, after = won
    move = move_between(trained.card.log_odds(X), trained.served_card.log_odds(X), before, after)
    return move, expected_points(trained.learned.moves, before, after)


def load_champion(registry: Registry) -> LoadedModel | None:
    """Load the version in use; None before the first promotion."""
    exists = any("champion" in version.aliases for version in registry.versions())
    return registry.load("champion") if exists else None


def _champion_gate(trained: Trained, champion: LoadedModel | None, seed: int) -> Gate:
    """Compare with the champion, on test leads that neither has learned from."""
    tolerance = trained.definition.tolerance
    if champion is None:
        return gate.not_worse_than_champion(None, 0, tolerance, "")
    labelled = trained.labelled
    unseen = unseen_rows(champion.evaluation, trained.split, labelled.rows)
    rows, y = labelled.rows[unseen].reset_index(drop=True), labelled.y[unseen]
    if len(np.unique(y)) < 2:
        count = int(trained.split.test.sum())
        return gate.not_worse_than_champion(None, count, tolerance, champion.version)
    features = [Feature(**feature) for feature in champion.catalogue]
    predictions = {
        "model": trained.card.probability(labelled.X[unseen]),
        "champion": Scorecard.from_dict(champion.judged).probability(
            trained.snapshot.at(rows, features).features
        ),
    }
    weights = trained.split.weights_of(unseen)
    accounts = account_or_person(rows).to_numpy()
    metrics = measure(y, predictions, groups=accounts, weights=weights, seed=seed)
    return gate.not_worse_than_champion(metrics, len(rows), tolerance, champion.version)


def served_gate(
    registry: Registry, version: str, card: Scorecard, definition: Definition, X: pd.DataFrame
) -> Gate:
    """Let the registered model score some leads in a fresh process, and compare."""
    leads = X.head(SERVED)
    evaluated = score_leads(leads, card, definition, model_version=version)
    try:
        served = registry.served_scores(version, leads)
    except LeadReadyError as error:
        return gate.gate_result(
            "served as evaluated", False, error.what, "the same scores", error.hint or ""
        )
    return gate.served_as_evaluated(evaluated, served)


def unseen_rows(evaluation: Mapping[str, Any], parts: Split, rows: pd.DataFrame) -> Array:
    """Find the test rows that an earlier version cannot have learned from.

    Parameters
    ----------
    evaluation : mapping
        Of the earlier version; its ``split`` and ``seed`` count.
    parts : Split
        Of the labelled leads now.
    rows : DataFrame, n rows
        The labelled leads.

    Returns
    -------
    array of bool, shape (n,)
    """
    before = evaluation.get("split") or {}
    if parts.how == "forward in time" and before.get("test_from"):
        later = rows["as_of"] >= pd.Timestamp(before["test_from"])
        return parts.test & later.to_numpy()
    same = before.get("how") == parts.how and before.get("seed") == evaluation.get("seed")
    return parts.test if same else np.zeros(len(rows), dtype=bool)
