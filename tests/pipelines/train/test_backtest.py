"""Backtest: each model learns only what was known on its day, and the metrics add up."""

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
from model.card.card import LogisticCard
from model.serving import Tolerance
from model.training.learn import Learned
from model.training.learning_data import CalibratedModel, LearningData
from model.training.splits import split_leads
from pipelines.cli.main import main
from pipelines.labelled import Labelled
from pipelines.level.kept_level import with_level_kept
from pipelines.simulator.company import Settings, simulate_company
from pipelines.simulator.export import write_company
from pipelines.snapshot import Snapshot
from pipelines.train import backtest as module
from pipelines.train.backtest import SHOWN, backtest, cut_days
from pipelines.train.backtest_text import backtest_text

Trainings = list[dict[str, Any]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    company = simulate_company(
        Settings(seed=8, leads=2_500, events=37_500, months=20, base_rate=0.2)
    )
    return write_company(company, tmp_path_factory.mktemp("company"))


@contextmanager
def quick() -> Iterator[Trainings]:
    """Learn from a few features by the quick candidate alone, and record every training."""
    trainings: Trainings = []
    try_split, read = module._try_split, module.read_snapshot

    def trying(snapshot: Snapshot, definition: Any, parts: Any, *rest: Any) -> Any:
        labelled = snapshot.labelled
        trainings.append({"rows": labelled.rows, "y": labelled.y, "parts": parts})
        return try_split(snapshot, definition, parts, *rest)

    def reading(*given: Any) -> Snapshot:
        snapshot = read(*given)
        features = [
            feature for feature in snapshot.catalogue if feature.family in ("role", "firmographic")
        ]
        return replace(snapshot, chosen_features=features)

    def learning(data: LearningData, parts: Any, folds: Any) -> Learned:
        train = parts.train
        card = data.fit_card(LogisticCard, train, None, data.choose(train, None, splits=2))
        trainings[-1] |= {"train": train, "folds": folds}
        model: Any = CalibratedModel(card, (1.0, 0.0))
        return Learned(model, model, [], [], [], [])

    agreed = SimpleNamespace(content={}, directions={}, tolerance=Tolerance())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_try_split", trying)
        patch.setattr(module, "read_snapshot", reading)
        patch.setattr(Snapshot, "definition", lambda self: agreed)
        patch.setattr(module, "learn", learning)
        yield trainings


@pytest.fixture(scope="module")
def run(folder: Path) -> tuple[dict[str, Any], Trainings]:
    with quick() as trainings:
        (result,) = backtest(folder, periods=4)["backtest"]
    return result, trainings


@pytest.fixture
def trainings() -> Iterator[Trainings]:
    with quick() as recorded:
        yield recorded


def test_each_training_knows_only_what_was_known_on_its_day(
    run: tuple[dict[str, Any], Trainings],
) -> None:
    result, trainings = run
    assert len(trainings) == 5  # four days and the workspace's own test
    for training, period in zip(trainings, result["periods"], strict=False):
        begin, end = (pd.Timestamp(period[key]) for key in ("from", "until"))
        rows, train, test = training["rows"], training["train"], training["parts"].test
        assert (rows["mature_at"][train] <= begin).all()
        assert (rows["as_of"][train] < begin).all()
        assert rows["as_of"][test].between(begin, end, inclusive="left").all()
        assert not set(rows["person_id"][train]) & set(rows["person_id"][test])
        assert not set(rows["account_id"][train].dropna()) & set(rows["account_id"][test].dropna())
        assert period["n_train"] == train.sum()
        assert period["won_test"] == training["y"][test].sum()
        for fold in training["folds"]:
            assert (rows["mature_at"][fold.train] <= fold.test_from).all()
    ends = [period["until"] for period in result["periods"]]
    assert ends[:-1] == [period["from"] for period in result["periods"][1:]]
    assert result["n_test"] == sum(period["n_test"] for period in result["periods"])


def test_optimism_is_the_difference_between_the_random_split_and_all_periods(
    run: tuple[dict[str, Any], Trainings],
) -> None:
    result, _ = run
    for part in ("pooled", "yardstick", "random", "optimism"):
        assert set(result[part]) == set(SHOWN)
    auc = {part: result[part]["auc"]["value"] for part in ("pooled", "random", "optimism")}
    assert auc["optimism"] == pytest.approx(auc["random"] - auc["pooled"])
    low, high = (result["pooled"]["auc"][end] for end in ("low", "high"))
    assert low < auc["pooled"] < high
    assert 0.5 < auc["pooled"] < 0.95
    text = backtest_text({"backtest": [result]})
    assert f"{auc['pooled']:.2f} ({low:.2f}–{high:.2f})" in text
    assert f"Random split minus all periods: AUC {auc['optimism']:.2f}" in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_a_random_split_is_too_optimistic_where_the_world_drifts(
    tmp_path: Path, trainings: Trainings
) -> None:
    drifting = Settings(seed=4, leads=4_000, events=60_000, months=24, base_rate=0.25, drift=4.0)
    write_company(simulate_company(drifting), tmp_path)
    (result,) = backtest(tmp_path)["backtest"]
    ratio = {part: result[part]["expected_wins_ratio"]["value"] for part in ("pooled", "random")}
    assert ratio["pooled"] < 0.8, "what is learned from the past predicts too few wins"
    assert abs(ratio["random"] - 1) < abs(ratio["pooled"] - 1)
    assert result["optimism"]["log_loss"]["high"] < 0
    kept = result["level_kept"]
    assert kept["moves"] > 0
    assert abs(kept["metrics"]["expected_wins_ratio"]["value"] - 1) < abs(ratio["pooled"] - 1)
    text = backtest_text({"backtest": [result]})
    assert "With the level kept up between trainings" in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_a_level_kept_up_uses_no_outcome_before_it_is_mature(
    run: tuple[dict[str, Any], Trainings],
) -> None:
    """Outcomes that mature after the last test lead was judged change nothing."""
    _, trainings = run
    training = trainings[0]
    rows = training["rows"]
    parts = split_leads(rows, test_from=training["parts"].test_from)
    X = pd.DataFrame({"row": np.arange(len(rows))})

    def kept(y: Any) -> Any:
        labelled = Labelled(rows, X, y, np.arange(len(rows)), {})
        return with_level_kept(labelled, parts, lambda leads: np.full(len(leads), 0.02))

    found = kept(training["y"])
    assert found.moves > 0, "far too few wins are predicted"
    late = (rows["mature_at"] > rows["as_of"][parts.test].max()).to_numpy()
    other = kept(np.where(late, 1 - training["y"], training["y"]))
    assert (other.probability == found.probability).all()
    assert len(found.probability) == parts.test.sum()
    undated = Labelled(rows.assign(mature_at=pd.NaT), X, training["y"], np.arange(len(rows)), {})
    assert with_level_kept(undated, parts, lambda leads: np.full(len(leads), 0.02)).moves == 0


def test_leads_are_judged_some_days_later(folder: Path, trainings: Trainings) -> None:
    results = backtest(folder, days=[0, 5])["backtest"]
    assert [result["days"] for result in results] == [0, 5]
    first, later = (
        training["rows"].set_index("lead_id")["as_of"] for training in (trainings[0], trainings[4])
    )
    moved = (later - first).dropna()
    assert len(moved) > 400
    assert (moved >= pd.Timedelta(days=4)).all()


def test_periods_have_equally_many_leads_and_begin_when_enough_is_known() -> None:
    days = pd.date_range("2024-01-01", periods=400).astype("datetime64[us]")
    rows = pd.DataFrame({"as_of": days, "mature_at": days + pd.Timedelta(days=60)})
    y = np.arange(400) % 3 == 0
    edges = cut_days(rows, y, 4)
    known = (rows["mature_at"] <= edges[0]).to_numpy()
    assert known.sum() >= 80
    assert y[known].sum() >= 20
    counts = np.histogram(days.astype(np.int64), pd.DatetimeIndex(edges).astype(np.int64))[0]
    assert counts.max() - counts.min() <= 2


def test_too_little_history_and_missing_dates_are_errors(folder: Path) -> None:
    days = pd.date_range("2024-01-01", periods=100).astype("datetime64[us]")
    rows = pd.DataFrame({"as_of": days, "mature_at": days + pd.Timedelta(days=365)})
    with pytest.raises(LeadReadyError, match="too little history"):
        cut_days(rows, np.arange(100) % 2, 3)
    undated = rows.assign(as_of=pd.NaT, mature_at=pd.NaT)
    with pytest.raises(LeadReadyError, match="needs dates"):
        cut_days(undated, np.arange(100) % 2, 3)
    with pytest.raises(LeadReadyError, match="too few"):
        backtest(folder, periods=2)


@pytest.mark.parametrize("days", ["a", "-1", ""])
def test_the_command_refuses_what_is_not_a_number_of_days(
    days: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backtest", "--days", days]) == 2
    assert "--days" in capsys.readouterr().err


@pytest.mark.parametrize("passed", [True, False])
def test_the_exit_code_is_1_where_predicted_wins_do_not_hold_over_the_periods(
    passed: bool, run: tuple[dict[str, Any], Trainings], monkeypatch: pytest.MonkeyPatch
) -> None:
    check = run[0]["gate"]
    assert set(check) == {"name", "passed", "observed", "required", "hint", "state"}
    answer = {"backtest": [run[0] | {"gate": {**check, "passed": passed, "hint": "look"}}]}
    monkeypatch.setattr(module, "backtest", lambda *given, **how: answer)
    assert main(["backtest", "--json"]) == (0 if passed else 1)
    text = backtest_text(answer)
    assert f"\n{check['state']:<11}  {check['name']}: " in text
    assert ("hint: look" in text) is not passed


def test_pooled_is_measured_on_all_periods_together(run: tuple[dict[str, Any], Trainings]) -> None:
    result, _ = run
    sizes = [period["n_test"] for period in result["periods"]]
    losses = [period["metrics"]["log_loss"]["value"] for period in result["periods"]]
    pooled = result["pooled"]["log_loss"]["value"]
    assert pooled == pytest.approx(np.average(losses, weights=sizes), rel=1e-6)
