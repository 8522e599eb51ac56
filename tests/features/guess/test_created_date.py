"""Which date says when a lead was created: found from the data, ranked by the headings."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.guess.columns import guess_columns
from features.guess.created_date import guess_created, guess_handoff

FIRST = pd.date_range("2024-01-03", periods=60, freq="3D").to_series(index=range(60))


def days(start: pd.Series, later: int = 0, every: int = 1) -> list[str | None]:
    texts = (start + pd.Timedelta(days=later)).dt.strftime("%Y-%m-%d").astype(object)
    return [text if row % every == 0 else None for row, text in enumerate(texts)]


def created(columns: dict[str, list[str | None]], option: str | None = None) -> str | None:
    raw = pd.DataFrame(columns, dtype=object)
    return guess_created(raw, guess_columns(raw), option)


@pytest.mark.parametrize(
    "heading",
    [
        *("trial_start", "Erstellt am", "Create Date", "Date Added", "CreatedDate", "Fecha", "dt"),
        *("Date de création", "Дата создания", "作成日時", "Oluşturma Tarihi", "column 7"),
    ],
)
def test_the_earliest_date_that_every_lead_has_is_the_created_one(heading: str) -> None:
    columns = {
        "Close Date": days(FIRST, 40, every=2),
        "Last Modified": days(FIRST, 50),
        "Demo": days(FIRST, 5, every=3),
        heading: days(FIRST),
    }
    assert created(columns) == heading


@pytest.mark.parametrize("heading", ["Geburtsdatum", "Birthdate", "x"])
def test_birthdays_and_founding_dates_are_never_taken(heading: str) -> None:
    random = np.random.default_rng(1)
    births = pd.Series(
        pd.Timestamp(1950, 1, 1) + pd.to_timedelta(random.integers(1, 18000, 60), "D")
    )
    assert created({heading: days(births), "When": days(FIRST)}) == "When"
    assert created({heading: days(births)}) is None


def test_dates_in_the_future_and_dates_of_later_steps_are_never_taken() -> None:
    ahead = FIRST - FIRST.min() + pd.Timestamp.now().normalize() + pd.Timedelta(days=30)
    assert created({"Visit": days(ahead)}) is None
    assert created({"Expected Close Date": days(FIRST)}) is None
    assert created({"Visit": days(FIRST, 9), "Closing Date": days(FIRST)}) is None


def test_a_heading_that_says_created_wins_over_an_earlier_date() -> None:
    assert created({"First Visit": days(FIRST, -9), "Created": days(FIRST)}) == "Created"
    assert created({"Account Created": days(FIRST, -9), "Created": days(FIRST)}) == "Created"


def test_of_two_dates_that_say_created_the_earlier_is_taken() -> None:
    assert created({"Date Added": days(FIRST, 2), "Date Entered": days(FIRST)}) == "Date Entered"


def test_where_two_fit_the_error_names_both_and_the_option() -> None:
    mixed = FIRST + pd.to_timedelta([2, -2] * 30, "D")
    with pytest.raises(LeadReadyError) as caught:
        created({"Visit": days(FIRST), "Request": days(mixed)})
    assert caught.value.what == (
        "2 columns could say when a lead was created: 'Visit' is the earliest for 50% and "
        "'Request' is the earliest for 50%"
    )
    assert caught.value.hint == "say which: --created 'Visit' or --created 'Request'"


def test_the_option_decides_and_is_checked() -> None:
    columns = {"Created": days(FIRST), "Day": days(FIRST, 3), "City": ["Rome", "Bonn"] * 30}
    assert created(columns, "Day") == "Day"
    with pytest.raises(LeadReadyError, match=r"--created: unknown .* did you mean 'Day'"):
        created(columns, "Dai")
    with pytest.raises(LeadReadyError, match="'City' does not hold dates"):
        created(columns, "City")


def test_leads_without_any_date_yet_do_not_hide_the_created_one() -> None:
    started, closed = days(FIRST), days(FIRST, 40, every=2)
    for row in range(0, 60, 9):  # not taken up yet
        started[row] = closed[row] = None
    assert created({"Engage Date": started, "Close Date": closed}) == "Engage Date"
    assert created({"Visit": days(FIRST, every=2)}) is None


def test_the_handoff_is_found() -> None:
    dates = ["2024-01-01", "2024-02-01"] * 5
    raw = pd.DataFrame({"created_at": dates, "handed_off_at": dates}, dtype=object)
    assert guess_handoff(guess_columns(raw)) == "handed_off_at"


@pytest.mark.parametrize(
    "headings",
    [
        ("Data da primeira conversão", "Data da última conversão"),
        ("First conversion date", "Recent conversion date"),
        ("Fecha de la primera conversión", "Fecha de la última conversión"),
        ("Date de première conversion", "Date de dernière conversion"),
        ("Datum der ersten Konvertierung", "Datum der letzten Konvertierung"),
    ],
)
def test_the_first_conversion_is_when_a_lead_came_in(headings: tuple[str, str]) -> None:
    days = pd.Series(pd.date_range("2024-01-01", periods=40))
    raw = pd.DataFrame(dict(zip(headings, (days, days + pd.Timedelta(days=9)), strict=True)))
    raw = raw.astype(str).astype(object)
    assert guess_created(raw, guess_columns(raw), None) == headings[0]


def test_a_question_names_the_likeliest_of_many_columns() -> None:
    days = pd.Series(pd.date_range("2024-01-01", periods=40))
    random = np.random.default_rng(0)
    raw = pd.DataFrame(
        {
            f"Added {number}": days + pd.to_timedelta(random.integers(0, 90, 40), unit="D")
            for number in range(30)
        }
    )
    raw = raw.astype(str).astype(object)
    with pytest.raises(LeadReadyError, match="30 columns could say") as caught:
        guess_created(raw, guess_columns(raw), None)
    assert str(caught.value.hint).count("--created") == 6
