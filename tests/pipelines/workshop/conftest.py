"""Small constructed facts of a workshop, as hostile as data can be where a test asks for it."""

from __future__ import annotations

from typing import Any

import pytest

from model.simulation.consequences import Consequences, LeadList, Workload
from model.simulation.disagreement import GROUPS, Disagreement, Trait, VerdictGroup
from model.simulation.win_rates import RateDifference, WinRate
from model.training.intervals import Interval
from pipelines.definition.disagreement import Agreement
from pipelines.train.training_json import OldScoreJson
from pipelines.workshop.facts.agreed import AgreedFacts, CriterionFate
from pipelines.workshop.facts.changes import ChangeFacts, Quarter
from pipelines.workshop.facts.content import ContentFacts, Touch
from pipelines.workshop.facts.feedback import ReasonFate
from pipelines.workshop.facts.funnel import FunnelFacts, Step
from pipelines.workshop.facts.gather import WorkshopFacts
from pipelines.workshop.facts.learned import LearnedFacts, LineBeside
from pipelines.workshop.facts.parting import ExampleLead, PartingFacts
from pipelines.workshop.facts.shares import Share
from pipelines.workshop.facts.trust import Period, TrustFacts
from tests.pipelines.card.conftest import card_with, line


def rate(won: int, leads: int) -> WinRate:
    share = Share("", won, leads).interval
    return WinRate(leads, leads, won, *share, 0, share.value, share.value)


def fate(name: str = "size", excludes: bool = False, gain: float = 0.1) -> CriterionFate:
    return CriterionFate(
        name,
        f"{name} at least 50",
        "sales",
        "smaller ones have no budget",
        excludes,
        rate(30, 100),
        rate(20, 100),
        7,
        RateDifference(gain, gain - 0.05, gain + 0.05),
    )


def facts_with(name: str = "size", criteria: int = 2, categories: int = 3) -> WorkshopFacts:
    """Facts in which every name that could come from data is ``name``."""
    labels = [f"{name} {number}" for number in range(categories)]
    card = card_with(
        [line(name, "origin", [[label] for label in labels], [0, 0, *([3] * categories)])]
    )
    fact = LineBeside(name, -3, 9, 100, 20, (), "increasing", "more is worse")
    trait = Trait("f", name, name, 0.5, 0.2, 2.5, 3.0, 0.0, 2.0, 3.0)
    groups = {group: VerdictGroup(rate(10, 60), "both ready", [trait]) for group in GROUPS}
    agreement = Agreement(
        "3",
        "2",
        "2026-01-01",
        "2026-06-30",
        Disagreement(300, 300, 0.2, groups, RateDifference(0.1, 0.02, 0.18), "model"),
    )
    example = ExampleLead(name, "2026-03-01", "model only", True, "71", f"{name} (+9)", name)
    current = Consequences(
        version="2",
        leads=1_000,
        judgements=1_000,
        weeks=52.0,
        verdicts={"ready": 200, "not ready": 700, "never": 50, "unknown": 50},
        ready=rate(60, 200),
        workload=Workload(12.5, 40.0, 0.0),
        not_ready=rate(40, 700),
        unknown=rate(2, 50),
        missing=[],
        missed_wins=LeadList(40, []),
        unjudged_wins=LeadList(2, []),
        rejections=[],
    )
    figure = {"value": 0.6, "low": 0.5, "high": 0.7}
    scorer = {"auc": figure, "lift_10": figure, "wins": figure}
    old_score: OldScoreJson = {
        "name": name,
        "basis": "as the team says",
        "fair": True,
        "leads": 1_234,
        "won": 100,
        "without": 1,
        "share": 0.2,
        "per_week": 40,
        "amount": None,
        "scorers": {"model": scorer, "old_score": scorer},
        "gains": scorer,
    }
    trust = TrustFacts(
        how="forward in time",
        test_from="2026-01-01",
        test_until="2026-03-31",
        leads=1_234,
        won=100,
        ranked=Interval(0.79, 0.75, 0.82),
        predicted=Interval(0.94, 0.85, 1.05),
        found=Interval(0.6, 0.5, 0.7),
        periods=(Period("first", 400, 41.0, 38.5),),
        weighted=True,
        weak=(name,),
        known_on="2026-09-01",
        old_scores=(old_score,),
    )
    share = Share(name, 120, 400)
    return WorkshopFacts(
        company=name,
        extract_day="2026-07-01",
        leads=1_000,
        version_note="",
        funnel=FunnelFacts(
            steps=(Step(name, 1_000, None), Step("Won", 100, 31.4)),
            least_age=90,
            steps_note="",
            ignored=share,
            ignored_by=(share,),
            source_words="source",
            ignored_note="",
            rejected=share,
            reasons=(share,),
            rejected_note="",
        ),
        agreed=AgreedFacts(
            name=name,
            version="2",
            ready=name,
            never=name,
            signed_by=(f"{name} for sales on 2026-01-01",),
            unsigned_because=("marketing has not signed",),
            criteria=tuple(fate(f"{name}-{number}") for number in range(criteria)),
            per_week=40,
            follow_up_hours=48,
            terms=((name, name),),
        ),
        learned=LearnedFacts(card, (fact,), False, None),
        parting=PartingFacts(agreement, 26.0, (example,)),
        parting_note="",
        feedback=(ReasonFate(name, share, 3, name, share, share),),
        content=ContentFacts((Touch("content", name, 200, 50, 30.0, True),), "grade of fit"),
        changes=ChangeFacts(
            current, None, (Quarter("2026Q1", 500, 100, 30, 20, 10),), "too few leads"
        ),
        trust=trust,
        known_on="2026-09-01",
    )


@pytest.fixture(scope="session")
def plain_facts() -> Any:
    return facts_with()
