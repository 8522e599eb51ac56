"""A company that judges its open leads every week: from its files to rows, splits and outcomes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from model.training.splits import account_or_person, split_leads
from pipelines.check.outcomes import outcomes
from pipelines.definition.disagreement import agreement, agreement_text
from pipelines.definition.simulate import simulate, simulation_text
from pipelines.proposals.propose import propose
from pipelines.proposals.propose_text import proposals_text
from pipelines.score.score import score
from pipelines.simulator.company import Settings, simulate_company
from pipelines.simulator.export import write_company
from pipelines.snapshot import read_snapshot
from pipelines.train.train import train

COMPANY = Settings(
    seed=2,
    leads=1_000,
    events=16_000,
    base_rate=0.4,
    worked=0.97,
    prefer_score=0,
    prefer_large=0,
    prefer_home=0,
)


def quiet(words: str) -> None:
    """Take no notice."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    company = write_company(simulate_company(COMPANY), tmp_path_factory.mktemp("panel") / "company")
    path = company / "leadready.yaml"
    text = path.read_text(encoding="utf-8")
    closed = "  closed: Closed At\n"
    assert closed in text
    path.write_text(text.replace(closed, f"{closed}  every_days: 14\n"), encoding="utf-8")
    return company


def test_no_lead_is_on_both_sides_of_the_split(folder: Path) -> None:
    snapshot = read_snapshot(folder)
    labelled = snapshot.labelled
    parts = split_leads(labelled.rows, test_share=snapshot.workspace.evaluation.test_share)
    for column in ("lead_id", "person_id", "account_id"):
        ids = labelled.rows[column]
        assert not set(ids[parts.train].dropna()) & set(ids[parts.test].dropna())
    of_one_lead = account_or_person(labelled.rows).groupby(labelled.rows["lead_id"]).nunique()
    assert (of_one_lead == 1).all()  # so resamples draw all rows of a lead, or none
    np.testing.assert_array_equal(snapshot.features["lead_id"], snapshot.moments["lead_id"])


def test_the_table_of_outcomes_counts_each_win_once(folder: Path) -> None:
    result = outcomes(folder)
    summary = result.to_json()
    assert summary["leads"] == result.table["lead_id"].nunique() < summary["all"]["judged"]
    once = result.table.dropna(subset=["amount"]).groupby("lead_id")["amount"].first()
    assert summary["amount_won"] == pytest.approx(once.sum())
    assert pd.Index(result.table["as_of"].dt.day_name().unique()).tolist() == ["Monday"]


def test_simulating_a_definition_counts_leads_and_judgements(folder: Path) -> None:
    snapshot = read_snapshot(folder)
    simulation = simulate(folder)
    current = simulation.current
    assert current.leads == snapshot.moments["lead_id"].nunique() < current.judgements
    assert current.judgements == len(snapshot.moments)
    missed = current.missed_wins.ids
    assert missed
    assert len(missed) == len(set(missed))
    text = " ".join(simulation_text(simulation).split())
    assert f"judged {current.judgements:,} times while open" in text


def test_proposals_of_a_panel_are_found_on_some_leads_and_confirmed_on_others(folder: Path) -> None:
    answer = propose(folder)
    for half in (answer.found_on, answer.confirmed_on):
        assert 100 < half.leads < half.judgements
    assert answer.found_on.last_day < answer.confirmed_on.first_day
    assert "judged" in proposals_text(answer)


# -- trained --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def answer(folder: Path) -> dict[str, Any]:
    return train(folder, progress=quiet)


def test_what_was_planted_is_found_and_a_level_that_does_not_hold_is_refused(
    answer: dict[str, Any],
) -> None:
    assert answer["data"]["judged"] > 2 * answer["data"]["leads judged"]
    assert answer["metrics"]["auc"]["value"] > 0.7
    gates = {check["name"]: check["passed"] for check in answer["gate"]}
    for name, figures in (("calibrated", "metrics"), ("calibrated over all periods", "pooled")):
        ratio = answer[figures]["expected_wins_ratio"]
        if ratio["low"] > 1.15 or ratio["high"] < 0.85:
            assert not gates[name]
    assert answer["promoted"] is all(gates.values())


def test_how_long_a_lead_has_been_open_is_a_feature(folder: Path) -> None:
    snapshot = read_snapshot(folder)
    first = snapshot.moments.groupby("lead_id")["as_of"].transform("min")
    days = (snapshot.moments["as_of"] - first).dt.days
    open_for = snapshot.features["days_open"]
    assert (open_for >= days).all()
    assert (open_for < days + 15).all(), "judged at the latest a fortnight after its own moment"
    assert "days_open" in {feature.name for feature in snapshot.learnable}


def test_leads_are_counted_as_well_as_judgements(answer: dict[str, Any]) -> None:
    assert 0 < answer["leads_train"] < answer["n_train"]
    assert 0 < answer["leads_test"] < answer["n_test"]
    enough = next(check for check in answer["gate"] if check["name"] == "enough leads")
    won = int(enough["observed"].split()[0].replace(",", ""))
    assert 0 < won < answer["won_train"]


def test_disagreement_is_counted_by_judgement(folder: Path, answer: dict[str, Any]) -> None:
    compared = agreement(folder, model=answer["model_version"])
    found = compared.disagreement
    groups = [group.win_rate for group in found.groups.values()]
    assert found.leads < found.judgements == sum(group.leads for group in groups)
    text = agreement_text(compared)
    assert f"so there are {found.judgements:,} judgements." in " ".join(text.split())
    assert "judgements  outcome known" in text
    assert "leads  outcome known" not in text


def test_a_scoring_run_scores_the_leads_of_its_day(folder: Path, answer: dict[str, Any]) -> None:
    snapshot = read_snapshot(folder)
    day = snapshot.moments["as_of"].max()
    scored = score(folder, as_of=day, model=answer["model_version"], unsigned=True)
    of_day = snapshot.moments["as_of"] == day
    assert set(scored["lead_id"]) == set(snapshot.moments["lead_id"][of_day])
    assert scored["lead_id"].is_unique
