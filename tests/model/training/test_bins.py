"""Bins that say the same are one bin."""

from __future__ import annotations

import numpy as np
import pandas as pd

from model.estimators.bins import Binning, Term, merge_equal_bins


def test_merging_equal_bins_changes_no_score() -> None:
    term = Term(
        Binning("visits", cuts=np.array([1.0, 2, 5, 9])), np.array([0.3, 0.1, 0.1, 0.4, 0.4, 0.1])
    )
    merged = merge_equal_bins(term)
    assert merged.binning.cuts.tolist() == [2.0, 9.0]
    table = pd.DataFrame({"visits": [np.nan, -1, 0, 1, 2, 4, 5, 8, 9, 99, np.inf, -np.inf]})
    assert (merged.contribution(table) == term.contribution(table)).all()
