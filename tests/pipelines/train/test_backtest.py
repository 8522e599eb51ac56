"""Rolling origin: only what was known on the day is learnt from, and figures are what they say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.errors import LeadReadyError
from model.training.learn import CalibratedModel, Learned
from model.training.logistic import LogisticOnBins
from pipelines.cli.main import main
from pipelines.simulator.company import Settings, simulate_company
from pipelines.simulator.export import write_company
from pipelines.train import backtest as room
from pipelines.train.backtest import SHOWN, cut_days, render, rolling

Seen = list[dict[str, Any]]


def quietly(words: str) -> None:
    assert words


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    company = simulate_company(
        Settings(seed=8, leads=3_000, events=45_000, months=20, base_rate=0.2)
    )
    return write_company(company, tmp_path_factory.mktemp("company"))


@contextmanager
def quick() -> Iterator[Seen]:
    """Learn a few features by the quick candidate alone, and note down from whom."""
    noted: Seen = []
    split, read = room.split, room.read_snapshot

    def splitting(rows: pd.DataFrame, **how: Any) -> Any:
        noted.append({"rows": rows, "parts": split(rows, **how)})
        return noted[-1]["parts"]

    def reading(*given: Any) -> Any:
        snapshot = read(*given)
        few = [one for one in snapshot.catalogue if one.family in ("role", "firmographic")]
        return replace(snapshot, chosen_features=few)

    def learning(
        X: pd.DataFrame, y: Any, features: Any, train: Any, folds: Any, **how: Any
    ) -> Learned:
        known = X[train].reset_index(drop=True)
        fitted = LogisticOnBins().fit(known, y[train], features=features)
        noted[-1] |= {"train": train, "folds": folds, "y": y}
        one: Any = CalibratedModel(fitted, (1.0, 0.0))
        return Learned(one, one, [], [])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "split", splitting)
        patch.setattr(room, "read_snapshot", reading)
        patch.setattr(
            room,
            "read_definition",
            lambda *given, **how: SimpleNamespace(content={}, directions={}),
        )
        patch.setattr(room, "learn", learning)
        yield noted


@pytest.fixture(scope="module")
def run(folder: Path) -> tuple[dict[str, Any], Seen]:
    with quick() as seen:
        (told,) = rolling(folder, periods=4, progress=quietly)["rolling"]
    return told, seen


@pytest.fixture
def seen() -> Iterator[Seen]:
    with quick() as noted:
        yield noted


def test_each_training_knows_only_what_was_known_on_its_day(
    run: tuple[dict[str, Any], Seen],
) -> None:
    told, seen = run
    assert len(seen) == 5  # four days and the workspace's own test
    for one, period in zip(seen, told["periods"], strict=False):
        begin, end = (pd.Timestamp(period[key]) for key in ("from", "until"))
        rows, train, test = one["rows"], one["train"], one["parts"].test
        assert (rows["mature_at"][train] <= begin).all()
        assert (rows["as_of"][train] < begin).all()
        assert rows["as_of"][test].between(begin, end, inclusive="left").all()
        assert not set(rows["person_id"][train]) & set(rows["person_id"][test])
        assert not set(rows["account_id"][train].dropna()) & set(rows["account_id"][test].dropna())
        assert period["n_train"] == train.sum()
        assert period["won_test"] == one["y"][test].sum()
        for fold in one["folds"]:
            assert (rows["mature_at"][fold.train] <= fold.test_from).all()
    assert [one["until"] for one in told["periods"][:-1]] == [
        one["from"] for one in told["periods"][1:]
    ]
    assert told["n_test"] == sum(one["n_test"] for one in told["periods"])


def test_pooled_figures_and_their_difference_to_the_random_split(
    run: tuple[dict[str, Any], Seen],
) -> None:
    told, _ = run
    for part in ("pooled", "yardstick", "random", "flatters_by"):
        assert set(told[part]) == set(SHOWN)
    auc = {part: told[part]["auc"]["value"] for part in ("pooled", "random", "flatters_by")}
    assert auc["flatters_by"] == pytest.approx(auc["random"] - auc["pooled"])
    low, high = (told["pooled"]["auc"][end] for end in ("low", "high"))
    assert low < auc["pooled"] < high
    assert 0.5 < auc["pooled"] < 0.95
    words = render({"rolling": [told]})
    assert f"{auc['pooled']:.3f}" in words
    assert "random split (flatters)" in words


def test_the_random_split_has_seen_the_same_weeks_and_flatters_where_the_world_drifts(
    tmp_path: Path, seen: Seen
) -> None:
    dials = {"leads": 5_000, "events": 75_000, "months": 24, "base_rate": 0.2, "drift": 4.0}
    write_company(simulate_company(Settings(seed=4, **dials)), tmp_path)
    (told,) = rolling(tmp_path, progress=quietly)["rolling"]
    ratio = {part: told[part]["expected_wins_ratio"]["value"] for part in ("pooled", "random")}
    assert ratio["pooled"] < 0.8, "what is learnt from the past promises too little"
    assert abs(ratio["random"] - 1) < abs(ratio["pooled"] - 1)
    assert told["flatters_by"]["log_loss"]["high"] < 0


def test_leads_are_judged_so_many_days_on(folder: Path, seen: Seen) -> None:
    told = rolling(folder, days=[0, 5], progress=quietly)["rolling"]
    assert [one["days"] for one in told] == [0, 5]
    first, later = (one["rows"]["as_of"] for one in (seen[0], seen[4]))
    assert (later.min() - first.min()) >= pd.Timedelta(days=4)


def test_periods_hold_equally_many_leads_and_begin_when_enough_is_known() -> None:
    days = pd.date_range("2024-01-01", periods=400).astype("datetime64[us]")
    rows = pd.DataFrame({"as_of": days, "mature_at": days + pd.Timedelta(days=60)})
    y = np.arange(400) % 3 == 0
    edges = cut_days(rows, y, 4)
    known = (rows["mature_at"] <= edges[0]).to_numpy()
    assert known.sum() >= 80
    assert y[known].sum() >= 20
    counts = np.histogram(days.astype(np.int64), pd.DatetimeIndex(edges).astype(np.int64))[0]
    assert counts.max() - counts.min() <= 2


def test_too_little_history_and_no_dates_are_told_with_a_way_out(folder: Path) -> None:
    days = pd.date_range("2024-01-01", periods=100).astype("datetime64[us]")
    rows = pd.DataFrame({"as_of": days, "mature_at": days + pd.Timedelta(days=365)})
    with pytest.raises(LeadReadyError, match="too little history"):
        cut_days(rows, np.arange(100) % 2, 3)
    nothing = rows.assign(as_of=pd.NaT, mature_at=pd.NaT)
    with pytest.raises(LeadReadyError, match="no dates"):
        cut_days(nothing, np.arange(100) % 2, 3)
    with pytest.raises(LeadReadyError, match="too few"):
        rolling(folder, periods=2, progress=quietly)


def test_the_command_refuses_days_that_are_none(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for days in ("a", "-1", ""):
        with pytest.raises(SystemExit):
            main(["rolling", "-w", str(folder), "--days", days])
    assert "--days" in capsys.readouterr().err


def test_wins_that_do_not_hold_over_the_periods_make_the_answer_no(
    run: tuple[dict[str, Any], Seen], monkeypatch: pytest.MonkeyPatch
) -> None:
    told, _ = run
    gate = told["gate"]
    assert set(gate) == {"name", "passed", "observed", "required", "hint"}
    ratio = told["pooled"]["expected_wins_ratio"]["value"]
    assert gate["observed"].startswith(f"predicted wins {ratio:.0%}")
    refused = {**told, "gate": {**gate, "passed": False, "hint": "look"}}
    assert "\nNO   calibrated: predicted wins" in render({"rolling": [refused]})
    for answer, code in ((told | {"gate": {**gate, "passed": True}}, 0), (refused, 1)):
        monkeypatch.setattr(room, "rolling", lambda *given, one=answer, **how: {"rolling": [one]})
        assert main(["rolling", "--json"]) == code


def test_pooled_is_measured_on_all_periods_together(run: tuple[dict[str, Any], Seen]) -> None:
    told, _ = run
    sizes = [one["n_test"] for one in told["periods"]]
    losses = [one["metrics"]["log_loss"]["value"] for one in told["periods"]]
    pooled = told["pooled"]["log_loss"]["value"]
    assert pooled == pytest.approx(np.average(losses, weights=sizes), rel=1e-6)
