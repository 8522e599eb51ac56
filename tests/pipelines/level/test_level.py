"""``leadready level``: only the level moves, as a version of its own, and only if it has to."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.errors import LeadReadyError
from model.gate import Gate
from model.registry.registry import Contents, LoadedModel, Registry
from pipelines.brief.explain import explain
from pipelines.level.level import LevelAnswer, level
from pipelines.level.level_text import level_text
from pipelines.level.matured_leads import MaturedLeads, level_at_training, matured_leads
from pipelines.score.score import score
from pipelines.snapshot import read_snapshot

Run = Callable[..., Any]
PASSED = [Gate("enough", True, "90 won", "40 won")]


def register(company: Path, shift: float = 0.0, **changed: Any) -> LoadedModel:
    """Make the trained points champion again, as if they had been learned from the earlier leads.

    Their level is off by so much.
    """
    registry = Registry.for_workspace(company)
    first = registry.load("1")
    tags, card = first.record.tags, first.scorecard
    begin, end = (pd.Timestamp(tags[f"training_{name}"]) for name in ("from", "until"))
    given: dict[str, Any] = {
        "scorecard": {**card, "level": card["level"] + shift},
        "definition": first.definition,
        "catalogue": first.catalogue,
        "evaluation": first.evaluation,
        "data_digest": "0" * 64,
        "training_window": (begin, begin + (end - begin) / 2),
    }
    registry.promote(registry.log(Contents(**(given | changed))), PASSED)
    return registry.load("champion")


@pytest.fixture(scope="module")
def moved(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, LevelAnswer]:
    """A company whose level was too low, after it was moved; not to be changed."""
    company = Path(shutil.copytree(trained, tmp_path_factory.mktemp("level") / "company"))
    register(company, shift=-1.5)
    return company, level(company)


@pytest.fixture(scope="module")
def later(moved: tuple[Path, LevelAnswer]) -> tuple[MaturedLeads, float]:
    """The later leads of that company, built once, and the level that their log-odds have."""
    company, _ = moved
    second = Registry.for_workspace(company).load("2")
    return matured_leads(read_snapshot(company), second), second.scorecard["level"]


@pytest.fixture
def quickly(later: tuple[MaturedLeads, float], monkeypatch: pytest.MonkeyPatch) -> None:
    """Find the same later leads without building them, and serve without another process."""
    from pipelines.level import level as module

    found, at_training = later

    def same_leads(_: Any, champion: LoadedModel) -> MaturedLeads:
        shift = level_at_training(champion) - at_training
        outcomes = replace(found.outcomes, log_odds=found.outcomes.log_odds + shift)
        return replace(found, outcomes=outcomes)

    monkeypatch.setattr(module, "matured_leads", same_leads)
    monkeypatch.setattr(module, "served_gate", lambda *_: PASSED[0])


# -- a level that is moved ------------------------------------------------------------------------


@pytest.mark.fresh_process
def test_a_wrong_level_is_moved_and_nothing_else(moved: tuple[Path, LevelAnswer]) -> None:
    company, answer = moved
    assert (answer.result, answer.model_version, answer.instead_of) == ("moved", "2.1", "2")
    assert all(check["passed"] for check in answer.gate)
    assert answer.gate[-1]["name"] == "served as evaluated"
    figures = answer.figures
    assert figures is not None
    assert figures.predicted < 0.5 < figures.followed < 1.2
    assert figures.shift == figures.change
    registry = Registry.for_workspace(company)
    before, after = registry.load("previous"), registry.load("champion")
    assert (before.version, after.version) == ("2", "2.1")
    assert after.scorecard == {**before.scorecard, "level": figures.after, "version": "2.1"}
    assert (after.definition, after.catalogue) == (before.definition, before.catalogue)
    assert after.evaluation["metrics"] == before.evaluation["metrics"]
    assert json.loads(json.dumps(answer.to_json(), allow_nan=False))["figures"]["of"] == "2"


def test_scores_stay_and_all_odds_change_by_the_same_factor(
    moved: tuple[Path, LevelAnswer],
) -> None:
    company, answer = moved
    before, after = (
        score(company, model=version).set_index("lead_id") for version in ("2", "champion")
    )
    assert set(after["model_version"]) == {"2.1"}
    same = ["score", "fit_points", "grade", "level", "decision", "reasons_for"]
    pd.testing.assert_frame_equal(after[same], before[same])
    odds = [rows["probability"] / (1 - rows["probability"]) for rows in (before, after)]
    assert answer.figures is not None
    assert answer.figures.shift.value is not None
    factor = np.exp(answer.figures.shift.value)
    assert (odds[1] / odds[0]).to_numpy() == pytest.approx(factor, rel=1e-9)


def test_people_see_its_label_and_by_how_much_it_moved(
    moved: tuple[Path, LevelAnswer], run: Run, tmp_path: Path
) -> None:
    company, answer = moved
    lines = level_text(answer).splitlines()
    assert max(map(len, lines)) <= 80
    text = " ".join(" ".join(lines).split())
    assert "The level was moved. Version 2.1 now scores the leads." in text
    assert "Points, ranking and decisions stay." in text
    versions = run("models", "-w", company, "--json").json
    assert [(version["version"], version["level_of"]) for version in versions] == [
        ("2.1", "2"),
        ("2", None),
        ("1", None),
    ]
    assert "level of 2" in run("models", "-w", company).data
    lead = str(score(company)["lead_id"].iloc[0])
    assert explain(company, lead).model_version == "2.1"
    assert explain(company, lead, model="2").model_version == "2"
    card = Registry.for_workspace(company).find("2.1").description
    assert "The level was moved since the training of version 2" in card


def test_only_mature_outcomes_after_the_training_count(moved: tuple[Path, LevelAnswer]) -> None:
    company, _ = moved
    champion = Registry.for_workspace(company).load("2")
    until = pd.Timestamp(champion.record.tags["training_until"])
    snapshot = read_snapshot(company)
    leads = matured_leads(snapshot, champion)
    rows = snapshot.labelled.rows
    later = rows["as_of"] > until
    assert len(leads.X) == later.sum()
    assert (leads.X["as_of"] > until).all()
    assert leads.X["as_of"].is_monotonic_increasing
    known = pd.Series(snapshot.labelled.y, index=rows["lead_id"])
    assert (known[leads.X["lead_id"]].to_numpy() == leads.outcomes.y).all()
    assert 0 < leads.pending < len(snapshot.moments)
    weights = leads.outcomes.weights
    assert weights is not None, "sales never worked some of the leads"
    assert weights.mean() == pytest.approx(1)
    assert weights.std() > 0
    outcome = replace(snapshot.workspace.outcome, immature="weight", unworked="leave_out")
    other = replace(snapshot.workspace, outcome=outcome)
    early = matured_leads(snapshot.with_workspace(other), champion)
    assert (early.outcomes.y == leads.outcomes.y).all(), "no win counts before it is mature"
    assert early.outcomes.weights is None


# -- when it is not moved --------------------------------------------------------------------------


@pytest.mark.usefixtures("quickly")
def test_a_level_that_fits_is_left_alone(company: Path, run: Run) -> None:
    register(company, shift=0.2)
    before = run("models", "-w", company, "--json").json
    answer = run("level", "-w", company, "--json")
    assert (answer.code, answer.json["result"]) == (0, "no change")
    assert answer.json["model_version"] is None
    assert [check["passed"] for check in answer.json["gate"]] == [True, False]
    assert run("models", "-w", company, "--json").json == before
    text = run("level", "-w", company).data
    assert "No change is needed: the level of version 2 still fits the outcomes." in text


@pytest.mark.usefixtures("quickly")
def test_a_moved_level_is_not_moved_again_by_the_same_outcomes(company: Path) -> None:
    register(company, shift=-1.5)
    first, second = level(company), level(company)
    assert (first.result, second.result) == ("moved", "no change")
    assert second.figures is not None
    assert first.figures is not None
    assert second.instead_of == "2.1"
    assert second.figures.shift == pytest.approx(first.figures.shift)
    assert second.figures.at_training == first.figures.at_training
    assert second.figures.before == first.figures.after
    Registry.for_workspace(company).rollback()
    assert level(company).model_version == "2.2", "each version has a label of its own"
    register(company, shift=-1.5)
    assert level(company).model_version == "5.1"


@pytest.mark.usefixtures("quickly")
def test_a_change_that_does_not_predict_is_refused_once(
    company: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.level import level as module

    register(company, shift=-1.5)
    move = module.level_move

    def no_gain(*arguments: Any, **options: Any) -> Any:
        found = move(*arguments, **options)
        return found._replace(gain=found.gain._replace(low=-0.001))

    monkeypatch.setattr(module, "level_move", no_gain)
    answer = run("level", "-w", company, "--json")
    assert (answer.code, answer.json["result"]) == (1, "refused")
    failed = [check["name"] for check in answer.json["gate"] if not check["passed"]]
    assert failed == ["predicts later outcomes better"]
    registry = Registry.for_workspace(company)
    assert registry.load("challenger").version == "2.1"
    assert registry.load("champion").version == "2"
    assert "predicts later outcomes better" in registry.find("2.1").tags["refused_because"]
    again = level(company)
    assert (again.result, again.model_version) == ("refused", "2.1")
    assert "version 2.1 was refused and kept as challenger" in " ".join(level_text(again).split())
    assert len(registry.versions()) == 3


@pytest.mark.usefixtures("quickly")
def test_a_champion_that_appears_meanwhile_counts(
    company: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.level import level as module

    register(company, shift=-1.5)

    def another_champion(*_: Any) -> Gate:
        register(company)
        return PASSED[0]

    monkeypatch.setattr(module, "served_gate", another_champion)
    with pytest.raises(LeadReadyError, match="compared with version 2, but the champion is now 4"):
        level(company)
    assert Registry.for_workspace(company).load("champion").version == "4"


def test_too_few_outcomes_change_nothing(company: Path, run: Run) -> None:
    champion = register(company, shift=-1.5)
    first = champion.record.tags["training_from"]
    moments = matured_leads(read_snapshot(company), champion).X["as_of"]
    register(company, shift=-1.5, training_window=(first, moments.iloc[-31]))
    answer = run("level", "-w", company)
    assert answer.code == 0
    text = " ".join(answer.data.split())
    assert "too few outcomes have become known" in text
    assert "required: at least 20 of each" in text
    register(company, training_window=(first, pd.Timestamp("2040-01-01")))
    nothing = level(company)
    assert (nothing.result, nothing.figures) == ("no change", None)
    assert "0 won and 0 not won" in " ".join(level_text(nothing).split())


@pytest.mark.usefixtures("quickly")
def test_the_nightly_job_moves_the_level_before_it_scores(company: Path, run: Run) -> None:
    register(company, shift=-1.5)
    out = company / "scores.csv"
    answer = run("score", "-w", company, "--level", "--out", out)
    assert answer.code == 0
    assert "The level was moved. Version 2.1 now scores the leads." in answer.talk
    assert set(pd.read_csv(out, dtype="str")["model_version"]) == {"2.1"}


@pytest.mark.usefixtures("quickly")
def test_an_adopted_definition_keeps_the_moved_level(company: Path, run: Run) -> None:
    register(company, shift=-1.5)
    level(company)
    path = company / "definition.yaml"
    draft = company / "draft.yaml"
    text = path.read_text(encoding="utf-8").partition("agreed:")[0]
    draft.write_text(text.replace("at_least: 50", "at_least: 51"), encoding="utf-8")
    adopted = run("definition", "adopt", draft, "-w", company, "--unsigned", "--json")
    assert adopted.code == 0, adopted.talk
    registry = Registry.for_workspace(company)
    champion, moved = registry.load("champion"), registry.load("2.1")
    assert (champion.version, "version" in champion.scorecard) == ("4", False)
    assert champion.scorecard["level"] == moved.scorecard["level"]
    again = level(company)
    assert again.result == "no change"
    assert again.figures is not None
    assert again.figures.at_training == registry.load("2").scorecard["level"]


def test_without_a_level_or_a_time_it_says_what_to_do(company: Path, run: Run) -> None:
    artifacts = Path(__file__).resolve().parents[2] / "artifacts"
    old = json.loads((artifacts / "scorecard_format_1.json").read_text(encoding="utf-8"))
    register(company, training_window=None)
    with pytest.raises(LeadReadyError, match="not known up to which lead version 2 learned"):
        level(company)
    register(company, scorecard=old)
    answer = run("level", "-w", company)
    assert (answer.code, "has no level of its own" in answer.talk) == (2, True)
    assert "leadready train" in answer.talk
