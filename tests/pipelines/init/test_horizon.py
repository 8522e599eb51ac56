"""The horizon that init writes: chosen from the dates of the wins, wherever they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.workspace.conditions import ColumnCondition
from features.workspace.read import read_workspace
from features.workspace.schema import Outcome
from pipelines.init.horizon import guess_horizon
from pipelines.init.init import init

LEADS = 600
NUMBERS = np.arange(LEADS)
CREATED = pd.Series(pd.Timestamp("2023-01-01") + pd.to_timedelta(NUMBERS, unit="D"))
RESULT = pd.Series(np.select([NUMBERS % 3 == 0, NUMBERS % 3 == 1], ["Won", "Lost"], "Talks"))
DAYS = pd.Series(np.where(NUMBERS % 60 == 0, 200, 40 + NUMBERS % 9))  # one win in twenty is late
CLOSED = CREATED + pd.to_timedelta(DAYS, unit="D")


def written(times: pd.Series, which: pd.Series) -> pd.Series:
    return times.dt.strftime("%Y-%m-%d").where(which, "")


def drafted(folder: Path, history: pd.DataFrame | None = None, **columns: pd.Series) -> Outcome:
    leads = pd.DataFrame({"Lead Id": [f"L{n:04}" for n in NUMBERS], "Create Date": CREATED})
    headings = {name.replace("_", " "): column for name, column in columns.items()}
    leads.assign(**headings).to_csv(folder / "leads.csv", index=False)
    if history is not None:
        history.to_csv(folder / "history.csv", index=False)
    files = [folder / "history.csv"] if history is not None else []
    init(folder / "ws", folder / "leads.csv", stages_files=files)
    return read_workspace(folder / "ws").outcome


def test_a_closing_date_gives_the_date_of_wins_and_the_horizon(tmp_path: Path) -> None:
    outcome = drafted(tmp_path, Stage=RESULT, Closed=written(CLOSED, RESULT.ne("Talks")))
    assert (outcome.won_at, outcome.horizon_days) == ("Closed", 60)
    text = (tmp_path / "ws" / "leadready.yaml").read_text("utf-8")
    assert "horizon_days: 60   # 9" in text, "the share of the wins is the reason"


def test_a_date_that_only_won_leads_have_is_the_date_of_wins(tmp_path: Path) -> None:
    won, lost = RESULT.eq("Won"), RESULT.eq("Lost")
    dates = {"Became_a_Customer": written(CLOSED, won), "Lost_Date": written(CLOSED, lost)}
    outcome = drafted(tmp_path, Stage=RESULT, **dates)
    assert (outcome.won_at, outcome.horizon_days) == ("Became a Customer", 60)


def test_a_stage_history_dates_the_wins(tmp_path: Path) -> None:
    ids = pd.Series([f"L{n:04}" for n in NUMBERS])
    history = pd.DataFrame({"Lead Id": ids, "Stage": RESULT, "Changed at": CLOSED})
    new = history.assign(**{"Stage": "New", "Changed at": CREATED})
    outcome = drafted(tmp_path, pd.concat([new, history]))
    assert outcome.won_when == ColumnCondition("Stage", "one_of", ("Won",))
    assert outcome.horizon_days == 60


def test_without_dates_of_wins_nothing_is_set(tmp_path: Path) -> None:
    outcome = drafted(tmp_path, Stage=RESULT, Modified=written(CLOSED, RESULT.ne("")))
    assert (outcome.won_at, outcome.horizon_days) == (None, None)


@pytest.mark.parametrize(
    ("days", "extract", "expected"),
    [
        (20, "2025-06-01", 30),
        (100, "2025-06-01", 120),
        (100, "2024-04-01", 120),
        (400, "2027-01-01", 545),
    ],
)
def test_the_shortest_usual_horizon_catches_nine_in_ten(
    days: int, extract: str, expected: int
) -> None:
    won = RESULT.eq("Won")
    won_at = (CREATED + pd.Timedelta(days=days)).where(won)
    found = guess_horizon(CREATED, won, won_at, pd.Timestamp(extract))
    assert found is not None
    assert found.days == expected


def test_a_horizon_leaves_half_of_the_leads_and_says_what_it_misses() -> None:
    won = RESULT.eq("Won")
    days = pd.to_timedelta(np.where(NUMBERS % 2, 80, 250), unit="D")
    extract = CREATED.max() + pd.Timedelta(days=1)
    won_at = (CREATED + days).where(won)
    found = guess_horizon(CREATED, won, won_at.where(won_at < extract), extract)
    assert found is not None
    assert found.days <= 300
    young = guess_horizon(CREATED, won, won_at.where(won_at < extract), CREATED[60])
    assert young is None, "leads of two months say nothing on wins of eighty days"


def test_too_few_dated_wins_give_no_horizon() -> None:
    won = pd.Series(NUMBERS < 57) & RESULT.eq("Won")
    won_at = (CREATED + pd.Timedelta(days=10)).where(won)
    assert int(won.sum()) == 19
    assert guess_horizon(CREATED, won, won_at, pd.Timestamp("2025-06-01")) is None


def test_a_year_of_leads_leaves_enough_to_learn_from_before_the_test() -> None:
    """Within 120 days, only the leads of the first weeks would have an outcome by the test."""
    created = pd.Series(pd.date_range("2024-01-01", periods=2_000, freq="4h"))  # 333 days
    number = np.arange(len(created))
    won = pd.Series(number % 4 == 0)
    days = np.where(number % 16 == 0, 110, 60)  # three in four wins come within 60 days
    won_at = (created + pd.to_timedelta(days, unit="D")).where(won)
    found = guess_horizon(created, won, won_at, pd.Timestamp("2024-12-31"))
    assert found is not None
    assert found.days == 90
    assert "the leads are too young for a longer one" in found.reason
