"""Fit a model: split the labelled leads, weight them, learn from the earlier ones, compile.

What comes out is a scorecard that has not been tested yet, with everything that its evaluation
needs: `pipelines.train.evaluation` measures it on the later leads. What is judged there is the
recipe. The scorecard that is served comes from the same recipe and from all known outcomes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.progress import Progress, no_progress
from model.card.card import CardLimits
from model.estimators.boosting import FullBoosting
from model.serving import Definition, Scorecard
from model.simulation.ready_score import ready_share
from model.training.compile_scorecard import compile_scorecard
from model.training.expected_directions import UnconstrainedCurve, unconstrained_curves
from model.training.intervals import design_factor
from model.training.learn import Learned, learn, train_card
from model.training.learning_data import CalibratedModel, Candidate, LearningData, calibrated_on
from model.training.rejections import RejectionResult, learn_rejections, refit_rejections
from model.training.splits import (
    Split,
    account_or_person,
    inner_folds,
    panel_clusters,
    split_leads,
    time_order,
)
from pipelines.labelled import Labelled
from pipelines.snapshot import Snapshot
from pipelines.train.weights import Weighting, weight_all_known, weight_leads

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Trained:
    """A model, and the leads that it learned from and is tested on.

    Attributes
    ----------
    scorecard : dict
        The judged scorecard, learned from the training leads.
    refitted : dict or None
        The scorecard that is served: the same recipe on all leads with a known outcome.
    """

    snapshot: Snapshot
    data: LearningData
    split: Split
    learned: Learned
    scorecard: dict[str, Any]
    definition: Definition
    weighting: Weighting
    unconstrained_curves: Sequence[UnconstrainedCurve] = ()
    refitted: dict[str, Any] | None = None

    @cached_property
    def card(self) -> Scorecard:
        """The judged scorecard, ready to score."""
        return Scorecard.from_dict(self.scorecard)

    @property
    def served_scorecard(self) -> dict[str, Any]:
        """The scorecard that is served; the judged one until it has been refitted."""
        return self.refitted or self.scorecard

    @cached_property
    def served_card(self) -> Scorecard:
        """The scorecard that is served, ready to score."""
        return Scorecard.from_dict(self.served_scorecard)

    @property
    def labelled(self) -> Labelled:
        """All leads with a known outcome."""
        return self.snapshot.labelled

    @property
    def test_rows(self) -> pd.DataFrame:
        """The test leads."""
        return self.labelled.rows[self.split.test].reset_index(drop=True)

    @property
    def test_X(self) -> pd.DataFrame:
        """The features of the test leads."""
        return self.labelled.X[self.split.test].reset_index(drop=True)

    @property
    def test_y(self) -> Array:
        """The outcomes of the test leads, 1 for won."""
        return self.labelled.y[self.split.test]

    @property
    def test_weights(self) -> Array | None:
        """How many leads each test lead represents; None where all count the same."""
        return self.split.weights_of(self.split.test)

    @property
    def design_factor(self) -> float:
        """How much wider intervals on the test leads are because leads are judged repeatedly."""
        return design_factor(panel_clusters(self.test_rows))


def split_labelled(snapshot: Snapshot, seed: int = 0) -> Split:
    """Split the labelled leads as the workspace's ``evaluation`` says."""
    evaluation = snapshot.workspace.evaluation
    return split_leads(
        snapshot.labelled.rows,
        test_from=evaluation.test_from,
        test_until=evaluation.test_until,
        test_share=evaluation.test_share,
        seed=seed,
    )


def fit(
    snapshot: Snapshot,
    definition: Definition,
    limits: CardLimits | None = None,
    *,
    seed: int = 0,
    progress: Progress = no_progress,
) -> Trained:
    """Split, weight, learn and compile.

    Parameters
    ----------
    snapshot : Snapshot
        The judged leads.
    definition : Definition
        Expected directions, and how many leads sales can take.
    limits : CardLimits, optional
        How large the card may be, and features that people chose; by default as the workspace says.
    seed : int
        For folds and bags.
    progress : callable
        Receives a message before each long step.

    Raises
    ------
    LeadReadyError
        When no lead is left to learn from or to test on.
    """
    labelled = snapshot.labelled
    parts = split_labelled(snapshot, seed)
    inner = inner_folds(labelled.rows, parts, seed=seed)
    weighting = weight_leads(snapshot, parts, inner, seed=seed)
    data = learning_data(snapshot, definition, limits, seed=seed)
    parts = weighting.split
    learned = learn(data, parts, weighting.folds, alternatives=True, progress=progress)
    scorecard = _compiled(learned.chosen, snapshot, definition, parts)
    scorecard["no_claim"] = weighting.unpredictable
    curves = unconstrained_curves(
        labelled.X[parts.train].reset_index(drop=True),
        labelled.y[parts.train],
        snapshot.learnable,
        definition.directions,
        sample_weight=parts.learning_weights_of(parts.train),
        groups=panel_clusters(labelled.rows[parts.train]),
        seed=seed,
    )
    return Trained(snapshot, data, parts, learned, scorecard, definition, weighting, curves)


def learning_data(
    snapshot: Snapshot, definition: Definition, limits: CardLimits | None = None, *, seed: int = 0
) -> LearningData:
    """Collect the labelled leads and the settings that every estimator is trained with."""
    labelled = snapshot.labelled
    return LearningData(
        labelled.X,
        np.asarray(labelled.y, dtype=np.float64),
        snapshot.learnable,
        account_or_person(labelled.rows).to_numpy(),
        time_order(labelled.rows),
        definition.directions,
        limits or CardLimits(lines=snapshot.workspace.card.features),
        seed,
    )


def fit_full(trained: Trained) -> CalibratedModel[FullBoosting]:
    """Train the full model with all features on the same leads, to see what the card gives up."""
    parts = trained.split
    full = trained.data.fit(FullBoosting, parts.train, parts.learning_weights_of(parts.train))
    calibrated: CalibratedModel[FullBoosting] = calibrated_on(full, 1.0, trained.data, parts)
    return calibrated


def with_all_known(trained: Trained, *, seed: int = 0) -> Trained:
    """Learn the scorecard that is served, from all known outcomes by the recipe that was judged.

    The kind of card, the limits and the slope of the calibration are those of the judged model.
    """
    snapshot = trained.snapshot
    everything = np.ones(len(trained.labelled.rows), dtype=bool)
    end = snapshot.extract_at if trained.split.how == "forward in time" else None
    known = Split(everything, ~everything, trained.split.how, end, end)
    parts = weight_all_known(snapshot, known, seed=seed)
    data = trained.data.without(trained.learned.clocks)
    judged = trained.learned.chosen
    model = train_card(data, type(judged.estimator), parts, judged.calibration[0])
    scorecard = _compiled(model, snapshot, trained.definition, parts)
    scorecard["no_claim"] = trained.weighting.unpredictable
    if "rejections" in trained.scorecard:
        labelled, rejections = trained.labelled, trained.scorecard["rejections"]
        scorecard["rejections"] = refit_rejections(
            rejections, scorecard, labelled.X, _with_reasons(trained), labelled.y == 0
        )
    return replace(trained, refitted=scorecard)


def _compiled(
    model: CalibratedModel[Candidate], snapshot: Snapshot, definition: Definition, parts: Split
) -> dict[str, Any]:
    labelled, train = snapshot.labelled, parts.train
    X, y = labelled.X[train].reset_index(drop=True), labelled.y[train]
    weights = parts.weights_of(train)
    intercept, terms = model.estimator.terms()
    return compile_scorecard(
        intercept,
        terms,
        snapshot.learnable,
        X,
        y,
        calibration=model.calibration,
        base_rate=float(np.average(y, weights=weights)),
        candidate_name=model.estimator.name,
        name=snapshot.workspace.model,
        ready_share=ready_share(snapshot.moments, definition, X),
        weights=weights,
        wanted=model.estimator.limits.use,
    )


def with_rejections(trained: Trained, seed: int) -> tuple[Trained, RejectionResult]:
    """Learn why sales turns leads down, and add it to the scorecard if it predicts well enough.

    Returns
    -------
    (Trained, RejectionResult)
        The model, and how well rejections can be predicted.
    """
    labelled = trained.labelled
    summary, model = learn_rejections(
        trained.scorecard,
        labelled.X,
        _with_reasons(trained),
        labelled.y == 0,
        trained.split,
        seed=seed,
    )
    if model is None:
        return trained, summary
    return replace(trained, scorecard={**trained.scorecard, "rejections": model}), summary


def _with_reasons(trained: Trained) -> pd.DataFrame:
    """The labelled leads with the reasons that sales gave."""
    outcomes = trained.snapshot.outcomes.iloc[trained.labelled.places]
    reasons = {name: outcomes[name].to_numpy() for name in ("disposition", "reason_at")}
    return trained.labelled.rows.assign(**reasons)
