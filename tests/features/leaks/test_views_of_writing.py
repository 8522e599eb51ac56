"""Values that were written anew show by the way they are written."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.leaks.audit import audit_columns
from features.leaks.views import ways_of_values

LEADS = 1_200


def suspected(late: pd.Series, early: pd.Series, share: float) -> list[str]:
    """Audit a column that is written anew for so many of the closed leads."""
    random = np.random.default_rng(0)
    status = random.choice(["won", "not won", "unknown"], LEADS, p=[0.25, 0.5, 0.25])
    anew = (status != "unknown") & (random.random(LEADS) < share)
    as_of = pd.Series(pd.date_range("2024-01-01", periods=LEADS, freq="h"))
    suspects = audit_columns(
        pd.DataFrame({"Column": late.where(anew, early)}, dtype=object),
        pd.Series(status, dtype=object),
        as_of=as_of,
    )
    return [sentence for suspect in suspects for sentence in suspect.evidence]


def numbers(step: int) -> pd.Series:
    return pd.Series(np.random.default_rng(step).integers(10, 900, LEADS) * step).astype(str)


def test_exact_numbers_in_the_place_of_round_ones_are_suspected() -> None:
    (sentence,) = suspected(numbers(10).map(lambda text: f"{text}.37"), numbers(10), 0.6)
    assert sentence.startswith("of the ways in which values are written:")
    assert "'a number with decimals'" in sentence


def test_words_of_which_hardly_two_are_alike_are_suspected() -> None:
    names = "Name" + numbers(1)
    assert suspected(names.str.upper(), names, 0.6)


@pytest.mark.parametrize("step", [1, 10])
def test_numbers_that_stay_as_they_were_are_not(step: int) -> None:
    assert suspected(numbers(step), numbers(step), 0.6) == []


def test_values_that_the_audit_sees_one_by_one_are_not_named_twice() -> None:
    early = pd.Series(["new", "old"] * (LEADS // 2))
    evidence = suspected(pd.Series(["DONE"] * LEADS), early, 0.6)
    assert evidence
    assert not any("ways in which" in sentence for sentence in evidence)


@pytest.mark.parametrize(
    ("value", "way"),
    [
        ("Köln", "Aa"),
        ("KÖLN", "A"),
        ("0", "a number"),
        ("100", "a round number"),
        ("100.00", "a round number"),
        ("100,50", "a number with decimals"),
        ("-7", "a number"),
        ("a1@b.com", "a9@a.a"),
    ],
)
def test_the_way_of_writing_a_value(value: str, way: str) -> None:
    assert ways_of_values([value]) == [way]
    assert ways_of_values([value, "two\nlines", f" {value} "]) == [way, "a\na", way]
