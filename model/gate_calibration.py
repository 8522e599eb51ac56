"""The gate's checks of the probabilities: do as many leads win as were predicted?

An interval that includes 1 does not show that predictions are right: it may be too wide to show
anything. A check passes where the interval lies within the tolerance, or is narrow enough to have
found an error that matters. Otherwise it cannot tell, and says how many more wins it would take.

Chance had a hand in the wins that a level was learned from, as in those of the test. Intervals of
the number of wins allow for both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from features import text
from model.gate import CANNOT_TELL, CONFIRM, PASSED, REFUSED, SHOWN, Gate, gate_result, not_asked
from model.training.intervals import Z95

if TYPE_CHECKING:
    from model.serving import Tolerance
    from model.training.calibration import SliceCalibration
    from model.training.intervals import Interval
    from model.training.metrics import Metrics

CALIBRATION = 0.15  # tolerance where the definition names none
MATTERS = 0.5  # an error of this size must be found: half as many wins again, or half as many
FEW_WINS, MANY_OPEN = 100, 0.25  # wins to learn from; share of the leads


class Circumstances(NamedTuple):
    """What may explain that predicted wins differ from actual wins.

    Attributes
    ----------
    won_train : int
        Won leads to learn from.
    open_share : float
        Share of the leads whose outcome is not known yet.
    periods : sequence of (float, float)
        Actual and predicted wins of each period in order; the last is the test itself.
    design_factor : float
        How much wider intervals are because leads are judged repeatedly.
    moved_events : str
        What suggests that events of won leads were moved or deleted; empty where nothing does.
    """

    won_train: int
    open_share: float = 0.0
    periods: Sequence[tuple[float, float]] = ()
    design_factor: float = 1.0
    moved_events: str = ""

    @property
    def changed(self) -> bool:
        """Whether actual over predicted wins differ from the earlier periods beyond chance."""
        if len(self.periods) < 2:
            return False
        *earlier, (won, expected) = self.periods
        won_before, expected_before = (sum(column) for column in zip(*earlier, strict=True))
        if min(won, expected, won_before, expected_before) <= 0:
            return False
        change = np.log(won / expected) - np.log(won_before / expected_before)
        error = self.design_factor * np.sqrt(1 / won + 1 / won_before)
        return bool(abs(change) > Z95 * error)

    def hint_text(self) -> str:
        """Name the likeliest cause that the data shows; none is claimed that it does not show.

        Examples
        --------
        >>> Circumstances(60).hint_text()
        'only 60 won leads to learn from: add more history'
        >>> Circumstances(500).hint_text()
        'the data does not show why: leadready backtest shows whether earlier periods differ too'
        """
        if self.moved_events:
            return (
                f"events may have been moved or deleted, {self.moved_events}: "
                "leadready check shows the evidence"
            )
        if self.won_train < FEW_WINS:
            return f"only {self.won_train:,} won leads to learn from: add more history"
        if self.open_share > MANY_OPEN:
            share = text.percent(self.open_share)
            return f"{share} of the leads have no outcome yet: check  outcome:  in leadready.yaml"
        if self.changed:
            return (
                "what wins leads has changed since the training period: train on more recent "
                "outcomes"
            )
        return (
            "the data does not show why: leadready backtest shows whether earlier periods differ "
            "too"
        )


class _Verdict(NamedTuple):
    state: str
    more_wins: int = 0


def calibrated(
    metrics: Metrics, tolerance: Tolerance, won: float, circumstances: Circumstances | None = None
) -> Gate:
    """Require that predicted wins match actual wins in number and in spread.

    Parameters
    ----------
    metrics : Metrics
        On the test leads.
    won : float
        Won leads among them.
    circumstances : Circumstances, optional
        What may explain a deviation; without it, no cause is named.
    """
    share = _calibration_tolerance(tolerance)
    intervals = metrics.intervals()
    ratio, slope = intervals["expected_wins_ratio"], intervals["calibration_slope"]
    if circumstances is not None:
        ratio = with_learning_error(ratio, [float(circumstances.won_train)], [1.0])
    verdicts = [_verdict(figure, share, won) for figure in (ratio, slope)]
    problems = []
    if verdicts[0].state == REFUSED:
        problems.append(f"too {'many' if (ratio.value or 0) > 1 else 'few'} wins predicted")
    if slope.value is None:
        problems.append("predictions that hardly differ")
    elif verdicts[1].state == REFUSED:
        problems.append(f"predictions too {'cautious' if slope.value > 1 else 'extreme'}")
    observed = f"{_predicted_wins_text(ratio)}, calibration slope {text.interval(*slope)}"
    return _gate_of(
        "calibrated",
        verdicts,
        observed + (f": {text.join(problems)}" if problems else ""),
        f"{_calibration_required(share)}; the same of the slope, around 1",
        (circumstances or Circumstances(FEW_WINS)).hint_text(),
    )


def calibrated_over_periods(
    pooled: Metrics | None,
    periods: int,
    tolerance: Tolerance,
    won: float = 0,
    learned: Sequence[tuple[float, float]] = (),
) -> Gate:
    """Require that predicted wins match actual wins over all periods, not only the last one.

    Parameters
    ----------
    pooled : Metrics or None
        On the leads of all periods, each predicted from outcomes known when its period began, and
        with the level kept up since.
    periods : int
        Number of periods; 0 where leads were not split in time.
    won : float
        Won leads of all periods.
    learned : sequence of (float, float)
        For each period: won leads that its model learned from, and the wins that it predicted.
    """
    share = _calibration_tolerance(tolerance)
    name, required = "calibrated over all periods", _calibration_required(share)
    if pooled is None:
        return not_asked(name, "no earlier periods to check", required)
    ratio = pooled.intervals()["expected_wins_ratio"]
    if learned:
        ratio = with_learning_error(ratio, *zip(*learned, strict=True))
    return _gate_of(
        name,
        [_verdict(ratio, share, won)],
        f"{_predicted_wins_text(ratio)} over {text.count(periods, 'period')}, each predicted from "
        "earlier outcomes only and with the level kept up",
        required,
        "do not rely on the probabilities; leadready backtest shows each period",
    )


def calibrated_in_slices(
    slices: Sequence[SliceCalibration], tolerance: Tolerance, clocks: Collection[str] = ()
) -> Gate:
    """Require the same of every slice that is large enough, allowing for their number.

    Parameters
    ----------
    clocks : collection of str
        Features, in words, that mostly tell the time: their slices are times.
    """
    share = _calibration_tolerance(tolerance)
    name = "calibrated in slices"
    required = (
        f"actual wins within {text.percent(share)} of predicted wins in each slice that is "
        f"large enough to show an error of {text.percent(MATTERS)}, allowing for chance"
    )
    failed = sorted(
        (row for row in slices if row.deviation > share), key=lambda row: -row.deviation
    )
    if failed:
        described = [
            f"{row.words} {row.label}: {row.won:.0f} won, {row.expected:.0f} predicted"
            for row in failed
        ]
        hint = "look at these slices: has something changed there?"
        if times := list(dict.fromkeys(row.words for row in failed if row.words in clocks)):
            verb = "tells" if len(times) == 1 else "tell"
            hint = (
                f"{text.join(times)} mostly {verb} when a lead came in, and what wins leads has "
                "changed between these times: train on more recent outcomes"
            )
        return gate_result(name, False, _first(described), required, hint)
    small = [row for row in slices if (row.high - row.low) / 2 > MATTERS]
    told = len(slices) - len(small)
    if not slices:
        return not_asked(name, "no slice has enough leads and wins to compare", required)
    if not told:
        more = min(_more_wins(row.expected, (row.high - row.low) / 2) for row in small)
        observed = f"{text.count(len(slices), 'slice')}, all too small to tell"
        return _cannot_tell(name, observed, required, more)
    observed = f"{text.count(told, 'slice')}, no deviation beyond chance"
    if small:
        observed += f"; {len(small):,} more are too small to tell"
    return gate_result(name, True, observed, required)


def with_learning_error(
    ratio: Interval, won: Sequence[float], predicted: Sequence[float]
) -> Interval:
    """Widen the interval of predicted over actual wins by the error of the levels learned.

    The level of a model that learned from w wins has a relative error of 1/√w. Periods learned from
    growing parts of the same leads, so the errors of two levels have the covariance 1/w of the
    larger part.

    Parameters
    ----------
    ratio : Interval
    won, predicted : sequence of float
        For each period: the wins learned from, and the wins predicted.

    Examples
    --------
    >>> from model.training.intervals import Interval
    >>> [round(end, 2) for end in with_learning_error(Interval(1.2, 1.0, 1.44), [100], [50])]
    [1.2, 0.92, 1.57]
    """
    value, low, high = ratio
    if value is None or low is None or high is None or not 0 < low <= value <= high:
        return ratio
    size, wins = np.asarray(predicted, float), np.asarray(won, float)
    variance = size @ (1 / np.maximum.outer(wins, wins)) @ size / size.sum() ** 2
    below, above = np.log(value / low), np.log(high / value)
    ends = (
        value * np.exp(sign * np.hypot(part, Z95 * np.sqrt(variance)))
        for sign, part in ((-1, below), (1, above))
    )
    return type(ratio)(value, *map(float, ends))


def _verdict(figure: Interval, share: float, won: float) -> _Verdict:
    """Judge a figure that should be 1, given the number of wins behind it."""
    value, low, high = figure
    if value is None:
        return _Verdict(REFUSED)
    if low is None or high is None:
        return _Verdict(REFUSED if abs(value - 1) > share else CANNOT_TELL)
    if abs(value - 1) > share and not low <= 1 <= high:
        return _Verdict(REFUSED)
    within = 1 - share <= low and high <= 1 + share
    half = (high - low) / 2
    if within or half <= MATTERS:
        return _Verdict(PASSED)
    return _Verdict(CANNOT_TELL, _more_wins(won, half))


def _more_wins(won: float, half: float) -> int:
    """Wins to add until an interval is narrow enough: it shrinks with the root of their number."""
    return int(np.ceil(won * ((half / MATTERS) ** 2 - 1)))


def _gate_of(
    name: str, verdicts: Iterable[_Verdict], observed: str, required: str, hint: str
) -> Gate:
    """Make a check of several figures: the worst of them counts."""
    found = list(verdicts)
    states = [verdict.state for verdict in found]
    if REFUSED in states or CANNOT_TELL not in states:
        return gate_result(name, REFUSED not in states, observed, required, hint)
    return _cannot_tell(name, observed, required, max(verdict.more_wins for verdict in found))


def _cannot_tell(name: str, observed: str, required: str, more_wins: int) -> Gate:
    """Make a check that cannot tell, with what it would take to know."""
    needed = f"about {more_wins:,} more" if more_wins > 0 else "more"
    what = f"{observed}: too few wins to find an error of {text.percent(MATTERS)}, {needed} would"
    return Gate(
        name, False, what, required, f"to promote the version anyway: {CONFIRM}", CANNOT_TELL
    )


def _calibration_tolerance(tolerance: Tolerance) -> float:
    return CALIBRATION if tolerance.calibration is None else tolerance.calibration


def _predicted_wins_text(ratio: Interval) -> str:
    return f"predicted wins {text.percent_interval(*ratio)} of the actual number"


def _calibration_required(share: float) -> str:
    return (
        f"predicted wins within {text.percent(share)} of the actual number, or an interval that "
        f"includes it and is narrow enough to show an error of {text.percent(MATTERS)}"
    )


def _first(descriptions: Sequence[str]) -> str:
    """Join the first of the descriptions, and count the others."""
    more = len(descriptions) - SHOWN
    return "; ".join(descriptions[:SHOWN]) + (f" and {more:,} more" if more > 0 else "")
