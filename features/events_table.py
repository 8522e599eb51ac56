"""The tables of events and of stages: what happened with whom and when.

Events may be millions, so everything is done on codes (which distinct value) rather than on the
values themselves. An event belongs to a person through the lead, contact or account that it names;
those of nobody we know are counted and left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.amounts import parse_numbers
from features.errors import LeadReadyError
from features.leads_table import dates_of
from features.mapping import EventsSource, StagesSource, Workspace
from features.problems import Problems
from features.sources import as_text, find_file, from_frame, read_arrow

Progress = Callable[[str], None]
TEXT = pd.StringDtype("pyarrow", na_value=np.nan)
EVENT_COLUMNS = ("person_id", "account_id", "at", "kind", "asset", "campaign", "value", "by_sales")
STAGE_COLUMNS = ("lead_id", "stage", "at", "reason", "amount")
_DTYPES: dict[str, Any] = {"at": "datetime64[us]", "value": "float64", "amount": "float64",
                           "by_sales": "bool"}  # fmt: skip


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

    Returns
    -------
    DataFrame
        ``person_id, account_id, at, kind, asset, campaign, value, by_sales``; empty where the
        mapping names no events.
    """
    if given is not None and len(given) != len(ws.events):
        raise LeadReadyError(
            f"{len(given)} tables of events were given, the mapping names {len(ws.events)}",
            where=ws.where("events"),
            hint="give one table for each file, in their order",
        )
    parts = []
    for place, source in enumerate(ws.events):
        frame = None if given is None else given[place]
        parts.append(_one_file(ws, source, f"events.{place}", leads, problems, say, frame))
    filled = [one for one in parts if len(one)]
    return pd.concat(filled, ignore_index=True) if filled else _empty(EVENT_COLUMNS)


def _empty(columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame({one: pd.Series(dtype=_DTYPES.get(one, TEXT)) for one in columns})


@dataclass(frozen=True)
class _File:
    """One file with the place of its mapping, for errors."""

    table: pa.Table
    source: EventsSource | StagesSource
    path: str
    name: str
    ws: Workspace
    problems: Problems

    def column(self, key: str, name: str | None) -> pa.ChunkedArray | None:
        """A mapped column as it was read; None where it is not mapped."""
        if name is None:
            return None
        if name not in self.table.column_names:
            where = self.ws.where(f"{self.path}.{key}")
            hint = f"the columns are named as in {self.name}"
            raise LeadReadyError.unknown(name, self.table.column_names, where=where, hint=hint)
        return self.table.column(name)

    def text(self, key: str, name: str | None) -> pa.ChunkedArray | None:
        column = self.column(key, name)
        return None if column is None else as_text(column, self.source.null_values)

    def dates(self, table: str) -> pd.Series:
        column = self.column("time", self.source.time)
        assert column is not None
        if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
            values = column.cast(pa.timestamp("us", getattr(column.type, "tz", None)), safe=False)
            series = pd.Series(values.to_numpy(zero_copy_only=False), name=self.source.time)
        else:
            text = as_text(column, self.source.null_values)
            series = pd.Series(TEXT.__from_arrow__(text), name=self.source.time)
        where = self.ws.where(f"{self.path}.time")
        return dates_of(
            series, self.source.date_format, table, where, self.problems, self.ws.extract_at
        )

    def numbers(self, key: str, name: str | None) -> pd.Series:
        column = self.column(key, name)
        if column is None:
            return pd.Series(np.nan, pd.RangeIndex(self.table.num_rows))
        if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
            return pd.Series(column.cast(pa.float64()).to_numpy(zero_copy_only=False))
        return parse_numbers(
            pd.Series(TEXT.__from_arrow__(as_text(column, self.source.null_values)))
        )


def _open(
    ws: Workspace,
    source: EventsSource | StagesSource,
    path: str,
    wanted: Sequence[str | None],
    problems: Problems,
    say: Progress,
    given: pd.DataFrame | None,
) -> _File:
    if given is not None:
        return _File(from_frame(given), source, path, "the table given", ws, problems)
    file = find_file(source.file, ws.folder, ws.where(f"{path}.file"))
    say(f"reading {file.name}")
    names = [one for one in wanted if one]
    return _File(
        read_arrow(file, sheet=source.sheet, wanted=names), source, path, file.name, ws, problems
    )


def _one_file(
    ws: Workspace,
    source: EventsSource,
    path: str,
    leads: pd.DataFrame,
    problems: Problems,
    say: Progress,
    given: pd.DataFrame | None,
) -> pd.DataFrame:
    sales = source.by_sales if isinstance(source.by_sales, Mapping) else {}
    wanted = [
        source.lead, source.contact, source.account, source.time, *source.kind, source.asset,
        source.campaign, source.value, sales.get("column"),
    ]  # fmt: skip
    file = _open(ws, source, path, wanted, problems, say, given)
    owner = _owner(file, leads)
    at = file.dates("events")
    known = owner >= 0
    undated = known & at.isna().to_numpy()
    problems.add(
        "events", "without time", int(undated.sum()),
        f"{{count}} events of {file.name} have no time and were left out",
        f"fill {source.time} in the export",
    )  # fmt: skip
    keep = np.flatnonzero(known & ~undated)
    if not len(keep):
        return _empty(EVENT_COLUMNS)
    people = leads["person_id"] if not source.account else None
    accounts = leads["account_id"] if source.account else None
    found = pd.DataFrame({
        "person_id": _taken(people, owner[keep]),
        "account_id": _taken(accounts, owner[keep]),
        "at": at.to_numpy()[keep],
        "kind": _kinds(file, keep),
        "asset": _plain(file.text("asset", source.asset), keep),
        "campaign": _plain(file.text("campaign", source.campaign), keep),
        "value": file.numbers("value", source.value).to_numpy()[keep],
        "by_sales": _by_sales(file)[keep],
    })  # fmt: skip
    _count_copies(found, file)
    return found


def _owner(file: _File, leads: pd.DataFrame) -> np.ndarray:
    """The row of the lead that each event names; -1 where there is none."""
    source = file.source
    assert isinstance(source, EventsSource)
    key = next(one for one in ("lead", "contact", "account") if getattr(source, one))
    if (key == "contact" and file.ws.leads.contact is None) or (
        key == "account" and file.ws.leads.account is None
    ):
        raise LeadReadyError(
            f"events are linked by {key}, but the leads have none",
            where=file.ws.where(f"{file.path}.{key}"),
            hint=f"name the leads' column under  leads: {key}: …",
        )
    ids = leads["lead_id"]
    if key != "lead":
        ids = leads[f"raw:{getattr(file.ws.leads, key)}"]
    text = file.text(key, getattr(source, key))
    assert text is not None
    codes, values = _coded(text)
    first = ids.dropna().drop_duplicates()
    rows = pd.Index(first.astype(object)).get_indexer(pd.Index(values, dtype=object))
    rows = np.where(rows >= 0, first.index.to_numpy()[rows] if len(first) else -1, -1)
    owner: np.ndarray = np.append(rows, -1)[codes]
    _count_unknown(file, key, codes, owner, values)
    return owner


def _count_unknown(
    file: _File, key: str, codes: np.ndarray, owner: np.ndarray, values: np.ndarray
) -> None:
    nobody = codes < 0
    file.problems.add(
        "events", f"without {key}", int(nobody.sum()),
        f"{{count}} events of {file.name} name no {key} and were left out", None,
    )  # fmt: skip
    strange = (owner < 0) & ~nobody
    file.problems.add(
        "events", "of unknown leads", int(strange.sum()),
        f"{{count}} events of {file.name} name a {key} that is not among the leads and were left "
        "out", "export the leads of the same time, or all of them",
        values[np.unique(codes[strange][:1000])],
    )  # fmt: skip


def _coded(text: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct values of a column, and which of them each row has; -1 where it has none."""
    coded = text.combine_chunks().dictionary_encode()
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return codes, np.array(coded.dictionary.to_pylist(), dtype=object)


def _taken(values: pd.Series | None, rows: np.ndarray) -> pd.Series:
    if values is None:
        return pd.Series(pd.NA, pd.RangeIndex(len(rows)), dtype=TEXT)
    known = pa.array(values, pa.large_string(), from_pandas=True)
    return pd.Series(TEXT.__from_arrow__(known.take(pa.array(rows))))


def _plain(text: pa.ChunkedArray | None, keep: np.ndarray) -> pd.Series:
    if text is None:
        return _taken(None, keep)
    return pd.Series(
        TEXT.__from_arrow__(text.combine_chunks().cast(pa.large_string()).take(pa.array(keep)))
    )


def _kinds(file: _File, keep: np.ndarray) -> pd.Series:
    source = file.source
    assert isinstance(source, EventsSource)
    if source.kind_is:
        kind = pa.array([kind_slug(source.kind_is)], pa.large_string())
        return pd.Series(TEXT.__from_arrow__(kind.take(pa.array(np.zeros(len(keep), "int64")))))
    codes, names = _joined_values(file, source.kind, keep)
    renamed = {kind_slug(kind): kind_slug(to) for kind, to in source.rename_kinds.items()}
    slugs = [kind_slug(one) for one in names]
    for kind in renamed.keys() - set(slugs):
        file.problems.add(
            "events", "kind never seen", 1,
            f"rename_kinds names the kind {kind!r}, which {file.name} does not have",
            f"its kinds: {', '.join(sorted(set(slugs))[:8])}",
        )  # fmt: skip
    kinds = [renamed.get(one, one) or None for one in slugs]
    nameless = int(np.isin(codes, [i for i, one in enumerate(kinds) if one is None]).sum())
    file.problems.add(
        "events", "without kind", nameless,
        f"{{count}} events of {file.name} have no kind; they count in totals only",
        f"fill {' and '.join(source.kind)} in the export",
    )  # fmt: skip
    known = pa.array(kinds, pa.large_string())
    return pd.Series(TEXT.__from_arrow__(known.take(pa.array(codes))))


def _joined_values(
    file: _File, columns: Sequence[str], keep: np.ndarray
) -> tuple[np.ndarray, list[str]]:
    """Distinct combinations of the columns' values, joined; which of them each row has."""
    codes, names = np.zeros(len(keep), dtype="int64"), [""]
    for column in columns:
        text = file.text("kind", column)
        assert text is not None
        more, values = _coded(text)
        both = codes * (len(values) + 1) + more[keep] + 1
        seen, codes = np.unique(both, return_inverse=True)
        said = ["", *values]
        names = [
            f"{names[one // (len(values) + 1)]} {said[one % (len(values) + 1)]}".strip()
            for one in seen
        ]
    return codes, names


def _by_sales(file: _File) -> np.ndarray:
    source = file.source
    assert isinstance(source, EventsSource)
    rows = file.table.num_rows
    if not isinstance(source.by_sales, Mapping):
        return np.full(rows, bool(source.by_sales))
    text = file.text("by_sales.column", str(source.by_sales["column"]))
    assert text is not None
    codes, values = _coded(text)
    ours = set(source.by_sales["values"])
    unseen = sorted(ours - set(values))
    if len(unseen) == len(ours) and len(values):
        where = file.ws.where(f"{file.path}.by_sales.values")
        raise LeadReadyError.unknown(
            unseen[0], values, what=f"value of {source.by_sales['column']}", where=where
        )
    said: np.ndarray = np.append(np.isin(values, list(ours)), False)[codes]
    return said


def _count_copies(events: pd.DataFrame, file: _File) -> None:
    copies = int(events.duplicated().sum())
    file.problems.add(
        "events", "repeated events", copies,
        f"{{count}} events of {file.name} say exactly what another one says; all were kept",
        "if the export repeats rows, export it again without",
    )  # fmt: skip


# -- stages ---------------------------------------------------------------------------------------


def read_stages(
    ws: Workspace,
    leads: pd.DataFrame,
    problems: Problems,
    say: Progress,
    given: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Read the history of stages.

    Returns
    -------
    DataFrame
        ``lead_id, stage, at, reason, amount``; empty where the mapping names none.
    """
    source = ws.stages
    if source is None:
        return _empty(STAGE_COLUMNS)
    wanted = [source.lead, source.stage, source.time, source.reason, source.amount]
    file = _open(ws, source, "stages", wanted, problems, say, given)
    text, stage = file.text("lead", source.lead), file.text("stage", source.stage)
    assert text is not None
    assert stage is not None
    known = pc.is_in(text, pa.array(leads["lead_id"], pa.string())).to_numpy()
    strange = ~known
    problems.add(
        "stages", "of unknown leads", int(strange.sum()),
        f"{{count}} rows of {file.name} name no lead that we know and were left out",
        "export the leads of the same time, or all of them",
        [one for one in text.filter(pa.array(strange)).slice(0, 50).to_pylist() if one],
    )  # fmt: skip
    keep = np.flatnonzero(known)
    found = pd.DataFrame({
        "lead_id": _plain(text, keep),
        "stage": _plain(stage, keep),
        "at": file.dates("stages").to_numpy()[keep],
        "reason": _plain(file.text("reason", source.reason), keep),
        "amount": file.numbers("amount", source.amount).to_numpy()[keep],
    })  # fmt: skip
    nothing = found["stage"].isna()
    problems.add(
        "stages", "without stage", int(nothing.sum()),
        f"{{count}} rows of {file.name} have no stage and were left out", None,
    )  # fmt: skip
    return found[~nothing].reset_index(drop=True)
