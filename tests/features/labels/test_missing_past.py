"""Old leads of one outcome only are asked about; honest changes of the win rate are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.labels.missing_past import missing_past
from features.tables.problems import Problem

START = pd.Timestamp("2024-01-01")


def found(old: tuple[int, int, int], later: tuple[int, int, int]) -> list[Problem]:
    """So many won, lost and open leads of a year, and of the next; mixed within each."""
    random = np.random.default_rng(0)
    years = [
        random.permutation(np.repeat(["won", "not won", "unknown"], leads))
        for leads in (old, later)
    ]
    days = [
        START + pd.to_timedelta(366 * year + random.integers(0, 365, sum(leads)), unit="D")
        for year, leads in enumerate((old, later))
    ]
    mixed = random.permutation(sum(old) + sum(later))
    moments = pd.Series(days[0].append(days[1])).iloc[mixed].reset_index(drop=True)
    return missing_past(moments, pd.Series(np.concatenate(years)[mixed], dtype=object))


def test_deleted_lost_leads_are_asked_about() -> None:
    (problem,) = found((50, 0, 20), (100, 300, 80))
    assert problem.blocks
    assert problem.message.startswith("1 of the 53 leads before 2025-01-04 with a known outcome")
    assert problem.message.endswith("of those after: old leads that were lost seem to be missing")
    assert str(problem.hint).startswith("export them too, or only the leads since 2025-01-0")


def test_wins_that_were_not_recorded_at_first_are_asked_about() -> None:
    (problem,) = found((0, 200, 0), (100, 300, 0))
    assert problem.message.endswith("old leads that were won seem to be missing")


@pytest.mark.parametrize(
    ("old", "later"),
    [
        ((100, 300, 0), (100, 300, 0)),
        ((100, 100, 0), (50, 350, 0)),  # the win rate fell to a quarter
        ((9, 0, 0), (200, 200, 0)),  # 9 lost leads are expected
        ((15, 0, 0), (20, 300, 0)),  # too few to tell
        ((50, 20, 0), (100, 300, 0)),  # more than a tenth of the lost leads are there
        ((50, 0, 0), (100, 0, 0)),  # nothing was ever lost
        ((0, 0, 50), (0, 0, 50)),
    ],
)
def test_both_outcomes_from_the_beginning_are_honest(
    old: tuple[int, int, int], later: tuple[int, int, int]
) -> None:
    assert found(old, later) == []


def test_leads_without_a_moment_are_not_looked_at() -> None:
    moments = pd.Series([pd.NaT] * 400, dtype="datetime64[us]")
    assert missing_past(moments, pd.Series(["won"] * 200 + ["not won"] * 200)) == []
