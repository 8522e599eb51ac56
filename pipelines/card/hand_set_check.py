"""What points set by hand cost, and whether a card with them may be promoted.

The card with the points set by hand is tested as any other: on later leads that its model has not
learned from, against the champion, the rules and chance. People see the figures before they decide,
and a card that fails a check is kept as challenger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.errors import LeadReadyError
from features.families.feature import Feature
from model import gate, gate_calibration
from model.gate import Gate
from model.registry.registry import JUDGED, Contents, LoadedModel, Registry
from model.serving import Definition, Scorecard, score_leads
from model.simulation.history import Array, History, Mask, verdict_codes
from model.training.intervals import Interval
from model.training.metrics import Metrics, measure
from model.training.splits import account_or_person
from pipelines.card.hand_set import (
    HandSetPoints,
    with_hand_set_points,
    with_the_same_points,
)
from pipelines.card.lines import Content
from pipelines.definition.adopt import Candidate, agreement_checks
from pipelines.definition.disagreement import unseen_leads
from pipelines.report.plots import version_plots
from pipelines.snapshot import Snapshot
from pipelines.train.judge import served_gate

PRIOR = 10.0  # leads at the base rate, added to those of each verdict of the rules


@dataclass(frozen=True, eq=False)
class HandSetCheck:
    """A card with points set by hand, and what the later leads say of it.

    Attributes
    ----------
    hand_set : tuple of HandSetPoints
        What people set.
    leads, won : int
        Later leads with a known outcome that the model has not learned from.
    moved : int
        Those of them whose score changes.
    ranked : Interval
        By how much the share of pairs that are ranked in the right order (AUC) changes.
    predicted_before, predicted_after : Interval
        Predicted wins for each actual win.
    gates : list of Gate
        All checks but that of the registered files.
    contents : Contents
        What would be registered.
    X : DataFrame
        The later leads, to compare the registered model on.
    """

    hand_set: tuple[HandSetPoints, ...]
    leads: int
    won: int
    moved: int
    ranked: Interval
    predicted_before: Interval
    predicted_after: Interval
    gates: list[Gate]
    contents: Contents
    X: pd.DataFrame

    @property
    def passed(self) -> bool:
        """Whether no check stands against it."""
        return all(check.passed for check in self.gates)


def check_hand_set(
    snapshot: Snapshot,
    history: History,
    loaded: LoadedModel,
    hand_set: Sequence[HandSetPoints],
) -> HandSetCheck:
    """Test a card with points set by hand; nothing is registered.

    Parameters
    ----------
    snapshot : Snapshot
        The leads of the workspace.
    history : History
        The same, with their outcomes.
    loaded : LoadedModel
        The version whose points were changed.
    hand_set : sequence of HandSetPoints

    Raises
    ------
    LeadReadyError
        When the points cannot be set, or no later lead can test them.
    """
    rows = tuple(hand_set)
    served = with_hand_set_points(loaded.scorecard, rows)
    judged = with_the_same_points(loaded.judged, served, rows)
    unseen = unseen_leads(snapshot, history, loaded)
    tested = unseen & history.labelled
    if len(np.unique(history.won[tested])) < 2:
        what = "too few later leads with a known outcome to test points set by hand"
        raise LeadReadyError(what, hint="add later leads, or train again: leadready train")
    X, definition = _features_of(snapshot, history, loaded), Definition.from_dict(loaded.definition)
    before, after = Scorecard.from_dict(loaded.judged), Scorecard.from_dict(judged)
    later = X[tested].reset_index(drop=True)
    metrics = _measured(history, definition, tested, unseen, before, after, later)
    contents = _contents(loaded, served, judged, rows, metrics["model"])
    return HandSetCheck(
        hand_set=rows,
        leads=int(tested.sum()),
        won=int(history.won[tested].sum()),
        moved=int((before.score(later) != after.score(later)).sum()),
        ranked=metrics["model"].difference(metrics["champion"], "auc"),
        predicted_before=metrics["champion"].intervals()["expected_wins_ratio"],
        predicted_after=metrics["model"].intervals()["expected_wins_ratio"],
        gates=_gates(
            loaded, contents, definition, metrics, later, float(history.won[tested].sum())
        ),
        contents=contents,
        X=later,
    )


def register_hand_set(check: HandSetCheck, registry: Registry) -> str:
    """Register a card with points set by hand as challenger; return its version.

    Whether it is promoted is decided when a definition is adopted with it.
    """
    version = registry.log(check.contents)
    card = Scorecard.from_dict(check.contents.scorecard)
    definition = Definition.from_dict(check.contents.definition)
    served = served_gate(registry, version, card, definition, check.X)
    registry.set_challenger(version, [*check.gates, served])
    return version


def _features_of(snapshot: Snapshot, history: History, loaded: LoadedModel) -> pd.DataFrame:
    of_model = [Feature(**feature) for feature in loaded.catalogue]
    if {feature.name for feature in of_model} <= set(history.X.columns):
        return history.X
    return snapshot.at(history.rows, of_model).features


def _measured(
    history: History,
    definition: Definition,
    tested: Mask,
    unseen: Mask,
    before: Scorecard,
    after: Scorecard,
    later: pd.DataFrame,
) -> dict[str, Metrics]:
    predictions = {
        "model": after.probability(later),
        "champion": before.probability(later),
        "definition": _rates_by_verdict(history, definition, ~unseen)[tested],
    }
    accounts = account_or_person(history.rows[tested].reset_index(drop=True)).to_numpy()
    return measure(history.won[tested], predictions, groups=accounts)


def _rates_by_verdict(history: History, definition: Definition, earlier: Mask) -> Array:
    """Predict by the rules alone: the win rate so far of the leads with the same verdict."""
    verdict = verdict_codes(definition, history.X)
    known = earlier & history.labelled
    base = float(history.won[known].mean()) if known.any() else 0.5
    leads = np.bincount(verdict[known], minlength=4)
    wins = np.bincount(verdict[known], history.won[known], minlength=4)
    return np.asarray(((wins + PRIOR * base) / (leads + PRIOR))[verdict])


def _gates(
    loaded: LoadedModel,
    contents: Contents,
    definition: Definition,
    metrics: dict[str, Metrics],
    later: pd.DataFrame,
    won: float,
) -> list[Gate]:
    scored = score_leads(later, Scorecard.from_dict(contents.scorecard), definition)
    candidate = Candidate(loaded, contents.scorecard, definition, later, later, scored)
    return [
        gate.better_than_rules(metrics, draft=definition.draft),
        gate_calibration.calibrated(metrics["model"], definition.tolerance, won),
        gate.not_worse_than_champion(metrics, len(later), definition.tolerance, loaded.version),
        *agreement_checks(candidate),
    ]


def _contents(
    loaded: LoadedModel,
    served: Content,
    judged: Content,
    rows: tuple[HandSetPoints, ...],
    metrics: Metrics,
) -> Contents:
    """Everything of the version, with the points set by hand and what was measured with them."""
    tags = loaded.record.tags
    evaluation = {
        **loaded.evaluation,
        JUDGED: judged,
        "metrics": metrics.to_json(),
        "hand_set": {"points_of": loaded.version, "rows": [row._asdict() for row in rows]},
    }
    window = (tags["training_from"], tags["training_until"]) if "training_from" in tags else None
    return Contents(
        {key: value for key, value in served.items() if key != "version"},
        loaded.definition,
        loaded.catalogue,
        evaluation,
        tags.get("data_sha256", ""),
        window,
        {"scorecard_of": loaded.version},
        version_plots(evaluation),
    )
