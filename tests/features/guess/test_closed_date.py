"""Which date says when a lead was closed: the one that closed leads have and open ones do not."""

from __future__ import annotations

import pandas as pd
import pytest

from features.guess.closed_date import guess_closed
from features.guess.columns import guess_columns

RESULTS = pd.Series(["won", "not won", "unknown"] * 30)
OPEN = RESULTS.eq("unknown")
DATES = pd.Series(pd.date_range("2024-01-03", periods=90).strftime("%Y-%m-%d"), dtype=object)
CLOSED = DATES.mask(OPEN, None)


def closed(**columns: pd.Series) -> str | None:
    raw = pd.DataFrame({name.replace("_", " "): column for name, column in columns.items()})
    return guess_closed(raw, guess_columns(raw), RESULTS, set())


@pytest.mark.parametrize("heading", ["Closed Time", "Abgeschlossen am", "close date", "column 4"])
def test_closed_leads_have_the_date_and_open_ones_do_not(heading: str) -> None:
    columns = {"Modified Time": DATES, "Won Time": DATES.where(RESULTS.eq("won"), None)}
    assert closed(**columns, **{heading: CLOSED}) == heading


def test_a_planned_closing_date_is_none() -> None:
    assert closed(Expected_Close_Date=DATES, Update_time=DATES) is None
    assert closed(Close_Date=DATES) is None, "open leads have it, so it is a plan"
    assert closed(Won_Time=DATES.where(RESULTS.eq("won"), None)) is None


def test_a_heading_is_enough_if_some_closed_leads_lack_the_date() -> None:
    some = CLOSED.mask(pd.Series(range(90)) % 5 == 0, None)
    assert closed(Closing_Date=some) == "Closing Date"
    assert closed(Visit=some) is None


def test_leads_that_were_opened_again_do_not_hide_a_clear_heading() -> None:
    again = OPEN & (pd.Series(range(90)) % 18 == 2)
    reopened = CLOSED.mask(again, DATES)
    assert 0.1 < reopened[OPEN].notna().mean() < 0.2
    assert closed(Closing_Date=reopened) == "Closing Date"
    assert closed(Visit=reopened) is None
