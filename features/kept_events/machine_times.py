"""Events of machines and copies, found part by part and counted for the whole file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np

from features.event_audit.machine_events import RULES, find_machines
from features.event_audit.machine_series import active_people, quiet_hours
from features.kept_events.events import TEXTS
from features.kept_events.parts import LeadParts, PartedColumn
from features.tables.mapped_file import MappedFile
from features.text import count, join

_HASH_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # spreads codes over all 64 bits


def machine_times(
    file: MappedFile, columns: Mapping[str, PartedColumn], parts: LeadParts
) -> PartedColumn:
    """Find from when on each event is known to be a machine's; count these and copies.

    Parameters
    ----------
    file : MappedFile
        The file that the events are from, for its problems.
    columns : mapping of str to PartedColumn
        Of an `EventFile`, all but ``machine_at``.
    """
    hours = sum(
        active_people(_people(columns, parts, number), columns["at"].part(number))
        for number in range(parts.parts)
    )
    nights, starts = quiet_hours(np.asarray(hours)), columns["at"].starts
    known = PartedColumn.empty("datetime64[us]", starts)
    events, people, copies = Counter[str](), 0, 0
    for number in range(parts.parts):
        who = _people(columns, parts, number)
        kind, at, *of = (columns[name].part(number) for name in ("kind", "at", *TEXTS[1:]))
        found = find_machines(who, kind, at, of[0], of[1], nights)
        known.write(starts[number], found.known_from)
        events.update(found.events)
        people += found.people
        same = ("owner", "at", "kind", "asset", "campaign", "value", "by_sales")
        copies += _copies(columns[name].part(number) for name in same)
    _count_machines(file, {rule: events[rule] for rule in RULES if events[rule]}, people)
    _count_copies(file, copies)
    return known


def _people(columns: Mapping[str, PartedColumn], parts: LeadParts, number: int) -> np.ndarray:
    """The person of each event; -1 where an account or sales acted."""
    nobody = columns["by_account"].part(number) | columns["by_sales"].part(number)
    person: np.ndarray = parts.person[np.where(nobody, -1, columns["owner"].part(number))]
    return person


def _count_machines(file: MappedFile, events: Mapping[str, int], people: int) -> None:
    """Count the events of machines, each under the first rule that finds it."""
    rules = [f"{rule} ({number:,})" for rule, number in events.items()]
    file.problems.add(
        "events",
        "by machines",
        sum(events.values()),
        f"{{count}} {{event|events}} of {file.name} at "
        f"{count(people, 'person', 'people')} {{comes|come}} from machines, such as link "
        f"scanners: {join(rules)}; no feature counts {{it|them}}",
        "exclude bots and link scanners where the events are recorded",
    )


def _copies(columns: Iterable[np.ndarray]) -> int:
    """Count the events that equal another in every column, by a hash of all columns."""
    hashes: np.ndarray = np.zeros(1, dtype="uint64")
    for column in columns:
        kind = "float64" if column.dtype.kind == "f" else "int64"
        hashes = (hashes ^ column.astype(kind).view("uint64")) * _HASH_FACTOR
        hashes ^= hashes >> np.uint64(29)
    hashes = np.sort(hashes)
    return int((hashes[1:] == hashes[:-1]).sum())


def _count_copies(file: MappedFile, copies: int) -> None:
    file.problems.add(
        "events",
        "repeated events",
        copies,
        f"{{count}} {{event|events}} of {file.name} {{is an exact copy|are exact copies}} "
        "of another; "
        "all were kept",
        "if the export repeats rows, export it again without them",
    )
