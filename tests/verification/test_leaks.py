"""Planted leaks are found, and are missed as soon as the checks that find them are removed."""

from __future__ import annotations

import pytest

from features.leaks import audit, column_checks, outcome_checks
from verification.leaks import busy_company, checks, slow_company
from verification.leaks.checks import (
    audits_of,
    further_audits_of,
    later_checks,
    leak_checks,
)
from verification.leaks.further import FURTHER
from verification.leaks.later_jobs import LATER_JOBS
from verification.leaks.planted import LEAKS, NOBODY_OPEN

DETECTORS = {
    "filled when a lead is won": ["_filled_when_won"],
    "filled when a lead closes": ["_filled_when_closed", "differs_when_closed", "set_by_stage"],
    "filled when a lead closes, in part": ["_filled_when_closed", "_values_of_closed_leads"],
    "filled in a later stage, in part": [
        "_filled_when_closed",
        "_values_of_closed_leads",
        "_filled_when_won",
    ],
    NOBODY_OPEN: ["_filled_when_won"],
    "rewritten when a lead closes, in part": ["_values_of_closed_leads"],
    "rewritten when a lead closes": ["differs_when_closed"],
    "a rare value that always wins": ["_one_sided"],
    "effort after contact, AUC 0.90": ["_strong_alone", "_one_sided"],
    "effort after contact, AUC 0.82": ["_strong_alone"],
    "dates after the moment": ["_later_dates"],
    "sibling of another leak": ["siblings", "set_by_stage", "_filled_when_won"],
    "emptied when a lead closes": ["_filled_when_closed", "differs_when_closed"],
}


def test_planted_leaks_are_found_without_false_alarms() -> None:
    table = leak_checks(1)
    assert len(table) == len(LEAKS) + 1
    assert all(check.passed for check in table), table


@pytest.mark.parametrize("kind", DETECTORS)
def test_a_kind_is_missed_without_its_detectors(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in DETECTORS[kind]:
        modules = [each for each in (audit, column_checks, outcome_checks) if hasattr(each, name)]
        assert modules, f"{name} was renamed"
        for module in modules:
            monkeypatch.setattr(module, name, lambda *_: {})
    assert audits_of(kind, 1) == [(False, 0)]


def test_every_kind_that_has_to_be_found_has_its_detectors() -> None:
    assert set(DETECTORS) == set(LEAKS)


FURTHER_DETECTORS = {
    "a rare value that always loses": ["marked_values"],
    "tag added on losing": ["marked_values"],
    "days since the last activity": ["differs_when_closed", "counted_on"],
}


@pytest.mark.parametrize("kind", FURTHER_DETECTORS)
def test_further_kinds_are_found_and_missed_without_their_detectors(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(busy_company, "SIZES", (2_000,))
    ((is_found, alarms),) = further_audits_of(kind, 1)
    assert is_found
    assert alarms <= 2
    for name in FURTHER_DETECTORS[kind]:
        (module,) = (each for each in (audit, column_checks) if hasattr(each, name))
        monkeypatch.setattr(module, name, lambda *_: [])
    assert not further_audits_of(kind, 1)[0][0]


def test_every_further_kind_can_be_planted() -> None:
    company = busy_company.busy_company(0)
    assert all(len(values(company)) == len(company.won) for values in FURTHER.values())


LATER_DETECTORS = {
    "days in the last stage": ["tells_what_followed", "not_yet_written"],
    "priority lowered on losing": ["not_yet_written"],
    "currency converted at closing": ["findings_of_views"],
    "number given at conversion": ["findings_of_views"],
}


@pytest.mark.parametrize("kind", LATER_DETECTORS)
def test_what_later_jobs_write_is_found_and_missed_without_its_detectors(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slow_company, "SIZES", (3_000,))
    ((is_found, alarms),) = further_audits_of(kind, 1)
    assert is_found
    assert alarms <= 2
    for name in LATER_DETECTORS[kind]:
        monkeypatch.setattr(audit, name, lambda *_: [])
    assert not further_audits_of(kind, 1)[0][0]


def test_every_later_job_is_known() -> None:
    assert set(checks.SLOW) >= checks.FOUND_OPEN > checks.FOUND_CLOSED
    company = slow_company.slow_company(0)
    assert all(len(values(company)) == len(company.won) for values in checks.SLOW.values())


def test_what_cannot_be_known_is_shown_and_not_required(monkeypatch: pytest.MonkeyPatch) -> None:
    values = LATER_JOBS["score computed at the extract"]
    monkeypatch.setattr(
        checks, "SLOW", {"score": values, "age at closing": LATER_JOBS["age at closing"]}
    )
    monkeypatch.setattr(slow_company, "SIZES", (1_000,))
    score, age, honest, *_ = later_checks(1)
    assert (score.required, score.passed) == ("", True)
    assert age.passed
    assert honest.name == "honest columns suspected"
