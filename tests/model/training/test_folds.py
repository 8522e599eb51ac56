"""Folds: which candidate is better on later leads, and whether features that tell the time help."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.families.feature import Feature
from model.card.card import BlendedCard, BoostedCard, CardLimits, LogisticCard
from model.estimators.black_box import BlackBox
from model.training import folds as module
from model.training import learn as learning
from model.training.learning_data import CalibratedModel, LearningData
from model.training.splits import Split, inner_folds, split_leads, time_order

BLENDED, BOOSTED, LOGISTIC, BOX = (
    BlendedCard.name,
    BoostedCard.name,
    LogisticCard.name,
    BlackBox.name,
)
N = 1200
FEATURES = [
    Feature("visits", "visits", "engagement", "number"),
    Feature("index", "index of the economy", "origin", "number"),
]


def fold_of(y: np.ndarray, start: int, **log_odds: np.ndarray) -> Any:
    """A fold that tested some leads in a row; candidates by their first word, others know nothing."""
    names = {"blended": BLENDED, "boosted": BOOSTED, "logistic": LOGISTIC, "box": BOX}
    leads = len(next(iter(log_odds.values())))
    predictions = {BLENDED: np.zeros(leads)} | {
        names[name]: odds for name, odds in log_odds.items()
    }
    rows = np.arange(start, start + leads)
    tested = np.isin(np.arange(len(y)), rows)
    split = Split(~tested, tested, "in order")
    won = int(y[:start].sum())
    return module.HeldOutFold(rows, np.ones(leads), won, predictions, split, {})


def known(
    y: np.ndarray, groups: np.ndarray | None = None, order: np.ndarray | None = None
) -> LearningData:
    each = np.arange(len(y)) if groups is None else groups
    return LearningData(pd.DataFrame({"visits": np.zeros(len(y))}), y, FEATURES[:1], each, order)


def predictions(n: int = N, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcomes, the log-odds behind them, and these with noise."""
    random = np.random.default_rng(seed)
    odds = random.normal(-1, 1, n)
    y = (random.random(n) < 1 / (1 + np.exp(-odds))).astype(float)
    return y, odds, odds + random.normal(0, 0.8, n)


# -- which candidate is better -------------------------------------------------------------------


@pytest.mark.parametrize("better", ["boosted", "logistic"])
def test_the_candidate_with_the_smaller_loss_on_later_leads_is_taken(better: str) -> None:
    y, sharp, blurred = predictions()
    other = "logistic" if better == "boosted" else "boosted"
    tested = [
        fold_of(
            y, start, **{better: sharp[start : start + 400], other: blurred[start : start + 400]}
        )
        for start in (0, 400, 800)
    ]
    first, second, _ = module.compare_candidates(tested, known(y))
    assert first.candidate.startswith(better)
    assert (first.behind, first.standard_error) == (0, 0)
    assert second.behind == pytest.approx(second.log_loss - first.log_loss)
    assert 0 < second.standard_error < second.behind


def test_a_small_advantage_counts_though_it_is_within_its_error() -> None:
    """The simpler candidate gets no bonus."""
    y, sharp, blurred = predictions(300, seed=1)
    slightly = 0.8 * sharp + 0.2 * blurred
    first, second, _ = module.compare_candidates(
        [fold_of(y, 0, boosted=sharp, logistic=slightly)], known(y)
    )
    assert 0 < second.behind < second.standard_error
    assert first.candidate == BOOSTED


def test_the_average_stays_unless_another_candidate_is_better_beyond_chance() -> None:
    y, sharp, blurred = predictions()
    for blended, chosen in ((0.8 * sharp + 0.2 * blurred, BLENDED), (blurred, BOOSTED)):
        fold = fold_of(y, 0, blended=blended, boosted=sharp, logistic=blurred)
        first, *others = module.compare_candidates([fold], known(y, order=np.arange(len(y))))
        assert first.candidate == chosen
        assert first.log_loss == pytest.approx(others[0].log_loss - others[0].behind)
    assert (
        module.compare_candidates(
            [fold_of(y, 0, blended=sharp, boosted=sharp, logistic=sharp)], known(y)
        )[0].candidate
        == BLENDED
    )


def test_without_an_order_in_time_a_better_candidate_need_not_be_better_beyond_chance() -> None:
    y, sharp, blurred = predictions(300, seed=1)
    slightly = 0.8 * sharp + 0.2 * blurred
    fold = fold_of(y, 0, blended=slightly, boosted=blurred, logistic=sharp)
    for order, chosen in ((None, LOGISTIC), (np.arange(len(y)), BLENDED)):
        assert module.compare_candidates([fold], known(y, order=order))[0].candidate == chosen


def test_each_fold_is_judged_at_its_own_level() -> None:
    y, sharp, blurred = predictions()
    plain = [
        fold_of(y, start, boosted=sharp[start:][:600], logistic=blurred[start:][:600])
        for start in (0, 600)
    ]
    moved = [
        fold_of(y, start, boosted=sharp[start:][:600] + shift, logistic=blurred[start:][:600])
        for start, shift in ((0, 2.0), (600, -1.0))
    ]
    for before, after in zip(
        *(module.compare_candidates(tested, known(y)) for tested in (plain, moved)), strict=True
    ):
        assert after == pytest.approx(before)


def test_candidates_that_only_stretch_each_other_are_equally_good() -> None:
    """Calibration stretches the final card, whatever the few leads of a fold have taught."""
    y, sharp, _ = predictions()
    stretched = [
        fold_of(y, start, blended=3 * odds, boosted=odds, logistic=0.4 * odds)
        for start, odds in ((0, sharp[:600]), (600, sharp[600:]))
    ]
    results = module.compare_candidates(stretched, known(y, order=np.arange(N)))
    assert results[0].candidate == BLENDED
    assert [result.behind for result in results] == pytest.approx([0, 0, 0], abs=1e-9)


def test_a_period_that_nobody_can_rank_chooses_nothing() -> None:
    """Where the log-odds of lost leads are higher, flatter ones, or none, are not better."""
    y, sharp, _ = predictions()
    for blended in (-sharp, 0 * sharp):
        wrong = [fold_of(y, 0, blended=blended, boosted=-sharp / 4, logistic=-sharp / 2)]
        results = module.compare_candidates(wrong, known(y, order=np.arange(N)))
        assert results[0].candidate == BLENDED
        assert [result.behind for result in results] == pytest.approx([0, 0, 0])


def test_a_candidate_without_a_best_slope_is_compared_as_it_is() -> None:
    """No finite slope is the best one where log-odds separate the outcomes."""
    y, sharp, _ = predictions(300)
    perfect = fold_of(y, 0, blended=sharp, boosted=8 * y - 4, logistic=sharp)
    first, *_ = module.compare_candidates([perfect], known(y, order=np.arange(300)))
    assert (first.candidate, first.log_loss) == (
        BOOSTED,
        pytest.approx(np.log1p(np.exp(-4)), rel=0.1),
    )


def test_leads_count_by_their_weights() -> None:
    y, sharp, blurred = predictions()
    half = np.arange(N) < N / 2
    odds = {"boosted": np.where(half, sharp, blurred), "logistic": np.where(half, blurred, sharp)}
    for heavy, best in ((half, BOOSTED), (~half, LOGISTIC)):
        fold = fold_of(y, 0, **odds)._replace(weights=np.where(heavy, 1.9, 0.1))
        assert module.compare_candidates([fold], known(y))[0].candidate == best


def test_the_error_allows_for_accounts() -> None:
    """Nine copies of every lead are no more evidence."""
    y, sharp, blurred = predictions(200)
    again = np.repeat(np.arange(200), 9)
    once = module.compare_candidates([fold_of(y, 0, boosted=sharp, logistic=blurred)], known(y))
    copies = fold_of(y[again], 0, boosted=sharp[again], logistic=blurred[again])
    grouped = module.compare_candidates([copies], known(y[again], again))
    naive = module.compare_candidates([copies], known(y[again]))
    assert grouped[1].standard_error == pytest.approx(once[1].standard_error)
    assert naive[1].standard_error == pytest.approx(once[1].standard_error / 3, rel=0.01)


def test_with_few_wins_nothing_is_chosen_or_stretched() -> None:
    y = np.zeros(100)
    y[: module.LEAST_WINS - 1] = 1
    fold = fold_of(y, 0, boosted=3 * y, logistic=y)
    assert module.compare_candidates([fold], known(y)) == []
    assert module.fold_slope([fold], BOOSTED, y) == 1
    assert module.compare_candidates([], known(y)) == []


def test_the_slope_is_that_of_the_folds() -> None:
    y, sharp, _ = predictions(20_000)
    fold = fold_of(y, 0, boosted=sharp / 2)
    assert module.fold_slope([fold], BOOSTED, y) == pytest.approx(2, abs=0.1)


# -- how far scores move ---------------------------------------------------------------------------


def test_moves_compare_the_reference_leads_of_folds_that_follow_each_other() -> None:
    y = np.r_[np.ones(10), np.zeros(30)]
    reference = [np.array([0.0, 1.0]), np.array([0.0, 1.4]), np.array([0.5, 1.9])]
    tested = [
        fold_of(y, start, boosted=np.r_[np.full(5, 9.0), odds])._replace(
            rows=np.arange(start, start + 5), won=won
        )
        for start, odds, won in zip((5, 10, 15), reference, (5, 10, 15), strict=True)
    ]
    first, second = module.moves_of_folds(tested, BOOSTED)
    assert first.points == pytest.approx(10 / np.log(2) * 0.2)
    assert second.points == pytest.approx(0), "only the level moved"
    assert [(move.before, move.after) for move in (first, second)] == [(5, 10), (10, 15)]


# -- features that tell the time -------------------------------------------------------------------


def leads(seed: int = 0) -> tuple[LearningData, Split, list[Split]]:
    """Leads of 400 days beside an index that moves with time and says nothing of later leads."""
    random = np.random.default_rng(seed)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(N) * 400 // N, "D")
    rows = pd.DataFrame(
        {
            "person_id": [f"p{number}" for number in range(N)],
            "account_id": None,
            "as_of": days.astype("datetime64[us]"),
            "order": np.nan,
        }
    )
    rows["mature_at"] = rows["as_of"] + pd.Timedelta(days=10)
    X = pd.DataFrame(
        {
            "visits": random.integers(0, 6, N) * 1.0,
            "index": np.repeat(random.normal(size=40).cumsum(), N // 40),
        }
    )
    odds = -2.5 + 0.6 * X["visits"].to_numpy()
    y = (random.random(N) < 1 / (1 + np.exp(-odds))).astype(float)
    parts = split_leads(rows, test_share=0.2)
    groups, order = rows["person_id"].to_numpy(), time_order(rows)
    return LearningData(X, y, FEATURES, groups, order), parts, inner_folds(rows, parts)


def with_gains(monkeypatch: pytest.MonkeyPatch, folds: list[Any], gains: list[float]) -> list[int]:
    """Make each fold better without the clocks by so much; return which are learned without them."""
    learned: list[int] = []

    def tested(data: LearningData, some: Any, reference: Any, *report: Any) -> Any:
        results = []
        for fold in some:
            place = [fold is known for known in folds].index(True)
            without = "index" not in {feature.name for feature in data.features}
            learned.extend([place] if without else [])
            rows = np.flatnonzero(fold.test)
            signs = np.r_[2 * data.y[rows] - 1, np.zeros(len(reference))]
            odds = (0.5 + gains[place] * without) * signs
            predictions = dict.fromkeys((BLENDED, BOOSTED, LOGISTIC, BOX), odds)
            never = dict.fromkeys(predictions, CalibratedModel(BlackBox(), (1.0, 0.0)))
            won, weights = int(data.y[fold.train].sum()), np.ones(len(rows))
            results.append(module.HeldOutFold(rows, weights, won, predictions, fold, never))
        return results

    monkeypatch.setattr(learning, "predict_held_out_folds", tested)
    monkeypatch.setattr(module, "predict_held_out_folds", tested)
    return learned


def test_features_that_tell_the_time_are_dropped_where_every_fold_is_better_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data, parts, folds = leads()
    assert module.time_features(data, parts.train) == ["index"]
    assert len(folds) == 3
    learned = with_gains(monkeypatch, folds, [0.2, 0.1, 0.3])
    found = learning.learn(data, parts, folds)
    assert found.clocks == ["index"]
    assert learned == [0, 1, 2]
    assert "index" not in found.chosen.estimator.left_out
    learned = {term.binning.feature for term in found.chosen.estimator.terms()[1]}
    assert learned == {"visits"}
    loss = np.logaddexp(0, -0.7)  # of the first fold without clocks
    p = found.periods[0].probability
    y = data.y[found.periods[0].rows]
    assert -np.log(np.where(y == 1, p, 1 - p)).mean() == pytest.approx(loss)


@pytest.mark.parametrize(
    ("gains", "looked_at"),
    [([0.2, -0.01, 0.3], [0, 1, 2]), ([-0.1, 0.1, 0.1], [0]), ([0.0, 0.0, 0.0], [0])],
)
def test_they_are_kept_where_a_fold_is_not_better(
    monkeypatch: pytest.MonkeyPatch, gains: list[float], looked_at: list[int]
) -> None:
    """Where the earliest fold is not better without them, the others are not looked at."""
    data, parts, folds = leads()
    learned = with_gains(monkeypatch, folds, gains)
    found = learning.learn(data, parts, folds)
    assert learned == looked_at
    assert found.clocks == []
    assert np.ptp(
        np.abs(np.log(found.periods[0].probability / (1 - found.periods[0].probability)))
    ) == pytest.approx(0)


def test_what_people_want_on_the_card_is_no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    data, parts, folds = leads()
    wanted = LearningData(
        data.X, data.y, FEATURES, data.groups, data.order, limits=CardLimits(use=("index",))
    )
    with_gains(monkeypatch, folds, [0.2, 0.1, 0.3])
    found = learning.learn(wanted, parts, folds)
    assert found.clocks == []
    chosen = {line.feature for line in found.chosen.estimator.chosen_.choice.lines}
    assert "index" in chosen


def test_a_wanted_feature_that_cannot_be_a_line_is_refused_before_anything_is_learned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data, parts, folds = leads()
    constant = LearningData(
        data.X.assign(visits=1.0), data.y, FEATURES, data.groups, limits=CardLimits(use=("visits",))
    )
    monkeypatch.setattr(learning, "predict_held_out_folds", None)
    with pytest.raises(LeadReadyError, match="visits cannot be on the card: all but 0 leads"):
        learning.learn(constant, parts, folds)


def test_without_an_order_nothing_tells_the_time() -> None:
    data, parts, _ = leads()
    plain = LearningData(data.X, data.y, FEATURES, data.groups)
    assert module.time_features(plain, parts.train) == []


def test_every_fold_predicts_its_leads_and_the_reference_by_every_estimator() -> None:
    data, _, folds = leads()
    reference = np.array([3, 5, 7])
    messages: list[Any] = []
    tested = module.predict_held_out_folds(data, folds, reference, messages.append)
    assert len(messages) == len(folds)
    for fold, result in zip(folds, tested, strict=True):
        assert (result.rows == np.flatnonzero(fold.test)).all()
        assert result.won == data.y[fold.train].sum()
        assert set(result.log_odds) == {BLENDED, BOOSTED, LOGISTIC, BOX}
        assert {len(odds) for odds in result.log_odds.values()} == {fold.test.sum() + 3}
        # visits decide: more of them never look worse
        odds = pd.Series(result.tested(LOGISTIC)).groupby(data.X["visits"].to_numpy()[result.rows])
        assert odds.mean().is_monotonic_increasing
