"""Lines that chance alone may have brought onto the card.

Halving the leads tells signal from noise on average, but all halves come from the same leads: what
looks good by luck looks good in most of them. So every line is tested next to the others. It may
show that leads from some value of a number on are worth more, or leads with some value of a
category. The strongest of these differences and all of them together are compared with what chance
brings about; the less likely of the two counts. Trees choose what to split by in much the same
way [1]_. The other lines take part as a regression has learned them, with a weight each: a weight
for each of their bins would use up the evidence where wins are few.

Halving the leads also misses lines: half of the leads may be too few to see an effect that all of
them show. So the other features are tested next to the lines that stay. How much evidence they need
depends on how many of them look like chance: where most features have something to do with winning,
the next one probably has, too. A feature that tells something alone beyond doubt needs less
evidence: it has to do with winning, and the question is only whether the lines have said it all.
Where leads have dates no further lines are added: what only all periods together show predicted
later periods no better.

References
----------
.. [1] T. Hothorn, K. Hornik, A. Zeileis, "Unbiased recursive partitioning: a conditional inference
   framework", Journal of Computational and Graphical Statistics 2006.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.blas_threads import one_blas_thread
from model.card.line_coding import line_coding
from model.estimators.bins import Binning
from model.estimators.logistic import logistic_terms
from model.estimators.regression import cluster_sums, correlations, regress

Array = npt.NDArray[Any]
STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3)  # C; weaker, lines by chance would hide a weak one
LARGEST = 0.005  # probability that a line passes which has nothing to do with winning
SURE = 0.001  # probability of what a feature tells alone, from which it surely tells something
LARGEST_OF_SURE = 0.1  # probability that a line of such a feature passes
FALSE_CARDS = 0.05  # probability of such a line that is granted where few are left to be tested
FALSE_SHARE = 0.02  # of the lines may be there by chance where further ones are added
EVEN = 0.5  # chances above this one are those of features that have nothing to do with winning
RELATED = 0.1  # correlation from which a feature may count next to a line though not without it
LEAST_LEADS = 10  # on either side of a difference
MOST_LEADS = 50_000  # that are tested on
DRAWS = 10_000  # of the differences by chance
SAME = 1e-6  # a difference that varies less than this share next to the other lines says nothing


@one_blas_thread
def beyond_chance(
    X: pd.DataFrame,
    y: Array,
    binnings: Sequence[Binning],
    *,
    likely: Sequence[int],
    most: int,
    weights: Array,
    groups: Array | None = None,
    forced: Collection[str] = (),
    tested: int = 0,
    further: bool = True,
    seed: int = 0,
) -> list[int]:
    """Find the lines that predict next to the others beyond what chance explains.

    Of the likely lines, the one that chance explains best goes first, and the doubtful ones are
    tested again without it. Then the other features are tested next to those that stay, and the
    one that chance explains least comes first.

    Parameters
    ----------
    X, y : DataFrame, array of shape (n,)
        Training leads and outcomes (1 for won).
    binnings : sequence of Binning
        All features in fine bins.
    likely : sequence of int
        The places of those that are likely to be lines, the best first.
    most : int
        The most lines.
    weights, groups : array of shape (n,)
        How many leads each one represents; leads of a group may resemble each other.
    forced : collection of str
        Lines that stay.
    tested : int
        Features that the likely lines were picked from: where few are left to be tested, a line
        needs less evidence [1]_.
    further : bool
        Add features that were not likely, and ask less of those that surely tell something alone.

    Returns
    -------
    list of int
        The places of the lines, at least one where any is likely.

    References
    ----------
    .. [1] S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal
       of Statistics 1979.

    Examples
    --------
    >>> X = pd.DataFrame({"size": np.arange(400.0) % 8, "noise": np.arange(400.0) % 7})
    >>> y = ((np.arange(400) % 8 + np.arange(400) % 5) > 6).astype(float)
    >>> lines = [Binning(name, cuts=np.array([4.0])) for name in X]
    >>> beyond_chance(X, y, lines, likely=[0, 1], most=2, weights=np.ones(400))
    [0]
    """
    if not likely:
        return []
    rng = np.random.default_rng(seed)
    if len(y) > MOST_LEADS:
        rows = np.sort(rng.choice(len(y), MOST_LEADS, replace=False))
        X, y, weights = X.iloc[rows], y[rows], weights[rows]
        groups = None if groups is None else groups[rows]
    tests = _Tests(X, y, binnings, weights, groups, rng)
    kept = _without_doubtful(tests, likely, forced, tested, further)[:most]
    return _with_further(tests, kept, most) if further else kept


def _without_doubtful(
    tests: _Tests, likely: Sequence[int], forced: Collection[str], tested: int, further: bool
) -> list[int]:
    """Drop the lines that chance explains, the weakest first."""
    kept, learned = list(likely), tests.learned(likely)
    doubtful = [place for place in kept if tests.binnings[place].feature not in forced]
    while doubtful and len(kept) > 1:
        chance = {
            place: tests.chance_of(place, tests.next_to(learned, [*set(kept) - {place}]))
            for place in doubtful
        }
        settled = len(kept) - len(doubtful)
        left = max(tested, len(likely)) - settled
        sure = tests.sure_alone(doubtful) if further else []
        doubtful = _still_doubtful(chance, left, sure)
        if doubtful:
            weakest = max(doubtful, key=lambda place: (chance[place], place))
            kept.remove(weakest)
            doubtful.remove(weakest)
    return kept


def _still_doubtful(
    chance: Mapping[int, float], left: int, sure: Collection[int] = ()
) -> list[int]:
    """List the lines that chance may explain, of so many that are left to be tested.

    Lines that are sure alone need less evidence next to the others.

    Examples
    --------
    >>> _still_doubtful({0: 0.001, 1: 0.02}, left=3), _still_doubtful({1: 0.02}, left=20)
    ([], [1])
    >>> _still_doubtful({1: 0.02}, left=20, sure=[1])
    []
    """
    doubtful = []
    for place in sorted(chance, key=lambda place: chance[place]):
        limit = LARGEST_OF_SURE if place in sure else LARGEST
        if chance[place] <= max(limit, FALSE_CARDS / left):
            left -= 1
        else:
            doubtful.append(place)
    return doubtful


def _with_further(tests: _Tests, kept: Sequence[int], most: int) -> list[int]:
    """Add features that predict next to the lines beyond chance, the surest first."""
    lines, nulls = list(kept), 0.0
    open_places = [place for place in range(len(tests.binnings)) if place not in lines]
    while open_places and len(lines) < most:
        others = tests.next_to(tests.learned(lines), lines)
        chance = {place: tests.chance_of(place, others) for place in open_places}
        nulls = nulls or _nulls(list(chance.values()))
        surest = min(open_places, key=lambda place: chance[place])
        if chance[surest] > FALSE_SHARE * (len(lines) + 1) / nulls:
            sure = tests.sure_alone(open_places)
            surest = min(sure, key=lambda place: chance[place], default=surest)
            if not sure or chance[surest] > LARGEST_OF_SURE:
                break
        related = tests.related_to(surest, open_places)
        lines.append(surest)
        open_places = [
            place
            for place in open_places
            if place != surest and (chance[place] <= EVEN or place in related)
        ]
    return lines


def _nulls(chances: Sequence[float]) -> float:
    """Estimate how many features have nothing to do with winning, from what looks like chance [1]_.

    References
    ----------
    .. [1] J. D. Storey, "A direct approach to false discovery rates", Journal of the Royal
       Statistical Society B 2002.

    Examples
    --------
    >>> int(_nulls([0.001, 0.03, 0.6])), int(_nulls([0.6, 0.7, 0.9, 0.2]))
    (3, 4)
    """
    return min((1 + sum(chance > EVEN for chance in chances)) / (1 - EVEN), float(len(chances)))


class _Others(NamedTuple):
    """The lines next to which another one is tested."""

    table: Array  # ones, and what was learned of each line
    covariance: Array  # of the weights of these columns
    residuals: Array  # what they leave unexplained of each lead
    information: Array  # how much each lead tells


class _Tests:
    """What all tests of lines on the same leads share."""

    def __init__(
        self,
        X: pd.DataFrame,
        y: Array,
        binnings: Sequence[Binning],
        weights: Array,
        groups: Array | None,
        rng: np.random.Generator,
    ) -> None:
        self.X, self.y, self.weights, self.groups = X, y, weights, groups
        self.binnings = binnings
        self.differences: dict[int, Array] = {}
        self.alone: dict[int, float] = {}
        self.draws = rng.standard_normal((DRAWS, max(binning.size for binning in binnings)))

    def learned(self, places: Sequence[int]) -> Mapping[int, Array]:
        """What a regression learns of each line, for each lead, in standard deviations."""
        lines = [self.binnings[place] for place in places]
        codings = [line_coding(line, self.X[line.feature]) for line in lines]
        _, terms = logistic_terms(
            self.X,
            self.y,
            lines,
            {},
            codings=codings,
            weights=self.weights,
            groups=self.groups,
            strengths=STRENGTHS,
        )
        learned = np.column_stack([term.contribution(self.X) for term in terms])
        spread = learned.std(axis=0)
        scaled = (learned - learned.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
        return dict(zip(places, scaled.T, strict=True))

    def related_to(self, line: int, places: Sequence[int]) -> set[int]:
        """Of these features, those that may tell something next to a line, if not without it."""
        learned = self.learned([line])[line]
        return {
            place
            for place in places
            if np.abs(correlations(self._differences_of(place), learned)).max(initial=0) > RELATED
        }

    def sure_alone(self, places: Sequence[int]) -> list[int]:
        """List those that tell something alone, beyond any doubt."""
        nothing = self.next_to({}, [])
        for place in places:
            if place not in self.alone:
                self.alone[place] = self.chance_of(place, nothing)
        return [place for place in places if self.alone[place] <= SURE]

    def next_to(self, learned: Mapping[int, Array], places: Sequence[int]) -> _Others:
        """Fit a weight for each of these lines."""
        columns = [learned[place] for place in places]
        table = np.column_stack([np.ones(len(self.y)), *columns])
        fit = regress(table, self.y, self.weights)
        p = 1 / (1 + np.exp(-np.clip(table @ fit.coefficients, -30, 30)))
        information = self.weights * p * (1 - p)
        return _Others(table, fit.covariance, self.weights * (self.y - p), information)

    def chance_of(self, place: int, others: _Others) -> float:
        """How often chance makes a line look as strong as this one, next to others."""
        differences, information = self._differences_of(place), others.information[:, None]
        explained = others.covariance @ (others.table.T @ (differences * information))
        beyond = differences - others.table @ explained
        return self._chance(beyond, others.residuals, others.information)

    def _differences_of(self, place: int) -> Array:
        if place not in self.differences:
            self.differences[place] = _differences(self.binnings[place], self.X)
        return self.differences[place]

    def _chance(self, beyond: Array, residuals: Array, information: Array) -> float:
        """Compare score statistics with draws of them; leads of a group only widen their errors."""
        variance = beyond.T @ (beyond * information[:, None])
        varies = np.diag(variance) > SAME * information.sum()
        if not varies.any():
            return 1.0
        pulls = cluster_sums(beyond[:, varies] * residuals[:, None], self.groups)
        variance = variance[np.ix_(varies, varies)]
        design_effect = max(float(np.mean((pulls**2).sum(axis=0) / np.diag(variance))), 1.0)
        error = np.sqrt(np.diag(variance))
        z = pulls.sum(axis=0) / error / np.sqrt(design_effect)
        values, vectors = np.linalg.eigh(variance / np.outer(error, error))
        drawn = (self.draws[:, : len(values)] * np.sqrt(np.maximum(values, 0))) @ vectors.T
        return _tail(np.square(np.vstack([z, drawn])))


def _tail(squares: Array) -> float:
    """How often a draw is as unlikely as the first row, by its largest square or by their sum.

    Examples
    --------
    >>> _tail(np.array([[9.0, 0.0], [1.0, 1.0], [2.0, 0.0], [0.0, 1.0]]))
    0.25
    """
    statistics = (squares.max(axis=1), squares.sum(axis=1))
    likeliest = min(int(np.count_nonzero(each >= each[0])) for each in statistics)
    largest, total = (_among_largest(each, likeliest) for each in statistics)
    return float(np.mean(largest | total))


def _among_largest(values: Array, count: int) -> npt.NDArray[np.bool_]:
    """Say which values are among so many largest; none of equal ones are if not all are."""
    limit = float(np.partition(values, -count)[-count])
    reach: npt.NDArray[np.bool_] = values >= limit
    return reach if np.count_nonzero(reach) == count else np.asarray(values > limit)


def _differences(binning: Binning, X: pd.DataFrame) -> Array:
    """A column for each difference that a line may show.

    The leads from a value of a number on, or with a value of a category, or without a value.
    """
    bins = binning.bins(X)
    every = np.arange(binning.size)
    if binning.cuts is None:
        columns = bins[:, None] == every
    else:
        columns = np.column_stack([bins == 0, bins[:, None] >= every[2:]])
    leads = columns.sum(axis=0)
    enough = np.minimum(leads, len(bins) - leads) >= LEAST_LEADS
    return np.asarray(columns[:, enough])
