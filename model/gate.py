"""The gate: the checks that a version must pass before it may become champion.

Each check says what it observed, what is required and how to fix it. The checks here are about the
data, the metrics and the registered files; statistical ones use an end of the 95% interval, not
the value alone. Those against the agreed definition are in `model.gate_rules`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from features import text

if TYPE_CHECKING:
    from features.leaks.audit import Suspect
    from model.serving import Tolerance
    from model.training.calibration import SliceCalibration
    from model.training.intervals import Interval
    from model.training.metrics import Metrics
    from model.training.moves import Move

LEAST = 40  # won leads to learn from, and as many that were not won
LEAST_TEST = 20  # won leads to test on
MOVED = 2.0  # times the move that added leads explain
CALIBRATION, CHAMPION = 0.15, 0.02  # tolerances where the definition names none
SAME = 1e-9  # differences up to this come from rounding
SHOWN = 3  # slices that fail
SCORES = ("probability", "score", "fit_points", "engagement_points")
LABELS = ("grade", "level", "rules_verdict", "model_verdict", "decision", "reasons_for")


class Gate(NamedTuple):
    """One check: what it observed, what is required, and how to fix it where it failed."""

    name: str
    passed: bool
    observed: str
    required: str
    hint: str = ""


def gate_result(name: str, passed: object, observed: str, required: str, hint: str = "") -> Gate:
    """Make a check, whose hint is dropped where it passed."""
    return Gate(name, bool(passed), observed, required, "" if passed else hint)


def enough_leads(won: int, not_won: int, won_test: int) -> Gate:
    """Require 40 won leads and 40 others to learn from, and 20 won leads to test on.

    Examples
    --------
    >>> gate = enough_leads(25, 300, 30)
    >>> gate.observed
    '25 won and 300 not won to learn from, 30 won to test on'
    >>> gate.hint
    '15 more won leads to learn from are needed: add more history'
    """
    missing = [
        f"{least - number} more {outcome} leads to {purpose}"
        for number, least, outcome, purpose in (
            (won, LEAST, "won", "learn from"),
            (not_won, LEAST, "not won", "learn from"),
            (won_test, LEAST_TEST, "won", "test on"),
        )
        if number < least
    ]
    return gate_result(
        "enough leads",
        not missing,
        f"{won:,} won and {not_won:,} not won to learn from, {won_test:,} won to test on",
        f"at least {LEAST} of each to learn from, worked and mature, and {LEAST_TEST} won "
        "to test on",
        f"{text.join(missing)} are needed: add more history",
    )


def no_leaks(suspects: Sequence[Suspect]) -> Gate:
    """Require an answer for every column that may reveal the outcome."""
    names = [suspect.column for suspect in suspects]
    answers = [f"{name}: leak: true, or known_at_moment: true" for name in names]
    return gate_result(
        "no leaks",
        not names,
        f"suspected: {', '.join(names)}" if names else "no suspected columns",
        "an answer in leadready.yaml for every suspected column",
        f"leadready check shows the evidence; answer in leadready.yaml: {'; '.join(answers)}",
    )


def known_in_time(at_extract: bool) -> Gate:
    """Require that the model learned only from outcomes known before its test period."""
    return gate_result(
        "outcomes known at the time",
        not at_extract,
        "outcomes as of the extract"
        if at_extract
        else "only outcomes known before the test period",
        "only outcomes known before the test period",
        "remove  outcomes: at_extract  from leadready.yaml, evaluation",
    )


def better_than_rules(metrics: Mapping[str, Metrics], *, draft: bool = False) -> Gate:
    """Require that ``model`` beats chance and ``definition`` on later leads, beyond chance.

    A ``draft``, to which nobody has agreed, is reported but need not be beaten.
    """
    auc = metrics["model"].intervals()["auc"]
    gain = metrics["model"].difference(metrics["definition"], "auc")
    beats_chance = auc.low is not None and auc.low > 0.5
    hint = "the model ranks leads no better than the rules: add other features"
    if not beats_chance:
        hint = "to the model the outcomes look random: check  outcome:  in leadready.yaml"
    return gate_result(
        "better than chance and than the rules alone",
        beats_chance and (draft or (gain.low is not None and gain.low > 0)),
        f"AUC {text.interval(*auc, digits=3)}, "
        f"{text.signed_interval(*gain, digits=3)} compared with the rules alone",
        "lower end of the interval above 0.5"
        + ("; the rules are a draft" if draft else ", and above the AUC of the rules"),
        hint,
    )


def calibrated(metrics: Metrics, tolerance: Tolerance) -> Gate:
    """Require that predicted wins match actual wins in number and in spread.

    A figure passes if it is within the tolerance, or if its interval includes 1.
    """
    share = _calibration_tolerance(tolerance)
    intervals = metrics.intervals()
    ratio, slope = intervals["expected_wins_ratio"], intervals["calibration_slope"]
    problems = []
    if not _near_one(ratio, share):
        problems.append(f"too {'many' if (ratio.value or 0) > 1 else 'few'} wins predicted")
    if slope.value is None:
        problems.append("predictions that hardly differ")
    elif not _near_one(slope, share):
        problems.append(f"predictions too {'cautious' if slope.value > 1 else 'extreme'}")
    return gate_result(
        "calibrated",
        not problems,
        f"{_predicted_wins_text(ratio)}, calibration slope {text.interval(*slope)}"
        + (f": {text.join(problems)}" if problems else ""),
        f"{_calibration_required(share)}; a slope within {text.percent(share)} of 1, "
        "or an interval that includes 1",
        "what wins leads has changed since the training period: train on more recent outcomes",
    )


def calibrated_over_periods(pooled: Metrics | None, periods: int, tolerance: Tolerance) -> Gate:
    """Require that predicted wins match actual wins over all periods, not only the last one.

    Parameters
    ----------
    pooled : Metrics or None
        On the leads of all periods, each predicted from outcomes known when its period began.
    periods : int
        Number of periods; 0 where leads were not split in time.
    """
    share = _calibration_tolerance(tolerance)
    name, required = "calibrated over all periods", _calibration_required(share)
    if pooled is None:
        return gate_result(name, True, "no earlier periods to check", required)
    ratio = pooled.intervals()["expected_wins_ratio"]
    return gate_result(
        name,
        _near_one(ratio, share),
        f"{_predicted_wins_text(ratio)} over {text.count(periods, 'period')}, each predicted from "
        "earlier outcomes only",
        required,
        "win rates shift from period to period: rely on the ranking, not on the probabilities; "
        "leadready backtest shows each period",
    )


def calibrated_in_slices(slices: Sequence[SliceCalibration], tolerance: Tolerance) -> Gate:
    """Require the same of every slice that is large enough, allowing for their number."""
    share = _calibration_tolerance(tolerance)
    failed = sorted(
        (row for row in slices if row.deviation > share), key=lambda row: -row.deviation
    )
    described = [
        f"{row.words} {row.label}: {row.won:.0f} won, {row.expected:.0f} predicted"
        for row in failed
    ]
    return gate_result(
        "calibrated in every slice",
        not failed,
        _first(described) or f"{text.count(len(slices), 'slice')}, no deviation beyond chance",
        f"actual wins within {text.percent(share)} of predicted wins in each, allowing for chance",
        "look at these slices: has something changed there?",
    )


def not_worse_than_champion(
    metrics: Mapping[str, Metrics] | None,
    leads: int,
    tolerance: Tolerance,
    champion: str,
) -> Gate:
    """Require that the champion is not better, on leads that neither of them learned from.

    Parameters
    ----------
    metrics : mapping or None
        ``model`` and ``champion`` on those leads; None where there is no champion or no such lead.
    leads : int
        Number of those leads; without any, of all leads in the test.
    champion : str
        Its version; empty where there is none.
    """
    margin = CHAMPION if tolerance.champion is None else tolerance.champion
    name = "not worse than the champion"
    required = f"AUC at most {margin:g} below the champion's, by the lower end of the interval"
    if not champion:
        return gate_result(name, True, "no champion yet", required)
    if metrics is None:
        hint = "test on leads after the champion's training period: set evaluation.test_from"
        observed = f"champion {champion} may have learned from all {leads:,} test leads"
        return gate_result(name, False, observed, required, hint)
    gain = metrics["model"].difference(metrics["champion"], "auc")
    return gate_result(
        name,
        gain.low is not None and gain.low >= -margin,
        f"AUC {text.signed_interval(*gain, digits=3)} against version {champion} "
        f"on {text.count(leads, 'lead')}",
        required,
        "the champion stays: look at what changed between the two",
    )


def scores_moved(move: Move, expected: float | None) -> Gate:
    """Require that learning from all outcomes moved scores no more than added leads explain.

    Parameters
    ----------
    move : Move
        From the judged to the served model.
    expected : float or None
        The points by which scores moved in earlier periods when leads were added, for as many
        leads; None where that is unknown.
    """
    observed = f"learning from all {move.after:,} wins moved scores by {move.points:.1f} points"
    if expected is not None:
        observed += f"; {expected:.1f} are expected from earlier periods"
    return gate_result(
        "served as judged",
        expected is None or move.points <= MOVED * expected,
        observed,
        f"at most {MOVED:g} times what added leads moved scores by in earlier periods",
        "the latest leads differ from those before: see what changed, and train again later",
    )


def served_as_evaluated(evaluated: pd.DataFrame, served: pd.DataFrame) -> Gate:
    """Require the same scores from the registered model, loaded in a fresh process elsewhere."""
    numbers = list(SCORES)
    difference = np.abs(evaluated[numbers].to_numpy() - served[numbers].to_numpy())
    largest = float(difference.max(initial=0))
    same_labels = all(
        (evaluated[label].astype("str").to_numpy() == served[label].astype("str").to_numpy()).all()
        for label in LABELS
    )
    return gate_result(
        "served as evaluated",
        largest <= SAME and same_labels,
        f"{text.count(len(evaluated), 'lead')} scored in a fresh process, "
        f"largest difference {largest:.1g}",
        "the same scores and decisions",
        "the registered files differ from the evaluated model: train again",
    )


def verdict_text(gates: Iterable[Gate]) -> str:
    """Say in one sentence what the gate decided.

    Examples
    --------
    >>> verdict_text([enough_leads(25, 300, 30)])
    'Refused and kept as challenger: enough leads (25 won and 300 not won to learn from, ...'
    """
    reasons = [f"{gate.name} ({gate.observed})" for gate in gates if not gate.passed]
    if not reasons:
        return "Promoted: every check passed. This version now scores the leads."
    return f"Refused and kept as challenger: {'; '.join(reasons)}."


def _calibration_tolerance(tolerance: Tolerance) -> float:
    return CALIBRATION if tolerance.calibration is None else tolerance.calibration


def _near_one(interval: Interval, share: float) -> bool:
    """Whether a figure is within a share of 1, or its interval includes 1."""
    value, low, high = interval
    if value is None:
        return False
    return abs(value - 1) <= share or (low is not None and high is not None and low <= 1 <= high)


def _predicted_wins_text(ratio: Interval) -> str:
    return f"predicted wins {text.percent_interval(*ratio)} of the actual number"


def _calibration_required(share: float) -> str:
    within = text.percent(share)
    return f"predicted wins within {within} of the actual number, or an interval that includes it"


def _first(descriptions: Sequence[str]) -> str:
    """Join the first of the descriptions, and count the others."""
    more = len(descriptions) - SHOWN
    return "; ".join(descriptions[:SHOWN]) + (f" and {more:,} more" if more > 0 else "")
