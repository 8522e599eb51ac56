"""The facts of the workshop on a small trained company: the same as other commands say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from features.errors import LeadReadyError
from features.labels.rejection_reasons import NEVER_WORKED
from model.serving import Definition
from pipelines.definition.past_leads import past_leads
from pipelines.snapshot import read_snapshot
from pipelines.workshop.facts import changes, funnel
from pipelines.workshop.facts.agreed import agreed_facts
from pipelines.workshop.facts.funnel import funnel_facts
from pipelines.workshop.facts.gather import WorkshopFacts, workshop_facts


@pytest.fixture(scope="module")
def snapshot(trained: Path) -> Any:
    return read_snapshot(trained)


@pytest.fixture(scope="module")
def facts(snapshot: Any) -> Any:
    def no_search(*parts: Any) -> Any:
        raise LeadReadyError("too few leads")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changes, "proposals_on", no_search)
        return workshop_facts(snapshot, None, lambda words: None)


def test_the_funnel_follows_the_stages_of_won_leads(facts: WorkshopFacts) -> None:
    names = [step.name for step in facts.funnel.steps]
    assert names == ["Contact", "MQL", "SAL", "SQL", "Opportunity", "Closed Won"]
    leads = [step.leads for step in facts.funnel.steps]
    assert leads == sorted(leads, reverse=True)
    days = [step.days for step in facts.funnel.steps[1:]]
    assert days == sorted(days)


def test_ignored_leads_are_those_without_follow_up(facts: WorkshopFacts, snapshot: Any) -> None:
    never = int((snapshot.outcomes["why_unknown"] == NEVER_WORKED).sum())
    assert facts.funnel.ignored.part == never
    assert sum(share.part for share in facts.funnel.ignored_by) == never


def test_each_criterion_splits_all_leads(facts: WorkshopFacts) -> None:
    for fate in facts.agreed.criteria:
        assert fate.meets.leads + fate.does_not.leads + fate.unknown == facts.leads, fate.id


def test_quarters_add_up_to_the_simulation(facts: WorkshopFacts) -> None:
    quarters, current = facts.changes.quarters, facts.changes.current
    assert sum(quarter.leads for quarter in quarters) == current.judgements
    assert sum(quarter.ready for quarter in quarters) == current.verdicts["ready"]
    assert sum(quarter.won for quarter in quarters) == current.ready.won
    missed = current.missed_wins.leads + current.unjudged_wins.leads
    assert sum(quarter.missed for quarter in quarters) == missed


def test_examples_have_no_names(facts: WorkshopFacts, trained: Path) -> None:
    assert facts.parting is not None
    for example in facts.parting.examples:
        assert re.fullmatch(r"L-\d+", example.lead_id)
        assert "@" not in example.reasons


def test_one_criterion_and_no_never_rule_are_a_definition(snapshot: Any) -> None:
    rules = {"ready_when": [{"id": "size", "feature": "employees", "at_least": 50}]}
    agreed = agreed_facts(snapshot, past_leads(snapshot), Definition.from_dict(rules))
    assert (agreed.ready, agreed.never) == ("employees at least 50", "")


def test_a_stage_history_without_wins_says_so(
    snapshot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(funnel, "_path_of_wins", lambda *parts: [])
    found = funnel_facts(snapshot)
    assert found.steps_note == funnel.NO_PATH
    assert [step.name for step in found.steps][-1] == "Won"


def test_content_counts_each_lead_once(facts: WorkshopFacts) -> None:
    for touch in facts.content.touches:
        assert 0 <= touch.won <= touch.leads
        assert touch.leads <= facts.leads
        assert touch.expected > 0


def test_without_stages_the_funnel_says_so(company: Path) -> None:
    path = company / "leadready.yaml"
    text = path.read_text("utf-8")
    start, end = text.index("\nstages:"), text.index("\nmoment:")
    outcome = "\noutcome:\n  won_when: {Lead Status: [Won]}\n  horizon_days: 120\n"
    rest = text[end : text.index("\noutcome:")]
    path.write_text(text[:start] + rest + outcome, "utf-8")
    found = funnel_facts(read_snapshot(company))
    assert found.steps_note.startswith("No stage history is mapped")
    assert [step.name for step in found.steps][:2] == ["Leads in the export", "Judged for sales"]
    assert all(step.days is None for step in found.steps)
    assert found.ignored is None
    assert found.ignored_note
