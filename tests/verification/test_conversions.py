"""Moved events stop a promotion with their name; the mapping that mends them brings all back."""

from __future__ import annotations

from pathlib import Path

import pytest

from model.gate import no_leaks
from pipelines.simulator.company import Company, Settings, simulate_company
from pipelines.snapshot import read_snapshot
from verification import conversions
from verification.conversions import LINK, conversion_checks, unmend, write_mapping


@pytest.fixture(scope="module")
def company() -> Company:
    return simulate_company(Settings(leads=600, events=9_000, base_rate=0.3, bots=0.0))


def test_events_are_named_unless_the_mapping_mends_them(company: Company, tmp_path: Path) -> None:
    write_mapping(company, "salesforce", "partly-moved", tmp_path)
    mended = read_snapshot(tmp_path)
    assert mended.event_suspects == []
    assert len(mended.tables.events) == len(company.activities)
    unmend(tmp_path)
    check = no_leaks(read_snapshot(tmp_path).event_suspects)
    assert not check.passed
    assert "events of Task.csv" in check.observed
    assert "won leads" in check.observed


def test_deleted_events_are_named_and_nothing_mends_them(company: Company, tmp_path: Path) -> None:
    write_mapping(company, "hubspot", "deleted", tmp_path)
    mapping = (tmp_path / "leadready.yaml").read_text(encoding="utf-8")
    assert not LINK.search(mapping)
    check = no_leaks(read_snapshot(tmp_path).event_suspects)
    assert not check.passed
    assert "won leads have no event" in check.observed


def test_a_check_fails_where_the_events_are_not_named_or_the_figures_differ(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trained(company, layout, conversion, *, mended):
        auc = 0.8 if mended and conversion != "merged" else 0.6
        wins = conversions.Interval(1.0, 0.9, 1.1)
        events = "" if mended or conversion == "deleted" else "events of Task.csv"
        return conversions.Training(conversions.Interval(auc, auc - 0.1, auc + 0.1), wins, events)

    monkeypatch.setattr(conversions, "trained", trained)
    failed = [check.name for check in conversion_checks(company) if not check.passed]
    assert failed == ["hubspot, merged, mended", "hubspot, deleted, unmended"]
