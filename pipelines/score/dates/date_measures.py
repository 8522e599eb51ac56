"""How the dates of each lead lie to each other: what a swapped or moved date changes.

Days from the creation of a lead to its other dates, from its last event to the extract, places in a
file that runs on with time, and hours of the day at which hardly anything happens.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.dates.read import read_dates
from features.files.arrow_text import places_of
from features.leaks.workspace_audit import raw_columns
from features.tables.out_of_order import days_out_of_order, order_of_ids
from features.tables.read import Tables
from features.workspace.schema import Workspace

Times = npt.NDArray[np.datetime64]
Numbers = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

EVENT_ORDER, LEAD_ORDER = "events out of order", ("rows out of order", "ids out of order")
CREATED_HOUR, EVENT_HOURS = "hour created", "hours of events"
LAST_EVENT = "the last event after the extract"
UNREAD = "unreadable: "
RARE = 0.02  # share of the events that happen at rare hours
LEAST_ROWS, SAMPLE = 60, 1000  # of a file; fewer have no order, so many show it
MOSTLY = 0.5  # of the dates are out of order, or the file does not run on with time
LEAST_HOURS = 1000  # dates; fewer say nothing about the hours of the day


def date_measures(
    ws: Workspace,
    tables: Tables,
    latest: pd.Timestamp,
    rows: Rows,
    hours: Mapping[str, npt.NDArray[np.int64]],
    now: pd.Timestamp | None = None,
) -> pd.DataFrame:
    """Measure the dates of leads.

    Parameters
    ----------
    latest : Timestamp
        About when the data was extracted.
    rows : array of int
        The leads, by their rows in the table.
    hours : mapping of str to array
        Events and created leads of the training by hour of the day; see `hour_counts`.
    now : Timestamp, optional
        When the leads are judged: later events only show that dates are in the future.

    Returns
    -------
    DataFrame
        A row for each of these leads, a column for each measure: days, but for hours, which have
        the share of all dates at hours as rare (created), and how surprising it is that so many
        events happened at rare hours (minus the decimal logarithm of the chance).
    """
    measures = dict(_of_leads(ws, tables, rows))
    measures |= dict(_of_stages(tables, rows))
    measures |= dict(_of_events(tables, latest, rows, hours[EVENT_HOURS], now))
    created = tables.leads["created_at"].to_numpy("datetime64[us]")
    measures |= dict(_places_of_leads(tables, created, rows))
    if (counts := hours[CREATED_HOUR]).sum() >= LEAST_HOURS:
        as_rare = np.array([counts[counts <= count].sum() for count in counts]) / counts.sum()
        share = as_rare[_hours(created[rows])]
        measures[CREATED_HOUR] = np.where(_timed(created[rows]), share, np.nan)
    return pd.DataFrame(measures)


def hour_counts(tables: Tables) -> dict[str, npt.NDArray[np.int64]]:
    """Count events, and created leads, by hour of the day."""
    return {
        name: np.sum([by_hour(times) for times in parts], axis=0)
        for name, parts in dated_parts(tables)
    }


def dated_parts(tables: Tables) -> Iterator[tuple[str, Iterator[Times]]]:
    """The times of events, part by part, and those at which leads were created."""
    events = (part["at"].to_numpy("datetime64[us]") for part in tables.kept_events.in_parts("at"))
    yield EVENT_HOURS, events
    yield CREATED_HOUR, iter([tables.leads["created_at"].to_numpy("datetime64[us]")])


def by_hour(times: Times) -> npt.NDArray[np.int64]:
    """Count times by hour of the day; those on the full day have none."""
    return np.bincount(_hours(times[_timed(times)]), minlength=24)


def _of_leads(ws: Workspace, tables: Tables, rows: Rows) -> Iterator[tuple[str, Numbers]]:
    """Days from the creation to the other dates; 1 where a date cannot be read, else 0."""
    leads, raw = tables.leads.iloc[rows], raw_columns(tables.leads)
    created = leads["created_at"].to_numpy("datetime64[us]")
    mapped = {ws.leads.created: "created_at", ws.moment.column: "moment_base_at"}
    dates = {name: leads[column] for name, column in mapped.items() if name}
    for column in ws.leads.columns:
        if column.type == "date" and column.feature and column.name in raw:
            formats = ws.leads.date_formats_of(column.name)
            dates.setdefault(column.name, read_dates(raw[column.name].iloc[rows], formats))
    for name, times in dates.items():
        if name in raw:
            unread = raw[name].iloc[rows].notna().to_numpy() & times.isna().to_numpy()
            yield UNREAD + name, unread.astype(float)
        if ws.leads.created and name != ws.leads.created:
            yield name, _days(times.to_numpy("datetime64[us]") - created)


def _of_stages(tables: Tables, rows: Rows) -> Iterator[tuple[str, Numbers]]:
    created = tables.leads["created_at"].to_numpy("datetime64[us]")[rows]
    if len(tables.stages):
        first = _ends(tables.stage_leads, tables.stages["at"], len(tables.leads))[0][rows]
        yield "the first stage", _days(first - created)
    changes = tables.field_history
    if len(changes):
        place = places_of(changes["lead_id"], tables.leads["lead_id"])
        yield (
            "the first change",
            _days(_ends(place, changes["at"], len(tables.leads))[0][rows] - created),
        )


def _of_events(
    tables: Tables,
    latest: pd.Timestamp,
    rows: Rows,
    hours: npt.NDArray[np.int64],
    now: pd.Timestamp | None,
) -> Iterator[tuple[str, Numbers]]:
    """Measure the events of the people of these leads."""
    events, leads = tables.kept_events, tables.leads
    if not len(events):
        return
    person_of, people = pd.factorize(leads["person_id"].to_numpy(object)[rows])
    found = PersonTimes(len(people), hours)
    for part in events.in_parts("person_id", "at", "machine_at"):
        person = places_of(part["person_id"], pd.Series(people, dtype=object))
        chosen = np.flatnonzero(person >= 0)
        part = part.iloc[chosen]
        found.add(person[chosen], part["at"], part["machine_at"].isna().to_numpy(), now)
    created = leads["created_at"].to_numpy("datetime64[us]")[rows]
    yield LAST_EVENT, _days(found.last - latest.to_datetime64())[person_of]
    yield "the first event", _days(found.first[person_of] - created)
    if events.parts == 1:  # else their order in the file takes more memory than there is
        outside = _furthest(events.part(0, ("person_id", "at")), people, now)
        if outside is not None:
            yield EVENT_ORDER, outside[person_of]
    if hours.sum() >= LEAST_HOURS:
        yield EVENT_HOURS, found.surprise()[person_of]


class PersonTimes:
    """The first and last events of people, and how many happened at rare hours; part by part.

    Parameters
    ----------
    people : int
        How many there are.
    hours : array of int, shape (24,)
        The events of the training by hour of the day.
    """

    def __init__(self, people: int, hours: npt.NDArray[np.int64]) -> None:
        self.people = people
        self.first = self.last = np.full(people, np.datetime64("NaT", "us"))
        self.odd = self.many = np.zeros(people, dtype=np.int64)
        order = np.argsort(hours, kind="stable")
        self.rare = np.zeros(24, dtype=bool)
        self.rare[order[np.cumsum(hours[order]) <= RARE * hours.sum()]] = True
        self.chance = (hours[self.rare].sum() + 1) / (hours.sum() + 1)

    def add(self, person: Rows, times: pd.Series, by_people: Any, now: pd.Timestamp | None) -> None:
        """Add events: whose they are, when, and which are not of machines."""
        self.last = np.fmax(self.last, _ends(person, times, self.people)[1])
        at = _until(times, now)
        self.first = np.fmin(self.first, _ends(person, pd.Series(at), self.people)[0])
        timed = _timed(at) & by_people
        self.many = self.many + np.bincount(person[timed], minlength=self.people)
        timed &= self.rare[_hours(at)]
        self.odd = self.odd + np.bincount(person[timed], minlength=self.people)

    def surprise(self) -> Numbers:
        """How surprising it is that so many events of a person happened at rare hours."""
        return chernoff(self.odd, self.many, self.chance)


def _until(times: pd.Series, now: pd.Timestamp | None) -> Times:
    """The times before now; NaT for later ones."""
    at: Times = times.to_numpy("datetime64[us]")
    return at if now is None else np.where(at < now.to_datetime64(), at, np.datetime64("NaT"))


def _furthest(events: pd.DataFrame, people: Any, now: pd.Timestamp | None) -> Numbers | None:
    """The most days by which an event of each person is out of the order of the file."""
    person = places_of(events["person_id"], pd.Series(people, dtype=object))
    chosen = np.flatnonzero(person >= 0)
    outside = _out_of_order(_until(events["at"], now), chosen)
    if outside is None:
        return None
    furthest = np.zeros(len(people))
    np.fmax.at(furthest, person[chosen], outside)
    return furthest


def chernoff(odd: npt.NDArray[np.int64], many: npt.NDArray[np.int64], chance: float) -> Numbers:
    """How surprising it is that so many of many are odd: minus the decimal logarithm of a bound.

    Chernoff's bound of the chance that as many or more are; 0 where no more are than expected.

    Examples
    --------
    >>> chernoff(np.array([0, 1, 6]), np.array([30, 50, 30]), 0.02).round(1).tolist()
    [0.0, 0.0, 3.9]
    """
    share = odd / np.maximum(many, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.nan_to_num(share * np.log(share / chance))
        apart = apart + np.nan_to_num((1 - share) * np.log((1 - share) / (1 - chance)))
    surprise: Numbers = np.where(share > chance, many * apart / np.log(10), 0.0)
    return surprise


def _places_of_leads(tables: Tables, created: Times, rows: Rows) -> Iterator[tuple[str, Numbers]]:
    """Days by which leads are out of the order of the file, and of their ids."""
    if np.isnat(created).all():
        return
    orders = (np.arange(len(created)), order_of_ids(tables.leads["lead_id"]))
    for name, order in zip(LEAD_ORDER, orders, strict=True):
        if order is None:
            continue
        place = np.empty(len(order), dtype=np.intp)
        place[order] = np.arange(len(order))
        outside = _out_of_order(created[order], place[rows])
        if outside is not None:
            yield name, outside
            return


def _out_of_order(times: Times, rows: Rows) -> Numbers | None:
    """Days by which times are out of order; None where most are, so the file has another order."""
    if len(times) < LEAST_ROWS:
        return None
    sample = np.linspace(0, len(times) - 1, SAMPLE).astype(np.intp)
    if (np.abs(days_out_of_order(times, sample)) > 0).mean() > MOSTLY:
        return None
    outside: Numbers = np.abs(days_out_of_order(times, rows))
    return outside


def _ends(group: Any, at: pd.Series, size: int) -> tuple[Times, Times]:
    """The first and the last time of each group."""
    times = at.to_numpy("datetime64[us]")
    known = (group >= 0) & ~np.isnat(times)
    numbers, group = times[known].astype("int64"), group[known]
    ends = []
    for least, ufunc in ((np.iinfo("int64").max, np.minimum), (np.iinfo("int64").min, np.maximum)):
        found = np.full(size, least)
        ufunc.at(found, group, numbers)
        ends.append(np.where(found == least, np.datetime64("NaT"), found.astype("datetime64[us]")))
    return ends[0], ends[1]


def _days(gaps: npt.NDArray[np.timedelta64]) -> Numbers:
    days: Numbers = gaps / np.timedelta64(1, "D")
    return days


def _hours(times: Times) -> npt.NDArray[np.int64]:
    found: npt.NDArray[np.int64] = times.astype("datetime64[h]").astype("int64") % 24
    return found


def _timed(times: Times) -> npt.NDArray[np.bool_]:
    """Which are times; those on the full day have none."""
    timed: npt.NDArray[np.bool_] = ~np.isnat(times) & (times != times.astype("datetime64[D]"))
    return timed
