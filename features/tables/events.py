"""The table of events: who did what and when.

There may be millions of events, so all work is done on codes (which distinct value a row has)
rather than on values. An event belongs to the lead, contact or account that it names. Events of
unknown leads are counted and left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa

from features.engine import release_memory
from features.errors import LeadReadyError
from features.files.columnar.blocks import TableColumns
from features.kept_events.events import TEXTS, EventFile, Events, StoredEvents
from features.kept_events.machine_times import machine_times
from features.kept_events.parts import LeadParts, PartedColumn, RowParts, blocks
from features.progress import Progress
from features.tables.mapped_file import MappedFile, open_mapped_file
from features.tables.mapped_links import link_rows
from features.tables.problems import Problems, nearest_text
from features.workspace.schema import BySales, EventsSource, Workspace

MOST_PAIRS = 2**31  # of values, or their number needs 64 bits


def kind_slug(text: str) -> str:
    """Turn a kind of event into a name: lower case, words joined by ``_``.

    Examples
    --------
    >>> kind_slug("Outbound Attended Dialled"), kind_slug("emailOpened")
    ('outbound_attended_dialled', 'email_opened')
    """
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text)
    return re.sub(r"[\W_]+", "_", spaced.lower()).strip("_")


def open_events(
    ws: Workspace,
    problems: Problems,
    progress: Progress,
    frames: Sequence[pd.DataFrame] | None = None,
) -> list[MappedFile]:
    """Open all files of events; their columns are read, or will be, but not understood yet.

    Parameters
    ----------
    frames : sequence of DataFrame, optional
        Tables in place of the files, one for each.
    """
    if frames is not None and len(frames) != len(ws.events):
        raise LeadReadyError(
            f"got {len(frames)} tables of events, but the mapping has {len(ws.events)}",
            where=ws.where("events"),
            hint="give one table for each file, in the same order",
        )
    given = [None] * len(ws.events) if frames is None else frames
    return [
        _open_file(ws, source, position, problems, progress, frame)
        for position, (source, frame) in enumerate(zip(ws.events, given, strict=True))
    ]


def read_events(
    files: list[MappedFile], sources: Sequence[EventsSource], leads: pd.DataFrame
) -> Events:
    """Read all events that belong to leads.

    Parameters
    ----------
    files : list of MappedFile
        Of `open_events`; empty afterwards, so that the memory of each is free once it is read.
    sources : sequence of EventsSource
        Their mappings.
    leads : DataFrame
        The table of leads, with the ids that events may name.

    Returns
    -------
    Events
        ``person_id, account_id, at, kind, asset, campaign, value, by_sales, machine_at``;
        ``machine_at`` says from when on an event is known to be a machine's. Empty if the workspace
        has no events.
    """
    parts = LeadParts.of(leads, sum(map(len, files)))
    texts: dict[str, dict[str, int]] = {name: {} for name in TEXTS}
    found = [_events_of_file(files.pop(0), source, leads, parts, texts) for source in sources]
    stored = StoredEvents(
        [file for file in found if file.rows],
        parts,
        {name: pd.Index(list(places), dtype="str") for name, places in texts.items()},
    )
    rows = sum(file.rows for file in stored.files)
    return Events(rows, stored.load, parts.of_lead, parts.parts)


def _open_file(
    ws: Workspace,
    source: EventsSource,
    position: int,
    problems: Problems,
    progress: Progress,
    frame: pd.DataFrame | None,
) -> MappedFile:
    direction = source.by_sales.column if isinstance(source.by_sales, BySales) else None
    links = [source.lead, source.contact, source.account]
    return open_mapped_file(
        ws,
        source,
        f"events.{position}",
        problems,
        progress,
        frame,
        texts=[*links, *source.kind, source.asset, source.campaign, direction],
        others=[source.time, source.value],
    )


def _events_of_file(
    file: MappedFile,
    source: EventsSource,
    leads: pd.DataFrame,
    parts: LeadParts,
    texts: dict[str, dict[str, int]],
) -> EventFile:
    rows, columns = _owned_rows(file, source, leads, parts)
    names = {"asset": source.asset, "campaign": source.campaign}
    kinds, values = _event_kinds(file, source, rows)
    meanings: dict[str, Sequence[str | None]] = {"kind": values}
    columns["kind"] = rows.split(kinds)
    del kinds  # it is as long as the file, like the next ones
    for key, name in names.items():
        columns[key], meanings[key] = _text_codes(file, key, name, rows)
    columns["value"] = rows.split(file.numbers("value", source.value))
    columns["by_sales"] = rows.split(_sales_events(file, source))
    if parts.parts > 1:
        columns["number"] = rows.split(rows.numbers())
    file = replace(file, columns=TableColumns(pa.table({})))  # the memory of its rows is needed now
    del rows
    release_memory()
    columns["machine_at"] = machine_times(file, columns, parts)
    found = EventFile(columns, {})
    if not found.rows:
        return found
    return found._replace(texts={name: _places(meanings[name], texts[name]) for name in TEXTS})


def _owned_rows(
    file: MappedFile, source: EventsSource, leads: pd.DataFrame, parts: LeadParts
) -> tuple[RowParts, dict[str, PartedColumn]]:
    """The rows that belong to a lead and have a time, with both."""
    links = link_rows(file, "events", leads)
    at = file.dates("events").to_numpy()
    owned = links.lead >= 0
    dated = ~np.isnat(at)
    file.problems.add(
        "events",
        "without time",
        int((owned & ~dated).sum()),
        f"{{count}} {{event|events}} of {file.name} {{has|have}} no time and {{was|were}} left out",
        f"fill {source.time} in the export",
    )
    rows = RowParts.of(parts, links.lead, owned & dated)
    columns = {"owner": links.lead, "by_account": links.by_account, "at": at}
    return rows, {name: rows.split(values) for name, values in columns.items()}


def _places(values: Sequence[str | None], texts: dict[str, int]) -> np.ndarray:
    """The place of each value among the different texts, to which new ones are added."""
    places = [-1 if value is None else texts.setdefault(value, len(texts)) for value in values]
    return np.array([*places, -1], dtype="int32")


def _text_codes(
    file: MappedFile, key: str, name: str | None, rows: RowParts
) -> tuple[PartedColumn, Sequence[str | None]]:
    if name is None:
        return rows.split(np.broadcast_to(np.int8(-1), len(file))), []
    codes, values = file.codes(key, name)
    return rows.split(codes), values.tolist()


# -- what an event is -----------------------------------------------------------------------------


def _event_kinds(
    file: MappedFile, source: EventsSource, rows: RowParts
) -> tuple[np.ndarray, list[str | None]]:
    if source.kind_is:
        return np.broadcast_to(np.int8(0), len(file)), [kind_slug(source.kind_is)]
    codes, values, counts = _combine_columns(file, source.kind, rows)
    slugs = [kind_slug(value) for value in values]
    renamed = {kind_slug(old): kind_slug(new) for old, new in source.rename_kinds.items()}
    _count_unused_renames(file, sorted(renamed.keys() - set(slugs)), slugs)
    kinds = [renamed.get(slug, slug) or None for slug in slugs]
    blank = [count for count, kind in zip(counts, kinds, strict=True) if kind is None]
    file.problems.add(
        "events",
        "without kind",
        sum(blank),
        f"{{count}} {{event|events}} of {file.name} {{has|have}} no kind; "
        "{it counts|they count} only in totals",
        f"fill {' and '.join(source.kind)} in the export",
    )
    return codes, kinds


def _count_unused_renames(file: MappedFile, kinds: Sequence[str], slugs: Sequence[str]) -> None:
    file.problems.add(
        "events",
        "kind never seen",
        len(kinds),
        f"rename_kinds names {' and '.join(map(repr, kinds))}, which {file.name} does not have",
        nearest_text(kinds, sorted(set(slugs))),
        kinds,
    )


def _combine_columns(
    file: MappedFile, columns: Sequence[str], rows: RowParts
) -> tuple[np.ndarray, list[str], list[int]]:
    """Which combination of the columns' values each row has; the combinations, and their rows."""
    codes, names, counts = np.zeros(len(file), dtype="int32"), [""], np.zeros(1, dtype="int64")
    for column in columns:
        column_codes, values = file.codes("kind", column)
        texts, size = [*values, ""], len(values) + 1  # what is missing comes last
        counts = np.zeros(len(names) * size, dtype="int64")
        pairs = codes if len(names) * size <= MOST_PAIRS else codes.astype("int64")
        for block in blocks(len(file)):
            pairs[block] = pairs[block] * size + column_codes[block] % size
            counts += np.bincount(pairs[block][rows.kept(block)], minlength=len(counts))
        seen = np.flatnonzero(counts)
        position = np.zeros(max(len(counts), size), dtype="int32")
        position[seen] = np.arange(len(seen))
        for block in blocks(len(file)):
            codes[block] = position[pairs[block]]
        names = [f"{names[pair // size]} {texts[pair % size]}".strip() for pair in seen]
    return codes, names, counts[counts > 0].tolist()


def _sales_events(file: MappedFile, source: EventsSource) -> np.ndarray:
    rule = source.by_sales
    if not isinstance(rule, BySales):
        return np.broadcast_to(rule, len(file))
    codes, values = file.codes("by_sales.column", rule.column)
    if len(values) and not set(rule.values) & set(values):
        where = file.where("by_sales.values")
        what = f"value of {rule.column}"
        raise LeadReadyError.unknown(rule.values[0], values, what=what, where=where)
    unseen = [value for value in rule.values if value not in set(values)]
    file.problems.add(
        "events",
        "value never seen",
        len(unseen),
        f"by_sales names {' and '.join(map(repr, unseen))}, which {rule.column} of {file.name} "
        "does not have",
        nearest_text(unseen, sorted(map(str, values))),
        unseen,
    )
    by_sales: np.ndarray = np.append(np.isin(values, list(rule.values)), False)[codes]
    return by_sales
