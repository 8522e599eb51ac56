"""Nothing is trained on data that may be read wrongly."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.event_audit.audit import EventSuspect
from features.tables.problems import Problems
from pipelines.check.problems import table_problems
from pipelines.snapshot import Snapshot, read_snapshot
from pipelines.train.learnable import check_learnable


def test_a_problem_that_blocks_prevents_training() -> None:
    problems = Problems()
    problems.add("leads", "duplicate ids", 3, "{count} rows repeat an id", "export once")
    problems.add(
        "leads", "two currencies", 40, "40 in USD, 2 in EUR", "write  unit: USD", blocks=True
    )
    assert [problem.blocks for problem in table_problems(problems.found)] == [False, True]
    snapshot: Any = SimpleNamespace(tables=SimpleNamespace(problems=problems.found))
    with pytest.raises(LeadReadyError) as caught:
        check_learnable(snapshot)
    assert (caught.value.what, caught.value.hint) == ("40 in USD, 2 in EUR", "write  unit: USD")


MAPPING = """
name: small
leads: {file: leads.csv, id: id, columns: {size: {feature: size, family: firmographic, type: category}}}
outcome: {won_when: {phase: [signed]}, lost_when: {phase: [dead]}%s}
"""


@pytest.mark.parametrize(
    ("strange", "more", "asked"),
    [(2, "", True), (1, "", False), (40, ", open_when: {phase: [parked]}", False)],
)
def test_a_notable_share_of_leads_without_a_state_prevents_training(
    tmp_path: Path, strange: int, more: str, asked: bool
) -> None:
    phases = ["signed"] * 50 + ["dead"] * (150 - strange) + ["parked"] * strange
    leads = pd.DataFrame({"id": range(200), "size": ["big", "small"] * 100, "phase": phases})
    leads.to_csv(tmp_path / "leads.csv", index=False)
    (tmp_path / "leadready.yaml").write_text(MAPPING % more)
    snapshot = read_snapshot(tmp_path)
    if not asked:
        check_learnable(snapshot)
        return
    with pytest.raises(LeadReadyError) as caught:
        check_learnable(snapshot)
    (problem,) = snapshot.leads_without_state
    assert "2 leads of 200 fit no state and count as open: phase is parked (2)" in problem.message
    assert (caught.value.what, caught.value.hint) == (problem.message, problem.hint)


def test_old_leads_of_one_outcome_prevent_training(tmp_path: Path) -> None:
    phases = ["signed"] * 50 + ["signed", "dead", "dead", "dead"] * 50
    leads = pd.DataFrame({"id": range(250), "size": ["big", "small"] * 125, "phase": phases})
    leads["made"] = pd.date_range("2024-01-01", periods=250).strftime("%Y-%m-%d")
    leads.to_csv(tmp_path / "leads.csv", index=False)
    dated = MAPPING.replace("id: id,", "id: id, created: made,") % ""
    (tmp_path / "leadready.yaml").write_text(dated)
    with pytest.raises(LeadReadyError, match="0 of the 51 leads before 2024-02-21") as caught:
        check_learnable(read_snapshot(tmp_path))
    assert caught.value.hint == "export them too, or only the leads since 2024-02-21"


def test_moved_events_are_named_where_no_won_lead_seems_worked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    phases = ["signed"] * 50 + ["dead"] * 150
    leads = pd.DataFrame({"id": range(200), "size": ["big", "small"] * 100, "phase": phases})
    leads.to_csv(tmp_path / "leads.csv", index=False)
    (tmp_path / "leadready.yaml").write_text(MAPPING % ", unknown_when: {odd: {phase: [signed]}}")
    suspect = EventSuspect("events of calls.csv", ("50 of 50 won leads have no event",), 20)
    monkeypatch.setattr(Snapshot, "event_suspects", [suspect])
    with pytest.raises(LeadReadyError, match="suspected: events of calls"):
        check_learnable(read_snapshot(tmp_path))


def test_the_answer_for_leads_with_an_empty_state_can_be_written_as_it_is_named(
    tmp_path: Path,
) -> None:
    rows = [("signed", "small"), ("dead", "large"), (None, "small")] * 20
    leads = pd.DataFrame(rows, columns=["phase", "size"])
    leads.rename_axis("id").to_csv(tmp_path / "leads.csv")
    path = tmp_path / "leadready.yaml"
    path.write_text(MAPPING % "", encoding="utf-8")
    (problem,) = read_snapshot(tmp_path).leads_without_state
    answer = "{phase: {is_missing: true}}"
    assert answer in str(problem.hint)
    path.write_text(MAPPING % f", open_when: {answer}", encoding="utf-8")
    assert not read_snapshot(tmp_path).leads_without_state
