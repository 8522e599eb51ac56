"""What columns show by the length of their texts, and by how far they are ahead of the moment."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.leaks.audit import audit_columns
from features.leaks.statistics import code, ranks_of_times
from features.leaks.views import ahead_of_moment, text_lengths
from features.values.different import different

LEADS = 1_000
RANDOM = np.random.default_rng(0)
WON = RANDOM.random(LEADS) < 0.3
AS_OF = pd.Series(pd.date_range("2024-01-01", periods=LEADS, freq="12h"))
CLOSED = AS_OF + pd.Series(pd.to_timedelta(RANDOM.integers(20, 90, LEADS), unit="D"))


def evidence(column: pd.Series, as_of: pd.Series | None = AS_OF) -> list[str]:
    """Audit a column of closed leads."""
    outcome = pd.Series(np.where(WON, "won", "not won"), dtype=object)
    raw = pd.DataFrame({"Column": column}, dtype=object)
    return [text for each in audit_columns(raw, outcome, as_of=as_of) for text in each.evidence]


def texts(lengths: np.ndarray) -> pd.Series:
    """Texts of so many letters, hardly two of which are alike."""
    letters = np.array([*"abcdefgh "])
    return pd.Series(["".join(RANDOM.choice(letters, length)) for length in lengths])


def test_comments_that_grow_when_a_lead_is_won_are_suspected() -> None:
    sentence, *_ = evidence(texts(RANDOM.poisson(np.where(WON, 60, 30))))
    assert sentence.startswith("of the lengths of its texts: alone it separates won leads")


def test_comments_of_any_length_are_not() -> None:
    assert evidence(texts(RANDOM.poisson(30, LEADS))) == []


@pytest.mark.parametrize("prefix", ["", "C-"])
def test_a_number_given_when_a_lead_is_won_is_suspected(prefix: str) -> None:
    rank = AS_OF.mask(WON, CLOSED).rank(method="first").astype(int)
    (sentence,) = evidence(prefix + (rank + 10_000).astype(str))
    assert sentence.startswith("of how far its values are ahead of the moment: alone it separates")


@pytest.mark.parametrize("prefix", ["", "C-"])
def test_a_number_given_as_leads_come_in_is_not(prefix: str) -> None:
    assert evidence(prefix + pd.Series(range(10_000, 10_000 + LEADS)).astype(str)) == []


def test_the_quarter_of_the_closing_is_suspected_and_that_of_the_moment_is_not() -> None:
    def quarter(when: pd.Series) -> pd.Series:
        return "Q" + when.dt.quarter.astype(str) + " " + when.dt.year.astype(str)

    assert any("ahead of the moment" in text for text in evidence(quarter(AS_OF.mask(WON, CLOSED))))
    assert evidence(quarter(AS_OF)) == []


def test_without_moments_nothing_is_ahead() -> None:
    numbers = pd.Series(range(LEADS)).astype(str)
    assert ahead_of_moment(different(numbers), code(numbers), None) is None
    assert ahead_of_moment(different(numbers), code(numbers), ranks_of_times(AS_OF)) is not None


@pytest.mark.parametrize(("noise", "runs_on"), [(0.5, True), (1.0, False)])
def test_values_run_on_if_they_mostly_follow_the_moment(noise: float, runs_on: bool) -> None:
    """Beside a spread of 1 of the moments, noise of so much: correlations of 0.9 and 0.7."""
    spread = np.linspace(-1.7, 1.7, LEADS)
    numbers = pd.Series((1e6 + 1e5 * (spread + noise * RANDOM.normal(size=LEADS))).round())
    column = numbers.astype(int).astype(str)
    assert (
        ahead_of_moment(different(column), code(column), ranks_of_times(AS_OF)) is not None
    ) is runs_on


@pytest.mark.parametrize(("leads", "enough"), [(199, False), (200, True)])
def test_two_hundred_values_have_to_run_on(leads: int, enough: bool) -> None:
    column = pd.Series(range(LEADS)).astype(str).where(np.arange(LEADS) < leads)
    assert (
        ahead_of_moment(different(column), code(column), ranks_of_times(AS_OF)) is not None
    ) is enough


@pytest.mark.parametrize(("rare", "is_text"), [(60, True), (40, False)])
def test_half_of_the_texts_have_to_be_rare(rare: int, is_text: bool) -> None:
    column = pd.Series(["often"] * (100 - rare) + [f"text {n}" + "a" * n for n in range(rare)])
    lengths = text_lengths(different(column), code(column))
    assert (lengths is not None) is is_text


def test_missing_texts_have_no_length() -> None:
    column = pd.Series([*texts(np.arange(1, 300)), None])
    lengths = text_lengths(different(column), code(column))
    assert lengths is not None
    assert lengths.values[[0, 298]].tolist() == ["1", "299"]
    assert lengths.places.tolist() == [*range(299), -1]
