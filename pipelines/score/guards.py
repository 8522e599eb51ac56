"""What is compared before scores are replaced: the export with the last run, leads with training.

An export that was cut short, ids that were renamed, dates that are not real: scores of such data
look like any others. A run beyond a limit under ``guards:`` ends before anything is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

import pandas as pd

from features import text
from features.errors import CheckFailed
from features.tables.read import Tables
from features.workspace.job_schema import Guards
from pipelines.score.unseen import Shift

EXPORT = "export"  # key of the evaluation
LEAST_ROWS = 20  # fewer rows say nothing about a share
NO_TIME, NO_KIND = "without time", "without kind"  # problems of events
UNKNOWN_LEAD = ("of unknown leads", "ids in another column")
SHOWN = 3


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
        Rows without a date, or with one that is not possible.
    """

    leads: int
    events: int
    linked: int
    undated_leads: int
    undated_events: int

    @classmethod
    def of(cls, tables: Tables, latest: pd.Timestamp) -> ExportCounts:
        """Count the rows of the tables; dates after ``latest`` are not possible."""
        of_events = [problem for problem in tables.problems if problem.table == "events"]
        no_time = sum(problem.count for problem in of_events if problem.kind == NO_TIME)
        no_lead = sum(problem.count for problem in of_events if _names_no_lead(problem.kind))
        linked = len(tables.events) + no_time
        created, at = tables.leads["created_at"], tables.events["at"]
        return cls(
            len(tables.leads),
            linked + no_lead,
            linked,
            int((created.isna() | (created > latest)).sum()),
            no_time + int((at > latest).sum()),
        )

    def to_json(self) -> dict[str, int]:
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
        )
        if limit is not None and earlier >= LEAST_ROWS and new < (1 - limit) * earlier
    ]
    return rows + _share_breaches(now, before, limits)


def _share_breaches(now: ExportCounts, before: Before, limits: Guards) -> list[Breach]:
    old, whose = before
    unlinked = (now.events - now.linked, now.events), (old.events - old.linked, old.events)
    leads = (now.undated_leads, now.leads), (old.undated_leads, old.leads)
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
        )
        if limit is not None and new[1] >= LEAST_ROWS and _share(new) - _share(earlier) > limit
    ]


def _names_no_lead(kind: str) -> bool:
    """Whether a problem counts events that belong to no lead."""
    nobody = kind.startswith("without ") and kind not in (NO_TIME, NO_KIND)
    return nobody or kind in UNKNOWN_LEAD


def _share(counts: tuple[int, int]) -> float:
    return counts[0] / counts[1] if counts[1] else 0.0


def shift_breaches(shifts: Sequence[Shift], limits: Guards) -> list[Breach]:
    """Name the features of which too many leads differ from those of the training."""
    return [
        Breach(guard, shift.shift_text()) for shift in shifts for guard in shift.exceeded(limits)
    ]


def before_of(
    last_run: Mapping[str, int] | None, training: Mapping[str, int] | None
) -> Before | None:
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
