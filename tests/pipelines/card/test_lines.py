"""The lines of a card: every row of the scorecard, in the order in which people read them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from model.serving import Scorecard
from pipelines.card.lines import read_lines
from tests.pipelines.card.conftest import card_with, line

ARTIFACTS = Path(__file__).parents[2] / "artifacts"


@pytest.mark.parametrize("form", ["1", "2"])
def test_the_rows_are_all_there_is_to_a_score(form: str) -> None:
    """Whoever adds up the card by hand gets the score that is served."""
    scorecard = Scorecard.from_file(ARTIFACTS / f"scorecard_format_{form}.json")
    lines = {line.words: line for line in read_lines(scorecard)}
    leads = pd.read_csv(ARTIFACTS / "leads_format_1.csv")[scorecard.features]
    for (_, lead), score in zip(leads.iterrows(), scorecard.score(leads), strict=True):
        points = [
            row.points
            for reason in scorecard.explain(lead.to_dict())
            for row in lines[reason.words].rows
            if row.label == reason.label
        ]
        assert len(points) == len(lines)
        assert scorecard.start + sum(points) == pytest.approx(score, abs=1e-9)


def test_numbers_ascend_groups_follow_their_points_and_missing_is_last() -> None:
    card = card_with(
        [
            line("size", "firmographic", ["under 50", "50 to 199", "200 or more"], [1, -8, 9, 2]),
            line("source", "origin", [["Web"], ["Partner", "Referral"]], [5, 20, -2, 8]),
        ]
    )
    rows = {part.words: part.rows for part in card.lines}
    assert [row.label for row in rows["size"]] == [
        "under 50",
        "50 to 199",
        "200 or more",
        "unknown",
    ]
    assert [row.label for row in rows["source"]] == [
        "Partner, Referral",
        "Web",
        "any other",
        "unknown",
    ]
    assert [row.missing for row in rows["source"]] == [False, False, False, True]
    assert rows["source"][0].categories == ("Partner", "Referral")
    assert [row.points for row in rows["source"]] == [8, -2, 20, 5]


def test_lines_that_move_scores_most_come_first() -> None:
    rows = ["no", "yes"]
    card = card_with(
        [
            line("rare", "role", rows, [30, 0, 0]),  # 12 leads only
            line("common", "engagement", rows, [0, -5, 5]),
        ]
    )
    assert [part.words for part in card.lines] == ["common", "rare"]
    common, rare = card.lines
    assert (common.part, rare.part) == ("engagement", "fit")
    assert common.moves == pytest.approx(5 * 300 / 312)
    assert (rare.least, rare.most) == (0, 30)


def test_rows_that_change_nothing_are_not_shown_and_missing_says_how_many() -> None:
    content = line("size", "firmographic", ["under 50", "50 or more"], [0, -8, 9])
    (size,) = card_with([content]).lines
    assert [(row.label, row.leads) for row in size.shown_rows] == [
        ("under 50", 100),
        ("50 or more", 200),
        ("unknown", 12),
    ]
    nobody = {**content, "counts": [0, 100, 200], "wins": [0, 1, 2]}
    assert [row.label for row in card_with([nobody]).lines[0].shown_rows] == [
        "under 50",
        "50 or more",
    ]
    worth_points = {**nobody, "points": [-4, -8, 9]}
    assert len(card_with([worth_points]).lines[0].shown_rows) == 3


def test_a_row_without_wins_has_an_interval() -> None:
    content = line("size", "firmographic", ["under 50", "50 or more"], [0, -8, 9])
    (size,) = card_with([{**content, "wins": [0, 0, 2]}]).lines
    rate = size.rows[0].win_rate
    assert (rate.value, rate.low) == (0, pytest.approx(0, abs=1e-9))
    assert rate.high == pytest.approx(0.037, abs=0.001), "Wilson's interval of 0 in 100"
