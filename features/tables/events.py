"""The table of events: what happened with whom and when.

Events may be millions, so everything is done on codes (which distinct value a row has) rather than
on the values. An event belongs to a person through the lead, contact or account that it names;
those of nobody we know are counted and left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from features.errors import LeadReadyError
from features.files.arrow_text import TEXT, to_series
from features.tables.mapped_file import MappedFile, Progress, open_file
from features.tables.problems import Problems
from features.workspace.schema import EventsSource, Workspace

COLUMNS: dict[str, Any] = {
    "person_id": TEXT,
    "account_id": TEXT,
    "at": "datetime64[us]",
    "kind": TEXT,
    "asset": TEXT,
    "campaign": TEXT,
    "value": "float64",
    "by_sales": "bool",
}
_MIX = np.uint64(0x9E3779B97F4A7C15)  # spreads codes over all 64 bits
Codes = tuple[np.ndarray, Sequence[str | None]]


def kind_slug(text: str) -> str:
    """A kind of event as a name: small letters, words parted by ``_``.

    Examples
    --------
    >>> kind_slug("Outbound Attended Dialled"), kind_slug("emailOpened")
    ('outbound_attended_dialled', 'email_opened')
    """
    apart = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text)
    return re.sub(r"[\W_]+", "_", apart.lower()).strip("_")


def read_events(
    ws: Workspace,
    leads: pd.DataFrame,
    problems: Problems,
    say: Progress,
    given: Sequence[pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """Read all files of events.

    Parameters
    ----------
    leads : DataFrame
        The table of leads, which says whose ids are known.
    given : sequence of DataFrame, optional
        Tables in place of the files, one for each.

    Returns
    -------
    DataFrame
        ``person_id, account_id, at, kind, asset, campaign, value, by_sales``, in the order of the
        files; empty where the mapping names no events.
    """
    if given is not None and len(given) != len(ws.events):
        raise LeadReadyError(
            f"{len(given)} tables of events were given, the mapping names {len(ws.events)}",
            where=ws.where("events"),
            hint="give one table for each file, in their order",
        )
    parts = [pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})]
    for place, source in enumerate(ws.events):
        frame = None if given is None else given[place]
        file = _open(ws, source, place, problems, say, frame)
        parts.append(_of_file(file, source, leads))
    filled = [one for one in parts if len(one)]
    return pd.concat(filled, ignore_index=True) if filled else parts[0]


def _open(
    ws: Workspace,
    source: EventsSource,
    place: int,
    problems: Problems,
    say: Progress,
    given: pd.DataFrame | None,
) -> MappedFile:
    rule = source.by_sales
    sales = str(rule["column"]) if isinstance(rule, Mapping) else None
    links = [source.lead, source.contact, source.account]
    return open_file(
        ws,
        source,
        f"events.{place}",
        problems,
        say,
        given,
        texts=[*links, *source.kind, source.asset, source.campaign, sales],
        others=[source.time, source.value],
    )


def _of_file(file: MappedFile, source: EventsSource, leads: pd.DataFrame) -> pd.DataFrame:
    owner = _owner(file, source, leads)
    at = file.dates("events")
    undated = (owner >= 0) & at.isna().to_numpy()
    file.problems.add(
        "events",
        "without time",
        int(undated.sum()),
        f"{{count}} events of {file.name} have no time and were left out",
        f"fill {source.time} in the export",
    )
    keep = np.flatnonzero((owner >= 0) & ~undated)
    ids = leads["account_id" if source.account else "person_id"]
    whose = _values((owner[keep], ids.tolist()))
    nobody = _values((np.full(len(keep), -1), []))
    kind, asset = _kinds(file, source, keep), _texts(file, "asset", source.asset, keep)
    campaign = _texts(file, "campaign", source.campaign, keep)
    value, by_sales = file.numbers("value", source.value)[keep], _by_sales(file, source)[keep]
    when = at.to_numpy()[keep]
    _count_copies(file, owner[keep], when, kind[0], asset[0], campaign[0], value, by_sales)
    return pd.DataFrame(
        {
            "person_id": nobody if source.account else whose,
            "account_id": whose if source.account else nobody,
            "at": when,
            "kind": _values(kind),
            "asset": _values(asset),
            "campaign": _values(campaign),
            "value": value,
            "by_sales": by_sales,
        }
    )


def _values(coded: Codes) -> pd.Series:
    """Text by its codes."""
    codes, values = coded
    known = pa.array([*values, None], pa.large_string(), from_pandas=True)
    return to_series(known.take(pa.array(np.where(codes < 0, len(values), codes))))


def _texts(file: MappedFile, key: str, name: str | None, keep: np.ndarray) -> Codes:
    if name is None:
        return np.full(len(keep), -1), []
    codes, values = file.codes(key, name)
    return codes[keep], values.tolist()


# -- whose it is ----------------------------------------------------------------------------------


def _owner(file: MappedFile, source: EventsSource, leads: pd.DataFrame) -> np.ndarray:
    """The row of the lead that each event names; -1 where there is none."""
    key = next(one for one in ("lead", "contact", "account") if getattr(source, one))
    ours = file.ws.leads.id if key == "lead" else getattr(file.ws.leads, key)
    if ours is None:
        raise LeadReadyError(
            f"the events name a {key}, but the mapping does not say which the leads have",
            where=file.where(key),
            hint=f"name that column of the leads under  leads: {key}: …",
        )
    first = leads[f"raw:{ours}"].dropna().drop_duplicates()
    codes, values = file.codes(key, getattr(source, key))
    found = pd.Index(first.astype(object)).get_indexer(pd.Index(values, dtype=object))
    rows = np.append(first.index.to_numpy(), -1)[found].astype("int64")
    owner: np.ndarray = np.append(rows, -1)[codes]
    _count_strangers(file, key, codes, owner, values)
    return owner


def _count_strangers(
    file: MappedFile, key: str, codes: np.ndarray, owner: np.ndarray, values: np.ndarray
) -> None:
    nameless, strange = codes < 0, (owner < 0) & (codes >= 0)
    file.problems.add(
        "events",
        f"without {key}",
        int(nameless.sum()),
        f"{{count}} events of {file.name} name no {key} and were left out",
        f"they belong to nobody; fill {getattr(file.source, key)} where somebody is known",
    )
    file.problems.add(
        "events",
        "of unknown leads",
        int(strange.sum()),
        f"{{count}} events of {file.name} name a {key} that no lead has and were left out",
        "export the leads of the same time, or all of them",
        values[np.unique(codes[strange][:1000])],
    )


# -- what it is -----------------------------------------------------------------------------------


def _kinds(file: MappedFile, source: EventsSource, keep: np.ndarray) -> Codes:
    if source.kind_is:
        return np.zeros(len(keep), "int64"), [kind_slug(source.kind_is)]
    codes, said = _combined(file, source.kind, keep)
    slugs = [kind_slug(one) for one in said]
    renamed = {kind_slug(one): kind_slug(to) for one, to in source.rename_kinds.items()}
    _count_never_seen(file, sorted(renamed.keys() - set(slugs)), slugs)
    kinds = [renamed.get(one, one) or None for one in slugs]
    nameless = [place for place, one in enumerate(kinds) if one is None]
    file.problems.add(
        "events",
        "without kind",
        int(np.isin(codes, nameless).sum()),
        f"{{count}} events of {file.name} have no kind; they count in totals only",
        f"fill {' and '.join(source.kind)} in the export",
    )
    return codes, kinds


def _count_never_seen(file: MappedFile, kinds: Sequence[str], slugs: Sequence[str]) -> None:
    file.problems.add(
        "events",
        "kind never seen",
        len(kinds),
        f"rename_kinds names {' and '.join(map(repr, kinds))}, which {file.name} does not have",
        f"it has {', '.join(sorted(set(slugs))[:8])}",
        kinds,
    )


def _combined(
    file: MappedFile, columns: Sequence[str], keep: np.ndarray
) -> tuple[np.ndarray, list[str]]:
    """Distinct combinations of the columns' values, joined; which of them each row has."""
    codes, names = np.zeros(len(keep), dtype="int64"), [""]
    for column in columns:
        more, values = file.codes("kind", column)
        said, size = [*values, ""], len(values) + 1
        more = np.where(more < 0, len(values), more)[keep]
        counts = np.bincount(codes * size + more, minlength=len(names) * size)
        seen = np.flatnonzero(counts)
        place = np.zeros(len(counts), dtype="int64")
        place[seen] = np.arange(len(seen))
        codes = place[codes * size + more]
        names = [f"{names[one // size]} {said[one % size]}".strip() for one in seen]
    return codes, names


def _by_sales(file: MappedFile, source: EventsSource) -> np.ndarray:
    rule = source.by_sales
    if not isinstance(rule, Mapping):
        return np.full(len(file), bool(rule))
    name, ours = str(rule["column"]), list(rule["values"])
    codes, values = file.codes("by_sales.column", name)
    if len(values) and not set(ours) & set(values):
        where = file.where("by_sales.values")
        raise LeadReadyError.unknown(str(ours[0]), values, what=f"value of {name}", where=where)
    said: np.ndarray = np.append(np.isin(values, ours), False)[codes]
    return said


def _count_copies(file: MappedFile, *columns: np.ndarray) -> None:
    """Count the events that say exactly what another one says, by a hash of all columns."""
    mixed = np.zeros(len(columns[0]), dtype="uint64")
    for one in columns:
        wide = one.astype("float64").view if one.dtype.kind == "f" else one.astype("int64").view
        mixed = (mixed ^ wide("uint64")) * _MIX
        mixed ^= mixed >> np.uint64(29)
    mixed.sort()
    file.problems.add(
        "events",
        "repeated events",
        int((mixed[1:] == mixed[:-1]).sum()),
        f"{{count}} events of {file.name} say exactly what another one says; all were kept",
        "if the export repeats rows, export it again without",
    )
