"""Columns that one step wrote together with a suspect are found, and others are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.leaks import siblings as module
from features.leaks.finding import FILLED_LATE, LATER_DATES, REWRITTEN, Finding
from features.leaks.siblings import errors_saved, siblings
from features.leaks.statistics import Coded, code

ROWS = 1_000
FILLED = Finding("filled when won", 10, "")
random = np.random.default_rng(0)
ON = random.random(ROWS) < 0.3


def column(filled: np.ndarray) -> Coded:
    return code(pd.Series(np.where(filled, "x", None), dtype=object))


def test_a_column_filled_on_the_same_leads_is_a_sibling() -> None:
    off = ON.copy()
    off[:10] = ~off[:10]
    coded = {"Closed by": column(ON), "Contract": column(off), "Phone": column(~ON)}
    found = siblings(coded, {"Closed by": [FILLED]})
    assert set(found) == {"Contract"}
    assert "of the 2" in found["Contract"].sentence or "of the 3" in found["Contract"].sentence
    off[:40] = ~ON[:40]
    assert siblings({**coded, "Contract": column(off)}, {"Closed by": [FILLED]}) == {}
    assert siblings(coded, {"Closed by": [Finding("strong alone", 10, "")]}) == {}


def test_a_column_that_is_nearly_always_filled_has_no_siblings() -> None:
    always = np.ones(ROWS, dtype=bool)
    coded = {"Closed by": column(always), "Source": column(always)}
    assert siblings(coded, {"Closed by": [FILLED]}) == {}


@pytest.mark.parametrize(("wrong", "is_found"), [(40, True), (200, False)])
def test_a_column_that_decides_a_rewritten_one_is_a_sibling(wrong: int, is_found: bool) -> None:
    state = np.where(ON, "closed", "open").astype(object)
    copy = np.where(ON, "done", "to do").astype(object)
    copy[:wrong] = "done"
    coded = {"State": code(pd.Series(state)), "Phase": code(pd.Series(copy))}
    found = siblings(coded, {"State": [Finding(REWRITTEN, 10, "")]})
    assert bool(found) is is_found
    assert siblings(coded, {"State": [FILLED]}) == {}


def test_unrelated_columns_save_no_errors() -> None:
    other = code(pd.Series(np.where(random.random(ROWS) < 0.5, "a", "b"), dtype=object))
    assert errors_saved(other, column(ON)) < 0.01
    assert errors_saved(other, code(pd.Series(["a"] * ROWS))) == 0


def test_a_column_never_filled_without_one_that_closing_fills_is_a_sibling() -> None:
    """The columns of an account that a link leads to, which open leads lack."""
    some = ON & (random.random(ROWS) < 0.4)
    coded = {"Account": column(ON), "Parent": column(some), "Phone": column(~ON)}
    late = Finding(FILLED_LATE, 10, "")
    found = siblings(coded, {"Account": [late]})
    assert set(found) == {"Parent"}
    assert "filled on 0 of" in found["Parent"].sentence
    few = np.zeros(ROWS, dtype=bool)
    few[np.flatnonzero(ON)[:30]] = True  # too few to tell
    assert siblings({**coded, "Parent": column(few)}, {"Account": [late]}) == {}
    nearly = np.arange(ROWS) >= 60  # a join that misses few leads: some of these have a parent
    early = random.random(ROWS) < 0.7
    early[:60] = np.arange(60) < 8
    coded_early = {"Account": column(nearly), "Parent": column(early)}
    assert siblings(coded_early, {"Account": [late]}) == {}
    dated = Finding(LATER_DATES, 12, "")
    assert siblings({"Account": column(ON), "Parent": column(some)}, {"Account": [dated]}) == {}
    assert siblings(coded, {"Account": [FILLED]}) == {}


@pytest.mark.parametrize("leads", [1, 8, 203])
def test_leads_that_two_columns_fill_are_counted_bit_by_bit(leads: int) -> None:
    filled = np.random.default_rng(leads).random((3, leads)) < 0.5
    coded = {
        name: code(pd.Series(np.where(own, "x", None), dtype=object))
        for name, own in zip("abc", filled, strict=True)
    }
    both = module._Filled.of(["a", "b"], coded)
    assert both.rows.tolist() == filled[:2].sum(1).tolist()
    assert both.rows_with(filled[2]).tolist() == (filled[:2] & filled[2]).sum(1).tolist()
    assert both.without({"a"}).rows_with(filled[2]) == (filled[1] & filled[2]).sum()
