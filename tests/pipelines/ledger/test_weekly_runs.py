"""Leads of the simulated company are followed over 12 weekly runs by three versions."""

from __future__ import annotations

import shutil
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

from features.kept_events.events import Events
from model.registry.registry import Contents, Registry
from pipelines.ledger.changes import changes
from pipelines.ledger.history import history, point_changes
from pipelines.ledger.ledger import Ledger
from pipelines.ledger.uplift import uplift
from pipelines.score import score
from pipelines.score.capacity import week_start
from pipelines.score.job import write_scores
from pipelines.snapshot import Snapshot, read_snapshot
from tests.pipelines.shared_parts import unshared_parts
from verification.job.kills import PASSED, move_level

MONDAYS = pd.date_range("2026-07-06", periods=12, freq="7D")
PER_WEEK = 8  # in the definition of the company


class Weeks(NamedTuple):
    """What 12 runs left."""

    folder: Path
    rows: pd.DataFrame
    cards: dict[str, Any]


def other_points(folder: Path) -> None:
    """Register a version with other points, and make it champion."""
    registry = Registry.for_workspace(folder)
    loaded = registry.load()
    card = {key: value for key, value in loaded.scorecard.items() if key != "version"}
    lines = [
        {**line, "points": [2 * points for points in line["points"]]} for line in card["lines"]
    ]
    files = loaded.definition, loaded.catalogue, loaded.evaluation
    version = registry.log(Contents({**card, "lines": lines[:-1]}, *files, "0" * 64))
    registry.promote(version, PASSED)


def some_leads(snapshot: Snapshot) -> Snapshot:
    """Keep the leads of the last months, and a few of the older ones."""
    tables = snapshot.tables
    recent = tables.leads["created_at"] > MONDAYS[0] - pd.Timedelta(days=60)
    leads = tables.leads[recent].reset_index(drop=True)
    events = tables.events[tables.events["person_id"].isin(leads["person_id"])]
    stages = tables.stages[tables.stages["lead_id"].isin(leads["lead_id"])]
    vars(snapshot)["tables"] = replace(
        tables,
        leads=leads,
        kept_events=Events.of(events.reset_index(drop=True)),
        stages=stages.reset_index(drop=True),
    )
    return snapshot


@pytest.fixture(scope="module")
def weeks(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Weeks:
    runs = shutil.ignore_patterns("ledger.duckdb*", ".ledger.duckdb*")
    to = tmp_path_factory.mktemp("weeks") / "company"
    folder = Path(shutil.copytree(trained, to, ignore=runs))
    snapshot = some_leads(read_snapshot(folder))
    with unshared_parts(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(score, "read_snapshot", lambda *_: snapshot)  # its tables are read once
        for number, monday in enumerate(MONDAYS):
            if number == 4:
                move_level(folder)
            if number == 8:
                other_points(folder)
            options: dict[str, Any] = {
                "unsigned": True,
                "forced": ["max_age", "fewer_leads", "fewer_events", "bad_dates"],
            }
            out = folder / f"{monday:%Y-%m-%d}.csv"
            write_scores(folder, out=out, as_of=f"{monday:%Y-%m-%d}", **options)
    ledger = Ledger.of(snapshot.workspace)
    return Weeks(folder, ledger.rows("true"), ledger.cards())


def test_the_runs_were_made_by_three_versions(weeks: Weeks) -> None:
    assert weeks.rows.groupby("as_of")["model"].nunique().to_list() == [1] * len(MONDAYS)
    assert weeks.rows["model"].nunique() == 3


def test_the_changes_between_any_two_runs_add_up_to_the_point(weeks: Weeks) -> None:
    runs = weeks.rows.groupby("lead")
    followed = runs.size()[lambda size: size == len(MONDAYS)].index
    assert len(followed) >= 8
    moved = 0
    for lead in followed[:: max(1, len(followed) // 8)]:
        records = runs.get_group(lead).to_dict("records")
        for before, after in combinations(records, 2):
            parts = point_changes(before, after, weeks.cards)
            total = sum(part.points for part in parts)
            assert total == pytest.approx(after["score"] - before["score"], abs=1e-9), lead
            moved += bool(parts)
    assert moved > 50


def test_the_printed_history_adds_up_as_well(weeks: Weeks) -> None:
    spread = weeks.rows.groupby("lead")["score"].agg(np.ptp)
    lead = str(spread.idxmax())
    answer = history(weeks.folder, lead)
    rows = weeks.rows[weeks.rows["lead"] == lead]
    added = sum(change.points for step in answer.steps for change in step.changes)
    assert added == pytest.approx(rows["score"].iloc[-1] - rows["score"].iloc[0], abs=1e-9)


@pytest.mark.parametrize("monday", [MONDAYS[1], MONDAYS[5], MONDAYS[9]])
def test_changes_are_the_leads_whose_decision_differs(weeks: Weeks, monday: pd.Timestamp) -> None:
    found = {change.lead for change in changes(weeks.folder, f"{monday:%Y-%m-%d}").leads}
    last = weeks.rows.groupby("lead")["decision"].last()
    before = weeks.rows[weeks.rows["as_of"] < monday].groupby("lead")["decision"].last()
    assert found == set(before.index[before != last[before.index]])
    assert found


def test_each_week_hands_off_what_sales_can_take_and_nobody_twice(weeks: Weeks) -> None:
    handed = weeks.rows[weeks.rows["decision"].isin(["hand off", "explore"])]
    a_week = handed.groupby(handed["as_of"].map(week_start)).size()
    assert a_week.max() <= PER_WEEK
    assert a_week.sum() > 6 * PER_WEEK
    crm_knows = read_snapshot(weeks.folder).workspace.outcome.with_sales_when is not None
    assert crm_knows or not handed["lead"].duplicated().any()


def test_what_the_ranking_is_worth_is_read_from_ledger_and_outcomes(
    weeks: Weeks, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = weeks.rows.drop_duplicates("lead")
    long_ago = first.assign(as_of=first["as_of"] - pd.Timedelta(days=60))  # horizons have passed
    way = np.where(np.arange(len(first)) % 2, "hand off", "explore")
    hand_offs = long_ago[["lead", "as_of"]].assign(decision=way, explore_chance=0.5)
    monkeypatch.setattr(Ledger, "first_hand_offs", lambda self: hand_offs)
    found = uplift(weeks.folder)
    assert found.ranked.leads + found.drawn.leads == len(first)
    assert 0 < found.drawn.known < found.drawn.leads
    assert found.ranked.rate.value == found.ranked.won / found.ranked.known
    assert found.to_json()["drawn"]["known"] == found.drawn.known
