"""Columns that are written on after closing for one outcome only, and ways of writing of the won."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.leaks.audit import audit_columns

ROWS = np.arange(2_000)
RANDOM = np.random.default_rng(0)
WON = RANDOM.random(len(ROWS)) < 0.3
OUTCOME = pd.Series(np.where(WON, "won", "not won"))
AS_OF = pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(ROWS // 4, unit="D"))
AGE = (2_000 - ROWS) / 2_000


def suspected(values: object) -> bool:
    raw = pd.DataFrame({"Column": np.asarray(values).astype(str).astype(object)})
    return bool(audit_columns(raw, OUTCOME, as_of=AS_OF))


@pytest.mark.parametrize("written", [WON, ~WON])
def test_counts_that_go_on_for_one_outcome_are_found(written) -> None:
    assert suspected(RANDOM.poisson(0.5 + 4 * AGE * written))


def test_counts_that_change_over_time_for_all_are_not() -> None:
    assert not suspected(RANDOM.poisson(0.5 + 4 * AGE))
    assert not suspected(RANDOM.poisson(0.5 + 0.3 * WON))


def test_a_way_of_writing_that_won_leads_have_far_more_often_is_found() -> None:
    number = pd.Series(RANDOM.integers(10**6, 10**7, len(ROWS)).astype(str))
    for of_won, found in ((0.7, True), (0.45, False)):
        late = RANDOM.random(len(ROWS)) < np.where(WON, of_won, 0.35)
        assert suspected(number.mask(late, "+49 " + number)) == found
