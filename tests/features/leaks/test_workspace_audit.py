"""What the leak audit takes from a workspace: each lead's status, and what open leads count as."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from features.leaks.workspace_audit import open_leads_lose, status_at_extract
from features.tables.read import Tables
from features.workspace.schema import Workspace

MAPPING = "\n  columns: {}\noutcome: {won_when: {stage: [Won]}%s}\n"


@pytest.mark.parametrize(
    ("rules", "status"),
    [
        (", lost_when: {stage: [Lost]}", ["won", "not won", "unknown", "unknown"]),
        ("", ["won", "unknown", "unknown", "unknown"]),  # nothing says which leads are lost
        (", horizon_days: 90", ["won", "not won", "not won", "unknown"]),
        (
            ", lost_when: {stage: [Lost]}, horizon_days: 90",
            ["won", "not won", "unknown", "unknown"],
        ),
        (
            ", lost_when: {stage: [Lost]}, unknown_when: {gone: {reason: [Gone]}}",
            ["won", "left out", "unknown", "unknown"],
        ),
    ],
)
def test_the_status_follows_from_states_and_dates(
    workspace: Callable[[str], Workspace],
    tables: Callable[..., Tables],
    rules: str,
    status: list[str],
) -> None:
    leads = [
        {"lead_id": str(n), "created_at": created, "raw:stage": stage, "raw:reason": reason}
        for n, (created, stage, reason) in enumerate(
            [
                ("2024-01-01", "Won", None),
                ("2024-01-01", "Lost", "Gone"),
                ("2024-01-01", "New", None),
                ("2024-06-01", "New", None),
            ]
        )
    ]
    assert status_at_extract(workspace(MAPPING % rules), tables(leads)).to_list() == status


@pytest.mark.parametrize(
    ("rules", "lose"),
    [
        ("", False),
        (", horizon_days: 90", True),
        (", horizon_days: 90, unknown_when: {still open: {stage: [New]}}", False),
    ],
)
def test_open_leads_count_as_not_won_unless_the_file_says_otherwise(
    workspace: Callable[[str], Workspace], rules: str, lose: bool
) -> None:
    assert open_leads_lose(workspace(MAPPING % rules)) == lose
