"""What the leak audit takes from a workspace: each lead's status, and what open leads count as."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from features.families.related_leads import related_lead_features
from features.leaks.workspace_audit import (
    audit_tables,
    blocking_suspects,
    open_leads_lose,
    status_at_extract,
)
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


def _leads_of_accounts(open_linked: float) -> list[dict[str, str | None]]:
    """Closed leads that all have an account; of the open ones only some."""
    leads = []
    for n in range(400):
        closed = n % 2 == 0
        linked = closed or n % 100 < 100 * open_linked
        leads.append(
            {
                "lead_id": str(n),
                "created_at": f"2024-0{1 + n // 2 % 4}-01",
                "raw:stage": ("Won", "Lost")[n % 3 == 0] if closed else "New",
                "raw:account": f"a{n % 7}" if linked else None,
            }
        )
    return leads


@pytest.mark.parametrize(
    ("open_linked", "answer", "suspected"),
    [(0.3, "", True), (1.0, "", False), (0.3, "account: {known_at_moment: true}", False)],
)
def test_a_link_that_open_leads_lack_is_suspected(
    workspace: Callable[[str], Workspace],
    tables: Callable[..., Tables],
    open_linked: float,
    answer: str,
    suspected: bool,
) -> None:
    rules = "{stage: [Won]}, lost_when: {stage: [Lost]}, horizon_days: 90"
    mapping = f"\n  account: account\n  columns: {{{answer}}}\noutcome: {{won_when: {rules}}}\n"
    ws = workspace(mapping)
    suspects = blocking_suspects(audit_tables(ws, tables(_leads_of_accounts(open_linked))), ws)
    assert [suspect.column for suspect in suspects] == ["account"] * suspected
    for suspect in suspects:
        assert suspect.answers == ("account: {known_at_moment: true}", "account: {leak: true}")


def test_a_link_that_is_a_leak_gives_no_feature(
    workspace: Callable[[str], Workspace], tables: Callable[..., Tables]
) -> None:
    mapping = "\n  account: account\n  columns: {%s}\noutcome: {won_when: {stage: [Won]}}\n"
    leads = [{**lead, "account_id": lead["raw:account"]} for lead in _leads_of_accounts(1.0)]
    names = {
        answer: [each.name for each in related_lead_features(workspace(mapping % answer), read)]
        for read in [tables(leads)]
        for answer in ("", "account: {leak: true}")
    }
    assert names == {"": ["account_leads_90d"], "account: {leak: true}": []}
