"""Fit a model: split the labelled leads, weight them, learn from the earlier ones, compile.

What comes out is a scorecard that has not been tested yet, with everything that its evaluation
needs: `pipelines.train.evaluation` measures it on the later leads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.progress import Progress, no_progress
from model.serving import Definition, Scorecard
from model.training.compile_scorecard import compile_scorecard
from model.training.expected_directions import UnconstrainedCurve, unconstrained_curves
from model.training.intervals import design_factor
from model.training.learn import Learned, learn
from model.training.rejections import RejectionResult, learn_rejections
from model.training.splits import Split, inner_folds, panel_clusters, split_leads
from pipelines.snapshot import Labelled, Snapshot
from pipelines.train.weights import Weighting, weight_leads

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Trained:
    """A model, and the leads that it learned from and is tested on."""

    snapshot: Snapshot
    split: Split
    learned: Learned
    scorecard: dict[str, Any]
    definition: Definition
    weighting: Weighting
    unconstrained_curves: Sequence[UnconstrainedCurve] = ()

    @property
    def card(self) -> Scorecard:
        """The scorecard, ready to score."""
        return Scorecard.from_dict(self.scorecard)

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
    seed : int
        For folds and bags.
    progress : callable
        Receives a message before each long step.

    Raises
    ------
    LeadReadyError
        When no lead is left to learn from or to test on.
    """
    labelled, features = snapshot.labelled, snapshot.learnable
    parts = split_labelled(snapshot, seed)
    inner = inner_folds(labelled.rows, parts, seed=seed)
    weighting = weight_leads(snapshot, parts, inner, seed=seed)
    parts, signs = weighting.split, definition.directions
    learned = learn(
        labelled.X,
        labelled.y,
        features,
        parts.train,
        weighting.folds,
        directions=signs,
        sample_weight=parts.weights,
        groups=panel_clusters(labelled.rows),
        seed=seed,
        progress=progress,
    )
    intercept, terms = learned.chosen.estimator.terms()
    X, y = labelled.X[parts.train].reset_index(drop=True), labelled.y[parts.train]
    each = np.ones(len(y)) if parts.weights is None else parts.weights[parts.train]
    scorecard = compile_scorecard(
        intercept,
        terms,
        features,
        X,
        y,
        calibration=learned.chosen.calibration,
        base_rate=float(np.average(y, weights=each)),
        candidate_name=learned.chosen.estimator.name,
        name=snapshot.workspace.model,
        ready_share=ready_share(snapshot.moments, definition, X),
        weights=each,
    )
    scorecard["no_claim"] = weighting.unpredictable
    curves = unconstrained_curves(
        X,
        y,
        features,
        signs,
        sample_weight=parts.weights_of(parts.train),
        groups=panel_clusters(labelled.rows[parts.train]),
        seed=seed,
    )
    return Trained(snapshot, parts, learned, scorecard, definition, weighting, curves)


def with_rejections(trained: Trained, seed: int) -> tuple[Trained, RejectionResult]:
    """Learn why sales turns leads down, and add it to the scorecard if it predicts well enough.

    Returns
    -------
    (Trained, RejectionResult)
        The model, and how well rejections can be predicted.
    """
    labelled = trained.labelled
    outcomes = trained.snapshot.outcomes.iloc[labelled.places]
    reasons = {name: outcomes[name].to_numpy() for name in ("disposition", "reason_at")}
    summary, model = learn_rejections(
        trained.scorecard,
        labelled.X,
        labelled.rows.assign(**reasons),
        labelled.y == 0,
        trained.split,
        seed=seed,
    )
    if model is None:
        return trained, summary
    return replace(trained, scorecard={**trained.scorecard, "rejections": model}), summary


def ready_share(moments: pd.DataFrame, definition: Definition, X: pd.DataFrame) -> float | None:
    """Give the share of leads that the model may call ready.

    It is what sales can take in a week; without a stated capacity, the share that the rules call
    ready among the leads of ``X``. None if that is none or all of them.
    """
    capacity, weekly = definition.handoff.per_week, leads_per_week(moments)
    if capacity and weekly:
        return float(min(capacity / weekly, 1.0))
    share = float((definition.evaluate(X).verdict == "ready").mean())
    return share if 0 < share < 1 else None


def leads_per_week(moments: pd.DataFrame) -> float | None:
    """Count the leads judged in a week, over the last quarter of the time; None without dates.

    Examples
    --------
    >>> days = pd.date_range("2024-01-01", "2024-12-31")
    >>> round(leads_per_week(pd.DataFrame({"as_of": days.repeat(2)})))
    14
    """
    dated = moments["as_of"].dropna().sort_values()
    if dated.empty or dated.iloc[0] == dated.iloc[-1]:
        return None
    begin = dated.iloc[-1] - (dated.iloc[-1] - dated.iloc[0]) / 4
    weeks = (dated.iloc[-1] - begin) / pd.Timedelta(days=7)
    return float((dated >= begin).sum() / weeks)
