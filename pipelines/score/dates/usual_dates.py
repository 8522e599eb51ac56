"""Dates of a lead that lie to each other as hardly any did in the training.

Days and months that are swapped for some rows, times of another zone: such a date can be read, so
no count of bad dates shows it. The training keeps how the dates of its leads lay to each other, and
a lead that is outside gets a warning. What only all leads together show is noted for the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from features import text
from features.tables.read import Tables
from features.workspace.schema import Workspace
from pipelines.score.dates.date_measures import (
    CREATED_HOUR,
    EVENT_HOURS,
    EVENT_ORDER,
    LAST_EVENT,
    LEAD_ORDER,
    LEAST_HOURS,
    UNREAD,
    date_measures,
    dated_parts,
    hour_counts,
)
from pipelines.score.unseen import joined_warnings

Counts = npt.NDArray[np.int64]

USUAL = "dates"  # key of the evaluation
HARDLY = 0.0005  # share of the leads of the training beyond either limit
WIDER = 0.5  # of the distance from the median to a limit that leads may be beyond it
LEAST_LEADS = 200
NEVER = -1e9  # days; no lead is below
SLACK = 1 / 1440  # days
RARE_HOUR, SURPRISE = 0.001, 4.0
MOST_LEADS = 50_000  # of the training that are measured
LEAST_PART, LEAST_APART = 0.05, 0.03  # share that was moved; distance between the hours of the day
WORDS = {EVENT_HOURS: "events", CREATED_HOUR: "created leads"}
FEWER_LATE_DAYS = 0.1  # by which the share of dates after the 12th day of a month may fall


def usual_dates(ws: Workspace, tables: Tables, latest: pd.Timestamp) -> dict[str, Any]:
    """Summarise how the dates of the leads of a training lie to each other.

    Returns
    -------
    dict
        ``limits`` by measure, ``hours`` of events and created leads, and ``late_days``, the shares
        of their dates after the 12th day of a month.
    """
    rows = np.arange(len(tables.leads))
    if len(rows) > MOST_LEADS:
        rows = np.sort(np.random.default_rng(0).choice(rows, MOST_LEADS, replace=False))
    hours = hour_counts(tables)
    measures = date_measures(ws, tables, latest, rows, hours)
    found = {str(name): _limits(str(name), measures[name].to_numpy(float)) for name in measures}
    return {
        "limits": {name: limits for name, limits in found.items() if limits is not None},
        "hours": {name: counts.tolist() for name, counts in hours.items()},
        "late_days": _late_days(tables),
    }


def _limits(name: str, values: npt.NDArray[np.float64]) -> tuple[float, float] | None:
    """The range that hardly any lead is outside of; None where too few are known."""
    known = values[np.isfinite(values)]
    if len(known) < LEAST_LEADS:
        return None
    if name == CREATED_HOUR:
        return RARE_HOUR, 1.0
    if name.startswith(UNREAD):
        return None if known.mean() > HARDLY else (0.0, 0.5)
    low, middle = np.quantile(known, [HARDLY, 0.5], method="lower")
    high = np.quantile(known, 1 - HARDLY, method="higher")
    if name == LAST_EVENT:
        return NEVER, float(max(high, 0.0) + SLACK)
    low, high = low - WIDER * (middle - low), high + WIDER * (high - middle)
    if (known >= 0).mean() >= 1 - HARDLY:
        low = max(low, 0.0)  # what never comes before
    if name == EVENT_HOURS:
        high = max(high, SURPRISE)
    return float(low - SLACK), float(high + SLACK)


class OddDates(NamedTuple):
    """The dates that are not as in the training.

    Attributes
    ----------
    warnings : array of str
        For each lead that is scored; empty where nothing is odd.
    notes : list of str
        What the run shows.
    """

    warnings: npt.NDArray[Any]
    notes: list[str]


def odd_dates(
    ws: Workspace,
    tables: Tables,
    lead_ids: pd.Series,
    latest: pd.Timestamp,
    usual: Mapping[str, Any] | None,
    now: pd.Timestamp,
) -> OddDates:
    """Find leads whose dates lie to each other as hardly any did in the training.

    Parameters
    ----------
    lead_ids : Series
        The leads that are scored.
    latest : Timestamp
        Later dates are not possible.
    usual : mapping or None
        Of `usual_dates`; None for a version that was registered without.
    now : Timestamp
        When the leads are judged.
    """
    warnings = np.full(len(lead_ids), "", dtype=object)
    if not usual or not len(lead_ids):
        return OddDates(warnings, [])
    places = pd.Index(tables.leads["lead_id"]).get_indexer(lead_ids.to_numpy(object))
    hours = {name: np.array(counts) for name, counts in usual["hours"].items()}
    measures = date_measures(ws, tables, latest, places, hours, now)
    notes = []
    for name, (low, high) in usual["limits"].items():
        values = (
            measures[name].to_numpy(float) if name in measures else np.full(len(places), np.nan)
        )
        odd = (values < low) | (values > high)
        if not odd.any():
            continue
        found = [_odd_text(name, value, (low, high), ws.leads.created) for value in values[odd]]
        warnings[odd] = joined_warnings(warnings[odd], np.array(found, dtype=object))
    if odd_leads := int((warnings != "").sum()):
        verb = "has" if odd_leads == 1 else "have"
        notes.append(
            f"{odd_leads:,} of {len(places):,} leads {verb} dates that lie to each other as hardly "
            "any did in the training (column warning)"
        )
    return OddDates(warnings, notes + _moved_notes(tables, usual))


def _odd_text(name: str, value: float, limits: tuple[float, float], created: str | None) -> str:
    if name.startswith(UNREAD):
        return f"{name.removeprefix(UNREAD)} cannot be read as a date"
    if name == CREATED_HOUR:
        return f"{created} has an hour at which hardly any lead of the training was created"
    if name == EVENT_HOURS:
        return "more of its events than chance explains happened at hours that are rare in training"
    if name == LAST_EVENT:
        return f"its last event is {_span(value)} in the future"
    if name == EVENT_ORDER:
        return f"an event is dated {_span(value)} off the events beside it in the file"
    if name in LEAD_ORDER:
        beside = "beside it in the file" if name == LEAD_ORDER[0] else "with the next ids"
        return f"{created} is {_span(value)} off that of the leads {beside}"
    way = "before" if value < 0 else "after"
    usual = limits[0] if value < limits[0] else limits[1]
    same_way = abs(usual) > 2 * SLACK and (usual < 0) == (value < 0)
    most = f"at most {_span(usual)}" if same_way else "hardly ever"
    return f"{name} is {_span(value)} {way} {created} (in training {most})"


def _span(days: float) -> str:
    days = abs(days)
    if days >= 1.95:
        return text.count(round(days), "day")
    if days >= 1 / 24:
        return text.count(round(days * 24), "hour")
    return text.count(max(round(days * 1440), 1), "minute")


# -- the whole run --------------------------------------------------------------------------------


def _moved_notes(tables: Tables, usual: Mapping[str, Any]) -> list[str]:
    """Say what part of the times seems to be of another zone, and whether late days are missing."""
    notes, late = [], _late_days(tables)
    for name, now in hour_counts(tables).items():
        part, shift = part_moved(now, np.array(usual["hours"][name]))
        if shift:
            when = f"{text.count(abs(shift), 'hour')} {'later' if shift > 0 else 'earlier'}"
            notes.append(
                f"about {text.percent(part)} of the {WORDS[name]} seem to be {when} in the day "
                "than in the training: are they in another time zone?"
            )
        before = usual["late_days"].get(name)
        if before is not None and name in late and late[name] < before - FEWER_LATE_DAYS:
            notes.append(
                f"{text.percent(late[name])} of the {WORDS[name]} are dated after the 12th of a "
                f"month, {text.percent(before)} in the training: are days and months swapped?"
            )
    return notes


def part_moved(now: Counts, before: Counts) -> tuple[float, int]:
    """Find which part of the times was moved by how many hours; 0 hours if none was.

    Summer time moves all times by an hour, so only two hours or more count.

    Examples
    --------
    >>> office = np.array([0] * 8 + [100, 200, 300, 200, 100, 200, 300, 200, 100] + [0] * 7)
    >>> part, hours = part_moved(7 * office + 3 * np.roll(office, 9), 10 * office)
    >>> round(part, 2), hours
    (0.3, 9)
    """
    rows = int(min(now.sum(), before.sum()))
    if rows < LEAST_HOURS:
        return 0.0, 0
    new, old = now / now.sum(), before / before.sum()
    apart = np.abs(new - old).sum() / 2
    if apart <= max(LEAST_APART, np.sqrt(24 / rows)):
        return 0.0, 0
    best = (apart, 0.0, 0)
    for hours in (*range(-11, 0), *range(1, 13)):
        way = np.roll(old, hours) - old
        part = float(np.clip((new - old) @ way / max(way @ way, 1e-12), 0, 1))
        best = min(best, (float(np.abs(new - old - part * way).sum() / 2), part, hours))
    left, part, hours = best
    clear = left < apart / 2 and part >= LEAST_PART and abs(hours) > 1
    return (part, hours) if clear else (0.0, 0)


def _late_days(tables: Tables) -> dict[str, float]:
    """The shares of the dates of events and of created leads after the 12th day of a month."""
    found = {}
    for name, parts in dated_parts(tables):
        known, late = np.sum([_known_and_late(times) for times in parts], axis=0)
        if known >= LEAST_HOURS:
            found[name] = float(late / known)
    return found


def _known_and_late(times: npt.NDArray[np.datetime64]) -> tuple[int, int]:
    days = times[~np.isnat(times)].astype("datetime64[D]")
    return len(days), int((days - days.astype("datetime64[M]") >= np.timedelta64(12, "D")).sum())
