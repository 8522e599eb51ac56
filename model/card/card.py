"""A card of one page: few lines and few rows that predict as well as a full model.

The lines are the features that predict leads they were not learned from (`choose_lines`). A learner
fits them in fine bins, and neighboring bins are merged to rows (`merge_bins`). Boosting, logistic
regression and a weighted average of both are the learners.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.families.feature import Feature
from model.card.choose_lines import LineChoice, choose_lines
from model.card.fine_bins import card_binnings
from model.card.line_coding import line_coding
from model.card.merge_bins import merge_to_rows
from model.card.row_errors import with_row_errors
from model.estimators.bins import (
    Binning,
    Term,
    bin_codes,
    direction_of,
    drop_weightless,
    learnable_features,
    total_log_odds,
)
from model.estimators.boosting import boosted_terms
from model.estimators.logistic import logistic_terms

Array = npt.NDArray[Any]
Terms = tuple[float, list[Term]]
LOGISTIC_SHARE = 2 / 3  # of logistic regression in the average with boosting


@dataclass(frozen=True)
class CardLimits:
    """How large a card may be, and which features people chose for it.

    Attributes
    ----------
    lines, rows : int
        The most lines, and the most rows of all lines together.
    use, without : tuple of str
        Features that must be lines, and features that must not.
    """

    lines: int = 12
    rows: int = 60
    use: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


class ChosenLines(NamedTuple):
    """The lines of a card before their points are learned."""

    binnings: list[Binning]
    choice: LineChoice
    left_out: dict[str, str]


class _Lines(NamedTuple):
    """The lines of a card, and the leads that their points are learned from."""

    binnings: Sequence[Binning]
    X: pd.DataFrame
    y: Array
    signs: Mapping[str, int]
    weights: Array | None
    groups: Array | None
    seed: int
    learned: dict[str, Terms]  # by the way of learning: cards of the same lines share it


def choose_card_lines(
    X: pd.DataFrame,
    y: Array,
    features: Sequence[Feature],
    limits: CardLimits,
    *,
    directions: Mapping[str, int] | None = None,
    weights: Array | None = None,
    groups: Array | None = None,
    order: Array | None = None,
    splits: int | None = None,
    alternatives: bool = False,
    seed: int = 0,
) -> ChosenLines:
    """Bin the features finely and choose the lines, see `choose_lines`."""
    allowed = [feature for feature in features if feature.name not in limits.without]
    binnings, left_out = usable_binnings(X, y, allowed, weights=weights, order=order)
    left_out |= dict.fromkeys(limits.without, "left out by choice")
    choice = choose_lines(
        X,
        y,
        binnings,
        {feature.name: direction_of(feature, directions) for feature in allowed},
        most=limits.lines,
        must=limits.use,
        splits=splits,
        alternatives=alternatives,
        weights=weights,
        groups=groups,
        in_time=order is not None,
        seed=seed,
    )
    by_name = {binning.feature: binning for binning in binnings}
    chosen = [by_name[line.feature] for line in choice.lines]
    return ChosenLines(chosen, choice, left_out)


def usable_binnings(
    X: pd.DataFrame,
    y: Array,
    features: Sequence[Feature],
    *,
    weights: Array | None = None,
    order: Array | None = None,
) -> tuple[list[Binning], dict[str, str]]:
    """Bin the features that may become lines, and say why the others may not.

    Examples
    --------
    >>> page = Feature("page", "page", "origin", "category")
    >>> X = pd.DataFrame({"page": [f"2025-{place // 100}" for place in range(400)]})
    >>> usable_binnings(X, np.arange(400) % 2, [page], order=np.arange(400))
    ([], {'page': 'its values do not come again in later periods'})
    """
    kept, left_out = learnable_features(X, features)
    binnings = card_binnings(X, y, kept, weights=weights, order=order)
    used = {binning.feature for binning in binnings}
    for feature in kept:
        if feature.name not in used:
            left_out[feature.name] = "its values do not come again in later periods"
    return binnings, left_out


class _Card:
    """What all kinds of card share: choose the lines, learn them, merge their bins to rows."""

    name: ClassVar[str]

    def __init__(self, limits: CardLimits | None = None, bags: int | None = None) -> None:
        self.limits = CardLimits() if limits is None else limits
        self.bags = bags

    def fit(
        self,
        X: pd.DataFrame,
        y: Any,
        *,
        features: Sequence[Feature],
        directions: Mapping[str, int] | None = None,
        sample_weight: Array | None = None,
        groups: Array | None = None,
        order: Array | None = None,
        chosen: ChosenLines | None = None,
        learned: dict[str, Terms] | None = None,
        slope: float = 1.0,
        seed: int = 0,
    ) -> Self:
        """Choose the lines unless they are given, learn them, and merge their bins to rows.

        The errors of the rows allow for a slope by which they will be stretched. Kinds of card
        that are compared on the same leads share ``learned``: each way of learning runs once.
        """
        if sample_weight is not None and order is not None:
            order = order[np.asarray(sample_weight) > 0]
        X, y, sample_weight, groups = drop_weightless(X, y, sample_weight, groups)
        self.chosen_ = chosen or choose_card_lines(
            X,
            y,
            features,
            self.limits,
            directions=directions,
            weights=sample_weight,
            groups=groups,
            order=order,
            seed=seed,
        )
        self.left_out = self.chosen_.left_out
        signs = {feature.name: direction_of(feature, directions) for feature in features}
        self.intercept_, fine = self._learn(
            _Lines(
                self.chosen_.binnings,
                X,
                y,
                signs,
                sample_weight,
                groups,
                seed,
                {} if learned is None else learned,
            )
        )
        p = 1 / (1 + np.exp(-total_log_odds(self.intercept_, fine, X)))
        merged = merge_to_rows(
            fine,
            X,
            p,
            rows=self.limits.rows,
            in_days={feature.name for feature in features if feature.unit == "days"},
            weights=sample_weight,
        )
        self.terms_ = with_row_errors(
            merged, X, y, weights=sample_weight, groups=groups, slope=slope
        )
        return self

    def _learn(self, lines: _Lines) -> Terms:
        raise NotImplementedError

    def log_odds(self, X: pd.DataFrame) -> Array:
        """Log-odds of a win: the sum of the terms."""
        return total_log_odds(self.intercept_, self.terms_, X)

    def terms(self) -> Terms:
        """Return the intercept and the table of each line."""
        return self.intercept_, self.terms_


class BoostedCard(_Card):
    """A card whose lines are learned by boosting.

    Examples
    --------
    >>> X = pd.DataFrame({"visits": np.arange(400.0) % 8, "noise": np.arange(400.0) % 7})
    >>> features = [Feature(name, name, "engagement", "number") for name in X]
    >>> card = BoostedCard().fit(X, X["visits"] > 3, features=features)
    >>> [(term.binning.feature, term.binning.cuts) for term in card.terms()[1]]
    [('visits', array([4.]))]
    """

    name: ClassVar[str] = "boosted card"

    def _learn(self, lines: _Lines) -> Terms:
        return _boosted(lines, self.bags)


class LogisticCard(_Card):
    """A card whose lines are learned by logistic regression: straight lines, and a few steps."""

    name: ClassVar[str] = "logistic card"

    def _learn(self, lines: _Lines) -> Terms:
        return _logistic(lines)


class BlendedCard(_Card):
    """A card whose lines are two parts logistic regression and one part boosting."""

    name: ClassVar[str] = "blended card"

    def _learn(self, lines: _Lines) -> Terms:
        boosted, curves = _boosted(lines, self.bags)
        logistic, smooth = _logistic(lines)
        return _blended(boosted, logistic), [
            Term(curve.binning, _blended(curve.log_odds, other.log_odds))
            for curve, other in zip(curves, smooth, strict=True)
        ]


def _blended(boosted: Any, logistic: Any) -> Any:
    return LOGISTIC_SHARE * logistic + (1 - LOGISTIC_SHARE) * boosted


def _boosted(lines: _Lines, bags: int | None) -> Terms:
    if "boosting" not in lines.learned:
        lines.learned["boosting"] = boosted_terms(
            bin_codes(lines.binnings, lines.X),
            lines.y,
            lines.binnings,
            lines.signs,
            weights=lines.weights,
            groups=lines.groups,
            bags=bags,
            seed=lines.seed,
        )
    return lines.learned["boosting"]


def _logistic(lines: _Lines) -> Terms:
    if "logistic" not in lines.learned:
        intercept, terms = logistic_terms(
            lines.X,
            lines.y,
            lines.binnings,
            lines.signs,
            codings=[line_coding(binning, lines.X[binning.feature]) for binning in lines.binnings],
            weights=lines.weights,
            groups=lines.groups,
            seed=lines.seed,
        )
        plain = [replace(term, errors=None, covariance=None) for term in terms]
        lines.learned["logistic"] = intercept, plain
    return lines.learned["logistic"]
