"""The guards of the scoring job: cut or damaged exports end with 1, and the old scores stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from features.errors import CheckFailed
from features.kept_events.events import Events
from features.tables.read import Tables
from features.workspace.job_schema import GUARDS, Guards
from pipelines.score.guards import (
    Before,
    Breach,
    ExportCounts,
    before_of,
    export_breaches,
    refuse_breaches,
)

Run = Callable[..., Any]
OFFICE = [0] * 8 + [500, 1000, 1200, 1000, 600, 1000, 1200, 1000, 600] + [0] * 7
GOOD = ExportCounts(
    leads=1000,
    events=9000,
    linked=8100,
    undated_leads=10,
    undated_events=90,
    stages=3000,
    changes=1000,
    kinds={"call": 8100},
    hours=OFFICE,
)
LAST_RUN = Before(GOOD, "in the last run")


def guards_of(counts: ExportCounts, limits: Guards | None = None) -> list[str]:
    return [breach.guard for breach in export_breaches(counts, LAST_RUN, limits or Guards())]


@pytest.mark.parametrize(
    ("changed", "guards"),
    [
        ({}, []),
        ({"leads": 5000, "events": 99_000, "linked": 98_000}, []),
        ({"leads": 800}, []),
        ({"leads": 799}, ["fewer_leads"]),
        ({"leads": 0, "undated_leads": 0}, ["fewer_leads"]),
        ({"events": 7199, "linked": 7000}, ["fewer_events"]),
        ({"events": 0, "linked": 0, "undated_events": 0}, ["fewer_events"]),
        ({"linked": 6300}, []),
        ({"linked": 6299}, ["fewer_linked"]),
        ({"undated_leads": 61}, ["bad_dates"]),
        ({"undated_events": 541}, ["bad_dates"]),
        ({"stages": 0}, ["fewer_events"]),
        ({"changes": 500}, ["fewer_events"]),
        ({"kinds": {"call": 7600, "chat": 500}}, ["unseen"]),
        ({"kinds": {"call": 7800, "chat": 300}}, []),
        ({"hours": [*OFFICE[-9:], *OFFICE[:-9]]}, ["bad_dates"]),
        ({"hours": [*OFFICE[3:], *OFFICE[:3]]}, ["bad_dates"]),
        ({"hours": [0] * 24}, []),
    ],
)
def test_an_export_is_held_against_an_earlier_one(changed: Any, guards: list[str]) -> None:
    counts = replace(GOOD, **changed)
    assert guards_of(counts) == guards
    assert guards_of(counts, Guards(**dict.fromkeys(GUARDS))) == [], "all are off"


def test_a_few_rows_say_nothing() -> None:
    few = Before(ExportCounts(19, 19, 19, 0, 0), "in the last run")
    assert export_breaches(ExportCounts(1, 1, 0, 1, 1), few, Guards()) == []


def test_the_training_counts_until_there_is_a_run() -> None:
    assert before_of(None, GOOD.to_json()) == Before(GOOD, "in the training")
    assert before_of(GOOD.to_json(), {}) == LAST_RUN
    assert before_of(None, None) is None, "a version registered earlier"


def test_force_overrides_what_it_names_and_nothing_else() -> None:
    breaches = [Breach("fewer_leads", "15 leads"), Breach("unseen", "source: 'X'")]
    assert refuse_breaches(breaches, ["fewer_leads", "unseen"], "acme") == breaches
    with pytest.raises(CheckFailed, match=r"^acme: source: 'X' \(guards: unseen in") as caught:
        refuse_breaches(breaches, ["fewer_leads"], "acme")
    assert str(caught.value.hint).endswith("score with  --force unseen")


def lines_of(file: str, rows: int) -> Callable[[Path], None]:
    def cut(crm: Path) -> None:
        lines = (crm / file).read_text(encoding="utf-8").splitlines(keepends=True)
        (crm / file).write_text("".join(lines[: rows + 1]), encoding="utf-8")

    return cut


def column_as(file: str, name: str, change: Callable[[pd.Series], object]) -> Callable[..., None]:
    def damage(crm: Path) -> None:
        table = pd.read_csv(crm / file, dtype="str", keep_default_na=False)
        table.assign(**{name: change(table[name])}).to_csv(crm / file, index=False)

    return damage


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lines_of("leads.csv", 15), "the export has 15 leads, 4,000 in the training"),
        (lines_of("activities.csv", 0), "the export has 0 events, "),
        (
            column_as("leads.csv", "Created At", lambda at: "9999-12-31"),
            "leads have no possible date, 0% of them in the training (guards: bad_dates",
        ),
        (
            column_as("leads.csv", "Closed At", lambda at: at.where(at == "", "1899-12-30")),
            "leads have no possible date, 0% of them in the training (guards: bad_dates",
        ),
        (column_as("activities.csv", "Type", lambda kind: "?"), "events are of kinds that did not"),
        (
            column_as(
                "activities.csv",
                "Occurred At",
                lambda at: (pd.to_datetime(at) - pd.Timedelta(hours=9)).astype("str"),
            ),
            "events happen 9 hours earlier in the day than in the training",
        ),
        (lines_of("stage_history.csv", 0), "the export has 0 stage changes, "),
        (lines_of("leads.csv", 0), "a header but no leads"),
        (lines_of("accounts.csv", 10), "find it in 'Account ID'"),
        (
            column_as("activities.csv", "Occurred At", lambda at: "9999-12-31"),
            "events have no possible date, 0% of them in the training (guards: bad_dates",
        ),
        (column_as("activities.csv", "Occurred At", lambda at: "#REF!"), "are not ISO 8601"),
        (column_as("activities.csv", "Contact ID", lambda ids: "X-" + ids), "name a known contact"),
        (
            column_as("accounts.csv", "Employees", lambda size: "#REF!"),
            "employees: missing for 100% of the leads",
        ),
        (
            column_as("leads.csv", "Source", lambda source: source.str.upper()),
            "leads have values that training never saw",
        ),
    ],
    ids=[
        *(
            "cut",
            "header only",
            "leads of 9999",
            "closed in 1899",
            "kinds",
            "time zone",
            "no stages",
            "no leads",
        ),
        *("accounts", "year 9999", "dates", "renamed ids", "numbers", "spelling"),
    ],
)
def test_damaged_exports_end_with_1_and_leave_the_old_scores(
    run: Run, company: Path, tmp_path: Path, damage: Callable[[Path], None], reason: str
) -> None:
    out = tmp_path / "scores.csv"
    out.write_text("yesterday's", encoding="utf-8")
    damage(company / "crm")
    answer = run("score", "-w", company, "--out", out)
    assert answer.code == 1, answer.talk
    assert reason in answer.talk
    assert "Traceback" not in answer.talk
    assert out.read_text(encoding="utf-8") == "yesterday's"


def test_a_forced_run_is_what_the_next_is_compared_with(run: Run, company: Path) -> None:
    lines_of("leads.csv", 2000)(company / "crm")
    options = ("score", "-w", company, "--out", company / "scores.csv")
    assert run(*options, "--as-of", "2026-09-29").code == 1
    forced = run(*options, "--as-of", "2026-09-29", *[f"--force={name}" for name in GUARDS])
    assert forced.code == 0, forced.talk
    assert "forced past fewer_leads: the export has 2,000 leads, 4,000 in" in forced.talk
    without_rows = [f"--force={name}" for name in GUARDS if name != "fewer_leads"]
    assert run(*options, "--as-of", "2026-09-30", *without_rows).code == 0


def test_scores_are_not_replaced_by_none(run: Run, company: Path, tmp_path: Path) -> None:
    out = tmp_path / "scores.csv"
    out.write_text("yesterday's", encoding="utf-8")
    answer = run("score", "-w", company, "--out", out, "--as-of", "0001-01-01")
    assert (answer.code, "no lead is open at" in answer.talk) == (1, True), answer.talk
    assert out.read_text(encoding="utf-8") == "yesterday's"


def test_where_there_are_no_scores_yet_none_are_written(
    run: Run, company: Path, tmp_path: Path
) -> None:
    out = tmp_path / "scores.csv"
    for _ in range(2):
        answer = run("score", "-w", company, "--out", out, "--as-of", "0001-01-01")
        assert answer.code == 0, answer.talk
        assert "there is nothing to score" in answer.talk
    assert pd.read_csv(out).empty


def test_dates_that_contradict_each_other_are_not_possible() -> None:
    """A tool that reads days as months where it can moves dates to other months."""
    created = pd.to_datetime(pd.Series(["2024-03-20", "2024-03-20", "2024-03-20", None]))
    leads = pd.DataFrame(
        {
            "created_at": created,
            "moment_base_at": created,
            "closed_at": pd.to_datetime(pd.Series(["2024-01-04", "2024-03-19", None, None])),
            "won_at": pd.Series([pd.NaT] * 4),
        }
    )
    leads["person_id"] = ["a", "a", "b", "c"]
    at = pd.to_datetime(pd.Series(["2024-03-19", "2024-03-21", "2024-01-01", "2024-01-01"]))
    events = pd.DataFrame({"person_id": ["a", "a", "b", "c"], "at": at, "kind": "mail"})
    tables = Tables(leads, Events.of(events), pd.DataFrame(), [])
    counts = ExportCounts.of(tables, pd.Timestamp("2024-12-31"))
    assert (counts.undated_leads, counts.early) == (2, 2)  # the last person has no date


def test_events_are_counted_a_part_at_a_time() -> None:
    texts = ["2024-05-01 09:30", "2024-05-01", None, "2024-05-02 09:00", "2024-05-02 23:59:59"]
    at = pd.Series(pd.to_datetime(texts, format="ISO8601"))
    created = pd.Series([pd.Timestamp("2024-05-02")])
    leads = pd.DataFrame({"person_id": "a", "created_at": created})
    leads[["moment_base_at", "closed_at", "won_at"]] = pd.NaT
    events = pd.DataFrame({"person_id": ["a", "a", "a", "b", "a"], "at": at, "kind": "mail"})
    parts = Events(5, lambda n, names: events.iloc[2 * (n or 0) :][:2][list(names)], None, 3)
    counts = ExportCounts.of(Tables(leads, parts, events.head(0), []), pd.Timestamp("2025-01-01"))
    assert counts.early == 2  # nobody knows when b came in
    assert {hour: n for hour, n in enumerate(counts.hours) if n} == {9: 2, 23: 1}
    assert counts.lead_hours == []  # a day without a time


def test_events_before_their_lead_are_held_against_earlier_ones() -> None:
    later, known = replace(GOOD, early=900), Before(replace(GOOD, early=100), "in the last run")
    assert [breach.guard for breach in export_breaches(later, known, Guards())] == ["bad_dates"]
    assert guards_of(later) == [], "nobody had counted them"


def test_leads_in_another_time_zone_are_refused() -> None:
    hours = [0] * 8 + [200] * 9 + [0] * 7
    before = Before(replace(GOOD, lead_hours=hours), "in the training")
    now = replace(GOOD, lead_hours=hours[8:] + hours[:8])
    (breach,) = export_breaches(now, before, Guards())
    assert breach.reason.startswith("leads are created 8 hours earlier in the day than in the")
