"""``leadready definition propose``: what it answers, what it prints, and what it writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.definition.read import read_definition
from model.proposals.search import SearchResult, search
from model.simulation.history import History
from pipelines.proposals.answer import Proposals
from pipelines.proposals.propose import describe, propose
from pipelines.proposals.propose_text import proposals_text
from pipelines.simulator.company import Settings, simulate_company
from pipelines.simulator.export import write_company
from verification.proposals.planted_rules import (
    USELESS,
    judged_repeatedly,
    planted_definition,
    planted_history,
)

TEXT = """# What we agreed on.
version: 1
ready_when:
  all:
    - {id: right-size, feature: employees, at_least: 150}
    - {id: established, feature: company_age, at_least: 15}
    - {id: can-decide, feature: seniority, one_of: [director, c_level]}
    - any:
        - {id: webinar, feature: webinar_30d, at_least: 1}
        - {id: demo, feature: demo_90d, at_least: 1}
handoff: {per_week: 40}
"""


@pytest.fixture(scope="module")
def planted() -> History:
    return planted_history(3)


@pytest.fixture(scope="module")
def result(planted: History) -> SearchResult:
    return search(planted, planted_definition(150))


@pytest.fixture(scope="module")
def answer(planted: History, result: SearchResult) -> Proposals:
    return describe(result, planted, planted_definition(150), TEXT, "definition.yaml")


def test_a_proposal_says_what_changes_how_sure_it_is_and_the_effect(answer: Proposals) -> None:
    by_about = {change.about: change for change in answer.proposals}
    size, useless = by_about["right-size"], by_about[USELESS]
    assert size.words == "right-size: employees at least 150 → employees at least 50"
    assert useless.words == 'established: remove "age of the company at least 15"'
    for change in (size, useless):
        moved, effect = change.rates.moved, change.effect
        assert moved.low < moved.rate < moved.high
        assert change.lets_in
        assert change.p <= change.adjusted_p <= 0.05
        assert 0.95 <= change.interval_level < 1
        assert effect.per_week.changed > effect.per_week.now
        assert effect.change.newly_ready.win_rate.labelled > 0
        assert effect.change.no_longer_ready.win_rate.leads == 0
        assert change.diff.startswith("--- a/definition.yaml\n+++ b/definition.yaml\n@@")
    also = sum(len(change.also) for change in answer.proposals)
    assert answer.questions == len(answer.not_proposed) + len(answer.proposals) + also


def test_the_text_with_all_proposals_is_a_valid_definition(
    answer: Proposals, tmp_path: Path
) -> None:
    path = tmp_path / "new.yaml"
    path.write_text(answer.text, encoding="utf-8")
    assert read_definition(path).version == "2"


def test_proposals_are_printed_in_plain_sentences(answer: Proposals) -> None:
    lines = proposals_text(answer).splitlines()
    text = " ".join(" ".join(lines).split())
    assert "Risk that it is chance: at most 1 in" in text
    assert "unworked leads counted as lost–won:" in text
    assert "In a scorecard learned from the earlier leads, employees is worth -" in text
    assert f"Sales never worked {answer.worked.never_worked:,} other leads" in text
    assert "That is closer to leads that stay ready (" in text
    assert max(map(len, lines)) <= 80


def test_the_rates_of_a_proposal_are_those_of_the_later_leads(
    result: SearchResult, answer: Proposals
) -> None:
    later = result.split.later
    X = later.X
    passes = X["seniority"].isin(["director", "c_level"]) & (X["employees"] >= 150)
    passes &= (X["webinar_30d"] >= 1) | (X["demo_90d"] >= 1)
    near = (passes & ~(X["company_age"] >= 15)).to_numpy()
    moved = next(change for change in answer.proposals if change.about == USELESS).rates.moved
    assert moved.leads == near.sum()
    assert moved.rate == pytest.approx(np.average(later.won[near], weights=later.weights[near]))
    assert moved.rate == pytest.approx(later.won[near].mean(), abs=0.02)  # worked by lot


def test_the_leads_of_a_panel_are_counted_once() -> None:
    panel, agreed = judged_repeatedly(planted_history(7, leads=6000)), planted_definition(150)
    result = search(panel, agreed)
    answer = describe(result, panel, agreed, TEXT, "definition.yaml")
    half = answer.found_on
    assert half.judgements == len(result.split.earlier.won) > half.leads
    assert half.leads == result.split.earlier.leads
    text = " ".join(proposals_text(answer).split())
    assert f"{half.leads:,} earlier leads, judged {half.judgements:,} times" in text


# -- the command ----------------------------------------------------------------------------------


def test_a_company_with_random_outcomes_gets_no_proposal(tmp_path: Path) -> None:
    settings = Settings(leads=3000, events=45_000, base_rate=0.2, shuffled=True)
    write_company(simulate_company(settings), tmp_path)
    answer = propose(tmp_path, out=tmp_path / "new.yaml")
    assert answer.proposals == []
    assert answer.questions > 10
    assert not (tmp_path / "new.yaml").exists()
    assert "No changes proposed" in proposals_text(answer)


def test_propose_never_overwrites_the_definition_in_use(run: Any, company: Path) -> None:
    before = (company / "definition.yaml").read_bytes()
    refused = run("definition", "propose", "-w", company, "--out", company / "definition.yaml")
    assert refused.code == 2
    assert "definition.yaml is a file that the workspace reads" in refused.talk
    answer = run("definition", "propose", "-w", company, "--json").json
    assert answer["found_on"]["last_day"] < answer["confirmed_on"]["first_day"]
    assert answer["found_on"]["leads"] > 300 < answer["confirmed_on"]["leads"]
    assert (company / "definition.yaml").read_bytes() == before
