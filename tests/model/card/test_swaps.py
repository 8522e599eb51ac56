"""Other cards of nearly the same quality, and how many lines are enough."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from model.card.line_weights import Half
from model.card.swaps import NEARLY, SHOWN, best_swaps, half_auc, lines_needed

N = 1500
NAMES = ["demo", "size", "size again", "faint", "noise"]
STRENGTHS = np.array([1.2, 0.8, 0.0, 0.12, 0.0])


def halves(count: int = 6) -> list[Half]:
    """Leads whose terms are those of ``NAMES``; "size again" is "size" for 19 of 20 leads."""
    found = []
    for seed in range(count):
        random = np.random.default_rng(seed)
        codes = random.integers(0, 5, (N, len(NAMES)))
        same = random.random(N) < 0.95
        codes[same, 2] = codes[same, 1]
        odds = np.linspace(-1, 1, 5)[codes] @ STRENGTHS - 1
        y = (random.random(N) < 1 / (1 + np.exp(-odds))).astype(float)
        found.append(Half(codes, [np.linspace(-1, 1, 5)] * len(NAMES), y, np.ones(N)))
    return found


def test_a_feature_that_says_the_same_takes_the_place() -> None:
    swaps = best_swaps(halves(), NAMES, [0, 1, 3], range(5))
    by_line = {swap.without: swap for swap in swaps}
    assert "demo" not in by_line, "nothing replaces it"
    assert by_line["size"].use == "size again"
    assert by_line["faint"].use is not None
    changes = [swap.auc_change for swap in swaps]
    assert changes == sorted(changes, reverse=True)
    for swap in swaps:
        assert swap.low < swap.auc_change < swap.high
        assert swap.auc_change >= -NEARLY


def test_the_change_is_the_mean_over_the_halves_with_an_interval_for_their_overlap() -> None:
    parts = halves()
    swap = next(row for row in best_swaps(parts, NAMES, [0, 1], [0, 1, 2]) if row.without == "size")
    changes = np.array([half_auc(part, [0, 2]) - half_auc(part, [0, 1]) for part in parts])
    error = changes.std(ddof=1) * np.sqrt(1 / len(changes) + 1)
    assert swap.auc_change == pytest.approx(changes.mean())
    assert swap.high - swap.low == pytest.approx(2 * 1.96 * error, rel=1e-3)


def test_without_another_feature_a_line_may_be_left_out() -> None:
    swaps = best_swaps(halves(), NAMES, [0, 1, 3, 4], [0, 1, 3, 4])
    assert {(swap.without, swap.use) for swap in swaps} == {("noise", None), ("faint", None)}


def test_few_are_shown_and_a_card_of_one_line_has_none() -> None:
    parts = [
        Half(part.codes[:, [3] * 9], part.tables[:1] * 9, part.y, part.weights) for part in halves()
    ]
    names = [f"faint {place}" for place in range(9)]
    assert len(best_swaps(parts, names, range(8), range(9))) == SHOWN
    assert best_swaps(halves(), NAMES, [0], range(5)) == []


def test_halves_with_one_outcome_are_left_aside() -> None:
    lost = halves(1)[0]
    lost = Half(lost.codes, lost.tables, np.zeros(N), lost.weights)
    assert best_swaps([*halves(), lost], NAMES, [0, 1], range(5)) == best_swaps(
        halves(), NAMES, [0, 1], range(5)
    )
    assert lines_needed([*halves(), lost], [0, 1, 3]) == lines_needed(halves(), [0, 1, 3])
    assert lines_needed([lost], [0]) is None


def test_lines_are_enough_once_they_come_within_a_hundredth_of_all() -> None:
    assert lines_needed(halves(), [0, 1, 3, 4]) == 2
    assert lines_needed(halves(), [4, 3, 1, 0]) == 4
    assert lines_needed(halves(), []) is None


def test_auc_of_a_half_is_that_of_its_terms() -> None:
    (part,) = halves(1)
    assert half_auc(part, [0]) == pytest.approx(roc_auc_score(part.y, part.contributions[:, 0]))
    assert half_auc(part, [0, 1]) > half_auc(part, [0])
