"""The evidence on a trained model: all figures and tables that people are shown or a gate asks.

All scorers are measured on the same later leads: the model, the black box, the definition alone,
today's hand-made points, and the base rate. Everything here is plain data, written as JSON with
the version; the report and the model card only show it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.definition.evaluate import criteria_counts, manual_points
from model.definition.words import rule_text
from model.serving import Definition, Scorecard, score_leads
from model.training.calibration import calibrate, calibration_bins
from model.training.compile_scorecard import feature_importances
from model.training.expected_directions import UnconstrainedCurve
from model.training.intervals import design_factor, win_rate_interval
from model.training.learn import BacktestPeriod, Learned
from model.training.metrics import Metrics, cumulative_gains, measure
from model.training.splits import Split, account_or_person, panel_clusters
from pipelines.snapshot import Labelled
from pipelines.train.weights import Weighing

Array = npt.NDArray[Any]
PRIOR = 10.0  # leads at the base rate, that each verdict of the rules is given besides its own
FIGURES = 20  # columns of the score's histogram


@dataclass(frozen=True)
class Trained:
    """A model, and what it was trained and judged on."""

    labelled: Labelled
    split: Split
    learned: Learned
    scorecard: dict[str, Any]
    definition: dict[str, Any]
    weighing: Weighing
    unconstrained_curves: Sequence[UnconstrainedCurve] = ()

    @property
    def card(self) -> Scorecard:
        """The scorecard, ready to score."""
        return Scorecard.from_dict(self.scorecard)

    @property
    def test_rows(self) -> pd.DataFrame:
        """The leads tested on."""
        return self.labelled.rows[self.split.test].reset_index(drop=True)

    @property
    def test_table(self) -> pd.DataFrame:
        """Their features."""
        return self.labelled.X[self.split.test].reset_index(drop=True)

    @property
    def test_outcomes(self) -> Array:
        """Their outcomes, 1 for won."""
        return self.labelled.y[self.split.test]

    @property
    def test_weights(self) -> Array | None:
        """How many leads each of them speaks for; None where all count the same."""
        return self.split.weights_of(self.split.test)

    @property
    def design_factor(self) -> float:
        """How much wider intervals on them are, where leads are judged again and again."""
        return design_factor(panel_clusters(self.test_rows))


@dataclass(frozen=True)
class Evidence:
    """What was seen on the later leads.

    Attributes
    ----------
    probabilities : mapping
        Of each scorer: ``model``, ``yardstick``, ``definition``, ``points``, ``base_rate_alone``.
    figures : mapping
        Its metrics.
    scored : DataFrame
        The later leads as they would have been handed over.
    unweighted : Metrics or None
        The model's metrics on the leads that sales worked, as they are; None where none are
        weighed.
    pooled : Metrics or None
        The metrics over this and all earlier periods; None where leads were not split in time.
    """

    probabilities: dict[str, Array]
    figures: dict[str, Metrics]
    scored: pd.DataFrame
    unweighted: Metrics | None = None
    pooled: Metrics | None = None


def gather(trained: Trained, *, seed: int = 0) -> Evidence:
    """Score the later leads by every scorer, and measure each."""
    table, rows = trained.test_table, trained.test_rows
    p = {
        "model": trained.card.probability(table),
        "yardstick": trained.learned.yardstick.probability(table),
        **_by_rules(trained),
    }
    by, y = account_or_person(rows).to_numpy(), trained.test_outcomes
    weights, plain = trained.test_weights, None
    figures = measure(y, p, groups=by, weights=weights, seed=seed)
    if weights is not None:
        plain = measure(y, {"model": p["model"]}, groups=by, seed=seed)["model"]
    scored = score_leads(table, trained.card, Definition.from_dict(trained.definition))
    return Evidence(p, figures, scored, plain, _pooled(trained, p["model"], seed))


def periods_of(trained: Trained, p: Array) -> list[BacktestPeriod]:
    """All periods that a model was tested on, in order; the last one is the test itself."""
    if trained.split.how == "at random":
        return []
    rows, each = np.flatnonzero(trained.split.test), trained.test_weights
    last = BacktestPeriod(rows, p, np.ones(len(rows)) if each is None else each)
    return [*trained.learned.periods, last]


def _pooled(trained: Trained, p: Array, seed: int) -> Metrics | None:
    """Measure on the leads of all periods, each as it would have been."""
    tested = periods_of(trained, p)
    if len(tested) < 2:
        return None
    rows, given, each = (
        np.concatenate([getattr(one, part) for one in tested])
        for part in ("rows", "probability", "weights")
    )
    by = account_or_person(trained.labelled.rows.iloc[rows]).to_numpy()
    return measure(trained.labelled.y[rows], {"all": given}, groups=by, weights=each, seed=seed)[
        "all"
    ]


def _by_rules(trained: Trained) -> dict[str, Array]:
    """Probabilities that the definition alone gives: the win rate that each verdict had so far."""
    X, y, train = trained.labelled.X, trained.labelled.y, trained.split.train
    verdict = Definition.from_dict(trained.definition).evaluate(X).code
    weights = trained.split.weights_of(train)
    each = np.ones(int(train.sum())) if weights is None else weights
    base = float(np.average(y[train], weights=each))
    leads = np.bincount(verdict[train], each, minlength=int(verdict.max()) + 1)
    wins = np.bincount(verdict[train], each * y[train], minlength=len(leads))
    rate = (wins + PRIOR * base) / (leads + PRIOR)
    later = trained.split.test
    found = {"definition": rate[verdict[later]]}
    if trained.definition.get("points"):
        points = manual_points(Definition.from_dict(trained.definition), X).to_numpy()
        slope, intercept = calibrate(points[train], y[train], each)
        found["points"] = 1 / (1 + np.exp(-(slope * points[later] + intercept)))
    found["base_rate_alone"] = np.full(int(later.sum()), base)
    return found


def as_json(trained: Trained, evidence: Evidence) -> dict[str, Any]:
    """Everything but the gate, as plain data."""
    split, y = trained.split, trained.test_outcomes
    told = {name: one.to_json() for name, one in evidence.figures.items()}
    best, p = trained.learned.chosen, evidence.probabilities["model"]
    return {
        "candidate": best.estimator.name,
        "comparison": [result._asdict() for result in trained.learned.comparison],
        "calibration": dict(zip(("slope", "intercept"), best.calibration, strict=True)),
        "n_train": int(split.train.sum()),
        "n_test": int(split.test.sum()),
        **{
            f"leads_{one}": trained.labelled.rows["lead_id"][rows].nunique()
            for one, rows in (("train", split.train), ("test", split.test))
        },
        "won_train": int(trained.labelled.y[split.train].sum()),
        "won_test": int(y.sum()),
        "base_rate": trained.scorecard["base_rate"],
        "metrics": told.pop("model"),
        **told,
        **({"unweighted": evidence.unweighted.to_json()} if evidence.unweighted else {}),
        "periods": [_period(trained, one) for one in periods_of(trained, p)],
        **({"pooled": evidence.pooled.to_json()} if evidence.pooled else {}),
        "worked": trained.weighing.worked,
        "excluded": trained.labelled.excluded,
        "split": {
            "how": split.how,
            "test_from": _day(split.test_from),
            "test_until": _day(split.test_until),
        },
        "warnings": [*split.warnings, *trained.weighing.warnings],
        "curves": _curves(y, evidence, trained.test_weights, trained.design_factor),
        "importance": feature_importances(trained.scorecard).to_dict("records"),
        "directions": [curve.to_json() for curve in trained.unconstrained_curves],
        "agreement": agreement_table(evidence.scored, y, trained.design_factor),
        "criteria": criteria_table(trained),
    }


def _period(trained: Trained, one: BacktestPeriod) -> dict[str, Any]:
    """Tell how many leads of a period were won, and how many wins were predicted, as weighed."""
    days = trained.labelled.rows["as_of"].iloc[one.rows].dropna()
    return {
        "from": _day(days.min()) if len(days) else None,
        "until": _day(days.max()) if len(days) else None,
        "leads": len(one.rows),
        "won": float(one.weights @ trained.labelled.y[one.rows]),
        "expected": float(one.weights @ one.probability),
    }


def _day(time: pd.Timestamp | None) -> str | None:
    return None if time is None else time.isoformat()


def _curves(y: Array, evidence: Evidence, weights: Array | None, wide: float) -> dict[str, Any]:
    shown = [one for one in ("model", "yardstick", "definition") if one in evidence.probabilities]
    scores = evidence.scored["score"].to_numpy()
    edges = np.histogram_bin_edges(scores, bins=FIGURES)
    return {
        "lift": {
            "share": np.linspace(0, 1, 101).tolist(),
            "captured": {
                one: cumulative_gains(y, evidence.probabilities[one], weights=weights)
                for one in shown
            },
        },
        "calibration": calibration_bins(
            y, evidence.probabilities["model"], weights=weights, design_factor=wide
        ),
        "scores": {
            "edges": edges.tolist(),
            "won": np.histogram(scores[y == 1], edges)[0].tolist(),
            "not won": np.histogram(scores[y == 0], edges)[0].tolist(),
        },
    }


def agreement_table(scored: pd.DataFrame, y: Array, wide: float = 1.0) -> list[dict[str, Any]]:
    """What became of the leads, by what rules and model said of them."""
    outcome = pd.Series(y, index=scored.index)
    found = []
    for (rules, model), won in outcome.groupby([scored["rules_verdict"], scored["model_verdict"]]):
        low, high = win_rate_interval(float(won.sum()) / wide**2, len(won) / wide**2)
        found.append(
            {
                "verdict": rules,
                "model_verdict": model,
                "leads": len(won),
                "won": int(won.sum()),
                "rate": float(won.mean()),
                "low": low,
                "high": high,
            }
        )
    order = ("ready", "not ready", "never", "unknown")
    return sorted(found, key=lambda one: (order.index(one["verdict"]), one["model_verdict"]))


def criteria_table(trained: Trained) -> list[dict[str, Any]]:
    """How many of the later leads each criterion passes, fails or leaves unknown."""
    words = {one["name"]: one["words"] for one in trained.scorecard["features"]}
    definition = Definition.from_dict(trained.definition)
    counts = criteria_counts(definition, trained.test_table)
    return [
        {
            "id": one.id,
            "words": rule_text(one, words),
            "passes": int(row["pass"]),
            "fails": int(row["fail"]),
            "unknown": int(row["unknown"]),
        }
        for one, (_, row) in zip(definition.criteria, counts.iterrows(), strict=True)
    ]


def unseen_by(champion: Mapping[str, Any], split: Split, rows: pd.DataFrame) -> npt.NDArray[Any]:
    """Which of the leads tested on the champion cannot have learnt from, given its evaluation."""
    before = champion.get("split") or {}
    if split.how == "forward in time" and before.get("test_from"):
        later = rows["as_of"] >= pd.Timestamp(before["test_from"])
        return split.test & later.to_numpy()
    same = before.get("how") == split.how and before.get("seed") == champion.get("seed")
    return split.test if same else np.zeros(len(rows), dtype=bool)
