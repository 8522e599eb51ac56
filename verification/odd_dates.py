"""Are dates found that were swapped or moved for a part of the rows?

Companies are simulated in the layouts of several systems. What is usual is learned from the leads
up to 90 days before the extract; then three dates in ten are written with day and month swapped, or
some hours off, of events or of leads. Leads with such a date should have a warning, others not.
That leads were created some hours off shows only where they have another date of that time.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from features.kept_events.events import Events
from features.labels.moments import moments_at
from features.progress import no_progress
from features.tables.read import Tables
from features.text import percent
from pipelines.init.init import init
from pipelines.score.dates.usual_dates import odd_dates, usual_dates
from pipelines.simulator.company import Settings, simulate_company
from pipelines.simulator.export import write_company
from pipelines.simulator.layouts.choose import write_layout
from pipelines.snapshot import Snapshot, read_snapshot
from verification.estimates import Check, checks_text

LAYOUTS = ("plain", "plain", "pipedrive", "odoo")
EARLIER, DAY = pd.Timedelta(days=90), pd.Timedelta(days=1)
PART = 0.3  # of the dates that are changed
FOUND, ALARMS = 0.9, 0.005  # of the changed leads; of the honest ones
EVENTS, LEADS = "events", "leads"


class Found(NamedTuple):
    """How many leads with and without a changed date there are, and how many have a warning."""

    changed: int
    found: int
    others: int
    alarms: int


def swapped(times: pd.Series) -> pd.Series:
    """Swap day and month where both are months.

    Examples
    --------
    >>> swapped(pd.Series(pd.to_datetime(["2026-09-05", "2026-09-25"]))).astype(str).tolist()
    ['2026-05-09', '2026-09-25']
    """
    day, month = times.dt.day, times.dt.month
    fits = day <= 12
    parts = {"year": times.dt.year[fits], "month": day[fits], "day": month[fits]}
    new = times.copy()
    new[fits] = pd.to_datetime(pd.DataFrame(parts)) + (times - times.dt.normalize())[fits]
    return new


def moved(hours: int) -> Callable[[pd.Series], pd.Series]:
    """Move times by some hours."""
    return lambda times: times + pd.Timedelta(hours=hours)


FAULTS: Mapping[str, Callable[[pd.Series], pd.Series]] = {
    "day and month swapped": swapped,
    "9 hours later": moved(9),
    "5 hours earlier": moved(-5),
}


def up_to(tables: Tables, time: pd.Timestamp) -> Tables:
    """Give the tables as they would have been exported earlier."""
    leads = tables.leads[tables.leads["created_at"] <= time].reset_index(drop=True)
    ends = ["moment_base_at", "closed_at", "won_at"]
    leads[ends] = leads[ends].mask(leads[ends] > time)
    earlier = {
        name: table[table["at"] <= time].reset_index(drop=True)
        for name in (EVENTS, "stages", "field_history")
        if len(table := getattr(tables, name))
    }
    return with_tables(tables, leads=leads, **earlier)


def with_tables(tables: Tables, **new: pd.DataFrame) -> Tables:
    """Give the tables with others in the place of some."""
    kept: dict[str, Any] = {name: table for name, table in new.items() if name != EVENTS}
    if EVENTS in new:
        kept["kept_events"] = Events.of(new[EVENTS])
    return replace(tables, **kept)


def with_fault(
    tables: Tables, of: str, fault: Callable[[pd.Series], pd.Series]
) -> tuple[Tables, set[str]]:
    """Change a part of the dates of events or leads; say whose."""
    table, column = getattr(tables, of), "at" if of == EVENTS else "created_at"
    chosen = np.random.default_rng(1).random(len(table)) < PART
    new = table[column].where(~chosen, fault(table[column]).astype("datetime64[us]"))
    whose = set(table.loc[new != table[column], "person_id"].dropna().astype(str))
    return with_tables(tables, **{of: table.assign(**{column: new})}), whose


def found_in(snapshot: Snapshot, of: str | None, fault: Callable[[pd.Series], pd.Series]) -> Found:
    """Look for a fault in the export of a company; without ``of``, nothing is changed."""
    workspace, tables, now = snapshot.workspace, snapshot.tables, snapshot.extract_at
    usual = usual_dates(workspace, up_to(tables, now - EARLIER), now - EARLIER)
    faulty, whose = with_fault(tables, of, fault) if of else (tables, set())
    leads = moments_at(workspace, faulty, now)
    odd = odd_dates(workspace, faulty, leads["lead_id"], now + DAY, usual, now)
    warned = odd.warnings != ""
    changed = leads["person_id"].isin(whose).to_numpy()
    sums = (changed, changed & warned, ~changed, ~changed & warned)
    return Found(*(int(each.sum()) for each in sums))


def simulated(layout: str, seed: int, folder: Path) -> Snapshot:
    """Write a company in a layout, and read it as a company would."""
    company = simulate_company(Settings(seed=seed, leads=4_000, events=80_000))
    if layout == "plain":
        write_company(company, folder)
    else:
        files = write_layout(company, layout, folder, "kept")
        others = [path for paths in files.values() for path in paths][1:]
        init(folder, files["leads"][0], other_files=others, progress=no_progress)
    return read_snapshot(folder)


def odd_date_checks(snapshots: Sequence[Snapshot]) -> list[Check]:
    """Look for each fault in each company."""
    honest = [found_in(snapshot, None, swapped) for snapshot in snapshots]
    alarms, leads = sum(each.alarms for each in honest), sum(each.others for each in honest)
    result, required = f"{alarms:,} of {leads:,} leads warned", f"at most {percent(ALARMS, 1)}"
    checks = [Check("nothing changed", result, required, alarms <= ALARMS * leads)]
    for of in (EVENTS, LEADS):
        for name, fault in FAULTS.items():
            rows = [found_in(snapshot, of, fault) for snapshot in snapshots]
            changed, found = sum(row.changed for row in rows), sum(row.found for row in rows)
            result = f"{percent(found / changed)} of {changed:,} changed leads warned"
            shown = of == LEADS and fault is not swapped
            required = "" if shown else f"at least {percent(FOUND)}"
            enough = shown or found >= FOUND * changed
            checks.append(Check(f"{of}: {name}", result, required, enough))
    return checks


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 1 if a check fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layouts", nargs="+", default=LAYOUTS)
    layouts = parser.parse_args(arguments).layouts
    with tempfile.TemporaryDirectory() as folder:
        snapshots = [
            simulated(layout, seed, Path(folder) / str(seed)) for seed, layout in enumerate(layouts)
        ]
        checks = odd_date_checks(snapshots)
    print(checks_text(checks))
    return 0 if all(check.passed for check in checks) else 1


if __name__ == "__main__":
    raise SystemExit(main())
