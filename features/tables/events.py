"""The table of events: who did what and when.

There may be millions of events, so all work is done on codes (which distinct value a row has)
rather than on values. An event belongs to the lead, contact or account that it names. Events of
unknown leads are counted and left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from features.engine import release_memory
from features.errors import LeadReadyError
from features.event_audit.machine_events import Machines, find_machines
from features.progress import Progress
from features.tables.mapped_file import MappedFile, open_mapped_file
from features.tables.mapped_links import link_rows
from features.tables.problems import Problems, nearest_text
from features.text import count, join
from features.workspace.schema import BySales, EventsSource, Workspace

COLUMNS: dict[str, Any] = {
    "person_id": "category",
    "account_id": "category",
    "at": "datetime64[us]",
    "kind": "category",
    "asset": "category",
    "campaign": "category",
    "value": "float64",
    "by_sales": "bool",
    "machine_at": "datetime64[us]",
}
BLOCK = 1_000_000  # events
_HASH_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # spreads codes over all 64 bits
Codes = tuple[np.ndarray, Sequence[str | None]]


def kind_slug(text: str) -> str:
    """Turn a kind of event into a name: lower case, words joined by ``_``.

    Examples
    --------
    >>> kind_slug("Outbound Attended Dialled"), kind_slug("emailOpened")
    ('outbound_attended_dialled', 'email_opened')
    """
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text)
    return re.sub(r"[\W_]+", "_", spaced.lower()).strip("_")


def read_events(
    ws: Workspace,
    leads: pd.DataFrame,
    problems: Problems,
    progress: Progress,
    frames: Sequence[pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """Read all files of events.

    Parameters
    ----------
    leads : DataFrame
        The table of leads, with the ids that events may name.
    frames : sequence of DataFrame, optional
        Tables in place of the files, one for each.

    Returns
    -------
    DataFrame
        ``person_id, account_id, at, kind, asset, campaign, value, by_sales, machine_at``, in the
        order of the files; ``machine_at`` says from when on an event is known to be a machine's.
        Empty if the workspace has no events.
    """
    if frames is not None and len(frames) != len(ws.events):
        raise LeadReadyError(
            f"got {len(frames)} tables of events, but the mapping has {len(ws.events)}",
            where=ws.where("events"),
            hint="give one table for each file, in the same order",
        )
    tables = [pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})]
    for position, source in enumerate(ws.events):
        frame = None if frames is None else frames[position]
        tables.append(
            _events_of_file(
                _open_events(ws, source, position, problems, progress, frame), source, leads
            )
        )
    filled = [table for table in tables if len(table)]
    return _stacked(filled) if filled else tables[0]


def _open_events(
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


def _events_of_file(file: MappedFile, source: EventsSource, leads: pd.DataFrame) -> pd.DataFrame:
    links = link_rows(file, "events", leads)
    owner = links.lead
    at = file.dates("events")
    undated = (owner >= 0) & at.isna().to_numpy()
    file.problems.add(
        "events",
        "without time",
        int(undated.sum()),
        f"{{count}} {{event|events}} of {file.name} {{has|have}} no time and {{was|were}} left out",
        f"fill {source.time} in the export",
    )
    keep = _kept_rows((owner >= 0) & ~undated)
    owner, by_account, times = owner[keep], links.by_account[keep], at.to_numpy()[keep]
    del links, at, undated  # they are as long as the file
    kind = _event_kinds(file, source, keep)
    asset = _text_codes(file, "asset", source.asset, keep)
    campaign = _text_codes(file, "campaign", source.campaign, keep)
    value, by_sales = file.numbers("value", source.value)[keep], _sales_events(file, source)[keep]
    file = replace(file, table=file.table.slice(0, 0))  # the memory of its rows is needed now
    release_memory()
    person_codes, people = pd.factorize(leads["person_id"])
    who = np.append(person_codes, -1).astype("int32")[np.where(by_account, -1, owner)]
    person = np.where(by_account | by_sales, -1, who)
    machines = find_machines(person, kind[0], times, asset[0], campaign[0])
    _count_machines(file, machines)
    _count_copies(file, owner, times, kind[0], asset[0], campaign[0], value, by_sales)
    table = {
        "person_id": _decode((who, people.tolist())),
        "account_id": _decode(_accounts(leads, owner, by_account)),
        "at": times,
        "kind": _decode(kind),
        "asset": _decode(asset),
        "campaign": _decode(campaign),
        "value": value,
        "by_sales": by_sales,
        "machine_at": machines.known_from,
    }
    return pd.DataFrame(table, copy=False)


def _kept_rows(kept: np.ndarray) -> np.ndarray | slice:
    """The rows to keep; where all are kept, nothing has to be copied."""
    return slice(None) if kept.all() else np.flatnonzero(kept)


def _accounts(leads: pd.DataFrame, owner: np.ndarray, by_account: np.ndarray) -> Codes:
    """The account of each event that names one."""
    if not by_account.any():
        return np.full(len(owner), -1, dtype="int8"), []
    codes, accounts = pd.factorize(leads["account_id"])
    of_lead = np.append(codes, -1).astype("int32")
    return of_lead[np.where(by_account, owner, -1)], accounts.tolist()


def _decode(coded: Codes) -> pd.Series:
    """Give the text of each code; each text is stored once."""
    codes, values = coded
    places, texts = pd.factorize(np.array(values, dtype=object))
    place_of = np.append(places, -1).astype("int32")
    return pd.Series(pd.Categorical.from_codes(place_of[codes], pd.Index(texts, dtype="str")))


def _stacked(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Stack tables of events; texts stay categories."""
    if len(tables) == 1:
        return tables[0]
    return pd.DataFrame(
        {
            name: union_categoricals([table[name] for table in tables])
            if isinstance(tables[0][name].dtype, pd.CategoricalDtype)
            else np.concatenate([table[name].to_numpy() for table in tables])
            for name in COLUMNS
        }
    )


def _text_codes(file: MappedFile, key: str, name: str | None, keep: np.ndarray | slice) -> Codes:
    if name is None:
        return np.full(len(file), -1, dtype="int8")[keep], []
    codes, values = file.codes(key, name)
    return codes[keep], values.tolist()


# -- what an event is -----------------------------------------------------------------------------


def _event_kinds(file: MappedFile, source: EventsSource, keep: np.ndarray | slice) -> Codes:
    if source.kind_is:
        return np.zeros(len(file), "int8")[keep], [kind_slug(source.kind_is)]
    codes, values = _combine_columns(file, source.kind, keep)
    slugs = [kind_slug(value) for value in values]
    renamed = {kind_slug(old): kind_slug(new) for old, new in source.rename_kinds.items()}
    _count_unused_renames(file, sorted(renamed.keys() - set(slugs)), slugs)
    kinds = [renamed.get(slug, slug) or None for slug in slugs]
    blank = [code for code, kind in enumerate(kinds) if kind is None]
    file.problems.add(
        "events",
        "without kind",
        int(np.isin(codes, blank).sum()),
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
    file: MappedFile, columns: Sequence[str], keep: np.ndarray | slice
) -> tuple[np.ndarray, list[str]]:
    """Distinct combinations of the columns' values, joined; which of them each row has."""
    codes, names = np.zeros(len(file), dtype="int32")[keep], [""]
    for column in columns:
        column_codes, values = file.codes("kind", column)
        texts, size = [*values, ""], len(values) + 1
        pairs = column_codes[keep] % size  # what is missing comes last
        if len(names) > 1:
            pairs = codes * np.int64(size) + pairs
        counts = np.bincount(pairs, minlength=len(names) * size)
        seen = np.flatnonzero(counts)
        position = np.zeros(len(counts), dtype="int32")
        position[seen] = np.arange(len(seen))
        codes = position[pairs]
        names = [f"{names[pair // size]} {texts[pair % size]}".strip() for pair in seen]
    return codes, names


def _sales_events(file: MappedFile, source: EventsSource) -> np.ndarray:
    rule = source.by_sales
    if not isinstance(rule, BySales):
        return np.full(len(file), rule)
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


def _count_machines(file: MappedFile, machines: Machines) -> None:
    """Count the events of machines, each under the first rule that finds it."""
    rules = [f"{rule} ({events:,})" for rule, events in machines.events.items()]
    file.problems.add(
        "events",
        "by machines",
        sum(machines.events.values()),
        f"{{count}} {{event|events}} of {file.name} at "
        f"{count(machines.people, 'person', 'people')} {{comes|come}} from machines, such as link "
        f"scanners: {join(rules)}; no feature counts {{it|them}}",
        "exclude bots and link scanners where the events are recorded",
    )


def _count_copies(file: MappedFile, *columns: np.ndarray) -> None:
    """Count the events that equal another in every column, by a hash of all columns."""
    hashes = np.zeros(len(columns[0]), dtype="uint64")
    for start in range(0, len(hashes), BLOCK):
        block = hashes[start : start + BLOCK]
        for column in columns:
            kind = "float64" if column.dtype.kind == "f" else "int64"
            block ^= column[start : start + BLOCK].astype(kind).view("uint64")
            block *= _HASH_FACTOR
            block ^= block >> np.uint64(29)
    hashes.sort()
    file.problems.add(
        "events",
        "repeated events",
        int((hashes[1:] == hashes[:-1]).sum()),
        f"{{count}} {{event|events}} of {file.name} {{is an exact copy|are exact copies}} "
        "of another; "
        "all were kept",
        "if the export repeats rows, export it again without them",
    )
