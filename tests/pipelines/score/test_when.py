"""When leads are judged: now, or when somebody asks; old data is refused with the reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from features.errors import CheckFailed
from features.field_history.changes import empty_field_history
from features.kept_events.events import Events
from features.tables.read import Tables
from features.workspace.job_schema import Guards
from features.workspace.schema import LeadsSource, Workspace
from pipelines.score import when
from pipelines.score.score import score
from pipelines.score.when import data_time, refuse_old_data, scoring_time, utc_now

Run = Callable[..., Any]
MAY = pd.Timestamp("2026-05-01")


def workspace(extract_at: str | None = None, max_age: float | None = 7) -> Workspace:
    stated = None if extract_at is None else pd.Timestamp(extract_at)
    leads = LeadsSource(file="leads.csv", id="Id")
    guards = Guards(max_age=max_age)
    return Workspace("acme", Path("acme"), leads, extract_at=stated, guards=guards)


def tables(created: str | None, event: str | None = None) -> Tables:
    dates = {"created_at": pd.to_datetime(pd.Series([created], dtype=object))}
    events = pd.DataFrame({"at": pd.to_datetime(pd.Series([event], dtype=object))})
    stages = pd.DataFrame({"at": pd.Series([], dtype="datetime64[us]")})
    return Tables(pd.DataFrame(dates), Events.of(events), stages, [], empty_field_history())


def test_leads_are_judged_now_or_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(when, "utc_now", lambda: MAY)
    assert scoring_time(None, workspace("2020-01-01")) == MAY
    assert scoring_time("2026-03-01T12:00", workspace()) == pd.Timestamp("2026-03-01 12:00")
    in_berlin = pd.Timestamp("2026-03-01 12:00", tz="Europe/Berlin")
    assert scoring_time(in_berlin, workspace()) == pd.Timestamp("2026-03-01 11:00")


def test_the_present_is_in_utc() -> None:
    now = utc_now()  # the real one, as it was imported
    assert now.tzinfo is None
    assert abs(now - pd.Timestamp.now("UTC").tz_localize(None)) < pd.Timedelta(minutes=1)


@pytest.mark.parametrize(
    ("stated", "created", "event", "expected"),
    [
        (None, "2026-04-01", "2026-04-20 10:00", "2026-04-20 10:00"),
        (None, "2026-04-01", "9999-01-01", "2026-04-01"),
        (None, "2026-04-01", "2026-05-02", "2026-04-01"),
        ("2026-04-28", "2026-04-01", None, "2026-04-28"),
        ("2026-01-01", "2026-04-01", None, "2026-04-01"),
        ("2026-06-01", "2026-04-01", None, "2026-04-01"),
        (None, None, None, None),
    ],
)
def test_the_time_of_the_data(
    stated: str | None, created: str | None, event: str | None, expected: str | None
) -> None:
    found = data_time(workspace(stated), tables(created, event), MAY)
    assert pd.isna(found) if expected is None else found == pd.Timestamp(expected)


@pytest.mark.parametrize("age", [0, 6.9, 7])
def test_recent_data_is_scored(age: float) -> None:
    refuse_old_data(workspace(), tables(str(MAY - pd.Timedelta(days=age))), MAY)


def test_old_data_is_refused_unless_the_workspace_allows_it() -> None:
    old = tables("2026-04-01 08:00")
    with pytest.raises(CheckFailed) as caught:
        refuse_old_data(workspace(), old, MAY)
    assert "the data is of 2026-04-01, 29 days before 2026-05-01" in str(caught.value)
    assert "--as-of 2026-04-02" in str(caught.value.hint)
    refuse_old_data(workspace(max_age=30), old, MAY)
    refuse_old_data(workspace(max_age=None), old, MAY)
    refuse_old_data(workspace(), tables(None), MAY)


def test_the_job_on_old_data_ends_with_1_and_leaves_the_old_scores(
    run: Run, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "scores.csv"
    out.write_text("yesterday's", encoding="utf-8")
    monkeypatch.setattr(when, "utc_now", lambda: pd.Timestamp("2026-11-01"))
    answer = run("score", "-w", trained, "--out", out)
    assert (answer.code, answer.data) == (1, "")
    assert "error: " in answer.talk
    assert "31 days before 2026-11-01; at most 7 (guards: max_age" in answer.talk
    assert out.read_text(encoding="utf-8") == "yesterday's"
    with pytest.raises(CheckFailed):
        score(trained)
