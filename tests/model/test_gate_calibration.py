"""Each check of the probabilities, on both sides of each of its limits."""

from __future__ import annotations

import numpy as np
import pytest

from model import gate_calibration
from model.gate_calibration import Circumstances
from model.serving import Tolerance
from model.training.calibration import SliceCalibration
from model.training.intervals import Interval
from model.training.metrics import Metrics

UNKNOWN = (None, None, None)
RIGHT = (1.0, 0.9, 1.1)  # a ratio or slope


def resampled(low: float | None, high: float | None) -> np.ndarray:
    """Resamples whose 95% percentile interval has exactly these ends."""
    if low is None or high is None:
        return np.full(100, np.nan)
    return np.repeat([low, high], 50)


def metrics(**intervals) -> Metrics:
    """Metrics with these values and intervals."""
    values = {name: np.nan if row[0] is None else row[0] for name, row in intervals.items()}
    return Metrics(values, {name: resampled(*row[1:]) for name, row in intervals.items()})


STATES = {True: "passed", False: "refused", None: "cannot tell"}
NEAR_ONE = [
    # tolerance, figure with its interval, whether it passes; None: cannot tell
    (Tolerance(), (1.149, 1.1, 1.2), True),
    (Tolerance(), (1.151, 1.1, 1.2), False),
    (Tolerance(), (0.851, 0.8, 0.9), True),
    (Tolerance(), (0.849, 0.8, 0.9), False),
    (Tolerance(calibration=0.25), (1.25, 1.2, 1.3), True),
    (Tolerance(calibration=0.25), (1.2501, 1.2, 1.3), False),
    (Tolerance(calibration=0.25), (0.75, 0.7, 0.8), True),
    (Tolerance(calibration=0.25), (0.7499, 0.7, 0.8), False),
    (Tolerance(), (1.5, 1.0, 2.0), True),  # its interval includes 1, and is just narrow enough
    (Tolerance(), (1.5, 1.001, 2.0), False),
    (Tolerance(), (0.5, 0.2, 1.0), True),
    (Tolerance(), (1.5, 0.99, 2.0), None),  # includes 1, but too wide to show anything
    (Tolerance(), (-9.0, -22.0, 7.6), None),
    (Tolerance(), (0.5, 0.2, 0.999), False),
    (Tolerance(), (1.1, None, None), None),
    (Tolerance(calibration=0.25), (1.25, None, None), None),
    (Tolerance(calibration=0.75), (1.0, 0.25, 1.75), True),  # wide, but within the tolerance
    (Tolerance(calibration=0.75), (1.0, 0.24, 1.75), None),
    (Tolerance(calibration=0.75), (1.0, 0.25, 1.76), None),
    (Tolerance(), (1.5, None, None), False),
    (Tolerance(), UNKNOWN, False),
]


@pytest.mark.parametrize(("tolerance", "figure", "passed"), NEAR_ONE)
def test_wins_and_slope_are_near_one_or_cannot_be_told_from_it(tolerance, figure, passed) -> None:
    for changed in ({"expected_wins_ratio": figure}, {"calibration_slope": figure}):
        intervals = {"expected_wins_ratio": RIGHT, "calibration_slope": RIGHT} | changed
        assert (
            gate_calibration.calibrated(metrics(**intervals), tolerance, 50).state == STATES[passed]
        )


@pytest.mark.parametrize(("tolerance", "figure", "passed"), NEAR_ONE)
def test_wins_over_all_periods_are_near_one_too(tolerance, figure, passed) -> None:
    pooled = metrics(expected_wins_ratio=figure, calibration_slope=UNKNOWN)
    assert (
        gate_calibration.calibrated_over_periods(pooled, 4, tolerance, 50).state == STATES[passed]
    )


@pytest.mark.parametrize(
    ("ratio", "slope", "problem"),
    [
        ((2.0, 1.8, 2.2), RIGHT, "too many wins predicted"),
        ((0.5, 0.4, 0.6), RIGHT, "too few wins predicted"),
        (RIGHT, (0.5, 0.4, 0.6), "predictions too extreme"),
        (RIGHT, (2.0, 1.8, 2.2), "predictions too cautious"),
        (RIGHT, UNKNOWN, "predictions that hardly differ"),
        (
            (2.0, 1.8, 2.2),
            (0.5, 0.4, 0.6),
            "too many wins predicted and predictions too extreme",
        ),
    ],
)
def test_what_is_wrong_with_the_predictions_is_named(ratio, slope, problem) -> None:
    result = gate_calibration.calibrated(
        metrics(expected_wins_ratio=ratio, calibration_slope=slope), Tolerance(), 50
    )
    assert result.observed.endswith(f": {problem}")


def test_calibration_is_written_as_percentages() -> None:
    passing = gate_calibration.calibrated(
        metrics(expected_wins_ratio=RIGHT, calibration_slope=RIGHT), Tolerance(), 50
    )
    assert passing.observed == (
        "predicted wins 100% (90–110%) of the actual number, calibration slope 1.00 (0.90–1.10)"
    )
    assert "within 15% of the actual number" in passing.required
    pooled = metrics(expected_wins_ratio=(2.0, 1.8, 2.2))
    result = gate_calibration.calibrated_over_periods(pooled, 4, Tolerance(calibration=0.3), 50)
    assert result.observed.startswith("predicted wins 200% (180–220%) of the actual number over 4")
    assert "within 30% of the actual number" in result.required
    assert "leadready backtest" in result.hint


def test_without_earlier_periods_there_is_nothing_to_pool() -> None:
    result = gate_calibration.calibrated_over_periods(None, 0, Tolerance())
    assert result.passed
    assert result.state == "not asked"
    assert result.observed == "no earlier periods to check"


def a_slice(label: str, low: float, high: float) -> SliceCalibration:
    return SliceCalibration("source", label, 200, 30.0, 40.0, low, high)


@pytest.mark.parametrize(
    ("tolerance", "low", "high", "passed"),
    [
        (Tolerance(), 0.5, 2.0, True),
        (Tolerance(), 1.149, 2.0, True),
        (Tolerance(), 1.151, 2.0, False),
        (Tolerance(), 0.1, 0.851, True),
        (Tolerance(), 0.1, 0.849, False),
        (Tolerance(calibration=0.25), 1.25, 2.0, True),
        (Tolerance(calibration=0.25), 1.26, 2.0, False),
        (Tolerance(calibration=0.25), 0.1, 0.75, True),
        (Tolerance(calibration=0.25), 0.1, 0.74, False),
    ],
)
def test_a_slice_may_be_off_by_the_tolerance(tolerance, low, high, passed) -> None:
    slices = [a_slice("web", 0.9, 1.1), a_slice("fair", low, high)]
    result = gate_calibration.calibrated_in_slices(slices, tolerance)
    assert result.passed is passed
    assert passed or result.observed == "source fair: 30 won, 40 predicted"
    wide = "1 slice, no deviation beyond chance; 1 more are too small to tell"
    narrow = "2 slices, no deviation beyond chance"
    assert not passed or result.observed == (wide if high - low > 1 else narrow)


def test_the_slices_that_are_off_the_most_are_named_and_the_others_counted() -> None:
    slices = [a_slice(str(place), 1 + place / 10, 3.0) for place in range(7)]
    result = gate_calibration.calibrated_in_slices(slices, Tolerance())
    named = [part.split(":")[0] for part in result.observed.split("; ")]
    assert named == ["source 6", "source 5", "source 4"]
    assert result.observed.endswith(" and 2 more")
    assert gate_calibration.calibrated_in_slices(slices[:6], Tolerance()).observed.endswith(
        " and 1 more"
    )
    assert " more" not in gate_calibration.calibrated_in_slices(slices[:5], Tolerance()).observed


def test_slices_of_a_column_that_tells_the_time_are_named_as_times() -> None:
    slices = [a_slice("2024", 1.2, 3.0)]
    told = gate_calibration.calibrated_in_slices(slices, Tolerance(), ["source"])
    assert told.hint.startswith("source mostly tells when a lead came in")
    other = gate_calibration.calibrated_in_slices(slices, Tolerance(), ["index"])
    assert other.hint.startswith("look at these slices")


def test_slices_that_are_all_too_small_cannot_tell() -> None:
    result = gate_calibration.calibrated_in_slices([a_slice("web", 0.4, 1.6)], Tolerance())
    assert (result.state, result.passed) == ("cannot tell", False)
    assert "about 18 more would" in result.observed
    assert "--confirmed-by NAME" in result.hint
    assert gate_calibration.calibrated_in_slices([], Tolerance()).state == "not asked"


def test_what_cannot_be_told_says_how_many_more_wins_it_takes() -> None:
    wide = metrics(expected_wins_ratio=(1.0, 0.0, 2.0), calibration_slope=RIGHT)
    result = gate_calibration.calibrated(wide, Tolerance(), 30)
    assert result.state == "cannot tell"
    assert result.observed.endswith("too few wins to find an error of 50%, about 90 more would")


STEADY, SHIFTED = [(100, 100), (100, 100)], [(100, 100), (100, 200)]


@pytest.mark.parametrize(
    ("circumstances", "cause"),
    [
        (Circumstances(99, 0, SHIFTED), "only 99 won leads to learn from"),
        (Circumstances(500, 0.3, SHIFTED), "30% of the leads have no outcome yet"),
        (Circumstances(500, 0, SHIFTED), "what wins leads has changed"),
        (Circumstances(500, 0, SHIFTED, moved_events="e.csv (9 of 9)"), "events may have"),
        (Circumstances(99, 0.3, SHIFTED, moved_events="e.csv (9 of 9)"), "events may have"),
        (Circumstances(500, 0, STEADY), "the data does not show why"),
        (Circumstances(500, 0, SHIFTED, design_factor=4), "the data does not show why"),
        (Circumstances(500, 0, SHIFTED[1:]), "the data does not show why"),
        (Circumstances(500, 0, [(0, 1), (5, 9)]), "the data does not show why"),
    ],
)
def test_a_change_is_named_only_where_a_test_shows_it_and_nothing_simpler_does(
    circumstances, cause
) -> None:
    off = metrics(expected_wins_ratio=(2.0, 1.8, 2.2), calibration_slope=RIGHT)
    hint = gate_calibration.calibrated(off, Tolerance(), 100, circumstances).hint
    assert hint.startswith(cause)
    assert ("has changed" in hint) is cause.startswith("what wins")
    # An interval of exactly the width that shows what matters is narrow enough.
    just = gate_calibration.calibrated_in_slices([a_slice("web", 0.5, 1.5)], Tolerance())
    assert just.observed == "1 slice, no deviation beyond chance"


@pytest.mark.parametrize(("figure", "wins"), [((1.1, None, None), 50), ((1.0, 0.0, 4.0), 0)])
def test_without_a_basis_no_number_of_wins_is_promised(figure, wins) -> None:
    pooled = metrics(expected_wins_ratio=figure, calibration_slope=UNKNOWN)
    result = gate_calibration.calibrated_over_periods(
        pooled, 4, Tolerance(), *([wins] * (wins > 0))
    )
    assert result.state == "cannot tell"
    assert result.observed.endswith("find an error of 50%, more would")


@pytest.mark.parametrize(
    ("periods", "factor", "changed"),
    [
        (((100, 74),), 1, False),  # nothing to compare with
        (((0, 10), (100, 100)), 1, False),  # no win, no ratio
        (((100, 50), (100, 50)), 1, False),  # as wrong as before
        (((100, 1), (100, 100)), 1, True),
        (((100, 100), (100, 74)), 1, True),  # 0.30 in logarithms, beyond 1.96 x 0.14
        (((50, 50), (50, 50), (100, 74)), 1, True),
        (((100, 100), (100, 77)), 1, False),
        (((100, 100), (100, 74)), 2, False),  # leads judged repeatedly say less
    ],
)
def test_a_change_is_claimed_where_a_test_shows_it(periods, factor, changed) -> None:
    given = {} if factor == 1 else {"design_factor": factor}
    found = Circumstances(500, periods=periods, **given)
    assert found.changed is changed
    assert ("has changed" in found.hint_text()) is changed


@pytest.mark.parametrize(
    ("won", "open_share", "cause"),
    [(99, 0.9, "only 99 won"), (100, 0.25, "does not show why"), (100, 0.26, "26% of the leads")],
)
def test_few_wins_and_open_leads_are_causes_from_their_limits_on(won, open_share, cause) -> None:
    assert cause in Circumstances(won, open_share).hint_text()


# -- chance in the wins learned from ---------------------------------------------------------------


def test_a_level_learned_from_few_wins_is_not_refused_for_their_chance() -> None:
    off = metrics(expected_wins_ratio=(1.2, 1.06, 1.36))
    assert gate_calibration.calibrated_over_periods(off, 4, Tolerance(), 180).state == "refused"
    few, many = ([(won, 50.0)] * 4 for won in (60, 6_000))
    check = gate_calibration.calibrated_over_periods
    assert check(off, 4, Tolerance(), 180, few).state == "passed"
    assert check(off, 4, Tolerance(), 180, many).state == "refused"


def test_the_interval_with_the_learning_error_covers_the_truth_as_often_as_it_says() -> None:
    """Nested parts of the same leads, of the same win rate, each predicting the next period."""
    random, covered = np.random.default_rng(3), 0
    rate, sizes, tested = 0.1, np.array([400, 800, 1200]), 400
    for _ in range(400):
        learned = np.cumsum(random.binomial(400, rate, 3))
        predicted = learned / sizes * tested
        won = random.binomial(tested, rate, 3).sum()
        value = predicted.sum() / won
        spread = np.exp(1.96 / np.sqrt(won))
        sampled = Interval(value, value / spread, value * spread)
        low, high = gate_calibration.with_learning_error(sampled, learned, predicted)[1:]
        covered += low <= 1 <= high
    assert 0.92 <= covered / 400 <= 0.98
