"""Planted leaks of events are found, and are missed as soon as what finds them is removed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from features.event_audit import coverage, kinds, machine_events
from features.event_audit.event_runs import no_times
from verification.event_leaks.checks import FOUND, audits_of, event_checks
from verification.event_leaks.machines import MACHINE_KINDS, found_and_alarms
from verification.event_leaks.planted import LEAKS

NOT_ONE_SIDED = {"_one_sided": (0.0, "")}
SILENT: Mapping[str, object] = {"_silent": [], "_silent_before": [], "_missing_kinds": []}
FEWER: Mapping[str, object] = {"_fewer": [], "_fewer_than_open": []}
FINDERS: Mapping[str, Mapping[str, object]] = {
    "events moved when a lead is won": {**SILENT, **FEWER},
    "70% of them moved": FEWER,
    "half of them moved": {"_fewer_than_open": []},
    "moved but for those of a cadence": {"_missing_kinds": [], **FEWER},
    "contacts merged": {**SILENT, **FEWER},
    "people deleted with their events": {**SILENT, **FEWER},
    "all but the first event left out": {"_missing_kinds": [], **FEWER},
    "70% of them dated anew": {"_dated_at_closing": 0},
    "events copied": {"_copied": []},
    "events of lost leads deleted": {"_silent_lost": [], "lost_evidence": []},
    "70% of the events of lost leads deleted": {"lost_evidence": []},
    "events of old lost leads archived": {"lost_evidence": []},
    "kind: converted": NOT_ONE_SIDED,
    "kind: declined": NOT_ONE_SIDED,
    "kind: contract sent": {"told_after": False, "_late_text": ""},
    "kind: onboarding": NOT_ONE_SIDED,
    "kind: invoice": NOT_ONE_SIDED,
    "kind: credit check": {"_late_text": ""},
    "kind: quote sent": {"_late_text": ""},
    "kind of no telling name": NOT_ONE_SIDED,
    "kind of no telling name, at closing": {"_at_closing": (0.0, 0), "_late_text": ""},
}
RULES = dict(
    zip(MACHINE_KINDS, ("burst_times", "link_times", "series_times", "night_times"), strict=True)
)


def test_planted_leaks_of_events_are_found_without_false_alarms() -> None:
    checks = event_checks(1)
    assert len(checks) == len(LEAKS) + 1 + len(MACHINE_KINDS) + 1
    assert all(check.passed for check in checks), checks


@pytest.mark.parametrize("name", LEAKS)
def test_a_leak_is_missed_without_what_finds_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for function, nothing in FINDERS[name].items():
        module = coverage if hasattr(coverage, function) else kinds
        monkeypatch.setattr(module, function, lambda *_, found=nothing: found)
    ((is_found, _),) = audits_of(name, 1)  # kinds that won leads lack may be suspected then
    assert not is_found


@pytest.mark.parametrize("name", MACHINE_KINDS)
def test_machines_are_missed_without_their_rule(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_events, RULES[name], lambda who, *_: no_times(len(np.asarray(who))))
    found, alarms = found_and_alarms(name, 0)  # another rule may find a part of them
    assert found < FOUND
    assert alarms == 0
