"""Dates of leads that lie to each other as hardly any did in the training: warned, named, noted."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.kept_events.events import COLUMNS, Events
from features.tables.read import Tables
from pipelines.score.dates.usual_dates import OddDates, odd_dates, part_moved, usual_dates

NOW = pd.Timestamp("2026-10-01")
DAY = pd.Timedelta(days=1)
OFFICE = np.array([0] * 8 + [100, 200, 300, 200, 100, 200, 300, 200, 100] + [0] * 7)
WORKSPACE: Any = SimpleNamespace(
    leads=SimpleNamespace(created="Created", columns=[], date_formats_of=lambda name: ()),
    moment=SimpleNamespace(column="Handed over"),
)


def company() -> Tables:
    """400 leads a day or less apart, each handed over 1 to 9 days later, with four events."""
    random = np.random.default_rng(0)
    minutes = np.sort(random.integers(0, 200 * 1440, 400))
    created = pd.Series(NOW - 200 * DAY + pd.to_timedelta(minutes, unit="min"))
    created = created.dt.normalize() + pd.to_timedelta(9 + minutes % 8, unit="h") + DAY / 1440
    created = created.sort_values(ignore_index=True).astype("datetime64[us]")
    handed = created + pd.to_timedelta(random.integers(1, 10, 400), unit="D")
    leads = pd.DataFrame(
        {
            "lead_id": [f"L{number}" for number in random.permutation(400)],
            "person_id": [f"P{number}" for number in range(400)],
            **{"created_at": created, "moment_base_at": handed},
            "raw:Created": created.astype(str),
            "raw:Handed over": handed.astype(str),
        }
    )
    at = created.repeat(4) + pd.to_timedelta(np.tile([0, 1, 26, 50], 400), unit="h")
    events = pd.DataFrame(
        {"person_id": np.repeat(leads["person_id"], 4), "at": at, "machine_at": pd.NaT}
    )
    events = events[events["at"] < NOW].sort_values("at", ignore_index=True)
    events = events.reindex(columns=list(COLUMNS))
    return Tables(leads, Events.of(events), pd.DataFrame(), [])


TABLES = company()
USUAL = usual_dates(WORKSPACE, TABLES, NOW)


def odd(tables: Tables, usual: Any = USUAL, latest: pd.Timestamp = NOW + DAY) -> OddDates:
    return odd_dates(WORKSPACE, tables, tables.leads["lead_id"], latest, usual, NOW)


def changed(table: str, column: str, row: int, value: Any) -> Tables:
    frame = getattr(TABLES, table).copy()
    frame.loc[row, column] = value
    if table == "events":
        return replace(TABLES, kept_events=Events.of(frame))
    return replace(TABLES, **{table: frame})


def warning(tables: Tables, lead: int) -> str:
    found = odd(tables).warnings
    assert (np.delete(found, lead) == "").all(), "of the other leads"
    return str(found[lead])


def test_leads_as_in_training_have_no_warning() -> None:
    assert (odd(TABLES).warnings == "").all()
    assert odd(TABLES).notes == []
    assert (odd(TABLES, usual=None).warnings == "").all(), "a version registered earlier"


def test_a_created_date_off_those_beside_it_is_named() -> None:
    tables = changed("leads", "created_at", 200, TABLES.leads["created_at"][200] - 90 * DAY)
    found = warning(tables, 200)
    assert "Created is 8" in found
    assert "off that of the leads beside it in the file" in found
    assert "the first event is 90 days after Created" in found


def test_a_date_before_the_lead_was_created_is_named_where_none_was() -> None:
    tables = changed(
        "leads", "moment_base_at", 7, TABLES.leads["created_at"][7] - pd.Timedelta("5h")
    )
    assert warning(tables, 7) == "Handed over is 5 hours before Created (in training hardly ever)"


def test_an_event_off_those_beside_it_is_named() -> None:
    events = TABLES.events
    row = int(np.flatnonzero(events["person_id"] == "P200")[2])
    lead = TABLES.leads.index[TABLES.leads["person_id"] == "P200"][0]
    tables = changed("events", "at", row, events["at"][row] + 40 * DAY)
    assert "an event is dated" in warning(tables, lead)


def test_an_event_in_the_future_is_named_unless_the_training_had_some() -> None:
    row = int(np.flatnonzero(TABLES.events["person_id"] == "P399")[-1])
    tables = changed("events", "at", row, NOW + 9 * DAY)
    assert warning(tables, 399).startswith("its last event is 8 days in the future")
    usual = usual_dates(WORKSPACE, TABLES, NOW - 30 * DAY)
    assert "future" not in odd(TABLES, usual, NOW - 30 * DAY).warnings[399]


def test_a_date_that_cannot_be_read_is_named() -> None:
    tables = changed("leads", "moment_base_at", 3, pd.NaT)
    assert warning(tables, 3) == "Handed over cannot be read as a date"


@pytest.mark.parametrize("hours", [9, -5])
def test_a_part_of_another_time_zone_is_noted(hours) -> None:
    moved = np.random.default_rng(2).random(len(TABLES.events)) < 0.4
    at = TABLES.events["at"] + pd.to_timedelta(np.where(moved, hours, 0), unit="h")
    notes = odd(replace(TABLES, kept_events=Events.of(TABLES.events.assign(at=at)))).notes
    way = "later" if hours > 0 else "earlier"
    assert any(f"of the events seem to be {abs(hours)} hours {way}" in note for note in notes)


def test_hours_moved_a_little_or_few_times_are_not_noted() -> None:
    assert part_moved(np.roll(OFFICE, 1) * 10, OFFICE * 10)[1] != 9
    assert part_moved(OFFICE * 10, OFFICE * 10) == (0.0, 0)
    assert part_moved(OFFICE // 10, OFFICE) == (0.0, 0), "too few"
    summer = (OFFICE + np.roll(OFFICE, 1)) * 5
    assert part_moved(summer, OFFICE * 10) == (0.0, 0), "summer time"


def test_days_after_the_twelfth_that_are_missing_are_noted() -> None:
    early = TABLES.events["at"].dt.day <= 12
    events = pd.concat([TABLES.events[early]] * 3).sort_values("at", ignore_index=True)
    (note,) = [
        note for note in odd(replace(TABLES, kept_events=Events.of(events))).notes if "12th" in note
    ]
    assert note.startswith("0% of the events are dated after the 12th of a month")


def test_files_without_an_order_give_no_warning_about_it() -> None:
    mixed = TABLES.events.sample(frac=1, random_state=0).reset_index(drop=True)
    assert (odd(replace(TABLES, kept_events=Events.of(mixed))).warnings == "").all()
    few = TABLES.leads.iloc[[30, 10, 20]].reset_index(drop=True)
    assert (odd(replace(TABLES, leads=few)).warnings == "").all()
