"""What is compared before scores are replaced: the export with the last run, leads with training.

An export that was cut short, ids that were renamed, dates that are not real: scores of such data
look like any others. A run beyond a limit under ``guards:`` ends before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from features import text
from features.errors import CheckFailed
from features.files.arrow_text import places_of
from features.tables.read import Problem, Tables
from features.workspace.job_schema import Guards
from pipelines.score.dates.date_measures import by_hour
from pipelines.score.unseen import Shift

EXPORT = "export"  # key of the evaluation
LEAST_ROWS = 20  # fewer rows say nothing about a share
IMPOSSIBLE = "impossible dates"
NO_TIME, NO_KIND = "without time", "without kind"  # problems of events
UNKNOWN_LEAD = ("of unknown leads", "ids in another column")
SHOWN = 3
MOST_KINDS = 60  # of events that are counted; an export with more is not compared by kind
LEAST_HOURS = 1000  # events; fewer say nothing about the hours of the day
FURTHEST_HOURS = 0.1  # share of the events that may happen at other hours than before


class Breach(NamedTuple):
    """A limit that a run is beyond, and why."""

    guard: str
    reason: str


@dataclass(frozen=True)
class ExportCounts:
    """How many rows an export has, and how many of them can be used.

    Attributes
    ----------
    leads, events : int
        Rows.
    linked : int
        Events that belong to a lead.
    undated_leads, undated_events : int
        Rows without a date, or with one that is not possible, such as a closing before the lead was
        created.
    stages, changes : int
        Rows of the stage history and of the history of other fields.
    kinds : mapping of str to int
        Events of the most frequent kinds; those without a kind are under an empty text.
    hours, lead_hours : sequence of int
        Events by hour of the day, and leads by the hour of their creation; empty if there are none.
    early : int or None
        Events before their person's first lead was created; None where nobody counted them.
    """

    leads: int
    events: int
    linked: int
    undated_leads: int
    undated_events: int
    stages: int = 0
    changes: int = 0
    kinds: Mapping[str, int] = field(default_factory=dict)
    hours: Sequence[int] = ()
    lead_hours: Sequence[int] = ()
    early: int | None = None

    @classmethod
    def of(cls, tables: Tables, latest: pd.Timestamp) -> ExportCounts:
        """Count the rows of the tables; dates after ``latest`` are not possible."""
        of_events = [problem for problem in tables.problems if problem.table == "events"]
        no_time = sum(problem.count for problem in of_events if problem.kind == NO_TIME)
        no_lead = sum(problem.count for problem in of_events if _names_no_lead(problem.kind))
        events, leads = tables.kept_events, tables.leads
        linked = len(events) + no_time
        late = (leads[["created_at", "closed_at", "won_at"]] > latest).any(axis=1)
        undated = int((leads["created_at"].isna() | late | _out_of_order(leads)).sum())
        false = [each.count for each in tables.problems if _is_false_date_of_leads(each)]
        kinds = events.kind_counts
        without = len(events) - int(kinds.sum())
        unnamed = {"": without} if without else {}
        return cls(
            len(tables.leads),
            linked + no_lead,
            linked,
            max([undated, *false]),
            no_time + events.count_after(latest),
            len(tables.stages),
            len(tables.field_history),
            {str(kind): int(count) for kind, count in kinds[:MOST_KINDS].items()} | unnamed,
            _hours(part["at"] for part in events.in_parts("at")),
            _hours([leads["created_at"]]),
            _before_created(tables),
        )

    def to_json(self) -> dict[str, object]:
        """Give the counts by name."""
        return asdict(self)


class Before(NamedTuple):
    """What an export is compared with: the counts of an earlier one, and whose they are."""

    counts: ExportCounts
    whose: str  # in the last run, in the training


def export_breaches(now: ExportCounts, before: Before, limits: Guards) -> list[Breach]:
    """Compare an export with an earlier one.

    Examples
    --------
    >>> before = Before(ExportCounts(1000, 9000, 9000, 0, 0), "in the last run")
    >>> export_breaches(ExportCounts(15, 9000, 9000, 0, 0), before, Guards())[0].reason
    'the export has 15 leads, 1,000 in the last run'
    """
    old, whose = before
    rows = [
        Breach(guard, f"the export has {text.count(new, what)}, {earlier:,} {whose}")
        for guard, what, new, earlier, limit in (
            ("fewer_leads", "lead", now.leads, old.leads, limits.fewer_leads),
            ("fewer_events", "event", now.events, old.events, limits.fewer_events),
            ("fewer_events", "stage change", now.stages, old.stages, limits.fewer_events),
            ("fewer_events", "field change", now.changes, old.changes, limits.fewer_events),
        )
        if limit is not None and earlier >= LEAST_ROWS and new < (1 - limit) * earlier
    ]
    shapes = _kind_breaches(now, before, limits) + _hour_breaches(now, before, limits)
    return rows + _share_breaches(now, before, limits) + shapes


def _share_breaches(now: ExportCounts, before: Before, limits: Guards) -> list[Breach]:
    old, whose = before
    unlinked = (now.events - now.linked, now.events), (old.events - old.linked, old.events)
    leads = (now.undated_leads, now.leads), (old.undated_leads, old.leads)
    known = None not in (now.early, old.early)
    early = (now.early or 0, now.linked if known else 0), (old.early or 0, old.linked)
    events = (now.undated_events, now.events), (old.undated_events, old.events)
    return [
        Breach(
            guard,
            f"{new[0]:,} of {new[1]:,} {what}, {text.percent(_share(earlier))} of them {whose}",
        )
        for guard, what, (new, earlier), limit in (
            ("fewer_linked", "events belong to no lead", unlinked, limits.fewer_linked),
            ("bad_dates", "leads have no possible date", leads, limits.bad_dates),
            ("bad_dates", "events have no possible date", events, limits.bad_dates),
            ("bad_dates", "events came before their lead", early, limits.bad_dates),
        )
        if limit is not None and new[1] >= LEAST_ROWS and _share(new) - _share(earlier) > limit
    ]


def _kind_breaches(now: ExportCounts, before: Before, limits: Guards) -> list[Breach]:
    """Refuse events of kinds that the earlier export did not have."""
    known = before.counts.kinds
    new = {kind: count for kind, count in now.kinds.items() if kind not in known}
    beyond = limits.unseen is not None and sum(new.values()) > limits.unseen * now.linked
    if not known or len(known) == MOST_KINDS or now.linked < LEAST_ROWS or not beyond:
        return []
    named = ", ".join(map(repr, list(new)[:SHOWN]))
    what = f"{sum(new.values()):,} of {now.linked:,} events are of kinds that did not occur"
    return [Breach("unseen", f"{what} {before.whose}: {named}")]


def _hour_breaches(now: ExportCounts, before: Before, limits: Guards) -> list[Breach]:
    """Refuse times that are all some hours later or earlier: another time zone."""
    found = []
    for what, new, old in (
        ("events happen", now.hours, before.counts.hours),
        ("leads are created", now.lead_hours, before.counts.lead_hours),
    ):
        hours = hour_shift(new, old)
        if hours and limits.bad_dates is not None:
            when = f"{text.count(abs(hours), 'hour')} {'later' if hours > 0 else 'earlier'}"
            reason = f"{what} {when} in the day than {before.whose}, as in another time zone"
            found.append(Breach("bad_dates", reason))
    return found


def hour_shift(now: Sequence[int], earlier: Sequence[int]) -> int:
    """Find by how many hours the day of the events was moved; 0 if it was not.

    Examples
    --------
    >>> office = [0] * 8 + [100, 200, 300, 200, 100, 200, 300, 200, 100] + [0] * 7
    >>> hour_shift([*office[-9:], *office[:-9]], office), hour_shift(office, office)
    (9, 0)
    """
    if min(sum(now), sum(earlier)) < LEAST_HOURS:
        return 0
    new, old = np.array(now) / sum(now), np.array(earlier) / sum(earlier)
    apart = np.array([np.abs(new - np.roll(old, hours)).sum() / 2 for hours in range(24)])
    best = int(apart.argmin())
    moved = apart[0] > FURTHEST_HOURS and apart[best] < apart[0] / 2
    return (best + 11) % 24 - 11 if moved else 0


def _hours(parts: Iterable[pd.Series[Any]]) -> list[int]:
    """Count times by hour of the day, part by part; empty if none has an hour."""
    counts = sum(by_hour(part.to_numpy("datetime64[us]")) for part in parts)
    return [int(count) for count in np.ravel(counts)] if np.any(counts) else []


def _before_created(tables: Tables) -> int:
    """Count the events before their person's first lead was created."""
    first = tables.leads.groupby("person_id", sort=False)["created_at"].min()
    people = first.index.to_series()
    created = np.append(first.to_numpy("datetime64[us]"), np.datetime64("NaT"))
    early = 0
    for part in tables.kept_events.in_parts("person_id", "at"):
        person = places_of(part["person_id"], people)
        early += int((part["at"].to_numpy("datetime64[us]") < created[person]).sum())
    return early


def _out_of_order(leads: pd.DataFrame) -> pd.Series[bool]:
    """Leads that were judged or closed more than a day before they were created."""
    day = pd.Timedelta(days=1)
    first = leads[["moment_base_at", "closed_at", "won_at"]].min(axis=1)
    return first < leads["created_at"] - day


def _names_no_lead(kind: str) -> bool:
    """Whether a problem counts events that belong to no lead."""
    nobody = kind.startswith("without ") and kind not in (NO_TIME, NO_KIND)
    return nobody or kind in UNKNOWN_LEAD


def _is_false_date_of_leads(problem: Problem) -> bool:
    return problem.table == "leads" and problem.kind == IMPOSSIBLE


def _share(counts: tuple[int, int]) -> float:
    return counts[0] / counts[1] if counts[1] else 0.0


def shift_breaches(shifts: Sequence[Shift], limits: Guards) -> list[Breach]:
    """Name the features of which too many leads differ from those of the training."""
    return [
        Breach(guard, shift.shift_text()) for shift in shifts for guard in shift.exceeded(limits)
    ]


def before_of(last_run: Any, training: Any) -> Before | None:
    """Find what to compare an export with: the last run, or before the first run the training."""
    if last_run is not None:
        return Before(ExportCounts(**last_run), "in the last run")
    return Before(ExportCounts(**training), "in the training") if training else None


def refuse_breaches(breaches: Sequence[Breach], forced: Sequence[str], where: str) -> list[Breach]:
    """Refuse a run that is beyond a limit; return the breaches that ``--force`` overrides.

    Raises
    ------
    CheckFailed
        With the reasons in one line.
    """
    stopped = [breach for breach in breaches if breach.guard not in forced]
    if not stopped:
        return list(breaches)
    reasons = list(dict.fromkeys(breach.reason for breach in stopped))
    more = f"; and {len(reasons) - SHOWN:,} more" if len(reasons) > SHOWN else ""
    names = dict.fromkeys(breach.guard for breach in stopped)
    refused = CheckFailed(
        f"{'; '.join(reasons[:SHOWN])}{more} (guards: {', '.join(names)} in leadready.yaml)",
        where=where,
        hint="correct the export or its mapping, or train again; the old scores were kept. If the "
        f"data is right, score with  {' '.join(f'--force {name}' for name in names)}",
    )
    refused.guards = tuple(names)
    raise refused
