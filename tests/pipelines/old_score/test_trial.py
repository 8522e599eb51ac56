"""An old score is held against the model on the same leads; the truth beats the model."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.labels.old_scores import AS_ANSWERED, AT_EXPORT, OldScoreValues
from model.serving import Definition
from pipelines.old_score import trial as old_score_trial
from pipelines.old_score.trial import old_score_checks, try_old_scores
from pipelines.old_score.trial_text import old_score_lines, old_score_verdict_text
from pipelines.train.training_json import OldScoreJson

N = 600
RANDOM = np.random.default_rng(1)
CHANCE = RANDOM.beta(1, 3, N)
Y = (RANDOM.random(N) < CHANCE).astype(float)
MODEL = np.clip(CHANCE + RANDOM.normal(0, 0.25, N), 0.01, 0.99)  # sees the truth through noise
RULES: dict[str, Any] = {
    "name": "rules",
    "version": 1,
    "ready_when": {"all": [{"id": "big", "feature": "employees", "at_least": 50}]},
}
AMOUNT = np.where(Y == 1, 1000.0, np.nan)


@pytest.fixture(autouse=True)
def _few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((old_score_trial, "measure"), (old_score_trial, "measure_caught")):
        whole = getattr(module, name)
        monkeypatch.setattr(
            module, name, lambda *a, whole=whole, **more: whole(*a, resamples=60, **more)
        )


def trial_of(
    values: Any, basis: str = AS_ANSWERED, *, per_week: int | None = 10, probability: bool = False
) -> OldScoreJson:
    """Put an old score on trial beside a model that sees the truth through noise."""
    rows = pd.DataFrame(
        {
            "lead_id": [str(n) for n in range(N)],
            "person_id": [f"lead:{n}" for n in range(N)],
            "account_id": None,
            "as_of": pd.date_range("2024-01-01", periods=N, freq="4h"),
        }
    )
    everything = np.ones(N, dtype=bool)
    old = OldScoreValues("Score", np.asarray(values, float), probability, basis)
    handoff = {} if per_week is None else {"handoff": {"per_week": per_week}}
    trained: Any = SimpleNamespace(
        snapshot=SimpleNamespace(
            old_scores=[old], outcomes=pd.DataFrame({"amount": AMOUNT}), moments=rows
        ),
        split=SimpleNamespace(test=everything),
        labelled=SimpleNamespace(places=np.arange(N)),
        test_rows=rows,
        test_y=Y,
        test_weights=None,
        definition=Definition.from_dict({**RULES, **handoff}),
    )
    evaluation: Any = SimpleNamespace(
        predictions={"model": MODEL, "definition": np.full(N, Y.mean())}
    )
    return try_old_scores(trained, evaluation)[0]


def test_an_old_score_that_is_the_truth_beats_the_model() -> None:
    trial = trial_of(CHANCE)
    assert trial["gains"]["auc"]["high"] < 0  # type: ignore[operator]
    check = old_score_checks([trial])[0]
    assert (check.known_state, check.passed) == ("refused", False)
    assert check.hint.startswith("go on with Score")


def test_a_worthless_old_score_loses() -> None:
    trial = trial_of(np.zeros(N))
    assert trial["scorers"]["old_score"]["auc"]["value"] == 0.5
    assert trial["gains"]["wins"]["low"] > 0  # type: ignore[operator]
    assert old_score_checks([trial])[0].known_state == "passed"


def test_equal_scores_cannot_be_told_apart() -> None:
    check = old_score_checks([trial_of(MODEL * 50)])[0]
    assert (check.known_state, check.passed) == ("cannot tell", False)


def test_a_score_that_has_seen_the_outcome_is_named_and_not_compared() -> None:
    trial = trial_of(Y * 100, AT_EXPORT)
    assert trial["scorers"]["old_score"]["auc"]["value"] == 1.0
    assert trial["gains"] == {}
    assert "which may have seen the outcome: this is no fair comparison" in (
        old_score_verdict_text(trial)
    )
    check = old_score_checks([trial])[0]
    assert (check.known_state, check.passed) == ("not asked", True)


def test_wins_and_amounts_are_counted_at_what_sales_can_take() -> None:
    trial = trial_of(CHANCE)
    assert trial["share"] == pytest.approx(10 / 42, rel=0.02)  # six leads a day came in
    assert trial["amount"] == 1000 * Y.sum()
    best = np.argsort(-CHANCE)[: round(trial["share"] * N)]
    wins = trial["scorers"]["old_score"]["wins"]["value"]
    assert wins == pytest.approx(Y[best].sum() / Y.sum(), abs=0.01)
    assert "Sales can take 10 leads a week" in " ".join(old_score_lines(trial))
    assert "the best 20% are shown" in " ".join(old_score_lines(trial_of(CHANCE, per_week=None)))


def test_leads_without_the_score_are_left_out_of_every_scorer() -> None:
    values = np.where(np.arange(N) < 100, np.nan, CHANCE)
    trial = trial_of(values)
    assert (trial["leads"], trial["without"]) == (500, 100)
    whole = trial_of(CHANCE)
    assert trial["scorers"]["model"]["auc"] != whole["scorers"]["model"]["auc"]


def test_calibration_is_shown_of_probabilities_only() -> None:
    ratio = trial_of(CHANCE / 2, probability=True)["scorers"]["old_score"]["expected_wins_ratio"]
    assert ratio["value"] == pytest.approx(CHANCE.sum() / 2 / Y.sum())
    assert "expected_wins_ratio" not in trial_of(CHANCE)["scorers"]["old_score"]


def test_one_outcome_only_gives_no_figures() -> None:
    trial = trial_of(np.where(Y == 1, np.nan, CHANCE))
    assert trial["scorers"]["model"]["auc"]["value"] is None
    assert old_score_checks([trial])[0].known_state == "not asked"
    assert "Too few of these leads" in old_score_verdict_text(trial)


@pytest.mark.parametrize(
    "name", ["Score", "Marketing Lead Score", "Gesamtpunktzahl der Marketingabteilung", "P" * 60]
)
def test_no_name_in_the_table_is_cut_off(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    trial = trial_of(CHANCE / 2, probability=True)
    trial["name"] = name
    trial["scorers"]["points"] = trial["scorers"]["model"]
    lines = old_score_lines(trial)
    table = lines[lines.index("") + 1 :]
    table = table[: table.index("")]
    assert table[0].split("  ")[-3:] == ["wins, top 24%", "money, top 24%", "predicted wins"]
    assert "…" not in "".join(table)
    assert max(map(len, table)) <= 80
    names = [line.split("  ")[0] for line in table]
    assert (names[:3], names[-1]) == (["", "model", "rules alone"], "points by hand")
    assert "".join(names[3:-1]).replace(" ", "") == name.replace(" ", "")
