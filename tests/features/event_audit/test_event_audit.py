"""Events that were moved, and kinds that tell the outcome, are suspected; plain events are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.event_audit.audit import EventSuspect, audit_events
from features.families.engagement import engagement_features
from features.kept_events.events import Events
from features.tables.problems import Problem
from features.tables.read import Tables
from features.workspace.schema import Workspace

MAPPING = """
events:
  - {file: events.csv, lead: id, time: at, kind: kind%s}
outcome: {won_when: {Status: [Won]}, lost_when: {Status: [Lost]}}
"""
LEADS = 1_500
KINDS = np.array(["open", "click", "form", "webinar"])
Make = Callable[..., Tables]
Read = Callable[[str], Workspace]


def company(tables: Make, seed: int = 0) -> Tables:
    """Won leads are more active, as they naturally are."""
    rng = np.random.default_rng(seed)
    status = np.where(rng.random(LEADS) < 0.15, "Won", "Lost")
    created = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.uniform(0, 100, LEADS), "D")
    made = tables([{"lead_id": "1", "created_at": "2024-01-01"}], [{"person_id": "lead:1"}])
    leads = pd.DataFrame(
        {"lead_id": [f"L{number}" for number in range(LEADS)], "raw:Status": status}
    ).reindex(columns=[*made.leads.columns, "raw:Status"])
    leads["person_id"] = "lead:" + leads["lead_id"]
    leads["created_at"], leads["order"] = created, np.arange(LEADS, dtype=float)
    leads["moment_base_at"] = created + pd.Timedelta(days=20)
    leads["closed_at"] = created + pd.Timedelta(days=40)
    leads["won_at"] = leads["closed_at"].where(status == "Won")
    lead = np.repeat(np.arange(LEADS), rng.poisson(np.where(status == "Won", 9, 5)))
    events = pd.DataFrame({"person_id": leads["person_id"].to_numpy()[lead]})
    events = events.reindex(columns=made.events.columns)
    events["at"] = created[lead] + pd.to_timedelta(rng.uniform(0, 40, len(lead)), "D")
    events["kind"] = rng.choice(KINDS, len(lead))
    events["by_sales"] = False
    return Tables(leads, Events.of(events), made.stages, [])


def found(workspace: Read, data: Tables, answers: str = "") -> list[EventSuspect]:
    return audit_events(workspace(MAPPING % answers), data)


def of_won(data: Tables) -> np.ndarray:
    won = data.leads.loc[data.leads["raw:Status"] == "Won", "person_id"]
    return data.events["person_id"].isin(won).to_numpy()


def without(data: Tables, events: np.ndarray) -> Tables:
    kept = Events.of(data.events[~events].reset_index(drop=True))
    return Tables(data.leads, kept, data.stages, [])


def added(data: Tables, kind: str, leads: np.ndarray, day: float) -> Tables:
    chosen = data.leads[leads]
    more = pd.DataFrame({"person_id": chosen["person_id"], "kind": kind, "by_sales": False})
    more["at"] = chosen["created_at"] + pd.to_timedelta(day, "D")
    return Tables(data.leads, Events.of(pd.concat([data.events, more])), data.stages, [])


@pytest.mark.parametrize("seed", range(10))
def test_plain_events_are_not_suspected(seed: int, workspace: Read, tables: Make) -> None:
    assert found(workspace, company(tables, seed)) == []


def test_won_leads_without_events_are_counted(workspace: Read, tables: Make) -> None:
    data = company(tables)
    (suspect,) = found(workspace, without(data, of_won(data)))
    won = int((data.leads["raw:Status"] == "Won").sum())
    assert suspect.evidence[0].startswith(f"{won} of {won} won leads have no event at all, ")
    assert "complete: true" in suspect.answer
    answered = found(workspace, without(data, of_won(data)), ", complete: true")
    assert all(suspect.kind for suspect in answered), "the kinds are asked about then"


@pytest.mark.parametrize(("winners", "others", "is_found"), [(20, 10, True), (19, 0, False)])
def test_ids_in_another_column_of_leads_that_were_won_are_suspected(
    winners: int, others: int, is_found: bool, workspace: Read, tables: Make
) -> None:
    data = company(tables)
    won = (data.leads["raw:Status"] == "Won").to_numpy()
    rows = [*np.flatnonzero(won)[:winners].tolist(), *np.flatnonzero(~won)[:others].tolist()]
    message, hint = "80 rows: the ids stand in Merged", "write  on: [id, Merged]"
    problem = Problem("events", "ids in another column", 80, message, hint, lead_rows=tuple(rows))
    suspects = found(workspace, replace(data, problems=[problem]))
    assert bool(suspects) == is_found
    if suspects:
        assert suspects[0].evidence[0] == f"{message}, and {winners} of them were won"
        assert suspects[0].answer == "on: [id, Merged]  or  complete: true"


def test_ids_in_another_column_of_leads_that_are_won_as_often_as_others_are_honest(
    workspace: Read, tables: Make
) -> None:
    data = company(tables)
    problem = Problem("events", "ids in another column", 80, "", lead_rows=tuple(range(400)))
    assert found(workspace, replace(data, problems=[problem])) == []


def test_kinds_that_won_leads_lack(workspace: Read, tables: Make) -> None:
    data = company(tables)
    moved = of_won(data) & data.events["kind"].isin(["form", "webinar", "click"]).to_numpy()
    (suspect,) = found(workspace, without(data, moved))
    assert any("lack 3 of 4 kinds" in sentence for sentence in suspect.evidence)


def test_kinds_that_tell_the_outcome(workspace: Read, tables: Make) -> None:
    """Some leads close before their moment in fact, but no closing date says so."""
    data = company(tables)
    rng = np.random.default_rng(1)
    won = (data.leads["raw:Status"] == "Won").to_numpy()
    some = rng.random(LEADS) < 0.4
    for kind, leads in {"zz_17": won & some, "declined": ~won & some}.items():
        told = added(data, kind, leads, day=10)
        (suspect,) = found(workspace, told)
        assert suspect.kind == kind
        answered = f", kinds: {{{kind}: leak}}"
        assert found(workspace, told, answered) == []
        features = engagement_features(workspace(MAPPING % answered), told)
        assert not [each for each in features if each.name.startswith(kind)]


def test_a_strong_early_kind_is_not_suspected(workspace: Read, tables: Make) -> None:
    """Half of the leads with a demo request are won, 12% of the others: that is no leak."""
    data = company(tables)
    won = (data.leads["raw:Status"] == "Won").to_numpy()
    rng = np.random.default_rng(2)
    demo = np.where(won, rng.random(LEADS) < 0.3, rng.random(LEADS) < 0.05)
    assert found(workspace, added(data, "demo_request", demo, 10)) == []
