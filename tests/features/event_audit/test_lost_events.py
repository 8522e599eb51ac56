"""Events of lost leads that were purged or archived, however fast leads are decided."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.event_audit.lead_events import LeadEvents
from features.event_audit.lost_events import lost_evidence
from features.leaks.statistics import bands_of_open, order_in_bands

LEADS, DAYS = 4_000, 600


def company(*, dated: bool = True, seed: int = 0) -> tuple[LeadEvents, np.ndarray]:
    """Leads with events before the moment: keen ones have more, win more, and close later."""
    random = np.random.default_rng(seed)
    moment = np.sort(random.uniform(0, DAYS, LEADS))
    keen = random.random(LEADS) < 0.3
    won = random.random(LEADS) < np.where(keen, 0.5, 0.1)
    lasted = random.gamma(2, np.where(keen, 35, 20))
    is_open = moment + lasted > DAYS
    dates = pd.Series(pd.Timestamp("2023-01-01") + pd.to_timedelta(moment, unit="D"))
    age, nothing = order_in_bands(dates, LEADS), np.zeros(0, dtype=np.int32)
    found = LeadEvents(
        won=won & ~is_open,
        decided=~is_open,
        open=is_open,
        age=age,
        finer_age=age * 100 + bands_of_open(dates, is_open),
        lead=nothing.astype(np.intp),
        kind=nothing,
        kinds=(),
        before=nothing.astype(bool),
        to_closing=nothing.astype(float),
        at=nothing.astype("datetime64[us]"),
        since=DAYS - moment,
        days=np.where(is_open | (not dated), np.nan, lasted),
    )
    return found, random.poisson(np.where(keen, 9, 4)).astype(float)


@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_missing_where_keen_leads_take_longer(dated: bool, seed: int) -> None:
    assert lost_evidence(*company(dated=dated, seed=seed)) == []


@pytest.mark.parametrize(
    ("dated", "said"),
    [(True, "earlier leads that were open as long"), (False, "would have to be won")],
)
def test_events_of_lost_leads_that_were_deleted_in_part_are_missed(dated: bool, said: str) -> None:
    found, events = company(dated=dated)
    lost = found.decided & ~found.won
    (sentence,) = lost_evidence(found, np.where(lost, np.floor(events * 0.3), events))
    assert said in sentence


def test_events_of_old_lost_leads_that_were_archived_are_missed() -> None:
    found, events = company()
    old = found.decided & ~found.won & (found.since > 300)
    (sentence,) = lost_evidence(found, np.where(old, np.floor(events * 0.2), events))
    assert sentence.startswith("lost leads of the older half have 0.")


def test_a_log_that_begins_late_is_no_archive_of_lost_leads() -> None:
    found, events = company()
    early = found.since > 300
    assert lost_evidence(found, np.where(early, np.floor(events * 0.2), events)) == []


def test_few_leads_say_nothing() -> None:
    found, events = company()
    nobody_won = LeadEvents(**{**vars(found), "won": np.zeros(LEADS, dtype=bool)})
    assert lost_evidence(nobody_won, events * 0) == []
