"""Events that open leads show to be late or deleted, and from which number on."""

from __future__ import annotations

import numpy as np
import pytest

from features.event_audit.coverage import coverage_evidence
from features.event_audit.kinds import kind_findings
from features.event_audit.lead_events import LeadEvents

Counts = tuple[int, int, int]


def leads(having: Counts, of: Counts, kind: str = "step_7") -> LeadEvents:
    """Won, lost and open leads of the same age; the first of each have an event of the kind."""
    state = np.repeat([0, 1, 2], of)
    first = np.cumsum([0, *of[:2]])
    lead = np.concatenate([start + np.arange(n) for start, n in zip(first, having, strict=True)])
    nothing = np.zeros(len(state), dtype=np.int32)
    return LeadEvents(
        state == 0,
        state < 2,
        state == 2,
        nothing,
        nothing,
        lead,
        np.zeros(len(lead), dtype=np.int32),
        (kind,),
        np.ones(len(lead), dtype=bool),
        np.full(len(lead), np.nan),
        np.arange(len(lead)).astype("datetime64[s]"),
        np.full(len(state), np.nan),
        np.full(len(state), np.nan),
    )


@pytest.mark.parametrize(
    ("having", "is_found"),
    [
        ((80, 20, 0), True),  # 80% of them were won: sixteen times the odds
        ((80, 20, 5), True),
        ((80, 20, 6), False),  # more than a fifth of the 25 that closed leads would have
        ((80, 20, 25), False),
        ((60, 60, 0), False),  # four times the odds
    ],
)
def test_a_one_sided_kind_that_open_leads_lack_is_suspected(having: Counts, is_found: bool) -> None:
    findings = kind_findings(leads(having, (200, 600, 200)))
    assert bool(findings) is is_found
    if is_found:
        assert findings[0].strength == 10
        assert f"of open leads, {having[2]} have it, where 25 of closed" in findings[0].evidence[1]


@pytest.mark.parametrize(("still_open", "is_found"), [(56, False), (64, True)])
def test_eight_open_leads_have_to_be_expected(still_open: int, is_found: bool) -> None:
    """An eighth of the closed leads has the kind."""
    assert bool(kind_findings(leads((80, 20, 0), (200, 600, still_open)))) is is_found


def test_a_kind_of_lost_leads_needs_less_surprise_where_open_leads_lack_it() -> None:
    """None of 75 was won, where 19 are expected: five standard deviations."""
    (finding,) = kind_findings(leads((0, 75, 0), (200, 600, 200)))
    assert finding.strength == 15
    assert kind_findings(leads((0, 75, 19), (200, 600, 200))) == []


@pytest.mark.parametrize(
    ("having", "is_found"),
    [
        ((200, 240, 200), True),  # 60% of the lost are silent, no others
        ((200, 300, 180), True),  # 50% and 10%
        ((200, 300, 179), False),  # not five times as often
        ((200, 366, 200), False),  # 39%
    ],
)
def test_lost_leads_without_events_are_suspected_where_open_ones_have_them(
    having: Counts, is_found: bool
) -> None:
    evidence = coverage_evidence(leads(having, (200, 600, 200)))
    assert any("lost leads have no event at all" in text for text in evidence) is is_found


@pytest.mark.parametrize(("still_open", "is_found"), [(29, False), (30, True)])
def test_thirty_open_leads_are_needed(still_open: int, is_found: bool) -> None:
    found = leads((200, 240, still_open), (200, 600, still_open))
    assert ("360 of 600 lost leads" in " ".join(coverage_evidence(found))) is is_found


def with_events(*numbers: int) -> LeadEvents:
    """So many events of each won, lost and open lead; half of the leads have two more."""
    state = np.repeat([0, 1, 2], (100, 300, 100))
    events = np.array(numbers)[state] + 2 * (np.arange(500) % 2)
    lead = np.repeat(np.arange(500), events)
    nothing, no_kind = np.zeros(500, dtype=np.int32), np.full(len(lead), -1, dtype=np.int32)
    before, unknown = np.ones(len(lead), dtype=bool), np.full(len(lead), np.nan)
    at = np.arange(len(lead)).astype("datetime64[s]")
    states = state == 0, state < 2, state == 2
    return LeadEvents(
        *states,
        nothing,
        nothing,
        lead,
        no_kind,
        (),
        before,
        unknown,
        at,
        *[np.full(500, np.nan)] * 2,
    )


@pytest.mark.parametrize(
    ("numbers", "unlinked", "is_found"),
    [
        ((4, 4, 5), 100, True),
        ((4, 4, 5), 99, False),  # a fifth of the events that won leads have
        ((4, 4, 4), 100, False),
        ((5, 4, 5), 120, False),  # won leads have as many
        ((4, 5, 5), 100, False),  # lost leads have as many
    ],
)
def test_open_leads_cannot_have_more_events_than_won_and_lost_ones(
    numbers: Counts, unlinked: int, is_found: bool
) -> None:
    found = [text for text in coverage_evidence(with_events(*numbers), unlinked) if "open" in text]
    assert bool(found) == is_found
    if found:
        assert found[0].startswith("open leads have 6.0 events before the moment, but won leads")
        assert found[0].endswith("only 5.0 and lost ones 5.0, and 100 rows name unknown leads")
