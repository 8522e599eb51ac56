"""The first draft of a definition: facts that say something, thresholds that split the leads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from model.definition.read import read_definition
from pipelines.check.check import check
from pipelines.init.company_files import CompanyFiles
from pipelines.init.draft import make_draft
from pipelines.init.draft_criteria import any_criterion, fit_criteria, interest_criteria
from pipelines.init.init import init

N = 200


def export(folder: Path, columns: Mapping[str, object]) -> Path:
    created = pd.date_range("2024-01-01", periods=N).strftime("%Y-%m-%d")
    stage = np.where(np.arange(N) % 3 == 0, "Won", "Lost")
    table = pd.DataFrame({"Id": range(900, 900 + N), "Created": created, "Stage": stage, **columns})
    table.to_csv(folder / "leads.csv", index=False)
    return folder / "leads.csv"


def every(n: int, value: object, other: object) -> list[object]:
    return [value if row % n == 0 else other for row in range(N)]


@pytest.mark.parametrize(
    ("columns", "features"),
    [
        ({"Title": every(4, "CEO", "Analyst")}, ["seniority"]),
        ({"Title": every(500, "CEO", "Analyst")}, []),  # one lead in 200
        ({"Mitarbeiter": [row * 37 % 97 + 1 for row in range(N)]}, ["employees"]),
        ({"Employees": every(50, 3, 70)}, []),  # nearly all reach any threshold
        ({"City": every(2, "Bonn", "Rome")}, []),
    ],
)
def test_fit_is_who_decides_and_how_large_the_company_is(
    tmp_path: Path, columns: dict[str, list[object]], features: list[str]
) -> None:
    draft = make_draft(CompanyFiles(export(tmp_path, columns)))
    assert [criterion.rule["feature"] for criterion in fit_criteria(draft)] == features


def test_interest_counts_events_in_the_month_before_the_moment(tmp_path: Path) -> None:
    leads = export(tmp_path, {})
    active = [f"{900 + row},2024-07-30,click" for row in range(N)]  # after every moment
    active += [f"{900 + row},{2023 + (row > 9)}-01-01,open" for row in range(40)]
    (tmp_path / "events.csv").write_text("Lead Id,Time,Kind\n" + "\n".join(active))
    draft = make_draft(CompanyFiles(leads, events=(tmp_path / "events.csv",)))
    (criterion,) = interest_criteria(draft)
    assert criterion.rule == {"id": "active", "feature": "active_days_30d", "at_least": 1}
    known = [row for row in range(10, 40) if row + 7 <= 30]  # within 30 days
    assert criterion.meets.sum() == len(known)


def test_any_fact_that_splits_the_leads_is_better_than_none(tmp_path: Path) -> None:
    columns = {"constantly": every(100, 1, 2), "var_1": [row * 37 % 97 for row in range(N)]}
    criterion = any_criterion(make_draft(CompanyFiles(export(tmp_path, columns))))
    assert criterion is not None
    assert criterion.decides


@pytest.mark.parametrize(
    ("columns", "share"),
    [
        ({"Rating": every(5, 4, 5)}, 0.8),  # half and rounded, every lead reaches it
        ({"Region": every(500, "South", "North"), "Plan": every(4, "Pro", None)}, 0.25),
        ({"Certified": every(4, "yes", "no")}, 0.25),
        ({"Region": every(50, "South", "North")}, 0.98),  # better than what all meet
    ],
)
def test_the_fallback_decides_something(
    tmp_path: Path, columns: Mapping[str, object], share: float
) -> None:
    criterion = any_criterion(make_draft(CompanyFiles(export(tmp_path, columns))))
    assert criterion is not None
    assert criterion.share == share


def test_what_init_writes_passes_check(tmp_path: Path) -> None:
    columns = {"Title": every(4, "CEO", "Analyst"), "Größe": every(3, "klein", "groß")}
    init(tmp_path / "ws", export(tmp_path, columns))
    result = check(tmp_path / "ws")
    assert not [problem for problem in result.problems if problem.blocks]
    text = (tmp_path / "ws" / "definition.yaml").read_text()
    assert "decision-makers, as the job title says: 25% of the leads" in text
    assert read_definition(tmp_path / "ws" / "definition.yaml").draft
