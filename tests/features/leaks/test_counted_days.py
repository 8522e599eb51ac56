"""Numbers that count days until the export, and numbers that only look alike."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.leaks.finding import Finding, LeadStatus
from features.leaks.statistics import Coded, code
from features.leaks.until_export import counted_on

DAYS = np.arange(300)


def found(numbers: np.ndarray, days: np.ndarray | None = DAYS) -> list[Finding]:
    """What is found about numbers of leads whose moments are so many days after the first."""
    rows, nothing = len(numbers), np.zeros(len(numbers), dtype=np.int32)
    closed = np.ones(rows, dtype=bool)
    moments = None
    if days is not None:
        moments = pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(days[:rows], unit="D"))
    stage = Coded(nothing + 2, ("any",), False)
    leads = LeadStatus(closed, ~closed, ~closed, nothing, moments, stage, {})
    return counted_on(code(pd.Series(numbers.astype(str), dtype=object)), leads)


@pytest.mark.parametrize(("noise", "is_found"), [(0, True), (40, True), (140, False)])
def test_days_counted_until_the_export_are_found(noise: int, is_found: bool) -> None:
    random = np.random.default_rng(0)
    assert bool(found(400 - DAYS + random.integers(-noise, noise + 1, 300))) == is_found


def test_numbers_that_rise_with_the_date_or_do_not_follow_it_are_honest() -> None:
    assert found(DAYS) == []
    assert found(np.random.default_rng(0).permutation(DAYS)) == []


def test_fifty_leads_with_moments_that_differ_are_needed() -> None:
    assert [bool(found(400 - DAYS[:rows])) for rows in (49, 50)] == [False, True]
    assert found(400 - DAYS, np.zeros(300)) == []
    assert found(400 - DAYS, None) == []
    assert found(np.where(DAYS < 30, "a", "b")) == []
